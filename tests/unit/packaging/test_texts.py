"""What the code says is collected for translation, and what can't be collected is named."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

_FOLDER = Path(__file__).resolve().parents[3] / "packaging"


def load(name: str) -> ModuleType:
    """Import a module of the packaging folder, which is no package."""
    spec = importlib.util.spec_from_file_location(f"weir_packaging_{name}", _FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


texts = load("texts")


def collected(folder: Path, **files: str) -> tuple[dict[tuple[str, str, str], bool], tuple[str, ...]]:
    """Collect from a made-up package; return the texts with whether they are counted, and the problems."""
    package = folder / "desktop"
    package.mkdir()
    for name, source in files.items():
        (package / f"{name}.py").write_text(source, encoding="utf-8")
    found = texts.collect(folder)
    return {text.name: text.is_counted for text in found.texts}, found.problems


def test_a_text_of_a_class_has_the_class_as_its_context(tmp_path: Path) -> None:
    source = """
class Outer:
    def say(self):
        class Inner:
            def say(self):
                return self.tr("inside")
        return lambda: self.tr("out" "side", "a noun")
"""
    found, problems = collected(tmp_path, window=source)
    assert found == {("Inner", "inside", ""): False, ("Outer", "outside", "a noun"): False}
    assert not problems


def test_plural_forms_are_found_whatever_the_number_is(tmp_path: Path) -> None:
    source = """
class Shelf:
    def say(self):
        return self.tr("%n row(s)", "", len(self.rows)), self.tr("%n hit(s)", n=self.hits)
def words(n):
    return translate("Archive", "%n file(s)", "", n), tongue.translate("Archive", "%n page(s)", n=n + 1)
"""
    found, problems = collected(tmp_path, shelf=source)
    assert set(found.values()) == {True}
    assert len(found) == 4
    assert not problems


def test_both_texts_of_a_choice_are_collected(tmp_path: Path) -> None:
    found, problems = collected(
        tmp_path, a='class A:\n    def f(self, x): return self.tr("on" if x else "off")'
    )
    assert set(found) == {("A", "on", ""), ("A", "off", "")}
    assert not problems


def test_a_module_with_one_context_lends_its_tr(tmp_path: Path) -> None:
    words = 'def tr(text, comment="", n=-1):\n    return Q.translate("Timeline", text, comment, n)\n'
    by_name = 'from desktop.words import tr\nLABEL = tr("by name")\n'
    by_module = 'from desktop import words\nLABEL = words.tr("by module")\nOTHER = words.tr(LABELS[1])\n'
    found, problems = collected(tmp_path, words=words + 'X = tr("at home")\n', one=by_name, two=by_module)
    assert set(found) == {("Timeline", each, "") for each in ("at home", "by name", "by module")}
    assert not problems


def test_a_note_above_goes_with_the_text(tmp_path: Path) -> None:
    source = 'TABLE = {\n    #: the button\n    #: beside it\n    1: QT_TRANSLATE_NOOP("Keys", "Clear"),\n}\n'
    package = tmp_path / "desktop"
    package.mkdir()
    (package / "a.py").write_text(source, encoding="utf-8")
    (text,) = texts.collect(tmp_path).texts
    assert text.note == "the button beside it"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("widget.tr('text')", "nobody knows the context"),
        ("tr('text')", "nobody knows the context"),
        ("self.tr(f'{name} text')", "not a literal"),
        ("self.tr('a' + b)", "not a literal"),
        ("self.tr(text)", "not a literal"),
        ("self.tr('')", "an empty text"),
        ("self.tr('%n text')", "%n without a number"),
        ("self.tr('text', '', 3)", "a number without %n"),
        ("translate(context, 'text')", "the context is not a literal"),
        ("translate('Context', f'{name}')", "not a literal"),
    ],
)
def test_what_cannot_be_collected_is_named_with_its_place(tmp_path: Path, line: str, why: str) -> None:
    _, problems = collected(tmp_path, a=f"class A:\n    def f(self):\n        return {line}\n")
    assert [problem for problem in problems if problem.startswith("desktop/a.py:3: ") and why in problem]


def test_a_text_of_a_table_is_looked_up_without_complaint(tmp_path: Path) -> None:
    _, problems = collected(tmp_path, a='def say(kind): return translate("Failure", SENTENCES[kind])\n')
    assert not problems


def test_a_note_belongs_to_the_first_text_of_its_line_alone(tmp_path: Path) -> None:
    package = tmp_path / "desktop"
    package.mkdir()
    source = 'def tr(text): return translate("Table", text)\n#: the day\nNAMES = (tr("When"), tr("Model"))\n'
    (package / "a.py").write_text(source, encoding="utf-8")
    notes = {text.source: text.note for text in texts.collect(tmp_path).texts}
    assert notes == {"When": "the day", "Model": ""}
