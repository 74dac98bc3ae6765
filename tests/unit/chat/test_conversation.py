import asyncio
from dataclasses import replace

import pytest

from desktop.domain.delta import FinishDelta, ReasoningDelta, StopReason, TextDelta
from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from desktop.domain.message import Message, MessageState, Role, TextPart
from desktop.domain.title import title_from
from tests.support.chatting import SERVICE, ChatRoom, until


async def ended(room: ChatRoom) -> None:
    live = room.desk.current
    await until(lambda: live.turn is None)


def texts(room: ChatRoom) -> list[str]:
    return [message.text for message in room.desk.current.transcript]


async def test_a_prompt_and_its_reply_are_stored_as_the_window_shows_them(qapp):
    room = ChatRoom()
    assert room.desk.send("How are you?\nReally?")
    live = room.desk.current
    assert [message.role for message in live.transcript] == [Role.USER, Role.ASSISTANT]
    await ended(room)
    assert texts(room) == ["How are you?\nReally?", "Hello."]
    assert live.conversation.title == "How are you?"
    stored = room.history.conversations[live.conversation.id]
    assert stored == live.conversation
    assert stored.head_id == live.transcript[-1].id
    assert tuple(room.history.messages.values()) == live.transcript
    await room.close()


async def test_the_prompt_is_on_disk_before_anything_is_sent(qapp):
    room = ChatRoom()
    room.desk.send("Question")
    await until(lambda: bool(room.sender.prompts))
    assert room.history.writes[:3] == ["conversation", "message user finished", "message assistant streaming"]
    await room.close()


async def test_the_whole_branch_is_sent_without_the_reply_under_way(qapp):
    room = ChatRoom()
    room.desk.send("One")
    await ended(room)
    room.desk.send("Two")
    await ended(room)
    assert [message.text for message in room.sender.prompts[1].messages] == ["One", "Hello.", "Two"]
    await room.close()


async def test_nothing_is_sent_twice_and_nothing_empty(qapp):
    room = ChatRoom(asyncio.Event())
    refused: list[str] = []
    room.desk.current.refused.connect(refused.append)
    assert not room.desk.send("  \n ")
    assert room.desk.send("One")
    assert not room.desk.send("Two")
    assert refused == ["A reply is still coming. Stop it first."]
    room.desk.stop()
    await ended(room)
    assert room.desk.current.transcript[-1].state is MessageState.STOPPED
    await room.close()


async def test_another_try_and_an_edit_are_branches_and_nothing_is_overwritten(qapp):
    room = ChatRoom()
    live = room.desk.current
    room.desk.send("Question")
    await ended(room)
    question, first = live.transcript
    resets: list[int] = []
    live.reset.connect(lambda: resets.append(1))

    assert room.desk.try_again(first.id)
    await ended(room)
    second = live.transcript[-1]
    assert live.siblings(first.id) == (0, 2)
    assert live.siblings(second.id) == (1, 2)

    assert room.desk.edit(question.id, "Better question")
    await ended(room)
    assert texts(room) == ["Better question", "Hello."]
    live.switch_branch(live.transcript[0].id, -1)
    assert live.transcript == (question, second)
    live.switch_branch(second.id, -1)
    assert live.transcript == (question, first)
    assert len(resets) == 4
    await until(lambda: room.history.conversations[live.conversation.id].head_id == first.id)
    assert {message.text for message in room.history.messages.values()} == {
        "Question",
        "Better question",
        "Hello.",
    }
    await room.close()


async def test_a_failed_turn_can_be_tried_again(qapp):
    failure = Failure(kind=FailureKind.RATE_LIMIT, retry_after=4)
    room = ChatRoom([TextDelta("Par")], TurnFailedError(failure))
    room.desk.send("Question")
    await ended(room)
    failed = room.desk.current.transcript[-1]
    assert (failed.failure, failed.text) == (failure, "Par")
    room.sender.steps = [[TextDelta("Whole."), FinishDelta(StopReason.STOP)]]
    room.desk.try_again(failed.id)
    await ended(room)
    assert texts(room) == ["Question", "Whole."]
    await room.close()


async def test_a_full_disk_is_said_and_the_text_stays(qapp):
    room = ChatRoom()
    said: list[str] = []
    room.desk.current.storage_failed.connect(said.append)
    room.history.is_full = True
    assert room.desk.send("Question")
    await ended(room)
    assert said
    assert set(said) == {"The disk is full. Make room, then try again."}
    assert texts(room) == ["Question", "Hello."]
    await room.close()


