"""DiskHistory: the conversations, asked for from coroutines and kept by two threads."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from sqlite3 import Connection
from typing import TypeVar

from desktop.base.clock import now_ms
from desktop.domain.delta import Delta
from desktop.domain.message import Conversation, Message, MessageState
from desktop.domain.order import SHELF, Folder, Place, Scope, Tag
from desktop.domain.search import Found, Query
from desktop.store import drafts, messages, order, progress
from desktop.store.database import Database, back_up
from desktop.store.search import search
from desktop.store.writer import Reader, Writer

T = TypeVar("T")

BIN_DAYS = 30
DAY_MS = 24 * 60 * 60 * 1000
_PURGED_AT_ONCE = 16


class DiskHistory:
    """The history in an SQLite file. Every call raises StorageError, with a sentence for the user.

    A write returns once it is committed and is never taken back when its caller is cancelled. The
    end of a reply, a conversation and the bin wait for the disk itself; what came of a growing
    reply survives the death of the program, and all but its last moments a power cut.
    """

    def __init__(self, writer: Writer, reader: Reader, searcher: Reader, backups: Path, run: str) -> None:
        self._writer = writer
        self._reader = reader
        self._searcher = searcher
        self._backups = backups
        self._run = run

    async def list_conversations(
        self, limit: int, offset: int = 0, scope: Scope = SHELF
    ) -> Sequence[Conversation]:
        """Return conversations of a place, pinned first, then the most recently updated first.

        Of the bin the last deleted come first.
        """
        return await self._read(lambda sql: order.list_conversations(sql, limit, offset, scope))

    async def list_deleted(self, limit: int, offset: int = 0) -> Sequence[Conversation]:
        """Return the conversations in the bin, the last deleted first."""
        return await self.list_conversations(limit, offset, Scope(Place.BIN))

    async def read_rows(self, conversation_ids: Sequence[str]) -> Sequence[Conversation]:
        """Return the own rows of conversations that are there and not in the bin."""
        ids = tuple(conversation_ids)
        return await self._read(lambda sql: order.read_rows(sql, ids))

    async def list_folders(self) -> Sequence[Folder]:
        """Return the folders by name."""
        return await self._read(order.list_folders)

    async def list_tags(self) -> Sequence[Tag]:
        """Return the tags in use by name."""
        return await self._read(order.list_tags)

    async def write_folder(self, folder_id: str, name: str) -> None:
        """Make a folder, or give it another name."""
        await self._write(lambda sql: order.write_folder(sql, folder_id, name), is_durable=True)

    async def delete_folder(self, folder_id: str) -> Sequence[str]:
        """Take a folder away; its conversations stay, in none. Returns their ids."""
        return await self._write(lambda sql: order.delete_folder(sql, folder_id), is_durable=True)

    async def set_folder(self, conversation_ids: Sequence[str], folder_id: str | None) -> None:
        """Put conversations into a folder, or into none."""
        ids = tuple(conversation_ids)
        await self._write(lambda sql: order.set_folder(sql, ids, folder_id), is_durable=True)

    async def set_tag(self, conversation_ids: Sequence[str], name: str, is_on: bool) -> None:
        """Give conversations a tag, or take it from them."""
        ids = tuple(conversation_ids)
        await self._write(lambda sql: order.set_tag(sql, ids, name, is_on), is_durable=True)

    async def set_archived(self, conversation_ids: Sequence[str], is_archived: bool) -> None:
        """Put conversations into the archive, or take them out."""
        ids = tuple(conversation_ids)
        await self._write(lambda sql: order.set_archived(sql, ids, is_archived), is_durable=True)

    async def read_conversation(self, conversation_id: str) -> tuple[Conversation, Sequence[Message]] | None:
        """Return a conversation and all its messages in order of creation, or None."""
        return await self._read(lambda sql: messages.read_whole(sql, conversation_id))

    async def read_end(self, conversation_id: str) -> tuple[Conversation, Sequence[Message], bool] | None:
        """Return a conversation, the end of its branch, and whether these are all messages, or None.

        Only of a long conversation there are more.
        """
        return await self._read(lambda sql: messages.read_end(sql, conversation_id))

    async def write_conversation(self, conversation: Conversation) -> None:
        """Insert or update a conversation's own row. A head of None leaves the head as it is."""
        await self._write(lambda sql: messages.write_conversation(sql, conversation), is_durable=True)

    async def write_message(self, message: Message) -> None:
        """Insert or replace a message and its parts, make it its conversation's head if it is new.

        The parts given are all there is: progress written before is dropped with the same commit.
        """
        is_over = message.state is not MessageState.STREAMING
        await self._write(lambda sql: messages.write_message(sql, message, self._run), is_durable=is_over)

    def write_progress(self, message_id: str, deltas: Sequence[Delta]) -> Awaitable[None]:
        """Append what came of a streaming reply since the last call, without touching what is there.

        It is on its way to the disk at once; what is returned waits for it.
        """
        kept = tuple(deltas)
        return self._writer.begin(lambda sql: progress.write_progress(sql, message_id, kept), shares=True)

    async def read_drafts(self) -> Mapping[str, str]:
        """Return what was typed and not sent, by conversation; the empty id is for new ones."""
        return await self._read(drafts.read_drafts)

    async def write_draft(self, conversation_id: str, text: str) -> None:
        """Keep what is typed for a conversation; an empty text drops it."""
        await self._write(lambda sql: drafts.write_draft(sql, conversation_id, text))

    async def set_head(self, conversation_id: str, head_id: str | None) -> None:
        """Remember the leaf of the branch on screen; None where every message is deleted."""
        await self._write(lambda sql: messages.set_head(sql, conversation_id, head_id))

    async def delete_messages(self, message_ids: Sequence[str]) -> None:
        """Hide messages, which go for good after BIN_DAYS."""
        at, ids = now_ms(), tuple(message_ids)
        await self._write(lambda sql: messages.set_messages_deleted(sql, ids, at), is_durable=True)

    async def restore_messages(self, message_ids: Sequence[str]) -> None:
        """Show hidden messages again."""
        ids = tuple(message_ids)
        await self._write(lambda sql: messages.set_messages_deleted(sql, ids, None), is_durable=True)

    async def delete_conversation(self, conversation_id: str) -> None:
        """Move a conversation to the bin, from which it goes for good after BIN_DAYS."""
        await self.delete_conversations((conversation_id,))

    async def delete_conversations(self, conversation_ids: Sequence[str]) -> None:
        """Move conversations to the bin, from which they go for good after BIN_DAYS."""
        at, ids = now_ms(), tuple(conversation_ids)
        await self._write(lambda sql: order.set_deleted(sql, ids, at), is_durable=True)

    async def restore_conversation(self, conversation_id: str) -> None:
        """Take a conversation out of the bin. Raises StorageError if it is gone for good."""

        def restore(sql: Connection) -> None:
            messages.check_exists(sql, conversation_id)
            order.set_deleted(sql, (conversation_id,), None)

        await self._write(restore, is_durable=True)

    async def erase_conversations(self, conversation_ids: Sequence[str]) -> None:
        """Delete conversations for good that are in the bin."""
        for conversation_id in conversation_ids:
            # One at a time, so that what streams is written in between.
            await self._write(lambda sql, each=conversation_id: order.erase(sql, (each,)))  # type: ignore[misc]

    async def purge(self, before_ms: int | None = None) -> int:
        """Delete for good what went into the bin before a time, else BIN_DAYS ago; return how many.

        It is done a little at a time; the largest bin keeps no other write waiting.
        """
        before = now_ms() - BIN_DAYS * DAY_MS if before_ms is None else before_ms
        count, is_more = 0, True
        while is_more:
            gone, is_more = await self._write(lambda sql: order.purge(sql, before, _PURGED_AT_ONCE))
            count += gone
        return count

    async def search(self, query: Query, limit: int) -> Found:
        """Return the titles and messages with the words of a query, titles first, then the newest.

        A call that is cancelled stops at once, so searching while the user types is fine.
        """
        return await self._searcher.run(lambda sql: search(sql, query, limit))

    async def back_up(self) -> Path:
        """Copy the whole history into the folder of backups while it is in use; return the copy."""
        return await self._read(lambda sql: back_up(sql, self._backups, "history"))

    async def has_changed_elsewhere(self) -> bool:
        """Say whether another run has written since the last call, or since the opening.

        The answer comes when all that was written here before is on disk. What a run that has died
        meanwhile left streaming is interrupted first.
        """
        return await asyncio.wrap_future(self._writer.look(self._look))

    def _look(self, database: Database) -> bool:
        alive = database.presence.forget_dead()
        interrupted = 0
        if alive is not None:
            interrupted = _interrupt(database, alive | {self._run})
        return database.has_changed_elsewhere() or interrupted > 0

    async def _read(self, call: Callable[[Connection], T]) -> T:
        return await asyncio.wrap_future(self._reader.submit(call))

    async def _write(
        self, call: Callable[[Connection], T], *, shares: bool = False, is_durable: bool = False
    ) -> T:
        return await self._writer.run(call, shares=shares, is_durable=is_durable)


def _interrupt(database: Database, alive: frozenset[str]) -> int:
    with database.writing:
        database.connection.execute("BEGIN IMMEDIATE")
        interrupted = messages.end_interrupted(database.connection, alive)
        database.connection.execute("COMMIT")
    return interrupted
