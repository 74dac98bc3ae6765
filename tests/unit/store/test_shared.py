"""Two runs of Weir, each in a process of its own, with one history between them."""

import asyncio
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from typing import Self

import pytest

from desktop.base.paths import Paths
from desktop.domain.delta import TextDelta
from desktop.domain.failure import AlreadyRunningError
from desktop.domain.message import Conversation, Message, MessageState, Role, TextPart
from desktop.store import Store, open_store, restore_backup
from desktop.store.database import back_up, open_database, suspect_mark
from desktop.store.migrations import MIGRATIONS, Migration

ROOT = Path(__file__).parents[3]
LATEST = MIGRATIONS[-1].version
NEXT = (*MIGRATIONS, Migration(LATEST + 1, "a colour", ("ALTER TABLE part ADD COLUMN colour TEXT",)))

# Writes replies without a pause, a conversation of its own and one that all share, and says what
# is acknowledged. Small WALs are check-pointed often.
WRITING = """
import asyncio, itertools, sys
from desktop.base.paths import user_paths
from desktop.domain.delta import TextDelta
from desktop.domain.message import Conversation, Message, MessageState, Role, TextPart
from desktop.store import open_store

name, seconds = sys.argv[2], float(sys.argv[3])

def reply(message_id, state, text=""):
    return Message(id=message_id, conversation_id=name, parent_id=None, role=Role.ASSISTANT,
                   parts=(TextPart(text),) if text else (), state=state, created=1)

async def main():
    store = open_store(user_paths(sys.argv[1]))
    await asyncio.wrap_future(store._writer.submit(lambda sql: None))
    await asyncio.wrap_future(store._writer.look(
        lambda database: database.connection.execute("PRAGMA wal_autocheckpoint = 8")))
    history = store.history
    for each in (name, "shared"):
        await history.write_conversation(Conversation(id=each, title=each, created=1, updated=1))
    print("ready", flush=True)
    end = asyncio.get_running_loop().time() + seconds
    for number in itertools.count():
        if asyncio.get_running_loop().time() > end:
            break
        message_id = f"{name}-{number}"
        await history.write_message(reply(message_id, MessageState.STREAMING))
        for piece in range(8):
            await history.write_progress(message_id, [TextDelta(f"<{piece}>" + "lorem ipsum " * 60)])
        if name.endswith("grows"):
            print("growing", flush=True)
            await asyncio.sleep(60)
        text = "".join(f"<{piece}>" + "lorem ipsum " * 60 for piece in range(8))
        await history.write_message(reply(message_id, MessageState.FINISHED, text))
        await history.write_conversation(
            Conversation(id="shared", title=f"by {name} {number}", created=1, updated=number))
        print(message_id, flush=True)
    await store.close()

asyncio.run(main())
"""


class Writing:
    """A process that writes; `lines` are what it said before it ended."""

    def __init__(self, paths: Paths, name: str, seconds: float = 60) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", WRITING, str(paths.data), name, str(seconds)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []

    def until(self, line: str) -> Self:
        assert self.process.stdout is not None
        while (said := self.process.stdout.readline()) != f"{line}\n":
            assert said, self.end()
            self.lines.append(said.strip())
        return self

    def kill(self) -> None:
        self.process.kill()
        self.end()

    def end(self) -> str:
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        with self.process.stdout, self.process.stderr:
            self.lines += [line.strip() for line in self.process.stdout.readlines() if line.endswith("\n")]
            err = self.process.stderr.read()
        self.process.wait(10)
        return err


@pytest.fixture
def begin(paths: Paths) -> Generator[Callable[..., Writing], None, None]:
    begun: list[Writing] = []

    def begin(name: str, seconds: float = 60) -> Writing:
        begun.append(Writing(paths, name, seconds))
        return begun[-1]

    yield begin
    for each in begun:
        if each.process.poll() is None:
            each.kill()


def check(paths: Paths) -> None:
    with closing(sqlite3.connect(paths.history)) as sql:
        assert sql.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert sql.execute("PRAGMA foreign_key_check").fetchall() == []
        sql.execute("INSERT INTO text_index (text_index, rank) VALUES ('integrity-check', 1)")
        sql.execute("INSERT INTO title_index (title_index, rank) VALUES ('integrity-check', 1)")


def finished(paths: Paths) -> set[str]:
    with closing(sqlite3.connect(paths.history)) as sql:
        return {row[0] for row in sql.execute("SELECT id FROM message WHERE state = 'finished'")}


@pytest.mark.timeout(60)
def test_two_write_for_some_seconds_and_nothing_is_damaged_or_lost(
    paths: Paths, begin: Callable[..., Writing]
) -> None:
    both = [begin("a", 4), begin("b", 4)]
    for each in both:
        each.until("ready")
    assert [each.end() for each in both] == ["", ""]
    for each in both:
        # Neither was kept waiting by the other.
        assert len(each.lines) > 20
    assert finished(paths) == {line for each in both for line in each.lines}
    check(paths)
    assert not paths.history.with_name("history.db-wal").exists()
    assert list(paths.data.glob("history.db.locks/run-*")) == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here")
@pytest.mark.timeout(110)
def test_either_may_be_killed_at_any_moment(paths: Paths, begin: Callable[..., Writing]) -> None:
    chance = random.Random(20261121)
    staying = begin("stays0").until("ready")
    acknowledged: set[str] = set()
    for kill in range(12):
        coming = begin(f"stays{kill + 1}").until("ready")
        time.sleep(chance.uniform(0, 0.25))
        # Now the one that came first is killed, now the other.
        victim, staying = (staying, coming) if chance.random() < 0.5 else (coming, staying)
        victim.kill()
        acknowledged |= {line for line in victim.lines if "-" in line}
        assert acknowledged <= finished(paths)
        assert staying.process.poll() is None
    staying.kill()
    acknowledged |= {line for line in staying.lines if "-" in line}
    assert acknowledged <= finished(paths)
    check(paths)
    database = open_database(paths.history, paths.backups)
    assert database.opening.damaged is None
    assert not database.opening.is_shared
    database.close()


