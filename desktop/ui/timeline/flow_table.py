"""A table: cells of running text under column widths that all rows share; only visible rows are painted."""

from bisect import bisect_right
from collections.abc import Collection
from itertools import accumulate
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from desktop.base.direction import reads_right_to_left
from desktop.markup import inline
from desktop.markup.inline import Run
from desktop.markup.model import Block, Kind
from desktop.markup.tables import cells_of
from desktop.ui.timeline.flow_box import Box
from desktop.ui.timeline.flow_style import FlowStyle, TextStyle
from desktop.ui.timeline.flow_text import TextBox
from desktop.ui.timeline.inlays import Inlays, Key
from desktop.ui.timeline.words import tr

_UNBOUNDED = 1e6
_MOST_CELLS = 2_000


class Cell(TextBox):
    """One cell; laid out on one line first, then wrapped if its column is narrower."""

    def __init__(self, style: FlowStyle, block: Block, look: TextStyle, inlays: Inlays | None = None) -> None:
        super().__init__(style, block, inlays=inlays)
        self._look = look
        self.natural = 0.0

    def show(self, source: str, labels: dict[str, Any]) -> None:
        """Take the source of the cell's text."""
        self.width = _UNBOUNDED
        self.set_inline(inline.parse(source, labels))
        if not self._segments:
            self._lay_out_from(0)
        self.natural = float(int(self.natural_width()) + 1)

    def measure(self) -> None:
        """Work out anew how wide the cell would like to be."""
        self.set_width(_UNBOUNDED)
        self.natural = float(int(self.natural_width()) + 1)

    def fit(self, width: float) -> None:
        """Wrap at a width, or lie on one line if that suffices."""
        # Text that reads from right to left has to know the width it is aligned in.
        wanted = width if self.natural > width or self.is_rtl else _UNBOUNDED
        if wanted != self.width:
            self.set_width(wanted)


class _Row:
    """The cells of one row."""

    __slots__ = ("cells", "height", "source", "sources", "starts", "widest")

    def __init__(self, source: str, sources: list[str], cells: list[Cell], widest: list[float]) -> None:
        self.source = source
        self.sources = sources
        self.cells = cells
        self.height = 0.0
        self.widest = widest
        self.starts = [0, *accumulate(len(cell.text) + 1 for cell in cells)]


