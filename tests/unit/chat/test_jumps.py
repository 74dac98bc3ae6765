"""What the command palette asks of the history: the latest, and titles with the typed words."""

from desktop.chat.jumps import MOST_RECENT, Jumps
from desktop.domain.failure import StorageError
from tests.support.chatting import ChatRoom, until
from tests.support.windows import add_conversation


async def test_the_latest_come_first_whether_pinned_or_not(qapp):
    room = ChatRoom()
    for number in range(MOST_RECENT + 5):
        add_conversation(room, f"Number {number}", age_ms=number, pinned=number == 7)
    jumps = Jumps(room.history, room.tasks)
    jumps.read_recent()
    await until(lambda: bool(jumps.recent))
    assert len(jumps.recent) == MOST_RECENT
    assert [row.title for row in jumps.recent[:3]] == ["Number 0", "Number 1", "Number 2"]
    await room.close()


async def test_titles_are_found_and_texts_are_not(qapp):
    room, seen = ChatRoom(), []
    add_conversation(room, "Bread and water", text="Stones")
    add_conversation(room, "Stones and bread", text="Bread")
    jumps = Jumps(room.history, room.tasks)
    jumps.changed.connect(lambda: seen.append(jumps.text))
    jumps.search("stone")
    jumps.search("stones")
    await until(lambda: seen == ["stones"])
    assert [hit.conversation.title for hit in jumps.found] == ["Stones and bread"]
    jumps.search("model:gpt")
    assert (jumps.text, list(jumps.found)) == ("model:gpt", [])
    jumps.search("")
    assert list(jumps.found) == []
    await room.close()


async def test_what_goes_wrong_is_said(qapp):
    room, said = ChatRoom(), []

    class Broken:
        async def list_conversations(self, limit, offset=0):
            raise StorageError("The disk is gone.")

        async def search(self, query, limit):
            raise StorageError("The disk is gone.")

    jumps = Jumps(Broken(), room.tasks)
    jumps.failed.connect(said.append)
    jumps.read_recent()
    jumps.search("word")
    await until(lambda: len(said) == 2)
    assert said == ["The disk is gone."] * 2
    await room.close()
