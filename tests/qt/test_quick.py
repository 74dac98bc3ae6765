"""The quick window by itself: what it asks, of whom, and what it leaves behind."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import pytest
import shiboken6
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication, QImage, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.chat.entries import Entries
from desktop.chat.quick import MODEL, PERSONA, QuickQuestion
from desktop.domain.delta import FinishDelta, StopReason, TextDelta
from desktop.domain.endpoint import ModelRef
from desktop.domain.options import Options
from desktop.domain.persona import Persona
from desktop.ui.manner import Manner
from desktop.ui.quick.window import QuickWindow
from desktop.ui.theme import Theme
from tests.support.chatting import ChatRoom, until
from tests.support.windows import Kept, bring_forward, cut_controls
from tests.support.writing import MemoryEntries

Key = Qt.Key
SERVICE = ModelRef("service", "model-x")
POET = Persona(id="poet", name="Poet", options=Options(system="Rhyme."), model=ModelRef("service", "model-y"))


@dataclass
class Quick:
    """A quick window over chat's outside world in memory."""

    room: ChatRoom
    kept: Kept
    question: QuickQuestion
    window: QuickWindow
    opened: list[tuple[str, str]] = field(default_factory=list)

    async def ask(self, text: str) -> None:
        QTest.keyClicks(self.window.composer.edit, text)
        QTest.keyClick(self.window.composer.edit, Key.Key_Return)
        await self.question.live.wait()

    async def answered_by(self, text: str) -> str:
        await self.ask(text)
        return self.question.live.transcript[-1].model

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(self.window.composer.edit, key)


@pytest.fixture
async def quick(qloop, qapp) -> AsyncGenerator[Quick, None]:
    room, kept = ChatRoom(), Kept()
    personas: Entries[Persona] = Entries(MemoryEntries((POET,)), room.tasks)
    question = QuickQuestion(room.desk, room.endpoints, personas, kept.ports())
    window = QuickWindow(Theme(), question, room.desk, room.endpoints, Manner())
    made = Quick(room, kept, question, window)
    window.opened_in_weir.connect(lambda *where: made.opened.append(where))
    await room.endpoints.read()
    window.come_up()
    await bring_forward(window)
    await until(window.composer.edit.hasFocus)
    yield made
    window.release()
    window.hide()
    await room.close()
    shiboken6.delete(window)
    shiboken6.delete(question)


async def test_it_asks_the_model_used_last_and_keeps_what_was_asked(qloop, quick):
    low = quick.window.height()
    await quick.ask("Who are you?")
    assert [prompt.model for prompt in quick.room.sender.prompts] == ["SmolLM2 135M (demo)"]
    (row,) = quick.room.history.conversations.values()
    assert row.title == "Who are you?"
    assert quick.window.height() > low
    assert quick.window.timeline.isVisible()
    assert cut_controls(quick.window) == []


async def test_a_model_is_chosen_for_this_question_alone(qloop, quick):
    quick.window.picker.click()
    popup = quick.window._popup
    assert popup is not None
    QTest.keyClicks(popup.filter, "model-x")
    QTest.keyClick(popup.filter, Key.Key_Return)
    assert quick.window.picker.accessibleName() == "Model: model-x"
    assert await quick.answered_by("First") == "model-x"
    quick.window.begin()
    assert await quick.answered_by("Second") == "SmolLM2 135M (demo)"
    assert quick.room.endpoints.choice == ModelRef("local", "SmolLM2 135M (demo)")
    assert len(quick.room.history.conversations) == 2


async def test_a_model_and_a_persona_for_all_quick_questions(qloop, quick):
    quick.kept.values[PERSONA] = "poet"
    quick.window.begin()
    await until(lambda: quick.question.ref == POET.model)
    assert await quick.answered_by("First") == "model-y"
    quick.kept.values[MODEL] = "service\tmodel-x"
    quick.window.begin()
    assert await quick.answered_by("Second") == "model-x"
    assert {row.options.system for row in quick.room.history.conversations.values()} == {"Rhyme."}
    assert {row.persona for row in quick.room.history.conversations.values()} == {"Poet"}


async def test_a_model_of_an_endpoint_that_is_gone_is_passed_over(qloop, quick):
    quick.kept.values[MODEL] = "gone\tmodel"
    quick.window.begin()
    assert await quick.answered_by("Still there?") == "SmolLM2 135M (demo)"


