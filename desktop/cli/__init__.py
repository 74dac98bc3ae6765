"""The command line: the window's door, and `weir ask`, the same turn without a window."""

import gc
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from desktop import __version__
from desktop.base.paths import Paths, user_paths

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from desktop.domain.wish import Wish
    from desktop.start import OnBuilt

COMMANDS = ("ask", "quick", "diagnostics", "import", "export", "replay")
"""The words that are commands; other words on the command line are files."""

_DESCRIPTION = (
    "A native desktop chat client for large language models. Without a command it opens the window."
)
_ASK_DESCRIPTION = (
    "Write a reply to the terminal as it arrives. Standard input is the prompt where none is given, "
    "else a text that goes with it. Ctrl-C stops the way the Stop button does. "
    "The exit status is 0 for a finished reply, 130 for a stopped one, 1 for a failed one."
)
_IMPORT_DESCRIPTION = (
    "Read conversations from the export of ChatGPT, Claude, Open WebUI or LibreChat, from a Weir archive, or "
    "from a copy of a history. What is there already is not changed. Ctrl-C stops; what came in stays."
)
_REPLAY_DESCRIPTION = (
    "Play a recorded stream in a window: one that the stream inspector saved, or the output of curl -N. "
    "It is read as it would be from the service, but nobody is asked, and nothing is kept."
)
_QUICK_DESCRIPTION = (
    "Open a small window for one question, over whatever else is on the screen. Bind this command to a key "
    "of the desktop. In a Weir that runs already it comes up at once."
)
_EXPORT_DESCRIPTION = (
    "Write conversations to a file. JSON keeps everything and can be read again. Several conversations "
    "become one JSON file, or a zip with a file for each."
)


def parser() -> "argparse.ArgumentParser":
    """Return the parser of the command line."""
    import argparse

    folder = argparse.ArgumentParser(add_help=False)
    folder.add_argument(
        "--data-dir",
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="keep everything that Weir writes in one folder (also: WEIR_DATA_DIR)",
    )
    weir = argparse.ArgumentParser(prog="weir", description=_DESCRIPTION, parents=[folder])
    weir.add_argument("--version", action="version", version=f"Weir {__version__}")
    kinds = weir.add_mutually_exclusive_group()
    kinds.add_argument("--new-window", action="store_true", help="open another window")
    kinds.add_argument("--new-conversation", action="store_true", help="begin a new conversation")
    weir.epilog = "weir FILE… opens models (.gguf) and archives: Weir asks before anything is done with them."
    commands = weir.add_subparsers(dest="command", metavar="COMMAND")
    ask = commands.add_parser(
        "ask", parents=[folder], help="ask a model without the window", description=_ASK_DESCRIPTION
    )
    ask.add_argument("prompt", nargs="?", default="", help="the prompt, in quotation marks")
    ask.add_argument(
        "--endpoint", metavar="ID", default="", help="an endpoint's id or name in endpoints.toml"
    )
    ask.add_argument("--model", metavar="NAME", default="", help="a model of that endpoint")
    ask.add_argument(
        "--persona", metavar="NAME", default="", help="a persona of personas.toml; what else is given counts"
    )
    _add_options(ask)
    _add_quick(
        commands.add_parser(
            "quick", parents=[folder], help="ask a question in a small window", description=_QUICK_DESCRIPTION
        )
    )
    ask.add_argument("--json", action="store_true", help="write one JSON object a line for each delta")
    diagnostics = commands.add_parser(
        "diagnostics",
        parents=[folder],
        help="say what a report of a problem needs: versions, folders, keyring, proxies; nothing secret",
        description="Write versions, folders, the keyring, the screen and the proxies to the terminal. "
        "No conversation and no key is read, and nobody is asked over the network.",
    )
    diagnostics.add_argument("--json", action="store_true", help="write JSON")
    bring = commands.add_parser(
        "import", parents=[folder], help="read an export into the history", description=_IMPORT_DESCRIPTION
    )
    bring.add_argument("file", help="a zip, a JSON file, a folder, or a copy of a history")
    _add_export(
        commands.add_parser(
            "export", parents=[folder], help="write conversations to a file", description=_EXPORT_DESCRIPTION
        )
    )
    _add_replay(
        commands.add_parser(
            "replay",
            parents=[folder],
            help="play a recorded stream in a window",
            description=_REPLAY_DESCRIPTION,
        )
    )
    return weir


def _add_quick(quick: "argparse.ArgumentParser") -> None:
    quick.add_argument("text", nargs="*", help="what is written into the field")
    quick.add_argument("--send", action="store_true", help="send it at once")


def _add_replay(play: "argparse.ArgumentParser") -> None:
    play.add_argument("file", help="a file with a recorded stream (.sse)")
    play.add_argument("--fast", action="store_true", help="at full speed instead of the recorded pace")
    play.add_argument(
        "--protocol", metavar="NAME", default="", help="how it is to be read, for instance openai-chat"
    )


