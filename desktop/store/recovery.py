"""What can still be read of a history file that is damaged or a backup. The file itself is never changed."""

import contextlib
import logging
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from desktop.domain.message import Conversation, Message, Part
from desktop.domain.order import Folder
from desktop.store import order
from desktop.store.faults import storage_error
from desktop.store.messages import read_whole
from desktop.store.migrations import MIGRATIONS, check_version, migrate
from desktop.store.rows import (
    MESSAGE_COLUMNS,
    READ_CONVERSATION_COLUMNS,
    read_conversation,
    read_message,
    read_part,
)
from desktop.store.words import install

_LOG = logging.getLogger(__name__)
_STEP = 500
# Where a table's own length can't be read, and where nearly all of it is broken.
_MOST_GUESSED = 200_000
_MOST_FAILURES = 4_000

Salvaged = tuple[Conversation, Sequence[Message]]


class Salvage:
    """A copy of a history file, open for reading what is left in it. To be used in a `with`.

    The copy lies in a folder of its own below `folder` until the end. Raises StorageError where the
    file is none of Weir's, or nothing of it can be opened.
    """

    def __init__(self, file: Path, folder: Path) -> None:
        self._file = file
        self._folder = folder
        self._left = contextlib.ExitStack()
        self._connection: sqlite3.Connection | None = None
        self._places: dict[str, list[int]] | None = None

    def __enter__(self) -> Self:
        try:
            self._open()
        except Exception as problem:
            self._left.close()
            failure = storage_error(problem)
        else:
            return self
        raise failure

    def __exit__(self, *_what: object) -> None:
        self._left.close()

    @property
    def _sql(self) -> sqlite3.Connection:
        assert self._connection is not None  # noqa: S101 - used within the `with` alone
        return self._connection

    def _open(self) -> None:
        made = tempfile.TemporaryDirectory(prefix=".recovery-", dir=self._folder)
        place = Path(self._left.enter_context(made))
        copy = place / "history.db"
        for ending in ("", "-wal"):
            part = self._file.with_name(self._file.name + ending)
            if part.exists():
                shutil.copyfile(part, copy.with_name(copy.name + ending))
        connection = sqlite3.connect(copy, isolation_level=None)
        self._left.callback(connection.close)
        self._connection = connection
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        connection.execute("PRAGMA trusted_schema = OFF")
        install(connection)
        check_version(
            int(connection.execute("PRAGMA user_version").fetchone()[0]),
            int(connection.execute("PRAGMA application_id").fetchone()[0]),
            False,
            MIGRATIONS[-1].version,
        )
        try:
            migrate(connection, lambda _version: copy)
        except sqlite3.DatabaseError as problem:
            # What is of an older shape and damaged as well may still give some of its rows.
            _LOG.info("The copy can't be brought to today's shape: %s", problem)

    def folders(self) -> list[Folder]:
        """Return the folders that can be read."""
        try:
            return order.list_folders(self._sql)
        except sqlite3.Error:
            return []

    def conversations(self) -> Iterator[Salvaged]:
        """Yield what can be read, conversation by conversation, those in the bin left out."""
        for row in self._rows("conversation", READ_CONVERSATION_COLUMNS + ", deleted_at"):
            if row[-1] is not None:
                continue
            try:
                conversation = read_conversation(row[:-1])
                found = self._messages(conversation.id)
            except (sqlite3.Error, ValueError, TypeError) as problem:
                _LOG.info("A conversation can't be recovered: %s", problem)
                continue
            if found:
                yield conversation, found

    def _messages(self, conversation_id: str) -> Sequence[Message]:
        try:
            whole = read_whole(self._sql, conversation_id)
            return whole[1] if whole is not None else []
        except sqlite3.Error:
            return list(self._scattered(conversation_id))

    def _scattered(self, conversation_id: str) -> Iterator[Message]:
        """Yield the messages of a conversation one by one, where the index or a page is broken."""
        if self._places is None:
            self._places = {}
            for seq, owner in self._rows("message", "seq, conversation_id"):
                self._places.setdefault(str(owner), []).append(seq)
        for seq in self._places.get(conversation_id, ()):
            with contextlib.suppress(sqlite3.Error, ValueError, TypeError):
                row = self._sql.execute(
                    f"SELECT {MESSAGE_COLUMNS} FROM message WHERE seq = ? AND deleted_at IS NULL", (seq,)
                ).fetchone()
                if row is not None:
                    yield read_message(row, self._parts(str(row[0])))

    def _parts(self, message_id: str) -> tuple[Part, ...]:
        rows = self._sql.execute(
            "SELECT kind, text, meta, data FROM part WHERE message_id = ? ORDER BY position", (message_id,)
        )
        return tuple(read_part(message_id, *row) for row in rows)

    def _rows(self, table: str, columns: str) -> Iterator[tuple[Any, ...]]:
        """Yield a table's rows in their order; a page that can't be read costs its own rows alone."""
        try:
            last = int(self._sql.execute(f"SELECT coalesce(max(seq), 0) FROM {table}").fetchone()[0])
        except sqlite3.Error:
            last = _MOST_GUESSED
        statement = f"SELECT {columns} FROM {table} WHERE seq BETWEEN ? AND ? ORDER BY seq"
        waiting = [(first, min(last, first + _STEP - 1)) for first in range(1, last + 1, _STEP)]
        waiting.reverse()
        failures = 0
        while waiting and failures < _MOST_FAILURES:
            first, end = waiting.pop()
            try:
                rows = self._sql.execute(statement, (first, end)).fetchall()
            except sqlite3.Error:
                failures += 1
                if first < end:
                    middle = (first + end) // 2
                    waiting += [(middle + 1, end), (first, middle)]
                continue
            yield from rows
