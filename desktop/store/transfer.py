"""DiskTransfer: the history as archives need it, a conversation at a time. Every call blocks."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from desktop.domain.message import Conversation, Message
from desktop.domain.order import Folder
from desktop.store import messages, order
from desktop.store.recovery import Salvage
from desktop.store.writer import Reader, Writer


class DiskTransfer:
    """Takes conversations in and gives them out, on the history's own threads, between other work.

    For a thread that may wait, never for the window's. Raises StorageError.
    """

    def __init__(self, writer: Writer, reader: Reader, folder: Path) -> None:
        self._writer = writer
        self._reader = reader
        self._folder = folder

    def add(self, conversation: Conversation, added: Sequence[Message]) -> tuple[bool, int]:
        """Store what is not there yet in one transaction; say whether the conversation is new, and how
        many messages were added."""
        return self._writer.submit(lambda sql: add_conversation(sql, conversation, added)).result()

    def add_folders(self, folders: Sequence[Folder]) -> None:
        """Make those folders that are not there yet."""
        if folders:
            self._writer.submit(lambda sql: add_folders(sql, folders)).result()

    def list_folders(self) -> list[Folder]:
        """Return all folders."""
        return self._reader.submit(order.list_folders).result()

    def list_ids(self) -> list[str]:
        """Return the ids of all conversations that are not in the bin, the oldest first."""
        return self._reader.submit(list_ids).result()

    def read(self, conversation_id: str) -> tuple[Conversation, Sequence[Message]] | None:
        """Return a conversation and its messages, or None."""
        return self._reader.submit(lambda sql: messages.read_whole(sql, conversation_id)).result()

    def salvage(self, file: Path) -> Salvage:
        """Return what can still be read of another history file, a backup or a damaged one."""
        return Salvage(file, self._folder)

    def settle(self) -> None:
        """Wait until all that was added is safe from a power cut."""
        self._writer.submit(lambda _sql: None, is_durable=True).result()


def add_folders(connection: sqlite3.Connection, folders: Sequence[Folder]) -> None:
    """Make those folders that are not there yet; one that is keeps its name."""
    known = {folder.id for folder in order.list_folders(connection)}
    for folder in folders:
        if folder.id not in known:
            order.write_folder(connection, folder.id, folder.name)


def add_conversation(
    connection: sqlite3.Connection, conversation: Conversation, added: Sequence[Message]
) -> tuple[bool, int]:
    """Store a conversation, or those of its messages that are missing here; nothing there is changed.

    The branch on screen follows the added messages unless somebody went on with the conversation
    here. One in the bin stays as it is. Returns whether it is new, and how many messages were added.
    """
    row = connection.execute(
        "SELECT head_id, updated, deleted_at FROM conversation WHERE id = ?", (conversation.id,)
    ).fetchone()
    if row is not None and row[2] is not None:
        return False, 0
    if row is None:
        messages.write_conversation(connection, conversation)
    count = 0
    for message in added:
        if not _is_there(connection, message.id):
            messages.write_message(connection, message)
            count += 1
    if row is None or count:
        known = {message.id for message in added}
        before, updated = (row[0], row[1]) if row is not None else (None, conversation.updated)
        follows = row is None or before is None or before in known
        head = conversation.head_id or _last_of(connection, conversation.id) if follows else before
        connection.execute(
            "UPDATE conversation SET head_id = ?, updated = ? WHERE id = ?",
            (head, max(updated, conversation.updated), conversation.id),
        )
    return row is None, count


def _is_there(connection: sqlite3.Connection, message_id: str) -> bool:
    return connection.execute("SELECT 1 FROM message WHERE id = ?", (message_id,)).fetchone() is not None


def _last_of(connection: sqlite3.Connection, conversation_id: str) -> str | None:
    row = connection.execute(
        "SELECT id FROM message WHERE conversation_id = ? ORDER BY created DESC, seq DESC LIMIT 1",
        (conversation_id,),
    ).fetchone()
    return str(row[0]) if row is not None else None


def list_ids(connection: sqlite3.Connection) -> list[str]:
    """Return the ids of all conversations that are not in the bin, the oldest first."""
    rows = connection.execute(
        "SELECT id FROM conversation WHERE deleted_at IS NULL ORDER BY created, id"
    ).fetchall()
    return [str(row[0]) for row in rows]
