"""A copy a day, made beside the writing, the old ones cleared away and nothing else touched."""

import asyncio
import datetime
import itertools
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path

import pytest

from desktop.base.paths import Paths
from desktop.domain.message import Conversation, Message, Role, TextPart
from desktop.store import Store, open_store
from desktop.store.daily import DailyBackup, outdated
from desktop.store.database import newest_backup, open_database
from desktop.store.lock import FileLock, locks_of


def dailies(paths: Paths) -> list[Path]:
    return sorted(paths.backups.glob("history-daily-*.db"))


async def fill(store: Store, size: int = 1) -> None:
    await store.history.write_conversation(Conversation(id="c", title="t", created=1, updated=1))
    for number in range(size):
        message = Message(
            id=f"m{number}",
            conversation_id="c",
            parent_id=None,
            role=Role.USER,
            parts=(TextPart("lorem ipsum " * 10_000),),
            created=number,
        )
        await store.history.write_message(message)


def start(paths: Paths, store: Store) -> DailyBackup:
    return DailyBackup(paths.history, paths.backups, store._writer.opened, after_s=0)


async def until(condition: Callable[[], object]) -> None:
    while not condition():
        await asyncio.sleep(0.01)


async def end(backup: DailyBackup) -> None:
    await asyncio.wrap_future(backup.close())
    assert backup.join(5)


async def test_one_copy_a_day_is_made_and_is_whole(store: Store, paths: Paths) -> None:
    await fill(store)
    first = start(paths, store)
    await until(lambda: dailies(paths))
    await end(first)
    second = start(paths, store)
    await asyncio.sleep(0.2)
    await end(second)
    (copy,) = dailies(paths)
    assert datetime.datetime.now().astimezone().date().isoformat() in copy.name
    assert newest_backup(paths.backups) == copy
    with closing(sqlite3.connect(copy)) as sql:
        assert sql.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert sql.execute("SELECT count(*) FROM message").fetchone() == (1,)


async def test_writing_goes_on_while_a_copy_is_made(store: Store, paths: Paths) -> None:
    await fill(store, 100)
    backup = start(paths, store)
    await until(lambda: list(paths.backups.glob("*.partial")))
    written = 0
    while list(paths.backups.glob("*.partial")):
        written += 1
        await store.history.write_conversation(
            Conversation(id=f"d{written}", title="t", created=1, updated=1)
        )
    assert written > 1
    await until(lambda: dailies(paths))
    await end(backup)
    with closing(sqlite3.connect(dailies(paths)[0])) as sql:
        assert sql.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        # It is the history of one moment, at its beginning.
        assert sql.execute("SELECT count(*) FROM conversation").fetchone() == (1,)


async def test_closing_drops_a_copy_on_its_way_and_the_next_start_clears_up(
    store: Store, paths: Paths
) -> None:
    await fill(store, 100)
    backup = start(paths, store)
    await until(lambda: list(paths.backups.glob("*.partial")))
    await end(backup)
    assert list(paths.backups.iterdir()) == []
    left_by_a_kill = paths.backups / "history-daily-2026-01-01-000000.db.partial"
    left_by_a_kill.touch()
    backup = start(paths, store)
    await until(lambda: dailies(paths))
    await end(backup)
    assert not left_by_a_kill.exists()


async def test_an_empty_history_and_one_that_did_not_open_are_not_copied(paths: Paths) -> None:
    store = open_store(paths)
    backup = start(paths, store)
    await store.opened()
    await asyncio.sleep(0.1)
    await end(backup)
    await store.close()
    refused: Future[object] = Future()
    refused.set_exception(OSError("no disk"))
    failing = DailyBackup(paths.history, paths.backups, refused, after_s=0)  # type: ignore[arg-type]
    assert failing.join(5)
    await end(failing)
    assert dailies(paths) == []


async def test_two_runs_make_one_copy(store: Store, paths: Paths) -> None:
    await fill(store)
    other = FileLock(locks_of(paths.history) / "backup")
    assert other.try_acquire()
    backup = start(paths, store)
    await asyncio.sleep(0.1)
    await end(backup)
    assert dailies(paths) == []
    other.release()


async def test_a_folder_that_takes_no_copy_stops_nothing(store: Store, paths: Paths) -> None:
    await fill(store)
    paths.backups.write_text("in the way")
    backup = start(paths, store)
    await asyncio.sleep(0.1)
    await end(backup)
    assert len(await store.history.list_conversations(5)) == 1


async def test_the_old_are_cleared_away_with_the_new_copy_and_other_files_stay(
    store: Store, paths: Paths
) -> None:
    await fill(store)
    paths.backups.mkdir()
    today = datetime.datetime.now().astimezone().date()
    for age in range(1, 9):
        (paths.backups / f"history-daily-{today - datetime.timedelta(age)}-120000.db").touch()
    others = [paths.backups / name for name in ("history-v1-2020-01-01-120000.db", "history-daily-x.db")]
    for file in others:
        file.touch()
    backup = start(paths, store)
    await until(lambda: any(str(today) in copy.name and copy.stat().st_size for copy in dailies(paths)))
    await end(backup)
    kept = [copy for copy in dailies(paths) if copy not in others]
    # Seven days, and of the two days before them the first of each week.
    assert len(kept) in {8, 9}
    assert all(file.exists() for file in others)


def test_seven_days_and_four_weeks_are_kept() -> None:
    """A year of days, thinned after each as the program does."""
    kept: dict[Path, datetime.date] = {}
    first = datetime.date(2026, 1, 1)
    for number in range(365):
        day = first + datetime.timedelta(number)
        kept[Path(f"history-daily-{day}.db")] = day
        for old in outdated(kept):
            del kept[old]
    days = sorted(kept.values(), reverse=True)
    last = first + datetime.timedelta(364)
    assert days[:7] == [last - datetime.timedelta(age) for age in range(7)]
    assert [day.weekday() for day in days[7:]] == [0, 0, 0, 0]
    assert [(a - b).days for a, b in itertools.pairwise(days[7:])] == [7, 7, 7]


@pytest.mark.parametrize("count", [0, 1, 7])
def test_few_copies_are_all_kept(count: int) -> None:
    days = {Path(f"{number}"): datetime.date(2026, 1, 1 + 3 * number) for number in range(count)}
    assert list(outdated(days)) == []


def test_a_copy_can_be_read_without_the_history(paths: Paths) -> None:
    database = open_database(paths.history, paths.backups)
    opened: Future[object] = Future()
    opened.set_result(database.opening)
    database.connection.execute("INSERT INTO conversation (id, created, updated) VALUES ('c', 1, 1)")
    backup = DailyBackup(paths.history, paths.backups, opened, after_s=0)  # type: ignore[arg-type]
    while not dailies(paths):
        time.sleep(0.01)
    backup.close().result(5)
    backup.join(5)
    database.close()
    (copy,) = dailies(paths)
    alone = copy.rename(paths.data / "elsewhere.db")
    with closing(sqlite3.connect(f"{alone.as_uri()}?mode=ro", uri=True)) as sql:
        assert sql.execute("SELECT id FROM conversation").fetchall() == [("c",)]
