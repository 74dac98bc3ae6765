"""Formulas as they are heard."""

import pytest

from desktop.markup.spoken import spoken_formula


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("x^2", "x squared"),
        (r"a \le b", "a is at most b"),
        (r"\frac12", "1 over 2"),
        (
            r"\frac{a+b}{\sqrt{c+1}}",
            "fraction a plus b over square root of c plus 1 end of root end of fraction",
        ),
        (r"\sum_{i=1}^{n} x_i", "sum from i equals 1 to n of x sub i"),
        (r"\int_0^\infty e^{-x}", "integral from 0 to infinity of e to the power of minus x"),
        (r"\sqrt[3]{x}", "root of order 3 of x"),
        ("f'", "f prime"),
        (r"\text{if } x \neq 0", "if x is not equal to 0"),
        (r"x_i^2", "x sub i to the power of 2"),
    ],
)
def test_words_follow_the_formula(source: str, words: str) -> None:
    assert spoken_formula(source) == words


@pytest.mark.parametrize("source", ["", r"\frac{", "\\def\\a{b}", "x" * 4000, "{" * 3000])
def test_what_is_no_formula_stays_as_it_is(source: str) -> None:
    assert spoken_formula(source) == source
