"""Search in titles and texts: by an index of words, and by reading where the index knows nothing."""

import logging
import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from desktop.base.utf16 import well_formed
from desktop.domain.message import Conversation, Role
from desktop.domain.search import Found, Hit, Query, Word
from desktop.store.rows import READ_CONVERSATION_COLUMNS, read_conversation
from desktop.store.words import (
    excerpt_of,
    has_words,
    is_fully_indexed,
    is_indexed,
    marks_in,
    match_of,
    pattern_of,
)

_LOG = logging.getLogger(__name__)

MOST_TITLES = 20
MOST_OF_ONE = 5
"""How many texts of one conversation are shown; the rest is for the search within it."""

# A search that has to read texts one after another ends after this time with what it has.
_READING_S = 0.5
# Shorter words stand within others everywhere.
_SHORTEST_READ = 3
_STEPS_BETWEEN_LOOKS = 5_000
_TOKENIZER = "tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'"

# The index holds no text, and these triggers keep it in step; replies are written as parts once, when they
# end, so that nothing is indexed while they grow. Nothing but the triggers needs a function of ours: any
# other program can read and check the file.
_STATEMENTS = (
    f"CREATE VIRTUAL TABLE text_index USING fts5 (text, content = '', {_TOKENIZER})",
    f"CREATE VIRTUAL TABLE title_index USING fts5 (title, content = '', {_TOKENIZER})",
    """CREATE TRIGGER text_added AFTER INSERT ON part WHEN new.kind IN ('text', 'refusal') BEGIN
       INSERT INTO text_index (rowid, text) VALUES (new.seq, indexable(new.text)); END""",
    """CREATE TRIGGER text_removed AFTER DELETE ON part WHEN old.kind IN ('text', 'refusal') BEGIN
       INSERT INTO text_index (text_index, rowid, text)
       VALUES ('delete', old.seq, indexable(old.text)); END""",
    """CREATE TRIGGER title_added AFTER INSERT ON conversation BEGIN
       INSERT INTO title_index (rowid, title) VALUES (new.seq, indexable(new.title)); END""",
    """CREATE TRIGGER title_changed AFTER UPDATE OF title ON conversation
       WHEN old.title IS NOT new.title BEGIN
       INSERT INTO title_index (title_index, rowid, title)
       VALUES ('delete', old.seq, indexable(old.title));
       INSERT INTO title_index (rowid, title) VALUES (new.seq, indexable(new.title)); END""",
    """CREATE TRIGGER title_removed AFTER DELETE ON conversation BEGIN
       INSERT INTO title_index (title_index, rowid, title)
       VALUES ('delete', old.seq, indexable(old.title)); END""",
)
# How much the index gathers in memory before it writes: as SQLite has it, and while it is filled.
_TAKES_MUCH = "INSERT INTO text_index (text_index, rank) VALUES ('hashsize', {})"
_GROWN_AT_ONCE = 1024 * 1024
_FILLED_AT_ONCE = 64 * _GROWN_AT_ONCE
_TRIGGERS = ("text_added", "text_removed", "title_added", "title_changed", "title_removed")
_FILL = (
    """INSERT INTO text_index (rowid, text)
       SELECT seq, indexable(text) FROM part WHERE kind IN ('text', 'refusal') ORDER BY seq""",
    "INSERT INTO title_index (rowid, title) SELECT seq, indexable(title) FROM conversation ORDER BY seq",
)

_TEXT_COLUMNS = """part.text, message.id, message.role, message.model, message.created,
    message.conversation_id"""
# In this order of tables, from the index outwards: SQLite would rather begin with all conversations.
_OWNERS = """
    CROSS JOIN message ON message.id = part.message_id
    CROSS JOIN conversation ON conversation.id = message.conversation_id
    WHERE message.deleted_at IS NULL AND conversation.deleted_at IS NULL
"""
TEXTS_BY_INDEX = f"""
    SELECT {_TEXT_COLUMNS} FROM text_index CROSS JOIN part ON part.seq = text_index.rowid {_OWNERS}
    AND text_index MATCH ? {{more}} ORDER BY text_index.rowid DESC
"""
_TEXTS_BY_READING = f"""
    SELECT {_TEXT_COLUMNS} FROM part {_OWNERS}
    AND part.kind IN ('text', 'refusal') {{more}} ORDER BY part.seq DESC
"""
TITLES_BY_INDEX = f"""
    SELECT {READ_CONVERSATION_COLUMNS}
    FROM (SELECT rowid AS hit FROM title_index WHERE title_index MATCH ? ORDER BY rowid DESC)
    CROSS JOIN conversation ON conversation.seq = hit WHERE deleted_at IS NULL {{more}} ORDER BY hit DESC
"""
_TITLES_BY_READING = f"""
    SELECT {READ_CONVERSATION_COLUMNS} FROM conversation
    WHERE deleted_at IS NULL {{more}} ORDER BY seq DESC
"""

