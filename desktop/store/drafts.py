"""What was typed and not sent yet, a text for each conversation."""

from sqlite3 import Connection

from desktop.base.clock import now_ms
from desktop.base.utf16 import well_formed


def read_drafts(sql: Connection) -> dict[str, str]:
    """Return the drafts by their conversations' ids; the empty id is for new conversations.

    So is "new" with a number, in windows beside the first one.
    """
    rows = sql.execute(
        """SELECT conversation_id, text FROM draft
           WHERE conversation_id = '' OR conversation_id LIKE 'new %'
              OR conversation_id IN (SELECT id FROM conversation)"""
    )
    return {str(key): str(text) for key, text in rows}


def write_draft(sql: Connection, conversation_id: str, text: str) -> None:
    """Keep a conversation's draft, or drop it where nothing is left of it."""
    if text:
        sql.execute(
            "INSERT OR REPLACE INTO draft (conversation_id, text, at) VALUES (?, ?, ?)",
            (conversation_id, well_formed(text), now_ms()),
        )
    else:
        sql.execute("DELETE FROM draft WHERE conversation_id = ?", (conversation_id,))
