"""A column: one reply with its model's name, its own Stop, its figures, and the way to go on with it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from desktop.base.tongue import number
from desktop.chat.turn import Turn
from desktop.domain.message import Message, MessageState
from desktop.ui.controls import ElidedLabel, announce, button, label, separator, set_look
from desktop.ui.controls import turn as lay
from desktop.ui.following import Following
from desktop.ui.keymap import native, with_keys
from desktop.ui.manner import Manner
from desktop.ui.meter import so_far
from desktop.ui.theme import SMALL_PX, Theme
from desktop.ui.timeline import words
from desktop.ui.timeline.pacer import Beat
from desktop.ui.timeline.view import Timeline
from desktop.ui.used import lines_tip
from desktop.ui.wording import parts

_TIGHT = 560


class Column(QFrame):
    """Shows one reply; `stop_requested` and `chosen` carry its id.

    `timeline` is the view of an ordinary transcript, with this one message in it.
    """

    stop_requested = Signal(str)
    chosen = Signal(str)

    def __init__(self, theme: Theme, manner: Manner, beat: Beat) -> None:
        super().__init__()
        self._theme = theme
        self._manner = manner
        self._reply: Message | None = None
        self._following: Following | None = None
        self._is_focused = False
        self.setProperty("kind", "column")
        self.name = ElidedLabel(size="strong")
        self._endpoint = ElidedLabel(size="small", tone="muted")
        self.stop = button(self.tr("Stop"), "text")
        self.stop.clicked.connect(self._on_stop)
        policy = self.stop.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.stop.setSizePolicy(policy)
        self.timeline = Timeline(theme, self, beat=beat, has_heads=False)
        self.timeline.is_read_aloud = False
        # What it would like to be must not make the column higher than its row.
        self.timeline.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.figures: QLabel = label(tone="muted", wraps=True)
        self.figures.setAccessibleName(self.tr("Figures of the reply"))
        self.figures.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.choose = button(self.tr("Continue with this reply"), "action")
        self.choose.clicked.connect(self._on_chosen)
        self._lay_out()
        QWidget.setTabOrder(self.stop, self.timeline)
        QWidget.setTabOrder(self.timeline, self.choose)
        manner.changed.connect(self._take_manner)
        theme.changed.connect(self._restyle)
        self._take_manner()
        self._restyle()

    @property
    def reply_id(self) -> str:
        """The id of the reply that is shown."""
        return self._reply.id if self._reply is not None else ""

    @property
    def source(self) -> tuple[str, str]:
        """The endpoint's name and the model that the reply is from."""
        return (self._reply.endpoint, self._reply.model) if self._reply is not None else ("", "")

    @property
    def is_streaming(self) -> bool:
        """Whether the reply is still coming."""
        return self._following is not None

    def show_reply(self, reply: Message, turn: Turn | None, ordinal: int = 0) -> None:
        """Show a reply, and follow its turn if one runs; `ordinal` parts columns of one model."""
        self.release()
        self._reply = reply
        model = reply.model or reply.endpoint or self.tr("Reply")
        if ordinal > 1:
            #: A model that is there more than once, and which of them it is
            name = self.tr("{model} ({number})").format(model=model, number=number(ordinal))
        else:
            name = model
        self.name.setText(name)
        self._endpoint.setText(reply.endpoint if reply.model else "")
        spoken = parts(name, reply.endpoint) if reply.model else model
        self.setAccessibleName(self.tr("Reply of {model}").format(model=spoken))
        self.timeline.setAccessibleName(self.accessibleName())
        self.choose.setAccessibleName(self.tr("Continue with the reply of {model}").format(model=spoken))
        self.timeline.set_messages((reply,))
        if turn is not None:
            self._following = Following(self.timeline, turn)
        self._show_state()

    def end(self, reply: Message) -> None:
        """Take the reply's final state."""
        self._reply = reply
        was_following = self._following is not None
        self.timeline.end_reply(reply)
        self.release()
        self._show_state()
        if was_following:
            is_whole = reply.state is MessageState.FINISHED
            done = self.tr("{model}: reply finished") if is_whole else self.tr("{model}: reply ended")
            announce(self, done.format(model=self.name.text()))

    def release(self) -> None:
        """Follow no turn any more."""
        if self._following is not None:
            self._following.release()
            self._following = None

    def clear(self) -> None:
        """Show nothing."""
        self.release()
        self._reply = None
        self.timeline.set_messages(())

    def tick(self) -> None:
        """Bring the figures of a reply under way up to date."""
        if self._following is not None:
            self._say(so_far(self._following.turn.timing))

    def set_focused(self, is_focused: bool) -> None:
        """Show that the keyboard is in here: Esc then stops this reply alone."""
        if is_focused != self._is_focused:
            self._is_focused = is_focused
            self.timeline.is_read_aloud = is_focused and self._manner.says_replies
            set_look(self, tone="accent" if is_focused else "")
            self._name_stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the figures over the button where they do not fit beside it."""
        super().resizeEvent(event)
        self._fit_foot()

    def _lay_out(self) -> None:
        self._head = QHBoxLayout()
        self._head.addWidget(self.name, 0)
        self._head.addWidget(self._endpoint, 1)
        self._head.addWidget(self.stop)
        self._foot = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._foot.addWidget(self.figures, 1)
        self._foot.addWidget(self.choose, 0, Qt.AlignmentFlag.AlignRight)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addLayout(self._head)
        column.addWidget(separator())
        column.addWidget(self.timeline, 1)
        column.addWidget(separator())
        column.addLayout(self._foot)

    def _restyle(self) -> None:
        px = self._theme.px
        self._head.setContentsMargins(px(12), px(5), px(12), px(5))
        self._head.setSpacing(px(8))
        self._foot.setContentsMargins(px(12), px(5), px(12), px(6))
        self._foot.setSpacing(px(2))
        self.figures.setFont(self._theme.number_font(SMALL_PX))
        self._fit_foot()

    def _fit_foot(self) -> None:
        is_tight = self.width() < self._theme.px(_TIGHT)
        lay(self._foot, is_tight)
        # The foot keeps its height when the figures come, so that the text above does not jump.
        lines = 2 if is_tight else 1
        self.figures.setMinimumHeight(lines * self.figures.fontMetrics().lineSpacing() + self._theme.px(2))

    def _take_manner(self) -> None:
        self.timeline.set_reduced_motion(self._manner.is_reduced)
        self.timeline.set_keeps_start(self._manner.keeps_start)

    def _show_state(self) -> None:
        self.stop.setVisible(self.is_streaming)
        self.stop.setEnabled(self.is_streaming)
        self._name_stop()
        lines = words.used(self._reply) if self._reply is not None and self._following is None else ()
        self.figures.setToolTip(lines_tip(lines))
        self.figures.setAccessibleDescription(". ".join(lines))
        if self._following is not None:
            self.tick()
        elif self._reply is not None:
            self._say(words.meters(self._reply))

    def _name_stop(self) -> None:
        self.stop.setText(with_keys(self.tr("Stop"), native("Esc")) if self._is_focused else self.tr("Stop"))
        self.stop.setAccessibleName(self.tr("Stop {model}").format(model=self.name.text()))

    def _say(self, text: str) -> None:
        if text != self.figures.text():
            self.figures.setText(text)

    def _on_stop(self) -> None:
        self.stop.setEnabled(False)
        self.stop_requested.emit(self.reply_id)

    def _on_chosen(self) -> None:
        self.chosen.emit(self.reply_id)