_Values = tuple[str | int, ...]


def has_full_text(connection: sqlite3.Connection) -> bool:
    """Whether this SQLite can make the index."""
    try:
        connection.execute(f"CREATE VIRTUAL TABLE temp.probe USING fts5 (text, {_TOKENIZER})")
        connection.execute("DROP TABLE temp.probe")
    except sqlite3.OperationalError:
        return False
    return True


def prepare_index(connection: sqlite3.Connection, *, must_rebuild: bool = False) -> bool:
    """Make the index if it is missing, made otherwise or not in step; say whether there is one.

    Where SQLite has no full-text search, the triggers are taken away, so that writing still works;
    the next start with it then builds the index again from the texts.
    """
    made = {" ".join(str(sql).split()) for (sql,) in connection.execute("SELECT sql FROM sqlite_master")}
    if not has_full_text(connection):
        _LOG.warning("This SQLite has no full-text index; search reads every text")
        for trigger in _TRIGGERS:
            connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        return False
    if {" ".join(one.split()) for one in _STATEMENTS} <= made and not must_rebuild:
        return True
    for trigger in _TRIGGERS:
        connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    for table in ("text_index", "title_index"):
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    # An earlier index read its texts from here.
    connection.execute("DROP VIEW IF EXISTS searchable")
    for statement in _STATEMENTS:
        connection.execute(statement)
    for statement in (_TAKES_MUCH.format(_FILLED_AT_ONCE), *_FILL, _TAKES_MUCH.format(_GROWN_AT_ONCE)):
        connection.execute(statement)
    return True


def search(connection: sqlite3.Connection, query: Query, limit: int) -> Found:
    """Return titles and texts with all words of the query, titles first, then the newest first.

    Texts with whole words come before those in which words begin so; upper and lower case and accents
    are no matter. Where the index finds none, the newest texts are read for a moment, and the words
    found anywhere. Raises sqlite3.OperationalError if it is interrupted.
    """
    if query.is_empty:
        return Found()
    plain = tuple(Word(well_formed(word.text), word.is_exact) for word in query.words)
    words = tuple(word for word in plain if word.text.strip())
    known = tuple(word for word in words if is_indexed(word.text))
    if words and known and _is_indexed(connection):
        found = _Search(connection, query, words, limit).by_index(known)
        is_known = all(is_fully_indexed(word.text) or len(word.text) < _SHORTEST_READ for word in words)
        if found.hits or not found.is_all or is_known:
            return found
    elif query.words and not words:
        return Found()
    return _Search(connection, query, words, limit).by_reading()


def _is_indexed(connection: sqlite3.Connection) -> bool:
    found = connection.execute(
        "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name = 'text_added'"
    )
    return bool(found.fetchone()[0])


