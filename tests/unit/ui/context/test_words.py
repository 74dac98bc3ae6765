"""What is said of a context window: round where it is a guess, exact where it was counted."""

import pytest

from desktop.chat.fitting import Measure
from desktop.chat.windows import Window, WindowSource
from desktop.domain.context import Load, Plan
from desktop.domain.cut import Overflow
from desktop.domain.message import Message, Role, TextPart
from desktop.ui.context.words import about, excess_words, fitting_words, measure_words
from desktop.ui.wording import short

# Plural forms come with an application alone.
pytestmark = pytest.mark.usefixtures("qapp")


def measure(load: Load, source: WindowSource = WindowSource.SERVICE, plan: Plan | None = None) -> Measure:
    return Measure(load, Window(load.window, source), plan or Plan(), Overflow.ASK)


def message(text: str) -> Message:
    return Message(id="m", conversation_id="c", parent_id=None, role=Role.USER, parts=(TextPart(text),))


@pytest.mark.parametrize(
    ("value", "rounded", "letters"),
    [
        (7, 7, "7"),
        (944, 940, "944"),
        (3_249, 3_200, "3.2k"),
        (128_499, 128_000, "128k"),
        (1_048_576, 1_049_000, "1M"),
    ],
)
def test_an_estimate_is_as_round_as_it_is_sure(value: int, rounded: int, letters: str) -> None:
    assert about(value) == rounded
    assert short(value) == letters


def test_what_was_counted_is_exact_and_what_nobody_knows_is_unknown() -> None:
    assert measure_words(measure(Load(3_249, 9, 0, 8_192))).startswith("About 3,200 of 8,192 tokens. ")
    assert measure_words(measure(Load(3_249, 0, 0, 8_192))).startswith("About 3,249 of 8,192 tokens. ")
    assert "by hand" in measure_words(measure(Load(1, 1, 0, 9), WindowSource.HAND))
    assert "is unknown" in measure_words(measure(Load(1, 1), WindowSource.NOBODY))


def test_too_long_and_too_little_room_are_told_apart() -> None:
    assert "does not fit any more" in excess_words(measure(Load(950, 9, 90, 900)), is_refused=False)
    assert "too little room for a reply" in excess_words(measure(Load(850, 9, 90, 900)), is_refused=False)
    assert "refused" in excess_words(measure(Load(850, 9)), is_refused=True)


def test_what_would_go_is_counted_and_named() -> None:
    two = Plan((message("First question"), message("  A long\nanswer ")), "m", 2)
    assert fitting_words(measure(Load(1, 1), plan=two)) == (
        "It fits without the 2 oldest messages, up to “A long answer”."
    )
    one = Plan((message("Only this"),), "m", 1)
    assert fitting_words(measure(Load(1, 1), plan=one)) == "It fits without the oldest message, “Only this”."
