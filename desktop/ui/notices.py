"""Notices: what the program has to say in passing, inside the window and never in its way."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.ui.controls import IconButton, announce, button, label
from desktop.ui.theme import Theme

UNDO_SECONDS = 12
MOST_NOTICES = 3
WIDTH = 560
_MARGIN = 12


class Notice(QFrame):
    """One notice: its words, at most one thing to do, and a way to put it away."""

    def __init__(
        self, theme: Theme, words: str, tone: str, action: str, do: Callable[[], object] | None
    ) -> None:
        super().__init__()
        self._do = do
        self.setProperty("kind", "notice")
        self.setProperty("tone", tone)
        self.words = label(words, wraps=True)
        self.setAccessibleName(words)
        self.action = button(action, "action")
        self.action.setVisible(bool(action))
        self.action.clicked.connect(self._on_action)
        self.dismiss = IconButton(theme, "close", self.tr("Put this notice away"), size=14)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), theme.px(8), theme.px(6), theme.px(8))
        row.setSpacing(theme.px(8))
        row.addWidget(self.words, 1)
        row.addWidget(self.action)
        row.addWidget(self.dismiss)

    @property
    def offers(self) -> bool:
        """Whether there is something to do about it."""
        return self._do is not None

    def height_at(self, width: int) -> int:
        """Return the height that the words need at a width."""
        self.ensurePolished()
        row = self.layout()
        return max(row.totalHeightForWidth(width) if row is not None else 0, self.sizeHint().height())

    def _on_action(self) -> None:
        do, self._do = self._do, None
        if do is not None:
            do()
        self.dismiss.click()


class Notices(QWidget):
    """The notices on a page, at its lower edge above whatever `anchor` is; the newest is the lowest.

    A notice has a key: another one with the same key takes its place, so that a disk that fails
    with every write says so once. `changed` follows every notice that comes or goes.
    """

    changed = Signal()

    def __init__(self, theme: Theme, page: QWidget, anchor: QWidget) -> None:
        super().__init__(page)
        self._theme = theme
        self._page = page
        self._anchor = anchor
        self._shown: dict[str, Notice] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, theme.px(8))
        self._layout.setSpacing(theme.px(8))
        page.installEventFilter(self)
        anchor.installEventFilter(self)
        theme.changed.connect(self.place)
        self.hide()

    @property
    def shown(self) -> tuple[Notice, ...]:
        """The notices on screen, oldest first."""
        return tuple(self._shown.values())

    @property
    def offers(self) -> bool:
        """Whether a notice offers something to do."""
        return any(notice.offers for notice in self._shown.values())

    def do_newest(self) -> None:
        """Do what the newest notice that offers something offers."""
        notice = next((each for each in reversed(self._shown.values()) if each.offers), None)
        if notice is not None:
            notice.action.click()

    def dismiss_newest(self) -> bool:
        """Put the newest notice away; return whether there was one."""
        notice = next(reversed(self._shown.values()), None)
        if notice is not None:
            notice.dismiss.click()
        return notice is not None

    def show_notice(
        self,
        key: str,
        words: str,
        *,
        tone: str = "",
        action: str = "",
        do: Callable[[], object] | None = None,
        lasts: int = 0,
    ) -> Notice:
        """Show a notice with `tone` "", "warn" or "bad"; `lasts` seconds, or until it is put away."""
        self.drop(key)
        while len(self._shown) >= MOST_NOTICES:
            self.drop(next(iter(self._shown)))
        notice = Notice(self._theme, words, tone, action, do)
        self._shown[key] = notice
        self._layout.addWidget(notice)
        notice.show()
        notice.dismiss.clicked.connect(lambda: self._drop_if(key, notice))
        if lasts:
            timer = QTimer(notice)
            timer.setSingleShot(True)
            timer.timeout.connect(notice.dismiss.click)
            timer.start(lasts * 1000)
        self.show()
        self.place()
        announce(self, words)
        self.changed.emit()
        return notice

    def drop(self, key: str) -> None:
        """Put the notice with this key away, if it is there."""
        notice = self._shown.pop(key, None)
        if notice is not None:
            self._layout.removeWidget(notice)
            notice.hide()
            notice.deleteLater()
        if not self._shown:
            self.hide()
        else:
            self.place()
        if notice is not None:
            self.changed.emit()

    def place(self) -> None:
        """Take the place above the anchor."""
        if self._shown:
            margin = self._theme.px(_MARGIN)
            width = min(self._theme.px(WIDTH), self._page.width() - 2 * margin)
            bottom = self._anchor.y() if self._anchor.isVisible() else self._page.height() - margin
            gap = self._layout.spacing()
            height = sum(notice.height_at(width) + gap for notice in self._shown.values())
            self.setGeometry((self._page.width() - width) // 2, bottom - height, width, height)
            self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move with the page."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide):
            self.place()
        return super().eventFilter(watched, event)

    def _drop_if(self, key: str, notice: Notice) -> None:
        if self._shown.get(key) is notice:
            self.drop(key)
