"""Controls that go on in another row where there is no room, and windows that stay large enough."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QSpacerItem, QStyle, QWidget

from desktop.ui.theme import Theme

_OF_THE_SCREEN = 0.9


def hold_least(window: QWidget, theme: Theme, least: QSize) -> None:
    """Let a window be no smaller than `least` before zoom, now and after every change of the zoom.

    Where the screen has no room for that it may be as small as most of the screen.
    """

    _Least(window, theme, least)


class _Least(QObject):
    """Holds a window's least size for as long as the window lives."""

    def __init__(self, window: QWidget, theme: Theme, least: QSize) -> None:
        super().__init__(window)
        self._window = window
        self._theme = theme
        self._least = least
        theme.changed.connect(self._hold)
        self._hold()

    def _hold(self) -> None:
        room = self._window.screen().availableSize() * _OF_THE_SCREEN
        self._window.setMinimumSize((self._least * self._theme.zoom).boundedTo(room))


class WrapRow(QLayout):
    """Lays widgets out as a line of text does: from the leading edge, in as many rows as it takes.

    What was added as growing takes the room that is left in its row; else what follows a spring stands at
    the trailing edge. A widget that is wider than the whole room gets all of it and no more.
    """

    def __init__(self, spacing: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._growing: dict[QWidget, int] = {}
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(spacing)

    def add_spring(self) -> None:
        """Push what follows to the other edge, as far as it is in the same row."""
        self.addItem(QSpacerItem(0, 0, QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum))

    def add_growing(self, widget: QWidget, least: int) -> None:
        """Add a widget that takes the room left in its row, and `least` pixels of width at least."""
        self._growing[widget] = least
        self.addWidget(widget)

    def addItem(self, item: QLayoutItem) -> None:
        """Take an item in."""
        self._items.append(item)
        self.invalidate()

    def count(self) -> int:
        """Return how many items there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return an item, None where there is none."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Take an item out, None where there is none."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        """Whether the height depends on the width: it does."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of all rows at a width."""
        margins = self.contentsMargins()
        room = width - margins.left() - margins.right()
        heights = [_height(row) for row in self._rows(room)]
        gaps = self.spacing() * max(0, len(heights) - 1)
        return sum(heights) + gaps + margins.top() + margins.bottom()

    def expandingDirections(self) -> Qt.Orientation:
        """Take all the width that there is."""
        return Qt.Orientation.Horizontal

    def sizeHint(self) -> QSize:
        """Return the size of everything in one row."""
        shown = [item for item in self._shown() if not item.spacerItem()]
        gaps = self.spacing() * max(0, len(shown) - 1)
        whole = QSize(sum(map(self._width, shown)) + gaps, _height(shown))
        return whole.grownBy(self.contentsMargins())

    def minimumSize(self) -> QSize:
        """Return the size of the largest item."""
        size = QSize()
        for item in self._shown():
            size = size.expandedTo(item.minimumSize())
        return size.grownBy(self.contentsMargins())

    def setGeometry(self, rect: QRect) -> None:
        """Place the widgets."""
        super().setGeometry(rect)
        room = rect.marginsRemoved(self.contentsMargins())
        top = room.top()
        for row in self._rows(room.width()):
            height = _height(row)
            self._place(row, QRect(room.left(), top, room.width(), height))
            top += height + self.spacing()

    def _width(self, item: QLayoutItem) -> int:
        widget = item.widget()
        if widget is not None and widget in self._growing:
            return max(self._growing[widget], item.minimumSize().width())
        return item.sizeHint().expandedTo(item.minimumSize()).width()

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if item.spacerItem() or not item.isEmpty()]

    def _rows(self, room: int) -> list[list[QLayoutItem]]:
        rows: list[list[QLayoutItem]] = [[]]
        used = 0
        for item in self._shown():
            if item.spacerItem():
                rows[-1].append(item)
                continue
            wanted = min(self._width(item), room)
            gap = self.spacing() if used else 0
            if used and used + gap + wanted > room:
                rows.append([])
                used = gap = 0
            rows[-1].append(item)
            used += gap + wanted
        return [row for row in rows if any(not item.spacerItem() for item in row)]

    def _place(self, row: list[QLayoutItem], room: QRect) -> None:
        widgets = [item for item in row if not item.spacerItem()]
        widths = {id(item): min(self._width(item), room.width()) for item in widgets}
        spare = room.width() - sum(widths.values()) - self.spacing() * (len(widgets) - 1)
        growing = [item for item in widgets if item.widget() in self._growing]
        for number, item in enumerate(growing):
            more = max(0, spare // (len(growing) - number))
            widths[id(item)] += more
            spare -= more
        widget = self.parentWidget()
        direction = widget.layoutDirection() if widget is not None else Qt.LayoutDirection.LeftToRight
        left = room.left()
        for item in row:
            if item.spacerItem():
                left, spare = left + max(0, spare), 0
                continue
            height = min(item.sizeHint().height(), room.height())
            at = QPoint(left, room.top() + (room.height() - height) // 2)
            place = QRect(at, QSize(widths[id(item)], height))
            item.setGeometry(QStyle.visualRect(direction, room, place))
            left += widths[id(item)] + self.spacing()


def _height(items: Iterable[QLayoutItem]) -> int:
    return max((item.sizeHint().height() for item in items if not item.spacerItem()), default=0)
