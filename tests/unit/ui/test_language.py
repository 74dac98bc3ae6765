"""The language in force: the user's choice, else the system's, else English."""

import pytest
from PySide6.QtCore import QDate, QLocale, Qt
from PySide6.QtWidgets import QApplication

from desktop.base import tongue
from desktop.ui.language import LANGUAGES, Language, best_of, formats_for, users_language


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        (["de-AT"], "de"),
        (["es-419"], "es"),
        (["zh-CN"], "zh_CN"),
        (["zh-SG"], "zh_CN"),
        (["zh-TW"], "en"),
        (["ar-EG"], "ar"),
        (["pt-BR", "pt", "fr-FR"], "fr"),
        (["en-GB", "de"], "en"),
        (["C"], "en"),
        ([], "en"),
    ],
)
def test_the_first_wish_that_can_be_met_counts(wanted: list[str], language: str) -> None:
    assert best_of(wanted) == language


def test_the_choice_comes_before_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    assert users_language("ja") == "ja"
    assert users_language("klingon") == best_of(QLocale.system().uiLanguages())


@pytest.mark.parametrize(
    ("language", "system", "formats"),
    [
        ("de", "de_AT", "de_AT"),
        ("en", "de_AT", "en_AT"),
        ("de", "en_CH", "de_CH"),
        ("en", "C", "en_US"),
        ("fr", "C", "fr_FR"),
        ("en", "pt_BR", "pt_BR"),
    ],
)
def test_numbers_and_dates_keep_to_the_users_country(language: str, system: str, formats: str) -> None:
    locale = QLocale.c() if system == "C" else QLocale(system)
    assert formats_for(language, locale).name() == formats


def test_all_that_is_said_follows_the_language(qapp: QApplication, english: Language) -> None:
    german = Language("de")
    try:
        german.put_in_force(qapp)
        assert tongue.number(1234.5, 1) == "1.234,5"
        assert tongue.size(4_700_000_000).split() == ["4,7", "GB"]
        assert QLocale().toString(QDate(2026, 11, 21), "dddd") == "Samstag"
        assert qapp.translate("QPlatformTheme", "Cancel") == "Abbrechen"
    finally:
        german.take_back(qapp)
        english.put_in_force(qapp)
    assert tongue.number(1234.5, 1) == "1,234.5"
    assert qapp.translate("QPlatformTheme", "Cancel") == "Cancel"


def test_arabic_turns_the_window_around(qapp: QApplication, english: Language) -> None:
    arabic = Language("ar")
    try:
        arabic.put_in_force(qapp)
        assert qapp.layoutDirection() is Qt.LayoutDirection.RightToLeft
    finally:
        arabic.take_back(qapp)
        english.put_in_force(qapp)
    assert qapp.layoutDirection() is Qt.LayoutDirection.LeftToRight


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 bytes"),
        (812, "812 bytes"),
        (1_234, "1.2 kB"),
        (98_400_000, "98 MB"),
        (4_700_000_000_000, "4.7 TB"),
    ],
)
def test_sizes_are_short(english: Language, count: int, words: str) -> None:
    assert " ".join(english.size(count).split()) == words


def test_every_language_has_a_name_of_its_own() -> None:
    assert len(set(LANGUAGES.values())) == len(LANGUAGES) == 7
