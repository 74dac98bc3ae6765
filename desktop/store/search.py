"""Search in titles and texts: by a trigram index, and by a scan for words of one and two characters."""

import logging
import sqlite3

from desktop.domain.message import Conversation
from desktop.store.rows import CONVERSATION_COLUMNS, read_conversation, storable

_LOG = logging.getLogger(__name__)

_SHORTEST_INDEXED = 3
_MOST_WORDS = 16
# Of very common words only the newest hits are ranked; their order by rank says nothing anyway.
_MOST_HITS = 2_000

# The index holds no text of its own. It reads `searchable`, and these triggers keep it in step;
# replies are written as parts once, when they end, so that nothing is indexed while they grow.
_STATEMENTS = (
    "CREATE VIEW searchable AS SELECT seq, text FROM part WHERE kind IN ('text', 'refusal')",
    """CREATE VIRTUAL TABLE text_index USING fts5
       (text, content = 'searchable', content_rowid = 'seq', tokenize = 'trigram')""",
    """CREATE VIRTUAL TABLE title_index USING fts5
       (title, content = 'conversation', content_rowid = 'seq', tokenize = 'trigram')""",
    """CREATE TRIGGER text_added AFTER INSERT ON part WHEN new.kind IN ('text', 'refusal') BEGIN
       INSERT INTO text_index (rowid, text) VALUES (new.seq, new.text); END""",
    """CREATE TRIGGER text_removed AFTER DELETE ON part WHEN old.kind IN ('text', 'refusal') BEGIN
       INSERT INTO text_index (text_index, rowid, text) VALUES ('delete', old.seq, old.text); END""",
    """CREATE TRIGGER title_added AFTER INSERT ON conversation BEGIN
       INSERT INTO title_index (rowid, title) VALUES (new.seq, new.title); END""",
    """CREATE TRIGGER title_changed AFTER UPDATE OF title ON conversation
       WHEN old.title IS NOT new.title BEGIN
       INSERT INTO title_index (title_index, rowid, title) VALUES ('delete', old.seq, old.title);
       INSERT INTO title_index (rowid, title) VALUES (new.seq, new.title); END""",
    """CREATE TRIGGER title_removed AFTER DELETE ON conversation BEGIN
       INSERT INTO title_index (title_index, rowid, title) VALUES ('delete', old.seq, old.title); END""",
)
_TRIGGERS = ("text_added", "text_removed", "title_added", "title_changed", "title_removed")

_RANKED = f"""
    SELECT {CONVERSATION_COLUMNS} FROM conversation JOIN (
        SELECT found, min(score) AS best FROM ({{hits}}) GROUP BY found
    ) ON found = conversation.seq
    WHERE conversation.deleted_at IS NULL
    ORDER BY best, pinned DESC, updated DESC, seq DESC LIMIT ?
"""
_TITLES_BY_INDEX = """
    SELECT * FROM (
        SELECT conversation.seq AS found, -1e6 AS score
        FROM title_index CROSS JOIN conversation ON conversation.seq = title_index.rowid
        WHERE title_index MATCH ? {more} ORDER BY title_index.rowid DESC LIMIT ?)
"""
_TEXTS_BY_INDEX = """
    SELECT conversation.seq AS found, hit.score AS score FROM (
        SELECT text_index.rowid AS seq, bm25(text_index) AS score FROM text_index
        WHERE text_index MATCH ? {more} ORDER BY text_index.rowid DESC LIMIT ?
    ) AS hit
    JOIN part ON part.seq = hit.seq
    JOIN message ON message.id = part.message_id AND message.deleted_at IS NULL
    JOIN conversation ON conversation.id = message.conversation_id
"""
_TITLES_BY_SCAN = """
    SELECT * FROM (SELECT seq AS found, -1e6 AS score FROM conversation
        WHERE {more} ORDER BY seq DESC LIMIT ?)
"""
_TEXTS_BY_SCAN = """
    SELECT conversation.seq AS found, 0.0 AS score FROM (
        SELECT message_id FROM part WHERE kind IN ('text', 'refusal') AND {more} ORDER BY seq DESC LIMIT ?
    ) AS hit
    JOIN message ON message.id = hit.message_id AND message.deleted_at IS NULL
    JOIN conversation ON conversation.id = message.conversation_id
"""


