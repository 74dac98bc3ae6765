"""Conversations, messages and parts as SQL. Every function takes a connection and runs where it is owned."""

import logging
import sqlite3
from collections.abc import Collection, Iterable, Sequence

from desktop.base.tongue import translate
from desktop.domain.delta import Timing, Usage
from desktop.domain.failure import StorageError
from desktop.domain.message import Conversation, Message, MessageState, Part, Role
from desktop.store import order
from desktop.store.progress import read_progress
from desktop.store.rows import (
    CONVERSATION_COLUMNS,
    MESSAGE_COLUMNS,
    READ_CONVERSATION_COLUMNS,
    conversation_row,
    message_row,
    part_row,
    read_conversation,
    read_message,
    read_part,
    usage_json,
)

_LOG = logging.getLogger(__name__)

READ_MESSAGES = f"""
    SELECT {MESSAGE_COLUMNS} FROM message
    WHERE conversation_id = ? AND deleted_at IS NULL ORDER BY created, seq
"""

READ_PARTS = """
    SELECT part.message_id, part.kind, part.text, part.meta, part.data
    FROM message JOIN part ON part.message_id = message.id
    WHERE message.conversation_id = ? AND message.deleted_at IS NULL
    ORDER BY part.message_id, part.position
"""

# A conversation of so many messages is read at once, of a longer one first so many of its branch's end.
_READ_WHOLE = 200
_END = 40

_COUNT_SOME = """
    SELECT count(*) FROM (SELECT 1 FROM message WHERE conversation_id = ? AND deleted_at IS NULL LIMIT ?)
"""
_READ_UP = f"""
    WITH RECURSIVE up (id, depth) AS (
        SELECT ?1, 1
        UNION ALL
        SELECT parent.id, depth + 1 FROM up
        CROSS JOIN message ON message.id = up.id
        CROSS JOIN message AS parent ON parent.id = message.parent_id
        WHERE depth < {_END} AND parent.conversation_id = ?2 AND parent.deleted_at IS NULL
    )
    SELECT up.id FROM up CROSS JOIN message ON message.id = up.id
    WHERE message.conversation_id = ?2 AND message.deleted_at IS NULL ORDER BY depth DESC
"""

_UPSERT_CONVERSATION = f"""
    INSERT INTO conversation ({CONVERSATION_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET
        title = excluded.title, created = excluded.created, updated = excluded.updated,
        head_id = coalesce(excluded.head_id, head_id), endpoint_id = excluded.endpoint_id,
        model = excluded.model, pinned = excluded.pinned,
        meta = iif(
            json_valid(meta),
            json_patch(json_remove(meta, '$.options', '$.context', '$.persona'), excluded.meta),
            excluded.meta
        )
"""

_INSERT_MESSAGE = f"""
    INSERT INTO message ({MESSAGE_COLUMNS}, run) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO NOTHING
"""

_UPDATE_MESSAGE = """
    UPDATE message SET
        conversation_id = ?2, parent_id = ?3, role = ?4, state = ?5, created = ?6, model = ?7,
        endpoint = ?8, usage = ?9, timing = ?10, stop_reason = ?11, failure = ?12, run = ?13
    WHERE id = ?1
"""


def write_conversation(connection: sqlite3.Connection, conversation: Conversation) -> None:
    """Insert or update a conversation's own row. A head of None leaves the head as it is.

    Folder, tags and archive count for a new one alone.
    """
    is_sorted = bool(conversation.archived or conversation.folder_id or conversation.tags)
    is_new = is_sorted and not _exists(connection, conversation.id)
    connection.execute(_UPSERT_CONVERSATION, conversation_row(conversation))
    if is_new:
        order.place_new(connection, conversation)


def write_message(connection: sqlite3.Connection, message: Message, run: str = "") -> None:
    """Insert or replace a message with its parts; what was its progress is within them now.

    `run` is the one in which a streaming message grows.
    """
    row = (*message_row(message), run if message.state is MessageState.STREAMING else "")
    is_new = connection.execute(_INSERT_MESSAGE, row).rowcount > 0
    if is_new:
        connection.execute(
            "UPDATE conversation SET head_id = ?1, updated = max(updated, ?2) WHERE id = ?3",
            (message.id, message.created, message.conversation_id),
        )
    else:
        connection.execute(_UPDATE_MESSAGE, row)
        connection.execute("DELETE FROM part WHERE message_id = ?", (message.id,))
        connection.execute("DELETE FROM progress WHERE message_id = ?", (message.id,))
    _insert_parts(connection, message.id, message.parts)
    if message.role is Role.ASSISTANT and message.state is not MessageState.STREAMING:
        _note_used(connection, message.id, message.usage or Usage(), message.timing or Timing())


def _note_used(connection: sqlite3.Connection, message_id: str, usage: Usage, timing: Timing) -> None:
    """Note what a reply took where it is summed up."""
    connection.execute(
        "DELETE FROM used WHERE message_seq = (SELECT seq FROM message WHERE id = ?)", (message_id,)
    )
    counts = (usage.input, usage.output, usage.cached, usage.reasoning, usage.cost)
    connection.execute(
        """INSERT INTO used SELECT endpoint, model, created, seq, ?, ?, ?, ?, ?, ?, ? FROM message
           WHERE id = ?""",
        (*counts, timing.first_ms, timing.total_ms, message_id),
    )


def _insert_parts(connection: sqlite3.Connection, message_id: str, parts: Iterable[Part]) -> None:
    connection.executemany(
        "INSERT INTO part (message_id, position, kind, text, meta, data) VALUES (?, ?, ?, ?, ?, ?)",
        [(message_id, position, *part_row(part)) for position, part in enumerate(parts)],
    )


