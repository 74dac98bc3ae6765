"""The folder that a file dialog opens in: the one where the last file of its kind was chosen."""

from functools import partial

from PySide6.QtCore import QFileInfo, QUrl
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.ui.preferences import Preferences

PREFERENCE = "folder."


def open_in_last_folder(dialog: QFileDialog, purpose: str) -> None:
    """Have a dialog begin where the last one for `purpose` ended, and remember where this one ends.

    To be called before a file's name is proposed. The folders are kept in the preferences of the window
    that the dialog belongs to; where that has none, the dialog opens where the system likes.
    """
    preferences = _preferences_of(dialog)
    if preferences is None:
        return
    name = f"{PREFERENCE}{purpose}"
    kept = preferences.read(name, "")
    if kept:
        dialog.setDirectoryUrl(QUrl.fromLocalFile(kept))
    dialog.filesSelected.connect(partial(_keep, preferences, name))


def _keep(preferences: Preferences, name: str, paths: list[str]) -> None:
    folder = QFileInfo(paths[0]).absolutePath() if paths else ""
    if folder and folder != preferences.read(name, ""):
        preferences.write(name, folder)


def _preferences_of(widget: QWidget) -> Preferences | None:
    owner: QWidget | None = widget
    while owner is not None:
        found = getattr(owner, "preferences", None)
        if isinstance(found, Preferences):
            return found
        owner = owner.parentWidget()
    return None
