"""The places of the shelf: everything, its folders and tags, and the archive."""

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPen,
)
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop.base.tongue import number
from desktop.chat.shelf import DRAGGED, Shelf
from desktop.domain.order import SHELF, Place, Scope
from desktop.ui.controls import button
from desktop.ui.icons import pixmap
from desktop.ui.shelf.menu import ask_name
from desktop.ui.sides import Room, draw_line
from desktop.ui.style import ROW_PX
from desktop.ui.theme import GROUP_PX, RADIUS_CONTROL, Theme

ROW_HEIGHT = 32
MOST_ROWS = 9
_SCOPE = Qt.ItemDataRole.UserRole
_COUNT = Qt.ItemDataRole.UserRole + 1
_ICONS = {Place.FOLDER: "folder", Place.SHELF: "shelf", Place.ARCHIVE: "archive", Place.TAG: "tag"}


class PlaceDelegate(QStyledItemDelegate):
    """Draws a place: icon, name, and how many conversations it holds."""

    def __init__(self, theme: Theme, places: "PlaceList") -> None:
        super().__init__(places)
        self._theme = theme
        self._places = places

    def sizeHint(self, option: QStyleOptionViewItem, index: object) -> QSize:
        """Return the height of a row."""
        return QSize(10, self._theme.px(ROW_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: object) -> None:
        """Draw the place."""
        theme = self._theme
        item = self._places.itemFromIndex(index)  # type: ignore[arg-type]
        scope: Scope = item.data(_SCOPE)
        row: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_target = self._places.target is item
        if scope == self._places.scope or is_target:
            painter.setPen(QPen(theme.color("accent")) if is_target else theme.edge())
            painter.setBrush(theme.color("accent_soft"))
            painter.drawRoundedRect(row.adjusted(1, 1, -1, -1), RADIUS_CONTROL, RADIUS_CONTROL)
        if self._places.hasFocus() and self._places.currentItem() is item:
            painter.setPen(theme.color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(row.adjusted(1, 1, -1, -1), RADIUS_CONTROL, RADIUS_CONTROL)
        size = theme.px(15)
        ratio = self._places.devicePixelRatioF()
        sign = pixmap(_ICONS[scope.place], theme.colors.muted, size, ratio)
        room = Room(painter, row.adjusted(theme.px(9), 0, -theme.px(9), 0))
        place = room.from_start(size, theme.px(23) - size)
        painter.drawPixmap(place.left(), place.center().y() - size // 2, sign)
        value = int(item.data(_COUNT) or 0)
        count = number(value) if value else ""
        painter.setFont(theme.number_font(GROUP_PX))
        painter.setPen(theme.color("faint"))
        wide = QFontMetrics(painter.font()).horizontalAdvance(count)
        draw_line(painter, room.from_end(wide, theme.px(6)), count, at_end=True)
        painter.setFont(theme.font(ROW_PX))
        painter.setPen(theme.color("text"))
        draw_line(painter, room.rect, item.text())
        painter.restore()


class PlaceList(QListWidget):
    """The list of places; conversations are dropped on them. `dropped` carries a Scope and ids."""

    chosen = Signal(object)
    dropped = Signal(object, object)
    rename_wanted = Signal(str)
    delete_wanted = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.scope = SHELF
        self.target: QListWidgetItem | None = None
        self.setItemDelegate(PlaceDelegate(theme, self))
        self.setAccessibleName(self.tr("Folders"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAcceptDrops(True)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self.itemClicked.connect(self._on_item)

    def sizeHint(self) -> QSize:
        """Return the preferred size: all the rows there may be on screen."""
        return QSize(super().sizeHint().width(), self.maximumHeight())

    def scope_of(self, item: QListWidgetItem) -> Scope:
        """Return the place of a row."""
        scope: Scope = item.data(_SCOPE)
        return scope

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show a place by Enter."""
        item: QListWidgetItem | None = self.currentItem()
        if item is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_item(item)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to rename a folder or to take it away."""
        item = self.itemAt(event.pos())
        if item is not None and self.scope_of(item).place is Place.FOLDER:
            self.menu_of(item).popup(event.globalPos())

    def menu_of(self, item: QListWidgetItem) -> QMenu:
        """Return the menu of a folder; it deletes itself when it is closed."""
        folder_id = self.scope_of(item).value
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Rename…")).triggered.connect(lambda: self.rename_wanted.emit(folder_id))
        words = self.tr("Delete the folder, keep its conversations")
        menu.addAction(words).triggered.connect(lambda: self.delete_wanted.emit(folder_id))
        return menu

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take conversations alone."""
        if event.mimeData().hasFormat(DRAGGED):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show where they would go."""
        self._aim(event)
        if self.target is not None:
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Show nothing."""
        self.target = None
        self.viewport().update()

    def dropEvent(self, event: QDropEvent) -> None:
        """Say what was dropped where."""
        self._aim(event)
        target, self.target = self.target, None
        self.viewport().update()
        if target is not None:
            event.acceptProposedAction()
            ids = bytes(event.mimeData().data(DRAGGED).data()).decode().split("\n")
            self.dropped.emit(self.scope_of(target), tuple(ids))

    def _aim(self, event: QDropEvent) -> None:
        self.target = self.itemAt(event.position().toPoint())
        self.viewport().update()

    def _on_item(self, item: QListWidgetItem) -> None:
        self.chosen.emit(self.scope_of(item))


class FolderPanel(QWidget):
    """The places, each to be shown in the shelf, and a way to make a folder."""

    def __init__(self, theme: Theme, shelf: Shelf) -> None:
        super().__init__()
        self._theme = theme
        self._shelf = shelf
        self.list = PlaceList(theme)
        self.new = button(self.tr("New folder…"), "text")
        column = QVBoxLayout(self)
        column.setSpacing(0)
        column.addWidget(self.list)
        column.addWidget(self.new, 0, Qt.AlignmentFlag.AlignLeft)
        self.list.chosen.connect(shelf.set_scope)
        self.list.dropped.connect(self._on_dropped)
        self.list.rename_wanted.connect(self._on_rename)
        self.list.delete_wanted.connect(shelf.order.delete_folder)
        self.new.clicked.connect(self._on_new)
        shelf.order.changed.connect(self.fill)
        shelf.scope_changed.connect(self._on_scope_changed)
        theme.changed.connect(self._fit)
        self.fill()

    def fill(self) -> None:
        """Take folders and tags anew."""
        order = self._shelf.order
        self.list.target = None
        self.list.clear()
        self._add(self.tr("All conversations"), SHELF, 0)
        for folder in order.folders:
            self._add(folder.name, Scope(Place.FOLDER, folder.id), folder.count)
        for tag in order.tags:
            self._add(tag.name, Scope(Place.TAG, tag.name), tag.count)
        #: A place: where archived conversations are
        self._add(self.tr("Archive"), Scope(Place.ARCHIVE), 0)
        self._on_scope_changed()
        self._fit()

    def _add(self, name: str, scope: Scope, count: int) -> None:
        item = QListWidgetItem(name)
        item.setData(_SCOPE, scope)
        item.setData(_COUNT, count)
        self.list.addItem(item)

    def _fit(self) -> None:
        px = self._theme.px
        # Where the shelf is low the list scrolls instead.
        self.list.setMinimumHeight(px(ROW_HEIGHT))
        self.list.setMaximumHeight(px(ROW_HEIGHT) * min(MOST_ROWS, self.list.count()))
        layout = self.layout()
        if layout is not None:
            layout.setContentsMargins(px(10), px(4), px(10), px(2))

    def _on_scope_changed(self) -> None:
        self.list.scope = self._shelf.scope
        self.list.viewport().update()

    def _on_dropped(self, scope: Scope, ids: tuple[str, ...]) -> None:
        if scope.place is Place.FOLDER:
            self._shelf.set_folder(ids, scope.value)
        elif scope.place is Place.TAG:
            self._shelf.set_tag(ids, scope.value, True)
        elif scope.place is Place.ARCHIVE:
            self._shelf.set_archived(ids, True)
        elif self._shelf.scope.place is Place.ARCHIVE:
            self._shelf.set_archived(ids, False)
        elif self._shelf.scope.place is Place.BIN:
            self._shelf.restore(*ids)
        else:
            self._shelf.set_folder(ids, None)

    def _on_new(self) -> None:
        ask_name(self, self.tr("New folder"), self.tr("Name of the folder"), "", self._shelf.order.add_folder)

    def _on_rename(self, folder_id: str) -> None:
        folder = self._shelf.order.folder(folder_id)
        if folder is not None:

            def rename(name: str) -> None:
                self._shelf.order.rename_folder(folder_id, name)

            ask_name(self, self.tr("Rename folder"), self.tr("Name of the folder"), folder.name, rename)
