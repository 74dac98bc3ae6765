"""Whether typed words stand for a text, and which letters they meet."""

import pytest

from desktop.ui.palette.match import folded, match


def met(typed, text):
    found = match(typed, text)
    assert found is not None, (typed, text)
    return "".join(text[at] for at in found.places)


@pytest.mark.parametrize(
    ("typed", "text", "letters"),
    [
        ("new", "New conversation", "New"),
        ("conv", "New conversation", "conv"),
        ("nc", "New conversation", "Nc"),
        ("newcon", "New conversation", "Newcon"),
        ("conv new", "New conversation", "Newconv"),
        ("uber", "Über die Brücke", "Über"),
        ("brücke", "Uber die Brucke", "Brucke"),
        ("京都", "旅行:京都と奈良", "京都"),
        ("한", "한국어 메모", "한"),
        ("ﾊﾟ", "パン屋", "パ"),
        ("strasse", "Lange Straße", "Straße"),
        ("ation", "New conversation", "ation"),
    ],
)
def test_words_are_met_whatever_their_case_accents_and_script(typed, text, letters):
    assert met(typed, text) == letters


@pytest.mark.parametrize(
    ("typed", "text"),
    [("xyz", "New conversation"), ("new zebra", "New conversation"), ("oeai", "New conversation"), ("q", "")],
)
def test_other_texts_are_not_met(typed, text):
    assert match(typed, text) is None


def test_the_beginning_counts_most_then_a_word_then_anywhere_then_scattered_letters():
    texts = ["Set up", "Open settings set", "Reset", "Search every title"]
    scores = [match("set", text).score for text in texts]
    assert scores == sorted(scores, reverse=True)


def test_of_two_that_fit_alike_the_shorter_is_first():
    assert match("find", "Find").score > match("find", "Find in the conversation").score


def test_marks_are_runs_of_places():
    assert match("nc", "New conversation").marks == ((0, 1), (4, 1))
    assert match("conv new", "New conversation").marks == ((0, 3), (4, 4))


def test_folding_keeps_every_place():
    plain, places = folded("Éﬁ-ß")
    assert plain == "efi-ss"
    assert places == (0, 1, 1, 2, 3, 3)


def test_a_long_title_is_met_by_its_letters_and_not_by_others():
    long = "ab " * 2000
    assert match("ab" * 3, long) is not None
    assert match("ab" * 30, long) is None
    assert match("ba", "a" * 5000 + " b") is None
