"""prompts.toml and personas.toml: what the user keeps, as text that people may read and edit."""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from desktop.base.tongue import translate
from desktop.domain.failure import StorageError
from desktop.domain.kept import Entry, Kept
from desktop.store import sections
from desktop.store.toml_file import SettingsFileError, parse, read_text, write_text

_LOG = logging.getLogger(__name__)

E = TypeVar("E", bound=Entry)

# What a text in three quotation marks can't hold as it is; a line break and a tab it can.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

Rule = tuple[Callable[[object], bool], Callable[[], str]]
"""Whether a value may stand in a field, and in words what may, asked for at use."""


class Form(Generic[E]):
    """How entries of one kind stand in a file.

    `kind` is the name of their tables, `header` the comment at the top of a new file. `rules` name the
    fields besides id and name. `make` turns the fields of a table into an entry, `fields` an entry into
    them, in the order in which they are written.
    """

    def __init__(
        self,
        kind: str,
        header: str,
        rules: Mapping[str, Rule],
        make: Callable[[str, str, Mapping[str, Any]], E],
        fields: Callable[[E], dict[str, Any]],
    ) -> None:
        self.kind = kind
        self.header = header
        self.rules = rules
        self.make = make
        self.fields = fields


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def is_list_of_texts(value: object) -> bool:
    """Whether a value is a list of texts."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


TEXT: Rule = (_is_text, lambda: translate("Store", "text in quotation marks"))
TEXTS: Rule = (is_list_of_texts, lambda: translate("Store", 'a list of texts, like ["one", "two"]'))


class EntriesFile(Generic[E]):
    """Reads and writes one such file. To be used from one thread at a time."""

    def __init__(self, file: Path, form: Form[E]) -> None:
        self._file = file
        self._form = form

    def read(self) -> Kept[E]:
        """Return what the file holds, nothing without a file.

        Raises SettingsFileError with the line that can't be used; the file is left alone.
        """
        text = read_text(self._file)
        return Kept() if text is None else self._decode(text)

    def write(self, kept: Kept[E]) -> None:
        """Put entries into the file, keeping comments and unknown fields of those that stay.

        Raises SettingsFileError: also for a file that is broken, which is never overwritten.
        """
        before = read_text(self._file)
        if before is not None:
            self._decode(before)
            text = self._edited_or_none(before, kept)
            if text is not None:
                write_text(self._file, text)
                return
            # Written in a way that can't be edited piece by piece: begin anew, keep the old file.
            _LOG.info("%s is written anew; the old one is kept beside it", self._file.name)
            write_text(self._file.with_name(self._file.name + ".bak"), before)
        self.write_anew(kept)

    def write_anew(self, kept: Kept[E]) -> None:
        """Put a file with these entries in the place of whatever is there. Raises SettingsFileError."""
        text = self._edited_or_none(self._form.header, kept)
        if text is None:
            raise SettingsFileError(
                self._file, 0, translate("Store", "this can't be written as TOML. Nothing was changed.")
            )
        write_text(self._file, text)

    def _edited_or_none(self, before: str, kept: Kept[E]) -> str | None:
        """Return the text with other entries in it, None where that does not give back what is wanted."""
        form = self._form
        try:
            entries = [(entry.id, partial(self._section, entry=entry)) for entry in kept.own]
            text = sections.rearranged(before, form.kind, entries, self._id_of)
            text = _with_lists(text, form.kind, {"hidden": kept.hidden, "order": kept.order})
            return text if self._decode(text) == kept else None
        except Exception as problem:
            # Text that is good TOML as a whole need not be so piece by piece.
            _LOG.info("%s can't be edited in place: %s", self._file.name, type(problem).__name__)
            return None

    def _section(self, before: str | None, entry: E) -> str:
        fields = {"id": entry.id, "name": entry.name, **self._form.fields(entry)}
        written = {name: _written(value) for name, value in fields.items() if value not in ("", None, [])}
        return sections.section_with(before, self._form.kind, written, ("id", "name", *self._form.rules))

    def _id_of(self, table: Mapping[str, Any]) -> str:
        return str(table.get("id") or sections.slug(str(table.get("name", "")), self._form.kind))

    def _decode(self, text: str) -> Kept[E]:
        values = parse(self._file, text)
        kind = self._form.kind
        tables = values.get(kind, [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            line = sections.line_of(text, kind, None, kind)
            raise SettingsFileError(
                self._file,
                line,
                translate("Store", "each begins with [[{kind}]], in double brackets.").format(kind=kind),
            )
        for name in ("hidden", "order"):
            if not is_list_of_texts(values.get(name, [])):
                line = sections.line_of(text, kind, None, name)
                raise SettingsFileError(
                    self._file,
                    line,
                    translate("Store", "“{name}” has to be {words}.").format(name=name, words=TEXTS[1]()),
                )
        own: list[E] = []
        for number, table in enumerate(tables):
            entry = self._entry(text, number, table)
            if any(known.id == entry.id for known in own):
                words = translate(
                    "Store", "another one has the id “{id}” already. Give this one another id."
                ).format(id=entry.id)
                raise SettingsFileError(self._file, sections.line_of(text, kind, number, "id"), words)
            own.append(entry)
        hidden, order = values.get("hidden", ()), values.get("order", ())
        return Kept(own=tuple(own), hidden=tuple(hidden), order=tuple(order))

    def _entry(self, text: str, number: int, table: dict[str, Any]) -> E:
        rules = {"id": TEXT, "name": TEXT, **self._form.rules}
        for name, (is_right, words) in rules.items():
            if name in table and not is_right(table[name]):
                line = sections.line_of(text, self._form.kind, number, name)
                raise SettingsFileError(
                    self._file,
                    line,
                    translate("Store", "“{name}” has to be {words}.").format(name=name, words=words()),
                )
        name = str(table.get("name") or table.get("id") or "")
        if not name:
            line = sections.line_of(text, self._form.kind, number, "name")
            raise SettingsFileError(self._file, line, translate("Store", 'it needs a name: add name = "…".'))
        return self._form.make(self._id_of(table), name, table)


class EntriesStore(Generic[E]):
    """The user's file beside the one that comes with the program. To be used from one thread at a time."""

    def __init__(self, file: Path, builtin: Path, form: Form[E]) -> None:
        self._file = EntriesFile(file, form)
        self._builtin = EntriesFile(builtin, form)
        self._form = form

    def read_builtin(self) -> tuple[E, ...]:
        """Return the entries that come with the program. Raises SettingsFileError."""
        return self._builtin.read().own

    def read(self) -> Kept[E]:
        """Return the user's entries; see `EntriesFile.read`."""
        return self._file.read()

    def write(self, kept: Kept[E]) -> None:
        """Keep the user's entries; see `EntriesFile.write`."""
        self._file.write(kept)

    def read_from(self, file: Path) -> tuple[E, ...]:
        """Return the entries of a file that somebody gives away. Raises StorageError."""
        if not file.is_file():
            raise StorageError(translate("Store", "There is no file {name}.").format(name=file.name))
        return EntriesFile(file, self._form).read().own

    def write_to(self, file: Path, entries: Sequence[E]) -> None:
        """Write entries into a file of their own. Raises StorageError."""
        EntriesFile(file, self._form).write_anew(Kept(own=tuple(entries)))


def _written(value: Any) -> Any:
    """Return a value as it is written: a text of several lines stays readable."""
    import tomlkit

    if not isinstance(value, str) or "\n" not in value or _CONTROL.search(value):
        return value
    # TOML drops a line break right after the opening quotes, which sets the text off from its name.
    escaped = value.replace("\\", "\\\\").replace('"""', '""\\"')
    if escaped.endswith('"'):
        escaped = escaped[:-1] + '\\"'
    made = tomlkit.parse(f'text = """\n{escaped}"""\n')["text"]
    return made if made == value else value


def _with_lists(text: str, kind: str, lists: Mapping[str, Sequence[str]]) -> str:
    """Return the text with these lists at its top; an empty one is left out."""
    import tomlkit

    preamble, tables, others = sections.split(text, kind)
    document = tomlkit.parse(preamble)
    for name, values in lists.items():
        if not values:
            document.pop(name, None)
        elif list(document.get(name, ())) != list(values):
            document[name] = list(values)
    parts = [tomlkit.dumps(document).rstrip("\n"), *(part.strip("\n") for part in (*tables, *others))]
    return "\n\n".join(part for part in parts if part) + "\n"
