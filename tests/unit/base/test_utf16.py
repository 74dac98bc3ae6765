import pytest

from desktop.base import utf16


@pytest.mark.parametrize(
    ("text", "units"), [("", 0), ("weir", 4), ("東京", 2), ("a😀b", 4), ("\ud83d", 1), ("\ud83d\ude00", 2)]
)
def test_a_text_is_as_long_as_qt_counts_it(text: str, units: int) -> None:
    assert utf16.length(text) == units


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("plain 東京 😀", "plain 東京 😀"),
        ("\ud83d\ude00", "😀"),
        ("a\ud83d", "a\ufffd"),
        ("\ude00b", "\ufffdb"),
    ],
)
def test_halves_are_joined_and_lone_ones_replaced(text: str, found: str) -> None:
    assert utf16.well_formed(text) == found
