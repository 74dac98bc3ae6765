"""The numbered steps from an empty file to today's schema. Append only: a released step never changes."""

import logging
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop.base.tongue import translate
from desktop.domain.failure import StorageError

_LOG = logging.getLogger(__name__)

# "WEIR", so that `file` and Weir itself know whose database this is.
APPLICATION_ID = 0x57454952


class NewerHistoryError(StorageError):
    """The history was written by a newer Weir; it has not been touched."""


class ForeignFileError(StorageError):
    """The file is a good database of some other program; it has not been touched."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step. `version` is the PRAGMA user_version after it; statements run in order."""

    version: int
    what: str
    statements: tuple[str, ...]


def _count_in(json_column: str, name: str, kind: str) -> str:
    """Return SQL for a number in a column of JSON, NULL where there is none."""
    is_number = f"json_type({json_column}, '$.{name}') IN ('integer', 'real')"
    return (
        f"CASE WHEN json_valid({json_column}) THEN "
        f"CASE WHEN {is_number} THEN CAST(json_extract({json_column}, '$.{name}') AS {kind}) END END"
    )


# What each reply took, in the order in which it is summed up: the table is its own index. Columns that
# SQLite works out of the JSON by itself would make the file unreadable for programs that trust no schema.
_USED = """
CREATE TABLE used (
    endpoint TEXT NOT NULL,
    model TEXT NOT NULL,
    created INTEGER NOT NULL,
    message_seq INTEGER NOT NULL REFERENCES message (seq) ON DELETE CASCADE,
    input INTEGER,
    output INTEGER,
    cached INTEGER,
    reasoning INTEGER,
    cost REAL,
    first_ms INTEGER,
    total_ms INTEGER,
    PRIMARY KEY (endpoint, model, created, message_seq)
) STRICT, WITHOUT ROWID
"""
_FILL_USED = f"""
INSERT INTO used
SELECT endpoint, model, created, seq, {_count_in("usage", "input", "INTEGER")},
    {_count_in("usage", "output", "INTEGER")}, {_count_in("usage", "cached", "INTEGER")},
    {_count_in("usage", "reasoning", "INTEGER")}, {_count_in("usage", "cost", "REAL")},
    {_count_in("timing", "first_ms", "INTEGER")}, {_count_in("timing", "total_ms", "INTEGER")}
FROM message WHERE role = 'assistant' AND state <> 'streaming' ORDER BY endpoint, model, created, seq
"""

_CONVERSATION = """
CREATE TABLE conversation (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL DEFAULT '',
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    head_id TEXT,
    endpoint_id TEXT NOT NULL DEFAULT '',
    model TEXT NOT NULL DEFAULT '',
    pinned INTEGER NOT NULL DEFAULT 0,
    archived INTEGER NOT NULL DEFAULT 0,
    deleted_at INTEGER,
    folder_id TEXT,
    meta TEXT NOT NULL DEFAULT '{}'
) STRICT
"""

# parent_id is no foreign key: a message whose parent is lost counts as a root.
_MESSAGE = """
CREATE TABLE message (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    conversation_id TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    parent_id TEXT,
    role TEXT NOT NULL,
    state TEXT NOT NULL,
    created INTEGER NOT NULL,
    model TEXT NOT NULL DEFAULT '',
    endpoint TEXT NOT NULL DEFAULT '',
    usage TEXT,
    timing TEXT,
    stop_reason TEXT,
    failure TEXT,
    meta TEXT NOT NULL DEFAULT '{}'
) STRICT
"""

# data comes last: what reads the text alone never walks through the pages of an image.
_PART = """
CREATE TABLE part (
    seq INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL DEFAULT '',
    meta TEXT NOT NULL DEFAULT '{}',
    data BLOB,
    UNIQUE (message_id, position)
) STRICT
"""

# What came of a reply that is still growing, in rows that are only ever appended. The text is a
# BLOB because a piece may end between the two halves of a surrogate pair.
_PROGRESS = """
CREATE TABLE progress (
    seq INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    text BLOB NOT NULL DEFAULT x'',
    meta TEXT NOT NULL DEFAULT '{}',
    at INTEGER NOT NULL
) STRICT
"""

