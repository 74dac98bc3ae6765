"""How much of a low page the prompt may take, so that nothing at its foot is cut and the transcript stays."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLayoutItem, QScrollArea, QStackedLayout, QWidget

from desktop.ui.theme import Theme

if TYPE_CHECKING:
    from desktop.ui.composer import Composer

_LEAST_LINES = 1
_LEAST_LOW = 64
_TRANSCRIPT = 40


class Low(QScrollArea):
    """Shows a widget as high as it wants to be up to `most` pixels; what is beyond scrolls."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        self._inside = inside
        self._most = 0
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inside)
        inside.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        inside.installEventFilter(self)
        self.setVisible(not inside.isHidden())

    @property
    def wanted(self) -> int:
        """How high the widget wants to be at this width, in pixels."""
        return max(self._inside.heightForWidth(self.width()), self._inside.minimumSizeHint().height())

    def hold(self, most: int) -> None:
        """Be no higher than this many pixels."""
        self._most = most
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the width."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Come and go with the widget, and follow its height."""
        if watched is self._inside:
            if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
                self.setVisible(not self._inside.isHidden())
            if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.ShowToParent, QEvent.Type.Resize):
                self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        wanted = self.wanted
        height = min(wanted, self._most) if self._most else wanted
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAlwaysOn if wanted > height else policy.ScrollBarAlwaysOff
        )
        if height != self.height() or self.maximumHeight() != height:
            self.setFixedHeight(max(1, height))


class LowStack(QStackedLayout):
    """Shows one of several widgets that scroll: each can be as small as need be."""

    def minimumSize(self) -> QSize:
        """Return the least size: any will do."""
        return QSize(1, 1)


class RoomKeeper(QObject):
    """Gives the composer as much of the page's height as there is beside what else has to be seen."""

    def __init__(
        self, theme: Theme, page: QWidget, header: QWidget, foot: QWidget, composer: "Composer"
    ) -> None:
        super().__init__(page)
        self._theme = theme
        self._page = page
        self._header = header
        self._foot = foot
        self._composer = composer
        for watched in (page, foot, composer):
            watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Share out the height again when the page or what stands at its foot changes."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._share()
        return super().eventFilter(watched, event)

    def _share(self) -> None:
        composer, edit, files = self._composer, self._composer.edit, self._composer.files
        layout = composer.layout()
        if layout is None or not composer.isVisible():
            return
        free = self._page.height() - self._header.height() - self._theme.px(_TRANSCRIPT)
        lows: list[Low] = []
        for row in _rows(self._foot):
            low = _low_in(row)
            if low is not None:
                lows.append(low)
            elif not _holds(row, composer):
                free -= _height(row, self._foot.width())
        margins = layout.contentsMargins()
        free -= margins.top() + margins.bottom()
        for row in _rows(composer):
            if not _holds(row, edit) and not _holds(row, files):
                free -= _height(row, composer.width()) + layout.spacing()
        line = edit.fontMetrics().lineSpacing()
        for low in lows:
            low.hold(max(self._theme.px(_LEAST_LOW), free - _LEAST_LINES * line))
            free -= low.height()
        if files is not None and not files.isHidden():
            files.hold(max(self._theme.px(_LEAST_LOW), free - layout.spacing() - _LEAST_LINES * line))
            free -= files.height() + layout.spacing()
        edit.hold_lines(max(_LEAST_LINES, free // line))


def _rows(widget: QWidget) -> list[QLayoutItem]:
    layout = widget.layout()
    found = [layout.itemAt(at) for at in range(layout.count())] if layout is not None else []
    return [item for item in found if item is not None and not item.isEmpty()]


def _holds(item: QLayoutItem, widget: QWidget | None) -> bool:
    inner = item.layout()
    if inner is None:
        return widget is not None and item.widget() is widget
    return widget is not None and inner.indexOf(widget) >= 0


def _low_in(row: QLayoutItem) -> Low | None:
    inner = row.layout()
    items = [inner.itemAt(at) for at in range(inner.count())] if inner is not None else [row]
    return next((made for each in items if each and isinstance(made := each.widget(), Low)), None)


def _height(item: QLayoutItem, width: int) -> int:
    return item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()
