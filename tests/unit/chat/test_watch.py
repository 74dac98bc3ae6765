"""What another run writes is shown, without undoing what happens here meanwhile."""

import asyncio
from dataclasses import replace

import pytest

from desktop.chat.watch import Watch
from desktop.domain.delta import TextDelta
from desktop.domain.message import Conversation, Message, MessageState, Role, TextPart
from tests.support.chatting import ChatRoom, until


def conversation(name: str, updated: int = 1, **more: object) -> Conversation:
    return Conversation(id=name, title=f"Title {name}", created=1, updated=updated, **more)  # type: ignore[arg-type]


def message(name: str, text: str, parent: str | None = None, **more: object) -> Message:
    role = Role.ASSISTANT if parent else Role.USER
    return Message(
        id=name, conversation_id="a", parent_id=parent, role=role, parts=(TextPart(text),), created=1, **more
    )  # type: ignore[arg-type]


class Room(ChatRoom):
    """A room whose history another run writes to by `elsewhere`, with conversation "a" on the desk."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        super().__init__(self.gate, [TextDelta("Well, yes.")])
        self.watch = Watch(self.history, self.desk, self.shelf)
        self.elsewhere(
            conversation("a", 5, head_id="r1"), message("p1", "Hello"), message("r1", "Hi", parent="p1")
        )
        self.elsewhere(conversation("b", 4))
        self.history.is_changed_elsewhere = False

    async def opened(self) -> "Room":
        self.shelf.load()
        self.desk.open("a")
        await until(lambda: self.desk.current.conversation.id == "a" and self.shelf.rowCount() == 2)
        self.seen: list[str] = []
        live, shelf = self.desk.current, self.shelf
        live.reset.connect(lambda: self.seen.append("reset"))
        live.message_added.connect(lambda item: self.seen.append(f"added {item.id}"))
        live.message_changed.connect(lambda item: self.seen.append(f"changed {item.id} {item.text}"))
        live.title_changed.connect(lambda title: self.seen.append(f"title {title}"))
        shelf.modelReset.connect(lambda: self.seen.append("shelf reset"))
        shelf.rowsInserted.connect(lambda _root, first, last: self.seen.append(f"row {first}-{last} new"))
        shelf.rowsRemoved.connect(lambda _root, first, last: self.seen.append(f"row {first}-{last} gone"))
        shelf.rowsMoved.connect(lambda *_: self.seen.append("row moved"))
        shelf.dataChanged.connect(lambda index, *_: self.seen.append(f"row {index.row()} changed"))
        return self

    def elsewhere(self, row: Conversation, *messages: Message) -> None:
        self.history.conversations[row.id] = row
        for item in messages:
            self.history.messages[item.id] = item
        self.history.is_changed_elsewhere = True

    @property
    def ids(self) -> list[str]:
        return [self.shelf.index(row).data(self.shelf.Role.ID) for row in range(self.shelf.rowCount())]


async def test_without_a_change_nothing_is_read(qapp):
    room = await Room().opened()
    room.history.conversations.clear()
    await room.watch.look()
    assert room.seen == []
    await room.close()


async def test_a_new_conversation_comes_and_the_other_rows_stay(qapp, qtmodeltester):
    room = await Room().opened()
    qtmodeltester.check(room.shelf)
    room.elsewhere(conversation("c", 9))
    await room.watch.look()
    assert room.ids == ["c", "a", "b"]
    assert room.seen == ["row 0-0 new"]
    await room.watch.look()
    assert room.seen == ["row 0-0 new"]
    await room.close()


async def test_rows_move_change_and_go(qapp, qtmodeltester):
    room = await Room().opened()
    room.elsewhere(conversation("c", 3))
    await room.watch.look()
    qtmodeltester.check(room.shelf)
    room.seen.clear()
    room.elsewhere(conversation("c", 3, pinned=True))
    room.history.deleted.add("b")
    await room.watch.look()
    assert room.ids == ["c", "a"]
    assert room.seen == ["row 1-1 gone", "row moved", "row 0 changed"]
    await room.close()


async def test_the_open_conversation_is_read_anew(qapp):
    room = await Room().opened()
    room.elsewhere(
        replace(conversation("a", 6, head_id="r2"), title="Other"),
        message("r1", "Hi there", parent="p1"),
        message("p2", "And?", parent="r1"),
        message("r2", "So", parent="p2", state=MessageState.STREAMING),
    )
    await room.watch.look()
    assert [item.text for item in room.desk.current.transcript] == ["Hello", "Hi there", "And?", "So"]
    assert room.desk.current.conversation.title == "Other"
    assert [what for what in room.seen if not what.startswith("row")] == [
        "title Other",
        "changed r1 Hi there",
        "added p2",
        "added r2",
    ]
    room.seen.clear()
    room.elsewhere(
        room.desk.current.conversation, message("r2", "So on", parent="p2", state=MessageState.INTERRUPTED)
    )
    await room.watch.look()
    assert room.seen == ["changed r2 So on"]
    await room.close()


@pytest.mark.parametrize("head_id", ["r9", "r1"])
async def test_another_branch_is_a_reset(head_id: str, qapp):
    room = await Room().opened()
    room.elsewhere(conversation("a", 5, head_id=head_id), message("r9", "Oh", parent="p1"))
    await room.watch.look()
    assert room.seen[-1] == "reset"
    assert room.desk.current.transcript[-1].id == head_id
    assert room.desk.current.siblings("r1") == (0, 2)
    await room.close()


async def test_a_turn_here_comes_first(qapp):
    room = await Room().opened()
    assert room.desk.send("What?")
    live = room.desk.current
    room.elsewhere(conversation("c", 9**15), message("p7", "Elsewhere"))
    await room.watch.look()
    assert room.ids == ["c", "a", "b"]
    assert live.turn is not None
    assert "reset" not in room.seen
    room.gate.set()
    await live.wait()
    assert "p7" not in {item.id for item in live.transcript}
    reply = live.transcript[-1]
    assert (reply.text, reply.state) == ("Well, yes.", MessageState.FINISHED)
    # It was not forgotten.
    await room.watch.look()
    assert room.seen[-1] == "reset"
    assert live.transcript[-1] == reply
    await room.close()


async def test_what_is_changed_here_during_a_look_is_not_undone(qapp):
    room = await Room().opened()
    room.elsewhere(conversation("c", 9))
    reading, room.history.list_conversations = room.history.list_conversations, None  # type: ignore[method-assign]
    gate = asyncio.Event()

    async def slow(*page: object) -> list[Conversation]:
        rows = list(await reading(*page))
        await gate.wait()
        return rows

    room.history.list_conversations = slow  # type: ignore[method-assign]
    looking = asyncio.ensure_future(room.watch.look())
    await asyncio.sleep(0.01)
    room.shelf.rename("b", "New name")
    gate.set()
    await looking
    assert room.shelf.index(room.shelf.row_of("b")).data() == "New name"
    assert room.ids == ["a", "b"]
    await room.watch.look()
    assert room.ids == ["c", "a", "b"]
    assert room.shelf.index(2).data() == "New name"
    await room.close()


async def test_one_on_the_desk_that_is_not_on_disk_yet_stays(qapp):
    room = await Room().opened()
    room.history.is_full = True
    room.desk.start_new()
    assert room.desk.send("Not stored")
    own = room.desk.current.conversation.id
    room.gate.set()
    await room.desk.current.wait()
    room.elsewhere(conversation("c", 2))
    await room.watch.look()
    assert room.ids == [own, "a", "b", "c"]
    await room.close()


async def test_what_was_found_stays_when_the_shelf_changes(qapp):
    room = await Room().opened()
    room.shelf.finds.search("title b")
    await until(lambda: room.shelf.finds.rowCount() == 1)
    room.elsewhere(conversation("c", 9))
    await room.watch.look()
    assert room.shelf.finds.rowCount() == 1
    assert room.ids == ["c", "a", "b"]
    await room.close()


async def test_a_history_that_can_t_be_read_is_no_matter(qapp):
    room = await Room().opened()
    room.elsewhere(conversation("c", 9))
    reading = room.history.read_conversation
    room.desk.open("b")
    await until(lambda: room.desk.current.conversation.id == "b")

    async def refuses(_: str) -> None:
        from desktop.chat.ports import StorageError

        raise StorageError("The disk is gone.")

    room.history.read_conversation = refuses  # type: ignore[method-assign,assignment]
    await room.watch.look()
    room.history.read_conversation = reading  # type: ignore[method-assign]
    await room.watch.look()
    assert room.ids == ["c", "a", "b"]
    await room.close()


async def test_only_what_can_be_seen_is_watched(qapp, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("desktop.chat.watch.LOOK_EVERY_S", 0.01)
    room = await Room().opened()
    room.elsewhere(conversation("c", 9))
    is_seen = False
    task = room.tasks.start(room.watch.run(lambda: is_seen))
    await asyncio.sleep(0.05)
    assert room.ids == ["a", "b"]
    is_seen = True
    await until(lambda: room.ids == ["c", "a", "b"])
    assert not task.done()
    await room.close()
