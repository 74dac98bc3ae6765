"""Several windows over one core: one history, one set of endpoints, a conversation in one of them."""

import gc
import threading
import weakref
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QKeySequence
from PySide6.QtTest import QTest

from desktop.domain.endpoint import ModelRef
from desktop.ui.window import MainWindow
from tests.flows.place import configure, messages
from tests.support.chatting import until
from tests.support.house import House, write
from tests.support.server import Answer, Gate, LoopbackServer, SeenRequest, Send, openai_chunks

CTRL = Qt.KeyboardModifier.ControlModifier
CTRL_SHIFT = CTRL | Qt.KeyboardModifier.ShiftModifier


def gated(gate: threading.Event) -> Callable[[SeenRequest], Answer]:
    """Return a reply that repeats the question: its first half at once, the rest behind a gate."""

    def answer(request: SeenRequest) -> Answer:
        question = request.json["messages"][-1]["content"]
        records = list(openai_chunks([f"First {question}, ", f"then {question}."]))
        return Answer(steps=(Send(b"".join(records[:2])), Gate(gate), Send(b"".join(records[2:]))))

    return answer


def said(window: MainWindow) -> str:
    """Return the last message on screen as a screen reader reads it."""
    tree = QAccessible.queryAccessibleInterface(window.page.timeline)
    children = [tree.child(at) for at in range(tree.childCount())]
    items = [each for each in children if each.role() == QAccessible.Role.ListItem]
    return items[-1].text(QAccessible.Text.Value)


def titles(window: MainWindow) -> list[str]:
    model = window.sidebar.view.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


@pytest.fixture
def gate() -> threading.Event:
    return threading.Event()


@pytest.fixture
async def house(qloop, tmp_path: Path, gate: threading.Event) -> AsyncIterator[House]:
    with LoopbackServer(default=gated(gate)) as server:
        made = House(configure(tmp_path / "weir", server.base_url), {})
        await made.open()
        yield made
        gate.set()
        await made.close()


async def test_two_windows_stream_at_once_from_one_server_into_one_history(
    house: House, gate: threading.Event, tmp_path: Path
):
    write(house.first, "one")
    second = house.windows.new()
    assert second.isVisible()
    assert house.windows.front() is second
    write(second, "two")
    await until(lambda: len(house.core.desk.streaming) == 2)
    await until(lambda: "First one" in said(house.first) and "First two" in said(second))
    await until(lambda: sorted(titles(house.first)) == sorted(titles(second)) == ["one", "two"])
    gate.set()
    await until(lambda: not house.core.desk.streaming)
    assert "then one." in said(house.first)
    assert "then two." in said(second)
    assert "then two." not in said(house.first)
    rows = [row for row in messages(tmp_path / "weir") if row.role == "assistant"]
    assert sorted(row.text for row in rows) == ["First one, then one.", "First two, then two."]
    assert {row.state for row in rows} == {"finished"}


async def test_a_window_closed_while_its_reply_streams_loses_no_word(
    house: House, gate: threading.Event, tmp_path: Path
):
    second = house.windows.new()
    write(second, "two")
    await until(lambda: "First two" in said(second))
    conversation_id = second.desk.current.conversation.id
    second.close_window()
    assert house.windows.all == (house.first,)
    assert not house.ended
    assert house.core.desk.streaming == (conversation_id,)
    # It comes on screen again while it still streams, and then to its end.
    assert house.windows.show(conversation_id) is house.first
    await until(lambda: "First two" in said(house.first))
    gate.set()
    await until(lambda: not house.core.desk.streaming)
    assert "then two." in said(house.first)
    await until(lambda: messages(tmp_path / "weir")[-1].text == "First two, then two.")
    assert messages(tmp_path / "weir")[-1].state == "finished"


async def test_a_conversation_is_in_one_window(house: House, gate: threading.Event):
    gate.set()
    write(house.first, "one")
    await until(lambda: house.first.desk.current.turn is None)
    shown = house.first.desk.current.conversation.id
    second = house.windows.new()
    second.open_conversation(shown)
    assert second.desk.current.is_empty
    await until(lambda: house.windows.front() is house.first)
    assert house.windows.show_apart(shown) is not second
    assert house.first.desk.current.is_empty
    assert len(house.windows.all) == 3
    third = house.windows.all[2]
    await until(lambda: third.desk.current.conversation.id == shown)
    assert "then one." in said(third)
    assert third.sidebar.isHidden()


async def test_the_list_opens_windows_by_key_middle_button_and_menu(house: House, gate: threading.Event):
    gate.set()
    for number in ("one", "two", "three"):
        house.first.start_new()
        write(house.first, number)
        await until(lambda: house.first.desk.current.turn is None)
    house.first.start_new()
    view, shelf = house.first.sidebar.view, house.core.shelf
    ids = [str(shelf.index(row).data(shelf.Role.ID)) for row in range(3)]
    view.setCurrentIndex(shelf.index(0))
    QTest.keyClick(view, Qt.Key.Key_Return, CTRL)
    await until(lambda: house.windows.front().desk.current.conversation.id == ids[0])
    middle = view.visualRect(shelf.index(1)).center() + QPoint(0, 6)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.MiddleButton, pos=middle)
    await until(lambda: house.windows.front().desk.current.conversation.id == ids[1])
    menu = view.menu_of(shelf.index(2))
    next(each for each in menu.actions() if each.text() == "Open in new window").trigger()
    menu.close()
    await until(lambda: house.windows.front().desk.current.conversation.id == ids[2])
    assert len(house.windows.all) == 4
    assert house.first.desk.current.is_empty


