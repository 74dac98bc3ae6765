"""One prompt to several models: a turn for each, their replies siblings in the ordinary tree."""

import asyncio
from collections.abc import Sequence

import pytest

from desktop.domain.delta import FinishDelta, StopReason, TextDelta
from desktop.domain.endpoint import Endpoint, ModelRef
from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from desktop.domain.message import MessageState
from desktop.domain.options import Options
from desktop.domain.secret import Secret
from tests.support.chatting import SERVICE, ChatRoom, until
from tests.support.memory import Step

X, Y = ModelRef("service", "model-x"), ModelRef("service", "model-y")


def whole(text: str) -> list[Step]:
    return [[TextDelta(text)], [FinishDelta(StopReason.STOP)]]


async def ready_room(**steps: list[Step]) -> ChatRoom:
    """Return a room whose models answer with these steps, "model_x" standing for "model-x"."""
    room = ChatRoom()
    room.sender.by_model = {name.replace("_", "-"): steps[name] for name in steps}
    await room.endpoints.read()
    room.vault.hold(SERVICE.key, Secret("sk-test"))  # type: ignore[arg-type]
    return room


async def over(room: ChatRoom) -> None:
    live = room.desk.current
    await until(lambda: not live.turns)


async def test_a_prompt_goes_to_all_and_the_replies_are_siblings_in_their_order(qapp):
    room = await ready_room(model_x=whole("From x"), model_y=whole("From y"))
    live = room.desk.current
    heard: list[str] = []
    live.compared.connect(heard.append)
    room.desk.lineup.take((X, Y))
    room.desk.current.set_options(Options(temperature=0.5))
    assert room.desk.send("Question")
    assert len(live.turns) == 2
    await over(room)
    prompt, reply = live.transcript
    assert heard == [prompt.id]
    replies = live.replies_to(prompt.id)
    assert [(item.model, item.text, item.state) for item in replies] == [
        ("model-x", "From x", MessageState.FINISHED),
        ("model-y", "From y", MessageState.FINISHED),
    ]
    assert reply == replies[0]
    assert live.siblings(replies[1].id) == (1, 2)
    assert [sent.messages for sent in room.sender.prompts] == [(prompt,), (prompt,)]
    assert {sent.options.temperature for sent in room.sender.prompts} == {0.5}
    assert tuple(room.history.messages.values()) == (prompt, *replies)
    assert room.history.conversations[live.conversation.id].head_id == reply.id
    await room.close()


async def test_all_replies_are_on_disk_before_anything_is_sent(qapp):
    room = await ready_room(model_x=whole("x"), model_y=whole("y"))
    room.desk.lineup.take((X, Y, X))
    room.desk.send("Question")
    await until(lambda: bool(room.sender.prompts))
    assert room.history.writes[:5] == [
        "conversation",
        "message user finished",
        *["message assistant streaming"] * 3,
    ]
    await over(room)
    assert [item.model for item in room.desk.current.replies_beside(room.desk.current.transcript[1].id)] == [
        "model-x",
        "model-y",
        "model-x",
    ]
    await room.close()


async def test_one_that_fails_or_waits_holds_up_no_other(qapp):
    refused = TurnFailedError(Failure(kind=FailureKind.KEY_REFUSED, status=401))
    gate = asyncio.Event()
    room = await ready_room(model_x=[refused], model_y=[[TextDelta("Half")], gate])
    room.endpoints.add(Endpoint(id="other", name="Other", models=("model-z",)))
    room.sender.by_model["model-z"] = whole("Whole")
    live = room.desk.current
    room.desk.lineup.take((X, Y, ModelRef("other", "model-z")))
    room.desk.send("Question")
    await until(lambda: len(live.turns) == 1)
    await until(lambda: live.replies_to(live.transcript[0].id)[1].text == "Half")
    failed, waiting, done = live.replies_to(live.transcript[0].id)
    assert (failed.state, done.state) == (MessageState.FAILED, MessageState.FINISHED)
    assert waiting.state is MessageState.STREAMING
    live.stop(done.id)
    assert len(live.turns) == 1
    live.stop(waiting.id)
    await over(room)
    assert live.replies_to(live.transcript[0].id)[1].state is MessageState.STOPPED
    assert room.history.messages[waiting.id].text == "Half"
    await room.close()


async def test_one_goes_on_with_a_reply_while_another_still_comes(qapp):
    gate = asyncio.Event()
    rest: Sequence[Step] = whole(" and the rest")
    room = await ready_room(model_x=[[TextDelta("Slow")], gate, *rest], model_y=whole("Quick"))
    live = room.desk.current
    room.desk.lineup.take((X, Y))
    room.desk.send("One")
    await until(lambda: len(live.turns) == 1)
    slow, quick = live.replies_to(live.transcript[0].id)
    assert live.turn is not None
    assert not room.desk.send("Too soon")
    room.desk.go_on_with(quick.id)
    assert live.turn is None
    assert room.desk.streaming == (live.conversation.id,)
    assert (room.endpoints.choice, room.desk.lineup.refs) == (Y, ())
    assert live.delete_message(live.transcript[0].id) is None
    assert room.desk.send("Two")
    await until(lambda: len(live.transcript) == 4 and live.turn is None)
    assert [message.text for message in room.sender.prompts[-1].messages] == ["One", "Quick", "Two"]
    gate.set()
    await over(room)
    assert [message.text for message in live.transcript] == ["One", "Quick", "Two", "Quick"]
    live.switch_branch(quick.id, -1)
    assert [message.text for message in live.transcript] == ["One", "Slow and the rest"]
    assert live.transcript[-1].id == slow.id
    head = live.conversation.head_id
    await until(lambda: room.history.conversations[live.conversation.id].head_id == head == slow.id)
    await room.close()


