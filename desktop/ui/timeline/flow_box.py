"""What every laid-out block can do, and the simplest one, the rule."""

from bisect import bisect_left
from collections.abc import Collection, Hashable, Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QTextCharFormat, QTextLayout, QTextLine

from desktop.markup.inline import Run
from desktop.markup.model import Block
from desktop.ui.timeline.flow_style import FlowStyle


class Box:
    """One block, laid out. All coordinates are its own: the top left corner is 0, 0.

    Characters of its text count as Python counts them. `height` is exact for the width last set.
    """

    def __init__(self, style: FlowStyle, block: Block) -> None:
        self.style = style
        self.block = block
        self.width = 0.0
        self.height = 0.0
        self._text = ""

    @property
    def text(self) -> str:
        """What a reader can select."""
        return self._text

    @property
    def length(self) -> int:
        """How many characters `text` has."""
        return len(self._text)

    @property
    def is_rtl(self) -> bool:
        """Whether the block reads from right to left."""
        return False

    def update(self, block: Block, labels: dict[str, Any]) -> float:
        """Take a newer state of the block; return the y from which it has to be painted again."""
        raise NotImplementedError

    def set_width(self, width: float) -> None:
        """Lay out for a width in pixels."""
        self.width = width

    def paint(self, painter: QPainter, clip: QRectF, selection: tuple[int, int] | None) -> None:
        """Paint what lies within `clip`; `selection` is a range of characters."""
        raise NotImplementedError

    def hit(self, point: QPointF) -> int:
        """Return the place between two characters that is nearest to the point."""
        del point
        return 0

    def rect_of(self, char: int) -> QRectF:
        """Return where a caret before the character would stand."""
        del char
        return QRectF(0, 0, 1, self.height)

    def natural_width(self) -> float:
        """Return how wide the block would be with no line broken; most fill the width they are given."""
        return self.width

    def first_baseline(self) -> float:
        """Return the y of the first line's baseline, for the marker of a list item beside it."""
        return self.style.body.baseline

    def line_at(self, char: int) -> tuple[int, int]:
        """Return the range of the visible line around a character."""
        del char
        return 0, len(self.text)

    def runs_between(self, start: int, end: int) -> list[Run]:
        """Return the marked stretches of a range, cut to it."""
        del start, end
        return []

    def take_inlays(self, keys: Collection[Hashable]) -> bool:
        """Lay out again if something that can be shown now stands here; return whether it does."""
        del keys
        return False

    def picture_at(self, point: QPointF) -> str | None:
        """Return the address of the picture from elsewhere under the point."""
        del point
        return None

    def scroll_sideways(self, by: float) -> bool:
        """Move content that is wider than the box; return whether anything moved."""
        del by
        return False

    def link_at(self, point: QPointF) -> str | None:
        """Return the address of the link under the point."""
        del point
        return None


class RuleBox(Box):
    """A thematic break."""

    def update(self, block: Block, labels: dict[str, Any]) -> float:
        del labels
        self.block = block
        return self.height

    def set_width(self, width: float) -> None:
        self.width = width
        self.height = self.style.px(17)

    def paint(self, painter: QPainter, clip: QRectF, selection: tuple[int, int] | None) -> None:
        del clip, selection
        painter.fillRect(QRectF(0, self.height // 2, self.width, 1), self.style.color("line"))


class Units:
    """Converts between Python's characters and Qt's UTF-16 units."""

    __slots__ = ("_high",)

    def __init__(self, text: str) -> None:
        self._high: list[int] = []
        if not text.isascii() and max(text) > "\uffff":
            self._high = [at for at, char in enumerate(text) if char > "\uffff"]

    def to_qt(self, char: int) -> int:
        """Return the UTF-16 offset of a character."""
        return char + bisect_left(self._high, char) if self._high else char

    def from_qt(self, unit: int) -> int:
        """Return the character at, or around, a UTF-16 offset."""
        if not self._high:
            return unit
        low, high = 0, len(self._high)
        while low < high:
            middle = (low + high) // 2
            if self._high[middle] + middle < unit:
                low = middle + 1
            else:
                high = middle
        return max(unit - low, self._high[low - 1] + 1 if low else 0)


class FoldedUnits(Units):
    """The same where some stretches of the text are one unit in Qt; what is inside counts as the start.

    A sign may stand before and behind other stretches, which keep their direction for themselves by it.
    """

    __slots__ = ("_chars", "_units")

    def __init__(
        self, text: str, folds: Sequence[tuple[int, int]], isolates: Sequence[tuple[int, int]] = ()
    ) -> None:
        """`folds` and `isolates` are ranges of characters, in order and apart."""
        super().__init__("")
        self._units: list[int] = []
        self._chars: list[int] = []
        begins, ends = {start for start, _ in isolates}, {end for _, end in isolates}
        at = 0
        for start, end in (*folds, (len(text), len(text))):
            for index in range(at, start):
                self._mark(index, begins, ends)
                self._chars.extend((index, index + 1)[: 2 if text[index] > "\uffff" else 1])
            if end > start:
                self._mark(start, begins, ends)
                self._units.extend([self._units[-1]] * (end - start - 1))
                self._chars.append(start)
            at = end
        self._mark(len(text), begins, ends)
        self._chars.append(len(text))

    def _mark(self, index: int, begins: set[int], ends: set[int]) -> None:
        """Note where a character is: inside of what begins there, before the sign behind what ends there."""
        place = len(self._chars)
        self._chars.extend([index] * ((index in ends) + (index in begins)))
        self._units.append(len(self._chars) if index in begins else place)

    def to_qt(self, char: int) -> int:
        return self._units[max(0, min(char, len(self._units) - 1))]

    def from_qt(self, unit: int) -> int:
        return self._chars[max(0, min(unit, len(self._chars) - 1))]


def folded(
    text: str, folds: Sequence[tuple[int, int]], stand_in: str, isolates: Sequence[tuple[int, int]] = ()
) -> str:
    """Return a text with a sign in the place of each of some stretches, and signs around others.

    `FoldedUnits` counts it so. What is isolated reads from left to right.
    """
    pieces = [(start, 1, text[start:end], stand_in) for start, end in folds]
    found = []
    at = 0
    pieces += [(start, 2, text[start:end], f"{_ISOLATE}{text[start:end]}{_END}") for start, end in isolates]
    for start, _kind, old, new in sorted(pieces):
        found += [text[at:start], new]
        at = start + len(old)
    return "".join([*found, text[at:]])


_ISOLATE, _END = "\N{LEFT-TO-RIGHT ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


def format_range(units: Units, first: int, last: int, look: QTextCharFormat) -> QTextLayout.FormatRange:
    """Return a format for a range of characters."""
    made = QTextLayout.FormatRange()
    made.start = units.to_qt(first)
    made.length = units.to_qt(last) - units.to_qt(first)
    made.format = look
    return made


def cursor_x(line: QTextLine, unit: int) -> float:
    """Return the x of a place, in UTF-16 units, in a line."""
    # PySide returns the x and the place it settled on.
    found: Any = line.cursorToX(unit)
    return float(found[0])
