import asyncio
import datetime

import pytest

from desktop.chat.groups import group_starts
from desktop.chat.shelf import PAGE, Shelf, group_of
from desktop.domain.message import Conversation
from desktop.domain.order import SHELF, Folder, Place, Scope
from tests.support.chatting import ChatRoom, until

NOON = datetime.datetime(2026, 11, 21, 12).astimezone()


def conversation(name: str, days_ago: float = 0, *, pinned: bool = False) -> Conversation:
    at = int((NOON - datetime.timedelta(days=days_ago)).timestamp() * 1000)
    return Conversation(id=name, title=f"Title {name}", created=at, updated=at, pinned=pinned)


def titles(shelf: Shelf) -> list[str]:
    return [shelf.index(row).data() for row in range(shelf.rowCount())]


async def filled(*rows: Conversation) -> ChatRoom:
    room = ChatRoom()
    room.history.conversations = {row.id: row for row in rows}
    room.shelf.load()
    await until(lambda: room.shelf.rowCount() > 0)
    return room


@pytest.mark.parametrize(
    ("days_ago", "pinned", "group"),
    [
        (0, False, "today"),
        (-1, False, "today"),
        (1, False, "yesterday"),
        (6, False, "week"),
        (7, False, "2026-11"),
        (40, False, "2026-10"),
        (40, True, "pinned"),
    ],
)
def test_conversations_are_grouped_by_date(days_ago: float, pinned: bool, group: str):
    assert group_of(conversation("a", days_ago, pinned=pinned), NOON.date()) == group


async def test_a_page_at_a_time_is_read(qapp, qtmodeltester):
    rows = [conversation(f"{number:04}", number / 100) for number in range(PAGE + 50)]
    room = await filled(*rows)
    qtmodeltester.check(room.shelf)
    root = room.shelf.index(-1)
    assert room.shelf.rowCount() == PAGE
    assert room.shelf.canFetchMore(root)
    room.shelf.fetchMore(root)
    await until(lambda: room.shelf.rowCount() == PAGE + 50)
    assert not room.shelf.canFetchMore(root)
    await room.close()


async def test_what_is_talked_in_comes_to_the_top_below_the_pinned(qapp, qtmodeltester):
    room = await filled(conversation("p", 9, pinned=True), conversation("a", 1), conversation("b", 2))
    qtmodeltester.check(room.shelf)
    room.desk.open("b")
    await until(lambda: room.desk.current.conversation.id == "b")
    room.desk.send("More")
    assert titles(room.shelf) == ["Title p", "Title b", "Title a"]
    assert room.shelf.index(1).data(Shelf.Role.STREAMING)
    await until(lambda: not room.desk.streaming)
    assert not room.shelf.index(1).data(Shelf.Role.STREAMING)
    room.shelf.set_pinned("a", True)
    assert titles(room.shelf) == ["Title a", "Title p", "Title b"]
    await until(lambda: room.history.conversations["a"].pinned)
    await room.close()


async def test_a_new_conversation_appears_with_its_first_prompt(qapp):
    room = await filled(conversation("a", 1))
    room.desk.start_new()
    assert len(titles(room.shelf)) == 1
    room.desk.send("A fresh one")
    assert titles(room.shelf) == ["A fresh one", "Title a"]
    await room.close()


async def test_what_comes_while_the_shelf_is_read_stays_on_it(qapp):
    room = await filled(conversation("a", 1))
    listed = room.history.list_conversations
    answered = asyncio.Event()

    async def slowly(*which: object) -> object:
        rows = await listed(*which)
        await answered.wait()
        return rows

    room.history.list_conversations = slowly
    read: list[list[str]] = []
    room.shelf.loaded.connect(lambda: read.append(titles(room.shelf)))
    room.shelf.load()
    await until(lambda: room.tasks.is_running("shelf"))
    await asyncio.sleep(0)
    room.desk.send("A new one")
    assert titles(room.shelf) == ["A new one", "Title a"]
    answered.set()
    await until(lambda: bool(read))
    assert read == [["A new one", "Title a"]]
    await until(lambda: not room.desk.streaming)
    await room.close()


async def test_deleting_can_be_undone(qapp):
    room = await filled(conversation("a", 1), conversation("b", 2))
    said: list[tuple[tuple[str, ...], str]] = []
    room.shelf.deleted.connect(lambda *what: said.append(what))
    room.desk.open("a")
    await until(lambda: room.desk.current.conversation.id == "a")
    room.shelf.delete("a")
    await until(lambda: bool(said))
    assert said == [(("a",), "Title a")]
    assert titles(room.shelf) == ["Title b"]
    assert room.desk.current.is_empty
    room.shelf.restore("a")
    await until(lambda: room.shelf.rowCount() == 2)
    assert titles(room.shelf) == ["Title a", "Title b"]
    await room.close()


