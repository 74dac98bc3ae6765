"""What the history said it has, it has: after kill -9 at any moment and with a disk that is full."""

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from desktop.base.paths import Paths
from desktop.domain.delta import TextDelta
from desktop.domain.failure import StorageError
from desktop.domain.message import Conversation, Message, MessageState, Role, TextPart
from desktop.store import Store, open_store

ROOT = Path(__file__).parents[3]
KILLS = 20

# Says what is acknowledged, one line each: a message begun, pieces written, a message ended.
WRITING = """
import asyncio, itertools, sys
from desktop.base.paths import user_paths
from desktop.domain.delta import TextDelta
from desktop.domain.message import Conversation, Message, MessageState, Role, TextPart
from desktop.store import open_store

def reply(number, state, text=""):
    return Message(id=f"m{number}", conversation_id="c", parent_id=None, role=Role.ASSISTANT,
                   parts=(TextPart(text),) if text else (), state=state, created=number)

async def main():
    history = open_store(user_paths(sys.argv[1])).history
    await history.write_conversation(Conversation(id="c", title="t", created=1, updated=1))
    for number in itertools.count(int(sys.argv[2])):
        await history.write_message(reply(number, MessageState.STREAMING))
        print("begun", number, 0, flush=True)
        text = ""
        for piece in range(25):
            more = [f"<{piece}>", "lorem ipsum " * 40]
            text += "".join(more)
            await history.write_progress(f"m{number}", [TextDelta(each) for each in more])
            print("grown", number, piece + 1, flush=True)
        await history.write_message(reply(number, MessageState.FINISHED, text))
        print("ended", number, piece + 1, flush=True)

asyncio.run(main())
"""


def pieces(count: int) -> str:
    return "".join(f"<{piece}>" + "lorem ipsum " * 40 for piece in range(count))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here")