MIGRATIONS = (
    Migration(
        1,
        "conversations, messages, parts and the progress of growing replies",
        (
            f"PRAGMA application_id = {APPLICATION_ID}",
            _CONVERSATION,
            """CREATE INDEX conversation_listed ON conversation (pinned DESC, updated DESC, seq DESC)
               WHERE deleted_at IS NULL AND archived = 0""",
            "CREATE INDEX conversation_deleted ON conversation (deleted_at) WHERE deleted_at IS NOT NULL",
            _MESSAGE,
            "CREATE INDEX message_of_conversation ON message (conversation_id, created, seq)",
            "CREATE INDEX message_streaming ON message (seq) WHERE state = 'streaming'",
            _PART,
            _PROGRESS,
            "CREATE INDEX progress_of_message ON progress (message_id, seq)",
        ),
    ),
    Migration(
        2,
        "the run in which a reply grows",
        ("ALTER TABLE message ADD COLUMN run TEXT NOT NULL DEFAULT ''",),
    ),
    Migration(
        3,
        "messages that were deleted and can still be brought back",
        (
            "ALTER TABLE message ADD COLUMN deleted_at INTEGER",
            "CREATE INDEX message_deleted ON message (deleted_at) WHERE deleted_at IS NOT NULL",
        ),
    ),
    Migration(
        4,
        "folders, tags and the archive",
        (
            """CREATE TABLE folder (
                   seq INTEGER PRIMARY KEY,
                   id TEXT NOT NULL UNIQUE,
                   name TEXT NOT NULL,
                   created INTEGER NOT NULL
               ) STRICT""",
            """CREATE TABLE tag (
                   name TEXT NOT NULL,
                   conversation_id TEXT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
                   PRIMARY KEY (name, conversation_id)
               ) STRICT, WITHOUT ROWID""",
            "CREATE INDEX tag_of_conversation ON tag (conversation_id, name)",
            """CREATE INDEX conversation_in_folder
               ON conversation (folder_id, pinned DESC, updated DESC, seq DESC)
               WHERE folder_id IS NOT NULL AND deleted_at IS NULL AND archived = 0""",
            """CREATE INDEX conversation_archived ON conversation (pinned DESC, updated DESC, seq DESC)
               WHERE deleted_at IS NULL AND archived = 1""",
        ),
    ),
    Migration(
        5,
        "what was typed and not sent yet",
        (
            """CREATE TABLE draft (
                   conversation_id TEXT PRIMARY KEY,
                   text TEXT NOT NULL,
                   at INTEGER NOT NULL
               ) STRICT, WITHOUT ROWID""",
        ),
    ),
    Migration(
        6,
        "what replies and summaries took, in an order in which years of it are summed up at once",
        (
            _USED,
            _FILL_USED,
            "CREATE INDEX used_of_message ON used (message_seq)",
            """CREATE INDEX conversation_cut ON conversation (seq) WHERE instr(meta, '"cuts"')""",
        ),
    ),
)


def check_version(user_version: int, application_id: int, is_empty: bool, latest: int) -> None:
    """Raise NewerHistoryError or ForeignFileError if this database is not ours to change."""
    if not is_empty and application_id != APPLICATION_ID:
        raise ForeignFileError(
            translate(
                "Store",
                "The file where Weir keeps its history belongs to another program. It has not been "
                "touched. Move it elsewhere, or start Weir with another data folder.",
            )
        )
    if user_version > latest:
        raise NewerHistoryError(
            translate(
                "Store",
                "This history was written by a newer version of Weir. It has not been touched. "
                "Install the newer version to open it.",
            )
        )


def migrate(
    connection: sqlite3.Connection,
    back_up: Callable[[int], Path],
    migrations: Sequence[Migration] = MIGRATIONS,
) -> tuple[int, Path | None]:
    """Bring the database to the latest version; each step is one transaction with its user_version.

    `back_up` copies the whole database, given its version, before anything in an existing one
    changes. Returns the version found and the backup if one was made. Raises sqlite3.Error, and
    OSError from the backup; the database is then as it was before the step that failed.
    """
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    pending = [step for step in migrations if step.version > found]
    backup = back_up(found) if pending and found > 0 else None
    for step in pending:
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in step.statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {step.version:d}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        _LOG.info("History migrated to version %d: %s", step.version, step.what)
    return found, backup
