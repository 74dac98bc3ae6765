"""Writing with all that helps: the whole program over a real server, files, keyring and keys."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import keyring
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.doors import help_writing
from desktop.ui.compose.door import ComposeDoor
from desktop.ui.preferences import Preferences
from desktop.ui.prompt_edit import PromptEdit
from tests.flows.place import configure, messages
from tests.support.chatting import until
from tests.support.keyring import SecretService
from tests.support.program import Program
from tests.support.server import LoopbackServer, openai_stream
from tests.support.stage import Stage
from tests.support.windows import bring_forward

Key = Qt.Key
PROMPTS = """\
# mine
[[prompt]]
name = "Letter"
text = "Write to {{who}} about {{what}}."
"""
SECOND = """
[[endpoint]]
id = "other"
name = "Other"
base_url = "{base_url}"
key = "other"
models = ["gamma-large"]
"""


@dataclass
class Desk:
    """The window with its composer helped, over a server."""

    stage: Stage
    door: ComposeDoor
    server: LoopbackServer
    data: Path

    @property
    def edit(self) -> PromptEdit:
        return self.stage.window.page.composer.edit

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(self.edit, key)

    def write(self, text: str) -> None:
        QTest.keyClicks(self.edit, text)

    async def sent(self, count: int) -> None:
        desk = self.stage.core.desk
        await until(lambda: len(self.asked) == count and desk.current.turn is None)

    @property
    def asked(self) -> list[dict]:
        """What was sent as prompts, in order."""
        return [request.json for request in self.server.requests if request.method == "POST"]


async def make_desk(data: Path, server: LoopbackServer, kept: dict[str, str]) -> Desk:
    stage = Stage.open(data)
    preferences = Preferences(kept.get, kept.__setitem__)
    door = help_writing(stage.core, stage.window, stage.theme, preferences)
    await stage.core.endpoints.read()
    await bring_forward(stage.window)
    stage.window.page.focus_composer()
    return Desk(stage, door, server, data)


@pytest.fixture
async def desk(qloop, qtbot, tmp_path: Path, secret_service: SecretService) -> AsyncGenerator[Desk, None]:
    with LoopbackServer(default=openai_stream(["Gladly."])) as server:
        keyring.set_password("weir", "other", "sk-other-0123456789")
        data = configure(tmp_path / "weir", server.base_url, more=SECOND.format(base_url=server.base_url))
        (data / "prompts.toml").write_text(PROMPTS, encoding="utf-8")
        made = await make_desk(data, server, {})
        yield made
        await made.stage.close()


async def test_a_kept_prompt_is_taken_filled_in_and_sent(desk: Desk) -> None:
    desk.write("/")
    popup = desk.door.companion.popup
    await until(popup.isVisible)
    assert popup.rows()[0] == "Letter"
    assert "Translate" in popup.rows()
    desk.write("let")
    desk.press(Key.Key_Tab)
    desk.write("Ann")
    desk.press(Key.Key_Tab)
    event = QInputMethodEvent("ni", [])
    QApplication.sendEvent(desk.edit, event)
    desk.press(Key.Key_Tab)
    commit = QInputMethodEvent()
    commit.setCommitString("你好")
    QApplication.sendEvent(desk.edit, commit)
    desk.press(Key.Key_Return)
    await desk.sent(1)
    assert desk.asked[0]["messages"][-1]["content"] == "Write to Ann about 你好."


async def test_a_place_in_a_draft_of_an_earlier_run_is_told_of(desk: Desk) -> None:
    told: list[str] = []
    desk.stage.window.page.notice_wanted.connect(lambda _key, words, _tone: told.append(words))
    desk.stage.window.page.composer.set_text("Write to {{who}} about {{weirs}}.")
    desk.press(Key.Key_Return)
    desk.press(Key.Key_Return)
    await until(lambda: bool(told))
    assert told == ["Not filled in yet: “who”. Send once more to send it as it is."]
    desk.press(Key.Key_Return)
    await desk.sent(1)
    assert desk.asked[0]["messages"][-1]["content"] == "Write to {{who}} about {{weirs}}."


async def test_braces_go_as_they_are_at_once(desk: Desk) -> None:
    desk.stage.window.page.composer.set_text("Use {{mustache}}")
    desk.press(Key.Key_Return)
    await desk.sent(1)


async def test_a_hand_edited_file_counts_at_once_and_a_broken_one_is_said(desk: Desk) -> None:
    file = desk.data / "prompts.toml"
    desk.write("/")
    popup = desk.door.companion.popup
    await until(popup.isVisible)
    desk.press(Key.Key_Escape)
    desk.edit.clear()
    file.write_text(PROMPTS.replace("Letter", "Postcard"), encoding="utf-8")
    desk.write("/")
    await until(lambda: "Postcard" in popup.rows())
    desk.press(Key.Key_Escape)
    desk.edit.clear()
    file.write_text('[[prompt]]\nname = "Broken\n', encoding="utf-8")
    desk.write("/")
    await until(lambda: "prompts.toml, line 2" in popup.rows()[-1])
    assert file.read_text(encoding="utf-8") == '[[prompt]]\nname = "Broken\n'


async def test_a_model_of_another_endpoint_answers_once_with_its_own_key(desk: Desk) -> None:
    desk.write("Hello @gam")
    desk.press(Key.Key_Return)
    desk.write("there")
    desk.press(Key.Key_Return)
    await desk.sent(1)
    desk.write("Again")
    desk.press(Key.Key_Return)
    await desk.sent(2)
    posts = [request for request in desk.server.requests if request.method == "POST"]
    assert [post.json["model"] for post in posts] == ["gamma-large", "alpha"]
    assert posts[0].headers["authorization"] == "Bearer sk-other-0123456789"
    assert "authorization" not in posts[1].headers
    assert posts[0].json["messages"][-1]["content"] == "Hello there"
    row = desk.stage.core.desk.current.conversation
    assert (row.endpoint_id, row.model) == ("loop", "alpha")


async def test_up_changes_the_last_prompt_and_keeps_the_old_branch(desk: Desk) -> None:
    desk.write("first")
    desk.press(Key.Key_Return)
    await desk.sent(1)
    await until(lambda: desk.edit.text() == "")
    desk.press(Key.Key_Up)
    assert desk.edit.text() == "first"
    desk.write(" again")
    desk.press(Key.Key_Return)
    await desk.sent(2)
    await until(lambda: len(messages(desk.data)) == 4)
    assert [row.text for row in messages(desk.data) if row.role == "user"] == ["first", "first again"]
    assert len(desk.asked[1]["messages"]) == 1


async def test_a_persona_is_kept_by_its_conversation_when_it_is_gone(desk: Desk) -> None:
    personas = desk.stage.core.personas
    await personas.read()
    button = desk.door.persona_button
    assert button is not None
    QTest.mouseClick(button.button, Qt.MouseButton.LeftButton)
    menu = button.menu
    assert menu is not None
    next(action for action in menu.actions() if action.text() == "Programmer").trigger()
    menu.close()
    desk.write("Sort a list")
    desk.press(Key.Key_Return)
    await desk.sent(1)
    assert desk.asked[0]["messages"][0]["role"] == "system"
    assert desk.asked[0]["temperature"] == 0.2
    row = desk.stage.core.desk.current.conversation
    found = await desk.stage.core.store.history.read_conversation(row.id)
    assert found is not None
    assert found[0].persona == "Programmer"
    assert found[0].options.temperature == 0.2
    programmer = personas.named("Programmer")
    assert programmer is not None
    personas.remove(programmer.id)
    file = desk.data / "personas.toml"
    await until(lambda: file.exists() and 'hidden = ["programmer"]' in file.read_text("utf-8"))
    desk.write("And now backwards")
    desk.press(Key.Key_Return)
    await desk.sent(2)
    assert desk.asked[1]["temperature"] == 0.2


async def test_a_path_is_sent_as_it_is(desk: Desk) -> None:
    for number, text in enumerate(("/etc/hosts", "/ 2", "mail me@example.org", "@nobody"), 1):
        desk.write(text)
        desk.press(Key.Key_Return)
        await desk.sent(number)
        await until(lambda: desk.edit.text() == "")
    sent = [asked["messages"][-1]["content"] for asked in desk.asked]
    assert sent == ["/etc/hosts", "/ 2", "mail me@example.org", "@nobody"]


async def test_the_clipboard_goes_into_its_place(desk: Desk) -> None:
    QGuiApplication.clipboard().setText("def f(): pass")
    desk.write("/")
    await until(desk.door.companion.popup.isVisible)
    desk.write("review")
    desk.press(Key.Key_Return)
    assert "```\ndef f(): pass\n```" in desk.edit.text()


def test_the_whole_program_by_real_keys(tmp_path: Path) -> None:
    with LoopbackServer(default=openai_stream(["Gladly."])) as server:
        data = configure(tmp_path / "weir", server.base_url)
        (data / "prompts.toml").write_text(PROMPTS, encoding="utf-8")
        with Program(data) as weir:
            weir.until(lambda: weir.widget("Prompt")["focused"], "the composer")
            weir.settle()
            weir.write("/let")
            weir.until(lambda: list_of(weir) == ["Letter"], "the prompt in its list")
            weir.key("Return")
            weir.write("Ann")
            weir.key("Tab")
            weir.write("teh weir")
            weir.key("Return")
            weir.until(lambda: texts(data)[:2] == ["Write to Ann about teh weir.", "Gladly."], "the reply")
            weir.until(lambda: [row.state for row in messages(data)] == ["finished"] * 2, "its end")
            weir.widget("Send")
            weir.key("Up")
            weir.until(lambda: weir.widget("Prompt")["text"].endswith("weir."), "the last prompt")
            weir.write(" Soon")
            weir.key("Return")
            weir.until(lambda: len(messages(data)) == 4, "the changed prompt")
            weir.until(lambda: [row.state for row in messages(data)] == ["finished"] * 4, "its end")
            assert texts(data)[2] == "Write to Ann about teh weir. Soon"
            weir.close_window()
            assert weir.wait() == 0
            assert weir.errors == ""


def texts(data: Path) -> list[str]:
    return [row.text for row in messages(data)]


def list_of(weir: Program) -> list[str]:
    rows = weir.ask("rows", name="Suggestions")
    return list(rows[0]) if rows is not None else []
