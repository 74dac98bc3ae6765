"""The bar that finds text in the conversation: what to look for, how many there are, and the way between."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit

from desktop.base.tongue import number
from desktop.ui.controls import IconButton, announce, label
from desktop.ui.theme import SMALL_PX, Theme
from desktop.ui.timeline import words

if TYPE_CHECKING:
    from desktop.ui.timeline.view import Timeline

_TYPING_MS = 90
_SAY_MS = 700
_MARGIN = 12


class FindBar(QFrame):
    """Stands over the upper right corner of a timeline while it is open; the text below does not move."""

    def __init__(self, theme: Theme, timeline: "Timeline") -> None:
        super().__init__(timeline)
        self._theme = theme
        self._timeline = timeline
        self._finder = timeline.finder
        self.setObjectName("find")
        self.setAccessibleName(words.tr("Find in the conversation"))
        self.edit = QLineEdit()
        self.edit.setPlaceholderText(words.tr("Find in the conversation"))
        self.edit.setAccessibleName(words.tr("Find in the conversation"))
        self.edit.installEventFilter(self)
        self.count = label(tone="muted")
        self.previous = IconButton(theme, "chevron-up", words.tr("Previous match"), size=16)
        self.next = IconButton(theme, "chevron-down", words.tr("Next match"), size=16)
        self.close_button = IconButton(theme, "close", words.tr("Close the search"), size=16)
        row = QHBoxLayout(self)
        row.addWidget(self.edit, 1)
        for widget in (self.count, self.previous, self.next, self.close_button):
            row.addWidget(widget)
        self._row = row
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self._look)
        self._said = QTimer(self)
        self._said.setSingleShot(True)
        self._said.setInterval(_SAY_MS)
        self._said.timeout.connect(self._say)
        self.edit.textChanged.connect(self._on_typed)
        self.previous.clicked.connect(self.go_back)
        self.next.clicked.connect(self.go_on)
        self.close_button.clicked.connect(self.leave)
        self._finder.changed.connect(self._show_count)
        theme.changed.connect(self._restyle)
        self.hide()
        self._restyle()
        self._show_count()

    # Doing

    def open(self, text: str = "") -> None:
        """Show the bar, ready to type; with `text` that is looked for."""
        if text:
            self.edit.setText(text)
        self.show()
        self.raise_()
        self.place()
        self._cover(self.y() + self.height())
        self.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.edit.selectAll()
        if self.edit.text() and not self._finder.needle:
            self._look()

    def leave(self) -> None:
        """Put the bar and the marks away; the keyboard goes to the text."""
        self._typing.stop()
        self._said.stop()
        self.hide()
        self._finder.clear()
        self._cover(0)
        self._timeline.setFocus()

    def _cover(self, height: int) -> None:
        """Let what the bar covers at the very top be scrolled out from under it; nothing moves by that."""
        page = self._timeline.page
        page.spare_above = height
        page.settle()
        self._timeline.refresh()

    def go_on(self) -> None:
        """Go to the next match."""
        self._step(1)

    def go_back(self) -> None:
        """Go to the match before."""
        self._step(-1)

    def _on_typed(self, _text: str) -> None:
        self._typing.start()

    def _step(self, by: int) -> None:
        if not self.isVisible():
            self.open()
        if self._typing.isActive():
            self._look()
            return
        self._finder.step(by)
        self._said.start()

    def _look(self) -> None:
        self._typing.stop()
        self._finder.look_for(self.edit.text())
        self._said.start()

    # Showing

    @property
    def state(self) -> str:
        """What is said beside the text: which match of how many."""
        finder = self._finder
        if not finder.needle:
            return ""
        more = "…" if finder.is_busy else ""
        if not finder.count:
            return more or words.tr("No matches")
        #: Which match of how many: 3 of 12
        found = words.tr("{place} of {count}").format(place=number(finder.place), count=number(finder.count))
        return found + more

    def _show_count(self) -> None:
        if not self.isVisible() and self.count.text() == "":
            return
        self.count.setText(self.state)
        for button in (self.previous, self.next):
            button.setEnabled(self._finder.count > 0)

    def _say(self) -> None:
        if self._finder.is_busy:
            self._said.start()
        elif self.isVisible() and self.state:
            announce(self, self.state)

    def place(self) -> None:
        """Take the place in the corner."""
        view = self._timeline.viewport().geometry()
        margin = self._theme.px(_MARGIN)
        width = min(self._theme.px(400), view.width() - 2 * margin)
        height = self.sizeHint().height()
        at_end = view.right() + 1 - margin - width if self.isLeftToRight() else view.left() + margin
        self.setGeometry(at_end, view.top() + margin // 2, width, height)

    def _restyle(self) -> None:
        theme, colors = self._theme, self._theme.colors
        side = theme.px(6)
        self._row.setContentsMargins(theme.px(10), theme.px(4), side, theme.px(4))
        self._row.setSpacing(theme.px(4))
        self.setStyleSheet(
            f"QFrame#find {{ background: {colors.card}; border: {theme.look.line_px}px solid {colors.line};"
            f" border-radius: {theme.px(10)}px; }}"
            f"QFrame#find QLineEdit {{ border: none; background: transparent; color: {colors.text};"
            f" padding: 0; }}"
        )
        self.edit.setFont(theme.font())
        self.edit.setMinimumHeight(theme.px(28))
        self.count.setFont(theme.number_font(SMALL_PX))
        if self.isVisible():
            self.place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take Enter and Escape in the field, before the window's shortcuts do."""
        if isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                return self._on_key(event)
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close by Escape from the buttons too."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    def _on_key(self, event: QKeyEvent) -> bool:
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._step(-1 if shift else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self._timeline.keyPressEvent(event)
        else:
            return False
        return True
