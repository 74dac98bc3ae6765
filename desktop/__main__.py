"""Start the program; nothing else.

Kept light: what is imported here is paid before the first window shows.
"""

import sys
from collections.abc import Sequence

LOCAL_SERVER = "--local-server"
"""First argument of the process that runs the embedded model (`desktop.local.protocol.CHILD_SWITCH`)."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run `weir` with `argv`, or the process's own arguments; return the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if getattr(sys, "frozen", False):
        from desktop.base.frozen import give_back_environment

        give_back_environment()
    if arguments[:1] == [LOCAL_SERVER]:
        from desktop.local.child import main as serve

        return serve(arguments[1:])
    try:
        from desktop.cli import main as run

        return run(arguments)
    except ImportError as error:
        from desktop.base.system import explain_import_error

        line = explain_import_error(error)
        if line is None:
            raise
        sys.stderr.write(f"{line}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
