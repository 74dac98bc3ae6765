"""What is kept on disk: the history in SQLite and the settings in TOML. The only home of sqlite3."""

from desktop.store.database import Opening
from desktop.store.history import DiskHistory
from desktop.store.migrations import ForeignFileError, NewerHistoryError
from desktop.store.settings import DiskSettings
from desktop.store.store import Store, open_store, restore_backup
from desktop.store.toml_file import SettingsFileError

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
