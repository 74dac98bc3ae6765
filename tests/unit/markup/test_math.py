"""Where a formula begins and ends in running text."""

import pytest

from desktop.markup.math import math_end


@pytest.mark.parametrize(
    ("text", "start", "content"),
    [
        ("$x$", 0, "x"),
        ("a $x+y$ b", 2, "x+y"),
        ("$$x$$", 0, "x"),
        ("\\(x\\)", 0, "x"),
        ("\\[ x \\]", 0, " x "),
        ("$a\\$b$", 0, "a\\$b"),
        ("$2 x + 1$", 0, "2 x + 1"),
        ("$x$.", 0, "x"),
    ],
)
def test_formulas(text: str, start: int, content: str) -> None:
    found = math_end(text, start)
    assert found is not None
    assert text[found[0] : found[1]] == content


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("$5 and $6", 0),
        ("$5-$6", 0),
        ("$ x$", 0),
        ("$x $", 0),
        ("US$5$", 2),
        ("$5 or US$", 0),
        ("$x", 0),
        ("$x$y", 0),
        ("\\(x", 0),
        ("$$  $$", 0),
        ("\\(\\)", 0),
        ("$" + "x" * 5000 + "$", 0),
    ],
)
def test_text(text: str, start: int) -> None:
    assert math_end(text, start) is None