async def states(store: Store, conversation_id: str) -> list[MessageState]:
    found = await store.history.read_conversation(conversation_id)
    assert found is not None
    return [message.state for message in found[1]]


async def test_a_reply_that_grows_in_another_process_is_left_alone_until_that_dies(
    paths: Paths, begin: Callable[..., Writing]
) -> None:
    other = begin("grows").until("growing")
    store = open_store(paths)
    opening = await store.opened()
    assert opening.is_shared
    assert opening.interrupted == 0
    assert await states(store, "grows") == [MessageState.STREAMING]
    assert not await store.history.has_changed_elsewhere()
    other.kill()
    # No new start is needed where one is running.
    assert await store.history.has_changed_elsewhere()
    assert await states(store, "grows") == [MessageState.INTERRUPTED]
    found = await store.history.read_conversation("grows")
    assert found is not None
    assert found[1][0].text.count("<") == 8
    assert not await store.history.has_changed_elsewhere()
    await store.close()


async def test_a_start_interrupts_the_dead_beside_the_living(
    paths: Paths, begin: Callable[..., Writing]
) -> None:
    store = open_store(paths)
    await store.history.write_conversation(Conversation(id="own", title="t", created=1, updated=1))
    grows = Message(
        id="own-1",
        conversation_id="own",
        parent_id=None,
        role=Role.ASSISTANT,
        parts=(),
        state=MessageState.STREAMING,
    )
    await store.history.write_message(grows)
    begin("dies-grows").until("growing").kill()
    second = open_store(paths)
    assert (await second.opened()).interrupted == 1
    assert await states(second, "dies-grows") == [MessageState.INTERRUPTED]
    assert await states(second, "own") == [MessageState.STREAMING]
    await second.close()
    await store.history.write_progress("own-1", [TextDelta("and on")])
    found = await store.history.read_conversation("own")
    assert found is not None
    assert found[1][0].text == "and on"
    await store.close()


async def test_only_what_others_write_is_a_change_elsewhere(paths: Paths) -> None:
    first, second = open_store(paths), open_store(paths)
    for store in (first, second):
        await store.opened()
    # What the opening of the second wrote, if anything.
    await first.history.has_changed_elsewhere()
    await first.history.write_conversation(Conversation(id="c", title="t", created=1, updated=1))
    assert not await first.history.has_changed_elsewhere()
    assert await second.history.has_changed_elsewhere()
    assert not await second.history.has_changed_elsewhere()
    await second.history.write_conversation(Conversation(id="d", title="t", created=1, updated=1))
    await first.history.write_conversation(Conversation(id="e", title="t", created=1, updated=1))
    # The own commit has seen the other's; it is told all the same.
    assert await first.history.has_changed_elsewhere()
    await first.close()
    await second.close()


async def test_a_change_before_the_first_look_is_told(paths: Paths, begin: Callable[..., Writing]) -> None:
    store = open_store(paths)
    await store.opened()
    begin("a", 0).until("ready").end()
    assert await store.history.has_changed_elsewhere()
    await store.close()


async def test_what_needs_the_file_alone_is_not_done_beside_another(paths: Paths) -> None:
    store = open_store(paths)
    await store.history.write_conversation(Conversation(id="c", title="t", created=1, updated=1))
    copy = await store.history.back_up()
    with pytest.raises(AlreadyRunningError, match="Close it first"):
        restore_backup(paths, copy)
    with pytest.raises(AlreadyRunningError, match="older Weir"):
        open_database(paths.history, paths.backups, NEXT)
    suspect_mark(paths.history).touch()
    second = open_store(paths)
    await second.opened()
    await second.close()
    # The next start that has the file to itself reads it through.
    assert suspect_mark(paths.history).exists()
    await store.history.write_conversation(Conversation(id="d", title="t", created=1, updated=1))
    await store.close()
    open_database(paths.history, paths.backups, NEXT).close()
    assert not suspect_mark(paths.history).exists()


def test_a_history_of_before_the_runs_is_brought_up_to_date(paths: Paths) -> None:
    database = open_database(paths.history, paths.backups, MIGRATIONS[:1])
    for statement in (
        "INSERT INTO conversation (id, created, updated) VALUES ('c', 1, 1)",
        """INSERT INTO message (id, conversation_id, role, state, created)
           VALUES ('m', 'c', 'assistant', 'streaming', 1)""",
    ):
        database.connection.execute(statement)
    database.close()

    async def reopen() -> None:
        store = open_store(paths)
        opening = await store.opened()
        assert (opening.migrated_from, opening.interrupted) == (1, 1)
        assert opening.backup is not None
        assert await states(store, "c") == [MessageState.INTERRUPTED]
        await store.close()

    asyncio.run(reopen())


async def test_a_backup_can_be_made_while_another_writes(paths: Paths, begin: Callable[..., Writing]) -> None:
    other = begin("a", 60).until("ready")
    store = open_store(paths)
    for number in range(3):
        copy = await store.history.back_up()
        with closing(sqlite3.connect(copy)) as sql:
            assert sql.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            back_up(sql, paths.backups, f"again{number}")
    message = Message(id="m", conversation_id="a", parent_id=None, role=Role.USER, parts=(TextPart("x"),))
    await store.history.write_message(message)
    await store.close()
    assert other.process.poll() is None