async def test_a_reply_goes_on_behind_another_conversation(qapp):
    go = asyncio.Event()
    room = ChatRoom([TextDelta("Slow")], go, [TextDelta(" reply."), FinishDelta(StopReason.STOP)])
    room.desk.send("First")
    first = room.desk.current.conversation.id
    await until(lambda: room.desk.current.transcript[-1].text == "Slow")
    room.desk.start_new()
    assert room.desk.current.is_empty
    assert room.desk.streaming == (first,)
    room.desk.open(first)
    assert room.desk.current.transcript[-1].text == "Slow"
    room.desk.start_new()
    go.set()
    await until(lambda: not room.desk.streaming)
    assert not room.desk.is_live(first)
    room.desk.open(first)
    await until(lambda: room.desk.current.conversation.id == first)
    assert texts(room) == ["First", "Slow reply."]
    await room.close()


async def test_closing_stops_every_reply_and_stores_what_had_come(qapp):
    never = asyncio.Event()
    room = ChatRoom([TextDelta("Part")], never)
    for _ in range(3):
        room.desk.send("Question")
        live = room.desk.current
        await until(lambda live=live: live.transcript[-1].text == "Part")
        room.desk.start_new()
    await room.close()
    replies = [item for item in room.history.messages.values() if item.role is Role.ASSISTANT]
    assert [(item.text, item.state) for item in replies] == [("Part", MessageState.STOPPED)] * 3
    assert room.sender.closed == 3


async def test_without_a_model_the_prompt_is_not_taken(qapp):
    room = ChatRoom()
    room.endpoints._embedded = None
    room.endpoints._endpoints = ()
    refused: list[str] = []
    room.desk.current.refused.connect(refused.append)
    assert not room.desk.send("Question")
    assert refused == ["Choose a model first."]
    await room.close()


async def test_a_conversation_brings_its_model_along(qapp):
    room = ChatRoom()
    room.endpoints.load()
    await until(lambda: room.endpoints.is_ready)
    room.desk.send("Question")
    await ended(room)
    live = room.desk.current.conversation
    room.history.conversations[live.id] = replace(live, endpoint_id=SERVICE.id, model="model-y")
    room.desk.start_new()
    room.desk.open(live.id)
    await until(lambda: room.desk.current.conversation.id == live.id)
    assert room.endpoints.choice is not None
    assert (room.endpoints.choice.endpoint_id, room.endpoints.choice.model) == (SERVICE.id, "model-y")
    await room.close()


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Hello", "Hello"),
        ("\n\n  ## Make   a list\nof things", "Make a list"),
        ("> - quoted", "quoted"),
        ("***", "***"),
        ("word " * 30, ("word " * 12).strip() + "…"),
        ("东" * 100, "东" * 60 + "…"),
        ("", ""),
    ],
)
def test_a_title_is_the_first_line_cut_between_words(text: str, title: str):
    assert title_from(text) == title


async def test_a_reply_that_ended_too_soon_goes_on_beside_itself(qapp):
    go = asyncio.Event()
    room = ChatRoom([ReasoningDelta("Hm"), TextDelta("A low ")], asyncio.Event())
    live = room.desk.current
    room.desk.send("Question")
    await until(lambda: live.transcript[-1].text == "A low ")
    room.desk.stop()
    await ended(room)
    question, old = live.transcript
    shown: list[tuple[Message, ...]] = []
    live.reset.connect(lambda: shown.append(live.transcript))

    room.sender.steps = [[TextDelta("dam")], 0.3, go, [TextDelta("."), FinishDelta(StopReason.STOP)]]
    assert room.desk.continue_reply(old.id)
    # The old text is there at once, in a reply of its own.
    assert [message.text for message in shown[0]] == ["Question", "A low "]
    new = live.transcript[-1]
    assert new.state is MessageState.STREAMING
    assert (new.id != old.id, new.parent_id) == (True, question.id)
    assert new.parts == old.parts

    # What a kill would leave is the old text and what has come since.
    await until(lambda: room.history.text_in_progress(new.id) == "dam")
    assert room.history.messages[new.id].text == "A low "
    go.set()
    await ended(room)
    assert [message.text for message in live.transcript] == ["Question", "A low dam."]
    assert live.transcript[-1].reasoning == "Hm"
    assert live.siblings(new.id) == (1, 2)
    assert room.history.messages[old.id] == old
    assert room.history.messages[new.id] == live.transcript[-1]
    (_, sent) = room.sender.prompts
    assert sent.messages == (question,)
    assert sent.continues == old
    await room.close()


