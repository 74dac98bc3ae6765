"""The model picker."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from desktop.domain.endpoint import ModelInfo, ModelRef
from desktop.domain.failure import Failure, FailureKind
from desktop.ui.picker import context_words
from tests.support.chatting import until
from tests.support.windows import breathe, press


@pytest.fixture
async def popup(qloop, opened):
    QTest.mouseClick(opened.window.page.header.picker, Qt.MouseButton.LeftButton)
    return opened.window.popup


async def test_models_stand_under_their_endpoint(popup):
    assert popup.isVisible()
    assert popup.filter.hasFocus()
    assert popup.rows() == ("On this computer", "SmolLM2 135M (demo)", "Test service", "model-x", "model-y")


async def test_typing_narrows_and_enter_chooses(popup, room, opened):
    QTest.keyClicks(popup.filter, "model-y")
    press(popup.filter, Qt.Key.Key_Return)
    await breathe()
    assert room.endpoints.choice == ModelRef("service", "model-y")
    assert not popup.isVisible()
    assert opened.window.page.composer.edit.hasFocus()
    assert "model-y" in opened.window.page.header.picker.accessibleName()


async def test_arrows_pass_over_the_names_of_groups(popup, room):
    press(popup.filter, Qt.Key.Key_Down)
    press(popup.filter, Qt.Key.Key_Return)
    assert room.endpoints.choice == ModelRef("service", "model-x")


async def test_a_model_is_named_by_hand(popup, room):
    QTest.keyClicks(popup.filter, "brand-new-model")
    assert popup.rows() == ("By its name", "Use “brand-new-model” at Test service")
    press(popup.filter, Qt.Key.Key_Return)
    await breathe()
    assert room.endpoints.choice == ModelRef("service", "brand-new-model")


async def test_refresh_asks_the_endpoints(popup, room):
    room.sender.models = (ModelInfo(id="fresh", context_tokens=200_000),)
    room.vault.environment["SERVICE_API_KEY"] = "sk-0123456789abcdef"
    popup.refresh.click()
    await until(lambda: "fresh" in popup.rows())


async def test_a_failure_to_list_is_said_in_the_list(popup, room, opened):
    room.sender.failure = Failure(kind=FailureKind.REFUSED_CONNECTION, address="https://service.test/v1")
    popup.refresh.click()
    await until(popup._words.isVisible)
    assert "listening" in popup._words.text()
    assert opened.window.notices.shown == ()


async def test_opening_it_asks_quietly_and_says_a_failure_below_the_models_that_are_known(
    qloop, opened, room
):
    room.vault.environment["SERVICE_API_KEY"] = "sk-0123456789abcdef"
    room.sender.failure = Failure(kind=FailureKind.DNS, host="service.test")
    QTest.mouseClick(opened.window.page.header.picker, Qt.MouseButton.LeftButton)
    popup = opened.window.popup
    await until(lambda: len(popup.rows()) == 6)
    assert popup.rows()[3:5] == ("model-x", "model-y")
    assert popup.rows()[5].startswith("Not refreshed. The name service.test was not found.")
    assert not popup._words.isVisible()
    QTest.keyClicks(popup.filter, "model-y")
    assert popup.rows()[1] == "model-y"


async def test_opening_it_asks_a_fresh_service_nothing(qloop, opened, room):
    room.vault.environment["SERVICE_API_KEY"] = "sk-0123456789abcdef"
    for _ in range(2):
        QTest.mouseClick(opened.window.page.header.picker, Qt.MouseButton.LeftButton)
        await until(lambda: "model-a" in opened.window.popup.rows())
        await breathe()
        opened.window.popup.close_list()
    assert len(room.sender.keys) == 1


async def test_escape_and_a_press_elsewhere_close_it(popup, opened):
    press(popup.filter, Qt.Key.Key_Escape)
    assert not popup.isVisible()
    QTest.mouseClick(opened.window.page.header.picker, Qt.MouseButton.LeftButton)
    assert popup.isVisible()
    QTest.mouseClick(opened.window.page, Qt.MouseButton.LeftButton, pos=QPoint(30, 200))
    assert not popup.isVisible()
    assert not opened.window.page.header.picker.isChecked()


async def test_the_pill_closes_what_it_opened(popup, opened):
    QTest.mouseClick(opened.window.page.header.picker, Qt.MouseButton.LeftButton)
    assert not popup.isVisible()


async def test_escape_in_the_list_does_not_stop_a_reply(opened, room):
    import asyncio

    from desktop.domain.delta import TextDelta

    gate = asyncio.Event()
    room.sender.steps = [[TextDelta("So")], gate]
    window = opened.window
    QTest.keyClicks(window.page.composer.edit, "Go")
    press(window.page.composer.edit, Qt.Key.Key_Return)
    await until(lambda: window.page.is_streaming)
    press(window, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    press(window.popup.filter, Qt.Key.Key_Escape)
    assert not window.popup.isVisible()
    assert window.page.is_streaming
    gate.set()
    await until(lambda: not window.page.is_streaming)


@pytest.mark.parametrize(
    ("tokens", "words"),
    [(None, ""), (0, ""), (900, "900"), (8192, "8k"), (200_000, "200k"), (1_048_576, "1.05M")],
)
def test_context_sizes_in_words(tokens, words):
    assert context_words(tokens) == words
