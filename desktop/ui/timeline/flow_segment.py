"""Some lines of running text in a Qt layout, and what stands in them that is not text."""

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QTextLayout, QTextLine, QTextOption

from desktop.markup.inline import Run
from desktop.ui.timeline.flow_box import FoldedUnits, Units, cursor_x, folded, format_range
from desktop.ui.timeline.flow_style import CHIPS, SPACED, STAND_IN, TextStyle
from desktop.ui.timeline.inlays import Inlay

_HARD_BREAK = "\u2028"
# Overrides would let text look like other text; they are shown instead of obeyed.
_OVERRIDES = {
    0x202D: "\ufffd",
    0x202E: "\ufffd",
    0x0A: _HARD_BREAK,
    0x2029: _HARD_BREAK,
    0x0B: " ",
    0x0C: " ",
}
_SPECIAL = re.compile("[\n\u202d\u202e\u2029\x0b\x0c]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_NO_INLAYS: Mapping[Run, Inlay] = MappingProxyType({})


class Placed(NamedTuple):
    """An inlay with the left end of its baseline, in the segment's own coordinates."""

    x: float
    baseline: float
    inlay: Inlay
    run: Run

    @property
    def rect(self) -> QRectF:
        """Where it stands."""
        inlay = self.inlay
        return QRectF(self.x, self.baseline - inlay.ascent, inlay.width, inlay.ascent + inlay.descent)


def shown(text: str) -> str:
    """Return what is handed to Qt in place of a text; it has the same length."""
    return text.translate(_OVERRIDES) if _SPECIAL.search(text) else text


def _isolates(
    text: str, start: int, runs: list[Run], inlays: Mapping[Run, Inlay], opt: QTextOption
) -> list[tuple[int, int]]:
    """Return which stretches read from left to right whatever stands around them: code, and its like."""
    is_rtl = opt.textDirection() is Qt.LayoutDirection.RightToLeft
    if not is_rtl and (text.isascii() or not _RIGHT_TO_LEFT.search(text)):
        return []
    found: list[tuple[int, int]] = []
    for run in runs:
        first, last = max(0, run.start - start), min(len(text), run.end - start)
        if not run.marks & CHIPS or run in inlays or last <= first or _HARD_BREAK in text[first:last]:
            continue
        if found and found[-1][1] == first:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


class Segment:
    """Some whole lines of a paragraph in a layout of their own."""

    __slots__ = (
        "_chips", "_has_chips", "_inlaid", "_inlays", "height", "layout", "length", "placed", "start",
        "starts", "top", "units",
    )  # fmt: skip

    def __init__(
        self,
        text: str,
        start: int,
        runs: list[Run],
        style: TextStyle,
        opt: QTextOption,
        inlays: Mapping[Run, Inlay] = _NO_INLAYS,
    ) -> None:
        """`runs` are those that touch this stretch of the text; `inlays` stand in the place of some."""
        self.start = start
        self.top = 0.0
        self.height = 0.0
        self.length = len(text)
        self.starts: list[int] = []
        self.layout = style.layout()
        self._inlays: list[tuple[int, Inlay, Run]] = []
        self._inlaid: Collection[Run] = inlays.keys()
        self.placed: list[Placed] = []
        isolates = _isolates(text, start, runs, inlays, opt)
        if inlays or isolates:
            folds = [(run.start - start, run.end - start) for run in inlays]
            self.units: Units = FoldedUnits(text, folds, isolates)
            self.layout.setText(folded(text, folds, STAND_IN, isolates))
            self._inlays = [(self.units.to_qt(run.start - start), one, run) for run, one in inlays.items()]
        else:
            self.units = Units(text)
            self.layout.setText(text)
        self.layout.setTextOption(opt)
        self._has_chips = any(run.marks & CHIPS and run not in inlays for run in runs)
        self._chips: list[QRectF] | None = None
        if runs:
            is_rtl = opt.textDirection() is Qt.LayoutDirection.RightToLeft
            self.layout.setFormats(self._formats(text, runs, style, inlays, is_rtl))

    def _formats(
        self, text: str, runs: list[Run], style: TextStyle, inlays: Mapping[Run, Inlay], is_rtl: bool
    ) -> list[QTextLayout.FormatRange]:
        """Return the formats of the runs, with room before and behind each soft box, and for each inlay."""
        pieces: list[tuple[int, int, int]] = []
        rooms: list[QTextLayout.FormatRange] = []
        for run in runs:
            if run in inlays:
                first, last = run.start - self.start, run.end - self.start
                rooms.append(format_range(self.units, first, last, style.room(inlays[run].width)))
                continue
            first, last = max(0, run.start - self.start), min(len(text), run.end - self.start)
            if last <= first:
                continue
            if not run.marks & CHIPS:
                pieces.append((first, last, run.marks))
                continue
            if not is_rtl and first and text[first - 1] != _HARD_BREAK:
                before = 0
                if pieces and pieces[-1][1] == first:
                    begin, _end, before = pieces.pop()
                    pieces.append((begin, first - 1, before))
                pieces.append((first - 1, first, before | SPACED))
            pieces.append((first, last - 1, run.marks))
            pieces.append((last - 1, last, run.marks | SPACED))
            following = text[last : last + 1]
            if (
                is_rtl
                and following not in ("", _HARD_BREAK)
                and not any(one.start == run.end for one in runs)
            ):
                # What follows stands at the left of the box there, where it needs the room.
                pieces.append((last, last + 1, SPACED))
        made = [
            format_range(self.units, first, last, style.format(marks))
            for first, last, marks in pieces
            if last > first
        ]
        return made + rooms

    def lay_out(self, width: float, style: TextStyle) -> None:
        """Break into lines of a width; the baselines stand a whole line height apart."""
        layout = self.layout
        self.starts.clear()
        self._chips = None
        y = 0.0
        layout.beginLayout()
        while True:
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(width)
            ascent = line.ascent()
            highest, lowest = self._reach(line) if self._inlays else (0.0, 0.0)
            # A taller font (emoji, CJK) moves into the room between lines and grows the line only beyond it.
            over = max(0.0, max(ascent, highest) - style.baseline)
            line.setPosition(QPointF(0.0, y + style.baseline + over - ascent))
            under = style.baseline + max(line.descent(), lowest) - style.line_height
            y += style.line_height + round(over) + max(0, round(under))
            self.starts.append(self.units.from_qt(line.textStart()))
        layout.endLayout()
        self.height = y or float(style.line_height)
        self.placed = [self._place(*one) for one in self._inlays]

    def _reach(self, line: QTextLine) -> tuple[float, float]:
        """Return how far the inlays of a line reach above and below its baseline."""
        start, end = line.textStart(), line.textStart() + line.textLength()
        inside = [inlay for unit, inlay, _run in self._inlays if start <= unit < end]
        above = max((inlay.ascent for inlay in inside), default=0.0)
        return above + 1, max((inlay.descent for inlay in inside), default=0.0) + 1

    def _place(self, unit: int, inlay: Inlay, run: Run) -> Placed:
        line = self.layout.lineForTextPosition(unit)
        x = min(cursor_x(line, unit), cursor_x(line, unit + 1))
        return Placed(x, line.y() + line.ascent(), inlay, run)

    @property
    def has_chips(self) -> bool:
        """Whether something in it stands on a soft box."""
        return self._has_chips

    def chips(self, runs: list[Run]) -> list[QRectF]:
        """Return the soft boxes behind code, and behind the source of formulas and pictures."""
        if self._chips is None:
            self._chips = []
            for run in runs:
                if run.marks & CHIPS and run not in self._inlaid:
                    first, last = max(0, run.start - self.start), min(self.length, run.end - self.start)
                    if last > first:
                        self._chips.extend(self.rects(first, last))
        return self._chips

    def rects(self, first: int, last: int) -> list[QRectF]:
        """Return one rectangle per line for a range of characters."""
        begin, end = self.units.to_qt(first), self.units.to_qt(last)
        found = []
        line = self.layout.lineForTextPosition(begin)
        while line.isValid() and line.textStart() < end:
            left = cursor_x(line, max(begin, line.textStart()))
            right = cursor_x(line, min(end, line.textStart() + line.textLength()))
            found.append(QRectF(min(left, right), line.y(), abs(right - left), line.height()))
            number = line.lineNumber() + 1
            if number >= self.layout.lineCount():
                break
            line = self.layout.lineAt(number)
        return found
