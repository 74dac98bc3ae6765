"""Figures and joints of texts: as a country writes them, and by translation where words are in them."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QDate, QLocale
from PySide6.QtWidgets import QApplication

from desktop.ui import wording


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale("de_DE"))
    yield
    QLocale.setDefault(before)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (940, "940"),
        (3_240, "3.2k"),
        (9_990, "10k"),
        (128_499, "128k"),
        (999_700, "1M"),
        (2.5e9, "2.5B"),
    ],
)
def test_short_counts(value: float, text: str) -> None:
    assert wording.short(value) == text


def test_as_many_decimals_as_wanted_and_needed() -> None:
    assert wording.short(1_048_576, 2) == "1.05M"
    assert wording.trimmed(0.5, 6) == "0.5"
    assert wording.trimmed(3.0, 6) == "3"
    assert wording.trimmed(1234.28, 1) == "1,234.3"


def test_durations_shares_and_prices() -> None:
    assert wording.seconds(0.5, 2) == "0.50 s"
    assert wording.milliseconds(1_250) == "1,250 ms"
    assert wording.minutes(605) == "10 min 5 s"
    assert wording.percent(0.42) == "42\N{NARROW NO-BREAK SPACE}%"
    assert wording.dollars(1_234.5, 2) == "$1,234.50"


def test_what_is_empty_is_not_joined() -> None:
    assert wording.parts("notes.md", "", "23 bytes") == "notes.md, 23 bytes"
    assert wording.parts("{braces}", "{0}") == "{braces}, {0}"
    assert wording.parts() == ""
    assert wording.pair("Cost", "$0.12") == "Cost: $0.12"


def test_days_and_lists_follow_the_country(german: None) -> None:
    assert wording.month(QDate(2026, 3, 5)) == "März 2026"
    assert wording.day(QDate(2026, 10, 5), has_year=True).endswith("Okt. 2026")
    assert wording.listed(["eins", "zwei", "drei"]) == "eins, zwei und drei"
