"""Formulas on exported pages: drawings inside the page on screen, pictures with a baseline on paper."""

from dataclasses import dataclass
from html import escape

from desktop.markup.formula import Formula, Outline, set_formula

# The letters of the mathematical font look smaller than those of the text; as in the window.
_SCALE = 1.12
_UNITS = 1000
_MOST = 2_000
"""So many formulas of one page are set; the rest stay source, so that no page takes minutes."""


def as_source(source: str, is_display: bool) -> str:
    """Return a formula as what it is written in."""
    kind = "pre" if is_display else "code"
    return f'<{kind} class="math">{escape(source)}</{kind}>'


class _Formulas:
    """Writes formulas as `_write` does, each once, and as their source what can't be set."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bool], str] = {}

    def __call__(self, source: str, is_display: bool) -> str:
        key = source, is_display
        if key not in self._known:
            formula = set_formula(source, is_display=is_display) if len(self._known) < _MOST else None
            self._known[key] = as_source(*key) if formula is None else self._write(formula, *key)
        return self._known[key]

    def _write(self, formula: Formula, source: str, is_display: bool) -> str:
        raise NotImplementedError


class ScreenFormulas(_Formulas):
    """Writes formulas as drawings in the text's colour, which scale with it."""

    def _write(self, formula: Formula, source: str, is_display: bool) -> str:
        return _drawing(formula, source, is_display)


@dataclass(frozen=True, slots=True)
class PrintFormula:
    """A formula for paper: `size` is the font's, and with the picture's sizes in 96ths of an inch."""

    formula: Formula
    size: float
    width: float
    height: float
    baseline: float


class PrintFormulas(_Formulas):
    """Writes formulas as pictures called "formula:" and a number, which are in `made`.

    `size` is the text's font size, `middle` how far above the baseline the document puts a picture's middle,
    in 96ths of an inch.
    """

    def __init__(self, size: float, middle: float) -> None:
        super().__init__()
        self.made: dict[str, PrintFormula] = {}
        self._size = size * _SCALE
        self._middle = middle

    def _write(self, formula: Formula, source: str, is_display: bool) -> str:
        ascent, descent = formula.ascent * self._size, formula.descent * self._size
        half = max(ascent - self._middle, descent + self._middle) + 1
        width = formula.width * self._size + 2
        name = f"formula:{len(self.made)}"
        self.made[name] = PrintFormula(formula, self._size, width, 2 * half, half + self._middle)
        sizes = f'width="{width:.1f}" height="{2 * half:.1f}"'
        picture = f'<img src="{name}" {sizes} style="vertical-align: middle">'
        return f'<p align="center">{picture}</p>' if is_display else picture


def _drawing(formula: Formula, source: str, is_display: bool) -> str:
    tall = formula.ascent + formula.descent
    sizes = [round(length * _UNITS) for length in (-formula.ascent, formula.width, tall)]
    shapes = "".join(_shape(outline) for outline in formula.outlines)
    drawing = (
        f'<svg role="img" aria-label="{escape(source)}" viewBox="0 {sizes[0]} {sizes[1]} {sizes[2]}" '
        f'style="width:{formula.width * _SCALE:.3f}em;height:{tall * _SCALE:.3f}em;'
        f'vertical-align:{-formula.descent * _SCALE:.3f}em">{shapes}</svg>'
    )
    return f'<div class="formula">{drawing}</div>' if is_display else drawing


def _shape(outline: Outline) -> str:
    path = "".join(
        name + " ".join(str(round(number * _UNITS)) for number in numbers) for name, numbers in outline.steps
    )
    if outline.stroke:
        width = max(1, round(outline.stroke * _UNITS))
        return f'<path d="{path}" fill="none" stroke="currentColor" stroke-width="{width}"/>'
    return f'<path d="{path}" fill="currentColor"/>'
