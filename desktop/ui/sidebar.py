"""The shelf at the left: search, folders, the conversations by date, the bin, and the settings."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMessageBox, QPushButton, QVBoxLayout, QWidget

from desktop.chat.shelf import Shelf
from desktop.domain.order import SHELF, Place, Scope
from desktop.ui.controls import ElidedLabel, IconButton, button, label, set_look
from desktop.ui.shelf.field import SearchField
from desktop.ui.shelf.filters import FilterMenu
from desktop.ui.shelf.hits import HitView
from desktop.ui.shelf.view import ShelfView
from desktop.ui.theme import Theme

if TYPE_CHECKING:
    from desktop.ui.shelf.folders import FolderPanel


class PlaceHead(QWidget):
    """Says which place the shelf shows, when it is not everything, and leads back."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.back = IconButton(theme, "chevron-left", self.tr("All conversations"), size=15)
        self.name = ElidedLabel(size="strong")
        #: What is done, on a button: delete what is in the bin
        self.action = button(self.tr("Empty…"), "text")
        row = QHBoxLayout(self)
        row.addWidget(self.back)
        row.addWidget(self.name, 1)
        row.addWidget(self.action)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        layout = self.layout()
        if layout is not None:
            px = self._theme.px
            layout.setContentsMargins(px(10), px(2), px(10), 0)
            layout.setSpacing(px(4))