@dataclass(slots=True)
class _Search:
    """One search as it goes on."""

    connection: sqlite3.Connection
    query: Query
    words: Sequence[Word]
    limit: int
    hits: list[Hit] = field(default_factory=list)
    is_all: bool = True
    taken: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    pattern: re.Pattern[str] = re.compile(r"(?!)")

    def by_index(self, known: Sequence[Word]) -> Found:
        # Whole words first: they are what is meant, and a common word's beginnings are many to go through.
        exact = [replace(word, is_exact=True) for word in known]
        match = match_of(known)
        # One that another follows has been typed to its end, unless there is no such word.
        begun = match_of([self._ended(word) for word in known[:-1]] + [known[-1]])
        self.pattern = pattern_of(self.words)
        more, values = _conditions(self.query)
        if self._takes_titles:
            only, own = _conversation_conditions(self.query)
            self._take_titles(TITLES_BY_INDEX.format(more=only), (match, *own))
        for each in dict.fromkeys((match_of(exact), begun)):
            if len(self.hits) < self.limit and not self.query.titles_only:
                self._take_texts(TEXTS_BY_INDEX.format(more=more), (each, *values))
        return Found(tuple(self.hits), self.is_all)

    def _ended(self, word: Word) -> Word:
        exact = replace(word, is_exact=True)
        is_there = self.connection.execute(
            "SELECT 1 FROM text_index WHERE text_index MATCH ? LIMIT 1", (match_of((exact,)),)
        ).fetchone()
        return word if is_there is None else exact

    def by_reading(self) -> Found:
        until = time.monotonic() + _READING_S
        self.pattern = pattern_of(self.words, anywhere=True)
        self.connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS_BETWEEN_LOOKS)
        try:
            if self._takes_titles:
                like, values = _like("title", self.words)
                only, own = _conversation_conditions(self.query)
                self._take_titles(_TITLES_BY_READING.format(more=like + only), (*values, *own))
            if not self.query.titles_only:
                like, values = _like("part.text", self.words)
                more, own = _conditions(self.query)
                self._take_texts(_TEXTS_BY_READING.format(more=like + more), (*values, *own))
        except sqlite3.OperationalError:
            if time.monotonic() <= until:
                raise
            self.is_all = False
        finally:
            self.connection.set_progress_handler(None, 0)
        return Found(tuple(self.hits), self.is_all)

    @property
    def _takes_titles(self) -> bool:
        return bool(self.words) and self.query.role is None and not self.query.has_code

    def _take_titles(self, statement: str, values: _Values) -> None:
        rows = self.connection.execute(statement, values)
        for conversation in map(read_conversation, rows):
            if len(self.hits) >= min(MOST_TITLES, self.limit):
                self.is_all = False
                break
            if has_words(conversation.title, self.words):
                marks = marks_in(conversation.title, self.pattern)
                self.hits.append(Hit(conversation=conversation, created=conversation.updated, marks=marks))
        self.hits.sort(key=lambda hit: -hit.created)

    def _take_texts(self, statement: str, values: _Values) -> None:
        owners: dict[str, Conversation] = {}
        counts = self.counts
        for text, message_id, role, model, created, owner_id in self._rows(statement, values):
            is_taken = message_id in self.taken or counts.get(owner_id, 0) >= MOST_OF_ONE
            if is_taken or not has_words(text, self.words):
                continue
            self.taken.add(message_id)
            counts[owner_id] = counts.get(owner_id, 0) + 1
            excerpt, marks = excerpt_of(text, self.pattern)
            self.hits.append(
                Hit(
                    conversation=owners.get(owner_id) or self._owner(owner_id, owners),
                    message_id=message_id,
                    role=Role(role) if role in set(Role) else None,
                    model=model,
                    created=created,
                    excerpt=excerpt,
                    marks=marks,
                )
            )
            if len(self.hits) >= self.limit:
                self.is_all = False
                break

    def _rows(self, statement: str, values: _Values) -> Iterator[tuple[str, str, str, str, int, str]]:
        # One row after another, so that what is not shown is not read.
        yield from self.connection.execute(statement, values)

    def _owner(self, conversation_id: str, owners: dict[str, Conversation]) -> Conversation:
        row = self.connection.execute(
            f"SELECT {READ_CONVERSATION_COLUMNS} FROM conversation WHERE id = ?", (conversation_id,)
        ).fetchone()
        owners[conversation_id] = read_conversation(row)
        return owners[conversation_id]


def _conversation_conditions(query: Query) -> tuple[str, _Values]:
    """Return what narrows conversations, as conditions that begin with AND, and their values."""
    conditions, values = _place_conditions(query)
    if query.model:
        conditions.append("conversation.model LIKE ? ESCAPE '\\'")
        values.append(_part_of(query.model))
    for bound, sign in ((query.since, ">="), (query.until, "<")):
        if bound is not None:
            conditions.append(f"conversation.updated {sign} ?")
            values.append(bound)
    return "".join(f" AND {condition}" for condition in conditions), tuple(values)


def _conditions(query: Query) -> tuple[str, _Values]:
    """Return what narrows messages, as conditions that begin with AND, and their values."""
    conditions: list[str] = []
    values: list[str | int] = []
    if query.role is not None:
        conditions.append("message.role = ?")
        values.append(query.role.value)
    if query.model:
        conditions.append("message.model LIKE ? ESCAPE '\\'")
        values.append(_part_of(query.model))
    for bound, sign in ((query.since, ">="), (query.until, "<")):
        if bound is not None:
            conditions.append(f"message.created {sign} ?")
            values.append(bound)
    if query.has_code:
        conditions.append("instr(part.text, '```')")
    placed, own = _place_conditions(query)
    return "".join(f" AND {condition}" for condition in (*conditions, *placed)), (*values, *own)


def _place_conditions(query: Query) -> tuple[list[str], list[str | int]]:
    conditions: list[str] = []
    values: list[str | int] = []
    if query.folder:
        conditions.append("conversation.folder_id IN (SELECT id FROM folder WHERE name LIKE ? ESCAPE '\\')")
        values.append(_part_of(query.folder))
    if query.tag:
        conditions.append(
            "conversation.id IN (SELECT conversation_id FROM tag WHERE name LIKE ? ESCAPE '\\')"
        )
        values.append(_part_of(query.tag))
    return conditions, values


def _part_of(text: str) -> str:
    escaped = well_formed(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _like(column: str, words: Sequence[Word]) -> tuple[str, _Values]:
    """Return conditions that all words stand in a column, each begun by AND, and their values.

    LIKE knows upper and lower case of ASCII alone, hence the spellings of other words.
    """
    conditions: list[str] = []
    values: list[str] = []
    for text in (word.text for word in words):
        spellings = [text] if text.isascii() else sorted({text, text.lower(), text.upper(), text.title()})
        conditions.append(" AND (" + " OR ".join([f"{column} LIKE ? ESCAPE '\\'"] * len(spellings)) + ")")
        values += map(_part_of, spellings)
    return "".join(conditions), tuple(values)
