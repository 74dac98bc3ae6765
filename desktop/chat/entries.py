"""Entries: a list that the user keeps, with what comes with the program, and its file."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import QObject, Signal

from desktop.chat.builtin import shown_name
from desktop.chat.ports import StorageError
from desktop.chat.tasks import TaskOwner
from desktop.domain.identity import new_id
from desktop.domain.kept import Entry, Kept

E = TypeVar("E", bound=Entry)


class EntriesPort(Protocol[E]):
    """The file of a list. Every call raises StorageError, with a sentence for the user."""

    async def read_builtin(self) -> tuple[E, ...]:
        """Return the entries that come with the program."""
        ...

    async def read(self) -> Kept[E]:
        """Return what the file holds. Raises StorageError naming the line."""
        ...

    async def write(self, kept: Kept[E]) -> None:
        """Write it. Raises StorageError, also for a broken file."""
        ...

    async def read_from(self, file: Path) -> tuple[E, ...]:
        """Return the entries of another file of this kind."""
        ...

    async def write_to(self, file: Path, entries: Sequence[E]) -> None:
        """Write entries into another file."""
        ...


class _Entries(QObject):
    changed = Signal()
    failed = Signal(str)
    imported = Signal(int, int)
    exported = Signal(str, int)


class Entries(_Entries, Generic[E]):
    """A list of entries, those of the user and those that come with the program.

    `changed` follows every change, `failed` says in words what went wrong. `imported` carries how many
    entries came in and how many of the file were there already, `exported` the file's name and how many
    went out. A file that can't be read is never written to: `problem` says why.
    """

    def __init__(self, port: EntriesPort[E], tasks: TaskOwner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._port = port
        self._tasks = tasks
        self._builtin: tuple[E, ...] = ()
        self._kept: Kept[E] = Kept()
        self._is_read = False
        self._is_busy = False
        self.problem = ""

    @property
    def is_read(self) -> bool:
        """Whether the entries have been read."""
        return self._is_read

    @property
    def items(self) -> tuple[E, ...]:
        """The entries that are shown, in the user's order."""
        return self._kept.arranged(self._builtin)

    @property
    def hidden(self) -> tuple[E, ...]:
        """The entries that come with the program and are hidden."""
        own = {entry.id for entry in self._kept.own}
        return tuple(
            entry for entry in self._builtin if entry.id in self._kept.hidden and entry.id not in own
        )

    def is_own(self, entry_id: str) -> bool:
        """Whether an entry is the user's own, or one from the program that the user changed."""
        return any(entry.id == entry_id for entry in self._kept.own)

    def comes_with_program(self, entry_id: str) -> bool:
        """Whether an entry comes with the program, changed or not."""
        return any(entry.id == entry_id for entry in self._builtin)

    def entry(self, entry_id: str) -> E | None:
        """Return an entry that is shown, by its id."""
        return next((entry for entry in self.items if entry.id == entry_id), None)

    def named(self, name: str) -> E | None:
        """Return an entry by its id, else by its name in any case."""
        wanted = name.strip().casefold()
        return self.entry(name) or next((e for e in self.items if e.name.casefold() == wanted), None)

    def load(self) -> None:
        """Read the entries, or read them again: the file may have been edited. `changed` follows."""
        self._tasks.start(self.read())

    async def read(self) -> None:
        """Read the entries; see `load`."""
        before = (self._builtin, self._kept, self.problem, self._is_read)
        try:
            if not self._builtin:
                self._builtin = tuple(map(_named, await self._port.read_builtin()))
            self._kept = await self._port.read()
            self.problem = ""
        except StorageError as error:
            self.problem = str(error)
        self._is_read = True
        if before != (self._builtin, self._kept, self.problem, True):
            self.changed.emit()

    def put(self, entry: E) -> None:
        """Add an entry, or put it in the place of the one with its id."""
        own = self._kept.own
        if self.is_own(entry.id):
            own = tuple(entry if item.id == entry.id else item for item in own)
        else:
            own = (*own, entry)
        self._set(replace(self._kept, own=own, hidden=_without(self._kept.hidden, entry.id)))

    def remove(self, entry_id: str) -> Callable[[], None]:
        """Take an entry away, hide one that comes with the program; return what undoes that."""
        before = self._kept
        own = tuple(entry for entry in before.own if entry.id != entry_id)
        hidden = _without(before.hidden, entry_id)
        if self.comes_with_program(entry_id):
            hidden = (*hidden, entry_id)
        self._set(replace(before, own=own, hidden=hidden))
        gone = next((entry for entry in before.own if entry.id == entry_id), None)

        def undo() -> None:
            now = self._kept
            back = now.own
            if gone is not None and not self.is_own(entry_id):
                at = min(before.own.index(gone), len(back))
                back = (*back[:at], gone, *back[at:])
            self._set(replace(now, own=back, hidden=_without(now.hidden, entry_id)))

        return undo

    def restore(self, entry_id: str) -> None:
        """Bring an entry of the program back as it came."""
        own = tuple(entry for entry in self._kept.own if entry.id != entry_id)
        self._set(replace(self._kept, own=own, hidden=_without(self._kept.hidden, entry_id)))

    def show_hidden(self) -> None:
        """Show all entries that come with the program."""
        self._set(replace(self._kept, hidden=()))

    def move(self, entry_id: str, step: int) -> None:
        """Move an entry up (a negative step) or down in the order."""
        names = [entry.id for entry in self.items]
        if entry_id not in names:
            return
        at = names.index(entry_id)
        to = min(max(0, at + step), len(names) - 1)
        if to != at:
            names.insert(to, names.pop(at))
            self._set(replace(self._kept, order=tuple(names)))

    def import_from(self, file: Path) -> None:
        """Add the entries of a file that are not here yet; `imported` or `failed` follows."""
        self._tasks.start(self._import(file))

    def export_to(self, file: Path) -> None:
        """Write all entries that are shown into a file; `exported` or `failed` follows."""
        self._tasks.start(self._export(file))

    async def _import(self, file: Path) -> None:
        try:
            found = await self._port.read_from(file)
        except StorageError as error:
            self.failed.emit(str(error))
            return
        here = {self._content(entry) for entry in (*self._kept.own, *self._builtin)}
        taken = {entry.id for entry in (*self._kept.own, *self._builtin)}
        fresh: list[E] = []
        for entry in found:
            if self._content(entry) in here:
                continue
            changed: Any = entry if entry.id not in taken else replace(entry, id=new_id())  # type: ignore[type-var]
            taken.add(changed.id)
            here.add(self._content(entry))
            fresh.append(changed)
        if fresh:
            self._set(replace(self._kept, own=(*self._kept.own, *fresh)))
        self.imported.emit(len(fresh), len(found) - len(fresh))

    def _content(self, entry: E) -> object:
        """Return an entry without its id: two with the same content are the same to a person."""
        return replace(entry, id="")  # type: ignore[type-var]

    async def _export(self, file: Path) -> None:
        items = self.items
        try:
            await self._port.write_to(file, items)
        except StorageError as error:
            self.failed.emit(str(error))
            return
        self.exported.emit(file.name, len(items))

    def _set(self, kept: Kept[E]) -> None:
        if self.problem:
            # What can't be read must not be written over.
            self.failed.emit(self.problem)
            self.changed.emit()
            return
        known = {entry.id for entry in (*kept.own, *self._builtin)}
        self._kept = replace(kept, order=tuple(name for name in kept.order if name in known))
        self.changed.emit()
        self._tasks.start(self._write())

    async def _write(self) -> None:
        try:
            await self._port.write(self._kept)
        except StorageError as error:
            self.failed.emit(str(error))
            await self.read()


def _named(entry: E) -> E:
    """Return an entry of the program under its name in the user's language."""
    changed: Any = replace(entry, name=shown_name(entry.name))  # type: ignore[type-var]
    return changed  # type: ignore[no-any-return]


def _without(names: Sequence[str], name: str) -> tuple[str, ...]:
    return tuple(item for item in names if item != name)