async def test_keys_of_an_input_method_are_its_own(qloop, quick):
    edit = quick.window.composer.edit
    QApplication.sendEvent(edit, QInputMethodEvent("ni", []))
    quick.press(Key.Key_Return)
    quick.press(Key.Key_Escape)
    assert quick.window.isVisible()
    assert quick.room.sender.prompts == []
    commit = QInputMethodEvent("", [])
    commit.setCommitString("你好")
    QApplication.sendEvent(edit, commit)
    quick.press(Key.Key_Return)
    await quick.question.live.wait()
    assert quick.room.sender.prompts[0].messages[-1].text == "你好"


async def test_escape_stops_first_and_closes_then(qloop, quick):
    quick.room.sender.steps = [[TextDelta("On and ")], 60.0]
    QTest.keyClicks(quick.window.composer.edit, "Go")
    quick.press(Key.Key_Return)
    live = quick.question.live
    await until(lambda: bool(live.transcript) and live.transcript[-1].text == "On and ")
    quick.press(Key.Key_Escape)
    assert quick.window.isVisible()
    await live.wait()
    assert live.transcript[-1].text == "On and "
    quick.press(Key.Key_Escape)
    assert not quick.window.isVisible()
    assert quick.question.live is not live
    assert quick.question.live.is_empty


async def test_what_was_written_stays_when_it_is_closed_and_may_be_written_over(qloop, quick):
    QTest.keyClicks(quick.window.composer.edit, "Half a thought")
    quick.press(Key.Key_Escape)
    assert not quick.window.isVisible()
    # Shown again before Qt has heard of that, it would not become the active window.
    await until(lambda: QGuiApplication.focusWindow() is None)
    quick.window.come_up()
    assert quick.window.composer.text() == "Half a thought"
    await until(quick.window.isActiveWindow)
    QTest.keyClicks(quick.window.composer.edit, "New")
    assert quick.window.composer.text() == "New"


async def test_the_reply_is_copied_as_it_was_written(qloop, quick):
    quick.room.sender.steps = [[TextDelta("**Yes**, `x`")], [FinishDelta(StopReason.STOP)]]
    assert not quick.window.copy.isVisible()
    await quick.ask("Bold?")
    await until(quick.window.copy.isEnabled)
    quick.window.copy.click()
    assert QGuiApplication.clipboard().text() == "**Yes**, `x`"
    assert quick.window.note.text() == "The reply was copied."


async def test_it_moves_on_in_the_main_window(qloop, quick):
    await quick.ask("More")
    conversation_id = quick.question.live.conversation.id
    quick.window.open.click()
    assert quick.opened == [(conversation_id, "")]
    assert not quick.window.isVisible()
    quick.window.come_up()
    await quick.ask("Again")
    message_id = quick.question.live.transcript[0].id
    quick.window.timeline.edit_requested.emit(message_id)
    assert quick.opened[-1][1] == message_id


async def test_a_text_from_outside_begins_a_new_question_and_is_sent_if_wished(qloop, quick):
    await quick.ask("Before")
    quick.window.come_up("From the key")
    assert quick.question.live.is_empty
    assert quick.window.composer.text() == "From the key"
    quick.window.come_up("At once", sends=True)
    await quick.question.live.wait()
    texts = [prompt.messages[-1].text for prompt in quick.room.sender.prompts]
    assert texts == ["Before", "At once"]


async def test_a_conversation_that_is_deleted_elsewhere_leaves_an_empty_window(qloop, quick):
    await quick.ask("Short-lived")
    await quick.room.desk.forget(quick.question.live.conversation.id)
    await until(lambda: not quick.window.timeline.isVisible())
    await quick.ask("And on")
    assert quick.question.live.conversation.title == "And on"


async def test_an_image_goes_with_the_question(qloop, quick):
    image = QImage(4, 4, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    data = QMimeData()
    data.setImageData(image)
    quick.window.composer.edit.insertFromMimeData(data)
    attachments = quick.window.composer.attachments
    await until(lambda: bool(attachments.parts) and not attachments.is_reading)
    await quick.ask("What is it?")
    assert len(quick.room.sender.prompts[0].messages[-1].parts) == 2
    assert quick.window.composer.attachments.items == ()


async def test_what_is_not_possible_is_said(qloop, quick):
    quick.room.endpoints._embedded = None
    for endpoint in quick.room.endpoints.endpoints:
        quick.room.endpoints.remove(endpoint.id)
    quick.window.composer.set_text("Anyone?")
    quick.press(Key.Key_Return)
    assert quick.window.note.text() == "Choose a model first."
    assert quick.window.composer.text() == "Anyone?"


async def test_what_is_composed_stays_when_it_is_closed(qloop, quick):
    edit = quick.window.composer.edit
    QTest.keyClicks(edit, "Say ")
    QApplication.sendEvent(edit, QInputMethodEvent("ni", []))
    quick.window.close()
    assert quick.window.composer.text() == "Say ni"
