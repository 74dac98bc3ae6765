#!/usr/bin/env python3
"""Keep the translations in step with the code.

    python3 packaging/run.py translations update           collect the texts into resources/translations/*.ts
    python3 packaging/run.py translations compile          make the .qm files, which the program reads
    python3 packaging/run.py translations todo LANGUAGE    write what is not translated yet as JSON
    python3 packaging/run.py translations take LANGUAGE F  take translations from such a JSON file, compile

The .ts files are Qt Linguist's and may be edited with it; Qt's lrelease compiles them. English has
only the texts with numbers, for "1 file" and "2 files".
"""

import importlib.util
import json
import re
import string
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "resources" / "translations"

sys.path.insert(0, str(Path(__file__).parent))

from texts import Found, Text, collect  # noqa: E402

FORMS = {"en": 2, "de": 2, "es": 2, "fr": 2, "zh_CN": 1, "ja": 1, "ar": 6}
"""How many plural forms each language has in Qt's rules."""

Name = tuple[str, str, str]
_FORM = re.compile(r"<numerusform>[^<]*")


@dataclass(frozen=True, slots=True)
class Entry:
    """A text and what it is in one language: as many forms as the language has, or one; "" is undone."""

    text: Text
    forms: tuple[str, ...]

    @property
    def is_done(self) -> bool:
        """Whether nothing is missing."""
        return all(self.forms)


def main(arguments: list[str]) -> int:
    """Do what the first argument says; return the exit status."""
    match arguments:
        case ["update"]:
            found = collect(ROOT)
            for language in FORMS:
                write(language, merged(language, found, read(language)))
            return _tell(found.problems)
        case ["compile"]:
            for language in FORMS:
                compile_one(language, FOLDER)
            return 0
        case ["todo", language]:
            print(json.dumps(todo(read(language)), ensure_ascii=False, indent=1))
            return 0
        case ["take", language, file]:
            entries, refused = taken(read(language), json.loads(Path(file).read_text(encoding="utf-8")))
            write(language, entries)
            compile_one(language, FOLDER)
            return _tell(refused)
    print(__doc__, file=sys.stderr)
    return 2


def _tell(problems: Iterable[str]) -> int:
    lines = list(problems)
    for line in lines:
        print(line, file=sys.stderr)
    return 1 if lines else 0


def source_file(language: str) -> Path:
    """Return the .ts file of a language."""
    return FOLDER / f"weir_{language}.ts"


def read(language: str) -> dict[Name, Entry]:
    """Return what the .ts file of a language holds, nothing where there is none."""
    file = source_file(language)
    if not file.exists():
        return {}
    entries = {}
    for context in ElementTree.parse(file).getroot().iter("context"):
        for message in context.iter("message"):
            text = Text(
                context.findtext("name", ""),
                message.findtext("source", ""),
                message.findtext("comment", ""),
                message.get("numerus") == "yes",
                message.findtext("extracomment", ""),
            )
            made = message.find("translation")
            if made is None:
                forms: tuple[str, ...] = ("",)
            elif text.is_counted:
                forms = tuple(form.text or "" for form in made.iter("numerusform"))
            else:
                forms = (made.text or "",)
            entries[text.name] = Entry(text, forms)
    return entries


def merged(language: str, found: Found, known: Mapping[Name, Entry]) -> dict[Name, Entry]:
    """Return an entry for each text of the code, with what is known of it."""
    entries = {}
    for text in sorted(found.texts, key=lambda each: each.name):
        if language == "en" and not text.is_counted:
            continue
        count = FORMS[language] if text.is_counted else 1
        old = known.get(text.name)
        forms = old.forms if old is not None and len(old.forms) == count else ("",) * count
        entries[text.name] = Entry(replace(text, place=""), forms)
    return entries