async def test_renaming_reaches_the_disk_open_or_not(qapp):
    room = await filled(conversation("a", 1), conversation("b", 2))
    room.desk.open("a")
    await until(lambda: room.desk.current.conversation.id == "a")
    room.shelf.rename("a", " New  name ")
    room.shelf.rename("b", "Other")
    room.shelf.rename("b", "   ")
    await until(lambda: {row.title for row in room.history.conversations.values()} == {"New name", "Other"})
    assert titles(room.shelf) == ["New name", "Other"]
    assert room.desk.current.conversation.title == "New name"
    await room.close()


async def test_a_search_finds_and_the_shelf_stays_as_it_is(qapp, qtmodeltester):
    room = await filled(conversation("a", 1), conversation("b", 2))
    finds = room.shelf.finds
    qtmodeltester.check(finds)
    finds.search("title B")
    await until(lambda: finds.rowCount() == 1)
    assert finds.hit(0).conversation.id == "b"
    assert len(titles(room.shelf)) == 2
    finds.search(" ")
    assert finds.rowCount() == 0
    await room.close()


async def test_folders_tags_and_archive_sort_the_shelf(qapp, qtmodeltester):
    room = await filled(*(conversation(name, age) for age, name in enumerate("abcd")))
    shelf = room.shelf
    qtmodeltester.check(shelf)
    folder = shelf.order.add_folder(" Work  things ")
    shelf.set_folder(("a", "c"), folder)
    shelf.set_tag(("b", "c"), "later", True)
    shelf.set_archived(("d",), True)
    await until(lambda: shelf.rowCount() == 3 and bool(shelf.order.tags) and shelf.order.tags[0].count == 2)
    await until(lambda: shelf.order.folders == (Folder(folder, "Work things", 2),))
    for scope, found in (
        (Scope(Place.FOLDER, folder), ["Title a", "Title c"]),
        (Scope(Place.TAG, "later"), ["Title b", "Title c"]),
        (Scope(Place.ARCHIVE), ["Title d"]),
        (SHELF, ["Title a", "Title b", "Title c"]),
    ):
        shelf.set_scope(scope)
        await until(lambda wanted=found: titles(shelf) == wanted)
    shelf.set_scope(Scope(Place.FOLDER, folder))
    await until(lambda: shelf.rowCount() == 2)
    shelf.set_folder(("a",), None)
    await until(lambda: titles(shelf) == ["Title c"])
    shelf.order.delete_folder(folder)
    await until(lambda: shelf.scope == SHELF and shelf.rowCount() == 3)
    await room.close()


async def test_an_archived_conversation_stays_archived_when_it_goes_on(qapp):
    room = await filled(conversation("a", 1), conversation("b", 2))
    room.desk.open("a")
    await until(lambda: room.desk.current.conversation.id == "a")
    room.shelf.set_archived(("a",), True)
    await until(lambda: titles(room.shelf) == ["Title b"])
    room.desk.send("More")
    await until(lambda: not room.desk.streaming)
    assert titles(room.shelf) == ["Title b"]
    assert room.history.conversations["a"].archived
    await room.close()


async def test_several_are_deleted_restored_and_erased(qapp, qtmodeltester):
    room = await filled(*(conversation(name, age) for age, name in enumerate("abc")))
    shelf = room.shelf
    qtmodeltester.check(shelf)
    shelf.delete("a", "b")
    await until(lambda: titles(shelf) == ["Title c"])
    shelf.restore("a", "b")
    await until(lambda: titles(shelf) == ["Title a", "Title b", "Title c"])
    shelf.delete("a", "b")
    await until(lambda: titles(shelf) == ["Title c"])
    shelf.set_scope(Scope(Place.BIN))
    await until(lambda: shelf.rowCount() == 2)
    assert shelf.group_starts() == [(0, "bin")]
    shelf.erase("a")
    await until(lambda: titles(shelf) == ["Title b"])
    shelf.erase()
    await until(lambda: shelf.rowCount() == 0 and set(room.history.conversations) == {"c"})
    await room.close()


def test_group_starts_are_those_that_each_row_tells():
    rows = [conversation(f"p{n}", n, pinned=True) for n in range(3)]
    rows += [conversation(f"c{n}", n * 1.7) for n in range(-1, 60)]
    today = NOON.date()
    groups = [group_of(row, today) for row in rows]
    wanted = [(at, group) for at, group in enumerate(groups) if at == 0 or groups[at - 1] != group]
    assert group_starts(rows, today) == wanted
    assert group_starts([], today) == []


async def test_a_disk_that_refuses_is_said_and_the_row_stays(qapp):
    room = await filled(conversation("a"))
    said: list[str] = []
    room.shelf.failed.connect(said.append)
    room.history.is_full = True
    room.shelf.delete("a")
    await until(lambda: bool(said))
    assert titles(room.shelf) == ["Title a"]
    await room.close()
