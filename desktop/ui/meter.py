"""The line under the composer: how fast the reply came, and who answers."""

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from desktop.base.tongue import number
from desktop.chat.turn import Turn
from desktop.domain.delta import Timing, Usage
from desktop.domain.endpoint import Endpoint
from desktop.domain.message import Message, Role
from desktop.ui import wording
from desktop.ui.composer import SHADOW
from desktop.ui.controls import ElidedLabel, badge
from desktop.ui.theme import COMPOSER_WIDTH, SMALL_PX, Theme
from desktop.ui.used import lines_tip, used_lines

_TICK_MS = 200
_BADGE_NEEDS = 420


def seconds(milliseconds: int) -> str:
    """Return a time in words: two decimals below ten seconds, whole minutes above one."""
    value = milliseconds / 1000
    if value < 10:
        return wording.seconds(value, 2)
    return wording.seconds(value, 1) if value < 60 else wording.minutes(int(value))


def so_far(timing: Timing) -> str:
    """Return the figures of a reply under way: how long it waits, then when it began and how long it runs."""
    total = timing.total_ms or 0
    if timing.first_ms is None:
        waiting = QCoreApplication.translate("Meter", "waiting {time}")
        return waiting.format(time=wording.seconds(total / 1000, 1)) if total >= 400 else ""
    first = QCoreApplication.translate("Meter", "first token {time}").format(time=seconds(timing.first_ms))
    return f"{first} · {wording.seconds(total / 1000, 1)}"


class Meter(QWidget):
    """Shows the figures of the reply under way or the last one, in figures that do not jitter."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._turn: Turn | None = None
        self._figures = ElidedLabel(tone="muted")
        self._figures.setAccessibleName(self.tr("Figures of the reply"))
        self._figures.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._place = ElidedLabel(size="small", tone="muted")
        self._place.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._badge = badge(tone="warn")
        self._badge.hide()
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self._figures, 1)
        self._layout.addWidget(self._place)
        self._layout.addWidget(self._badge)
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._on_tick)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def figures(self) -> str:
        """The figures as shown."""
        return self._figures.text()

    @property
    def badge(self) -> QLabel:
        """The badge of the demo model."""
        return self._badge

    def take_gauge(self, gauge: QWidget) -> None:
        """Show how full the model's window is before who answers."""
        self._layout.insertWidget(self._layout.indexOf(self._place), gauge)

    def follow(self, turn: Turn) -> None:
        """Show the figures of a turn while it runs."""
        self._turn = turn
        self.setToolTip("")
        self._figures.setAccessibleDescription("")
        self._timer.start()
        self._on_tick()

    def show_transcript(self, transcript: tuple[Message, ...]) -> None:
        """Show the figures of the last reply, or nothing where there is none."""
        self._turn = None
        self._timer.stop()
        last = next((message for message in reversed(transcript) if message.role is Role.ASSISTANT), None)
        self._figures.setText(self._words(last.timing, last.usage) if last is not None else "")
        lines = used_lines(last.usage, last.timing) if last is not None else ()
        self._figures.setAccessibleDescription(". ".join(lines))
        self.setToolTip(lines_tip(lines))

    def show_endpoint(self, endpoint: Endpoint | None) -> None:
        """Say where the next prompt goes."""
        is_demo = endpoint is not None and endpoint.embedded and not endpoint.model_file
        self._badge.setText(self.tr("Demo model, often wrong") if is_demo else "")
        self._badge.setVisible(is_demo)
        if endpoint is None or is_demo:
            self._place.setText("")
        elif endpoint.embedded:
            self._place.setText(self.tr("on this computer"))
        else:
            self._place.setText(endpoint.name)
        self._place.setVisible(bool(self._place.text()))

    def _on_tick(self) -> None:
        if self._turn is None or self._turn.state.is_final:
            self._timer.stop()
            return
        self._figures.setText(so_far(self._turn.timing))

    def _words(self, timing: Timing | None, usage: Usage | None) -> str:
        pieces: list[str] = []
        if timing is not None and timing.first_ms is not None:
            pieces.append(self.tr("first token {time}").format(time=seconds(timing.first_ms)))
        output = usage.output if usage is not None else None
        speed = timing.tokens_per_second(output) if timing is not None else None
        if speed is not None:
            #: Tokens per second, in short
            words = self.tr("{speed} tok/s")
            pieces.append(words.format(speed=number(speed, 0 if speed >= 10 else 1)))
        if output is not None:
            pieces.append(QCoreApplication.translate("Meter", "%n token(s)", "", output))
        if usage is not None and usage.cost is not None:
            pieces.append(wording.dollars(usage.cost, 4))
        if timing is not None and timing.total_ms is not None and output is None:
            pieces.append(seconds(timing.total_ms))
        return " · ".join(pieces)

    def _restyle(self) -> None:
        theme = self._theme
        self.setMaximumWidth(theme.px(COMPOSER_WIDTH) + 2 * SHADOW)
        self._layout.setContentsMargins(SHADOW, 0, SHADOW, theme.px(8))
        self._layout.setSpacing(theme.px(8))
        self._figures.setFont(theme.number_font(SMALL_PX))
        self.setFixedHeight(theme.px(28))
