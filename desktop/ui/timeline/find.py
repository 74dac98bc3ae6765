"""Finding text in a transcript: every hit of every message, looked for in slices, none of them laid out.

What is on screen is searched as it is laid out; of all other messages the text is made from the source.
"""

import time
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING
from weakref import ref

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.markup.blocks import Document
from desktop.ui.timeline.flow_place import Position
from desktop.ui.timeline.hits import Hit
from desktop.ui.timeline.item import Item
from desktop.ui.timeline.matching import Needle
from desktop.ui.timeline.plain import block_text, shown_sources
from desktop.ui.timeline.section import AFTER

if TYPE_CHECKING:
    from desktop.ui.timeline.view import Timeline

_SLICE_S = 0.004
_PIECE = 2_000
_AGAIN_MS = 250
_ABOVE = 56


def source_hits(needle: Needle, source: str, keep_breaks: bool) -> Iterator[tuple[Position, Position] | None]:
    """Return the hits in a Markdown source, with None after each piece of work."""
    if not needle.may_be_in(source):
        return
    yield None
    document = Document()
    for at in range(0, len(source), _PIECE):
        document.feed(source[at : at + _PIECE])
        yield None
    document.close()
    for index, block in enumerate(document.blocks):
        for start, end in needle.spans(block_text(block, document, keep_breaks)):
            yield Position(index, start), Position(index, end)
        yield None


