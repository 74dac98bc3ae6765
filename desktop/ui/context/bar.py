"""The bar above the composer: what does not fit into the model's context window, and what can be done."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from desktop.base.tongue import sentences
from desktop.chat.fitting import Measure, Overflowing
from desktop.chat.summary import Summary
from desktop.domain.cut import Overflow
from desktop.ui.composer import SHADOW
from desktop.ui.context.words import excess_words, fitting_words, leaving_words, summing_words, tr
from desktop.ui.controls import announce, button, label, set_look
from desktop.ui.theme import COMPOSER_WIDTH, Theme
from desktop.ui.wrapping import WrapRow


class OverflowBar(QWidget):
    """Says what does not fit and offers what there is to choose.

    `chosen` carries an Overflow, `send_all` asks for everything to be sent this once, `stopped` that the
    summary be given up, `options_wanted` leads to where the choice can be changed.
    """

    chosen = Signal(object)
    send_all = Signal()
    stopped = Signal()
    options_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._card = QFrame()
        self._card.setProperty("kind", "notice")
        self.words = label(wraps=True)
        self.detail = label(tone="muted", wraps=True)
        self.leave_out = button(tr("Leave them out"), "action")
        #: On a button: summarise the oldest messages
        self.summarise = button(tr("Summarise them"), "action")
        self.refuse = button(tr("Send nothing"), "action")
        self.everything = button(tr("Send everything"), "action")
        #: On a button: change what happens to long conversations
        self.change = button(tr("Change…"), "action")
        self.stop = button(tr("Stop"), "action")
        self._row = WrapRow(0)
        for made in self._buttons:
            self._row.addWidget(made)
        self._column = QVBoxLayout(self._card)
        self._column.addWidget(self.words)
        self._column.addWidget(self.detail)
        self._column.addLayout(self._row)
        self._whole = QVBoxLayout(self)
        self._whole.addWidget(self._card)
        self.leave_out.clicked.connect(lambda: self.chosen.emit(Overflow.OLDEST))
        self.summarise.clicked.connect(lambda: self.chosen.emit(Overflow.SUMMARY))
        self.refuse.clicked.connect(lambda: self.chosen.emit(Overflow.REFUSE))
        self.everything.clicked.connect(self.send_all)
        self.change.clicked.connect(self.options_wanted)
        self.stop.clicked.connect(self.stopped)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    @property
    def _buttons(self) -> tuple[QPushButton, ...]:
        return self.leave_out, self.summarise, self.refuse, self.everything, self.change, self.stop

    @property
    def offered(self) -> tuple[str, ...]:
        """The words on the buttons that are shown."""
        return tuple(made.text() for made in self._buttons if not made.isHidden())

    def show_ahead(self, measure: Measure) -> None:
        """Say what will happen when the prompt that is being written is sent."""
        plan, overflow = measure.plan, measure.overflow
        excess = excess_words(measure, is_refused=False)
        if not plan.helps:
            self._say(excess, tr("Nothing is left to leave out. Shorten what you write."), "warn", ())
        elif overflow is Overflow.OLDEST:
            self._say(leaving_words(measure), "", "", (self.change,))
        elif overflow is Overflow.SUMMARY:
            self._say(summing_words(measure), "", "", (self.change,))
        elif overflow is Overflow.REFUSE:
            self._say(excess, tr("Nothing is sent until it is shorter."), "warn", (self.change,))
        else:
            self._offer(measure, excess, ())

    def show_held(self, met: Overflowing) -> None:
        """Say that a prompt was held back or refused, and what can be done about it now."""
        measure, was_shown = met.measure, not self.isHidden()
        excess = excess_words(measure, is_refused=met.is_refused)
        more = () if met.is_refused else (self.everything,)
        if measure.plan.helps:
            self._offer(measure, excess, more)
        else:
            self._say(excess, tr("Nothing is left to leave out. Shorten what you write."), "warn", more)
        if was_shown:
            announce(self, self.accessibleName())

    def show_summary(self, summary: Summary, words: int = 0) -> None:
        """Say how far the summary is."""
        said = tr("{model} summarises %n message(s)…", "", summary.count).format(model=summary.model)
        detail = tr("Your prompt follows.")
        if words:
            detail = tr("%n word(s) so far. Your prompt follows.", "", words)
        self._say(said, detail, "", (self.stop,))

    def show_problem(self, words: str) -> None:
        """Say why there is no summary; what can be chosen instead stays."""
        self.detail.setText(words)
        self.detail.show()
        self.show()
        announce(self, words)

    def _offer(self, measure: Measure, excess: str, more: tuple[QPushButton, ...]) -> None:
        self._say(
            excess, fitting_words(measure), "warn", (self.leave_out, self.summarise, self.refuse, *more)
        )

    def _say(self, words: str, detail: str, tone: str, offered: tuple[QPushButton, ...]) -> None:
        self.words.setText(words)
        self.detail.setText(detail)
        self.detail.setVisible(bool(detail))
        for made in self._buttons:
            made.setVisible(made in offered)
        set_look(self._card, tone=tone)
        said = sentences(words, detail)
        self.setAccessibleName(said)
        # While it stands its numbers change with every letter; that is not said again.
        is_new = self.isHidden()
        self.show()
        if is_new:
            announce(self, said)

    def _restyle(self) -> None:
        px = self._theme.px
        self.setMaximumWidth(px(COMPOSER_WIDTH) + 2 * SHADOW)
        self._whole.setContentsMargins(SHADOW, px(6), SHADOW, 0)
        self._column.setSpacing(px(3))
        self._row.setSpacing(px(6))
        # A button's words begin where those above them do.
        inside = px(4) + 2
        self._column.setContentsMargins(px(14) - inside, px(10), px(14), px(8))
        for said in (self.words, self.detail):
            said.setContentsMargins(inside, 0, 0, 0)