class TableBox(Box):
    """A table of the page."""

    def __init__(self, style: FlowStyle, block: Block, inlays: Inlays | None = None) -> None:
        super().__init__(style, block)
        self._inlays = inlays
        self._rows: list[_Row] = []
        self._tops: list[float] = []
        self._offsets: list[int] = []
        self._widths: list[float] = []
        self._lefts: list[float] = []
        self._aligns: tuple[str, ...] = ()
        self._labels_count = 0
        self._held: list[float] = []
        self._was_open = True
        self._shift = 0.0
        self._is_turned = False
        self._joined: str | None = ""
        self._cell_block = Block(Kind.PARAGRAPH)

    @property
    def text(self) -> str:
        if self._joined is None:
            self._joined = "\n".join("\t".join(cell.text for cell in row.cells) for row in self._rows)
        return self._joined

    @property
    def length(self) -> int:
        return self._offsets[-1] + self._rows[-1].starts[-1] - 1 if self._rows else 0

    @property
    def is_rtl(self) -> bool:
        return bool(self._rows) and reads_right_to_left(" ".join(cell.text for cell in self._rows[0].cells))

    # Content

    def update(self, block: Block, labels: dict[str, Any]) -> float:
        self.block = block
        lines = block.lines
        most = max(10, _MOST_CELLS // max(1, len(block.aligns)))
        if len(lines) > most:
            more = tr("… and %n more row(s)", "", len(lines) - most)
            lines = [*lines[:most], more]
        same = 0
        if block.aligns == self._aligns and len(labels) == self._labels_count:
            known = min(len(self._rows), len(lines))
            # Rows are only ever appended; the last one may have been incomplete.
            same = max(0, known - 1)
            while same < known and self._rows[same].source == lines[same]:
                same += 1
        self._aligns = block.aligns
        self._labels_count = len(labels)
        was_open, self._was_open = self._was_open, block.is_open
        if same == len(self._rows) == len(lines):
            if was_open != block.is_open and self.width and self._held:
                return self._lay_out(same)
            return self.height
        spare = self._rows[same] if same < len(self._rows) and same else None
        del self._rows[same:]
        self._joined = None
        for index in range(same, len(lines)):
            self._rows.append(self._make_row(lines[index], index, labels, spare))
            spare = None
        if not self.width:
            return 0.0
        return self._lay_out(same)

    def _make_row(self, source: str, index: int, labels: dict[str, Any], spare: _Row | None) -> _Row:
        """Make a row; `spare` is its own earlier state, of which the cells that stayed are kept."""
        count = len(self._aligns)
        sources = (cells_of(source) + [""] * count)[:count]
        look = self.style.body if index else self.style.table_head
        cells = []
        for column, text in enumerate(sources):
            if spare is not None and spare.sources[column] == text:
                cells.append(spare.cells[column])
                continue
            cell = Cell(self.style, self._cell_block, look, self._inlays)
            cell.show(text, labels)
            cells.append(cell)
        naturals = [cell.natural for cell in cells]
        if index:
            # The widest so far travels with the rows, so that taking back the last row costs nothing.
            naturals = list(map(max, naturals, self._rows[index - 1].widest))
        return _Row(source, sources, cells, naturals)

    def take_inlays(self, keys: Collection[Key]) -> bool:
        # Every cell of a row is asked, also behind one that has changed.
        touched = [
            number
            for number, row in enumerate(self._rows)
            if sum(cell.take_inlays(keys) for cell in row.cells)
        ]
        if not touched:
            return False
        for number in range(touched[0], len(self._rows)):
            row = self._rows[number]
            for cell in row.cells:
                if number in touched:
                    cell.measure()
            naturals = [cell.natural for cell in row.cells]
            row.widest = list(map(max, naturals, self._rows[number - 1].widest)) if number else naturals
        if self.width:
            self._lay_out(0)
        return True

    # Layout

    def set_width(self, width: float) -> None:
        if width != self.width or not self._tops:
            self.width = width
            self._widths = []
            self._lay_out(0)

    def _lay_out(self, first: int) -> float:
        if not self._rows:
            self.height = 0.0
            return 0.0
        widest = self._rows[-1].widest
        if self.block.is_open:
            # While rows arrive columns only grow: a cell that is half there may be wider than it will be.
            if len(self._held) == len(widest):
                widest = list(map(max, widest, self._held))
            self._held = widest
        widths = self._shared_widths(widest)
        changed = 0 if widths != self._widths else first
        narrower = [
            column
            for column, width in enumerate(widths)
            if column >= len(self._widths) or width != self._widths[column]
        ]
        self._widths = widths
        gap = self.style.px(18)
        self._lefts = [0.0, *accumulate(width + gap for width in widths)]
        self._is_turned = self.is_rtl
        for row in self._rows[:first]:
            if narrower and self._refit(row, narrower):
                first = min(first, self._rows.index(row)) if first else 0
        for row in self._rows[first:]:
            self._refit(row, range(len(widths)))
        self._shift = min(self._shift, self._most_shift())
        self._restack(first)
        return self._tops[changed] if changed < len(self._rows) else self.height

    def _refit(self, row: _Row, columns: Any) -> bool:
        for column in columns:
            row.cells[column].fit(self._widths[column])
        height = max(cell.height for cell in row.cells) + self.style.px(5)
        changed = height != row.height
        row.height = height
        return changed

    def _restack(self, first: int) -> None:
        del self._tops[first:], self._offsets[first:]
        y = self._tops[-1] + self._rows[first - 1].height if first else 0.0
        offset = self._offsets[-1] + self._rows[first - 1].starts[-1] if first else 0
        for row in self._rows[first:]:
            self._tops.append(y)
            self._offsets.append(offset)
            y += row.height
            offset += row.starts[-1]
        self.height = y

    def _shared_widths(self, widest: list[float]) -> list[float]:
        """Share the width out: narrow columns get what they need, wide ones the same share of the rest."""
        room = self.width - self.style.px(18) * len(widest)
        if sum(widest) <= room:
            return list(widest)
        share = 0.0
        left, columns = room, len(widest)
        for width in sorted(widest):
            if width * columns > left:
                share = left / columns
                break
            left -= width
            columns -= 1
        share = max(float(int(share)), float(self.style.px(110)))
        return [min(width, share) for width in widest]

    def _total(self) -> float:
        return self._lefts[-1] if self._lefts else 0.0

    def _most_shift(self) -> float:
        return max(0.0, self._total() - self.width)

    def scroll_sideways(self, by: float) -> bool:
        by = -by if self._is_turned else by
        shift = min(max(0.0, self._shift + by), self._most_shift())
        moved = shift != self._shift
        self._shift = shift
        return moved

    def first_baseline(self) -> float:
        return self.style.px(2) + self.style.table_head.baseline

    # Painting

    def paint(self, painter: QPainter, clip: QRectF, selection: tuple[int, int] | None) -> None:
        if not self._rows:
            return
        painter.save()
        if self._most_shift():
            painter.setClipRect(QRectF(0, 0, self.width, self.height), Qt.ClipOperation.IntersectClip)
        origin = self._origin
        painter.translate(origin, 0)
        line = self.style.color("line")
        total = self._total()
        first = max(0, bisect_right(self._tops, clip.top()) - 1)
        for index in range(first, len(self._rows)):
            top = self._tops[index]
            if top > clip.bottom():
                break
            row = self._rows[index]
            for column, cell in enumerate(row.cells):
                if cell.text:
                    self._paint_cell(painter, index, column, selection)
            painter.fillRect(QRectF(0, top + row.height - 1, total, 1), line)
        painter.restore()

    def _cell_origin(self, index: int, column: int) -> QPointF:
        cell = self._rows[index].cells[column]
        spare = self._widths[column] - cell.natural if cell.width == _UNBOUNDED else 0.0
        align = self._aligns[column]
        if self._is_turned and not align:
            align = "right"
        x = spare if align == "right" else spare / 2 if align == "center" else 0.0
        return QPointF(self._left_of(column) + round(x), self._tops[index] + self.style.px(2))

    @property
    def _origin(self) -> int:
        """The x at which the left edge of the columns stands."""
        if not self._is_turned:
            return -round(self._shift)
        return round(self.width - self._total() + self._shift)

    def _left_of(self, column: int) -> float:
        """Return where a column begins, from the left edge of the columns."""
        left = self._lefts[column]
        return self._total() - left - self._widths[column] if self._is_turned else left

    def _paint_cell(
        self, painter: QPainter, index: int, column: int, selection: tuple[int, int] | None
    ) -> None:
        row = self._rows[index]
        cell = row.cells[column]
        chosen = None
        if selection:
            base = self._offsets[index] + row.starts[column]
            start, end = max(0, selection[0] - base), min(len(cell.text), selection[1] - base)
            chosen = (start, end) if end > start else None
        origin = self._cell_origin(index, column)
        painter.translate(origin)
        cell.paint(painter, QRectF(0, 0, self._widths[column] + 8, row.height), chosen)
        painter.translate(-origin)

    # Places

    def _cell_at(self, point: QPointF) -> tuple[int, int]:
        index = max(0, bisect_right(self._tops, point.y()) - 1)
        gap = self.style.px(9)
        x = point.x() - self._origin
        x = self._total() - x if self._is_turned else x
        column = max(0, bisect_right(self._lefts, x + gap) - 1)
        return index, min(column, len(self._widths) - 1)

    def _in_cell(self, point: QPointF, index: int, column: int) -> QPointF:
        origin = self._cell_origin(index, column)
        return QPointF(point.x() - self._origin - origin.x(), point.y() - origin.y())

    def hit(self, point: QPointF) -> int:
        if not self._rows:
            return 0
        index, column = self._cell_at(point)
        row = self._rows[index]
        char = row.cells[column].hit(self._in_cell(point, index, column))
        return self._offsets[index] + row.starts[column] + char

    def _place(self, char: int) -> tuple[int, int, int]:
        """Return row, column and character within the cell."""
        index = max(0, bisect_right(self._offsets, char) - 1)
        row = self._rows[index]
        column = min(max(0, bisect_right(row.starts, char - self._offsets[index]) - 1), len(row.cells) - 1)
        return index, column, char - self._offsets[index] - row.starts[column]

    def rect_of(self, char: int) -> QRectF:
        if not self._rows:
            return QRectF(0, 0, 1, self.style.body.line_height)
        index, column, inner = self._place(char)
        origin = self._cell_origin(index, column)
        rect = self._rows[index].cells[column].rect_of(inner)
        return rect.translated(origin.x() + self._origin, origin.y())

    def line_at(self, char: int) -> tuple[int, int]:
        if not self._rows:
            return 0, 0
        index, _column, _inner = self._place(char)
        return self._offsets[index], self._offsets[index] + self._rows[index].starts[-1] - 1

    def link_at(self, point: QPointF) -> str | None:
        if not self._rows:
            return None
        index, column = self._cell_at(point)
        return self._rows[index].cells[column].link_at(self._in_cell(point, index, column))

    def picture_at(self, point: QPointF) -> str | None:
        if not self._rows:
            return None
        index, column = self._cell_at(point)
        return self._rows[index].cells[column].picture_at(self._in_cell(point, index, column))

    def cells_between(self, start: int, end: int) -> list[list[tuple[str, list[Run], str]]]:
        """Return the rows a range touches: for each cell its chosen text, its runs and its alignment."""
        found = []
        for index, row in enumerate(self._rows):
            base = self._offsets[index]
            if base >= end or base + row.starts[-1] - 1 < start:
                continue
            cells = []
            for column, cell in enumerate(row.cells):
                at = base + row.starts[column]
                first, last = max(0, start - at), min(len(cell.text), end - at)
                runs = cell.runs_between(first, last) if last > first else []
                moved = [Run(run.start - first, run.end - first, run.marks, run.href) for run in runs]
                cells.append((cell.text[first:last] if last > first else "", moved, self._aligns[column]))
            found.append(cells)
        return found
