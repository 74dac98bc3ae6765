"""What is kept on disk: the history in SQLite and the settings in TOML. The only home of sqlite3.

The names below are imported when they are first asked for: the first frame needs the preferences alone.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from desktop.store.database import Opening
    from desktop.store.history import DiskHistory
    from desktop.store.migrations import ForeignFileError, NewerHistoryError
    from desktop.store.settings import DiskSettings
    from desktop.store.store import Store, open_store, restore_backup
    from desktop.store.toml_file import SettingsFileError

_HOMES = {
    "DiskHistory": "history",
    "DiskSettings": "settings",
    "ForeignFileError": "migrations",
    "NewerHistoryError": "migrations",
    "Opening": "database",
    "SettingsFileError": "toml_file",
    "Store": "store",
    "open_store": "store",
    "restore_backup": "store",
}

__all__ = [
    "DiskHistory",
    "DiskSettings",
    "ForeignFileError",
    "NewerHistoryError",
    "Opening",
    "SettingsFileError",
    "Store",
    "open_store",
    "restore_backup",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
