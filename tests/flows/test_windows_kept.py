"""What is there again at the next start: windows, their places and conversations, and where one read."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QGuiApplication

from desktop.ui.window import MainWindow
from tests.flows.place import configure
from tests.support.chatting import until
from tests.support.house import House, write
from tests.support.server import LoopbackServer, openai_stream

LONG = [f"Paragraph {number} has a few words to fill a line or two of it.\n\n" for number in range(120)]


@pytest.fixture
async def data(qloop, tmp_path: Path) -> AsyncIterator[Path]:
    with LoopbackServer(default=openai_stream(LONG)) as server:
        yield configure(tmp_path / "weir", server.base_url)


async def ask(window: MainWindow, text: str) -> str:
    """Send a prompt in a new conversation, wait for the whole reply, and return the conversation's id."""
    window.start_new()
    write(window, text)
    await until(lambda: not window.desk.current.turns)
    return window.desk.current.conversation.id


def top_line(window: MainWindow) -> tuple[str, int]:
    """Return the message at the top of the view, and where its top is on screen."""
    spot = window.page.timeline.page.spots[0]
    return spot.item.message.id, spot.y


async def test_a_conversation_opens_where_it_was_left_and_at_its_end_where_that_was(data: Path):
    kept: dict[str, str] = {}
    house = House(data, kept)
    await house.open()
    first, second = await ask(house.first, "one"), await ask(house.first, "two")
    page = house.first.page.timeline.page
    assert page.is_pinned
    house.windows.show(first)
    await until(lambda: house.first.desk.current.conversation.id == first)
    house.first.page.timeline.scroll_by(-700)
    left = top_line(house.first)
    assert left[1] < 0
    house.windows.show(second)
    await until(lambda: house.first.desk.current.conversation.id == second)
    assert page.is_pinned
    house.windows.show(first)
    await until(lambda: house.first.desk.current.conversation.id == first)
    assert top_line(house.first)[0] == left[0]
    assert abs(top_line(house.first)[1] - left[1]) <= 1
    house.first.leave()
    await house.close()

    again = House(data, kept)
    await again.open()
    await until(lambda: again.first.desk.current.conversation.id == first)
    await until(lambda: not again.first.page.timeline.page.is_pinned)
    assert top_line(again.first)[0] == left[0]
    assert abs(top_line(again.first)[1] - left[1]) <= 1
    again.first.page.timeline.go_to_end()
    await until(lambda: again.first.page.timeline.page.is_pinned)
    again.first.leave()
    await again.close()
    assert kept["transcript.places"] == ""


async def test_windows_come_back_with_their_conversations_places_and_shelves(data: Path):
    kept: dict[str, str] = {}
    house = House(data, kept)
    await house.open()
    first = await ask(house.first, "one")
    second = house.windows.new()
    other = await ask(second, "two")
    second.window().setGeometry(60, 50, 700, 500)
    second.toggle_shelf()
    is_away = second.sidebar.isHidden()
    house.shell.setGeometry(30, 60, 800, 600)
    await until(lambda: "two" not in kept and other in kept["windows.more"] and kept["conversation"] == first)
    await until(lambda: not any(entry.is_waiting for entry in house.places()))
    # Nothing was closed: this is all that a kill leaves.
    kept_now = dict(kept)
    await house.close()

    again = House(data, kept_now)
    await again.open()
    assert len(again.windows.all) == 2
    beside = again.windows.all[1]
    await until(lambda: again.first.desk.current.conversation.id == first)
    await until(lambda: beside.desk.current.conversation.id == other)
    assert beside.window().size() == QRect(60, 50, 700, 500).size()
    assert again.shell.geometry() == QRect(30, 60, 800, 600)
    assert beside.sidebar.isHidden() == is_away
    assert again.windows.front() is again.first
    await again.close()


async def test_a_window_left_on_a_screen_that_is_gone_comes_back_on_one_that_is_there(data: Path):
    kept: dict[str, str] = {}
    house = House(data, kept)
    await house.open()
    room = QGuiApplication.primaryScreen().availableGeometry()
    house.shell.setGeometry(room.right() + 900, room.bottom() + 500, 700, 500)
    house.first.leave()
    await house.close()
    again = House(data, kept)
    assert room.contains(again.shell.geometry())
    assert again.shell.size() == QRect(0, 0, 700, 500).size()
    await again.open()
    await again.close()