def write(language: str, entries: Mapping[Name, Entry]) -> None:
    """Write the .ts file of a language."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<!DOCTYPE TS>"]
    lines.append(f'<TS version="2.1" language="{language}" sourcelanguage="en">')
    context = None
    for name in sorted(entries):
        if name[0] != context:
            lines += ["</context>"] if context is not None else []
            context = name[0]
            lines += ["<context>", f"    <name>{escape(context)}</name>"]
        lines += _message(entries[name])
    lines += ["</context>"] if context is not None else []
    FOLDER.mkdir(parents=True, exist_ok=True)
    source_file(language).write_text("\n".join([*lines, "</TS>", ""]), encoding="utf-8", newline="\n")


def _message(entry: Entry) -> list[str]:
    text = entry.text
    state = "" if entry.is_done else ' type="unfinished"'
    lines = ['    <message numerus="yes">' if text.is_counted else "    <message>"]
    lines.append(f"        <source>{escape(text.source)}</source>")
    if text.comment:
        lines.append(f"        <comment>{escape(text.comment)}</comment>")
    if text.note:
        lines.append(f"        <extracomment>{escape(text.note)}</extracomment>")
    if text.is_counted:
        lines.append(f"        <translation{state}>")
        lines += [f"            <numerusform>{escape(form)}</numerusform>" for form in entry.forms]
        lines.append("        </translation>")
    else:
        lines.append(f"        <translation{state}>{escape(entry.forms[0])}</translation>")
    return [*lines, "    </message>"]


def todo(entries: Mapping[Name, Entry]) -> list[dict[str, object]]:
    """Return what is not done, each text once with all its contexts; the answer goes into "is"."""
    grouped: dict[tuple[str, str, bool], dict[str, object]] = {}
    for entry in entries.values():
        if entry.is_done:
            continue
        text = entry.text
        made = grouped.setdefault(
            (text.source, text.comment, text.is_counted),
            {
                "source": text.source,
                "comment": text.comment,
                "in": [],
                "note": text.note,
                "is": list(entry.forms),
            },
        )
        contexts = made["in"]
        assert isinstance(contexts, list)
        contexts.append(text.context)
    return [{key: value for key, value in each.items() if value} for each in grouped.values()]


def taken(
    entries: Mapping[Name, Entry], answers: Iterable[Mapping[str, object]]
) -> tuple[dict[Name, Entry], list[str]]:
    """Return the entries with the answers in place, and a line for each answer that can't be right."""
    result = dict(entries)
    refused = []
    for answer in answers:
        given = answer.get("is")
        forms = tuple(str(form) for form in given) if isinstance(given, list) else (str(given),)
        if not any(forms):
            continue
        contexts = answer.get("in")
        fitting = [
            entry
            for entry in entries.values()
            if (entry.text.source, entry.text.comment) == (answer["source"], answer.get("comment", ""))
            and (not isinstance(contexts, list) or entry.text.context in contexts)
        ]
        if not fitting:
            refused.append(f"no such text: {answer['source']!r}")
        for entry in fitting:
            if fault := fault_of(entry.text, forms, len(entry.forms)):
                refused.append(f"{fault}: {answer['source']!r} -> {forms!r}")
            else:
                result[entry.text.name] = replace(entry, forms=forms)
    return result, refused


def fault_of(text: Text, forms: tuple[str, ...], count: int) -> str:
    """Return why a translation can't be right, or ""."""
    if len(forms) != count:
        return f"{count} forms are needed"
    if not all(forms):
        return "not translated"
    for form in forms:
        if _fields(form) != _fields(text.source):
            return "other values in braces"
        if form != form.strip() and text.source == text.source.strip():
            return "space around it"
        if form.count("\n") != text.source.count("\n"):
            return "other lines"
    if text.is_counted and "%n" not in forms[-1]:
        return "%n is missing"
    if not text.is_counted and "%n" in forms[0]:
        return "%n has no number here"
    return ""


def _fields(text: str) -> list[str]:
    try:
        return sorted(
            name + (form or "") for _, name, form, _ in string.Formatter().parse(text) if name is not None
        )
    except ValueError:
        # A brace that stands for itself: no values are put into such a text.
        return [text.count("{") * "{"]


def compile_one(language: str, folder: Path) -> Path:
    """Make the .qm file of a language in `folder` and return it. Raises CalledProcessError.

    Qt puts a bare number in place of %n; the compiled texts have %Ln, for which it puts one as the user's
    country writes it.
    """
    spec = importlib.util.find_spec("PySide6")
    assert spec is not None
    assert spec.submodule_search_locations
    package = Path(next(iter(spec.submodule_search_locations)))
    program = next(each for each in (package / "lrelease", package / "lrelease.exe") if each.exists())
    made = folder / f"weir_{language}.qm"
    texts = source_file(language).read_text(encoding="utf-8")
    # A program that runs has the file mapped: it is replaced, never rewritten.
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        file = Path(scratch) / source_file(language).name
        fresh = Path(scratch) / made.name
        file.write_text(_FORM.sub(lambda form: form[0].replace("%n", "%Ln"), texts), encoding="utf-8")
        subprocess.run([str(program), "-silent", "-nounfinished", str(file), "-qm", str(fresh)], check=True)
        fresh.replace(made)
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
