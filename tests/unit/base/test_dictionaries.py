"""The system's dictionaries: which are chosen, and where the system has them, what they say."""

import ctypes
import sys

import pytest

from desktop.base import dictionaries
from desktop.base.dictionaries import _chosen, open_dictionaries

INSTALLED = ["de_AT", "de_CH", "de_DE", "en_GB", "en_US", "fr", "pt_BR"]


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (["de_AT"], ["de_AT"]),
        (["de-CH"], ["de_CH"]),
        (["de_LU"], ["de_DE"]),
        (["en"], ["en_US"]),
        (["en_ZA"], ["en_US"]),
        (["fr_CA"], ["fr"]),
        (["pt_PT"], ["pt_BR"]),
        (["ja_JP", "sv"], []),
        (["de_DE", "de_AT", "en_GB", "fr_FR", "pt_BR"], ["de_DE", "en_GB", "fr"]),
    ],
)
def test_the_nearest_dictionary_of_each_language_is_chosen(wanted, chosen):
    assert _chosen(wanted, INSTALLED) == chosen


def test_without_the_library_there_is_none(monkeypatch):
    def refuse(name):
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    assert open_dictionaries(["en_US"]) is None


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_elsewhere_there_is_none(monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    assert dictionaries._library() is None


@pytest.fixture
def english():
    found = open_dictionaries(["en_US"])
    if found is None:
        pytest.skip("this system has no English dictionary for Enchant")
    yield found
    found.close()


def test_a_real_dictionary_knows_words_and_suggests_others(english):
    assert english.languages[0].startswith("en")
    assert all(english.knows(word) for word in ("house", "don't", "don\u2019t", "Paris"))
    assert not any(english.knows(word) for word in ("beautifull", "qwrtz", "日本", "\ud800"))
    assert "beautiful" in english.suggestions("beautifull")
    assert english.suggestions("\u0000" * 3) is not None


def test_several_languages_know_what_one_of_them_does(english):
    both = open_dictionaries(["de_DE", "en_US"])
    if both is None or len(both.languages) < 2:
        pytest.skip("this system has no German dictionary for Enchant")
    assert both.knows("Wehr")
    assert both.knows("weir")
    assert not both.knows("wxyzq")
    both.close()
