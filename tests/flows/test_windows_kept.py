"""What is there again at the next start: windows, their places and conversations, and where one read."""

import base64
import json
import struct
import subprocess
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QGuiApplication

from desktop.domain.identity import new_id
from desktop.domain.message import Conversation, Message, Role, TextPart
from desktop.ui.window import MainWindow
from tests.flows.place import configure
from tests.support.chatting import until
from tests.support.house import House, write
from tests.support.program import Program
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


async def test_the_beginning_of_a_very_long_conversation_is_found_again_once_it_is_read(data: Path):
    house = House(data, {})
    await house.open()
    long = Conversation(id=new_id(), title="Long", created=1, updated=1)
    history, parent = house.core.store.history, None
    await history.write_conversation(long)
    for number in range(260):
        made = Message(
            id=new_id(),
            conversation_id=long.id,
            parent_id=parent,
            role=Role.ASSISTANT if number % 2 else Role.USER,
            parts=(TextPart(f"Number {number}. " * 12),),
            created=number + 1,
        )
        await history.write_message(made)
        parent = made.id
    timeline = house.first.page.timeline
    house.windows.show(long.id)
    await until(lambda: house.first.desk.current.conversation.id == long.id)
    await until(lambda: house.first.desk.current.is_whole)
    assert timeline.page.is_pinned
    timeline.go_to_top()
    timeline.scroll_by(90)
    left = top_line(house.first)
    assert timeline.page.index_of(left[0]) == 0
    house.first.start_new()
    house.windows.show(long.id)
    await until(lambda: house.first.desk.current.conversation.id == long.id)
    await until(lambda: not timeline.page.is_pinned)
    assert top_line(house.first) == left
    house.first.leave()
    await house.close()


async def test_windows_come_back_with_their_conversations_places_and_shelves(data: Path):
    kept: dict[str, str] = {}
    house = House(data, kept)
    await house.open()
    first = await ask(house.first, "one")
    second = house.windows.new()
    other = await ask(second, "two")
    second.window().setGeometry(60, 50, 780, 500)
    second.toggle_shelf()
    is_away = second.sidebar.isHidden()
    house.shell.setGeometry(30, 60, 800, 600)
    house.first.toggle_shelf()
    assert house.first.sidebar.isHidden()
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
    assert beside.window().size() == QRect(60, 50, 780, 500).size()
    assert again.shell.geometry() == QRect(30, 60, 800, 600)
    assert beside.sidebar.isHidden() == is_away
    assert again.first.sidebar.isHidden()
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


def kept_sizes(data: Path) -> set[tuple[int, int]]:
    """Return the sizes of the windows as they are on disk: from QWidget.saveGeometry, normal geometry."""
    file = data / "preferences.toml"
    values = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    texts = [values.get("window.geometry", "")]
    texts += [each["window.geometry"] for each in json.loads(values.get("windows.more") or "[]")]
    found = set()
    for text in filter(None, texts):
        left, top, right, bottom = struct.unpack(">4i", base64.b64decode(text)[24:40])
        found.add((right - left + 1, bottom - top + 1))
    return found


def boxes(weir: Program) -> list[list[int]]:
    return sorted(item["box"] for item in weir.ask("widgets", name="Shell") if item["visible"])


def test_two_windows_are_there_again_after_a_kill(tmp_path: Path):
    with LoopbackServer(default=openai_stream(["Well."])) as server:
        data = configure(tmp_path / "weir", server.base_url)
        with Program(data) as weir:
            weir.widget("Model: alpha")
            weir.write_into("Prompt", "one")
            weir.key("Return")
            weir.until(lambda: "Well." in weir.last_text(), "the first reply")
            weir.key("ctrl+shift+n")
            weir.until(lambda: len(boxes(weir)) == 2, "a second window")
            weir.settle()
            weir.write("two")
            weir.key("Return")
            weir.until(lambda: (weir.ask("active") or [""])[0].startswith("two"), "the second reply")
            window = subprocess.run(
                ["xdotool", "getactivewindow"], check=True, capture_output=True, text=True
            )
            subprocess.run(["xdotool", "windowsize", window.stdout.strip(), "810", "610"], check=True)
            weir.until(lambda: (810, 610) in kept_sizes(data) and len(kept_sizes(data)) == 2, "both places")
            weir.settle()
            before = boxes(weir)
            weir.kill()
        with Program(data) as again:
            again.until(lambda: len(boxes(again)) == 2, "both windows")
            again.settle()
            titles = {"one – Weir", "two – Weir"}
            again.until(lambda: titles <= set(again.ask("titles")), "both conversations")
            assert boxes(again) == before
            again.key("ctrl+q")
            assert again.wait() == 0
            assert again.errors == ""
        assert len(kept_sizes(data)) == 2
