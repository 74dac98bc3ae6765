"""The strip that shows what takes long: at the shelf's foot, or under the page while the shelf is away."""

from typing import Protocol

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal, SignalInstance
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from desktop.base.clock import monotonic_ms
from desktop.chat.works import Work, Works
from desktop.ui.controls import announce, button, label
from desktop.ui.theme import Theme
from desktop.ui.wording import parts, percent

# What is over sooner than this was not long.
SHOW_AFTER_MS = 600
_SAID_MS = 8_000
_AGAIN_MS = 500
_QUARTER = 0.25


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """Return a text in the user's language."""
    return QCoreApplication.translate("Works", text, comment, n)


def left_words(seconds: float) -> str:
    """Return in words how long something will still take."""
    if seconds < 10:
        return tr("a few seconds left")
    if seconds < 60:
        return tr("less than a minute left")
    if seconds < 90:
        return tr("about a minute left")
    minutes = round(seconds / 60)
    if minutes < 90:
        return tr("about %n min left", "", minutes)
    return tr("about %n h left", "", round(minutes / 60))


class WorkRow(QFrame):
    """One thing that takes long; when it has ended, what was done. `cancelled` carries its name."""

    cancelled = Signal(str)

    def __init__(self, theme: Theme, work: Work) -> None:
        super().__init__()
        self._theme = theme
        self.name = work.name
        self._said_share = 0.0
        self.words = label(wraps=True)
        self.figures = label(size="small", tone="muted", wraps=True)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.cancel = button(self.tr("Cancel"), "text")
        self.cancel.clicked.connect(lambda: self.cancelled.emit(self.name))
        self._top = QHBoxLayout()
        self._top.addWidget(self.words, 1)
        self._top.addWidget(self.cancel, 0, Qt.AlignmentFlag.AlignTop)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._top)
        self._column.addWidget(self.bar)
        self._column.addWidget(self.figures)
        self.restyle()
        self.show_work(work)

    def show_work(self, work: Work) -> None:
        """Show how far it is. A screen reader hears every quarter."""
        share = work.share
        words = self.tr("{work} – is being ended").format(work=work.words) if work.is_ending else work.words
        self.words.setText(words)
        self.cancel.setVisible(work.cancel is not None)
        self.cancel.setEnabled(not work.is_ending)
        self.cancel.setAccessibleName(self.tr("Cancel: {work}").format(work=work.words))
        # A bar that only runs to and fro would say nothing.
        self.bar.setVisible(share is not None)
        figures: list[str] = []
        if share is not None:
            self.bar.setValue(round(share * 1000))
            figures.append(percent(int(share * 100) / 100))
            left = work.left_s
            if left is not None:
                figures.append(left_words(left))
        self.figures.setText(" · ".join(figures))
        self.figures.setVisible(bool(figures))
        self.bar.setAccessibleName(work.words)
        self.setAccessibleName(parts(words, *figures))
        if share is not None and share - self._said_share >= _QUARTER:
            self._said_share = share - share % _QUARTER
            announce(self, self.accessibleName())

    def show_end(self, words: str) -> None:
        """Show what was done."""
        self.words.setText(words)
        self.setAccessibleName(words)
        for widget in (self.cancel, self.bar, self.figures):
            widget.hide()
        announce(self, words)

    def restyle(self) -> None:
        """Take the theme's sizes."""
        px = self._theme.px
        self.bar.setFixedHeight(px(4))
        self._top.setSpacing(px(8))
        self._column.setContentsMargins(px(18), px(8), px(14), px(8))
        self._column.setSpacing(px(4))


class WorkStrip(QWidget):
    """The rows of all that takes long, hidden while there are none."""

    def __init__(self, theme: Theme, works: Works) -> None:
        super().__init__()
        self._theme = theme
        self._works = works
        self._rows: dict[str, WorkRow] = {}
        self.setAccessibleName(self.tr("What takes long"))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        line = QFrame()
        line.setProperty("kind", "line")
        line.setFixedHeight(1)
        self._column.addWidget(line)
        # Shows what has become long, and how much time is left while nothing else is told.
        self._clock = QTimer(self)
        self._clock.setInterval(_AGAIN_MS)
        self._clock.timeout.connect(self.update_rows)
        works.changed.connect(self._on_changed)
        works.ended.connect(self._on_ended)
        theme.changed.connect(self._restyle)
        self.hide()
        self._on_changed()

    @property
    def rows(self) -> tuple[WorkRow, ...]:
        """The rows on screen."""
        return tuple(self._rows.values())

    def focus_newest(self) -> None:
        """Put the keyboard on the newest row's Cancel."""
        row = next((each for each in reversed(self.rows) if each.cancel.isVisible()), None)
        if row is not None:
            row.cancel.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def update_rows(self) -> None:
        """Show what goes on for long enough, and how far it is."""
        now = monotonic_ms()
        for work in self._works.all:
            row = self._rows.get(work.name)
            if row is not None:
                row.show_work(work)
            elif now - work.began_ms >= SHOW_AFTER_MS:
                self._add(work)

    def _add(self, work: Work) -> None:
        row = WorkRow(self._theme, work)
        row.cancelled.connect(self._works.cancel)
        self._rows[work.name] = row
        self._column.addWidget(row)
        self.show()
        announce(self, row.accessibleName())

    def _on_changed(self) -> None:
        if self._works.all and not self._clock.isActive():
            self._clock.start()
        elif not self._works.all:
            self._clock.stop()
        self.update_rows()

    def _on_ended(self, name: str, words: str) -> None:
        row = self._rows.get(name)
        if row is None:
            return
        if not words:
            self._take_away(name, row)
            return
        row.show_end(words)
        QTimer.singleShot(_SAID_MS, row, lambda: self._take_away(name, row))

    def _take_away(self, name: str, row: WorkRow) -> None:
        # Meanwhile another work may have begun under the name, which has the row now.
        if self._rows.get(name) is row and self._works.work(name) is None:
            del self._rows[name]
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
            self.setVisible(bool(self._rows))

    def _restyle(self) -> None:
        for row in self._rows.values():
            row.restyle()


class Places(Protocol):
    """A window that says where its foot is."""

    @property
    def foot_changed(self) -> SignalInstance:
        """Says that `foot_layout` is another one now."""
        ...

    def foot_layout(self) -> QBoxLayout:
        """Return where the strip is seen at the moment."""
        ...


class WorkDoor(QObject):
    """Puts the strip where it is seen, once there is something to show."""

    def __init__(self, theme: Theme, works: Works, places: Places, owner: QWidget) -> None:
        super().__init__(owner)
        self._theme = theme
        self._works = works
        self._places = places
        self.strip: WorkStrip | None = None
        works.changed.connect(self._make)
        places.foot_changed.connect(self._place)
        self._make()

    def _make(self) -> None:
        if self.strip is None and self._works.all:
            self._works.changed.disconnect(self._make)
            self.strip = WorkStrip(self._theme, self._works)
            self._place()

    def _place(self) -> None:
        if self.strip is not None:
            foot = self._places.foot_layout()
            if foot.indexOf(self.strip) < 0:
                was_shown = not self.strip.isHidden()
                foot.addWidget(self.strip)
                self.strip.setVisible(was_shown)
