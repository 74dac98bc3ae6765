"""What is on screen: painted where it is damaged, moved where it only moved."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter, QPaintEvent

from desktop.ui.timeline.item import Item
from desktop.ui.timeline.spots import Spot, moved_by

if TYPE_CHECKING:
    from desktop.ui.timeline.view import Timeline

_MOST_RECTS = 4
_MARGIN = 12
"""How far something painted may stand out of the reading column."""


class Canvas:
    """Paints a timeline's page on its viewport."""

    def __init__(self, timeline: "Timeline") -> None:
        self._timeline = timeline
        self._view = timeline.viewport()

    def paint(self, event: QPaintEvent) -> None:
        """Paint the messages in the damaged rectangles: while scrolling a strip, and what a button hid."""
        region = event.region()
        count = region.rectCount()
        ground = self._timeline.page.look.color("bg")
        painter = QPainter(self._view)
        for rect in list(region) if 1 < count <= _MOST_RECTS else (event.rect(),):  # type: ignore[call-overload]
            if count > 1:
                # What is damaged is all that Qt lets through; this is about where rectangles meet.
                painter.setClipRect(rect)
            painter.fillRect(rect, ground)
            self._paint_messages(painter, rect)
        painter.end()

    def _paint_messages(self, painter: QPainter, rect: QRect) -> None:
        timeline = self._timeline
        page, marker, pointer, finder = timeline.page, timeline.marker, timeline.pointer, timeline.finder
        left, top, bottom = page.left, rect.top(), rect.bottom()
        for spot in page.spots:
            item, y = spot.item, spot.y
            if y + item.height < top or y > bottom:
                continue
            painter.translate(left, y)
            clip = QRectF(rect.x() - left, top - y, rect.width(), rect.height())
            is_marked = item.message.id == marker.message_id
            hover = pointer.hover if spot.index == pointer.hover_index else (0, "")
            hits = finder.hits_of(item) if finder.needle else None
            item.paint(painter, clip, timeline.selection.span_of(spot.index), hover, is_marked, hits)
            if is_marked and marker.is_keyboard:
                is_right = item.is_prompt != page.look.is_mirrored
                x = page.column_width + _MARGIN - 2 if is_right else -_MARGIN
                painter.fillRect(QRectF(x, 0, 2, item.foot.top), page.look.color("accent"))
            painter.translate(-left, -y)

    def show_growth(self, old: list[Spot], item: Item, top: int, bottom: int) -> None:
        """Show a frame at once: move what only moved, paint the item again from `top` to `bottom`."""
        page, view = self._timeline.page, self._view
        spot = page.spot_of(item.message.id)
        before = next((one for one in old if one.item is item), None)
        if spot is None:
            if old != page.spots:
                view.update()
            return
        if before is None:
            view.repaint()
            return
        height = page.height
        shift = spot.y - before.y
        is_moved = old is page.spots or moved_by(old, page.spots, shift, item)
        if abs(shift) >= height or not is_moved:
            view.repaint()
            return
        if shift:
            self._move(shift)
        first, last = max(0, spot.y + max(0, top)), min(height, spot.y + bottom)
        # What was scrolled in from below is blank until it is painted.
        last = max(last, height) if shift < 0 else last
        if first < last:
            view.repaint(page.left - _MARGIN, first, page.column_width + 2 * _MARGIN, last - first)

    def show_move(self, old: list[Spot]) -> bool:
        """Move what was on screen to where it stands now; return False where all has to be painted."""
        page = self._timeline.page
        shift = next((b.y - a.y for a in old for b in page.spots if a.index == b.index), None)
        if shift is None or abs(shift) >= page.height or not moved_by(old, page.spots, shift, None):
            return False
        if shift:
            self._move(shift)
        return True

    def _move(self, shift: int) -> None:
        self._view.scroll(0, shift)
        self._timeline.marker.place()
        self._timeline.end_button.place()