async def test_each_window_has_its_own_model_draft_and_place_in_the_shelf(
    house: House, gate: threading.Event
):
    QTest.keyClicks(house.first.page.composer.edit, "still to be written")
    QTest.keyClick(house.first, Qt.Key.Key_N, CTRL_SHIFT)
    second = house.windows.front()
    assert second is not house.first
    assert second.page.composer.text() == ""
    house.core.endpoints.suggest(ModelRef("loop", "beta"))
    assert "beta" in second.page.header.picker.accessibleName()
    assert "alpha" in house.first.page.header.picker.accessibleName()
    assert house.first.desk.choice == ModelRef("loop", "alpha")
    assert second.desk.choice == ModelRef("loop", "beta")
    second.sidebar.toggle_bin()
    assert house.core.shelf.scope != second.sidebar.view.shelf.scope
    write(second, "to beta")
    assert second.desk.current.turns[0].reply.model == "beta"
    house.windows.show(house.first.desk.current.conversation.id)
    assert house.core.endpoints.choice == ModelRef("loop", "alpha")
    assert house.first.page.composer.text() == "still to be written"
    gate.set()
    await until(lambda: not house.core.desk.streaming)


async def test_what_is_done_in_one_window_is_seen_in_the_other(house: House, gate: threading.Event):
    gate.set()
    for number in ("one", "two"):
        house.first.start_new()
        write(house.first, number)
        await until(lambda: house.first.desk.current.turn is None)
    second = house.windows.new()
    await until(lambda: titles(second) == ["two", "one"])
    one = str(second.sidebar.view.shelf.index(1).data(second.sidebar.view.shelf.Role.ID))
    second.sidebar.view.shelf.set_pinned(one, True)
    await until(lambda: titles(house.first) == ["one", "two"])
    second.sidebar.view.shelf.order.add_folder("Plans")
    await until(lambda: [each.name for each in house.core.shelf.order.folders] == ["Plans"])
    shown = house.first.desk.current.conversation.id
    second.sidebar.view.shelf.delete(shown)
    await until(lambda: titles(house.first) == titles(second) == ["one"])
    assert house.first.desk.current.is_empty


async def test_a_closed_window_is_given_back(house: House, gate: threading.Event):
    gate.set()

    async def use_one() -> list[weakref.ref[object]]:
        second = house.windows.new()
        write(second, "two")
        await until(lambda: not second.desk.current.turns)
        second.settings.show_endpoints()
        second.open_palette()
        gone = [
            weakref.ref(each)
            for each in (second, second.page.timeline, second.desk, second.sidebar.view.shelf)
        ]
        second.close_window()
        return gone

    gone = await use_one()
    await until(lambda: not any((gc.collect(), *(reference() for reference in gone))[1:]))
    assert house.windows.front() is house.first


async def test_the_first_window_may_be_closed_before_the_others(house: House, gate: threading.Event):
    write(house.first, "one")
    await until(lambda: "First one" in said(house.first))
    second = house.windows.new()
    house.first.close_window()
    assert house.windows.all == (second,)
    assert not house.ended
    assert not house.first.isVisible()
    gate.set()
    await until(lambda: not house.core.desk.streaming)
    # The next one that is opened is the first again, with nothing in it.
    assert house.windows.new() is house.first
    assert house.first.desk.current.is_empty
    assert house.first.isVisible()
    await until(lambda: titles(house.first) == titles(second) == ["one"])
    second.close_window()
    house.first.close_window()
    assert house.ended


async def test_what_concerns_all_is_said_in_the_window_in_front_and_keys_count_in_all(house: House):
    second = house.windows.new()
    house.core.endpoints.failed.emit("The file could not be read.")
    assert [notice.words.text() for notice in second.notices.shown] == ["The file could not be read."]
    assert not house.first.notices.shown
    second.actions_.set_keys("find", (QKeySequence("Ctrl+J"),))
    assert house.first.actions_.keys("find") == (QKeySequence("Ctrl+J"),)
    assert house.first.actions_["find"].shortcuts() == [QKeySequence("Ctrl+J")]


async def test_a_program_that_stays_without_a_window_shows_the_last_one_again(house: House):
    house.windows.stays = lambda: True
    second = house.windows.new()
    house.first.close_window()
    second.close_window()
    assert not house.ended
    assert house.windows.all == (second,)
    assert not second.window().isVisible()
    assert house.windows.new() is second
    assert second.window().isVisible()
    house.windows.stays = lambda: False
    second.close_window()
    assert house.ended
