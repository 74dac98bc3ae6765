"""What can be done with conversations of the shelf, as a menu."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QInputDialog, QMenu

from desktop.chat.shelf import Shelf
from desktop.domain.order import Place

if TYPE_CHECKING:
    from desktop.ui.shelf.view import ShelfView

Addition = Callable[[QMenu, tuple[str, ...]], None]
MOST_TAGS = 30


class RowMenu(QObject):
    """Builds the menu of one or several conversations.

    `additions` are called with each menu and the ids it is for, before its last entry is added.
    """

    def __init__(self, shelf: Shelf, view: "ShelfView") -> None:
        super().__init__(view)
        self._shelf = shelf
        self._view = view
        self.additions: list[Addition] = []

    def build(self, ids: Sequence[str]) -> QMenu:
        """Return the menu of conversations; it deletes itself when it is closed."""
        menu = QMenu(self._view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        kept = tuple(ids)
        if self._shelf.scope.place is Place.BIN:
            #: What is done: take conversations out of the bin
            self._add(menu, self.tr("Restore"), lambda: self._shelf.restore(*kept))
            delete = self._add(menu, self.tr("Delete for good…"), self._view.delete_chosen)
        else:
            self._fill(menu, kept)
            delete = self._add(menu, self.tr("Delete"), lambda: self._shelf.delete(*kept))
        delete.setShortcuts(self._view.keys("shelf_delete"))
        for action in menu.actions():
            action.setShortcutVisibleInContextMenu(True)
        return menu

    def _fill(self, menu: QMenu, ids: tuple[str, ...]) -> None:
        shelf = self._shelf
        rows = [row for name in ids if (row := shelf.conversation(name)) is not None]
        if len(ids) == 1:
            rename = self._add(menu, self.tr("Rename"), self._rename)
            rename.setShortcuts(self._view.keys("shelf_rename"))
        is_pinned = bool(rows) and all(row.pinned for row in rows)

        def pin() -> None:
            for name in ids:
                shelf.set_pinned(name, not is_pinned)

        #: What is done: keep a conversation at the top of the list
        words = self.tr("Pin")
        if is_pinned:
            #: What is done: no longer keep a conversation at the top of the list
            words = self.tr("Unpin")
        self._add(menu, words, pin)
        self._add_folders(menu, ids, {row.folder_id for row in rows})
        self._add_tags(menu, ids, [set(row.tags) for row in rows])
        is_archived = bool(rows) and all(row.archived for row in rows)
        #: What is done: put conversations into the archive
        words = self.tr("Archive", "what is done")
        if is_archived:
            #: What is done: show archived conversations in the list again
            words = self.tr("Take out of the archive")
        self._add(menu, words, lambda: shelf.set_archived(ids, not is_archived))
        for add in self.additions:
            add(menu, ids)
        menu.addSeparator()

    def _rename(self) -> None:
        self._view.rename(self._view.currentIndex())

    def _add(self, menu: QMenu, words: str, do: Callable[[], object]) -> QAction:
        # An ampersand in a name is no mnemonic.
        action = QAction(words, menu)
        action.triggered.connect(lambda _checked=False: do())
        menu.addAction(action)
        return action

    def _add_folders(self, menu: QMenu, ids: tuple[str, ...], current: set[str | None]) -> None:
        folders = menu.addMenu(self.tr("Move to"))
        for folder in self._shelf.order.folders:
            action = self._add(
                folders,
                folder.name.replace("&", "&&"),
                lambda each=folder.id: self._shelf.set_folder(ids, each),  # type: ignore[misc]
            )
            action.setCheckable(True)
            action.setChecked(current == {folder.id})
        if current - {None}:
            self._add(folders, self.tr("No folder"), lambda: self._shelf.set_folder(ids, None))
        folders.addSeparator()
        self._add(folders, self.tr("New folder…"), lambda: self._ask_folder(ids))

    def _add_tags(self, menu: QMenu, ids: tuple[str, ...], current: list[set[str]]) -> None:
        tags = menu.addMenu(self.tr("Tags"))
        for tag in self._shelf.order.tags[:MOST_TAGS]:
            is_on = bool(current) and all(tag.name in each for each in current)
            action = self._add(
                tags,
                tag.name.replace("&", "&&"),
                lambda name=tag.name, on=is_on: self._shelf.set_tag(ids, name, not on),  # type: ignore[misc]
            )
            action.setCheckable(True)
            action.setChecked(is_on)
        tags.addSeparator()
        self._add(tags, self.tr("New tag…"), lambda: self._ask_tag(ids))

    def _ask_folder(self, ids: tuple[str, ...]) -> None:
        def make(name: str) -> None:
            folder_id = self._shelf.order.add_folder(name)
            if folder_id:
                self._shelf.set_folder(ids, folder_id)

        ask_name(self._view, self.tr("New folder"), self.tr("Name of the folder"), "", make)

    def _ask_tag(self, ids: tuple[str, ...]) -> None:
        def make(name: str) -> None:
            self._shelf.set_tag(ids, name, True)

        ask_name(self._view, self.tr("New tag"), self.tr("Name of the tag"), "", make)


def ask_name(
    owner: QObject, title: str, words: str, name: str, done: Callable[[str], object]
) -> QInputDialog:
    """Ask for a name without holding up anything; `done` is called with it."""
    dialog = QInputDialog(owner)  # type: ignore[arg-type]
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    dialog.setLabelText(words)
    dialog.setTextValue(name)
    dialog.textValueSelected.connect(done)
    dialog.open()
    return dialog
