"""A conversation that becomes too long: the gauge, the bar, the choice, and the line in the transcript."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from desktop.domain.context import SUMMARY_HEAD
from desktop.domain.cut import Overflow
from desktop.doors import open_context
from desktop.ui.context.door import ContextDoor
from desktop.ui.timeline.cut import CUT, CutLine
from tests.flows.place import configure
from tests.support.chatting import until
from tests.support.server import LoopbackServer, openai_error, openai_stream
from tests.support.stage import Stage

LONG = "A weir is a low wall across a river. " * 40


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as made:
        yield made


class Talk:
    """A window with a door for the context, and what a user does in it."""

    def __init__(self, stage: Stage, server: LoopbackServer) -> None:
        self.stage = stage
        self.server = server
        self.door: ContextDoor = open_context(stage.core, stage.window)
        self.page = stage.window.page
        self.desk = stage.core.desk

    def type(self, text: str) -> None:
        QTest.keyClicks(self.page.composer.edit, text)

    async def ask(self, text: str, reply: str = LONG) -> None:
        self.server.answer(openai_stream([reply]))
        before = len(self.server.requests)
        self.type(text)
        QTest.keyClick(self.page.composer.edit, Qt.Key.Key_Return)
        await until(lambda: len(self.server.requests) > before)
        await until(lambda: self.desk.current.turn is None)

    def set(self, **changes: object) -> None:
        live = self.desk.current
        live.set_context(replace(live.conversation.context, **changes))  # type: ignore[arg-type]

    def sent(self, request: int = -1) -> list[str]:
        return [message["content"] for message in self.server.requests[request].json["messages"]]

    async def shows_bar(self, *offered: str) -> None:
        await until(lambda: self.door.bar.isVisible() and self.door.bar.offered == offered)


@asynccontextmanager
async def talk(tmp_path: Path, server: LoopbackServer, turns: int = 2) -> AsyncIterator[Talk]:
    stage = Stage.open(configure(tmp_path / "weir", server.base_url))
    try:
        made = Talk(stage, server)
        stage.core.endpoints.load()
        await until(lambda: stage.core.endpoints.is_ready)
        for number in range(turns):
            await made.ask(f"Question {number}")
        yield made
    finally:
        await stage.close()


CHOICES = ("Leave them out", "Summarise them", "Send nothing")
HELD = (*CHOICES, "Send everything")


async def test_the_gauge_says_how_full_it_will_be(
    qloop: object, tmp_path: Path, server: LoopbackServer
) -> None:
    async with talk(tmp_path, server, turns=1) as it:
        gauge = it.door.gauge
        await until(lambda: gauge.isVisible() and "unknown" in gauge.accessibleDescription())
        assert gauge.text().endswith(" tokens")
        it.set(window=3_000)
        await until(lambda: "set by hand" in gauge.accessibleDescription())
        assert gauge.tone == "muted"
        before = gauge.text()
        it.page.composer.edit.insertPlainText(LONG * 2)
        await until(lambda: gauge.text() != before)
        assert "of 3,000 tokens" in gauge.accessibleDescription()
        it.page.composer.edit.insertPlainText(LONG * 6)
        await until(lambda: gauge.tone == "bad")
        assert gauge.accessibleName() == "Context window"


async def test_the_oldest_go_when_the_user_says_so(
    qloop: object, tmp_path: Path, server: LoopbackServer
) -> None:
    async with talk(tmp_path, server) as it:
        it.set(window=850)
        it.type("And now?")
        await it.shows_bar(*CHOICES)
        assert "the 2 oldest messages" in it.door.bar.detail.text()
        QTest.keyClick(it.page.composer.edit, Qt.Key.Key_Return)
        await it.shows_bar(*HELD)
        assert it.page.composer.text() == "And now?"
        assert len(server.requests) == 2
        server.answer(openai_stream(["Now."]))
        QTest.mouseClick(it.door.bar.leave_out, Qt.MouseButton.LeftButton)
        await until(lambda: len(server.requests) == 3)
        await until(lambda: it.desk.current.turn is None)
        assert it.sent() == ["Question 1", LONG, "And now?"]
        assert it.page.composer.text() == ""
        assert not it.door.bar.isVisible()
        cut = it.page.timeline.page.cut
        assert cut is not None
        assert it.desk.current.transcript[1].id == cut.after_id
        item = it.page.timeline.page.item(2)
        assert isinstance(item.sections[0], CutLine)
        # The choice holds, and is said before it is done again.
        it.page.composer.edit.insertPlainText(LONG)
        await it.shows_bar("Change…")
        assert "will no longer go with it" in it.door.bar.words.text()


async def test_a_summary_is_asked_for_and_can_be_read(
    qloop: object, tmp_path: Path, server: LoopbackServer
) -> None:
    async with talk(tmp_path, server) as it:
        it.set(window=850)
        it.type("And now?")
        QTest.keyClick(it.page.composer.edit, Qt.Key.Key_Return)
        await it.shows_bar(*HELD)
        usage = {"prompt_tokens": 480, "completion_tokens": 20, "total_tokens": 500}
        server.answer(openai_stream(["You asked about weirs."], usage=usage))
        server.answer(openai_stream(["Now."]))
        QTest.mouseClick(it.door.bar.summarise, Qt.MouseButton.LeftButton)
        await until(lambda: len(server.requests) == 4)
        await until(lambda: it.desk.current.turn is None and not it.page.composer.text())
        assert it.sent(2)[0].startswith("Below is the beginning")
        assert it.sent()[0].startswith(f"{SUMMARY_HEAD}\n\nYou asked about weirs.")
        assert "Question 0" not in "".join(it.sent())
        timeline = it.page.timeline
        timeline.show_message(it.desk.current.transcript[2].id)
        await until(lambda: timeline.page.spot_of(it.desk.current.transcript[2].id) is not None)
        spot = timeline.page.spot_of(it.desk.current.transcript[2].id)
        assert spot is not None
        line = spot.item.section(CUT)
        assert isinstance(line, CutLine)
        assert "500 tokens" in line._label
        before = spot.item.height
        at = QPoint(timeline.page.left + 40, spot.y + line.top + timeline.page.look.px(28 + 11))
        QTest.mouseClick(timeline.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert spot.item.height > before
        assert line.has_text
        kept = await it.stage.core.store.history.read_conversation(it.desk.current.conversation.id)
        assert kept is not None
        assert kept[0].context.cuts[0].summary == "You asked about weirs."
        assert kept[0].context.overflow is Overflow.SUMMARY


async def test_a_summary_can_be_stopped(qloop: object, tmp_path: Path, server: LoopbackServer) -> None:
    async with talk(tmp_path, server) as it:
        it.set(window=850)
        it.type("And now?")
        QTest.keyClick(it.page.composer.edit, Qt.Key.Key_Return)
        await it.shows_bar(*HELD)
        server.answer(openai_stream(["w "] * 400, delay=0.05))
        QTest.mouseClick(it.door.bar.summarise, Qt.MouseButton.LeftButton)
        await it.shows_bar("Stop")
        await until(lambda: "words so far" in it.door.bar.detail.text())
        QTest.mouseClick(it.door.bar.stop, Qt.MouseButton.LeftButton)
        await until(lambda: it.door.bar.offered != ("Stop",))
        assert server.requests[2].wait_closed()
        assert it.page.composer.text() == "And now?"
        assert len(server.requests) == 3


async def test_what_the_service_refuses_leads_to_the_same_choice(
    qloop: object, tmp_path: Path, server: LoopbackServer
) -> None:
    async with talk(tmp_path, server) as it:
        server.answer(openai_error(400, "This model's maximum context length is 900 tokens."))
        it.type("And now?")
        QTest.keyClick(it.page.composer.edit, Qt.Key.Key_Return)
        await it.shows_bar(*CHOICES)
        assert "refused" in it.door.bar.words.text()
        server.answer(openai_stream(["Now."]))
        QTest.mouseClick(it.door.bar.leave_out, Qt.MouseButton.LeftButton)
        await until(lambda: len(server.requests) == 4)
        await until(lambda: it.desk.current.turn is None)
        assert it.sent() == ["Question 1", LONG, "And now?"]
        assert it.desk.current.transcript[-1].text == "Now."


async def test_the_choice_stands_in_the_options(
    qloop: object, tmp_path: Path, server: LoopbackServer
) -> None:
    async with talk(tmp_path, server, turns=1) as it:
        await until(it.door.gauge.isVisible)
        QTest.mouseClick(it.door.gauge, Qt.MouseButton.LeftButton)
        fields = it.page.options.context
        await until(fields.window_edit.hasFocus)
        QTest.keyClicks(fields.window_edit, "100")
        QTest.keyClick(fields.window_edit, Qt.Key.Key_Tab)
        assert fields.window_note.isVisible()
        assert it.desk.current.conversation.context.window is None
        fields.window_edit.setFocus()
        fields.window_edit.selectAll()
        QTest.keyClicks(fields.window_edit, "4,096")
        QTest.keyClick(fields.window_edit, Qt.Key.Key_Tab)
        QTest.keyClicks(fields.overflow_edit, "Send")
        fields.overflow_edit.activated.emit(fields.overflow_edit.currentIndex())
        assert not fields.window_note.isVisible()
        context = it.desk.current.conversation.context
        assert (context.window, context.overflow) == (4_096, Overflow.REFUSE)
        QTest.mouseClick(it.page.options.reset, Qt.MouseButton.LeftButton)
        context = it.desk.current.conversation.context
        assert (context.window, context.overflow) == (None, Overflow.ASK)
        it.page.options.close_panel()
