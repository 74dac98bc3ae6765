"""A hundred times kill -9 while three replies stream and an import runs.

What was said to be written 250 ms before is there, and nothing is out of place. The writers are forked
from one process that has imported everything, so that a round takes hardly longer than its load:
`python -m tests.unit.store.test_kills FOLDER` forks one for each line it reads.
"""

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.base.paths import Paths, user_paths
from desktop.domain.delta import TextDelta
from desktop.domain.message import Conversation, Message, MessageState, Role, TextPart
from desktop.store import open_store

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a process can't be forked here")

ROOT = Path(__file__).parents[3]
KILLS = 100
STREAMS = 3
LOSS_NS = 250_000_000
TICK_S = 0.01


def word(number: int) -> str:
    return f"<{number}>"


def words(count: int) -> str:
    return "".join(word(number) for number in range(count))


async def load(paths: Paths, kill: int, ready: int) -> None:
    """Stream in three conversations and bring others in, without end; say when which word came."""
    store = open_store(paths)
    history = store.history
    for stream in range(STREAMS):
        await history.write_conversation(
            Conversation(id=f"s{stream}", title="t", created=1, updated=1, head_id=None)
        )
    os.write(ready, b"ready\n")

    async def stream_one(stream: int) -> None:
        name = f"s{stream}"
        parent: str | None = None
        for number in range(1_000):
            prompt, reply = f"p{stream}-{kill}-{number}", f"r{stream}-{kill}-{number}"
            made = kill * 1_000_000 + number * 2
            await history.write_message(said_by(prompt, name, parent, Role.USER, made))
            grows = said_by(reply, name, prompt, Role.ASSISTANT, made + 1)
            await history.write_message(replace(grows, parts=(), state=MessageState.STREAMING))
            parent = reply
            length = random.randrange(5, 40)
            for piece in range(length):
                os.write(ready, f"{reply} {piece + 1} {time.monotonic_ns()}\n".encode())
                await history.write_progress(reply, [TextDelta(word(piece))])
                await asyncio.sleep(TICK_S)
            await history.write_message(replace(grows, parts=(TextPart(words(length)),)))

    def bring_in() -> None:
        for number in range(100_000):
            name = f"i{kill}-{number}"
            row = Conversation(id=name, title=f"Imported {number}", created=1, updated=2)
            store.transfer.add(row, imported(name))

    await asyncio.gather(*map(stream_one, range(STREAMS)), asyncio.to_thread(bring_in))


def said_by(message_id: str, conversation_id: str, parent: str | None, role: Role, created: int) -> Message:
    return Message(
        id=message_id,
        conversation_id=conversation_id,
        parent_id=parent,
        role=role,
        parts=(TextPart(message_id),),
        created=created,
    )


def imported(name: str) -> list[Message]:
    return [
        said_by(f"{name}-{number}", name, f"{name}-{number - 1}" if number else None, Role.USER, number + 1)
        for number in range(6)
    ]


class Writers:
    """The process that forks the writers."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.unit.store.test_kills"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._orders, self._said = self._process.stdin, self._process.stdout

    def run_and_kill(self, paths: Paths, kill: int, after_s: float) -> tuple[list[str], int]:
        """Let a writer work for a while and kill it; return what it said, and when it died."""
        self._orders.write(f"{paths.data}\t{kill}\n".encode())
        self._orders.flush()
        writer = int(self._said.readline())
        assert self._said.readline() == b"ready\n"
        time.sleep(after_s)
        died = time.monotonic_ns()
        os.kill(writer, signal.SIGKILL)
        lines = []
        # The server says that the writer is gone; what was cut off stands right before that.
        while not (line := self._said.readline()).endswith(b"gone\n"):
            lines.append(line.decode().strip())
        return lines, died

    def close(self) -> None:
        self._orders.close()
        self._process.wait(10)
        self._said.close()


def serve() -> None:
    """Fork a writer for each line, and wait for its death."""
    for order in sys.stdin.buffer:
        folder, kill = order.decode().strip().split("\t")
        writer = os.fork()
        if writer == 0:
            os.write(1, f"{os.getpid()}\n".encode())
            try:
                asyncio.run(load(user_paths(folder), int(kill), 1))
            finally:
                os._exit(1)
        os.waitpid(writer, 0)
        os.write(1, b"gone\n")


def due_at(said: list[str], died: int) -> Iterator[tuple[str, int]]:
    """Yield replies and how many of their words had come 250 ms before the end."""
    due: dict[str, int] = {}
    for line in said:
        reply, count, at = line.split()
        if int(at) < died - LOSS_NS:
            due[reply] = int(count)
    yield from due.items()


async def check(paths: Paths, kill: int, said: list[str], died: int) -> int:
    """Look at what is left; return how many replies the kill met."""
    store = open_store(paths)
    opening = await store.opened()
    assert opening.damaged is None
    due = dict(due_at(said, died))
    for stream in range(STREAMS):
        found = await store.history.read_conversation(f"s{stream}")
        assert found is not None
        own = [message for message in found[1] if f"-{kill}-" in message.id]
        before: str | None = None
        for number, message in enumerate(own):
            name = f"{'pr'[number % 2]}{stream}-{kill}-{number // 2}"
            assert (message.id, message.parent_id) == (name, before), "a message is out of place"
            before = message.id
            if number % 2:
                assert message.text == words(message.text.count("<")), "words are out of place"
                assert message.text.startswith(words(due.pop(name, 0))), f"kill {kill}: {name} lost text"
                assert message.state in {MessageState.FINISHED, MessageState.INTERRUPTED}
    assert not due, f"kill {kill}: replies are gone"
    await store.close()
    return opening.interrupted


def look_through(paths: Paths) -> None:
    with closing(sqlite3.connect(paths.history, isolation_level=None)) as sql:
        assert sql.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        halves = sql.execute(
            """SELECT count(*) FROM (SELECT count(*) AS number FROM message
               WHERE conversation_id LIKE 'i%' GROUP BY conversation_id) WHERE number != 6"""
        ).fetchone()
        assert halves == (0,), "an imported conversation is there in part"


@pytest.mark.kills
def test_a_hundred_kills_lose_a_quarter_of_a_second_at_most(tmp_path: Path) -> None:
    chance = random.Random(5)
    met = 0
    writers = Writers()
    try:
        for kill in range(KILLS):
            # A new history now and then keeps the looking through short.
            paths = user_paths(tmp_path / f"data{kill // 20}")
            after_s = chance.uniform(0.28, 0.5) if kill % 4 == 0 else chance.uniform(0.0, 0.12)
            said, died = writers.run_and_kill(paths, kill, after_s)
            look_through(paths)
            met += asyncio.run(check(paths, kill, said, died))
    finally:
        writers.close()
    assert met > KILLS, "the kills did not meet growing replies"


if __name__ == "__main__":
    serve()