async def test_a_rest_that_fails_or_is_stopped_keeps_all_of_it(qapp):
    cut = TurnFailedError(Failure(kind=FailureKind.CUT))
    room = ChatRoom([TextDelta("One. ")], cut)
    live = room.desk.current
    room.desk.send("Question")
    await ended(room)
    room.sender.steps = [[TextDelta("Two. ")], cut]
    room.desk.continue_reply(live.transcript[-1].id)
    await ended(room)
    assert (live.transcript[-1].text, live.transcript[-1].state) == ("One. Two. ", MessageState.FAILED)
    room.sender.steps = [[FinishDelta(StopReason.STOP)]]
    room.desk.continue_reply(live.transcript[-1].id)
    await ended(room)
    # The model had nothing to add, which is no failure.
    assert (live.transcript[-1].text, live.transcript[-1].state) == ("One. Two. ", MessageState.FINISHED)
    assert live.siblings(live.transcript[-1].id) == (2, 3)
    await room.close()


async def test_a_reply_without_text_is_tried_again_instead(qapp):
    room = ChatRoom([ReasoningDelta("Hm")], TurnFailedError(Failure(kind=FailureKind.CUT)))
    room.desk.send("Question")
    await ended(room)
    room.sender.steps = [[TextDelta("Whole."), FinishDelta(StopReason.STOP)]]
    assert room.desk.continue_reply(room.desk.current.transcript[-1].id)
    await ended(room)
    assert room.desk.current.transcript[-1].parts == (TextPart("Whole."),)
    assert room.sender.prompts[-1].continues is None
    await room.close()


async def test_a_rest_is_tried_again_like_a_reply(qapp):
    room = ChatRoom([TextDelta("One. ")], TurnFailedError(Failure(kind=FailureKind.CUT)))
    room.desk.send("Question")
    await ended(room)
    room.sender.steps = [[TextDelta("Two."), FinishDelta(StopReason.STOP)]]
    room.sender.refusals = [Failure(kind=FailureKind.OVERLOADED, status=503, retry_after=1)]
    room.desk.continue_reply(room.desk.current.transcript[-1].id)
    await ended(room)
    assert texts(room) == ["Question", "One. Two."]
    await room.close()


async def test_a_deleted_message_takes_along_what_follows_and_undo_brings_both_back(qapp):
    room = ChatRoom()
    for question in ("One", "Two"):
        room.desk.send(question)
        await ended(room)
    live = room.desk.current
    whole = live.transcript
    removed = room.desk.delete_message(whole[1].id)
    assert removed is not None
    assert texts(room) == ["One"]
    await until(lambda: room.history.hidden == {message.id for message in whole[1:]})
    await until(lambda: room.history.conversations[live.conversation.id].head_id == whole[0].id)
    room.desk.restore_messages(live.conversation.id, removed)
    assert live.transcript == whole
    await until(lambda: not room.history.hidden)
    await until(lambda: room.history.conversations[live.conversation.id].head_id == whole[-1].id)
    await room.close()


async def test_a_deletion_can_be_undone_after_its_conversation_was_left(qapp):
    room = ChatRoom()
    room.desk.send("One")
    await ended(room)
    left = room.desk.current.conversation.id
    removed = room.desk.delete_message(room.desk.current.transcript[0].id)
    assert removed is not None
    await until(lambda: len(room.history.hidden) == 2)
    room.desk.start_new()
    room.desk.restore_messages(left, removed)
    await until(lambda: not room.history.hidden)
    room.desk.open(left)
    await until(lambda: room.desk.current.conversation.id == left)
    assert texts(room) == ["One", "Hello."]
    await room.close()


async def test_nothing_is_deleted_while_a_reply_comes(qapp):
    room = ChatRoom(asyncio.Event())
    refused: list[str] = []
    room.desk.current.refused.connect(refused.append)
    room.desk.send("One")
    assert room.desk.delete_message(room.desk.current.transcript[0].id) is None
    assert len(refused) == 1
    await room.close()
