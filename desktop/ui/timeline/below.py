"""What stands below the text of a message: why it ended, what it waits for, room for its actions."""

from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from desktop.base.tongue import number
from desktop.ui.timeline import words
from desktop.ui.timeline.paint import Buttons, Ink, Look, arrow, card, text_line
from desktop.ui.timeline.section import AFTER, Section
from desktop.ui.wording import percent


class Ending(Section):
    """One quiet line under a reply that ended before its end, with what can be done."""

    gap = 8

    def __init__(self, look: Look, text: str, actions: tuple[str, ...]) -> None:
        super().__init__(AFTER + 1, look)
        self._text = text
        self._actions = actions
        self._buttons = self._make_buttons()

    def _make_buttons(self) -> Buttons:
        return Buttons(self.look, tuple((name, words.action(name)) for name in self._actions))

    @property
    def text(self) -> str:
        """The words of the mark."""
        return self._text

    def lay_out(self, width: int) -> None:
        self.width = width
        look = self.look
        wide = look.small_metrics.horizontalAdvance(self._text) + look.px(16)
        self.height = look.px(28)
        self._buttons.lay_out(wide + look.px(4), 0, width)

    def retheme(self, look: Look) -> None:
        super().retheme(look)
        self._buttons = self._make_buttons()

    def control_at(self, point: QPointF) -> str:
        return self._buttons.at(point)

    def paint(self, painter: QPainter, clip: QRectF, ink: Ink) -> None:
        del clip
        look = self.look
        size = look.px(7)
        mark = QRectF(0, (self.height - size) / 2, size, size)
        card(painter, look.at(mark, self.width), look.color("muted"), 2)
        rest = look.at(QRectF(look.px(14), 0, self.width - look.px(14), self.height), self.width)
        text_line(painter, rest, self._text, look.small, look.color("muted"))
        self._buttons.paint(painter, ink.hover, is_bare=True)


class Waiting(Section):
    """What happens before the first word of a reply, or, without a mark of its own, of its rest."""

    gap = 10

    def __init__(self, look: Look, *, has_mark: bool = True) -> None:
        super().__init__(AFTER, look)
        self.has_mark = has_mark
        self.label = ""
        self.fraction: float | None = None
        self.elapsed = 0

    @property
    def text(self) -> str:
        """What is said, with the seconds once there are three of them."""
        text = self.label or words.tr("Waiting for the first word…")
        if self.fraction is not None:
            text = f"{text} {percent(self.fraction)}"
        return f"{text} · {words.seconds(self.elapsed * 1000)}" if self.elapsed >= 3 else text

    def lay_out(self, width: int) -> None:
        self.width = width
        self.height = self.look.line_height

    def paint(self, painter: QPainter, clip: QRectF, ink: Ink) -> None:
        del clip, ink
        look = self.look
        left = 0
        if self.has_mark:
            caret = QRectF(0, look.px(3), look.px(7), self.height - 2 * look.px(3))
            card(painter, look.at(caret, self.width), look.color("accent"), look.px(2))
            left = look.px(16)
        if self.fraction is not None:
            bar = QRectF(left, self.height / 2 - look.px(2), look.px(64), look.px(4))
            card(painter, look.at(bar, self.width), look.color("line"), look.px(2))
            done = QRectF(bar.left(), bar.top(), bar.width() * self.fraction, bar.height())
            card(painter, look.at(done, self.width), look.color("accent"), look.px(2))
            left = int(bar.right()) + look.px(10)
        rest = look.at(QRectF(left, 0, self.width - left, self.height), self.width)
        text_line(painter, rest, self.text, look.small, look.color("muted"))


class Foot(Section):
    """Room for the message's actions, so that they never move the text; branches and meters stand in it."""

    def __init__(self, look: Look, siblings: tuple[int, int], meters: str, *, at_right: bool) -> None:
        super().__init__(AFTER + 2, look)
        self.siblings = siblings
        self.meters = meters
        self.at_right = at_right

    @property
    def branch_width(self) -> int:
        """How much room ‹ 2 / 3 › takes."""
        if self.siblings[1] < 2:
            return 0
        return ceil(self.look.small_metrics.horizontalAdvance(self._label)) + self.look.px(48)

    @property
    def middle(self) -> int:
        """The y on which everything in it is centred."""
        return self.look.px(13 if self.at_right else 16)

    @property
    def _label(self) -> str:
        return f"{number(self.siblings[0] + 1)} / {number(self.siblings[1])}"

    @property
    def _left(self) -> int:
        return self.width - self.branch_width if self.at_right else -self.look.px(6)

    def lay_out(self, width: int) -> None:
        self.width = width
        self.height = self.look.px(24 if self.at_right else 34)

    def control_at(self, point: QPointF) -> str:
        side = self.look.px(24)
        point = self.look.point(point, self.width)
        if not self.branch_width or not 0 <= point.y() < self.look.px(30):
            return ""
        if self._left <= point.x() < self._left + side:
            return "previous" if self.siblings[0] > 0 else ""
        if self._left + self.branch_width - side <= point.x() < self._left + self.branch_width:
            return "next" if self.siblings[0] + 1 < self.siblings[1] else ""
        return ""

    def paint(self, painter: QPainter, clip: QRectF, ink: Ink) -> None:
        del clip
        look = self.look
        middle = self.middle
        if self.branch_width:
            left, side = self._left, look.px(24)
            rest = QRectF(left + side, middle - look.px(12), self.branch_width - 2 * side, look.px(24))
            rest = look.at(rest, self.width)
            text_line(
                painter, rest, self._label, look.small, look.color("muted"), Qt.AlignmentFlag.AlignHCenter
            )
            ends = (self.siblings[0] > 0, self.siblings[0] + 1 < self.siblings[1])
            for name, x, can in (
                ("previous", left + side / 2, ends[0]),
                ("next", left + self.branch_width - side / 2, ends[1]),
            ):
                color = look.color("text" if ink.hover == name else "muted" if can else "off")
                is_left = (name == "previous") != look.is_mirrored
                arrow(painter, look.point(QPointF(x, middle), self.width), look.px(9), color, is_left)
        if ink.is_marked and self.meters:
            room = self.meters_rect()
            if room.width() > look.px(120):
                text_line(
                    painter, room, self.meters, look.small, look.color("faint"), Qt.AlignmentFlag.AlignRight
                )

    def meters_rect(self) -> QRectF:
        """Return where the meters line may stand, beside the actions."""
        if self.at_right:
            wide = max(0, self.width - self.branch_width - self.look.px(146))
            return self.look.at(QRectF(0, self.middle - self.look.px(12), wide, self.look.px(24)), self.width)
        left = self.branch_width + self.look.px(200)
        top = self.middle - self.look.px(12)
        rect = QRectF(left, top, max(0, self.width - left), self.look.px(24))
        return self.look.at(rect, self.width)
