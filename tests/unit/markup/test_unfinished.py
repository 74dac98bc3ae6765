"""Open marks at the end of a growing text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.markup.inline import CODE, STRONG, InlineText
from desktop.markup.unfinished import as_if_finished


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("plain", "plain"),
        ("a **bo", "a **bo**"),
        ("a **bold words ", "a **bold words**"),
        ("a **", "a "),
        ("a **b** c", "a **b** c"),
        ("a `co", "a `co`"),
        ("a ``co` d", "a ``co` d``"),
        ("a `", "a "),
        ("a `c` and **d `e", "a `c` and **d `e`**"),
        ("see [the page](https://exa", "see the page"),
        ("see [the page](", "see the page"),
        ("array[0](x) y", "array[0](x) y"),
        ("2 ** 3", "2 ** 3"),
        ("\\`not code", "\\`not code"),
        ("`**` is strong", "`**` is strong"),
        ("a***b", "a***b"),
        ("x" * 3000 + " **b", "x" * 3000 + " **b"),
    ],
)
def test_open_marks(source: str, shown: str) -> None:
    assert as_if_finished(source) == shown


@given(st.lists(st.sampled_from(["**", "*", "`", "``", "a", " ", "[", "](", ")", "\\", "\n"])).map("".join))
def test_anything_can_be_unfinished(source: str) -> None:
    assert len(as_if_finished(source)) <= 2 * len(source) + 2


def test_text_is_strong_before_its_mark_is_closed_and_stays_so() -> None:
    growing = InlineText()
    half = growing.parse("a **bold `co", {}, is_open=True)
    assert half.text == "a bold co"
    assert [run.marks for run in half.runs] == [STRONG, STRONG | CODE]
    assert growing.parse("a **bold `co", {}).text == "a **bold `co"