def set_head(connection: sqlite3.Connection, conversation_id: str, head_id: str | None) -> None:
    """Remember the leaf of the branch on screen; None where every message is deleted."""
    connection.execute("UPDATE conversation SET head_id = ? WHERE id = ?", (head_id, conversation_id))


def set_messages_deleted(
    connection: sqlite3.Connection, message_ids: Collection[str], deleted_at: int | None
) -> None:
    """Hide messages from a time in Unix milliseconds on, or show them again with None."""
    connection.executemany(
        "UPDATE message SET deleted_at = ? WHERE id = ?", [(deleted_at, name) for name in message_ids]
    )


def read_whole(
    connection: sqlite3.Connection, conversation_id: str
) -> tuple[Conversation, list[Message]] | None:
    """Return a conversation with its messages as of one moment, or None if there is none."""
    connection.execute("BEGIN")
    try:
        row = connection.execute(
            f"SELECT {READ_CONVERSATION_COLUMNS} FROM conversation WHERE id = ?", (conversation_id,)
        ).fetchone()
        if row is None:
            return None
        return read_conversation(row), _read_messages(connection, conversation_id)
    finally:
        connection.execute("COMMIT")


def read_end(
    connection: sqlite3.Connection, conversation_id: str
) -> tuple[Conversation, list[Message], bool] | None:
    """Return a conversation with the end of its branch, and whether these are all its messages.

    Only a long one is not read whole. None if there is none.
    """
    connection.execute("BEGIN")
    try:
        row = connection.execute(
            f"SELECT {READ_CONVERSATION_COLUMNS} FROM conversation WHERE id = ?", (conversation_id,)
        ).fetchone()
        if row is None:
            return None
        conversation = read_conversation(row)
        count = connection.execute(_COUNT_SOME, (conversation_id, _READ_WHOLE + 1)).fetchone()[0]
        ids = []
        if count > _READ_WHOLE and conversation.head_id is not None:
            ids = [each for (each,) in connection.execute(_READ_UP, (conversation.head_id, conversation_id))]
        if not ids:
            return conversation, _read_messages(connection, conversation_id), True
        return conversation, _read_some(connection, ids), False
    finally:
        connection.execute("COMMIT")


def _read_some(connection: sqlite3.Connection, message_ids: Sequence[str]) -> list[Message]:
    messages = []
    for message_id in message_ids:
        row = connection.execute(
            f"SELECT {MESSAGE_COLUMNS} FROM message WHERE id = ?", (message_id,)
        ).fetchone()
        own = tuple(
            read_part(message_id, *part)
            for part in connection.execute(
                "SELECT kind, text, meta, data FROM part WHERE message_id = ? ORDER BY position",
                (message_id,),
            )
        )
        if row[4] == MessageState.STREAMING:
            own = read_progress(connection, message_id, own).parts()
        messages.append(read_message(row, own))
    return messages


def _read_messages(connection: sqlite3.Connection, conversation_id: str) -> list[Message]:
    parts: dict[str, list[Part]] = {}
    for message_id, kind, text, meta, data in connection.execute(READ_PARTS, (conversation_id,)):
        parts.setdefault(message_id, []).append(read_part(message_id, kind, text, meta, data))
    messages = []
    for row in connection.execute(READ_MESSAGES, (conversation_id,)).fetchall():
        message_id, state = row[0], row[4]
        own = tuple(parts.get(message_id, ()))
        if state == MessageState.STREAMING:
            own = read_progress(connection, message_id, own).parts()
        messages.append(read_message(row, own))
    return messages


def end_interrupted(connection: sqlite3.Connection, alive: Collection[str] = ()) -> int:
    """Turn what a program that ended in mid-reply left streaming into interrupted messages.

    Replies that grow in one of the runs `alive` are left alone. Returns how many were interrupted.
    Whatever had reached the disk becomes their parts.
    """
    streaming = connection.execute("SELECT id, run FROM message WHERE state = 'streaming' ORDER BY seq")
    left = [message_id for message_id, run in streaming.fetchall() if run not in alive]
    for message_id in left:
        before = [
            read_part(message_id, *row)
            for row in connection.execute(
                "SELECT kind, text, meta, data FROM part WHERE message_id = ? ORDER BY position",
                (message_id,),
            )
        ]
        buffer = read_progress(connection, message_id, before)
        usage = usage_json(buffer.usage) if buffer.usage is not None else None
        connection.execute(
            "UPDATE message SET state = ?, usage = coalesce(?, usage), stop_reason = ? WHERE id = ?",
            (MessageState.INTERRUPTED.value, usage, buffer.stop_reason, message_id),
        )
        connection.execute("DELETE FROM part WHERE message_id = ?", (message_id,))
        connection.execute("DELETE FROM progress WHERE message_id = ?", (message_id,))
        _insert_parts(connection, message_id, buffer.parts())
        _note_used(connection, message_id, buffer.usage or Usage(), Timing())
    return len(left)


def check_exists(connection: sqlite3.Connection, conversation_id: str) -> None:
    """Raise StorageError if there is no such conversation."""
    if not _exists(connection, conversation_id):
        raise StorageError(translate("Store", "This conversation is no longer in the history."))


def _exists(connection: sqlite3.Connection, conversation_id: str) -> bool:
    found = connection.execute("SELECT 1 FROM conversation WHERE id = ?", (conversation_id,)).fetchone()
    return found is not None
