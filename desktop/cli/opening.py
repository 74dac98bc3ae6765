"""How the window is opened: what the words on the command line ask for."""

import os
from collections.abc import Sequence
from pathlib import Path

from desktop.domain.wish import MOST_FILES, Wish, WishKind, path_of, token_from

_TOKENS = ("XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID")
_WITH_VALUE = frozenset({"--data-dir"})


def token() -> str:
    """Return what the desktop gave this start so that its window may come forward, or nothing."""
    return next((found for name in _TOKENS if (found := token_from(os.environ.get(name, "")))), "")


def split_files(arguments: Sequence[str], commands: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the files that are to be opened, and the other arguments; no files where there is a command.

    A desktop starts a program with the files alone. What looks like no file stays among the others.
    """
    files: list[str] = []
    others: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            files += rest
        elif argument.startswith("-"):
            others.append(argument)
            if argument in _WITH_VALUE:
                others += [value for value in [next(rest, None)] if value is not None]
        elif not files and (argument in commands or not _is_file(argument)):
            return [], list(arguments)
        else:
            files.append(argument)
    return files, others


def open_wish(files: Sequence[str]) -> Wish:
    """Return the wish to open files, named by paths or file addresses. Raises ValueError for none."""
    paths = [path for path in map(path_of, files) if path]
    if not paths or len(paths) > MOST_FILES:
        raise ValueError("no files, or too many")
    return Wish(WishKind.OPEN, files=tuple(paths))


def _is_file(argument: str) -> bool:
    has_ending = bool(Path(argument).suffix) and not argument.endswith(".")
    return argument.lower().startswith("file://") or os.sep in argument or has_ending
