"""The history's file: private, alone, checked, set aside whole when broken, migrated or left as it was."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from desktop.base.paths import Paths
from desktop.domain.failure import AlreadyRunningError, StorageError
from desktop.domain.message import Conversation
from desktop.store import ForeignFileError, NewerHistoryError, open_store, restore_backup
from desktop.store.database import back_up, newest_backup, open_database, suspect_mark
from desktop.store.migrations import MIGRATIONS, Migration
from tests.support.finding import find

ROOT = Path(__file__).parents[3]
LATEST = MIGRATIONS[-1].version


def fill(paths: Paths, count: int = 3) -> None:
    """Make a history with some conversations, closed in order."""
    database = open_database(paths.history, paths.backups)
    for number in range(count):
        database.connection.execute(
            "INSERT INTO conversation (id, title, created, updated) VALUES (?, ?, 1, 1)",
            (f"c{number}", f"Title {number} " + "x" * 2000),
        )
    database.close()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.skipif(os.name != "posix", reason="other systems have no modes")
async def test_files_and_folders_are_their_owner_s_alone(paths: Paths) -> None:
    store = open_store(paths)
    assert (await store.opened()).is_new
    await store.history.write_conversation(Conversation(id="c", title="t", created=1, updated=1))
    await store.settings.write_preference("a", "b")
    copy = await store.history.back_up()
    assert mode(paths.data) == 0o700
    assert mode(paths.backups) == 0o700
    kept = [file for file in paths.data.rglob("*") if "log" not in file.parts]
    assert {paths.history, paths.preferences, copy} <= set(kept)
    assert any("locks" in file.parent.name for file in kept)
    for file in kept:
        assert mode(file) == (0o700 if file.is_dir() else 0o600), file
    await store.close()


async def test_the_settings_of_the_connection_are_those_that_are_meant(paths: Paths) -> None:
    database = open_database(paths.history, paths.backups)

    def pragma(name: str) -> object:
        return database.connection.execute(f"PRAGMA {name}").fetchone()[0]

    found = {name: pragma(name) for name in ("journal_mode", "synchronous", "foreign_keys", "user_version")}
    assert found == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "user_version": LATEST}
    assert database.connection.isolation_level is None
    database.close()


async def test_a_second_weir_shares_the_history(paths: Paths) -> None:
    first = open_store(paths)
    assert not (await first.opened()).is_shared
    second = open_store(paths)
    assert (await second.opened()).is_shared
    await second.history.write_conversation(Conversation(id="c", title="t", created=1, updated=1))
    await first.history.write_conversation(Conversation(id="d", title="t", created=1, updated=2))
    for store in (first, second):
        assert [each.id for each in await store.history.list_conversations(5)] == ["d", "c"]
    await first.close()
    await second.history.write_conversation(Conversation(id="e", title="t", created=1, updated=3))
    await second.close()
    third = open_store(paths)
    assert not (await third.opened()).is_shared
    assert len(await third.history.list_conversations(5)) == 3
    await third.close()


def cut_in_half(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2 + 100)


def no_database(file: Path) -> None:
    file.write_bytes(b"This is a letter to my aunt.\n" * 100)


def broken_pages(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.seek(4096)
        stream.write(b"\xa5" * 4096 * 3)


@pytest.mark.parametrize("damage", [cut_in_half, no_database, broken_pages])
async def test_a_damaged_history_is_set_aside_whole(
    paths: Paths, damage: Callable[[Path], None], expect_log: Callable[[str], None]
) -> None:
    fill(paths, 30)
    with closing(sqlite3.connect(paths.history)) as sql:
        older = back_up(sql, paths.backups, "history")
    newer = paths.backups / "history-newer.db"
    newer.write_bytes(b"SQLite format 3\0 but no more than that")
    damage(paths.history)
    broken = paths.history.read_bytes()
    expect_log("history is damaged and is set aside")

    store = open_store(paths)
    opening = await store.opened()

    assert opening.damaged is not None
    assert opening.damaged.read_bytes() == broken
    assert opening.newest_backup == older
    assert await store.history.list_conversations(5) == []
    await store.history.write_conversation(Conversation(id="c", title="t", created=1, updated=1))
    await store.close()
    store = open_store(paths)
    assert (await store.opened()).damaged is None
    assert len(await store.history.list_conversations(5)) == 1
    await store.close()


async def test_two_damages_on_one_day_are_both_kept(paths: Paths, expect_log: Callable[[str], None]) -> None:
    expect_log("set aside")
    for text in (b"first " * 100, b"second " * 100):
        paths.data.mkdir(parents=True, exist_ok=True)
        paths.history.write_bytes(text)
        store = open_store(paths)
        await store.opened()
        await store.close()
    kept = sorted(file.read_bytes() for file in paths.data.glob("history-damaged-*.db"))
    assert kept == [b"first " * 100, b"second " * 100]


async def test_a_wal_without_its_file_is_kept(paths: Paths) -> None:
    paths.data.mkdir(parents=True)
    paths.history.with_name("history.db-wal").write_bytes(b"pages of a lost file")
    store = open_store(paths)
    opening = await store.opened()
    assert opening.damaged is not None
    aside = opening.damaged.with_name(opening.damaged.name + "-wal")
    assert aside.read_bytes() == b"pages of a lost file"
    await store.close()


async def test_damage_met_while_running_is_told_and_checked_at_the_next_start(
    paths: Paths, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As with a history too large to be read through at every start.
    monkeypatch.setattr("desktop.store.database._ALWAYS_CHECKED_BYTES", 0)
    fill(paths, 200)
    with paths.history.open("r+b") as stream:
        stream.seek(4096 * 40)
        stream.write(b"\xa5" * 4096 * 60)
    store = open_store(paths)
    assert (await store.opened()).damaged is None
    with pytest.raises(StorageError, match="damaged"):
        await store.history.list_conversations(1000)
    assert suspect_mark(paths.history).exists()
    await store.close()
    store = open_store(paths)
    assert (await store.opened()).damaged is not None
    await store.close()
    assert not suspect_mark(paths.history).exists()
    caplog.clear()


async def test_a_history_of_a_newer_weir_is_refused_and_not_touched(paths: Paths) -> None:
    fill(paths)
    with closing(sqlite3.connect(paths.history)) as sql:
        sql.execute(f"PRAGMA user_version = {LATEST + 1}")
    before = paths.history.read_bytes()
    store = open_store(paths)
    with pytest.raises(NewerHistoryError, match="newer version of Weir"):
        await store.opened()
    with pytest.raises(NewerHistoryError):
        await store.history.list_conversations(5)
    await store.close()
    assert paths.history.read_bytes() == before
    assert not paths.backups.exists()


async def test_another_program_s_database_is_refused_and_not_touched(paths: Paths) -> None:
    paths.data.mkdir(parents=True)
    with closing(sqlite3.connect(paths.history)) as sql:
        sql.execute("CREATE TABLE recipes (name)")
    before = paths.history.read_bytes()
    store = open_store(paths)
    with pytest.raises(ForeignFileError, match="another program"):
        await store.opened()
    await store.close()
    assert paths.history.read_bytes() == before


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the system's owner may write everywhere")
async def test_a_folder_that_may_not_be_written_is_told(paths: Paths) -> None:
    paths.data.mkdir(parents=True)
    paths.data.chmod(0o500)
    store = open_store(paths)
    with pytest.raises(StorageError, match="permissions"):
        await store.opened()
    await store.close()
    paths.data.chmod(0o700)


async def test_a_folder_that_is_a_file_is_told(paths: Paths, expect_log: Callable[[str], None]) -> None:
    expect_log("preferences are not used")
    paths.data.parent.mkdir(parents=True, exist_ok=True)
    paths.data.write_text("in the way")
    store = open_store(paths)
    with pytest.raises(StorageError, match="disk"):
        await store.opened()
    await store.close()


async def test_a_backup_becomes_the_history_again_and_nothing_is_lost(paths: Paths) -> None:
    store = open_store(paths)
    await store.history.write_conversation(Conversation(id="old", title="t", created=1, updated=1))
    copy = await store.history.back_up()
    await store.history.write_conversation(Conversation(id="new", title="t", created=1, updated=2))
    with pytest.raises(AlreadyRunningError):
        restore_backup(paths, copy)
    await store.close()
    with pytest.raises(StorageError):
        restore_backup(paths, paths.backups / "nowhere.db")

    aside = restore_backup(paths, copy)

    assert aside is not None
    with closing(sqlite3.connect(aside)) as sql:
        assert sql.execute("SELECT count(*) FROM conversation").fetchone() == (2,)
    assert copy.exists()
    store = open_store(paths)
    assert [each.id for each in await store.history.list_conversations(5)] == ["old"]
    await store.history.write_conversation(Conversation(id="newest", title="t", created=1, updated=3))
    assert len(await find(store.history, "t", 5)) == 2
    await store.close()
    paths.history.unlink()
    assert restore_backup(paths, copy) is None
    assert mode(paths.history) == 0o600


NEXT = (
    *MIGRATIONS,
    Migration(
        LATEST + 1,
        "a colour",
        ("ALTER TABLE conversation ADD COLUMN colour TEXT", "UPDATE conversation SET colour = 'blue'"),
    ),
)


async def test_a_migration_backs_up_first(paths: Paths) -> None:
    fill(paths)
    database = open_database(paths.history, paths.backups, NEXT)
    opening = database.opening
    assert database.connection.execute("SELECT DISTINCT colour FROM conversation").fetchall() == [("blue",)]
    database.close()
    assert opening.migrated_from == LATEST
    assert opening.backup is not None
    assert opening.backup == newest_backup(paths.backups)
    assert [file.name for file in paths.backups.iterdir()] == [opening.backup.name]
    with closing(sqlite3.connect(opening.backup)) as sql:
        assert sql.execute("PRAGMA user_version").fetchone() == (LATEST,)
        assert sql.execute("SELECT count(*) FROM conversation").fetchone() == (3,)
    database = open_database(paths.history, paths.backups, NEXT)
    assert database.opening.migrated_from is None
    assert database.opening.backup is None
    database.close()


async def test_a_migration_that_fails_changes_nothing(paths: Paths) -> None:
    fill(paths)
    broken = (*MIGRATIONS, Migration(LATEST + 1, "broken", (*NEXT[-1].statements, "SELECT * FROM nowhere")))
    with pytest.raises(sqlite3.OperationalError):
        open_database(paths.history, paths.backups, broken)
    with closing(sqlite3.connect(paths.history)) as sql:
        assert sql.execute("PRAGMA user_version").fetchone() == (LATEST,)
        columns = [row[1] for row in sql.execute("PRAGMA table_info(conversation)")]
        assert "colour" not in columns
    # The lock is free again.
    open_database(paths.history, paths.backups, NEXT).close()


async def test_no_migration_without_its_backup(paths: Paths) -> None:
    fill(paths)
    paths.backups.write_text("in the way")
    with pytest.raises(OSError, match="backups"):
        open_database(paths.history, paths.backups, NEXT)
    with closing(sqlite3.connect(paths.history)) as sql:
        assert sql.execute("PRAGMA user_version").fetchone() == (LATEST,)


SLOW_MIGRATION = """
import sys
from pathlib import Path
from desktop.store.database import open_database
from desktop.store.migrations import MIGRATIONS, Migration
steps = tuple(f"UPDATE conversation SET title = title || '{number}'" for number in range(4000))
first = "ALTER TABLE conversation ADD COLUMN colour TEXT"
slow = Migration(MIGRATIONS[-1].version + 1, "slow", (first, *steps))
print("ready", flush=True)
open_database(Path(sys.argv[1]), Path(sys.argv[2]), (*MIGRATIONS, slow))
print("done", flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here")
@pytest.mark.parametrize("seconds", [0.02, 0.08, 0.2])
def test_a_migration_killed_on_the_way_changes_nothing(paths: Paths, seconds: float) -> None:
    fill(paths, 60)
    child = subprocess.Popen(
        [sys.executable, "-c", SLOW_MIGRATION, str(paths.history), str(paths.backups)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    time.sleep(seconds)
    child.kill()
    assert child.stdout.read() == "", "the migration was over before it could be killed"
    child.stdout.close()
    child.wait(10)

    database = open_database(paths.history, paths.backups, NEXT)
    assert database.opening.damaged is None
    assert database.opening.migrated_from == LATEST
    titles = [row[0] for row in database.connection.execute("SELECT title FROM conversation")]
    assert len(titles) == 60
    assert all(title.endswith("x") for title in titles)
    assert database.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
