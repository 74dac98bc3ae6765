"""Every text of the window is there in every language, and what the program reads is what was translated."""

from pathlib import Path

import pytest

from desktop.ui.language import LANGUAGES
from tests.unit.packaging.test_texts import load

translations = load("translations")
FOUND = translations.collect(translations.ROOT)


def test_every_text_of_the_code_can_be_collected() -> None:
    assert not FOUND.problems
    assert len(FOUND.texts) > 1000


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_in_english(language: str) -> None:
    entries = translations.read(language)
    wanted = translations.merged(language, FOUND, {})
    assert not wanted.keys() - entries.keys(), "run: packaging/run.py translations update"
    assert not entries.keys() - wanted.keys(), "run: packaging/run.py translations update"
    undone = [name for name, entry in entries.items() if not entry.is_done]
    assert not undone, f"run: packaging/run.py translations todo {language}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_breaks_its_text(language: str) -> None:
    entries = translations.read(language).values()
    count = translations.FORMS[language]
    faults = [
        f"{fault}: {entry.text.source!r} -> {entry.forms!r}"
        for entry in entries
        if (fault := translations.fault_of(entry.text, entry.forms, count if entry.text.is_counted else 1))
    ]
    assert not faults


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_program_reads_is_what_was_translated(language: str, tmp_path: Path) -> None:
    made = translations.compile_one(language, tmp_path)
    kept = translations.FOLDER / made.name
    assert kept.read_bytes() == made.read_bytes(), "run: packaging/run.py translations compile"
