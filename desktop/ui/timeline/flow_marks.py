"""What surrounds blocks: indents, the bars of quotes, bullets, numbers, tick boxes, and the gaps between."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from desktop.markup.model import Around, Block, Container, Kind
from desktop.ui.timeline.flow_style import FlowStyle

_BOXES = (Kind.CODE, Kind.TABLE, Kind.MATH)


def step(style: FlowStyle, container: Container) -> int:
    """Return how far a container moves its content in, in pixels."""
    if container.around is Around.QUOTE:
        return style.px(16)
    if container.around is Around.NOTE:
        return style.px(28)
    if container.around is Around.ITEM:
        if container.ordered and len(container.marker) > 2:
            return style.px(10) + round(style.body.width_of("0") * len(container.marker) + style.px(8))
        return style.px(26)
    return 0


def indent(style: FlowStyle, block: Block) -> int:
    """Return how far in a block stands."""
    return sum(step(style, container) for container in block.containers)


def shared_depth(before: Block, block: Block) -> int:
    """Return how many containers, from the outermost in, two blocks share."""
    shared = 0
    for mine, theirs in zip(before.containers, block.containers, strict=False):
        if mine is not theirs:
            break
        shared += 1
    return shared


def gap(style: FlowStyle, before: Block, block: Block) -> int:
    """Return the distance between two blocks that follow each other."""
    inner = [one for one in block.containers[: shared_depth(before, block)] if one.around is Around.LIST]
    if block.kind is Kind.HEADING:
        return style.px(22 if block.level <= 2 else 18)
    if before.kind is Kind.HEADING:
        return style.px(8)
    if not inner:
        return style.px(12)
    if inner[-1].is_loose:
        return style.px(10)
    return style.px(8) if block.kind in _BOXES or before.kind in _BOXES else style.px(4)


def paint_around(
    painter: QPainter,
    style: FlowStyle,
    block: Block,
    rect: QRectF,
    gap_above: float,
    shared: int,
    mirrored_in: float,
) -> None:
    """Paint the quote bars beside a block.

    `rect` is the block's; the bars of its first `shared` containers reach over the gap above to join those of
    the block before; `mirrored_in` is the width of the page if the block reads from right to left, else 0.
    """
    x = 0.0
    for number, container in enumerate(block.containers):
        if container.around is Around.QUOTE:
            up = gap_above if number < shared else 0.0
            bar = QRectF(x, rect.top() - up, style.px(3), rect.height() + up)
            painter.fillRect(_mirrored(bar, mirrored_in), style.color("line"))
        x += step(style, container)


def paint_markers(
    painter: QPainter, style: FlowStyle, block: Block, top: float, baseline: float, mirrored_in: float
) -> None:
    """Paint the bullets, numbers and tick boxes of the items that begin with a block."""
    x = 0.0
    depth = 0
    for container in block.containers:
        x += step(style, container)
        if container.around is not Around.ITEM and container.around is not Around.NOTE:
            continue
        depth += not container.ordered
        if container not in block.opens:
            continue
        if container.task is not None:
            _paint_tick_box(painter, style, x, top + baseline, container.task, mirrored_in)
        elif container.around is Around.NOTE or container.ordered:
            _paint_number(painter, style, container.marker, x, top + baseline, mirrored_in)
        else:
            _paint_bullet(painter, style, x, top + baseline, depth, mirrored_in)


def _mirrored(rect: QRectF, width: float) -> QRectF:
    if not width:
        return rect
    return QRectF(width - rect.right(), rect.top(), rect.width(), rect.height())


def _paint_bullet(
    painter: QPainter, style: FlowStyle, x: float, baseline: float, depth: int, mirrored_in: float
) -> None:
    size = style.px(5)
    rect = _mirrored(QRectF(x - style.px(15), baseline - style.px(7), size, size), mirrored_in)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if depth % 2:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.color("muted"))
        painter.drawEllipse(rect)
    else:
        painter.setPen(QPen(style.color("muted"), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(rect.adjusted(0.5, 0.5, -0.5, -0.5))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _paint_number(
    painter: QPainter, style: FlowStyle, marker: str, x: float, baseline: float, mirrored_in: float
) -> None:
    width = style.body.width_of(marker)
    right = x - style.px(8)
    rect = _mirrored(QRectF(right - width, baseline, width, 1), mirrored_in)
    painter.setFont(style.body.font)
    painter.setPen(style.color("muted"))
    reads = painter.layoutDirection()
    way = Qt.LayoutDirection
    painter.setLayoutDirection(way.RightToLeft if mirrored_in else way.LeftToRight)
    painter.drawText(QPointF(rect.left(), baseline), marker)
    painter.setLayoutDirection(reads)


def _paint_tick_box(
    painter: QPainter, style: FlowStyle, x: float, baseline: float, is_ticked: bool, mirrored_in: float
) -> None:
    size = style.px(14)
    rect = _mirrored(QRectF(x - style.px(22), baseline - style.px(12), size, size), mirrored_in)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    inner = rect.adjusted(0.5, 0.5, -0.5, -0.5)
    painter.setPen(QPen(style.color("accent" if is_ticked else "faint"), 1))
    painter.setBrush(style.color("accent") if is_ticked else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(inner, style.px(3), style.px(3))
    if is_ticked:
        painter.setPen(QPen(style.color("on_accent"), 1.6 * style.zoom))
        left, top, unit = rect.left(), rect.top(), size / 14
        painter.drawPolyline(
            [
                QPointF(left + 3.5 * unit, top + 7.2 * unit),
                QPointF(left + 6.0 * unit, top + 9.8 * unit),
                QPointF(left + 10.5 * unit, top + 4.4 * unit),
            ]
        )
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