def _add_export(save: "argparse.ArgumentParser") -> None:
    save.add_argument("file", help="the file to write")
    save.add_argument(
        "--format", choices=("json", "markdown", "html", "pdf"), help="by default after the file's ending"
    )
    save.add_argument(
        "--conversation", metavar="ID", action="append", help="one conversation; may be given several times"
    )


def _add_options(ask: "argparse.ArgumentParser") -> None:
    """Add what goes with the prompt; each is left to the service where it is not given."""
    from desktop.domain.options import EFFORTS

    ask.add_argument("--system", metavar="TEXT", default="", help="what the model is told beforehand")
    ask.add_argument("--temperature", metavar="N", type=_decimal(2.0), help="from 0 to 2")
    ask.add_argument("--top-p", metavar="N", type=_decimal(1.0), help="from 0 to 1")
    ask.add_argument("--max-tokens", metavar="N", type=_count(1), help="the longest reply, in tokens")
    ask.add_argument("--stop", metavar="TEXT", action="append", default=[], help="end the reply at this text")
    ask.add_argument("--seed", metavar="N", type=int, help="a number for replies that can be repeated")
    ask.add_argument("--reasoning", choices=EFFORTS, help="how much the model thinks first")
    ask.add_argument("--reasoning-tokens", metavar="N", type=_count(0), help="the same as a number of tokens")
    ask.add_argument("--no-stream", action="store_true", help="have the whole reply at once")


def _decimal(most: float) -> "Callable[[str], float]":
    def read(text: str) -> float:
        if not 0 <= (value := float(text)) <= most:
            raise ValueError(text)
        return value

    # What argparse calls it where it can't be read.
    read.__name__ = f"number from 0 to {most:g}"
    return read


def _count(least: int) -> "Callable[[str], int]":
    def read(text: str) -> int:
        if (value := int(text)) < least:
            raise ValueError(text)
        return value

    read.__name__ = f"number from {least}"
    return read


def main(argv: Sequence[str]) -> int:
    """Run the program with its arguments, the program's name not among them; return the exit status."""
    if not argv:
        # How a desktop starts it: the window need not wait for the parser.
        from desktop.domain.wish import Wish

        return _open_window(user_paths(), wish=Wish())
    from desktop.cli.opening import split_files

    known = parser()
    files, others = split_files(argv, COMMANDS)
    arguments = known.parse_args(others)
    paths = user_paths(getattr(arguments, "data_dir", None))
    if arguments.command == "ask":
        from desktop.cli.ask import run

        return run(arguments, paths)
    if arguments.command == "diagnostics":
        from desktop.cli.diagnostics import run as diagnose

        return diagnose(paths, as_json=arguments.json)
    if arguments.command in ("import", "export"):
        from desktop.cli import archive

        return (archive.run_import if arguments.command == "import" else archive.run_export)(arguments, paths)
    if arguments.command == "replay":
        from desktop.cli.replay import run as replay

        return replay(arguments, paths, _open_window)
    try:
        wish = _wish(arguments, files)
        wish.written()
    except ValueError:
        known.error("that is too much to be handed over")
    return _open_window(paths, wish=wish)


def _wish(arguments: "argparse.Namespace", files: Sequence[str]) -> "Wish":
    """Return what the window is opened for. Raises ValueError for what can't be opened."""
    from desktop.cli.opening import open_wish
    from desktop.domain.wish import Wish, WishKind

    if files:
        return open_wish(files)
    if arguments.command == "quick":
        return Wish(WishKind.QUICK, " ".join(arguments.text), sends=arguments.send)
    if arguments.new_window:
        return Wish(WishKind.NEW_WINDOW)
    if arguments.new_conversation:
        return Wish(WishKind.NEW_CONVERSATION)
    return Wish()


def _is_handed_over(paths: Paths, wish: "Wish") -> bool:
    """Whether a Weir that runs does what is wished; the window's libraries are not waited for."""
    from dataclasses import replace

    from desktop.cli.opening import token

    told = replace(wish, token=token())
    if os.name != "posix":
        from desktop.ui.doorbell import ring

        return ring(paths.data, told)
    from desktop.base.bell import call

    return call(paths.data, told.written())


def _open_window(paths: Paths, on_built: "OnBuilt | None" = None, wish: "Wish | None" = None) -> int:
    from desktop.base.imports import stop_watching_imports

    if wish is not None and _is_handed_over(paths, wish):
        return 0
    from desktop.base.system import obstacle_to_window

    obstacle = obstacle_to_window()
    if obstacle is not None:
        print(obstacle, file=sys.stderr)
        return 1
    # What a start makes is there to stay: looking for garbage in it takes time and finds none.
    gc.disable()
    try:
        import PySide6.QtCore  # noqa: F401

        stop_watching_imports()
        from desktop.start import run_window

        return run_window(paths, on_built, wish)
    finally:
        gc.enable()
