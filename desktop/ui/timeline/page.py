"""The column of messages as a model: which are laid out, where each stands, what the reader looks at.

Nothing here is a widget. The reader's place is either the end (pinned) or a message and the y at which
it stands; never a scroll bar's value, which is worked out from the place and not the other way round.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import floor

from PySide6.QtCore import QPointF

from desktop.domain.cut import Cut
from desktop.domain.message import Message
from desktop.ui.theme import READING_WIDTH
from desktop.ui.timeline.estimates import estimates
from desktop.ui.timeline.flow_place import Position
from desktop.ui.timeline.heights import Heights
from desktop.ui.timeline.inlays import Key
from desktop.ui.timeline.item import Item
from desktop.ui.timeline.paint import Look
from desktop.ui.timeline.spots import Mark, Spot

KEPT_ITEMS = 80
"""How many laid-out messages are kept; the visible ones and the growing one always are."""

Siblings = Callable[[str], tuple[int, int]] | Mapping[str, tuple[int, int]]

_ABOVE = 32
_BELOW = 8
_BESIDE = 20
_NEAR = 2
_START = 12


class Page:
    """The messages of a transcript, laid out lazily for a viewport.

    With `keeps_start` a reply is followed until its start is at the top; `is_at_start` says that it is.
    `spare_above` is how much farther than usual one can scroll up, where something covers the top.
    The reading column is `column_width` wide and begins at the x `left`, both in whole pixels.
    """

    def __init__(self, look: Look) -> None:
        self.look = look
        self.messages: list[Message] = []
        self.width = 0
        self.height = 0
        self.is_pinned = True
        self.spots: list[Spot] = []
        self.growing: Item | None = None
        self.cut: Cut | None = None
        self.keeps_start = False
        self.spare_above = 0
        self.is_at_start = False
        self._awaits_start = False
        self._siblings: Siblings = {}
        self._known_order: dict[str, int] | None = None
        self._heights = Heights()
        self._items: OrderedDict[str, Item] = OrderedDict()
        self.folds: dict[str, dict[int, bool]] = {}
        self._first = 0
        self._y = 0
        self._fit_column()

    # Messages

    def set_messages(self, messages: Sequence[Message], siblings: Siblings) -> None:
        """Show other messages, from the end."""
        self.messages = list(messages)
        self._siblings = siblings
        self._known_order = None
        self._estimate()
        self._items.clear()
        self.growing = None
        self.is_pinned = True
        self.is_at_start = self._awaits_start = False
        self._first, self._y = 0, self._above

    def place_in(self, messages: Sequence[Message]) -> tuple[int, int] | None:
        """Return where to stand in other messages so that the reader sees what both begin with, unmoved.

        That is the index of a message and its y: the first one on screen that is the same in both, or
        the one that takes the place of another on screen; None where there is no such message.
        """
        same = 0
        for old, new in zip(self.messages, messages, strict=False):
            if old.id != new.id:
                break
            same += 1
        for spot in self.spots:
            if spot.index < same or (spot.index == same < len(messages)):
                return spot.index, spot.y
        return (same, self.look.px(24)) if 0 < same < len(messages) else None

    def append(self, message: Message) -> None:
        """Add a message at the end."""
        self._order[message.id] = len(self.messages)
        self.messages.append(message)
        self._heights.append(*estimates((message,), self._chars_per_line, self.look.line_height))

    def replace(self, message: Message) -> None:
        """Take another state of a message. Raises KeyError if it is not here."""
        index = self._order[message.id]
        self.messages[index] = message
        item = self._items.get(message.id)
        if item is not None:
            item.finish(message, self.siblings(message.id))
            if self.growing is item:
                self.growing = None
            self._measure(index, item)

    def show_cut(self, cut: Cut | None) -> None:
        """Draw the line above which nothing goes to the model any more, or none."""
        if cut == self.cut:
            return
        with self.held():
            for old in (self.cut, cut):
                index = self.index_of(old.after_id) if old is not None else None
                if index is not None and index + 1 < len(self.messages):
                    self._items.pop(self.messages[index + 1].id, None)
            self.cut = cut

    def remove(self, message_id: str) -> None:
        """Take a message away. Raises KeyError if it is not here."""
        index = self._order[message_id]
        del self.messages[index]
        self._known_order = None
        heights = [self._heights[at] for at in range(len(self._heights)) if at != index]
        self._heights = Heights(heights)
        if self.growing is not None and self.growing.message.id == message_id:
            self.growing = None
        self._items.pop(message_id, None)
        self.folds.pop(message_id, None)
        if self._first > index:
            self._first -= 1
        self._first = max(0, min(self._first, len(self.messages) - 1))

    @property
    def _order(self) -> dict[str, int]:
        """The places of the messages by id, made when first asked for: opening needs none."""
        if self._known_order is None:
            self._known_order = {message.id: index for index, message in enumerate(self.messages)}
        return self._known_order

    def index_of(self, message_id: str) -> int | None:
        """Return the place of a message in the transcript, or None."""
        return self._order.get(message_id)

    def siblings(self, message_id: str) -> tuple[int, int]:
        """Return a message's place among its siblings, from 0, and their number."""
        if callable(self._siblings):
            return self._siblings(message_id)
        return self._siblings.get(message_id, (0, 1))

    def item(self, index: int) -> Item:
        """Return a message laid out for the present width."""
        message = self.messages[index]
        item = self._items.get(message.id)
        if item is None:
            folds = self.folds.setdefault(message.id, {})
            above = self.messages[index - 1].id if index else ""
            cut = self.cut if self.cut is not None and self.cut.after_id == above else None
            item = Item(message, self.look, self.siblings(message.id), folds, cut)
            self._items[message.id] = item
        self._items.move_to_end(message.id)
        if self.width and item.width != self.column_width:
            item.set_width(self.column_width)
        self._measure(index, item)
        return item

    def laid_out(self, message_id: str) -> Item | None:
        """Return a message's item if it is laid out."""
        return self._items.get(message_id)

    def _measure(self, index: int, item: Item) -> None:
        if item.width:
            self._heights.set(index, item.height)

    def take_inlays(self, keys: Collection[Key]) -> bool:
        """Show formulas and pictures that have come; the reader's line stays where it is."""
        touched = False
        with self.held():
            for item in self._items.values():
                if item.take_inlays(keys):
                    touched = True
                    self.remeasure(item)
        return touched

    def remeasure(self, item: Item) -> None:
        """Take an item's height anew after it has changed."""
        index = self._order.get(item.message.id)
        if index is not None:
            self._measure(index, item)

    def _forget(self) -> None:
        spare = len(self._items) - KEPT_ITEMS
        if spare <= 0:
            return
        wanted = {spot.item.message.id for spot in self.spots}
        if self.growing is not None:
            wanted.add(self.growing.message.id)
        for message_id in [key for key in self._items if key not in wanted][:spare]:
            del self._items[message_id]

    def retheme(self, look: Look) -> None:
        """Take a theme's colours and sizes anew."""
        with self.held():
            self.look = look
            self._fit_column()
            for item in self._items.values():
                item.retheme(look)

    # Geometry

    def _fit_column(self) -> None:
        self.column_width = max(60, min(self.look.px(READING_WIDTH), self.width - 2 * _BESIDE))
        self.left = (self.width - self.column_width) // 2

    @property
    def _chars_per_line(self) -> int:
        return max(20, self.column_width // self.look.px(7))

    @property
    def _above(self) -> int:
        return self.look.px(_ABOVE if self.look.has_heads else _START) + self.spare_above

    @property
    def total(self) -> int:
        """The height of everything, with the room above and below."""
        return self._heights.total + self._above + self.look.px(_BELOW)

    @property
    def most(self) -> int:
        """How far the page can be scrolled."""
        return max(0, self.total - self.height)

    @property
    def value(self) -> int:
        """How far the page is scrolled."""
        return max(0, min(self.most, self._heights.before(self._first) + self._above - self._y))

    @property
    def is_at_end(self) -> bool:
        """Whether the end is on screen."""
        return self.value >= self.most - _NEAR

    def resize(self, width: int, height: int) -> None:
        """Take the viewport's size; the line at the top stays where it is."""
        if not self.width:
            self.width, self.height = width, height
            self._fit_column()
            self._estimate()
            self.settle()
            return
        with self.held():
            self.width, self.height = width, height
            self._fit_column()

    def _estimate(self) -> None:
        self._heights = Heights(estimates(self.messages, self._chars_per_line, self.look.line_height))

    def settle(self) -> None:
        """Lay out what is visible and put every visible message in its place."""
        self.spots = []
        if not self.messages or not self.width:
            self._first, self._y = 0, self._above
            return
        if self.is_pinned:
            self._first = len(self.messages) - 1
            self._y = self.height - self.look.px(_BELOW) - self.item(self._first).height
        usual = self._above - self.spare_above
        self._walk_up(usual if self.is_pinned else self._above)
        spots = self._walk_down()
        last = spots[-1]
        spare = self.height - self.look.px(_BELOW) - (last.y + last.item.height)
        if last.index == len(self.messages) - 1 and spare > 0:
            # The end may not leave the lower edge, unless everything fits.
            top = max(usual, self._y) if self._first == 0 else usual
            self._y += spare
            self._walk_up(top)
            spots = self._walk_down()
        while len(spots) > 1 and spots[0].y + spots[0].item.height <= 0:
            del spots[0]
        self._first, self._y = spots[0].index, spots[0].y
        self.spots = spots
        self._forget()

    def _walk_up(self, top: int) -> None:
        while self._y > 0 and self._first > 0:
            self._first -= 1
            self._y -= self.item(self._first).height
        if self._first == 0:
            self._y = min(self._y, top)

    def _walk_down(self) -> list[Spot]:
        spots: list[Spot] = []
        index, y = self._first, self._y
        while index < len(self.messages) and (y < self.height or not spots):
            item = self.item(index)
            spots.append(Spot(index, item, y))
            y += item.height
            index += 1
        return spots

    # Moving

    def scroll_by(self, distance: int) -> None:
        """Move down by pixels (up if negative) over real heights."""
        if not self.messages:
            return
        self.release()
        self._y -= distance
        while self._y + self.item(self._first).height <= 0 and self._first + 1 < len(self.messages):
            self._y += self.item(self._first).height
            self._first += 1
        self.settle()

    def scroll_to(self, value: int) -> None:
        """Go to a value of the scroll bar, mapped through what is known of the heights."""
        if not self.messages:
            return
        self.release()
        index, into = self._heights.find(value - self._above)
        self._first, self._y = index, -into
        self.settle()

    def pin(self) -> None:
        """Go to the end and stay there."""
        self.is_pinned = True
        self.is_at_start = self._awaits_start = False
        self.settle()

    def release(self) -> None:
        """Stay where the page is, whatever comes at the end."""
        self.is_pinned = self.is_at_start = self._awaits_start = False

    def await_start(self) -> None:
        """Where the reader wants it, follow what grows only until its start is at the top."""
        spot = self.spot_of(self.growing.message.id) if self.growing is not None else None
        self._awaits_start = (
            self.keeps_start and self.is_pinned and spot is not None and spot.y >= self.look.px(_START)
        )

    def stay_at_start(self) -> None:
        """Stop following once the start of what grows has come to the top."""
        if not (self._awaits_start and self.is_pinned and self.growing is not None):
            return
        spot = self.spot_of(self.growing.message.id)
        top = self.look.px(_START)
        if spot is None or spot.y < top:
            self.release()
            self.is_at_start = True
            self._first, self._y = self._order[self.growing.message.id], top
            self.settle()

    def show(self, index: int, y: int) -> None:
        """Put a message's top at a y on screen, as far as the ends allow."""
        if not self.messages:
            return
        self.release()
        self._first, self._y = index, y
        while self._y + self.item(self._first).height <= 0 and self._first + 1 < len(self.messages):
            self._y += self.item(self._first).height
            self._first += 1
        self.settle()

    def bring_foot(self, index: int) -> None:
        """Scroll as little as needed for the lower edge of a message to be seen."""
        message_id = self.messages[index].id
        if self.spot_of(message_id) is None:
            self.show(index, self.look.px(24))
        spot = self.spot_of(message_id)
        if spot is not None:
            bottom = spot.y + spot.item.height
            if bottom > self.height:
                self.scroll_by(bottom - self.height)
            elif bottom < self.look.px(40):
                self.scroll_by(bottom - self.height // 2)
        if self.is_at_end:
            self.pin()

    @contextmanager
    def held(self, mark: Mark | None = None) -> Iterator[None]:
        """Keep a line where it is on screen while the inside of this block changes anything at all.

        Without a mark it is the first whole line; while pinned the end is what stays.
        """
        if self.is_pinned:
            yield
            self.settle()
            return
        mark = mark or self.mark()
        yield
        index = self._order.get(mark.message_id) if mark is not None else None
        if mark is not None and index is not None:
            item = self.item(index)
            y = floor(item.rect_of(mark.place).top()) if mark.place is not None else 0
            self._first, self._y = index, mark.y - y
        self.settle()

    def mark(self, y: int = 0) -> Mark | None:
        """Return the first line of text whose top is at or below a y on screen."""
        for spot in self.spots:
            if spot.y + spot.item.height <= y:
                continue
            for section in spot.item.text_sections():
                bottom = spot.y + section.top + section.height
                flow = section.flow
                if bottom <= y or flow is None:
                    continue
                corner = section.flow_at + QPointF(0, spot.y + section.top)
                position = flow.hit(QPointF(0, max(0.0, y + 1 - corner.y())))
                rect = flow.rect_of(position)
                if rect.top() + corner.y() < y:
                    below = flow.hit(QPointF(0, rect.bottom() + self.look.line_height * 0.5))
                    if below > position:
                        position = below
                        rect = flow.rect_of(position)
                return Mark(spot.item.message.id, (section.key, position), floor(rect.top() + corner.y()))
            return Mark(spot.item.message.id, None, spot.y)
        return None

    def spot_at(self, y: float) -> Spot | None:
        """Return the visible message at a y on screen."""
        for spot in self.spots:
            if spot.y <= y < spot.y + spot.item.height:
                return spot
        return None

    def spot_of(self, message_id: str) -> Spot | None:
        """Return a message's spot if it is visible."""
        return next((spot for spot in self.spots if spot.item.message.id == message_id), None)

    def hit(self, point: QPointF) -> tuple[int, int, Position] | None:
        """Return the place in the text nearest to a point on screen: message, section, position."""
        if not self.spots:
            return None
        best = min(
            self.spots,
            key=lambda spot: max(spot.y - point.y(), point.y() - spot.y - spot.item.height, 0.0),
        )
        ordered = sorted(self.spots, key=lambda spot: abs(spot.index - best.index))
        for spot in ordered:
            place = spot.item.hit(QPointF(point.x() - self.left, point.y() - spot.y))
            if place is not None:
                return spot.index, *place
        return None
