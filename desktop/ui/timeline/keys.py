"""The keyboard over the timeline: moving, selecting, copying."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from desktop.ui.timeline.flow_place import Position
from desktop.ui.timeline.selection import Caret, line_edge, line_step, reads_right_to_left, step, word_step

if TYPE_CHECKING:
    from desktop.ui.timeline.view import Timeline

_Key = Qt.Key
_ARROWS = frozenset({_Key.Key_Left, _Key.Key_Right, _Key.Key_Up, _Key.Key_Down, _Key.Key_Home, _Key.Key_End})


def press(timeline: "Timeline", event: QKeyEvent) -> bool:
    """Do what a key asks for; return whether it asks for something here."""
    if event.matches(QKeySequence.StandardKey.Copy):
        return timeline.copying.selection()
    if event.matches(QKeySequence.StandardKey.SelectAll):
        timeline.select_all()
        return True
    if event.matches(QKeySequence.StandardKey.Find):
        timeline.open_find()
        return True
    key = event.key()
    shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
    if key == _Key.Key_Escape and (bar := timeline.open_find_bar) is not None:
        bar.leave()
        return True
    if key == _Key.Key_Escape and timeline.selection.bounds is not None:
        timeline.selection.clear()
        timeline.viewport().update()
        return True
    if shift and key in _ARROWS and (timeline.selection.head is not None or _begin(timeline)):
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        _extend(timeline, _Key(key), by_word=control)
        return True
    marker = timeline.marker
    if marker.matches("message_delete", event) and marker.is_keyboard and timeline.page.growing is None:
        marker.act("delete", marker.message_id)
        return True
    for name, by in (("message_earlier", -1), ("message_later", 1)):
        if timeline.marker.matches(name, event):
            return _branch(timeline, by)
    if event.modifiers() & Qt.KeyboardModifier.AltModifier:
        return False
    return _scroll(timeline, key, is_back=shift)


def _branch(timeline: "Timeline", by: int) -> bool:
    if not timeline.marker.message_id:
        return False
    place, number = timeline.page.siblings(timeline.marker.message_id)
    if 0 <= place + by < number:
        timeline.branch_requested.emit(timeline.marker.message_id, by)
    return True


def _scroll(timeline: "Timeline", key: int, *, is_back: bool) -> bool:
    page = timeline.page
    line = page.look.px(40)
    screen = max(line, page.height - 2 * page.look.line_height)
    distances: dict[int, int] = {
        _Key.Key_Up: -line,
        _Key.Key_Down: line,
        _Key.Key_PageUp: -screen,
        _Key.Key_PageDown: screen,
        _Key.Key_Space: -screen if is_back else screen,
    }
    if key in distances:
        timeline.scroll_on(distances[key])
    elif key == _Key.Key_Home:
        timeline.go_to_top()
    elif key == _Key.Key_End:
        timeline.go_to_end()
    else:
        return False
    return True


def _begin(timeline: "Timeline") -> bool:
    """Put the caret where the keyboard is: at the marked message's text, else at the first line on screen."""
    page, marker = timeline.page, timeline.marker
    index = page.index_of(marker.message_id) if marker.is_keyboard else None
    if index is not None:
        section = next(page.item(index).text_sections(), None)
        if section is not None:
            timeline.selection.begin(page, (index, section.key, Position(0, 0)))
            return True
    mark = page.mark()
    index = page.index_of(mark.message_id) if mark is not None else None
    if mark is None or mark.place is None or index is None:
        return False
    timeline.selection.begin(page, (index, *mark.place))
    return True


def _extend(timeline: "Timeline", key: Qt.Key, *, by_word: bool) -> None:
    page, selection = timeline.page, timeline.selection
    head = selection.head
    if head is None:
        return
    if key in (_Key.Key_Left, _Key.Key_Right):
        is_on = (key == _Key.Key_Right) != reads_right_to_left(page, head)
        by = 1 if is_on else -1
        moved = word_step(page, head, by) if by_word else step(page, head, by)
    elif key in (_Key.Key_Up, _Key.Key_Down):
        moved = line_step(page, head, -1 if key == _Key.Key_Up else 1)
    else:
        moved = line_edge(page, head, -1 if key == _Key.Key_Home else 1)
    selection.move_head(moved)
    _reveal(timeline, moved)
    timeline.viewport().update()
    timeline.copying.offer_selection()


def _reveal(timeline: "Timeline", caret: Caret) -> None:
    """Scroll as little as needed for a place to be seen."""
    page = timeline.page
    rect = page.item(caret[0]).rect_of((caret[1], caret[2]))
    spot = page.spot_of(page.messages[caret[0]].id)
    if spot is None:
        page.show(caret[0], round(page.height / 2 - rect.top()))
        timeline.refresh()
        return
    top, bottom = spot.y + rect.top(), spot.y + rect.bottom()
    if top < 0:
        timeline.scroll_by(round(top) - page.look.px(8))
    elif bottom > page.height:
        timeline.scroll_by(round(bottom - page.height) + page.look.px(8))
