"""The body of one part of a message: Markdown laid out and painted natively, block by block."""

import time
from bisect import bisect_right
from collections.abc import Collection

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from desktop.base.graphemes import end_at, start_at
from desktop.markup.blocks import Document
from desktop.markup.model import Block, Kind
from desktop.ui.theme import Theme
from desktop.ui.timeline.flow_box import Box, RuleBox
from desktop.ui.timeline.flow_code import CodeBlockBox
from desktop.ui.timeline.flow_copy import Piece, as_html, as_markdown, as_text
from desktop.ui.timeline.flow_marks import gap, indent, paint_around, paint_markers, shared_depth
from desktop.ui.timeline.flow_math import MathBox
from desktop.ui.timeline.flow_place import CodeBox, Damage, Position
from desktop.ui.timeline.flow_shower import Shower
from desktop.ui.timeline.flow_style import style_for
from desktop.ui.timeline.flow_table import TableBox
from desktop.ui.timeline.flow_text import TextBox, word_in
from desktop.ui.timeline.inlays import Inlays, Key
from desktop.ui.timeline.matching import Needle

_BOX_TYPES: dict[Kind, type[Box]] = {
    Kind.RULE: RuleBox,
    Kind.CODE: CodeBlockBox,
    Kind.TABLE: TableBox,
    Kind.MATH: MathBox,
}


