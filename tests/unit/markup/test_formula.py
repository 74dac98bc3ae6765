"""Formulas: what can be set, what stays source, and that nothing hostile gets as far as the setting."""

import sys
import threading
from typing import Any

import pytest

from desktop.markup.formula import LONGEST, Formula, set_formula

USUAL = (
    r"E = mc^2",
    r"\frac{a}{b} + \dfrac{1}{2} + \tfrac12",
    r"\sum_{i=1}^{n} i^2 = \frac{n(n+1)(2n+1)}{6}",
    r"\int_0^\infty e^{-x^2}\,dx = \frac{\sqrt\pi}{2}",
    r"\begin{pmatrix} a_{11} & \cdots & a_{1n} \\ \vdots & \ddots & b\\ a_{m1} & \cdots & a\end{pmatrix}",
    r"f(x) = \begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}",
    r"\begin{aligned} (a+b)^2 &= a^2 + 2ab + b^2 \\ &\ge 4ab \end{aligned} \tag{1}",
    r"\begin{align*} a &= b \nonumber \\ c &= d \label{x} \end{align*}",
    r"\left\{ \begin{array}{c|c} x & y \\ \hline z & w \end{array} \right.",
    r"\big\{ x \Bigr]",
    r"\operatorname*{arg\,max}_\theta \mathbb{E}_{x \sim p}\left[\log \mathcal{L}(x)\right]",
    r"\lim_{x \to 0} \frac{\sin x}{x}, \quad A \xrightarrow{f} B, \quad \underbrace{a+b}_{n}, \boxed{x}",
    r"\nabla \times \mathbf{E} = -\frac{\partial \mathbf{B}}{\partial t}",
    r"\text{a < b \& c}",
    r"\cancel{x} \neq \overline{AB} \implies \hat{y}_i",
    "α + β ≤ γ",
)

SOURCE = (
    "",
    "  ",
    r"\frac{",
    r"x^",
    r"\left( x",
    r"\unknowncommand{x}",
    r"\begin{foo} x \end{foo}",
    r"\href{file:///etc/passwd}{x}",
    r"\includegraphics{/etc/passwd}",
    r"\input{/etc/passwd}",
    r"\def\x{y}\x",
    r"\newcommand{\R}{\mathbb R}\R",
    r"\text{東京}",
    "x + y\n\nand then a paragraph",
    "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
)


@pytest.mark.parametrize("source", USUAL)
@pytest.mark.parametrize("is_display", [False, True])
def test_usual_formulas_are_set(source: str, is_display: bool) -> None:
    formula = set_formula(source, is_display=is_display)
    assert formula is not None
    assert 0.3 < formula.width < 60
    assert 0 < formula.ascent + formula.descent < 12
    for x, y in points(formula):
        assert -0.3 <= x <= formula.width + 0.3
        assert -formula.ascent - 0.3 <= y <= formula.descent + 0.3


def points(formula: Formula) -> list[tuple[float, float]]:
    found = []
    for outline in formula.outlines:
        for _, numbers in outline.steps:
            found += list(zip(numbers[::2], numbers[1::2], strict=True))
    return found


@pytest.mark.parametrize("source", SOURCE)
def test_what_cannot_be_set_stays_source(source: str) -> None:
    assert set_formula(source) is None


def test_display_style_is_taller_and_a_letter_stands_on_the_baseline() -> None:
    inline, display = set_formula(r"\sum_a^b"), set_formula(r"\sum_a^b", is_display=True)
    assert inline is not None
    assert display is not None
    assert display.ascent + display.descent > 1.3 * (inline.ascent + inline.descent)
    letter = set_formula("x")
    assert letter is not None
    assert letter.descent < 0.05
    assert 0.4 < letter.ascent < 0.6


HOSTILE = {
    "long": "x+" * 500_000,
    "nested fractions": r"\frac{1+" * 30 + "x" + "}{y}" * 30,
    "nested powers": "x^{a" * 39 + "x" + "}" * 39,
    "nested brackets": r"\left(a" * 60 + "x" + r"\right)" * 60,
    "nested matrices": r"\begin{matrix}a&" * 20 + "x" + r"\end{matrix}" * 20,
    "braces": "{" * 1_400 + "}" * 1_400,
    "open braces": "{" * LONGEST,
    "many rows": r"\begin{matrix}" + r"1&2\\" * 500 + r"\end{matrix}",
    "binomials": r"\binom{a}{" * 290,
    "hats": r"\hat" * 700,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_formulas_cost_little(name: str) -> None:
    # Calls are counted instead of seconds: what is set has to be bounded, whatever the machine.
    calls = 0

    def count(frame: Any, event: str, _: object) -> None:
        nonlocal calls
        calls += event == "call"

    set_formula("x")
    sys.setprofile(count)
    try:
        set_formula(HOSTILE[name])
    finally:
        sys.setprofile(None)
    assert calls < 4_000_000


def test_nothing_is_opened_because_a_formula_names_it() -> None:
    set_formula("x")
    opened: list[object] = []
    here = threading.get_ident()

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event in ("open", "socket.connect", "subprocess.Popen") and threading.get_ident() == here:
            opened.append((event, arguments))

    watching = True
    sys.addaudithook(lambda *what: watch(*what) if watching else None)
    for source in (*SOURCE, *USUAL):
        set_formula(source)
    watching = False
    assert opened == []
