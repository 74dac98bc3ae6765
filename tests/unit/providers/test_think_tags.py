import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.delta import ReasoningDelta, TextDelta
from desktop.providers.think_tags import ThinkTags


def sort(text: str, size: int) -> tuple[str, str]:
    """Return (reasoning, text) of a text that is fed in pieces of `size` characters."""
    tags = ThinkTags()
    deltas = [delta for start in range(0, len(text), size) for delta in tags.feed(text[start : start + size])]
    deltas += tags.flush()
    reasoning = "".join(delta.text for delta in deltas if isinstance(delta, ReasoningDelta))
    return reasoning, "".join(delta.text for delta in deltas if isinstance(delta, TextDelta))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize(
    ("text", "reasoning", "rest"),
    [
        ("<think>a b</think>c", "a b", "c"),
        ("\n <think>\n\na\nb\n</think>\n\nc\n", "a\nb", "c\n"),
        ("<thinking>a</thinking>b", "a", "b"),
        ("<think></think>a", "", "a"),
        ("<think>\n\n</think>\n\na", "", "a"),
        ("<think>a < b </ c</think>d", "a < b </ c", "d"),
        ("<think>never closed", "never closed", ""),
        ("<think>cut in the tag</thi", "cut in the tag</thi", ""),
        ("plain <think>text</think>", "", "plain <think>text</think>"),
        ("<thin air", "", "<thin air"),
        ("<", "", "<"),
        ("  leading", "", "  leading"),
        ("", "", ""),
    ],
)
def test_tags(text: str, reasoning: str, rest: str, size: int) -> None:
    assert sort(text, size) == (reasoning, rest)


@given(st.text(alphabet="<>/think ab\n", max_size=40), st.integers(1, 9))
def test_where_the_text_is_cut_makes_no_difference(text: str, size: int) -> None:
    assert sort(text, size) == sort(text, 1000)


@given(st.text(alphabet="<>/think ab\n", max_size=40), st.integers(1, 9))
def test_text_that_opens_no_tag_stays_as_it_is(text: str, size: int) -> None:
    if not text.lstrip().startswith(("<think>", "<thinking>", "<thought>")):
        assert sort(text, size) == ("", text)


def test_plain_text_is_not_held_back() -> None:
    tags = ThinkTags()
    assert tags.feed("H") == [TextDelta("H")]
    assert tags.is_settled
