"""The window's actions and their shortcuts."""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


def _action(owner: QWidget, words: str, *keys: str | QKeySequence.StandardKey) -> QAction:
    action = QAction(words, owner)
    action.setShortcuts([QKeySequence(key) for key in keys])
    action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
    action.setShortcutVisibleInContextMenu(True)
    owner.addAction(action)
    return action


@dataclass(frozen=True, slots=True)
class Actions:
    """What can be done in the window by key and by menu."""

    new: QAction
    search: QAction
    find: QAction
    find_next: QAction
    find_previous: QAction
    rename: QAction
    pin: QAction
    delete: QAction
    stop: QAction
    toggle_shelf: QAction
    focus_composer: QAction
    choose_model: QAction
    zoom_in: QAction
    zoom_out: QAction
    zoom_reset: QAction
    settings: QAction
    quit: QAction

    @classmethod
    def of(cls, owner: QWidget) -> "Actions":
        """Make the actions of a window. They are connected by the window."""

        def tr(words: str) -> str:
            return QCoreApplication.translate("Actions", words)

        return cls(
            new=_action(owner, tr("New conversation"), "Ctrl+N"),
            search=_action(owner, tr("Search everything"), "Ctrl+K"),
            find=_action(owner, tr("Find in the conversation…"), "Ctrl+F"),
            find_next=_action(owner, tr("Next match"), "F3"),
            find_previous=_action(owner, tr("Previous match"), "Shift+F3"),
            rename=_action(owner, tr("Rename…"), "Ctrl+Shift+R"),
            pin=_action(owner, tr("Pin"), "Ctrl+Shift+P"),
            delete=_action(owner, tr("Delete"), "Ctrl+Shift+Backspace"),
            stop=_action(owner, tr("Stop the reply"), "Esc"),
            toggle_shelf=_action(owner, tr("Show or hide the shelf"), "Ctrl+B"),
            focus_composer=_action(owner, tr("Write"), "Ctrl+L"),
            choose_model=_action(owner, tr("Choose a model…"), "Ctrl+M"),
            zoom_in=_action(owner, tr("Larger"), "Ctrl++", "Ctrl+="),
            zoom_out=_action(owner, tr("Smaller"), "Ctrl+-"),
            zoom_reset=_action(owner, tr("Normal size"), "Ctrl+0"),
            settings=_action(owner, tr("Settings"), "Ctrl+,"),
            quit=_action(owner, tr("Quit"), "Ctrl+Q"),
        )