@pytest.mark.within(100)
async def test_all_that_was_acknowledged_is_there_after_kill_9(paths: Paths) -> None:
    chance = random.Random(20261121)
    acknowledged: dict[str, tuple[str, int]] = {}
    interrupted = 0
    for kill in range(KILLS):
        child = subprocess.Popen(  # noqa: ASYNC220 - nothing else runs on this loop
            [sys.executable, "-c", WRITING, str(paths.data), str(kill * 10_000)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        lines = [child.stdout.readline()]
        time.sleep(chance.uniform(0, 0.15))  # noqa: ASYNC251
        child.kill()
        lines += child.stdout.readlines()
        child.stdout.close()
        child.wait(10)
        for line in lines:
            if line.endswith("\n") and line.strip():
                what, number, count = line.split()
                acknowledged[f"m{number}"] = (what, int(count))

        store = open_store(paths)
        opening = await store.opened()
        interrupted += opening.interrupted
        found = await store.history.read_conversation("c")
        await store.close()
        assert opening.damaged is None
        assert found is not None
        kept = {message.id: message for message in found[1]}
        for message_id, (what, count) in acknowledged.items():
            message = kept[message_id]
            at_least, grown = pieces(count), message.text
            assert grown.startswith(at_least)
            # Beyond what was acknowledged may stand whole pieces that were not, and nothing else.
            assert grown == pieces(grown.count("<"))
            if what == "ended":
                assert message.state is MessageState.FINISHED
            else:
                assert message.state in {MessageState.INTERRUPTED, MessageState.FINISHED}
    assert interrupted >= KILLS // 2, "the kills did not meet growing replies"
    with closing(sqlite3.connect(paths.history)) as sql:
        assert sql.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert sql.execute("SELECT count(*) FROM progress").fetchone() == (0,)
        sql.execute("INSERT INTO text_index (text_index, rank) VALUES ('integrity-check', 1)")


def reply(message_id: str, text: str, state: MessageState = MessageState.FINISHED) -> Message:
    return Message(
        id=message_id,
        conversation_id="c",
        parent_id=None,
        role=Role.ASSISTANT,
        parts=(TextPart(text),) if text else (),
        state=state,
    )


async def limit_pages(store: Store, count: int) -> None:
    """Let the file grow by no more than `count` pages: for SQLite, a disk that is full."""

    def limit(sql: sqlite3.Connection) -> None:
        most = sql.execute("PRAGMA page_count").fetchone()[0] + count
        sql.execute(f"PRAGMA max_page_count = {most}")

    writer = store.history._writer
    assert writer is not None
    await asyncio.wrap_future(writer.submit(limit))


async def test_a_full_disk_is_told_and_spares_what_is_there(store: Store) -> None:
    await store.history.write_conversation(Conversation(id="c", title="t", created=1, updated=1))
    await store.history.write_message(reply("m", "before"))
    await store.history.write_message(reply("grows", "", MessageState.STREAMING))
    await limit_pages(store, 2)
    with pytest.raises(StorageError, match="disk is full"):
        await store.history.write_message(reply("m", "x" * 100_000))
    with pytest.raises(StorageError, match="disk is full"):
        await store.history.write_progress("grows", [TextDelta("y" * 100_000)])

    found = await store.history.read_conversation("c")
    assert found is not None
    assert [message.text for message in found[1]] == ["before", ""]

    await limit_pages(store, 1_000)
    await store.history.write_message(reply("m", "x" * 100_000))
    found = await store.history.read_conversation("c")
    assert found is not None
    assert len(found[1][0].text) == 100_000


async def test_progress_that_shares_a_commit_with_one_too_large_is_not_lost_unseen(store: Store) -> None:
    await store.history.write_conversation(Conversation(id="c", title="t", created=1, updated=1))
    await store.history.write_message(reply("grows", "", MessageState.STREAMING))
    await limit_pages(store, 2)
    writes = [
        store.history.write_progress("grows", [TextDelta(text)])
        for text in ("one ", "y" * 100_000, "two ", "three")
    ]
    results = await asyncio.gather(*writes, return_exceptions=True)
    found = await store.history.read_conversation("c")
    assert found is not None
    acknowledged = [
        text
        for text, result in zip(("one ", "y" * 100_000, "two ", "three"), results, strict=True)
        if result is None
    ]
    assert found[1][0].text == "".join(acknowledged)
    assert all(result is None or isinstance(result, StorageError) for result in results)
    assert isinstance(results[1], StorageError)


LIMITED = """
import asyncio, resource, signal, sys
from desktop.base.paths import user_paths
from desktop.domain.failure import StorageError
from desktop.domain.message import Conversation, Message, Role, TextPart
from desktop.store import open_store

async def main():
    store = open_store(user_paths(sys.argv[1]))
    await store.history.write_conversation(Conversation(id="c", title="t", created=1, updated=1))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    for number in range(100):
        message = Message(id=f"m{number}", conversation_id="c", parent_id=None, role=Role.USER,
                          parts=(TextPart("z" * 20_000),), created=number)
        try:
            await store.history.write_message(message)
        except StorageError as problem:
            print(problem)
            break
        print("kept", number)
    try:
        await store.settings.write_preference("name", "v" * 400_000)
    except StorageError as problem:
        print(problem)
    await store.close()

asyncio.run(main())
"""


@pytest.mark.skipif(os.name != "posix", reason="files can't be limited here")
async def test_the_system_refusing_more_bytes_is_told(paths: Paths) -> None:
    ended = subprocess.run(  # noqa: ASYNC221
        [sys.executable, "-c", LIMITED, str(paths.data)],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    kept = [line for line in lines if line.startswith("kept")]
    assert kept
    assert "The disk" in lines[len(kept)]
    assert "can't be written" in lines[len(kept) + 1]
    store = open_store(paths)
    found = await store.history.read_conversation("c")
    assert found is not None
    assert len(found[1]) == len(kept)
    assert store.settings.preference("name", "none") == "none"
    await store.close()
    assert [file.name for file in paths.config.glob("*.tmp")] == []