class Flow:
    """One part's body.

    Made from a theme; give it a text with `set_source`, or let it grow with `feed` and `close`, and a width
    with `set_width`. The origin of every coordinate is the flow's top left corner. Its text never causes
    anything to be read or fetched.
    """

    def __init__(
        self,
        theme: Theme,
        *,
        keep_breaks: bool = False,
        tone: str = "text",
        inlays: Inlays | None = None,
    ) -> None:
        """Make an empty flow; with `keep_breaks` a single newline is kept, as in a typed prompt.

        `tone` is the theme's colour that ordinary text takes, such as "muted" for reasoning. Without
        `inlays` formulas stay their source, and pictures from elsewhere their names.
        """
        self._inlays = inlays
        self._theme = theme
        self._keep_breaks = keep_breaks
        self._tone = tone
        self._style = style_for(theme, tone)
        self._document = Document()
        self._boxes: list[Box] = []
        self._tops: list[float] = []
        self._lefts: list[float] = []
        self._width = 0.0
        self._height = 0.0
        self._is_stale = False
        self._folds = False
        self._caret_top: float | None = None
        self._shower = Shower()
        self.feed_seconds = 0.0

    # Growing

    def prepare(self) -> None:
        """Make what the first text will need, so that it is seen the sooner."""
        self._style.body.give_back(self._style.body.layout())

    def set_source(self, text: str) -> Damage:
        """Show a whole text instead of what was there."""
        before = self._height
        self._document = Document()
        self._boxes.clear()
        self._document.feed(text)
        self._document.close()
        # What arrives before the reader's eyes stays open; what was there before may be long.
        self._folds = True
        self._take_from(0)
        self._folds = False
        return Damage(0.0, max(before, self._height), self._height - before)

    def feed(self, text: str) -> Damage:
        """Append text; `feed_seconds` then says what it cost, for a view that wants to slow down."""
        began = time.perf_counter()
        damage = self._take_from(self._document.feed(text))
        self.feed_seconds = time.perf_counter() - began
        return damage

    def close(self) -> Damage:
        """Say that the text is complete."""
        return self._take_from(self._document.close())

    def _take_from(self, first: int) -> Damage:
        """Bring the boxes from an index on in line with the document's blocks."""
        blocks = self._document.blocks
        before = self.height
        del self._boxes[len(blocks) :]
        top = max(before, 0.0)
        for index in range(first, len(blocks)):
            changed, is_new = self._take(index, self._shower.as_shown(blocks[index]))
            if is_new:
                # Its place may have been another block's, which began elsewhere.
                top = min(top, self._tops[index] if index < len(self._tops) else before)
            elif changed < self._boxes[index].height and index < len(self._tops):
                top = min(top, self._tops[index] + changed)
        if not self._width:
            return Damage(0.0, 0.0, 0.0)
        tops = self._tops[first:]
        self._stack(first)
        for old, new in zip(tops, self._tops[first:], strict=False):
            if old != new:
                top = min(top, old, new)
                break
        top = min(top, self._height)
        if self._caret_top is not None:
            # The mark at the end goes where the text goes, and back where a block is taken away.
            top = min(top, self._caret_top, self.caret_rect().top())
            self._caret_top = None
        return Damage(top, max(before, self._height), self._height - before)

    def _take(self, index: int, block: Block) -> tuple[float, bool]:
        """Give a block its box; return the first y that changed in it, and whether the box is new."""
        box = self._boxes[index] if index < len(self._boxes) else None
        if box is not None and type(box) is _BOX_TYPES.get(block.kind, TextBox):
            changed = box.update(block, self._document.labels)
            if self._width and box.width != self._inner_width(block):
                # The same text now stands in another container.
                box.set_width(self._inner_width(block))
                changed = 0.0
            return changed, False
        fresh = self._make(block)
        fresh.update(block, self._document.labels)
        if self._width:
            fresh.set_width(self._inner_width(block))
        self._boxes[index : index + 1] = [fresh]
        return 0.0, True

    def _make(self, block: Block) -> Box:
        if block.kind is Kind.RULE:
            return RuleBox(self._style, block)
        if block.kind is Kind.CODE:
            return CodeBlockBox(self._style, block, self._folds)
        if block.kind is Kind.TABLE:
            return TableBox(self._style, block, self._inlays)
        if block.kind is Kind.MATH:
            return MathBox(self._style, block, self._inlays)
        return TextBox(self._style, block, self._keep_breaks, self._inlays)

    def _inner_width(self, block: Block) -> float:
        return max(60.0, self._width - indent(self._style, block))

    def _gap(self, index: int) -> float:
        if not index:
            return 0.0
        return float(gap(self._style, self._boxes[index - 1].block, self._boxes[index].block))

    def _stack(self, first: int) -> None:
        """Put the boxes from an index on below each other."""
        del self._tops[first:], self._lefts[first:]
        y = self._tops[-1] + self._boxes[first - 1].height if first else 0.0
        for index in range(first, len(self._boxes)):
            box = self._boxes[index]
            y += self._gap(index)
            self._tops.append(y)
            self._lefts.append(0.0 if box.is_rtl else float(indent(self._style, box.block)))
            y += box.height
        self._height = y

    def set_width(self, width: float) -> None:
        """Lay out for a width in pixels, when next asked for something that depends on it."""
        if width != self._width:
            self._width = width
            self._is_stale = True

    def retheme(self) -> None:
        """Take the theme's colours and sizes anew."""
        self._style = style_for(self._theme, self._tone)
        self._boxes.clear()
        self._take_from(0)

    def _settle(self) -> None:
        if self._is_stale:
            self._is_stale = False
            for box in self._boxes:
                box.set_width(self._inner_width(box.block))
            self._stack(0)

    # Geometry

    @property
    def height(self) -> float:
        """The exact height at the width last set."""
        self._settle()
        return self._height

    @property
    def natural_width(self) -> float:
        """How wide the text would be with no line broken; never more than the width last set."""
        self._settle()
        wide = (box.natural_width() + left for box, left in zip(self._boxes, self._lefts, strict=True))
        return min(self._width, max(wide, default=0.0))

    @property
    def block_count(self) -> int:
        """How many blocks there are."""
        return len(self._boxes)

    def block_top(self, index: int) -> float:
        """Return the y at which a block begins."""
        self._settle()
        return self._tops[index]

    @property
    def end(self) -> Position:
        """The place behind the last character."""
        if not self._boxes:
            return Position(0, 0)
        return Position(len(self._boxes) - 1, self._boxes[-1].length)

    def paint(
        self,
        painter: QPainter,
        clip: QRectF,
        selection: tuple[Position, Position] | None = None,
        caret: bool = False,
    ) -> None:
        """Paint what lies within `clip`; with `caret` also the mark at the end that says more is coming."""
        self._settle()
        if self._boxes:
            first = max(0, bisect_right(self._tops, clip.top()) - 1)
            for index in range(first, len(self._boxes)):
                if self._tops[index] > clip.bottom():
                    break
                self._paint_box(painter, clip, index, selection)
        if caret and self._boxes:
            place = self.caret_rect()
            self._caret_top = place.top()
            painter.fillRect(place, self._style.color("accent"))

    def _paint_box(
        self, painter: QPainter, clip: QRectF, index: int, selection: tuple[Position, Position] | None
    ) -> None:
        box = self._boxes[index]
        left, top = self._lefts[index], self._tops[index]
        if box.block.containers:
            page = self._width if box.is_rtl else 0.0
            rect = QRectF(left, top, box.width, box.height)
            shared = shared_depth(self._boxes[index - 1].block, box.block) if index else 0
            paint_around(painter, self._style, box.block, rect, self._gap(index), shared, page)
            if box.block.opens:
                paint_markers(painter, self._style, box.block, top, box.first_baseline(), page)
        chosen = self._chosen(index, selection) if selection is not None else None
        if not left and not top:
            box.paint(painter, clip, chosen)
            return
        painter.translate(left, top)
        box.paint(painter, clip.translated(-left, -top), chosen)
        painter.translate(-left, -top)

    def caret_rect(self) -> QRectF:
        """Return where the mark at the end of growing text stands."""
        width = self._style.px(7)
        if not self._boxes:
            return QRectF(2, 1, width, self._style.body.line_height - 2)
        self._settle()
        box = self._boxes[-1]
        place = box.rect_of(box.length)
        # Beside a box whose last line goes on out of sight, not somewhere in the margin.
        x = self._lefts[-1] + (place.x() - 2 - width if box.is_rtl else min(place.x() + 2, box.width))
        return QRectF(round(x), place.y() + self._tops[-1] + 1, width, place.height() - 2)

    def _chosen(self, index: int, selection: tuple[Position, Position] | None) -> tuple[int, int] | None:
        if selection is None:
            return None
        low, high = min(selection), max(selection)
        if index < low.block or index > high.block:
            return None
        start = low.char if index == low.block else 0
        end = high.char if index == high.block else self._boxes[index].length
        return (start, end) if end > start else None

    def _index_at(self, y: float) -> int:
        self._settle()
        index = max(0, bisect_right(self._tops, y) - 1)
        if index + 1 < len(self._tops):
            bottom = self._tops[index] + self._boxes[index].height
            if y > (bottom + self._tops[index + 1]) / 2:
                index += 1
        return index

    def hit(self, point: QPointF) -> Position:
        """Return the position nearest to a point."""
        if not self._boxes:
            return Position(0, 0)
        self._settle()
        if point.y() < 0:
            return Position(0, 0)
        if point.y() > self._height:
            return self.end
        index = self._index_at(point.y())
        inner = QPointF(point.x() - self._lefts[index], point.y() - self._tops[index])
        return Position(index, self._boxes[index].hit(inner))

    def rect_of(self, position: Position) -> QRectF:
        """Return where a caret at a position would stand."""
        self._settle()
        if not self._boxes:
            return QRectF(0, 0, 1, self._style.body.line_height)
        index = min(position.block, len(self._boxes) - 1)
        return self._boxes[index].rect_of(position.char).translated(self._lefts[index], self._tops[index])

    def step(self, position: Position, by: int) -> Position:
        """Return the place a whole character on (1) or back (-1) within the same block."""
        text, char = self._boxes[position.block].text, position.char + by
        return Position(position.block, end_at(text, char) if by > 0 else start_at(text, char))

    def reads_right_to_left(self, block: int) -> bool:
        """Whether a block begins at the right."""
        return self._boxes[block].is_rtl

    def word_at(self, position: Position) -> tuple[Position, Position]:
        """Return the word around a position, for a double click."""
        if not self._boxes:
            return position, position
        start, end = word_in(self._boxes[position.block].text, position.char)
        return Position(position.block, start), Position(position.block, end)

    def line_at(self, position: Position) -> tuple[Position, Position]:
        """Return the visible line around a position."""
        self._settle()
        if not self._boxes:
            return position, position
        start, end = self._boxes[position.block].line_at(position.char)
        return Position(position.block, start), Position(position.block, end)

    def block_at(self, position: Position) -> tuple[Position, Position]:
        """Return the whole block around a position, for a triple click."""
        length = self._boxes[position.block].length if self._boxes else 0
        return Position(position.block, 0), Position(position.block, length)

    def link_at(self, point: QPointF) -> str | None:
        """Return the address under a point (http, https or mailto), if there is one."""
        if not self._boxes or not 0 <= point.y() <= self.height:
            return None
        index = self._index_at(point.y())
        inner = QPointF(point.x() - self._lefts[index], point.y() - self._tops[index])
        return self._boxes[index].link_at(inner)

    def code_at(self, point: QPointF) -> CodeBox | None:
        """Return the block of code under a point, if there is one."""
        if not self._boxes or not 0 <= point.y() <= self.height:
            return None
        index = self._index_at(point.y())
        box = self._boxes[index]
        left, top = self._lefts[index], self._tops[index]
        rect = QRectF(left, top, box.width, box.height)
        if not isinstance(box, CodeBlockBox) or not rect.contains(point):
            return None
        parts = box.parts()
        header, copy, save, wrap, fold = (
            part.translated(left, top)
            for part in (parts.header, parts.copy, parts.save, parts.wrap, parts.fold)
        )
        return CodeBox(index, rect, header, copy, save, wrap, fold, box.language, box.text)

    def toggle_wrap(self, block: int) -> Damage:
        """Wrap the long lines of a block of code, or stop doing so."""
        box = self._boxes[block]
        before = self.height
        if isinstance(box, CodeBlockBox):
            box.toggle_wrap()
        return self._relaid(block, before)

    def toggle_fold(self, block: int) -> Damage:
        """Show all lines of a long block of code, or only its first ones."""
        box = self._boxes[block]
        before = self.height
        if isinstance(box, CodeBlockBox):
            box.toggle_fold()
        return self._relaid(block, before)

    def scroll_sideways(self, point: QPointF, by: float) -> Damage | None:
        """Move wide code or a wide table under the point by some pixels; None if nothing there can move."""
        if not self._boxes or not 0 <= point.y() <= self.height:
            return None
        index = self._index_at(point.y())
        if not self._boxes[index].scroll_sideways(by):
            return None
        return Damage(self._tops[index], self._tops[index] + self._boxes[index].height, 0.0)

    def take_inlays(self, keys: Collection[Key]) -> bool:
        """Show formulas and pictures that have come; return whether any of them stands here."""
        self._settle()
        # Every box is asked, also behind one that has changed.
        changed = [box.take_inlays(keys) for box in self._boxes]
        if True in changed and self._width:
            self._stack(changed.index(True))
        return True in changed

    def picture_at(self, point: QPointF) -> str | None:
        """Return the address of the picture from elsewhere under a point, loaded or not."""
        if not self._boxes or not 0 <= point.y() <= self.height:
            return None
        index = self._index_at(point.y())
        inner = QPointF(point.x() - self._lefts[index], point.y() - self._tops[index])
        return self._boxes[index].picture_at(inner)

    def _relaid(self, block: int, before: float) -> Damage:
        self._stack(block)
        return Damage(self._tops[block], max(before, self._height), self._height - before)

    # Text

    def text_between(self, start: Position, end: Position) -> str:
        """Return the plain text of a range."""
        return as_text(self._pieces(start, end))

    def markdown_between(self, start: Position, end: Position) -> str:
        """Return the range as Markdown."""
        return as_markdown(self._pieces(start, end))

    def html_between(self, start: Position, end: Position) -> str:
        """Return the range as HTML, for pasting into other programs."""
        return as_html(self._pieces(start, end))

    def _pieces(self, start: Position, end: Position) -> list[Piece]:
        low, high = min(start, end), max(start, end)
        found: list[Piece] = []
        for index in range(low.block, min(high.block + 1, len(self._boxes))):
            box = self._boxes[index]
            first = low.char if index == low.block else 0
            last = high.char if index == high.block else box.length
            if last > first or (not box.length and low.block < index < high.block):
                found.append((box, first, last))
        return found

    def find(self, needle: Needle | str) -> list[tuple[Position, Position]]:
        """Return every place where a text stands, whatever its case, accents and width."""
        needle = Needle(needle) if isinstance(needle, str) else needle
        return [
            (Position(index, start), Position(index, end))
            for index, box in enumerate(self._boxes)
            for start, end in needle.spans(box.text)
        ]

    def uncover(self, position: Position) -> None:
        """Unfold code that hides a place, and move what is wide sideways until the place is seen."""
        if position.block >= len(self._boxes):
            return
        box = self._boxes[position.block]
        if isinstance(box, CodeBlockBox) and box.hides(position.char):
            self.toggle_fold(position.block)
        self._settle()
        x = box.rect_of(position.char).x()
        if not 0 <= x <= box.width - self._style.px(40):
            box.scroll_sideways(x - box.width / 2)
