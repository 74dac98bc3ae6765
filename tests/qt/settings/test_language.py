"""The card of the languages: each by its own name, the choice kept for the next start."""

from pytestqt.qtbot import QtBot

from desktop.ui.language import LANGUAGES
from desktop.ui.preferences import LANGUAGE, Preferences
from desktop.ui.settings.language import LanguageCard
from desktop.ui.theme import Theme


def made(qtbot: QtBot, kept: dict[str, str]) -> LanguageCard:
    """Return a card over preferences in memory."""
    card = LanguageCard(Theme(), Preferences(kept.get, kept.__setitem__))
    qtbot.addWidget(card)
    card.show()
    return card


def test_the_languages_are_listed_by_what_their_speakers_call_them(qtbot: QtBot) -> None:
    card = made(qtbot, {})
    chooser = card.chooser
    assert [chooser.itemText(row) for row in range(1, chooser.count())] == list(LANGUAGES.values())
    assert chooser.itemText(0) == "Like the system: English"
    assert chooser.currentIndex() == 0


def test_a_choice_is_kept_and_said_to_count_from_the_next_start_on(qtbot: QtBot) -> None:
    kept: dict[str, str] = {}
    card = made(qtbot, kept)
    card.chooser.setCurrentIndex(card.chooser.findData("ja"))
    assert kept == {LANGUAGE: "ja"}
    assert card.words.isVisible()
    assert "日本語" in card.words.text()
    card.chooser.setCurrentIndex(0)
    assert kept == {LANGUAGE: ""}
    assert not card.words.isVisible()


def test_the_choice_of_before_is_shown(qtbot: QtBot) -> None:
    french, unknown = made(qtbot, {LANGUAGE: "fr"}), made(qtbot, {LANGUAGE: "tlh"})
    assert french.chooser.currentText() == "Français"
    assert unknown.chooser.currentIndex() == 0
