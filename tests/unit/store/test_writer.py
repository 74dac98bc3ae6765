"""The writer commits in order, shares commits where it may, and keeps each job's failure to itself."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import closing

import pytest

from desktop.base.paths import Paths
from desktop.domain.failure import StorageError
from desktop.store.database import Database, open_database
from desktop.store.lock import WriteLock, locks_of
from desktop.store.writer import Writer


def make_table(sql: sqlite3.Connection) -> None:
    sql.execute("CREATE TABLE note (text UNIQUE)")


@pytest.fixture
async def writer(aioloop: object, paths: Paths) -> AsyncGenerator[Writer, None]:
    made = Writer(paths.history, lambda: open_database(paths.history, paths.backups))
    await asyncio.wrap_future(made.opened)
    await asyncio.wrap_future(
        made.submit(lambda sql: sql.execute("CREATE TABLE note (text UNIQUE)") and None)
    )
    yield made
    await asyncio.wrap_future(made.close())
    made.join(5)


def note(text: str) -> Callable[[sqlite3.Connection], None]:
    def insert(sql: sqlite3.Connection) -> None:
        sql.execute("INSERT INTO note VALUES (?)", (text,))

    return insert


def notes(paths: Paths) -> list[str]:
    with closing(sqlite3.connect(paths.history)) as sql:
        return [row[0] for row in sql.execute("SELECT text FROM note ORDER BY rowid")]


class Commits:
    """Counts the transactions of the writing connection while the writer waits at a gate."""

    def __init__(self, writer: Writer) -> None:
        self.count = 0
        self.gate = threading.Event()
        self.waiting = writer.submit(self._hold)

    def _hold(self, sql: sqlite3.Connection) -> None:
        sql.set_trace_callback(self._see)
        self.gate.wait(5)

    def _see(self, statement: str) -> None:
        self.count += statement == "COMMIT"


async def test_neighbours_that_share_are_committed_together_and_order_is_kept(
    writer: Writer, paths: Paths
) -> None:
    commits = Commits(writer)
    futures = [writer.submit(note(f"p{number}"), shares=True) for number in range(5)]
    futures.append(writer.submit(note("alone"), is_durable=True))
    futures += [writer.submit(note(f"q{number}"), shares=True) for number in range(3)]
    commits.gate.set()
    await asyncio.gather(*(asyncio.wrap_future(future) for future in futures))
    # The held one, the five, the one alone, the three.
    assert commits.count == 4
    assert notes(paths) == ["p0", "p1", "p2", "p3", "p4", "alone", "q0", "q1", "q2"]


async def test_one_failure_in_a_shared_commit_is_its_own(
    writer: Writer, paths: Paths, caplog: pytest.LogCaptureFixture
) -> None:
    def half_done(sql: sqlite3.Connection) -> None:
        sql.execute("INSERT INTO note VALUES ('half')")
        raise ValueError("a mistake of ours")

    commits = Commits(writer)
    jobs = [note("one"), half_done, note("one"), note("two")]
    futures = [writer.submit(job, shares=True) for job in jobs]
    commits.gate.set()
    results = await asyncio.gather(
        *(asyncio.wrap_future(future) for future in futures), return_exceptions=True
    )
    assert [type(result) for result in results] == [type(None), StorageError, StorageError, type(None)]
    assert "Weir made a mistake" in str(results[1])
    assert notes(paths) == ["one", "two"]
    caplog.clear()


async def test_a_job_that_fails_alone_leaves_nothing(writer: Writer, paths: Paths) -> None:
    def too_large(sql: sqlite3.Connection) -> None:
        sql.execute("INSERT INTO note VALUES ('half')")
        sql.execute("INSERT INTO note VALUES (?)", (2**70,))

    with pytest.raises(StorageError, match="too large"):
        await asyncio.wrap_future(writer.submit(too_large))
    assert notes(paths) == []


async def test_a_result_is_known_only_when_others_can_read_it(writer: Writer, paths: Paths) -> None:
    for number in range(30):
        await asyncio.wrap_future(writer.submit(note(str(number)), shares=True))
        assert notes(paths)[-1] == str(number)


async def test_a_caller_that_is_cancelled_takes_nothing_back(writer: Writer, paths: Paths) -> None:
    commits = Commits(writer)

    async def write() -> None:
        await asyncio.wrap_future(writer.submit(note("kept"), shares=True))

    task = asyncio.ensure_future(write())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    commits.gate.set()
    await asyncio.wrap_future(writer.submit(note("after")))
    assert notes(paths) == ["kept", "after"]


async def test_closing_writes_all_that_is_queued(paths: Paths) -> None:
    writer = Writer(paths.history, lambda: open_database(paths.history, paths.backups))
    writer.submit(make_table)
    for number in range(200):
        writer.submit(note(str(number)), shares=number % 3 > 0)
    await asyncio.wrap_future(writer.close())
    assert writer.join(5)
    assert notes(paths) == [str(number) for number in range(200)]
    # The WAL has gone into the file: what is copied now is whole.
    assert not paths.history.with_name("history.db-wal").exists()
    with pytest.raises(StorageError, match="closing"):
        await asyncio.wrap_future(writer.submit(note("late")))


async def test_nothing_is_written_or_closed_while_another_run_has_its_turn(paths: Paths) -> None:
    writer = Writer(paths.history, lambda: open_database(paths.history, paths.backups))
    await asyncio.wrap_future(writer.submit(make_table))
    other = WriteLock(locks_of(paths.history))
    assert other.acquire()
    waiting = writer.submit(note("one"))
    looked = writer.look(lambda database: database.connection.in_transaction)
    await asyncio.sleep(0.05)
    assert not waiting.done()
    other.release()
    await asyncio.wrap_future(waiting)
    assert not await asyncio.wrap_future(looked)
    assert other.acquire()
    closing = writer.close()
    await asyncio.sleep(0.05)
    assert not closing.done()
    assert paths.history.with_name("history.db-wal").stat().st_size > 0
    other.release()
    await asyncio.wrap_future(closing)
    assert writer.join(5)
    assert notes(paths) == ["one"]


async def test_a_look_that_fails_is_told_and_the_next_job_runs(writer: Writer, paths: Paths) -> None:
    with pytest.raises(StorageError, match="too large"):
        await asyncio.wrap_future(
            writer.look(lambda database: database.connection.execute("SELECT ?", (2**70,)))
        )
    await asyncio.wrap_future(writer.submit(note("one")))
    assert notes(paths) == ["one"]


async def test_opening_does_not_hold_up_the_loop(paths: Paths) -> None:
    gate = threading.Event()

    def slow() -> Database:
        gate.wait(5)
        return open_database(paths.history, paths.backups)

    writer = Writer(paths.history, slow)
    early = asyncio.wrap_future(writer.submit(lambda sql: sql.execute("SELECT 7").fetchone()[0]))
    await asyncio.sleep(0.02)
    assert not early.done()
    gate.set()
    assert await early == 7
    await asyncio.wrap_future(writer.close())
    assert writer.join(5)
