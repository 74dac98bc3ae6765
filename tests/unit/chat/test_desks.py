"""Several desks over what is live: each conversation once, on one of them."""

import asyncio

import pytest

from desktop.chat.desk import Desk
from desktop.domain.delta import FinishDelta, StopReason, TextDelta
from desktop.domain.endpoint import KeyRef, ModelRef
from desktop.domain.secret import Secret
from tests.support.chatting import ChatRoom, until
from tests.support.windows import add_conversation

SERVICE = ModelRef("service", "model-x")
OTHER = ModelRef("service", "model-y")


@pytest.fixture
async def room(aioloop, qapp):
    made = ChatRoom()
    made.endpoints.load()
    await until(lambda: made.endpoints.is_ready)
    made.vault.hold(KeyRef("service"), Secret("a-key-for-tests"))
    made.endpoints.choose(SERVICE)
    yield made
    await made.close()


def desk_beside(room: ChatRoom) -> Desk:
    return room.desk.beside(room.tasks.beside())


async def test_a_conversation_is_on_one_desk_and_is_asked_for_there(room):
    name = add_conversation(room, "Bread")
    second, wanted = desk_beside(room), []
    room.desk.open(name)
    await until(lambda: room.desk.current.conversation.id == name)
    room.desk.wanted.connect(lambda: wanted.append(name))
    second.open(name)
    assert wanted == [name]
    assert second.current.is_empty
    assert room.desk.desks.at(name) is room.desk


async def test_two_that_ask_for_one_at_once_get_it_once(room):
    name = add_conversation(room, "Bread")
    second = desk_beside(room)
    room.desk.open(name)
    second.open(name)
    await until(lambda: room.desk.desks.at(name) is not None)
    await asyncio.sleep(0.02)
    shown = [desk.current.conversation.id == name for desk in (room.desk, second)]
    assert shown.count(True) == 1


async def test_what_streams_on_a_desk_that_leaves_goes_on_and_is_let_go_at_its_end(room):
    gate = asyncio.Event()
    room.sender.steps = [[TextDelta("Half")], gate, [TextDelta(" and half"), FinishDelta(StopReason.STOP)]]
    second = desk_beside(room)
    assert second.send("Hello")
    name = second.current.conversation.id
    await until(lambda: bool(second.current.transcript[-1].text))
    second.leave()
    assert room.desk.streaming == (name,)
    assert room.desk.desks.all == (room.desk,)
    gate.set()
    await until(lambda: not room.desk.streaming)
    assert not room.desk.is_live(name)
    texts = [message.text for message in room.history.messages.values()]
    assert "Half and half" in texts


async def test_each_desk_has_its_model_and_the_one_in_front_is_the_endpoints(room):
    second = desk_beside(room)
    assert second.choice == SERVICE
    room.desk.set_front(False)
    second.set_front(True)
    room.endpoints.suggest(OTHER)
    assert (room.desk.choice, second.choice) == (SERVICE, OTHER)
    second.set_front(False)
    room.desk.set_front(True)
    assert room.endpoints.choice == SERVICE
    assert second.send("Hello")
    await until(lambda: not second.streaming)
    assert second.current.transcript[-1].model == "model-y"
    second.leave()


async def test_new_conversations_of_desks_have_drafts_of_their_own_whose_places_are_used_again(room):
    second, third = desk_beside(room), desk_beside(room)
    assert [desk.draft_key for desk in (room.desk, second, third)] == ["", "new 1", "new 2"]
    second.leave()
    assert desk_beside(room).draft_key == "new 1"
    third.leave()
    third.join()
    assert third.draft_key == "new 2"