class Finder(QObject):
    """Looks for a text in all messages of a timeline, beginning where the reader is.

    `changed` says that the number of hits, the place among them, or `is_busy` has changed.
    """

    changed = Signal()

    def __init__(self, timeline: "Timeline") -> None:
        super().__init__(timeline)
        self._timeline = timeline
        self.needle = Needle("")
        self.count = 0
        self._hits: dict[str, list[Hit]] = {}
        self._exact: dict[str, ref[Item]] = {}
        self._order: list[int] = []
        self._waiting: deque[str] = deque()
        self._work: Iterator[None] | None = None
        self._current: tuple[str, int] | None = None
        self._wants_first = False
        self._stale = ""
        self._slice = QTimer(self)
        self._slice.timeout.connect(self._on_slice)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(_AGAIN_MS)
        self._again.timeout.connect(self._on_again)

    @property
    def is_busy(self) -> bool:
        """Whether there are messages that were not looked at yet."""
        return self._work is not None

    @property
    def place(self) -> int:
        """The number of the current hit among all found so far, from 1, or 0 without one."""
        if self._current is None:
            return 0
        index = self._timeline.page.index_of(self._current[0])
        if index is None:
            return 0
        messages = self._timeline.page.messages
        before = self._order[: bisect_left(self._order, index)]
        return sum(len(self._hits[messages[one].id]) for one in before) + self._current[1] + 1

    # Looking

    def look_for(self, text: str) -> None:
        """Look for another text; the first hit from where the reader is on is shown once it is found."""
        self.needle = Needle(text)
        self.restart(shows_first=True)

    def clear(self) -> None:
        """Look for nothing any more."""
        self.needle = Needle("")
        self.restart()

    def restart(self, *, shows_first: bool = False) -> None:
        """Look again at every message."""
        had, page = bool(self._hits), self._timeline.page
        origin = self._origin()
        self._hits.clear()
        self._exact.clear()
        self._order.clear()
        self._waiting.clear()
        self._current = None
        self.count = 0
        self._slice.stop()
        self._again.stop()
        self._work = None
        self._wants_first = shows_first
        if self.needle and page.messages:
            self._waiting.extend(message.id for message in page.messages[origin:])
            self._waiting.extend(message.id for message in page.messages[:origin])
            self._go_on()
        if had or self.needle:
            self._timeline.viewport().update()
        self.changed.emit()

    def _origin(self) -> int:
        page = self._timeline.page
        at = page.index_of(self._current[0]) if self._current is not None else None
        if at is not None:
            return at
        seen = [spot for spot in page.spots if spot.y + spot.item.height > page.look.px(_ABOVE)]
        return min(seen[0].index, len(page.messages) - 1) if seen else 0

    def check(self, message_id: str) -> None:
        """Look again at a message that came or changed."""
        if self.needle:
            self._waiting.append(message_id)
            self._go_on()

    def touch(self, message_id: str) -> None:
        """Look again at a message that grows, some time soon."""
        if self.needle:
            self._stale = message_id
            if not self._again.isActive():
                self._again.start()

    def _on_again(self) -> None:
        self.check(self._stale)

    def _go_on(self) -> None:
        if self._work is None:
            self._work = self._scan()
            self._slice.start(0)

    def _on_slice(self) -> None:
        until = time.perf_counter() + _SLICE_S
        work = self._work
        while work is not None and time.perf_counter() < until:
            if next(work, self) is self:
                work = self._work = None
                self._slice.stop()
                self._wants_first = False
        self.changed.emit()

    def _scan(self) -> Iterator[None]:
        page = self._timeline.page
        while self._waiting:
            message_id = self._waiting.popleft()
            index = page.index_of(message_id)
            if index is None:
                continue
            item = page.laid_out(message_id)
            found: list[Hit] = []
            if item is not None:
                found = self._hits_in(item)
            else:
                for key, source, keep_breaks in shown_sources(page.messages[index]):
                    for hit in source_hits(self.needle, source, keep_breaks):
                        if hit is None:
                            yield
                        else:
                            found.append(Hit(key, *hit))
            self._put(message_id, found, item)
            yield

    def _hits_in(self, item: Item) -> list[Hit]:
        """Return the hits of a message that is laid out; what is folded is looked for in its source."""
        found: list[Hit] = []
        for section in item.sections:
            if section.flow is not None and section.has_text:
                found += (Hit(section.key, *hit) for hit in section.flow.find(self.needle))
            elif 0 <= section.key < AFTER and section.folds:
                hits = source_hits(self.needle, section.source, False)
                found += (Hit(section.key, *hit) for hit in hits if hit is not None)
        return found

    def _put(self, message_id: str, found: list[Hit], item: Item | None) -> None:
        index = self._timeline.page.index_of(message_id)
        if index is None:
            return
        before = self._hits.get(message_id, [])
        self.count += len(found) - len(before)
        if found:
            if not before:
                insort(self._order, index)
            self._hits[message_id] = found
        elif before:
            del self._hits[message_id]
            self._order.remove(index)
        if item is not None:
            self._exact[message_id] = ref(item)
        if self._current is not None and self._current[0] == message_id:
            self._current = (message_id, min(self._current[1], len(found) - 1)) if found else None
        if item is not None and (found or before) and found != before:
            self._timeline.update_item(item)
        if found and self._wants_first:
            self._wants_first = False
            self._show(message_id, self._first_seen(message_id, found, item))

    def _first_seen(self, message_id: str, found: list[Hit], item: Item | None) -> int:
        """Return the first hit that is not above the view, where the message begins above it."""
        spot = self._timeline.page.spot_of(message_id)
        if spot is None or item is None:
            return 0
        tops = (spot.y + item.rect_of((hit.key, hit.start)).top() for hit in found)
        return next((number for number, top in enumerate(tops) if top >= 0), 0)

    # Hits on screen

    def hits_of(self, item: Item) -> tuple[list[Hit], int]:
        """Return the hits of a message that is painted, and which of them is the current one, or -1."""
        if not self.needle:
            return [], -1
        message_id = item.message.id
        known = self._exact.get(message_id)
        if message_id in self._hits and (known is None or known() is not item):
            # The source says how many there are; where they stand is known once they are laid out.
            self._exact[message_id] = ref(item)
            self.check(message_id)
        current = self._current
        is_here = current is not None and current[0] == message_id
        return self._hits.get(message_id, []), current[1] if is_here and current is not None else -1

    def step(self, by: int) -> None:
        """Go to the next hit (1) or the one before (-1), round the ends."""
        if not self._order:
            return
        page = self._timeline.page
        at = page.index_of(self._current[0]) if self._current is not None else None
        if self._current is not None and at is not None:
            message_id, number = self._current[0], self._current[1] + by
            if 0 <= number < len(self._hits.get(message_id, ())):
                self._show(message_id, number)
                return
            place = bisect_left(self._order, at) + by
        else:
            place = bisect_left(self._order, self._origin()) + min(by, 0)
        message_id = page.messages[self._order[place % len(self._order)]].id
        self._show(message_id, 0 if by > 0 else len(self._hits[message_id]) - 1)

    def _show(self, message_id: str, number: int) -> None:
        """Make a hit the current one and bring it into sight, unfolding what hides it."""
        timeline = self._timeline
        page = timeline.page
        index = page.index_of(message_id)
        if index is None:
            return
        timeline.glide.stop()
        page.release()
        item = page.item(index)
        hit = self._hits[message_id][number]
        section = item.section(hit.key)
        with page.held():
            if section is not None and not section.has_text and section.folds:
                item.toggle_fold(hit.key)
            self._put(message_id, self._hits_in(item), item)
            number = min(number, len(self._hits.get(message_id, ())) - 1)
            if number < 0:
                return
            hit = self._hits[message_id][number]
            if section is not None and section.flow is not None:
                section.flow.uncover(hit.start)
                item.refit(hit.key)
            page.remeasure(item)
        self._current = (message_id, number)
        self._bring(index, item, hit)
        self.changed.emit()

    def _bring(self, index: int, item: Item, hit: Hit) -> None:
        page = self._timeline.page
        rect = item.rect_of((hit.key, hit.start))
        spot = page.spot_of(item.message.id)
        above = page.look.px(_ABOVE)
        if spot is None or not above <= spot.y + rect.top() <= page.height - above - rect.height():
            page.show(index, round(page.height / 3 - rect.top()))
        self._timeline.refresh()
