"""The replies to one prompt side by side, each in a column of its own."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.chat.conversation import LiveConversation
from desktop.chat.turn import Turn
from desktop.domain.message import Message
from desktop.ui.compare.column import Column
from desktop.ui.compare.places import columns_in_row
from desktop.ui.controls import ElidedLabel, button, first_words
from desktop.ui.manner import Manner
from desktop.ui.theme import Theme
from desktop.ui.timeline.pacer import Beat

LEAST_WIDTH = 290
LEAST_HEIGHT = 240
_GAP = 10
_TICK_MS = 200


class CompareView(QWidget):
    """Shows up to as many replies as there are columns, those under way as they come.

    `stop_requested` and `chosen` carry a reply's id, `left` asks for the conversation instead.
    `column_made` carries each Column before it is shown, for what else is to hear its timeline.
    `emptied` follows when fewer than two of the replies are left.
    """

    stop_requested = Signal(str)
    chosen = Signal(str)
    left = Signal()
    emptied = Signal()
    column_made = Signal(object)

    def __init__(self, theme: Theme, manner: Manner) -> None:
        super().__init__()
        self._theme = theme
        self._manner = manner
        self._live: LiveConversation | None = None
        self._prompt_id = ""
        self._renewed: Column | None = None
        self.columns: list[Column] = []
        self._spare: list[Column] = []
        self.beat = Beat(self)
        self.setAccessibleName(self.tr("Replies side by side"))
        self.words = ElidedLabel(size="small", tone="muted")
        self.back = button(self.tr("Back to the conversation"), "text")
        self.back.clicked.connect(self.left)
        self._strip = QHBoxLayout()
        self._strip.addWidget(self.words, 1)
        self._strip.addWidget(self.back)
        self._ground = QWidget()
        self._ground.setProperty("surface", "page")
        self._grid = QGridLayout(self._ground)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._ground)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._strip)
        column.addWidget(self._scroll, 1)
        self._ticker = QTimer(self)
        self._ticker.setInterval(_TICK_MS)
        self._ticker.timeout.connect(self._on_tick)
        self._scroll.viewport().installEventFilter(self)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def prompt_id(self) -> str:
        """The id of the prompt whose replies are shown, empty while there is none."""
        return self._prompt_id

    @property
    def streaming(self) -> tuple[Column, ...]:
        """The columns whose reply is still coming."""
        return tuple(column for column in self.columns if column.is_streaming)

    @property
    def focused(self) -> Column | None:
        """The column that has the keyboard."""
        widget = QApplication.focusWidget()
        return next((item for item in self.columns if widget is not None and item.isAncestorOf(widget)), None)

    def show_replies(self, live: LiveConversation, prompt: Message, replies: Sequence[Message]) -> None:
        """Show some of the replies to a prompt of a conversation, one column for each."""
        self.release()
        self._live = live
        self._prompt_id = prompt.id
        self.words.setText(first_words(prompt.text, 300))
        for reply in replies:
            self._show(self._new_column(), reply)
        live.turn_started.connect(self._on_turn_started)
        live.message_changed.connect(self._on_changed)
        live.reset.connect(self._on_reset)
        QApplication.instance().focusChanged.connect(self._on_focus_changed)  # type: ignore[union-attr]
        self._arrange()
        self._ticker.start()

    def release(self) -> None:
        """Let go of what is shown; its turns go on unseen."""
        live, self._live = self._live, None
        if live is None:
            return
        self._ticker.stop()
        live.turn_started.disconnect(self._on_turn_started)
        live.message_changed.disconnect(self._on_changed)
        live.reset.disconnect(self._on_reset)
        QApplication.instance().focusChanged.disconnect(self._on_focus_changed)  # type: ignore[union-attr]
        for column in self.columns:
            self._drop(column)
        self.columns.clear()
        self._prompt_id = ""
        self._renewed = None

    def stop_focused(self) -> bool:
        """Stop the reply in whose column the keyboard is; return whether one was coming there."""
        column = self.focused
        if column is None or not column.is_streaming:
            return False
        column.stop.click()
        return True

    def renew(self, reply_id: str) -> None:
        """Let the next reply to the same prompt take the place of this one."""
        self._renewed = next((item for item in self.columns if item.reply_id == reply_id), None)

    def keep_places(self) -> None:
        """Let the next reply to the same prompt have a column of its own."""
        self._renewed = None

    def sizeHint(self) -> QSize:
        """Return the preferred size: any will do."""
        return QSize(1, 1)

    def minimumSizeHint(self) -> QSize:
        """Return the least size: any will do."""
        return QSize(1, 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave by Escape once nothing comes any more: until then it stops."""
        if event.key() == Qt.Key.Key_Escape and not self.streaming:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Find places for the columns in the new room."""
        super().resizeEvent(event)
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        """Bring the figures up to date."""
        super().showEvent(event)
        if self._live is not None:
            self._ticker.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop what moves."""
        super().hideEvent(event)
        self._ticker.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Find places again when a scroll bar takes some of the room."""
        if watched is self._scroll.viewport() and event.type() is QEvent.Type.Resize:
            self._arrange()
        return super().eventFilter(watched, event)

    def _new_column(self) -> Column:
        if self._spare:
            column = self._spare.pop()
            self.columns.append(column)
            return column
        column = Column(self._theme, self._manner, self.beat)
        column.stop_requested.connect(self.stop_requested)
        column.chosen.connect(self.chosen)
        self.column_made.emit(column)
        self.columns.append(column)
        return column

    def _show(self, column: Column, reply: Message) -> None:
        assert self._live is not None  # noqa: S101 (for the type checker)
        turn = next((item for item in self._live.turns if item.reply_id == reply.id), None)
        before = self.columns[: self.columns.index(column)]
        alike = sum(1 for item in before if item.source == (reply.endpoint, reply.model))
        column.show_reply(reply, turn, alike + 1)
        column.show()

    def _drop(self, column: Column) -> None:
        # Kept for the next time: a screen reader may still hold what it found in it.
        column.clear()
        column.hide()
        self._grid.removeWidget(column)
        self._spare.append(column)

    def _restyle(self) -> None:
        px = self._theme.px
        self._strip.setContentsMargins(px(16), px(4), px(16), 0)
        self._strip.setSpacing(px(12))
        self._grid.setContentsMargins(px(12), px(6), px(12), px(4))
        self._grid.setSpacing(px(_GAP))
        self._arrange()

    def _arrange(self) -> None:
        count = len(self.columns)
        if not count:
            return
        px = self._theme.px
        view = self._scroll.viewport()
        gap, sides = px(_GAP), 2 * px(12)
        width, height = view.width() - sides + gap, self._scroll.height()
        least = min(px(LEAST_WIDTH), max(1, width - gap)) + gap
        in_row = columns_in_row(count, width, height, least, px(LEAST_HEIGHT) + gap)
        self._ground.setMinimumWidth(in_row * least - gap + sides if in_row * least > width else 0)
        rows = -(-count // in_row)
        for number, column in enumerate(self.columns):
            row, at = divmod(number, in_row)
            in_this = min(in_row, count - row * in_row)
            # A row that is not full shares the width of the others.
            span = in_row if in_this == 1 else 1
            self._grid.addWidget(column, row, at, 1, span)
            before = self.columns[number - 1].choose if number else self.back
            QWidget.setTabOrder(before, column.stop)
        for index in range(max(self._grid.columnCount(), in_row)):
            self._grid.setColumnStretch(index, 1 if index < in_row else 0)
        for index in range(max(self._grid.rowCount(), rows)):
            self._grid.setRowStretch(index, 1 if index < rows else 0)

    def _on_tick(self) -> None:
        for column in self.columns:
            column.tick()

    def _on_turn_started(self, turn: Turn) -> None:
        live = self._live
        reply = live.message(turn.reply_id) if live is not None else None
        if reply is None or reply.parent_id != self._prompt_id:
            return
        if any(column.reply_id == reply.id for column in self.columns):
            return
        column, self._renewed = self._renewed, None
        self._show(column if column in self.columns and column is not None else self._new_column(), reply)
        self._arrange()

    def _on_changed(self, reply: Message) -> None:
        for column in self.columns:
            if column.reply_id == reply.id:
                column.end(reply)

    def _on_reset(self) -> None:
        live = self._live
        if live is None:
            return
        gone = [column for column in self.columns if live.message(column.reply_id) is None]
        for column in gone:
            self.columns.remove(column)
            self._drop(column)
        if len(self.columns) < 2:
            self.emptied.emit()
        elif gone:
            self._arrange()

    def _on_focus_changed(self, _before: QWidget | None, _now: QWidget | None) -> None:
        focused = self.focused
        for column in self.columns:
            column.set_focused(column is focused)
        if focused is not None:
            self._scroll.ensureWidgetVisible(focused, 0, 0)
