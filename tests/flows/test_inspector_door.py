"""Which reply the inspector shows: the last one as it comes, or the one it was opened for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from desktop.domain.recording import Recorder
from desktop.doors import open_inspector
from desktop.ui.inspector.door import InspectorDoor
from desktop.ui.inspector.window import InspectorWindow
from tests.flows.place import configure
from tests.support.chatting import until
from tests.support.server import LoopbackServer, openai_stream
from tests.support.stage import Stage
from tests.support.windows import bring_forward

CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class Talk:
    """A window whose replies can be inspected."""

    def __init__(self, stage: Stage, door: InspectorDoor) -> None:
        self.stage = stage
        self.desk = stage.core.desk
        self.window = stage.window
        self.door = door

    @property
    def inspector(self) -> InspectorWindow:
        return self.door.window

    async def ask(self, text: str) -> str:
        assert self.desk.send(text)
        await until(lambda: self.desk.current.turn is None)
        return self.desk.current.transcript[-1].id

    async def shows(self, text: str) -> None:
        """Wait until the request on screen holds a text, and all of its records are there."""
        await until(lambda: text in self.inspector.details.request.toPlainText())
        await until(lambda: self.inspector.model.rowCount() == 4)

    def menu_of(self, message_id: str) -> list[str]:
        self.window.page.timeline.pointer.menu.open_more(message_id, QPoint(20, 20))
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        names = [action.text() for action in menu.actions()]
        menu.close()
        return names


@pytest.fixture
async def talk(qloop: object, tmp_path: Path) -> AsyncIterator[Talk]:
    with LoopbackServer(default=openai_stream(["Hello."])) as server:
        stage = Stage.open(configure(tmp_path / "weir", server.base_url))
        door = open_inspector(stage.core, stage.window)
        assert door is not None
        stage.core.endpoints.load()
        await bring_forward(stage.window)
        await until(lambda: stage.core.endpoints.is_ready)
        yield Talk(stage, door)
        door.close()
        await stage.close()


async def test_opened_by_its_keys_it_follows_the_last_reply(talk: Talk):
    QTest.keyClick(talk.window, Qt.Key.Key_I, CTRL_SHIFT)
    await until(talk.inspector.isVisible)
    assert "no reply here yet" in talk.inspector.nothing.text()
    first = await talk.ask("The first question")
    await talk.shows("The first question")
    assert talk.inspector.reply_id == first
    await talk.ask("The second question")
    await talk.shows("The second question")
    talk.desk.start_new()
    await until(lambda: talk.inspector.reply_id == "")
    assert talk.inspector.nothing.isVisible()


async def test_opened_for_one_reply_it_stays_there(talk: Talk):
    first = await talk.ask("The first question")
    await talk.ask("The second question")
    talk.window.page.timeline.inspect_requested.emit(first)
    await talk.shows("The first question")
    await talk.ask("The third question")
    await talk.shows("The first question")
    assert talk.inspector.reply_id == first


async def test_replies_have_it_in_their_menu_and_prompts_have_not(talk: Talk):
    await talk.ask("A question")
    prompt, reply = talk.desk.current.transcript
    assert "Inspect the stream" in talk.menu_of(reply.id)
    assert "Inspect the stream" not in talk.menu_of(prompt.id)
    talk.window.page.timeline.marker.act("inspect", reply.id)
    await talk.shows("A question")


async def test_a_reply_of_an_earlier_run_says_so(talk: Talk):
    reply = await talk.ask("A question")
    recorder = talk.stage.core.sender.recorder
    assert isinstance(recorder, Recorder)
    assert recorder.recording(reply) is not None
    talk.door.open_reply("a reply of yesterday")
    await until(talk.inspector.nothing.isVisible)
    assert "for this run of Weir alone" in talk.inspector.nothing.text()
