"""A block of code: a head with its language and buttons, and rows that are laid out when seen."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen, QTextLayout

from desktop.markup.code import CodeColors, Span, language_of
from desktop.markup.model import Block
from desktop.ui.sides import write
from desktop.ui.theme import RADIUS_CODE
from desktop.ui.timeline.flow_box import Box, Units, cursor_x, format_range
from desktop.ui.timeline.flow_style import FlowStyle, option
from desktop.ui.timeline.words import tr

# Longer pieces of a line become rows of their own, wrapped or not: no layout ever gets a megabyte.
_ROW_CHARS = 1_000
_FOLD_ABOVE = 36
_FOLD_TO = 24
_MOST_LAYOUTS = 400

# Marks that reorder text are shown as what they are, so that code reads as it runs.
_HIDDEN = dict.fromkeys((*range(8234, 8239), *range(8294, 8298), 8206, 8207, 1564), "�")
_HIDDEN.update(dict.fromkeys((*range(9), *range(10, 32), 127, 133, 8232, 8233), "�"))


@dataclass(frozen=True, slots=True)
class CodeParts:
    """Where the buttons of a code box are, in its own coordinates."""

    header: QRectF
    copy: QRectF
    save: QRectF
    wrap: QRectF
    fold: QRectF


class CodeBlockBox(Box):
    """The code of one fence or indented block."""

    def __init__(self, style: FlowStyle, block: Block, is_folded: bool = False) -> None:
        super().__init__(style, block)
        self.is_wrapped = False
        self.is_folded = is_folded
        self._lines: list[str] = []
        self._offsets: list[int] = []
        # A row is a stretch of a line: (line, first character, last character).
        self._rows: list[tuple[int, int, int]] = []
        self._layouts: dict[int, tuple[QTextLayout, Units]] = {}
        self._colors = CodeColors("")
        self._info: str | None = None
        self._shift = 0.0
        self._widest = 0
        self._wrap_columns = 0
        self._seen_open = False
        self._char_width = QFontMetricsF(style.code_font).horizontalAdvance("0")
        self._joined: str | None = ""

    @property
    def text(self) -> str:
        if self._joined is None:
            self._joined = "\n".join(self._lines)
        return self._joined

    @property
    def length(self) -> int:
        return self._offsets[-1] + len(self._lines[-1]) if self._lines else 0

    @property
    def language(self) -> str:
        """The language as the fence names it."""
        return language_of(self.block.info)

    # Content

    def update(self, block: Block, labels: dict[str, Any]) -> float:
        del labels
        lines = block.lines
        same = self._same_lines(block)
        self.block = block
        is_other = block.info != self._info
        if is_other:
            self._info = block.info
            self._colors = CodeColors(block.info)
            self._layouts.clear()
        old_count = len(self._lines)
        was_open, self._seen_open = self._seen_open, block.is_open
        if same == old_count == len(lines) and not is_other and was_open == block.is_open:
            return self.height
        del self._lines[same:], self._offsets[same:]
        self._joined = None
        self._colors.forget_from(same)
        first_row = self._drop_rows(same)
        offset = self._offsets[-1] + len(self._lines[-1]) + 1 if self._lines else 0
        new = lines[same:]
        self._lines += new
        self._offsets += islice(accumulate((len(line) + 1 for line in new), initial=offset), len(new))
        self._add_rows(same)
        recolored = self._recolor(block)
        self._measure()
        if is_other or was_open != block.is_open:
            return 0.0
        return self._row_top(min(first_row, recolored))

    def _same_lines(self, block: Block) -> int:
        """Return how many lines are what they were."""
        known = len(self._lines)
        # The parser only appends to a block; just its last line may have been incomplete.
        same = max(0, min(known, len(block.lines)) - 1) if block is self.block else 0
        while same < known and same < len(block.lines) and self._lines[same] == block.lines[same]:
            same += 1
        return same

    def _recolor(self, block: Block) -> int:
        """Colour the complete lines; return the first row whose colours changed."""
        if self._colors.is_plain:
            return len(self._rows)
        if not block.is_open:
            # A block that is complete is coloured as far as it is seen, when it is seen.
            self._layouts.clear()
            return 0
        changed = self._colors.add(self._lines, max(0, len(self._lines) - 1))
        row = self._row_of_line(changed)
        for number in range(row, len(self._rows)):
            if self._layouts.pop(number, None) is None and number > row + 80:
                break
        return row

    def _row_of_line(self, line: int) -> int:
        return bisect_right(self._rows, (line, -1, -1))

    def _drop_rows(self, line: int) -> int:
        row = self._row_of_line(line)
        for number in range(row, len(self._rows)):
            self._layouts.pop(number, None)
        del self._rows[row:]
        return row

    def _add_rows(self, first: int) -> None:
        columns = self._wrap_columns if self.is_wrapped else 0
        if not columns and not any("\t" in text for text in islice(self._lines, first, None)):
            # The short way for what most code is.
            sizes = [len(text) for text in islice(self._lines, first, None)]
            longest = max(sizes, default=0)
            if longest <= _ROW_CHARS:
                self._widest = max(self._widest, longest)
                self._rows += [(line, 0, size) for line, size in enumerate(sizes, first)]
                return
        for line in range(first, len(self._lines)):
            text = self._lines[line]
            size = len(text)
            if size > self._widest or "\t" in text:
                wide = min(size, _ROW_CHARS) + 3 * text.count("\t", 0, _ROW_CHARS)
                self._widest = max(self._widest, wide)
            if not columns and size <= _ROW_CHARS:
                self._rows.append((line, 0, size))
            else:
                self._rows.extend((line, start, end) for start, end in self._pieces(text, columns))

    def _pieces(self, text: str, columns: int) -> list[tuple[int, int]]:
        if not text:
            return [(0, 0)]
        if not columns or (text.isascii() and "\t" not in text):
            step = min(columns or _ROW_CHARS, _ROW_CHARS)
            return [(start, min(len(text), start + step)) for start in range(0, len(text), step)]
        found: list[tuple[int, int]] = []
        for begin in range(0, len(text), _ROW_CHARS):
            piece = text[begin : begin + _ROW_CHARS].translate(_HIDDEN)
            units = Units(piece)
            layout = self._new_layout(piece, wrap=True)
            starts = []
            layout.beginLayout()
            while (line := layout.createLine()).isValid():
                line.setLineWidth(self._inner_width())
                starts.append(begin + units.from_qt(line.textStart()))
            layout.endLayout()
            found.extend(zip(starts, [*starts[1:], begin + len(piece)], strict=True))
        return found

    # Layout

    def set_width(self, width: float) -> None:
        if width == self.width and self.height:
            return
        self.width = width
        if self.is_wrapped:
            self._rewrap()
        self._shift = min(self._shift, self._most_shift())
        self._measure()

    def _rewrap(self) -> None:
        self._wrap_columns = max(8, int(self._inner_width() / self._char_width))
        self._rows.clear()
        self._layouts.clear()
        self._add_rows(0)

    def toggle_wrap(self) -> None:
        """Wrap long lines at the edge, or let them run on."""
        self.is_wrapped = not self.is_wrapped
        self._shift = 0.0
        self._rewrap()
        self._measure()

    def toggle_fold(self) -> None:
        """Show all lines, or only the first ones."""
        self.is_folded = not self.is_folded
        self._measure()

    @property
    def _wrap_label(self) -> str:
        #: What is done, on a button: lines of code are not broken where the room ends, or are
        return tr("Unwrap") if self.is_wrapped else tr("Wrap")

    @property
    def _can_fold(self) -> bool:
        return not self.block.is_open and len(self._rows) > _FOLD_ABOVE

    @property
    def _visible_rows(self) -> int:
        return _FOLD_TO if self.is_folded and self._can_fold else len(self._rows)

    @property
    def _head(self) -> int:
        return self.style.px(30)

    @property
    def _pad(self) -> int:
        return self.style.px(10)

    @property
    def _side(self) -> int:
        return self.style.px(14)

    def _inner_width(self) -> float:
        return max(20.0, self.width - 2 * self._side)

    def _measure(self) -> None:
        rows = max(1, self._visible_rows)
        foot = self._head if self._can_fold else 0
        self.height = float(self._head + 2 * self._pad + rows * self.style.code.line_height + foot)

    def _row_top(self, row: int) -> float:
        return float(self._head + self._pad + row * self.style.code.line_height)

    def first_baseline(self) -> float:
        small = self.style.small
        return (self._head - small.line_height) / 2 + small.baseline

    def _most_shift(self) -> float:
        if self.is_wrapped:
            return 0.0
        return max(0.0, self._widest * self._char_width - self._inner_width() + self._char_width)

    def scroll_sideways(self, by: float) -> bool:
        shift = min(max(0.0, self._shift + by), self._most_shift())
        moved = shift != self._shift
        self._shift = shift
        return moved

    def _new_layout(self, text: str, wrap: bool = False) -> QTextLayout:
        layout = QTextLayout(text, self.style.code_font)
        layout.setCacheEnabled(True)
        chosen = option(False, wrap)
        if wrap:
            chosen.setWrapMode(chosen.WrapMode.WrapAnywhere)
        chosen.setTabStopDistance(4 * self._char_width)
        layout.setTextOption(chosen)
        return layout

    def _layout(self, row: int) -> tuple[QTextLayout, Units]:
        """Return a row's layout, made when it is first seen."""
        found = self._layouts.get(row)
        if found is not None:
            return found
        if len(self._layouts) > _MOST_LAYOUTS:
            self._layouts.clear()
        line, start, end = self._rows[row]
        text = self._lines[line][start:end].translate(_HIDDEN)
        layout = self._new_layout(text)
        units = Units(text)
        if not self.block.is_open and self._colors.is_behind(line):
            self._colors.complete(self._lines)
            self._colors.add(self._lines, line + 1)
        spans = self._colors.spans(self._lines, line)
        if spans:
            layout.setFormats(self._formats(spans, start, end, units))
        layout.beginLayout()
        one = layout.createLine()
        if one.isValid():
            one.setLineWidth(1e7)
            one.setPosition(QPointF(0.0, self.style.code.baseline - one.ascent()))
        layout.endLayout()
        self._layouts[row] = layout, units
        return layout, units

    def _formats(
        self, spans: list[Span], start: int, end: int, units: Units
    ) -> list[QTextLayout.FormatRange]:
        made = []
        for span in spans:
            first, last = max(start, span.start) - start, min(end, span.end) - start
            if last > first:
                made.append(format_range(units, first, last, self.style.code_format(span.color)))
        return made

    # Painting

    def parts(self) -> CodeParts:
        """Return where the head and the buttons are."""
        head = QRectF(0, 0, self.width, self._head)
        right = self.width - self.style.px(12)
        rects = []
        for label in (tr("Copy"), tr("Save"), self._wrap_label):
            width = self.style.small.width_of(label)
            rects.append(QRectF(right - width, 0, width, self._head))
            right -= width + self.style.px(10)
        fold = QRectF(0, self.height - self._head, self.width, self._head) if self._can_fold else QRectF()
        return CodeParts(head, rects[0], rects[1], rects[2], fold)

    def paint(self, painter: QPainter, clip: QRectF, selection: tuple[int, int] | None) -> None:
        self._paint_frame(painter)
        if clip.top() < self._head:
            self._paint_head(painter)
        if self._can_fold and clip.bottom() > self.height - self._head:
            self._paint_fold(painter)
        rows = self._visible_rows
        pitch = self.style.code.line_height
        top = self._row_top(0)
        first = max(0, int((clip.top() - top) // pitch))
        last = min(rows, int((clip.bottom() - top) // pitch) + 1)
        if first >= last:
            return
        painter.save()
        if self._most_shift():
            painter.setClipRect(QRectF(1, 0, self.width - 2, self.height), Qt.ClipOperation.IntersectClip)
        painter.setPen(self.style.code.color)
        x = self._side - round(self._shift)
        for row in range(first, last):
            layout, units = self._layout(row)
            ranges = self._selected(row, selection, units) if selection else []
            layout.draw(painter, QPointF(x, top + row * pitch), ranges)
        painter.restore()
        self._paint_scroll_thumb(painter)

    def _paint_frame(self, painter: QPainter) -> None:
        radius = self.style.px(RADIUS_CODE)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.style.color("line"), 1))
        painter.setBrush(self.style.color("code"))
        path = QPainterPath()
        path.addRoundedRect(QRectF(0.5, 0.5, self.width - 1, self.height - 1), radius, radius)
        painter.drawPath(path)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_head(self, painter: QPainter) -> None:
        small = self.style.small
        parts = self.parts()
        painter.fillRect(QRectF(1, self._head - 1, self.width - 2, 1), self.style.color("line"))
        y = (self._head - small.line_height) / 2 + small.baseline
        #: The language of a code block that names none
        label = self.language or tr("text")
        painter.setFont(small.font)
        painter.setPen(small.color)
        write(painter, QPointF(self.style.px(13), y), label)
        if not self.block.is_open:
            count = len(self._lines)
            lines = tr("%n line(s)", "", count)
            x = self.style.px(13) + small.width_of(label) + self.style.px(10)
            if x + small.width_of(lines) < parts.wrap.left() - self.style.px(10):
                painter.setPen(self.style.color("faint"))
                write(painter, QPointF(x, y), lines)
        painter.setPen(small.color)
        write(painter, QPointF(parts.wrap.left(), y), self._wrap_label)
        write(painter, QPointF(parts.save.left(), y), tr("Save"))
        painter.setPen(self.style.color("text"))
        write(painter, QPointF(parts.copy.left(), y), tr("Copy"))

    def _paint_fold(self, painter: QPainter) -> None:
        small = self.style.small
        top = self.height - self._head
        painter.fillRect(QRectF(1, top, self.width - 2, 1), self.style.color("line"))
        label = tr("Show all %n line(s)", "", len(self._lines)) if self.is_folded else tr("Show less")
        painter.setFont(small.font)
        painter.setPen(self.style.color("accent"))
        x = (self.width - small.width_of(label)) / 2
        write(painter, QPointF(round(x), top + (self._head - small.line_height) / 2 + small.baseline), label)

    def _paint_scroll_thumb(self, painter: QPainter) -> None:
        most = self._most_shift()
        if not most:
            return
        inner = self._inner_width()
        size = max(24.0, inner * inner / (inner + most))
        x = self._side + (inner - size) * self._shift / most
        foot = self._head if self._can_fold else 0
        thumb = QRectF(x, self.height - foot - self.style.px(6), size, self.style.px(3))
        painter.fillRect(thumb, self.style.color("line"))

    def _selected(self, row: int, selection: tuple[int, int], units: Units) -> list[QTextLayout.FormatRange]:
        line, start, end = self._rows[row]
        base = self._offsets[line] + start
        first, last = max(0, selection[0] - base), min(end - start, selection[1] - base)
        return [format_range(units, first, last, self.style.chosen)] if last > first else []

    # Places

    def hit(self, point: QPointF) -> int:
        if not self._rows:
            return 0
        pitch = self.style.code.line_height
        row = int((point.y() - self._row_top(0)) // pitch)
        if row < 0:
            return 0
        if row >= self._visible_rows:
            return self.length
        layout, units = self._layout(row)
        line, start, _end = self._rows[row]
        unit = layout.lineAt(0).xToCursor(point.x() - self._side + self._shift)
        return self._offsets[line] + start + units.from_qt(unit)

    def _row_at(self, char: int) -> int:
        line = max(0, bisect_right(self._offsets, char) - 1)
        return max(0, bisect_right(self._rows, (line, char - self._offsets[line], _ROW_CHARS * 1000)) - 1)

    def rect_of(self, char: int) -> QRectF:
        pitch = self.style.code.line_height
        if not self._rows:
            return QRectF(self._side, self._row_top(0), 1, pitch)
        row = self._row_at(char)
        if row >= self._visible_rows:
            return QRectF(0, self.height - self._head, 1, self._head)
        layout, units = self._layout(row)
        line, start, _end = self._rows[row]
        x = cursor_x(layout.lineAt(0), units.to_qt(max(0, char - self._offsets[line] - start)))
        return QRectF(self._side - self._shift + x, self._row_top(row), 1, pitch)

    def hides(self, char: int) -> bool:
        """Whether a place is in the folded part."""
        return self._row_at(char) >= self._visible_rows

    def line_at(self, char: int) -> tuple[int, int]:
        if not self._lines:
            return 0, 0
        line = max(0, bisect_right(self._offsets, char) - 1)
        return self._offsets[line], self._offsets[line] + len(self._lines[line])
