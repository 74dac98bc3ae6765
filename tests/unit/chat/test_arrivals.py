"""What came while nobody looked: marked, kept over a restart, and gone once it is seen."""

import asyncio

import pytest

from desktop.chat.arrivals import FAILED, UNREAD, Arrivals, Mark
from desktop.chat.shelf import Shelf
from desktop.domain.delta import FinishDelta, StopReason, TextDelta
from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from tests.support.chatting import ChatRoom, until
from tests.support.windows import Kept, add_conversation

GOOD = [[TextDelta("Good.")], [FinishDelta(StopReason.STOP)]]


@pytest.fixture
async def room(qloop):
    room = ChatRoom()
    yield room
    await room.close()


async def start(room, steps):
    """Send a prompt in a conversation of its own; return its id."""
    room.sender.steps = steps
    room.desk.start_new()
    assert room.desk.send("Hello")
    return room.desk.current.conversation.id


async def test_a_reply_out_of_sight_is_unread_until_it_is_opened(room):
    gate, seen = asyncio.Event(), []
    arrivals = room.shelf.arrivals
    arrivals.arrived.connect(lambda *what: seen.append(what))
    name = await start(room, [[TextDelta("Half")], gate, *GOOD])
    await until(lambda: arrivals.mark(name) is Mark.STREAMING)
    room.desk.start_new()
    assert arrivals.mark(name) is Mark.STREAMING
    gate.set()
    await until(lambda: arrivals.mark(name) is Mark.UNREAD)
    assert seen == [(name, "unread")]
    row = room.shelf.index(room.shelf.row_of(name))
    assert row.data(Shelf.Role.MARK) == "unread"
    assert row.data(11).endswith(", a new reply")
    room.desk.open(name)
    await until(lambda: arrivals.mark(name) is Mark.NONE)


async def test_a_reply_in_sight_is_no_news_and_one_in_a_window_behind_is(room):
    arrivals = room.shelf.arrivals
    name = await start(room, GOOD)
    await until(lambda: not room.desk.streaming)
    assert arrivals.mark(name) is Mark.NONE
    room.desk.is_seen = lambda: False
    name = await start(room, GOOD)
    await until(lambda: arrivals.mark(name) is Mark.UNREAD)
    arrivals.look()
    assert arrivals.mark(name) is Mark.UNREAD
    room.desk.is_seen = lambda: True
    arrivals.look()
    assert arrivals.mark(name) is Mark.NONE


async def test_a_failure_out_of_sight_is_marked_and_a_stop_is_not(room):
    arrivals = room.shelf.arrivals
    gate = asyncio.Event()
    failure = Failure(kind=FailureKind.SERVER, endpoint="Test service")
    name = await start(room, [gate, TurnFailedError(failure)])
    room.desk.start_new()
    gate.set()
    await until(lambda: arrivals.mark(name) is Mark.FAILED)
    other = await start(room, [[TextDelta("Half")], asyncio.Event()])
    await until(lambda: arrivals.mark(other) is Mark.STREAMING)
    live = room.desk.current
    room.desk.start_new()
    live.stop()
    await until(lambda: arrivals.mark(other) is Mark.NONE)


async def test_what_was_unseen_is_kept_and_what_is_deleted_forgotten(room):
    kept = Kept(**{UNREAD: "a b", FAILED: "c"})
    arrivals = Arrivals(room.desk)
    arrivals.keep_in(kept.ports())
    assert [arrivals.mark(name) for name in "abcd"] == [Mark.UNREAD, Mark.UNREAD, Mark.FAILED, Mark.NONE]
    arrivals.drop(("a", "c", "d"))
    assert kept.values == {UNREAD: "b", FAILED: ""}
    name = add_conversation(room, "News")
    room.shelf.arrivals.keep_in(Kept(**{UNREAD: name}).ports())
    room.shelf.load()
    await until(lambda: room.shelf.row_of(name) >= 0)
    assert room.shelf.arrivals.mark(name) is Mark.UNREAD
    room.shelf.delete(name)
    await until(lambda: room.shelf.arrivals.mark(name) is Mark.NONE)
