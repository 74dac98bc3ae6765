import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.delta import (
    Delta,
    FinishDelta,
    ReasoningDelta,
    StopReason,
    TextDelta,
    Usage,
    UsageDelta,
)
from desktop.providers.seam import SPAN, Seam

# Few letters, so that repetitions are common; spaces and lines, so that there are words.
TEXTS = st.text(alphabet="ab1 \n.", max_size=60)


def rest_of(before: str, pieces: Sequence[str], *, is_prefilled: bool = False) -> str:
    seam = Seam(before, is_prefilled=is_prefilled)
    shown = [delta for piece in pieces for delta in seam.feed([TextDelta(piece)])]
    shown += seam.close()
    return "".join(delta.text for delta in shown if isinstance(delta, TextDelta))


@pytest.mark.parametrize(
    ("before", "come", "whole"),
    [
        ("A weir is a low", " dam across", "A weir is a low dam across"),
        ("A weir is a low", "low dam across", "A weir is a low dam across"),
        ("A weir is a low", "A weir is a low dam", "A weir is a low dam"),
        ("It is built acro", "across a river", "It is built across a river"),
        ("hel", "lo", "hello"),
        ("It cost 11", "1 euros", "It cost 111 euros"),
        ("First.\n\n- one\n- tw", "- two\n- three", "First.\n\n- one\n- two\n- three"),
        ("One.\n\n", "\n\nTwo.", "One.\n\nTwo."),
        ("", "All of it.", "All of it."),
    ],
)
def test_what_was_there_is_not_said_again(before: str, come: str, whole: str) -> None:
    assert before + rest_of(before, [come]) == whole
    assert before + rest_of(before, list(come)) == whole


@pytest.mark.parametrize(
    ("before", "come", "whole"),
    [
        ("very", " very deep", "very very deep"),
        ("0, 0, 0,\n", "0, 0, 0,\n", "0, 0, 0,\n0, 0, 0,\n"),
        ("One.\n", "\n\nTwo.", "One.\n\nTwo."),
        ("Ends. ", " Goes on.", "Ends. Goes on."),
    ],
)
def test_a_model_that_goes_on_with_its_own_words_may_repeat_itself(
    before: str, come: str, whole: str
) -> None:
    assert before + rest_of(before, [come], is_prefilled=True) == whole


@given(TEXTS, TEXTS, st.integers(0, 60), st.booleans())
def test_only_a_repetition_is_ever_left_out(
    before: str, fresh: str, overlap: int, is_prefilled: bool
) -> None:
    come = before[len(before) - min(overlap, len(before)) :] + fresh
    rest = rest_of(before, [come], is_prefilled=is_prefilled)
    left_out = come[: len(come) - len(rest)]
    assert left_out + rest == come
    assert before.endswith(left_out)


@given(TEXTS, TEXTS, st.data())
def test_a_repetition_from_the_start_of_a_word_is_left_out_whole(
    before: str, fresh: str, data: st.DataObject
) -> None:
    starts = [
        start
        for start in range(len(before))
        if start == 0 or not (before[start - 1].isalnum() and before[start].isalnum())
    ]
    start = data.draw(st.sampled_from(starts)) if starts else 0
    come = before[start:] + fresh
    assert len(come) - len(rest_of(before, [come])) >= len(before) - start


@given(TEXTS, TEXTS, st.integers(0, 60), st.lists(st.integers(0, 120), max_size=8), st.booleans())
def test_it_does_not_matter_how_the_rest_is_cut(
    before: str, fresh: str, overlap: int, cuts: list[int], is_prefilled: bool
) -> None:
    come = before[len(before) - min(overlap, len(before)) :] + fresh
    places = [0, *sorted(min(cut, len(come)) for cut in cuts), len(come)]
    pieces = [come[a:b] for a, b in itertools.pairwise(places)]
    whole = rest_of(before, [come], is_prefilled=is_prefilled)
    assert rest_of(before, pieces, is_prefilled=is_prefilled) == whole


def test_what_repeats_nothing_is_shown_as_it_comes() -> None:
    seam = Seam("A weir is a low", is_prefilled=False)
    assert seam.feed([TextDelta("dam")]) == [TextDelta("dam")]
    after = [TextDelta("low")]
    assert seam.feed(after) is after


def test_a_repetition_is_found_within_a_span() -> None:
    before = "".join(f"{number} " for number in range(3 * SPAN))
    assert rest_of(before, list(before[-SPAN:] + "end")) == "end"


def test_other_deltas_keep_their_place() -> None:
    seam = Seam("one two", is_prefilled=False)
    finish, usage = FinishDelta(StopReason.STOP), UsageDelta(Usage(output=3))
    shown: list[Delta] = []
    for delta in (ReasoningDelta("Hm"), TextDelta("one"), usage, TextDelta(" tw"), finish):
        shown += seam.feed([delta])
    shown += seam.close()
    # "one tw" is no end of what was there, so that it is new.
    assert shown == [ReasoningDelta("Hm"), usage, TextDelta("one tw"), finish]
