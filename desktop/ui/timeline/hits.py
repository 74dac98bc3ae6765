"""What was found in a text, marked where it stands."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from desktop.ui.timeline.flow import Flow
from desktop.ui.timeline.flow_place import Position
from desktop.ui.timeline.section import Section


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
    look = section.look
    is_dark = look.theme.is_dark
    painter.save()
    painter.translate(section.flow_at)
    painter.setClipRect(QRectF(0, 0, section.width - section.flow_at.x(), flow.height), _INTERSECT)
    mode = QPainter.CompositionMode
    for number, hit in enumerate(hits):
        if hit.key != section.key or not _is_near(flow, hit, inner):
            continue
        # Laid over the text so that only its ground changes: the darker of two colours wins in a light look,
        # the lighter in a dark one.
        color = look.color("mark_now" if number == current else "mark")
        for rect in rects(flow, hit.start, hit.end):
            if rect.intersects(inner):
                painter.setCompositionMode(
                    mode.CompositionMode_Lighten if is_dark else mode.CompositionMode_Darken
                )
                painter.fillRect(rect, color)
                if number == current:
                    painter.setCompositionMode(mode.CompositionMode_SourceOver)
                    painter.setPen(QPen(look.color("warn"), look.line_px))
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
