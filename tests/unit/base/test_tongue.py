"""Sentences and lists are joined as the language in force writes them."""

from collections.abc import Iterator

import pytest

from desktop.base import tongue
from desktop.ui.language import Language


@pytest.fixture(autouse=True)
def _english_afterwards(english: Language) -> Iterator[None]:
    yield
    tongue.speak(english)


def test_english_has_a_space_between_sentences_and_commas_in_lists() -> None:
    assert tongue.sentences("It failed.", "", "Try again.") == "It failed. Try again."
    assert tongue.row(["a", "b", "c"]) == "a, b, c"
    assert tongue.parts("name", "", "new") == "name, new"
    assert tongue.sentences() == tongue.row([]) == tongue.parts() == ""


@pytest.mark.parametrize(
    ("language", "together", "listed"),
    [
        ("de", "甲。 乙。", "a, b, c"),
        ("zh_CN", "甲。乙。", "a、b、c"),
        ("ja", "甲。乙。", "a、b、c"),
        ("ar", "甲。 乙。", "a، b، c"),
    ],
)
def test_each_language_joins_its_own_way(language: str, together: str, listed: str) -> None:
    tongue.speak(Language(language))
    assert tongue.sentences("甲。", "乙。") == together
    assert tongue.row(["a", "b", "c"]) == listed


def test_braces_in_what_is_joined_stay_as_they_are() -> None:
    assert tongue.sentences("{first}", "{next}", "{x}") == "{first} {next} {x}"
    assert tongue.row(["{before}", "{after}", "{"]) == "{before}, {after}, {"
