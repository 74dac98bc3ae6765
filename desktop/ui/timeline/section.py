"""What a message is made of on screen, from top to bottom: its sections."""

from collections.abc import Collection
from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from desktop.domain.message import Message
from desktop.ui.theme import RADIUS_CARD, RADIUS_CODE
from desktop.ui.timeline import words
from desktop.ui.timeline.flow import Flow
from desktop.ui.timeline.inlays import Key
from desktop.ui.timeline.paint import Buttons, Ink, Look, card, text_line, triangle

HEAD = -1
"""The key of the line above the parts; the parts' own keys are 0 and up."""
AFTER = 1_000_000
"""Keys from here on belong to what stands under the parts."""

BUBBLE_WIDTH = 620


class Section:
    """A stretch of a message, as wide as the reading column.

    `key` orders the sections of a message and stays the same while it grows. `top` and `height` are
    whole pixels from the top of the message. Points and rectangles are the section's own. A section
    with a `flow` has text that can be selected; the flow's corner is at `flow_at`.
    """

    gap = 0

    def __init__(self, key: int, look: Look) -> None:
        self.key = key
        self.look = look
        self.top = 0
        self.width = 0
        self.height = 0
        self.flow: Flow | None = None
        self.flow_at = QPointF(0, 0)

    @property
    def has_text(self) -> bool:
        """Whether there is text on screen that can be selected."""
        return self.flow is not None

    @property
    def folds(self) -> bool:
        """Whether its text can be folded away."""
        return False

    @property
    def source(self) -> str:
        """The whole text as Markdown, for copying."""
        return ""

    def lay_out(self, width: int) -> None:
        """Take a width and work out the height."""
        self.width = width

    def refit(self) -> None:
        """Work out the height again after the flow has changed."""
        self.lay_out(self.width)

    def paint(self, painter: QPainter, clip: QRectF, ink: Ink) -> None:
        """Paint what lies in `clip`."""

    def control_at(self, point: QPointF) -> str:
        """Return the name of the painted control at a point, or an empty text."""
        del point
        return ""

    def retheme(self, look: Look) -> None:
        """Take a theme's colours and sizes anew."""
        self.look = look
        if self.flow is not None:
            self.flow.retheme()

    def take_inlays(self, keys: Collection[Key]) -> bool:
        """Show formulas and pictures that have come; return whether any of them stands here."""
        if self.flow is None or not self.flow.take_inlays(keys):
            return False
        self.refit()
        return True

    def paint_flow(self, painter: QPainter, clip: QRectF, ink: Ink, caret: bool = False) -> None:
        """Paint the flow where it stands."""
        if self.flow is None:
            return
        at = self.flow_at
        if at.isNull():
            self.flow.paint(painter, clip, ink.selection, caret)
            return
        painter.save()
        painter.translate(at)
        self.flow.paint(painter, clip.translated(-at), ink.selection, caret)
        painter.restore()


class Head(Section):
    """Who speaks and when, on one line."""

    def __init__(self, look: Look, message: Message) -> None:
        super().__init__(HEAD, look)
        self._who = words.who(message)
        self._when = words.when(message.created)

    def lay_out(self, width: int) -> None:
        self.width = width
        self.height = self.look.px(20)

    def paint(self, painter: QPainter, clip: QRectF, ink: Ink) -> None:
        del clip, ink
        look = self.look
        beside = look.plain_metrics.horizontalAdvance(self._when) + look.px(8)
        room = max(0.0, self.width - beside)
        name = min(room, look.strong_metrics.horizontalAdvance(self._who))
        first = look.at(QRectF(0, 0, name, self.height), self.width)
        text_line(painter, first, self._who, look.small_strong, look.color("text"))
        rest = look.at(QRectF(name + look.px(8), 0, self.width - name - look.px(8), self.height), self.width)
        text_line(painter, rest, self._when, look.plain, look.color("muted"))