def has_trigrams(connection: sqlite3.Connection) -> bool:
    """Whether this SQLite can make the index: FTS5 with the trigram tokenizer, 3.34 and later."""
    try:
        connection.execute("CREATE VIRTUAL TABLE temp.probe USING fts5 (text, tokenize = 'trigram')")
        connection.execute("DROP TABLE temp.probe")
    except sqlite3.OperationalError:
        return False
    return True


def prepare_index(connection: sqlite3.Connection, *, must_rebuild: bool = False) -> bool:
    """Make the index if it is missing or not in step; say whether there is one.

    Where SQLite has no trigrams, the triggers are taken away, so that writing still works; the
    next start with trigrams then builds the index again from the texts.
    """
    names = {str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master")}
    if not has_trigrams(connection):
        _LOG.warning("This SQLite has no trigram index; search reads every text")
        for trigger in _TRIGGERS:
            connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        return False
    is_whole = {"searchable", "text_index", "title_index", *_TRIGGERS} <= names
    if is_whole and not must_rebuild:
        return True
    for trigger in _TRIGGERS:
        connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    for table in ("text_index", "title_index"):
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    connection.execute("DROP VIEW IF EXISTS searchable")
    for statement in _STATEMENTS:
        connection.execute(statement)
    for table in ("text_index", "title_index"):
        connection.execute(f"INSERT INTO {table} ({table}) VALUES ('rebuild')")
    return True


def search(connection: sqlite3.Connection, text: str, limit: int) -> list[Conversation]:
    """Return conversations where all words of `text` stand in the title or in one text, best first.

    Titles come before texts, then BM25 decides. Upper and lower case are the same. Nothing in
    `text` has a meaning of its own, and empty text finds nothing.
    """
    words = storable(text.replace("\0", " ")).split()[:_MOST_WORDS]
    if not words:
        return []
    indexed = [word for word in words if len(word) >= _SHORTEST_INDEXED] if _is_indexed(connection) else []
    others = [word for word in words if word not in indexed]
    statement, values = _by_index(indexed, others) if indexed else _by_scan(others)
    return [read_conversation(row) for row in connection.execute(statement, (*values, limit))]


def _is_indexed(connection: sqlite3.Connection) -> bool:
    found = connection.execute(
        "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name = 'text_added'"
    )
    return bool(found.fetchone()[0])


def _by_index(words: list[str], others: list[str]) -> tuple[str, list[str | int]]:
    match = " AND ".join('"' + word.replace('"', '""') + '"' for word in words)
    title_like, title_values = _like("conversation.title", others)
    # LIKE on an FTS table answers wrongly for short words in SQLite 3.40, so the base table is asked.
    text_like, text_values = _like("part.text", others)
    titles = _TITLES_BY_INDEX.format(more=f"AND {title_like}" if others else "")
    of_part = f"AND EXISTS (SELECT 1 FROM part WHERE part.seq = text_index.rowid AND {text_like})"
    texts = _TEXTS_BY_INDEX.format(more=of_part if others else "")
    values: list[str | int] = [match, *title_values, _MOST_HITS, match, *text_values, _MOST_HITS]
    return _RANKED.format(hits=f"{titles} UNION ALL {texts}"), values


def _by_scan(words: list[str]) -> tuple[str, list[str | int]]:
    title_like, title_values = _like("title", words)
    text_like, text_values = _like("text", words)
    hits = f"{_TITLES_BY_SCAN.format(more=title_like)} UNION ALL {_TEXTS_BY_SCAN.format(more=text_like)}"
    return _RANKED.format(hits=hits), [*title_values, _MOST_HITS, *text_values, _MOST_HITS]


def _like(column: str, words: list[str]) -> tuple[str, list[str]]:
    """Return a condition that all words stand in a column, and its values.

    LIKE knows upper and lower case of ASCII alone, hence the spellings of other words.
    """
    conditions, values = [], []
    for word in words:
        spellings = [word] if word.isascii() else sorted({word, word.lower(), word.upper(), word.title()})
        conditions.append("(" + " OR ".join([f"{column} LIKE ? ESCAPE '\\'"] * len(spellings)) + ")")
        for spelling in spellings:
            escaped = spelling.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            values.append(f"%{escaped}%")
    return " AND ".join(conditions), values