async def test_between_replies_that_come_at_once_one_may_look_back_and_forth(qapp):
    gate = asyncio.Event()
    room = await ready_room(model_x=[[TextDelta("x")], gate], model_y=[[TextDelta("y")], gate])
    live = room.desk.current
    room.desk.lineup.take((X, Y))
    room.desk.send("Question")
    await until(lambda: all(reply.text for reply in live.replies_to(live.transcript[0].id)))
    live.switch_branch(live.transcript[-1].id, 1)
    assert (live.transcript[-1].text, live.turn.reply.model) == ("y", "model-y")
    assert room.desk.try_again(live.transcript[-1].id, X)
    assert len(live.turns) == 3
    await room.close()
    assert {reply.state for reply in live.replies_to(live.transcript[0].id)} == {MessageState.STOPPED}
    assert not live.turns


async def test_closing_in_mid_stream_keeps_what_each_had(qapp):
    gate = asyncio.Event()
    room = await ready_room(model_x=[[TextDelta("part x")], gate], model_y=[[TextDelta("part y")], gate])
    live = room.desk.current
    room.desk.lineup.take((X, Y))
    room.desk.send("Question")
    await until(lambda: all(reply.text for reply in live.replies_to(live.transcript[0].id)))
    room.desk.start_new()
    assert room.desk.streaming == (live.conversation.id,)
    await room.close()
    stored = [message for message in room.history.messages.values() if message.parent_id]
    assert [(item.text, item.state) for item in stored] == [
        ("part x", MessageState.STOPPED),
        ("part y", MessageState.STOPPED),
    ]
    assert room.sender.closed == 2


async def test_the_streaming_mark_goes_with_the_last_turn(qapp):
    gate = asyncio.Event()
    room = await ready_room(model_x=[[TextDelta("x")], gate], model_y=whole("y"))
    marks: list[bool] = []
    room.desk.streaming_changed.connect(lambda _, is_streaming: marks.append(is_streaming))
    room.desk.lineup.take((X, Y))
    room.desk.send("Question")
    await until(lambda: len(room.desk.current.turns) == 1)
    assert marks == [True, True]
    room.desk.stop()
    await over(room)
    assert marks == [True, True, False]
    await room.close()


async def test_a_model_that_is_gone_takes_no_prompt(qapp):
    room = await ready_room()
    refused: list[str] = []
    room.desk.current.refused.connect(refused.append)
    room.desk.lineup.take((X, ModelRef("gone", "model")))
    assert not room.desk.send("Question")
    assert refused
    assert room.desk.current.is_empty
    room.endpoints.remove("service")
    assert room.desk.lineup.refs == ()
    await room.close()


async def test_a_title_is_asked_for_once(qapp):
    from desktop.chat.titles import Titles

    room = await ready_room(model_x=whole("x"), model_y=whole("y"))
    over_turns: list[str] = []
    room.desk.turn_over.connect(lambda _, turn: over_turns.append(turn.reply_id))
    Titles(room.desk._ports, room.desk, room.tasks, lambda: True, room.desk)
    room.desk.lineup.take((X, Y))
    room.desk.send("Question")
    await over(room)
    await until(lambda: len(room.sender.prompts) == 3)
    assert len(over_turns) == 2
    await room.close()
    assert len(room.sender.prompts) == 3


@pytest.mark.parametrize("times", [1, 0])
async def test_another_model_may_be_asked_for_one_reply(qapp, times):
    room = await ready_room(model_x=whole("x"), model_y=whole("y"))
    room.endpoints.choose(X)
    room.desk.send("Question")
    await over(room)
    live = room.desk.current
    first = live.transcript[-1]
    assert room.desk.try_again(first.id, Y if times else None)
    await over(room)
    assert live.transcript[-1].model == ("model-y" if times else "model-x")
    assert live.siblings(first.id) == (0, 2)
    await room.close()


async def test_a_changed_prompt_goes_to_all_as_well(qapp):
    room = await ready_room(model_x=whole("x"), model_y=whole("y"))
    live = room.desk.current
    room.endpoints.choose(X)
    room.desk.send("Question")
    await over(room)
    room.desk.lineup.take((X, Y))
    heard: list[str] = []
    live.compared.connect(heard.append)
    assert room.desk.edit(live.transcript[0].id, "Better question")
    await over(room)
    assert [message.text for message in live.transcript] == ["Better question", "x"]
    assert heard == [live.transcript[0].id]
    assert [reply.text for reply in live.replies_to(heard[0])] == ["x", "y"]
    assert room.desk.lineup.last == (X, Y)
    await room.close()
