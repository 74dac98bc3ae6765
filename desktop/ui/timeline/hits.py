"""What was found in a text, marked where it stands."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from desktop.ui.timeline.flow import Flow, Position
from desktop.ui.timeline.section import Section

# The first is for every hit, the second for the current one. They are laid over the text so that only its
# ground changes: in a light look the darker of two colours wins, in a dark one the lighter.
_LIGHT = (QColor("#ffe58f"), QColor("#ffb74d"))
_DARK = (QColor("#4f4210"), QColor("#8a4f00"))


class Hit(NamedTuple):
    """A place of what is looked for within a message: the section's key, and where in its flow."""

    key: int
    start: Position
    end: Position


def paint_hits(painter: QPainter, clip: QRectF, section: Section, hits: Sequence[Hit], current: int) -> None:
    """Mark the hits of a section that lie in `clip`; `current` is the number of the one to mark stronger."""
    flow = section.flow
    if flow is None or not section.has_text:
        return
    inner = clip.translated(-section.flow_at)
    is_dark = section.look.theme.is_dark
    painter.save()
    painter.translate(section.flow_at)
    painter.setClipRect(QRectF(0, 0, section.width - section.flow_at.x(), flow.height), _INTERSECT)
    mode = QPainter.CompositionMode
    for number, hit in enumerate(hits):
        if hit.key != section.key or not _is_near(flow, hit, inner):
            continue
        color = (_DARK if is_dark else _LIGHT)[number == current]
        for rect in rects(flow, hit.start, hit.end):
            if rect.intersects(inner):
                painter.setCompositionMode(
                    mode.CompositionMode_Lighten if is_dark else mode.CompositionMode_Darken
                )
                painter.fillRect(rect, color)
                if number == current:
                    painter.setCompositionMode(mode.CompositionMode_SourceOver)
                    painter.setPen(QPen(section.look.color("warn"), 1))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
    painter.restore()


_INTERSECT = Qt.ClipOperation.IntersectClip


def _is_near(flow: Flow, hit: Hit, clip: QRectF) -> bool:
    """Whether the block of a hit reaches into a rectangle."""
    block = hit.start.block
    if block >= flow.block_count or flow.block_top(block) > clip.bottom():
        return False
    return block + 1 >= flow.block_count or flow.block_top(block + 1) >= clip.top()


def rects(flow: Flow, start: Position, end: Position) -> Iterator[QRectF]:
    """Return a rectangle for each line that a stretch of one block stands on."""
    first, last = flow.rect_of(start), flow.rect_of(end)
    if first.y() == last.y():
        yield _between([first, last])
        return
    carets = [flow.rect_of(Position(start.block, char)) for char in range(start.char, end.char + 1)]
    for _, line in groupby(carets, key=QRectF.y):
        found = list(line)
        # The last character of a line has its other edge on the next one.
        half = found[0].height() / 2
        yield _between(found) if found[-1] is carets[-1] else _between(found).adjusted(0, 0, half, 0)


def _between(carets: list[QRectF]) -> QRectF:
    left = min(caret.x() for caret in carets)
    right = max(caret.x() for caret in carets)
    return QRectF(round(left), carets[0].y(), max(2, round(right) - round(left)), carets[0].height())
