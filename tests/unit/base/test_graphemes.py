"""Where a text may be cut, against what Qt's own carets do."""

import random

import pytest
from PySide6.QtGui import QTextLayout

from desktop.base.graphemes import beginning, end_at, is_boundary, start_at
from tests.support.composing import ACCENT, FAMILY, FLAG, JAMO, SYLLABLE, THUMB, WHOLE

SAMPLES = (
    *WHOLE, SYLLABLE, "क्\N{ZERO WIDTH JOINER}ष", "त्र्य", "ক্ষ", "ക്ഷ", "నమస్తే", "நி", "ਪੰਜਾਬੀ", "한국어",
    "日本", "か\N{COMBINING KATAKANA-HIRAGANA VOICED SOUND MARK}", "שָׁלוֹם", "مُحَمَّد", "ស្រី", "❤️\u200d🔥",
    "🧑🏽\u200d🤝\u200d🧑🏿", "⬆️", "©️", "🏴\U000e0067\U000e0062\U000e007f", "🇩🇪🇫🇷🇬",
    "x\N{ZERO WIDTH JOINER}y", "a\N{ZERO WIDTH SPACE}b", "ab", "ñ", "1.",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _application(qapp):
    """Qt lays text out only with its application there."""


def stops(text: str) -> list[int]:
    """Return where a caret of Qt may stand, as Python counts characters."""
    layout = QTextLayout(text)
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    found, unit = [], 0
    for at, char in enumerate(text):
        if layout.isValidCursorPosition(unit):
            found.append(at)
        unit += 2 if char > "\uffff" else 1
    return [*found, len(text)]


def cuts(text: str) -> list[int]:
    return [at for at in range(len(text) + 1) if is_boundary(text, at)]


@pytest.mark.parametrize("text", SAMPLES, ids=ascii)
def test_a_text_is_cut_where_a_caret_may_stand(text: str):
    assert cuts(text) == stops(text)


def test_so_are_all_that_can_be_made_of_them():
    chance = random.Random(7)
    # Qt takes a flag apart that follows an emoji; see the test below.
    others = [sample for sample in SAMPLES if not "\U0001f1e6" <= sample[0] <= "\U0001f1ff"]
    for _ in range(300):
        text = "".join(chance.choice(others) for _ in range(6))
        assert cuts(text) == stops(text), ascii(text)


def test_flags_stay_whole_wherever_they_stand():
    assert cuts(f"x😀{FLAG}") == [0, 1, 2, 4]
    assert cuts(f"{FLAG}😀{FLAG}{FLAG}") == [0, 2, 3, 5, 7]


@pytest.mark.parametrize("text", ["\r\n", "\ud83d\ude00"])
def test_what_belongs_together_in_other_ways_is_not_cut(text: str):
    assert cuts(text) == [0, 2]


def test_a_lone_half_of_a_pair_and_a_mark_after_a_break_stand_for_themselves():
    assert cuts("a\ude00") == [0, 1, 2]
    assert cuts("\n\N{COMBINING ACUTE ACCENT}") == [0, 1, 2]


@pytest.mark.parametrize("one", [FAMILY, FLAG, THUMB, ACCENT, SYLLABLE, JAMO], ids=ascii)
def test_places_within_a_character_lead_to_its_ends(one: str):
    text = f"x{one}y"
    for at in range(2, len(one) + 1):
        assert start_at(text, at) == 1
        assert end_at(text, at) == 1 + len(one)
    assert start_at(text, 1) == end_at(text, 1) == 1
    assert start_at(text, 99) == end_at(text, 99) == len(text)


def test_a_beginning_ends_before_a_character_that_does_not_fit():
    assert beginning("short", 10) == "short"
    assert beginning(f"ab{FAMILY}cd", 5) == "ab"
    assert beginning(f"ab{FAMILY}cd", 2 + len(FAMILY)) == f"ab{FAMILY}"
    assert beginning(FAMILY, 3) == FAMILY[:3]


def test_marks_without_an_end_are_cut_somewhere():
    text = "a" + "\N{COMBINING GRAVE ACCENT}" * 1000
    assert start_at(text, 500) == 500
    assert beginning(text, 500) == text[:500]