class Body(Section):
    """Text of a reply on the page."""

    gap = 10

    def __init__(self, key: int, look: Look, text: str = "", *, is_open: bool = False) -> None:
        super().__init__(key, look)
        self.flow = Flow(look.theme, inlays=look.inlays)
        self.pieces = [text] if text else []
        self.is_growing = is_open
        if not text:
            self.flow.prepare()
        elif is_open:
            self.flow.feed(text)
        else:
            self.flow.set_source(text)

    @property
    def source(self) -> str:
        if len(self.pieces) > 1:
            self.pieces[:] = ["".join(self.pieces)]
        return self.pieces[0] if self.pieces else ""

    def lay_out(self, width: int) -> None:
        self.width = width
        assert self.flow is not None  # noqa: S101 (for the type checker)
        self.flow.set_width(float(width))
        self.height = ceil(self.flow.height)

    def paint(self, painter: QPainter, clip: QRectF, ink: Ink) -> None:
        self.paint_flow(painter, clip, ink, self.is_growing)


class Bubble(Section):
    """A prompt: a soft bubble at the right, as wide as its text."""

    gap = 6

    def __init__(self, key: int, look: Look, text: str) -> None:
        super().__init__(key, look)
        self._text = text
        self.flow = Flow(look.theme, keep_breaks=True, inlays=look.inlays)
        self.flow.set_source(text)
        self._rect = QRectF()

    @property
    def source(self) -> str:
        return self._text

    def lay_out(self, width: int) -> None:
        self.width = width
        look = self.look
        flow = self.flow
        assert flow is not None  # noqa: S101 (for the type checker)
        pad = look.px(15)
        most = min(look.px(BUBBLE_WIDTH), width - look.px(24)) - 2 * pad
        flow.set_width(float(most))
        inner = min(most, max(look.px(20), ceil(flow.natural_width) + 1))
        flow.set_width(float(inner))
        above = look.px(10)
        self.height = ceil(flow.height) + 2 * above
        left = width - inner - 2 * pad
        self._rect = look.at(QRectF(left, 0, inner + 2 * pad, self.height), width)
        self.flow_at = QPointF(self._rect.left() + pad, above)

    def paint(self, painter: QPainter, clip: QRectF, ink: Ink) -> None:
        look = self.look
        card(painter, self._rect, look.color("prompt"), look.px(RADIUS_CARD), look.edge, look.line_px)
        self.paint_flow(painter, clip, ink)


class Thought(Section):
    """Reasoning, folded to one line or open beside a quiet line."""

    gap = 4

    def __init__(self, key: int, look: Look, text: str, duration_ms: int | None, *, is_open: bool) -> None:
        """`is_open` says that the reasoning still grows; then it starts unfolded."""
        super().__init__(key, look)
        self.pieces = [text] if text else []
        self.duration_ms = duration_ms
        self.is_growing = is_open
        self.is_folded = not is_open
        self._kept: Flow | None = None

    @property
    def source(self) -> str:
        if len(self.pieces) > 1:
            self.pieces[:] = ["".join(self.pieces)]
        return self.pieces[0] if self.pieces else ""

    @property
    def has_text(self) -> bool:
        return not self.is_folded

    @property
    def folds(self) -> bool:
        return True

    def open_flow(self) -> Flow:
        """Return the flow, made when first needed: what is folded costs nothing."""
        if self._kept is None:
            self._kept = Flow(self.look.theme, tone="muted", inlays=self.look.inlays)
            if self.is_growing:
                self._kept.feed(self.source)
            else:
                self._kept.set_source(self.source)
        return self._kept

    def take_inlays(self, keys: Collection[Key]) -> bool:
        if self._kept is None or not self._kept.take_inlays(keys):
            return False
        self.refit()
        return True

    def lay_out(self, width: int) -> None:
        self.width = width
        look = self.look
        head = look.px(22)
        if self.is_folded:
            self.flow = None
            self.height = head
            return
        flow = self.flow = self.open_flow()
        flow.set_width(float(width - look.px(14)))
        self.flow_at = QPointF(0 if look.is_mirrored else look.px(14), head + look.px(4))
        self.height = head + look.px(4) + ceil(flow.height) + look.px(4)

    def retheme(self, look: Look) -> None:
        self.look = look
        if self._kept is not None:
            self._kept.retheme()

    def control_at(self, point: QPointF) -> str:
        point = self.look.point(point, self.width)
        inside = 0 <= point.y() < self.look.px(22)
        label = self.look.small_metrics.horizontalAdvance(self._label) + self.look.px(36)
        return "fold" if inside and 0 <= point.x() < label else ""

    @property
    def _label(self) -> str:
        return words.thought(self.duration_ms, self.is_growing)

    def paint(self, painter: QPainter, clip: QRectF, ink: Ink) -> None:
        look = self.look
        head = look.px(22)
        painter.fillRect(look.at(QRectF(0, 0, look.px(2), self.height), self.width), look.color("line"))
        color = look.color("text" if ink.hover == "fold" else "muted")
        center = look.point(QPointF(look.px(17), head / 2), self.width)
        triangle(painter, center, look.px(7), color, not self.is_folded)
        rest = look.at(QRectF(look.px(24), 0, self.width - look.px(24), head), self.width)
        text_line(painter, rest, self._label, look.small, color)
        self.paint_flow(painter, clip, ink, self.is_growing)


