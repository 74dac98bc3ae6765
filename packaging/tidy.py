"""What no linter sees: modules too long, tasks without an owner, names of one machine in files for all.

`python3 packaging/run.py check` runs this. Prints what is wrong, one line each; exit status 1 then.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

LONGEST = 500

# Written in pieces, so that this file does not name what it forbids.
REGISTRY = re.compile(
    r"https?://[^\s\"'<>]*(?:" + "pypi" + r"\.org|python" + r"hosted\.org|registry\.npm" + r"js\.org"
    r"|deb\.debian" + r"\.org|/simple" + r"(?:/|\b))"
)

# ruff bans asyncio's own functions where it can, but cannot see a loop's method, nor ban it for ui alone.
TASK = re.compile(r"\b(?:create_task|ensure_future)\(")
TASK_HOMES = ("desktop/chat/tasks.py",)


def main(root: Path) -> int:
    """Judge the files that git knows below `root`; return the exit status."""
    told = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    faults = [fault for name in told.split("\0") if name for fault in faults_of(root, name)]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def faults_of(root: Path, name: str) -> Iterator[str]:
    """Yield what is wrong with one file."""
    file = root / name
    if not file.is_file() or file.is_symlink():
        return
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    lines = text.splitlines()
    is_ours = name.startswith("desktop/") and name.endswith(".py")
    if is_ours and len(lines) > LONGEST:
        yield f"{name}: {len(lines)} lines, more than {LONGEST}"
    for number, line in enumerate(lines, 1):
        if is_ours and name not in TASK_HOMES and TASK.search(line):
            yield f"{name}:{number}: starts a task without chat.tasks.TaskOwner"
        if REGISTRY.search(line):
            yield f"{name}:{number}: names a package registry"
        if f"{root}/" in line or line.endswith(str(root)):
            yield f"{name}:{number}: names the folder of this checkout"


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parents[1]))
