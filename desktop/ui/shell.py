"""The window of the program before there is anything in it: painted at once, filled when the rest is built.

Imports only Qt and the theme, because everything imported here is waited for before the first frame.
"""

from PySide6.QtCore import QCoreApplication, QEventLoop, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QStyle, QWidget

from desktop.ui import assist
from desktop.ui import preferences as names
from desktop.ui.field_keys import watch_fields
from desktop.ui.kept_place import put_back
from desktop.ui.preferences import Preferences
from desktop.ui.theme import SHELF_WIDTH, Theme
from desktop.ui.wrapping import hold_least

LEAST_WIDTH = 480
LEAST_HEIGHT = 420
FIRST_SIZE = (1240, 820)
NARROW = 720
_PAGE_LEAST = 400
_PAINT_WITHIN_MS = 250


def dress(theme: Theme, preferences: Preferences) -> None:
    """Put the kept look in force before any widget is made: a font reaches new widgets only."""
    assist.listen()
    application = QApplication.instance()
    if isinstance(application, QApplication):
        theme.dress(application)
        watch_fields(application)
    take_look(theme, preferences)


def take_look(theme: Theme, preferences: Preferences) -> None:
    """Put the kept colours and zoom in force."""
    theme.choose(preferences.read(names.SCHEME, ""))
    try:
        theme.set_zoom(float(preferences.read(names.ZOOM, "1")))
    except ValueError:
        theme.set_zoom(1.0)


def kept_shelf_width(preferences: Preferences) -> int:
    """Return the shelf's width as it was left, in pixels before zoom."""
    width = preferences.read(names.SHELF_WIDTH, "")
    return int(width) if width.isdigit() else SHELF_WIDTH


def is_narrow(theme: Theme, width: int) -> bool:
    """Whether a window of this width has no room for the shelf beside the page."""
    return width < theme.px(NARROW)


def shelf_beside(theme: Theme, shelf_width: int, width: int) -> int:
    """Return the shelf's width in pixels, its line included, in a window that has room for it."""
    return min(theme.px(shelf_width), width - theme.px(_PAGE_LEAST))


def fit(window: QWidget, theme: Theme, preferences: Preferences) -> None:
    """Give a window its least size, and the place and size that it was left with."""
    hold_least(window, theme, QSize(LEAST_WIDTH, LEAST_HEIGHT))
    window.resize(*FIRST_SIZE)
    put_back(window, preferences.read(names.GEOMETRY, ""))


class Shell(QWidget):
    """The window itself: shows the shelf's and the page's ground until `fill` gives it its content.

    `close_requested` is emitted when somebody closes it; who fills it decides what that means.
    Until then closing hides it and is remembered in `is_closed`.
    """

    close_requested = Signal()
    _painted = Signal()

    def __init__(self, theme: Theme, preferences: Preferences) -> None:
        take_look(theme, preferences)
        assist.listen()
        super().__init__()
        self._theme = theme
        self.preferences = preferences
        self._content: QWidget | None = None
        self._typed: list[QKeyEvent] = []
        self.is_closed = False
        self.is_painted = False
        self.setWindowTitle("Weir")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        theme.changed.connect(self.update)
        fit(self, theme, preferences)

    def show_at_once(self) -> None:
        """Show the window and return when it is painted, or when it should long have been.

        To be called before the program's event loop runs.
        """
        self.show()
        waiting = QEventLoop()
        self._painted.connect(waiting.quit)
        self.close_requested.connect(waiting.quit)
        limit = QTimer()
        limit.setSingleShot(True)
        limit.timeout.connect(waiting.quit)
        limit.start(_PAINT_WITHIN_MS)
        if not self.is_painted:
            waiting.exec()
        self._painted.disconnect(waiting.quit)
        self.close_requested.disconnect(waiting.quit)

    def fill(self, content: QWidget) -> None:
        """Put the content, a child of this window, in place of the bare ground.

        Keys pressed until now go to whatever takes the focus in it.
        """
        self._content = content
        content.setGeometry(self.rect())
        content.show()
        typed, self._typed = self._typed, []
        if self.focusWidget() not in (None, self):
            for event in typed:
                QCoreApplication.postEvent(self.focusWidget(), event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what the content will stand on: the shelf, its line, and the page."""
        colors = self._theme.color
        painter = QPainter(self)
        painter.fillRect(self.rect(), colors("bg"))
        is_hidden = self.preferences.read(names.SHELF_HIDDEN, "") == "yes"
        if not is_hidden and not is_narrow(self._theme, self.width()):
            shelf = shelf_beside(self._theme, kept_shelf_width(self.preferences), self.width())
            side, line = QRect(0, 0, shelf - 1, self.height()), QRect(shelf - 1, 0, 1, self.height())
            for rect, name in ((side, "side"), (line, "line")):
                painter.fillRect(QStyle.visualRect(self.layoutDirection(), self.rect(), rect), colors(name))
        painter.end()
        if not self.is_painted:
            self.is_painted = True
            self._painted.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the content fill the window."""
        super().resizeEvent(event)
        if self._content is not None:
            self._content.setGeometry(self.rect())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep what is typed before there is anything to type into."""
        if self._content is None:
            self._typed.append(event.clone())
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leave the end to whoever owns the program; an empty window hides at once."""
        event.ignore()
        self.is_closed = True
        if self._content is None:
            self.hide()
        self.close_requested.emit()
