"""The desk opens long conversations from their end, goes to the very message, and forks."""

from desktop.base.clock import now_ms
from desktop.domain.message import Conversation, Message, MessageState, Role, TextPart
from tests.support.chatting import ChatRoom, until


def put_long(room: ChatRoom, count: int) -> list[str]:
    """Put a conversation of a chain of messages into the history; return their ids."""
    ids = [f"m{number}" for number in range(count)]
    room.history.conversations["long"] = Conversation(
        id="long", title="Long", created=1, updated=1, head_id=ids[-1], folder_id="f", tags=("t",)
    )
    for number, name in enumerate(ids):
        room.history.messages[name] = Message(
            id=name,
            conversation_id="long",
            parent_id=ids[number - 1] if number else None,
            role=Role.ASSISTANT if number % 2 else Role.USER,
            parts=(TextPart(f"text {number}"),),
            created=now_ms(),
        )
    return ids


async def test_the_end_comes_first_and_the_rest_follows(qapp):
    room = ChatRoom()
    ids = put_long(room, 50)
    room.history.end_only = 10
    filled: list[int] = []
    room.desk.open("long")
    await until(lambda: room.desk.current.conversation.id == "long")
    live = room.desk.current
    live.filled.connect(lambda: filled.append(len(live.transcript)))
    assert [message.id for message in live.transcript] == ids[-10:]
    assert not live.is_whole
    said: list[str] = []
    live.refused.connect(said.append)
    await room.endpoints.read()
    assert not room.desk.send("Too early")
    assert "still being read" in said[0]
    await until(lambda: live.is_whole)
    assert filled == [50]
    assert [message.id for message in live.transcript] == ids
    assert room.desk.send("Now it goes")
    await room.desk.current.wait()
    assert len(room.sender.prompts[0].messages) == 51
    await room.close()


async def test_a_message_is_wanted_once_it_is_there_on_its_branch(qapp):
    room = ChatRoom()
    ids = put_long(room, 30)
    room.history.messages["aside"] = Message(
        id="aside", conversation_id="long", parent_id=ids[3], role=Role.USER, parts=(TextPart("aside"),)
    )
    room.history.end_only = 5
    wanted: list[str] = []
    room.desk.message_wanted.connect(wanted.append)
    room.desk.open("long", ids[2])
    await until(lambda: wanted == [ids[2]])
    room.desk.open("long", "aside")
    assert wanted == [ids[2], "aside"]
    assert [message.id for message in room.desk.current.transcript] == [*ids[:4], "aside"]
    await until(lambda: room.history.conversations["long"].head_id == "aside")
    room.desk.open("long", ids[9])
    assert room.desk.current.transcript[-1].id == ids[-1]
    room.desk.open("long", "nowhere")
    assert wanted[-1] == ids[9]
    await room.close()


async def test_a_fork_copies_the_branch_up_to_a_message(qapp):
    room = ChatRoom()
    ids = put_long(room, 6)
    room.shelf.load()
    room.desk.open("long")
    await until(lambda: room.desk.current.conversation.id == "long")
    room.desk.fork(ids[3])
    await until(lambda: room.desk.current.conversation.id != "long")
    fork = room.desk.current
    assert [message.text for message in fork.transcript] == [f"text {number}" for number in range(4)]
    assert not {message.id for message in fork.transcript} & set(ids)
    assert fork.conversation.title == "Long"
    assert len([each for each in room.history.messages.values() if each.conversation_id == "long"]) == 6
    await until(lambda: room.shelf.row_of(fork.conversation.id) == 0)
    stored = await room.history.read_conversation(fork.conversation.id)
    assert stored is not None
    assert [message.state for message in stored[1]] == [MessageState.FINISHED] * 4
    room.desk.fork("nowhere")
    await room.close()


async def test_a_conversation_beside_lives_until_it_is_let_go(qapp):
    room = ChatRoom()
    await room.endpoints.read()
    endpoint = room.endpoints.endpoints[0]
    live = room.desk.begin_beside()
    known: list[str] = []
    room.desk.conversation_changed.connect(lambda row: known.append(row.id))
    assert live.send(((endpoint, "model-x"),), "On the side")
    await live.wait()
    assert live.conversation.id in known
    assert room.desk.current is not live
    assert room.desk.is_live(live.conversation.id)
    room.desk.open(live.conversation.id)
    assert room.desk.current is live
    room.desk.start_new()
    assert room.desk.is_live(live.conversation.id)
    room.desk.let_go(live)
    assert not room.desk.is_live(live.conversation.id)
    await room.close()


async def test_a_conversation_beside_that_is_deleted_is_let_go(qapp):
    room = ChatRoom()
    live = room.desk.begin_beside()
    await room.desk.forget(live.conversation.id)
    assert not room.desk.is_live(live.conversation.id)
    await room.close()
