"""A history in a folder of its own, with the archives' keeper over it."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest

from desktop.archive.work import Archives
from desktop.base.paths import user_paths
from desktop.domain.message import Conversation, Message
from desktop.domain.order import SHELF
from desktop.domain.transfer import ArchiveFormat, ExportReport, ImportReport
from desktop.store import Store, open_store


@dataclass
class Place:
    """A store with its archives."""

    store: Store
    archives: Archives

    async def bring(self, file: Path) -> ImportReport:
        return await self.archives.import_file(file, lambda _share: None)

    async def save(self, file: Path, form: ArchiveFormat, ids: list[str] | None = None) -> ExportReport:
        return await self.archives.export(file, form, ids, lambda _share: None)

    async def rows(self) -> list[Conversation]:
        return list(await self.store.history.list_conversations(100_000, 0, SHELF))

    async def read(self, title: str) -> tuple[Conversation, dict[str, Message]]:
        """Return a conversation and its messages by their text."""
        (row,) = [row for row in await self.rows() if row.title == title]
        found = await self.store.history.read_conversation(row.id)
        assert found is not None
        return found[0], {message.text: message for message in found[1]}

    async def close(self) -> None:
        await self.archives.close()
        await self.store.close()


def open_place(folder: Path) -> Place:
    store = open_store(user_paths(folder))
    return Place(store, Archives(store.transfer))


@pytest.fixture
async def place(aioloop: object, tmp_path: Path) -> AsyncGenerator[Place, None]:
    opened = open_place(tmp_path / "data")
    yield opened
    await opened.close()