class FoundHead(QWidget):
    """Says how much was found, and offers to narrow the search."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.words = label(tone="faint", size="small")
        #: Name of a button that narrows a search
        self.filter = button(self.tr("Filter"), "text")
        row = QHBoxLayout(self)
        row.addWidget(self.words, 1)
        row.addWidget(self.filter)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        layout = self.layout()
        if layout is not None:
            px = self._theme.px
            layout.setContentsMargins(px(18), 0, px(12), px(2))


class Sidebar(QWidget):
    """The whole shelf. `opened` carries a conversation's id, `found` also the message's, if it is one."""

    opened = Signal(str)
    found = Signal(str, str)
    new_requested = Signal()
    settings_requested = Signal()

    def __init__(self, theme: Theme, shelf: Shelf) -> None:
        super().__init__()
        self._theme = theme
        self._shelf = shelf
        self._panel: FolderPanel | None = None
        self._has_folders = False
        self.setProperty("surface", "side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.search = SearchField(theme)
        self.new = IconButton(theme, "plus", self.tr("New conversation"), kind="framed", size=15)
        self.view = ShelfView(theme, shelf)
        self.hits = HitView(theme, shelf.finds)
        self.place = PlaceHead(theme)
        self.head = FoundHead(theme)
        self.filters = FilterMenu(shelf, self.search.add_word, self)
        self.empty = label(tone="muted", wraps=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.folders = self._foot_button(self.tr("Folders"))
        self.bin = self._foot_button(self.tr("Bin"))
        self.settings = button(self.tr("Settings"), "text")
        self._lay_out()
        self._connect()
        self._restyle()
        self._update()

    @property
    def panel(self) -> "FolderPanel":
        """The folders, made when they are first wanted."""
        if self._panel is None:
            from desktop.ui.shelf.folders import FolderPanel

            self._panel = FolderPanel(self._theme, self._shelf)
            self._layout.insertWidget(1, self._panel)
        return self._panel

    @property
    def is_searching(self) -> bool:
        """Whether what was found stands in the list's place."""
        return bool(self.search.text().strip())

    def focus_search(self) -> None:
        """Put the caret into the search field, its text selected."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def toggle_folders(self) -> None:
        """Show the folders above the conversations, or put them away."""
        self._has_folders = not self._has_folders
        self.search.clear()
        self._update()

    def toggle_bin(self) -> None:
        """Show what was deleted, or the conversations again."""
        is_bin = self._shelf.scope.place is Place.BIN
        self.search.clear()
        self._shelf.set_scope(SHELF if is_bin else Scope(Place.BIN))

    def _foot_button(self, words: str) -> QPushButton:
        made = button(words, "text")
        made.setCheckable(True)
        return made

    def _lay_out(self) -> None:
        self._top = QHBoxLayout()
        self._top.addWidget(self.search, 1)
        self._top.addWidget(self.new)
        self._foot = QHBoxLayout()
        for number, foot in enumerate((self.folders, self.bin, self.settings)):
            if number:
                self._foot.addStretch(1)
            self._foot.addWidget(foot)
        self._layout = QVBoxLayout(self)
        self._layout.setSpacing(0)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addLayout(self._top)
        for widget in (self.place, self.head, self.empty):
            self._layout.addWidget(widget)
        for scrolls in (self.view, self.hits):
            scrolls.setMinimumHeight(1)
        self._layout.addWidget(self.view, 1)
        self._layout.addWidget(self.hits, 1)
        self.foot_slot = QVBoxLayout()
        self._layout.addLayout(self.foot_slot)
        self._layout.addLayout(self._foot)

    def _connect(self) -> None:
        shelf = self._shelf
        self.search.textChanged.connect(self._on_search_changed)
        self.search.moved.connect(self._on_moved)
        self.search.entered.connect(self._on_entered)
        self.hits.opened.connect(self.found)
        self.head.filter.clicked.connect(self._on_filter)
        self.new.clicked.connect(self.new_requested)
        self.folders.clicked.connect(self.toggle_folders)
        self.bin.clicked.connect(self.toggle_bin)
        self.settings.clicked.connect(self.settings_requested)
        self.place.back.clicked.connect(self._on_back)
        self.place.action.clicked.connect(self._on_empty_bin)
        self.view.opened.connect(self.opened)
        self.view.erase_wanted.connect(self._ask_erase)
        for signal in (
            shelf.rowsInserted,
            shelf.rowsRemoved,
            shelf.modelReset,
            shelf.loaded,
            shelf.scope_changed,
            shelf.order.changed,
            shelf.finds.searched,
        ):
            signal.connect(self._update)
        self._theme.changed.connect(self._restyle)

    def _restyle(self) -> None:
        px = self._theme.px
        self._top.setContentsMargins(px(10), px(12), px(10), px(8))
        self._top.setSpacing(px(8))
        self._foot.setContentsMargins(px(10), px(6), px(10), px(8))
        self.hits.setStyleSheet(f"QListView {{ padding-left: {px(10)}px; padding-right: {px(10)}px; }}")
        self.new.setFixedSize(px(32), px(36))
        self.empty.setContentsMargins(px(18), px(16), px(18), 0)

    def _update(self) -> None:
        """Show what belongs on screen: the found or the listed, and what there is to say about it."""
        shelf, is_searching = self._shelf, self.is_searching
        scope, finds = shelf.scope, shelf.finds
        self.view.setVisible(not is_searching)
        self.hits.setVisible(is_searching)
        self.head.setVisible(is_searching)
        self.place.setVisible(not is_searching and scope != SHELF)
        self.place.name.setText(self._place_name(scope))
        self.place.action.setVisible(scope.place is Place.BIN and shelf.rowCount() > 0)
        self.folders.setChecked(self._has_folders)
        if self._has_folders or self._panel is not None:
            self.panel.setVisible(self._has_folders and not is_searching)
        self.bin.setChecked(scope.place is Place.BIN)
        for foot in (self.folders, self.bin):
            set_look(foot, on="yes" if foot.isChecked() else "")
        count = finds.rowCount()
        words = self.tr("%n found", "", count) if finds.is_all else self.tr("%n and more found", "", count)
        self.head.words.setText(words if count else "")
        is_empty = count == 0 if is_searching else shelf.rowCount() == 0 and scope != SHELF
        self.empty.setVisible(is_empty and not (is_searching and finds.is_searching))
        self.empty.setText(self._empty_words(scope, is_searching) if is_empty else "")

    def _place_name(self, scope: Scope) -> str:
        if scope.place is Place.FOLDER:
            folder = self._shelf.order.folder(scope.value)
            return folder.name if folder is not None else ""
        #: A place: where archived conversations are
        names = {Place.ARCHIVE: self.tr("Archive"), Place.BIN: self.tr("Bin"), Place.TAG: scope.value}
        return names.get(scope.place, "")

    def _empty_words(self, scope: Scope, is_searching: bool) -> str:
        if is_searching:
            return self.tr("Nothing found. Try fewer or other words.")
        words = {
            Place.FOLDER: self.tr("Nothing here yet. Drag conversations onto the folder, or use their menu."),
            Place.TAG: self.tr("No conversation has this tag."),
            Place.ARCHIVE: self.tr("What you archive stays out of the way here, and search still finds it."),
            Place.BIN: self.tr("The bin is empty. What you delete is kept here for 30 days."),
        }
        return words.get(scope.place, "")

    def _on_search_changed(self, text: str) -> None:
        # At once: a search that is no longer wanted is interrupted.
        self._shelf.finds.search(text)
        self._update()

    def _on_moved(self, by: int) -> None:
        if self.is_searching:
            self.hits.step(by)
        elif by > 0 and self._shelf.rowCount():
            self.view.setFocus(Qt.FocusReason.TabFocusReason)
            self.view.setCurrentIndex(self._shelf.index(0))

    def _on_entered(self) -> None:
        if self.is_searching:
            self.hits.open_current()
        else:
            self._on_moved(1)

    def _on_filter(self) -> None:
        self.filters.build().popup(self.head.filter.mapToGlobal(QPoint(0, self.head.filter.height())))

    def _on_back(self) -> None:
        self._shelf.set_scope(SHELF)

    def _on_empty_bin(self) -> None:
        self._ask_erase(())

    def _ask_erase(self, ids: tuple[str, ...]) -> None:
        """Ask before conversations go for good; without ids it is about the whole bin."""
        words = self.tr("Delete everything in the bin for good?")
        if ids:
            words = self.tr("Delete this conversation for good?")
        if len(ids) > 1:
            words = self.tr("Delete %n conversation(s) for good?", "", len(ids))
        box = QMessageBox(QMessageBox.Icon.NoIcon, self.tr("Bin"), words, parent=self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setInformativeText(self.tr("This can’t be undone."))
        delete = box.addButton(self.tr("Delete for good"), QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        delete.clicked.connect(lambda: self._shelf.erase(*ids))
        box.finished.connect(box.deleteLater)
        box.open()
