"""The page of the first start."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from desktop.chat.endpoints import EndpointPorts, Endpoints
from desktop.domain.endpoint import Endpoint, KeyRef, ModelInfo, ModelRef
from desktop.domain.failure import Failure, FailureKind
from desktop.domain.local import FoundServer
from tests.support.chatting import EMBEDDED, ChatRoom, until
from tests.support.memory import MemorySettings
from tests.support.windows import OpenWindow, breathe, cut_controls, open_window

KEY = "sk-or-v1-0123456789abcdefghij4f2Q"
OPENROUTER = Endpoint(
    id="openrouter", name="OpenRouter", base_url="https://openrouter.ai/api/v1", key=KeyRef("openrouter")
)
OPENAI = Endpoint(id="openai", name="OpenAI", base_url="https://api.openai.com/v1", key=KeyRef("openai"))
OLLAMA = FoundServer(
    "Ollama",
    Endpoint(id="ollama", name="Ollama", base_url="http://127.0.0.1:11434/v1"),
    ("qwen3:8b", "llama3.2"),
)


@pytest.fixture
def room():
    made = ChatRoom(settings=MemorySettings())
    made.endpoints = Endpoints(
        EndpointPorts(made.sender, made.vault, made.settings, made.finder),
        made.tasks,
        EMBEDDED,
        presets=(OPENAI, OPENROUTER),
    )
    made.desk._endpoints = made.endpoints
    made.finder.servers = (OLLAMA,)
    return made


@pytest.fixture
async def opened(qloop, room):
    async for window in open_window(room):
        yield window


def paste(field, key):
    QGuiApplication.clipboard().setText(key)
    field.setFocus()
    field.paste()


async def test_it_is_shown_until_a_model_was_chosen(opened, room):
    window = opened.window
    assert window.is_first_start
    QTest.mouseClick(window.first_start.demo.action, Qt.MouseButton.LeftButton)
    await breathe()
    assert not window.is_first_start
    assert room.endpoints.choice.endpoint_id == "local"
    assert room.settings.preferences["model"].startswith("local\t")
    assert window.page.composer.edit.hasFocus()


async def test_a_found_server_is_offered_with_its_models(opened, room):
    page = opened.window.first_start
    await until(lambda: bool(page.server_cards))
    card = page.server_cards[0]
    assert card.title.text() == "Ollama on this computer"
    assert card.words.text() == "Found, 2 models: qwen3:8b and llama3.2"
    QTest.mouseClick(card.action, Qt.MouseButton.LeftButton)
    await breathe()
    assert room.endpoints.choice == ModelRef("ollama", "qwen3:8b")
    assert not opened.window.is_first_start


async def test_a_key_names_its_service_is_tested_and_used(opened, room):
    room.sender.models = (ModelInfo(id="model-a"), ModelInfo(id="model-b"))
    room.sender.wants_key = True
    card = opened.window.first_start.key
    paste(card.field, KEY)
    assert card.service.currentText() == "OpenRouter"
    QTest.mouseClick(card.test, Qt.MouseButton.LeftButton)
    await until(lambda: len(card.checks.words) == 2)
    assert card.checks.words == ("The key was accepted", "2 models")
    assert room.vault.stored == {}
    assert "Test keyring" in card.words.text()
    QTest.mouseClick(card.use, Qt.MouseButton.LeftButton)
    await until(lambda: "openrouter" in room.vault.stored)
    assert room.vault.stored["openrouter"].reveal() == KEY
    assert room.endpoints.choice == ModelRef("openrouter", "model-a")
    assert card.field.secret is None
    assert not opened.window.is_first_start


async def test_a_list_that_needs_no_key_says_nothing_of_the_key(opened):
    card = opened.window.first_start.key
    paste(card.field, KEY)
    QTest.mouseClick(card.test, Qt.MouseButton.LeftButton)
    await until(lambda: len(card.checks.words) == 2)
    assert "first prompt shows whether it is right" in card.checks.words[0]


async def test_use_it_tests_by_itself(opened, room):
    card = opened.window.first_start.key
    paste(card.field, KEY)
    QTest.keyClick(card.field, Qt.Key.Key_Return)
    await until(lambda: not opened.window.is_first_start)
    assert room.endpoints.choice == ModelRef("openrouter", "model-a")


async def test_a_refused_key_is_said_in_words_and_can_still_be_used(opened, room):
    room.sender.failure = Failure(
        kind=FailureKind.KEY_REFUSED, endpoint="OpenRouter", words="Invalid <b>key</b>"
    )
    card = opened.window.first_start.key
    paste(card.field, KEY)
    QTest.mouseClick(card.test, Qt.MouseButton.LeftButton)
    await until(lambda: len(card.checks.words) == 2)
    assert "did not accept the key" in card.checks.words[0]
    assert card.checks.words[1] == "Invalid <b>key</b>"
    assert card.use.text() == "Use it anyway"
    assert opened.window.is_first_start


async def test_a_key_for_a_service_that_weir_does_not_know_yet(opened):
    card = opened.window.first_start.key
    paste(card.field, "sk-ant-api03-0123456789abcdefghij")
    assert "Anthropic" in card.words.text()
    assert not card.use.isEnabled()


async def test_a_key_of_unknown_shape_asks_for_its_service(opened):
    card = opened.window.first_start.key
    paste(card.field, "0123456789abcdef0123456789abcdef")
    assert "Which service" in card.words.text()
    card.service.setCurrentIndex(0)
    assert card.use.isEnabled()


async def test_without_a_keyring_the_key_is_held_for_this_run(qloop, room):
    room.vault.name = None
    opened = OpenWindow(room)
    window = await opened.show()
    card = window.first_start.key
    paste(card.field, KEY)
    assert "memory" in card.words.text()
    QTest.keyClick(card.field, Qt.Key.Key_Return)
    await until(lambda: "openrouter" in room.vault.held)
    assert room.vault.stored == {}
    await opened.close()


async def test_nothing_found_says_what_is_looked_for(qloop, room):
    room.finder.servers = ()
    opened = OpenWindow(room)
    window = await opened.show()
    await until(lambda: window.first_start._has_looked)
    assert window.first_start.server_cards == []
    await opened.close()


@pytest.mark.parametrize("zoom", [0.8, 1.0, 2.0])
@pytest.mark.parametrize("size", [(480, 700), (1240, 820)])
async def test_no_control_is_cut(opened, zoom, size):
    opened.theme.set_zoom(zoom)
    opened.window.resize(*size)
    paste(opened.window.first_start.key.field, KEY)
    await breathe(6)
    assert cut_controls(opened.window) == []


async def test_who_just_types_asks_the_demo_model_and_loses_no_letter(qloop, room, opened: OpenWindow):
    window = opened.window
    assert window.is_first_start
    QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window, Qt.Key.Key_Space)
    assert window.is_first_start
    QTest.keyClicks(window, "W")
    assert not window.is_first_start
    edit = window.page.composer.edit
    await until(edit.hasFocus)
    QTest.keyClicks(edit, "hy?")
    assert edit.toPlainText() == "Why?"
    assert room.endpoints.choice == ModelRef(EMBEDDED.id, EMBEDDED.default_model)
    QTest.keyClick(edit, Qt.Key.Key_Return)
    await until(lambda: bool(room.sender.prompts))
    assert room.sender.prompts[0].messages[0].text == "Why?"
