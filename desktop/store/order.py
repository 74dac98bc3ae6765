"""Folders, tags, the archive and the bin as SQL, and the pages of the shelf that they make."""

import sqlite3
from collections.abc import Sequence

from desktop.base.clock import now_ms
from desktop.base.utf16 import well_formed
from desktop.domain.message import Conversation
from desktop.domain.order import SHELF, Folder, Place, Scope, Tag
from desktop.store.rows import READ_CONVERSATION_COLUMNS, read_conversation

_LISTED = "deleted_at IS NULL AND archived = 0"
_ORDER = "ORDER BY pinned DESC, updated DESC, seq DESC LIMIT ? OFFSET ?"

LIST_CONVERSATIONS = f"SELECT {READ_CONVERSATION_COLUMNS} FROM conversation WHERE {_LISTED} {_ORDER}"

LIST_FOLDER = f"""
    SELECT {READ_CONVERSATION_COLUMNS} FROM conversation WHERE folder_id = ? AND {_LISTED} {_ORDER}
"""
LIST_TAG = f"""
    SELECT {READ_CONVERSATION_COLUMNS} FROM conversation
    WHERE id IN (SELECT conversation_id FROM tag WHERE name = ?) AND {_LISTED} {_ORDER}
"""
LIST_ARCHIVE = f"""
    SELECT {READ_CONVERSATION_COLUMNS} FROM conversation WHERE deleted_at IS NULL AND archived = 1 {_ORDER}
"""
LIST_DELETED = f"""
    SELECT {READ_CONVERSATION_COLUMNS} FROM conversation
    WHERE deleted_at IS NOT NULL ORDER BY deleted_at DESC, seq DESC LIMIT ? OFFSET ?
"""
_LISTS = {
    Place.SHELF: LIST_CONVERSATIONS,
    Place.FOLDER: LIST_FOLDER,
    Place.TAG: LIST_TAG,
    Place.ARCHIVE: LIST_ARCHIVE,
    Place.BIN: LIST_DELETED,
}


def list_conversations(
    connection: sqlite3.Connection, limit: int, offset: int, scope: Scope = SHELF
) -> list[Conversation]:
    """Return a page of a place: pinned first, then the latest first; of the bin the last deleted first."""
    values = (well_formed(scope.value),) if scope.place in (Place.FOLDER, Place.TAG) else ()
    rows = connection.execute(_LISTS[scope.place], (*values, limit, offset))
    return [read_conversation(row) for row in rows]


def read_rows(connection: sqlite3.Connection, conversation_ids: Sequence[str]) -> list[Conversation]:
    """Return the rows of conversations that are not in the bin, in no order."""
    found = []
    for conversation_id in conversation_ids:
        found += connection.execute(
            f"SELECT {READ_CONVERSATION_COLUMNS} FROM conversation WHERE id = ? AND deleted_at IS NULL",
            (conversation_id,),
        ).fetchall()
    return [read_conversation(row) for row in found]


def place_new(connection: sqlite3.Connection, conversation: Conversation) -> None:
    """Store where a conversation stands whose row is new."""
    connection.execute(
        "UPDATE conversation SET archived = ?, folder_id = ? WHERE id = ?",
        (int(conversation.archived), conversation.folder_id, conversation.id),
    )
    for name in conversation.tags:
        set_tag(connection, (conversation.id,), name, True)


def list_folders(connection: sqlite3.Connection) -> list[Folder]:
    """Return the folders by name, with the number of conversations listed in each."""
    rows = connection.execute(
        f"""SELECT id, name, (SELECT count(*) FROM conversation
                              WHERE conversation.folder_id = folder.id AND {_LISTED}) FROM folder"""
    )
    return sorted((Folder(*row) for row in rows), key=lambda folder: folder.name.casefold())


def list_tags(connection: sqlite3.Connection) -> list[Tag]:
    """Return the tags in use by name, with the number of conversations listed with each."""
    rows = connection.execute(
        f"""SELECT name, count(*) FROM tag JOIN conversation ON id = conversation_id
            WHERE {_LISTED} GROUP BY name"""
    )
    return sorted((Tag(*row) for row in rows), key=lambda tag: tag.name.casefold())


def write_folder(connection: sqlite3.Connection, folder_id: str, name: str) -> None:
    """Make a folder, or give it another name."""
    connection.execute(
        """INSERT INTO folder (id, name, created) VALUES (?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET name = excluded.name""",
        (folder_id, well_formed(name), now_ms()),
    )


def delete_folder(connection: sqlite3.Connection, folder_id: str) -> Sequence[str]:
    """Take a folder away; its conversations stay, in none. Returns their ids."""
    found = connection.execute("SELECT id FROM conversation WHERE folder_id = ?", (folder_id,))
    inside = [str(name) for (name,) in found]
    connection.execute("UPDATE conversation SET folder_id = NULL WHERE folder_id = ?", (folder_id,))
    connection.execute("DELETE FROM folder WHERE id = ?", (folder_id,))
    return inside


def set_folder(
    connection: sqlite3.Connection, conversation_ids: Sequence[str], folder_id: str | None
) -> None:
    """Put conversations into a folder, or into none."""
    connection.executemany(
        "UPDATE conversation SET folder_id = ? WHERE id = ?", [(folder_id, name) for name in conversation_ids]
    )


def set_tag(connection: sqlite3.Connection, conversation_ids: Sequence[str], name: str, is_on: bool) -> None:
    """Give conversations a tag, or take it from them."""
    statement = "INSERT OR IGNORE INTO tag (name, conversation_id) VALUES (?, ?)"
    if not is_on:
        statement = "DELETE FROM tag WHERE name = ? AND conversation_id = ?"
    connection.executemany(statement, [(well_formed(name), each) for each in conversation_ids])


def set_archived(connection: sqlite3.Connection, conversation_ids: Sequence[str], is_archived: bool) -> None:
    """Put conversations into the archive, or take them out."""
    connection.executemany(
        "UPDATE conversation SET archived = ? WHERE id = ?",
        [(int(is_archived), name) for name in conversation_ids],
    )


def set_deleted(
    connection: sqlite3.Connection, conversation_ids: Sequence[str], deleted_at: int | None
) -> None:
    """Put conversations into the bin at a time in Unix milliseconds, or take them out with None."""
    connection.executemany(
        "UPDATE conversation SET deleted_at = ? WHERE id = ?",
        [(deleted_at, name) for name in conversation_ids],
    )


def erase(connection: sqlite3.Connection, conversation_ids: Sequence[str]) -> int:
    """Delete conversations for good that are in the bin; return how many that were."""
    gone = 0
    for name in conversation_ids:
        gone += connection.execute(
            "DELETE FROM conversation WHERE id = ? AND deleted_at IS NOT NULL", (name,)
        ).rowcount
    return gone


def purge(connection: sqlite3.Connection, before_ms: int, most: int = -1) -> tuple[int, bool]:
    """Delete for good what was deleted before a time, at most so many conversations and messages each.

    Returns how many conversations that were, and whether more is left. What is left of a message
    that a conversation lost is not counted.
    """
    lost = connection.execute(
        "DELETE FROM message WHERE seq IN (SELECT seq FROM message WHERE deleted_at < ? LIMIT ?)",
        (before_ms, most),
    ).rowcount
    gone = connection.execute(
        "DELETE FROM conversation WHERE seq IN (SELECT seq FROM conversation WHERE deleted_at < ? LIMIT ?)",
        (before_ms, most),
    ).rowcount
    return gone, most >= 0 and (gone >= most or lost >= most)
