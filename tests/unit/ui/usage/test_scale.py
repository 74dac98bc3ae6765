"""Round numbers on the scale, in words that fit their size."""

import datetime
from collections.abc import Sequence

import pytest

from desktop.domain.usage import Step
from desktop.ui import wording
from desktop.ui.usage import words
from desktop.ui.usage.scale import spread, ticks


@pytest.mark.parametrize(
    ("largest", "expected"),
    [
        (0, [0, 1]),
        (1, [0, 0.25, 0.5, 0.75, 1]),
        (3.2, [0, 1, 2, 3, 4]),
        (97, [0, 25, 50, 75, 100]),
        (401, [0, 200, 400, 600]),
        (0.0973, [0, 0.025, 0.05, 0.075, 0.1]),
    ],
)
def test_a_scale_is_round_and_holds_the_largest(largest: float, expected: Sequence[float]) -> None:
    found = ticks(largest)
    assert found == pytest.approx(expected)
    assert found[-1] >= largest


@pytest.mark.parametrize("largest", [1e-6, 0.3, 7, 12_345, 9e12])
def test_a_scale_has_few_steps(largest: float) -> None:
    assert 2 <= len(ticks(largest)) <= 5
    assert ticks(largest)[-1] >= largest


def test_labels_are_at_even_distances_up_to_the_last() -> None:
    assert list(spread(7, 7)) == [0, 1, 2, 3, 4, 5, 6]
    assert list(spread(30, 6)) == [4, 9, 14, 19, 24, 29]
    assert list(spread(0, 6)) == []
    assert list(spread(5, 0)) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "$0"), (0.00001, "<$0.0001"), (0.0123, "$0.0123"), (12.3, "$12.30"), (1234.5, "$1,234.50")],
)
def test_money(value: float, text: str) -> None:
    assert words.money(value) == text


def test_unknown_is_said() -> None:
    assert words.cost(None) == "unknown"
    assert words.seconds(None) == words.speed(None) == "–"


@pytest.mark.parametrize(
    ("scale", "texts"),
    [
        ((0, 0.025, 0.05), ["$0", "$0.025", "$0.050"]),
        ((0, 0.5, 1.0), ["$0", "$0.50", "$1.00"]),
        ((0, 500, 1000), ["$0", "$500", "$1,000"]),
    ],
)
def test_dollars_on_a_scale_look_alike(scale: Sequence[float], texts: list[str]) -> None:
    assert words.money_scale(scale) == texts


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (940, "940"), (3_240, "3.2k"), (128_000, "128k"), (999_700, "1M"), (2.5e9, "2.5B")],
)
def test_short_counts(value: float, text: str) -> None:
    assert wording.short(value) == text


def test_steps_have_names() -> None:
    day = datetime.date(2026, 11, 2)
    assert words.step_words(Step.DAY, day).endswith("2 Nov 2026")
    assert words.step_words(Step.WEEK, day) == "Week from 2 Nov 2026"
    assert words.step_words(Step.MONTH, day) == "November 2026"
