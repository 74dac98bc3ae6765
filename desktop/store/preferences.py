"""preferences.toml: names and texts, read once at start, written when they change.

Imports little, because the first frame is painted as the preferences say.
"""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from desktop.domain.failure import StorageError
from desktop.store.toml_file import parse, read_text, write_text

HEADER = """\
# What you prefer. Weir reads this file when it starts and writes it when something changes;
# comments and names that it does not know are kept. Every value is text in quotation marks.
"""


class PreferencesFile:
    """The preferences in memory and their file. `read` is for the start, `write` for a thread of its own."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._values: dict[str, str] = {}
        self._pending: dict[str, str] = {}
        self._lock = threading.Lock()
        self.problem: StorageError | None = None

    def read(self) -> None:
        """Read the file. A broken one counts as empty, is left alone, and `problem` says why."""
        try:
            text = read_text(self._file)
            values = parse(self._file, text) if text is not None else {}
        except StorageError as problem:
            self.problem = problem
            return
        self._values = dict(_flat(values))

    def get(self, name: str, default: str) -> str:
        """Return a preference as it was last set."""
        return self._values.get(name, default)

    def put(self, name: str, value: str) -> None:
        """Change a preference in memory and note it for the next `write`."""
        from desktop.base.utf16 import well_formed

        with self._lock:
            self._values[name] = self._pending[name] = well_formed(value)

    def write(self) -> None:
        """Write what was noted into the file. Raises SettingsFileError, after which it is still noted.

        The file is read again first, so that what was edited meanwhile is kept; a broken one is
        never overwritten.
        """
        with self._lock:
            pending = dict(self._pending)
        if not pending:
            return
        before = read_text(self._file)
        if before is not None:
            parse(self._file, before)
        write_text(self._file, _edited(before if before is not None else HEADER, pending))
        with self._lock:
            for name, value in pending.items():
                if self._pending.get(name) == value:
                    del self._pending[name]


def _flat(values: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    """Return values of any TOML type as texts, and those in tables under names with dots."""
    flat: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            flat += _flat(value, f"{before}{name}.")
        elif isinstance(value, bool):
            flat.append((before + name, "true" if value else "false"))
        else:
            flat.append((before + name, str(value)))
    return flat


def _edited(text: str, changes: Mapping[str, str]) -> str:
    import tomlkit

    document = tomlkit.parse(text)
    for name, value in changes.items():
        owner: Any = document
        rest = name
        # Where somebody wrote `a.b` as a table, it stays one.
        while rest not in owner and "." in rest and isinstance(owner.get(rest.partition(".")[0]), Mapping):
            first, _, rest = rest.partition(".")
            owner = owner[first]
        owner[rest] = value
    return tomlkit.dumps(document)
