"""The settings window, driven as the user does."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from desktop.chat.ports import KeySource
from desktop.domain.endpoint import ModelRef
from desktop.domain.failure import Failure, FailureKind
from desktop.domain.secret import Secret
from desktop.providers.registry import all_providers
from desktop.ui.settings.own_form import protocols
from tests.support import gguf
from tests.support.chatting import until
from tests.support.windows import OpenWindow, breathe, bring_forward, press

KEY = "sk-proj-0123456789abcdefghij4f2Q"
CHAT_MODEL = {
    "general.architecture": "llama",
    "general.name": "Tiny",
    "general.license": "apache-2.0",
    "llama.context_length": 8192,
}


@pytest.fixture
async def settings(qloop, opened):
    opened.window.settings.show_endpoints()
    return opened.window.settings


@pytest.fixture
async def editor(qloop, settings):
    settings.endpoints.edit("service")
    return settings.endpoints.editor


def paste(field, text):
    QGuiApplication.clipboard().setText(text)
    field.setFocus()
    field.paste()


async def test_it_is_not_modal_and_escape_closes_it(settings, opened):
    assert not settings.isModal()
    await bring_forward(settings)
    press(settings, Qt.Key.Key_Escape)
    assert not settings.isVisible()
    assert opened.window.isVisible()


async def test_a_removed_endpoint_comes_back_by_undo_in_the_same_window(editor, settings, room):
    await bring_forward(settings)
    editor.remove.click()
    await until(lambda: bool(settings.notices.shown))
    assert room.endpoints.endpoint("service") is None
    (notice,) = settings.notices.shown
    assert notice.words.text() == "The endpoint “Test service” was removed."
    assert settings.rect().contains(notice.mapTo(settings, notice.rect().bottomRight()))
    notice.action.click()
    await until(lambda: room.endpoints.endpoint("service") is not None)
    assert settings.notices.shown == ()


async def test_the_list_says_where_the_keys_are(settings, room):
    assert set(settings.endpoints.list.words) == {"local", "service"}
    assert "Test keyring" in settings.endpoints.list.keys.text()
    assert "no file" in settings.endpoints.list.keys.text()
    room.endpoints.read_key("service")
    await breathe(6)
    assert settings.endpoints.list.words["service"].text() == "No key yet"


async def test_without_a_keyring_it_says_so_and_offers_this_run(qloop, room):
    room.vault.name = None
    opened = OpenWindow(room)
    window = await opened.show()
    window.settings.show_endpoints()
    assert "no keyring" in window.settings.endpoints.list.keys.text()
    window.settings.endpoints.edit("service")
    editor = window.settings.endpoints.editor
    assert "this run only" in editor.key_words.text()
    paste(editor.key, KEY)
    editor.save.click()
    await until(lambda: room.endpoints.key_source("service") is KeySource.MEMORY)
    assert room.vault.stored == {}
    await opened.close()


async def test_a_key_is_stored_shown_masked_replaced_and_removed(editor, room, settings):
    paste(editor.key, KEY)
    editor.save.click()
    await until(lambda: room.endpoints.key_source("service") is KeySource.KEYRING)
    settings.endpoints.edit("service")
    assert not editor.key.isVisible()
    assert editor.key_words.text() == "sk-pro••••••••4f2Q, in Test keyring"
    editor.replace_key.click()
    paste(editor.key, "sk-proj-another0123456789abcdzzzz")
    editor.save.click()
    await until(lambda: room.vault.stored["service"].reveal().endswith("zzzz"))
    settings.endpoints.edit("service")
    editor.remove_key.click()
    await until(lambda: room.endpoints.key_source("service") is None)
    await until(editor.key.isVisible)


async def test_what_is_typed_is_saved(editor, room):
    editor.name.setText("My service")
    editor.address.setText("https://other.test/v1/")
    editor.models.setPlainText("one\ntwo\n")
    editor.headers.setPlainText("X-Title: Weir")
    editor.body.setPlainText('{"temperature": 0.5}')
    QTest.mouseClick(editor.save, Qt.MouseButton.LeftButton)
    await breathe(6)
    saved = room.endpoints.endpoint("service")
    assert (saved.name, saved.base_url, saved.models) == (
        "My service",
        "https://other.test/v1",
        ("one", "two"),
    )
    assert saved.headers == (("X-Title", "Weir"),)
    assert saved.body == {"temperature": 0.5}
    assert room.settings.endpoints[-1] == saved


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("address", "other.test", "has to look like"),
        ("body", '{"a": }', "line 1"),
        ("headers", "Authorization: Bearer abc", "own field"),
    ],
)
async def test_what_can_not_be_used_is_said_and_nothing_is_saved(editor, room, field, text, words):
    before = room.endpoints.endpoints
    widget = getattr(editor, field)
    if field == "address":
        widget.setText(text)
    else:
        widget.setPlainText(text)
    editor.save.click()
    assert words in editor.problem.text()
    assert editor.problem.isVisible()
    assert room.endpoints.endpoints == before


async def test_testing_stores_nothing(editor, room):
    room.sender.wants_key = True
    paste(editor.key, KEY)
    editor.test.click()
    await until(lambda: "2 models" in "".join(editor.checks.words))
    assert room.vault.stored == {}
    assert room.sender.keys[-1].reveal() == KEY


async def test_a_failed_test_says_why_with_the_services_own_words(editor, room):
    room.sender.failure = Failure(
        kind=FailureKind.KEY_REFUSED, endpoint="Test service", words="<img src='file:///etc/passwd'>"
    )
    paste(editor.key, KEY)
    editor.test.click()
    await until(lambda: len(editor.checks.words) == 2)
    assert "did not accept the key" in editor.checks.words[0]
    assert editor.checks.words[1] == "<img src='file:///etc/passwd'>"


async def test_an_endpoint_is_added_from_nothing_and_removed(settings, room):
    settings.show_new_endpoint()
    editor = settings.endpoints.editor
    assert not editor.remove.isVisible()
    editor.address.setText("http://127.0.0.1:8080/v1")
    editor.name.setText("Büro Server")
    editor.save.click()
    await breathe(6)
    added = room.endpoints.endpoints[-1]
    assert (added.id, added.name, added.key) == ("b-ro-server", "Büro Server", None)
    settings.endpoints.edit(added.id)
    editor.remove.click()
    await breathe(6)
    assert room.endpoints.endpoint(added.id) is None


async def test_a_preset_is_added(settings, room):
    settings.endpoints.list.presets.setCurrentIndex(0)
    QTest.mouseClick(settings.endpoints.list.add, Qt.MouseButton.LeftButton)
    editor = settings.endpoints.editor
    assert editor.address.text() == "https://service.test/v1"
    paste(editor.key, KEY)
    editor.save.click()
    await until(lambda: "service-2" in room.vault.stored)


async def test_an_endpoint_of_ones_own_form(settings, room):
    settings.endpoints.list.presets.setCurrentIndex(settings.endpoints.list.presets.count() - 1)
    press(settings.endpoints.list.add, Qt.Key.Key_Space)
    editor = settings.endpoints.editor
    assert not editor.own_form.isVisible()
    editor.protocol.setCurrentIndex(editor.protocol.findData("custom"))
    assert editor.own_form.isVisible()
    editor.address.setText("https://mine.test/ask?version=2")
    editor.own_form.method.setCurrentIndex(editor.own_form.method.findData("PUT"))
    editor.own_form.text_at.setText("data/text")
    editor.body.setPlainText('{"q": {{prompt}}, "said": "a {{prompt}} b", "log": {{ messages }}}')
    press(editor.save, Qt.Key.Key_Space)
    assert "/data/text" in editor.problem.text()
    editor.own_form.text_at.setText("/data/text")
    press(editor.save, Qt.Key.Key_Space)
    await until(lambda: bool(room.settings.endpoints))
    (saved,) = (item for item in room.endpoints.endpoints if item.base_url.startswith("https://mine"))
    assert (saved.provider, saved.method, saved.text_at) == ("custom", "PUT", "/data/text")
    assert saved.base_url == "https://mine.test/ask?version=2"
    assert saved.body == {"q": "{{prompt}}", "said": "a {{prompt}} b", "log": "{{ messages }}"}
    assert room.endpoints.models(saved.id)
    settings.endpoints.edit(saved.id)
    assert editor.protocol.currentData() == "custom"
    assert editor.own_form.method.currentData() == "PUT"
    assert editor.own_form.isVisible()


async def test_a_header_with_a_key_of_its_own(editor, room):
    assert not editor.header_keys.isVisible()
    editor.headers.setPlainText("X-Title: Weir\nsuperAgentKey: {secret}")
    field = editor.header_keys.fields["superAgentKey"]
    assert field.isVisible()
    paste(field, "another-key-0123456789")
    editor.headers.setPlainText("X-Title: Weir\nsuperAgentKey: {secret}\nX-Half")
    assert editor.header_keys.fields["superAgentKey"] is field
    editor.headers.setPlainText("superAgentKey: {secret}")
    press(editor.save, Qt.Key.Key_Space)
    await until(lambda: "service/superAgentKey" in room.vault.stored)
    assert room.vault.stored["service/superAgentKey"].reveal() == "another-key-0123456789"
    endpoint = room.endpoints.endpoint("service")
    assert endpoint.headers == (("superAgentKey", "{secret}"),)
    assert "another" not in repr(endpoint)


def test_every_protocol_can_be_chosen():
    assert set(protocols()) == set(all_providers())


async def test_appearance_changes_at_once_and_is_kept(settings, opened):
    settings.nav.setCurrentRow(3)
    page = settings.appearance
    QTest.mouseClick(page.schemes.button(2), Qt.MouseButton.LeftButton)
    assert opened.theme.is_dark
    assert opened.kept.values["look.scheme"] == "dark"
    page.zoom.setValue(14)
    assert opened.theme.zoom == 1.4
    assert opened.kept.values["look.zoom"] == "1.4"
    assert page.percent.text() == "140\N{NARROW NO-BREAK SPACE}%"
    page.reset.click()
    QTest.mouseClick(page.schemes.button(0), Qt.MouseButton.LeftButton)
    assert opened.kept.values["look.scheme"] == ""


async def test_a_model_file_says_what_it_is_before_it_is_used(settings, room, opened, tmp_path):
    file = tmp_path / "tiny.gguf"
    file.write_bytes(gguf.gguf_bytes(CHAT_MODEL))
    settings.show_local()
    page = settings.local
    page.show_file(str(file))
    await until(page.use.isVisible)
    assert page.name.text() == "Tiny"
    assert page.warning.text() == "No chat template: this is a base model. It continues text and will ramble."
    labels = [page._grid.itemAt(at).widget().text() for at in range(page._grid.count())]
    assert "8,192 tokens" in labels
    assert "apache-2.0" in labels
    QTest.mouseClick(page.use, Qt.MouseButton.LeftButton)
    await breathe(6)
    assert room.endpoints.choice == ModelRef("local", "tiny")
    assert room.endpoints.endpoint("local").model_file == str(file)
    assert not opened.window.page.meter.badge.isVisible()
    assert (page.use.text(), page.use.isEnabled()) == ("In use", False)


async def test_a_file_that_is_no_model_says_why(settings, tmp_path):
    file = tmp_path / "notes.gguf"
    file.write_text("just notes, and enough of them to be read as a header")
    settings.show_local()
    settings.local.show_file(str(file))
    await until(lambda: settings.local.words.text() not in ("", "Reading…"))
    assert settings.local.words.text() == "This is not a GGUF file."
    assert not settings.local.use.isVisible()


async def test_the_file_dialog_is_opened_and_not_waited_for(settings):
    settings.show_local()
    settings.local.choose_file()
    dialog = settings.findChild(QFileDialog)
    await until(dialog.isVisible)
    dialog.reject()
    await breathe(6)


async def test_about_says_where_everything_is(settings):
    settings.nav.setCurrentRow(4)
    assert "Test keyring" in settings.about.keys.text()


async def test_a_key_that_cannot_be_read_is_said_by_the_test_and_is_not_deleted(editor, room):
    room.vault.stored["service"] = Secret(KEY)
    room.vault.problem = "The keyring is locked."
    editor.test.click()
    await until(editor.test.isEnabled)
    assert "The keyring is locked." in editor.checks.words
    assert room.vault.stored["service"].reveal() == KEY
    room.vault.problem = ""
