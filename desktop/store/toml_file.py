"""Settings files: TOML that people may edit, read with line numbers, replaced in one step."""

import contextlib
import os
import re
import tempfile
from pathlib import Path
from typing import Any

from desktop.base.tongue import translate
from desktop.domain.failure import StorageError

_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")


class SettingsFileError(StorageError):
    """A settings file can't be used as it is. `line` counts from 1; 0 where no line is to blame."""

    def __init__(self, file: Path, line: int, words: str) -> None:
        if line:
            template = translate("Store", "{file}, line {line}: {words}")
        else:
            template = translate("Store", "{file}: {words}")
        super().__init__(template.format(file=file.name, line=line, words=words))
        self.file = file
        self.line = line
        self.words = words

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.file, self.line, self.words)


def read_text(file: Path) -> str | None:
    """Return what is in a file, or None if there is no file. Raises SettingsFileError."""
    try:
        # A byte order mark is what some editors on Windows begin a file with.
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as problem:
        line = problem.object[: problem.start].count(b"\n") + 1
        words = translate("Store", "this is not UTF-8 text. Save the file as UTF-8, then try again.")
        failure = SettingsFileError(file, line, words)
    except OSError as problem:
        failure = SettingsFileError(
            file,
            0,
            translate("Store", "it can't be read ({reason}). Check its permissions.").format(
                reason=problem.strerror
            ),
        )
    raise failure


def parse(file: Path, text: str) -> dict[str, Any]:
    """Return the tables of TOML text. Raises SettingsFileError with the line that is wrong."""
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        found = _AT_LINE.search(str(problem))
        line = int(found[1]) if found else text.count("\n") + 1
        reason = _AT_LINE.sub("", str(problem)).replace("(at end of document)", "").strip()
    except RecursionError:
        line, reason = 0, translate("Store", "Too many nested values")
    words = translate(
        "Store", "this is not valid TOML ({reason}). Correct the line, then try again; nothing was changed."
    ).format(reason=reason)
    raise SettingsFileError(file, line, words)


def write_text(file: Path, text: str) -> None:
    """Put new text in the place of a file in one step, readable by its owner alone.

    At every moment, even after a power cut, the file is either the old one or the new one. A
    symbolic link stays one, and what it points to is replaced. Raises SettingsFileError.
    """
    try:
        target = Path(os.path.realpath(file))
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp makes the file with mode 0600.
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
        _sync_folder(target.parent)
    except (OSError, UnicodeError) as problem:
        reason = (
            problem.strerror
            if isinstance(problem, OSError)
            else translate("Store", "it holds text that is not Unicode")
        )
        failure = SettingsFileError(
            file,
            0,
            translate(
                "Store", "it can't be written ({reason}). Check the free space and the folder's permissions."
            ).format(reason=reason),
        )
    else:
        return
    raise failure


def _sync_folder(folder: Path) -> None:
    """Make a rename in a folder last through a power cut, where the system can."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