class Notice(Section):
    """Words on a soft surface with what can be done: a failure, or the model's refusal."""

    gap = 12

    def __init__(
        self, key: int, look: Look, text: str, tone: str, actions: tuple[str, ...] = (), title: str = ""
    ) -> None:
        """`text` is Markdown, `tone` is "bad" or "warn"."""
        super().__init__(key, look)
        self._tone = tone
        self._title = title
        self._actions = actions
        self.pieces = [text]
        self.flow = Flow(look.theme, keep_breaks=True)
        self.flow.set_source(text)
        self._buttons = self._make_buttons()

    def _make_buttons(self) -> Buttons:
        return Buttons(self.look, tuple((name, words.action(name)) for name in self._actions))

    @property
    def source(self) -> str:
        return "".join(self.pieces)

    def lay_out(self, width: int) -> None:
        self.width = width
        look = self.look
        flow = self.flow
        assert flow is not None  # noqa: S101 (for the type checker)
        left, above = look.px(16), look.px(11)
        y = above + (look.px(22) if self._title else 0)
        flow.set_width(float(width - left - look.px(14)))
        self.flow_at = QPointF(look.px(14) if look.is_mirrored else left, y)
        y += ceil(flow.height)
        if self._actions:
            y += look.px(10)
            self._buttons.lay_out(left, y, width)
            y += self._buttons.height
        self.height = y + above

    def retheme(self, look: Look) -> None:
        super().retheme(look)
        self._buttons = self._make_buttons()

    def control_at(self, point: QPointF) -> str:
        return self._buttons.at(point)

    def paint(self, painter: QPainter, clip: QRectF, ink: Ink) -> None:
        look = self.look
        whole = QRectF(0, 0, self.width, self.height)
        radius = look.px(RADIUS_CODE)
        card(painter, whole, look.color(f"{self._tone}_soft"), radius, look.edge, look.line_px)
        painter.save()
        edge = look.at(QRectF(0, 0, look.px(3), self.height), self.width)
        painter.setClipRect(edge, Qt.ClipOperation.IntersectClip)
        card(painter, whole, look.color(self._tone), radius)
        painter.restore()
        if self._title:
            head = QRectF(look.px(16), look.px(9), self.width - look.px(30), look.px(20))
            head = look.at(head, self.width)
            text_line(painter, head, self._title, look.small_strong, look.color(self._tone))
        self.paint_flow(painter, clip, ink)
        if self._actions:
            self._buttons.paint(painter, ink.hover)
