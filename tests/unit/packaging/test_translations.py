"""The files of the translations: what the code says is what they hold, and nothing false comes in."""

import subprocess
from pathlib import Path

import pytest

from desktop.ui.language import LANGUAGES
from tests.unit.packaging.test_texts import load

translations = load("translations")
Text = translations.Text
Found = translations.Found

slim = load("slim")

PLAIN = Text("Shelf", "Move to {folder} <now> & then")
COUNTED = Text("Shelf", "%n message(s)", "", True)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the files somewhere else."""
    monkeypatch.setattr(translations, "FOLDER", tmp_path)
    return tmp_path


def entries_of(language: str, *texts: object) -> dict[object, object]:
    """Return entries as they are when the texts are new."""
    made: dict[object, object] = translations.merged(language, Found(texts, ()), {})
    return made


def test_what_is_written_is_read_back(folder: Path) -> None:
    entries = entries_of("ar", PLAIN, COUNTED)
    answers = [
        {"source": PLAIN.source, "is": ["انقل إلى {folder} <الآن> & ثم"]},
        {"source": COUNTED.source, "is": [f"{form} %n" for form in "abcdef"]},
    ]
    done, refused = translations.taken(entries, answers)
    assert not refused
    translations.write("ar", done)
    assert translations.read("ar") == done
    assert not translations.todo(done)


def test_english_has_the_counted_texts_alone(folder: Path) -> None:
    assert [text for _, text, _ in entries_of("en", PLAIN, COUNTED)] == [COUNTED.source]


def test_a_text_that_stays_keeps_its_translation_and_one_that_went_goes(folder: Path) -> None:
    gone = Text("Shelf", "Gone")
    done, _ = translations.taken(
        entries_of("de", PLAIN, gone), [{"source": PLAIN.source, "is": "Nach {folder} <jetzt> & dann"}]
    )
    after = translations.merged("de", Found((PLAIN, Text("Shelf", "New")), ()), done)
    assert [(text, entry.forms) for (_, text, _), entry in after.items()] == [
        (PLAIN.source, ("Nach {folder} <jetzt> & dann",)),
        ("New", ("",)),
    ]


def test_a_text_in_two_places_is_asked_for_once(folder: Path) -> None:
    entries = entries_of("de", Text("A", "Stop"), Text("B", "Stop"), Text("B", "Stop", "a noun"))
    asked = translations.todo(entries)
    assert [(each["source"], each["in"]) for each in asked] == [("Stop", ["A", "B"]), ("Stop", ["B"])]
    done, refused = translations.taken(entries, [{**asked[0], "is": ["Anhalten"]}])
    assert not refused
    assert [entry.forms for entry in done.values()] == [("Anhalten",), ("Anhalten",), ("",)]


@pytest.mark.parametrize(
    ("text", "forms", "why"),
    [
        (PLAIN, ("Nach <jetzt> & dann",), "other values in braces"),
        (PLAIN, ("Nach {ordner} <jetzt>",), "other values in braces"),
        (Text("A", "Save"), ("Sichern ",), "space around it"),
        (Text("A", "one\ntwo"), ("eins zwei",), "other lines"),
        (COUNTED, ("%n Nachricht",), "2 forms are needed"),
        (COUNTED, ("eine Nachricht", "Nachrichten"), "%n is missing"),
        (Text("A", "Save"), ("Sichern %n",), "%n has no number here"),
    ],
)
def test_a_translation_that_would_break_the_text_is_refused(
    folder: Path, text: object, forms: tuple[str, ...], why: str
) -> None:
    entries = entries_of("de", text)
    done, refused = translations.taken(entries, [{"source": text.source, "is": list(forms)}])  # type: ignore[attr-defined]
    assert [line for line in refused if line.startswith(why)]
    assert done == entries


def test_an_answer_to_nothing_is_named(folder: Path) -> None:
    _, refused = translations.taken(entries_of("de", PLAIN), [{"source": "Sav", "is": ["Sichern"]}])
    assert refused == ["no such text: 'Sav'"]


def test_what_is_compiled_is_what_qt_reads(folder: Path) -> None:
    from PySide6.QtCore import QTranslator

    done, _ = translations.taken(
        entries_of("de", COUNTED), [{"source": COUNTED.source, "is": ["eine Nachricht", "%n Nachrichten"]}]
    )
    translations.write("de", done)
    made = translations.compile_one("de", folder)
    translator = QTranslator()
    assert translator.load(str(made))
    assert [translator.translate("Shelf", COUNTED.source, "", n) for n in (1, 2)] == [
        "eine Nachricht",
        "%Ln Nachrichten",
    ]


def test_the_same_languages_are_spoken_everywhere() -> None:
    assert set(translations.FORMS) == set(LANGUAGES) == {*slim.SPOKEN, "en"}


def test_a_bundle_holds_qts_words_in_those_languages_alone() -> None:
    for system in ("PySide6/Qt/translations/", "PySide6\\translations\\"):
        kept = [
            name
            for name in ("qtbase_de.qm", "qtbase_pt_BR.qm", "qt_de.qm", "qtbase_zh_CN.qm")
            if slim.is_wanted((system + name, "", "DATA"), slim.SPOKEN)
        ]
        assert kept == ["qtbase_de.qm", "qtbase_zh_CN.qm"]
        assert not slim.is_wanted((system + "qtbase_de.qm", "", "DATA"))
    assert slim.is_wanted(("desktop/resources/translations/weir_de.qm", "", "DATA"))


def test_a_file_that_is_none_is_said(folder: Path) -> None:
    translations.source_file("de").write_text("<TS", encoding="utf-8")
    with pytest.raises(subprocess.CalledProcessError):
        translations.compile_one("de", folder)
