"""A window in which prompts are written with all that helps: kept prompts, personas, named models."""

from pathlib import Path

from desktop.chat.entries import E, Entries
from desktop.domain.failure import StorageError
from desktop.domain.kept import Kept
from desktop.domain.persona import Persona
from desktop.domain.template import Template
from desktop.ui.compose.door import ComposeDoor
from tests.support.chatting import ChatRoom
from tests.support.windows import Kept as KeptPreferences
from tests.support.windows import OpenWindow


class MemoryEntries:
    """The file of a list, in memory; `problem` is what a broken one is said to be."""

    def __init__(self, builtin: tuple[E, ...] = (), own: tuple[E, ...] = ()) -> None:
        self.builtin = builtin
        self.kept: Kept[E] = Kept(own=own)
        self.problem = ""
        self.files: dict[Path, tuple[E, ...]] = {}

    async def read_builtin(self) -> tuple[E, ...]:
        return self.builtin

    async def read(self) -> Kept[E]:
        if self.problem:
            raise StorageError(self.problem)
        return self.kept

    async def write(self, kept: Kept[E]) -> None:
        self.kept = kept

    async def read_from(self, file: Path) -> tuple[E, ...]:
        if file not in self.files:
            raise StorageError(f"There is no file {file.name}.")
        return self.files[file]

    async def write_to(self, file: Path, entries: tuple[E, ...]) -> None:
        self.files[file] = tuple(entries)


class Workshop(OpenWindow):
    """An open window whose composer is helped."""

    def __init__(
        self,
        room: ChatRoom,
        prompts: tuple[Template, ...] = (),
        personas: tuple[Persona, ...] = (),
        kept: KeptPreferences | None = None,
    ) -> None:
        super().__init__(room, kept)
        self.prompts_file = MemoryEntries(prompts)
        self.personas_file = MemoryEntries(personas)
        self.prompts: Entries[Template] = Entries(self.prompts_file, room.tasks)
        self.personas: Entries[Persona] = Entries(self.personas_file, room.tasks)
        self.door = ComposeDoor(
            self.theme, self.window.page, room.desk, room.endpoints, self.kept.ports(), self.window
        )
        self.door.offer_prompts(self.prompts)

    @property
    def composer(self):
        return self.window.page.composer

    @property
    def edit(self):
        return self.window.page.composer.edit

    @property
    def popup(self):
        return self.door.companion.popup
