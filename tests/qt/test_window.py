"""The main window over real chat objects: keys and clicks in, what is on screen out."""

import asyncio

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAccessible, QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QSlider, QWidget

from desktop.chat.turn import TurnState
from desktop.domain.delta import FinishDelta, StopReason, TextDelta, Usage, UsageDelta
from desktop.domain.failure import FailureKind
from desktop.ui.code_file import code_file_name
from desktop.ui.shell import LEAST_WIDTH
from tests.support.chatting import ChatRoom, until
from tests.support.windows import Kept, OpenWindow, breathe, bring_forward, cut_controls, press

CONTROL = Qt.KeyboardModifier.ControlModifier


async def ask(window, text):
    QTest.keyClicks(window.page.composer.edit, text)
    press(window.page.composer.edit, Qt.Key.Key_Return)
    await breathe()


async def test_a_prompt_is_sent_answered_and_measured(opened, room):
    room.sender.steps = [[TextDelta("Good.")], [UsageDelta(Usage(output=12))], [FinishDelta(StopReason.STOP)]]
    window = opened.window
    assert window.page.composer.edit.hasFocus()
    await ask(window, "How are you?")
    await until(lambda: not window.page.is_streaming)
    assert window.page.composer.text() == ""
    assert [message.text for message in room.desk.current.transcript] == ["How are you?", "Good."]
    assert window.page.header.title.label.text() == "How are you?"
    assert window.windowTitle() == "How are you? – Weir"
    assert "first token" in window.page.meter.figures
    assert "12 tokens" in window.page.meter.figures


async def test_the_demo_model_wears_its_badge(opened, room):
    meter = opened.window.page.meter
    assert meter.badge.isVisible()
    assert meter.badge.text() == "Demo model, often wrong"
    from desktop.domain.endpoint import ModelRef

    room.endpoints.choose(ModelRef("service", "model-x"))
    await breathe()
    assert not meter.badge.isVisible()


async def test_escape_stops_and_the_text_typed_meanwhile_stays(opened, room):
    gate = asyncio.Event()
    room.sender.steps = [[TextDelta("Half")], gate]
    window = opened.window
    await ask(window, "Tell me")
    await until(
        lambda: room.desk.current.turn is not None and room.desk.current.turn.state is TurnState.STREAMING
    )
    assert window.page.composer.action.text() == "Stop"
    QTest.keyClicks(window.page.composer.edit, "and then")
    press(window.page.composer.edit, Qt.Key.Key_Return)
    assert len(room.sender.prompts) == 1
    press(window.page.composer.edit, Qt.Key.Key_Escape)
    await until(lambda: not window.page.is_streaming)
    assert window.page.composer.text() == "and then"
    assert window.page.composer.action.text() == "Send"
    assert room.sender.closed == 1
    assert room.desk.current.transcript[-1].text == "Half"


async def test_a_prompt_without_a_model_comes_back(qloop):
    from desktop.chat.endpoints import EndpointPorts, Endpoints
    from tests.support.memory import MemorySettings

    room = ChatRoom(settings=MemorySettings(model="gone\tmodel"))
    room.endpoints = Endpoints(
        EndpointPorts(room.sender, room.vault, room.settings, room.finder), room.tasks, None
    )
    room.desk._endpoints = room.endpoints
    opened = OpenWindow(room)
    window = await opened.show()
    await ask(window, "Anyone there?")
    assert window.page.composer.text() == "Anyone there?"
    assert any("model" in notice.words.text() for notice in window.notices.shown)
    await opened.close()


async def test_what_was_written_stays_with_its_conversation(opened, room):
    window = opened.window
    QTest.keyClicks(window.page.composer.edit, "draft of a new one")
    room.desk.open(room.shelf.index(0).data(room.shelf.Role.ID))
    await until(lambda: not room.desk.current.is_empty)
    assert window.page.composer.text() == ""
    QTest.keyClicks(window.page.composer.edit, "draft here")
    press(window, Qt.Key.Key_N, CONTROL)
    await breathe()
    assert window.page.composer.text() == "draft of a new one"
    room.desk.open(room.shelf.index(0).data(room.shelf.Role.ID))
    await until(lambda: not room.desk.current.is_empty)
    assert window.page.composer.text() == "draft here"


async def test_what_is_typed_while_the_last_conversation_opens_goes_into_it(opened, room):
    window = opened.window
    QTest.keyClicks(window.page.composer.edit, "typed ")
    room.desk.restore(room.shelf.index(0).data(room.shelf.Role.ID))
    QTest.keyClicks(window.page.composer.edit, "at once")
    await until(lambda: not room.desk.current.is_empty)
    assert window.page.composer.text() == "typed at once"
    await until(lambda: not room.desk.is_restoring)
    press(window, Qt.Key.Key_N, CONTROL)
    await breathe()
    assert window.page.composer.text() == ""


async def test_a_draft_of_an_earlier_run_is_there_again(opened, room):
    last, other = (room.shelf.index(row).data(room.shelf.Role.ID) for row in (0, 1))
    room.history.drafts = {"": "for a new one", last: "for the last one", other: "for another"}
    room.desk.restore(last)
    room.desk.drafts.load()
    await until(lambda: room.desk.current.conversation.id == last)
    composer = opened.window.page.composer
    await until(lambda: composer.text() == "for the last one")
    room.desk.open(other)
    await until(lambda: composer.text() == "for another")
    press(composer.edit, Qt.Key.Key_Return)
    await until(lambda: bool(room.sender.prompts) and not opened.window.page.is_streaming)
    await until(lambda: other not in room.history.drafts)
    assert composer.text() == ""
    press(opened.window, Qt.Key.Key_N, CONTROL)
    await until(lambda: composer.text() == "for a new one")
    QTest.keyClicks(composer.edit, ", still")
    await until(lambda: room.history.drafts.get("") == "for a new one, still")


async def test_a_prompt_sent_before_the_last_conversation_opens_stays_on_screen(opened, room):
    last = room.shelf.index(0).data(room.shelf.Role.ID)
    QTest.keyClicks(opened.window.page.composer.edit, "Quick")
    room.desk.restore(last)
    press(opened.window.page.composer.edit, Qt.Key.Key_Return)
    await until(lambda: bool(room.sender.prompts))
    await until(lambda: not room.desk.is_restoring)
    assert room.desk.current.conversation.id != last
    assert room.desk.current.transcript[0].text == "Quick"


async def test_an_earlier_prompt_is_changed_in_the_composer(opened, room):
    window = opened.window
    await ask(window, "What is a wier?")
    await until(lambda: not window.page.is_streaming)
    QTest.keyClicks(window.page.composer.edit, "kept")
    window.page.edit_prompt(room.desk.current.transcript[0].id)
    assert window.page.composer.text() == "What is a wier?"
    window.page.composer.set_text("What is a weir?")
    press(window.page.composer.edit, Qt.Key.Key_Return)
    await until(lambda: not window.page.is_streaming)
    assert room.desk.current.transcript[0].text == "What is a weir?"
    assert room.desk.current.siblings(room.desk.current.transcript[0].id) == (1, 2)
    assert window.page.composer.text() == "kept"


async def test_escape_leaves_an_earlier_prompt_as_it_was(opened, room):
    window = opened.window
    await ask(window, "One")
    await until(lambda: not window.page.is_streaming)
    window.page.edit_prompt(room.desk.current.transcript[0].id)
    QTest.keyClicks(window.page.composer.edit, " more")
    press(window.page.composer.edit, Qt.Key.Key_Escape)
    assert window.page.composer.text() == ""
    assert room.desk.current.transcript[0].text == "One"


async def test_the_title_is_changed_in_place(opened, room):
    window = opened.window
    await ask(window, "Hello")
    await until(lambda: not window.page.is_streaming)
    title = window.page.header.title
    QTest.mouseDClick(title.label, Qt.MouseButton.LeftButton)
    assert title.field.hasFocus()
    QTest.keyClicks(title.field, "Greetings")
    press(title.field, Qt.Key.Key_Return)
    await breathe()
    assert room.desk.current.conversation.title == "Greetings"
    assert title.label.text() == "Greetings"
    title.edit()
    QTest.keyClicks(title.field, "Nothing")
    press(title.field, Qt.Key.Key_Escape)
    assert title.label.text() == "Greetings"


async def test_shortcuts(opened, room):
    window = opened.window
    press(window, Qt.Key.Key_F, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    assert window.sidebar.search.hasFocus()
    press(window, Qt.Key.Key_L, CONTROL)
    assert window.page.composer.edit.hasFocus()
    press(window, Qt.Key.Key_B, CONTROL)
    assert not window.sidebar.isVisible()
    press(window, Qt.Key.Key_F, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    assert window.sidebar.isVisible()
    press(window, Qt.Key.Key_M, CONTROL)
    assert window.popup.isVisible()
    press(window.popup.filter, Qt.Key.Key_Escape)
    assert not window.popup.isVisible()
    press(window, Qt.Key.Key_Comma, CONTROL)
    assert window.settings.isVisible()
    window.settings.hide()
    await bring_forward(window)
    before = opened.theme.zoom
    press(window, Qt.Key.Key_Plus, CONTROL)
    assert opened.theme.zoom > before
    press(window, Qt.Key.Key_0, CONTROL)
    assert opened.theme.zoom == 1.0


async def test_a_failure_leads_to_the_settings_of_its_endpoint(opened, room):
    from desktop.domain.endpoint import ModelRef

    room.endpoints.choose(ModelRef("service", "model-x"))
    window = opened.window
    await ask(window, "Hello")
    await until(lambda: not window.page.is_streaming)
    reply = room.desk.current.transcript[-1]
    assert reply.failure.kind is FailureKind.NO_KEY
    window.page.timeline.settings_requested.emit(reply.id)
    assert window.settings.isVisible()
    assert window.settings.endpoints.editor.name.text() == "Test service"
    window.settings.hide()


async def test_code_is_saved_to_a_file(opened, tmp_path):
    page = opened.window.page
    page.serving.code_file._write("print('ü')\n", str(tmp_path / "code.py"))
    assert (tmp_path / "code.py").read_text("utf-8") == "print('ü')\n"
    page.serving.code_file._write("x", str(tmp_path / "missing" / "code.py"))
    assert "could not be written" in opened.window.notices.shown[0].words.text()


@pytest.mark.parametrize(
    ("language", "name"),
    [("python", "code.py"), ("Rust", "code.rs"), ("c", "code.c"), ("../x", "code.txt"), ("", "code.txt")],
)
def test_code_gets_a_fitting_name(language, name):
    assert code_file_name(language) == name


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "javascript:alert(1)", "http:// bad", "data:text/html,x"]
)
async def test_only_web_and_mail_addresses_are_opened(opened, address, monkeypatch):
    seen = []
    monkeypatch.setattr(QDesktopServices, "openUrl", seen.append)
    opened.window.page.timeline.link_activated.emit(address)
    assert seen == []


async def test_a_deleted_conversation_comes_back_by_undo(opened, room):
    window = opened.window
    victim = room.shelf.index(1).data(room.shelf.Role.ID)
    room.shelf.delete(victim)
    await until(lambda: bool(window.notices.shown))
    assert room.shelf.row_of(victim) < 0
    notice = window.notices.shown[0]
    assert "was deleted" in notice.words.text()
    QTest.mouseClick(notice.action, Qt.MouseButton.LeftButton)
    await until(lambda: room.shelf.row_of(victim) >= 0)
    assert window.notices.shown == ()


async def test_undo_puts_the_conversation_back_on_screen(opened, room):
    window = opened.window
    victim = room.shelf.index(0).data(room.shelf.Role.ID)
    room.desk.open(victim)
    await until(lambda: room.desk.current.conversation.id == victim)
    room.shelf.delete(victim)
    await until(lambda: bool(window.notices.shown))
    assert room.desk.current.is_empty
    QTest.mouseClick(window.notices.shown[0].action, Qt.MouseButton.LeftButton)
    await until(lambda: room.desk.current.conversation.id == victim)
    assert [message.text for message in room.desk.current.transcript] == ["Hi", "About Hi"]


async def test_a_full_disk_says_so_once_and_never_in_the_way(opened, room):
    room.history.is_full = True
    window = opened.window
    await ask(window, "Hello")
    await until(lambda: not window.page.is_streaming)
    await breathe()
    assert len(window.notices.shown) == 1
    assert "disk" in window.notices.shown[0].words.text()
    assert [message.text for message in room.desk.current.transcript] == ["Hello", "Hello."]
    room.history.is_full = False


async def test_the_reply_goes_on_behind_another_conversation(opened, room):
    gate = asyncio.Event()
    room.sender.steps = [
        [TextDelta("Part one, ")],
        gate,
        [TextDelta("part two.")],
        [FinishDelta(StopReason.STOP)],
    ]
    window = opened.window
    await ask(window, "Long story")
    await until(lambda: room.desk.current.turn is not None)
    first = room.desk.current.conversation.id
    await until(lambda: room.shelf.row_of(first) >= 0)
    press(window, Qt.Key.Key_N, CONTROL)
    assert not window.page.is_streaming
    assert window.page.composer.action.text() == "Send"
    row = room.shelf.index(room.shelf.row_of(first))
    assert row.data(room.shelf.Role.STREAMING)
    room.desk.open(first)
    await breathe()
    assert window.page.is_streaming
    gate.set()
    await until(lambda: not window.page.is_streaming)
    assert room.desk.current.transcript[-1].text == "Part one, part two."


async def test_closing_hides_and_says_so_and_keeps_the_windows_place(opened):
    window = opened.window
    closed = []
    window.closed.connect(lambda: closed.append(window.isVisible()))
    window.resize(900, 700)
    await breathe()
    press(window, Qt.Key.Key_Q, CONTROL)
    assert closed == [False]
    again = OpenWindow(opened.room, opened.kept)
    assert again.window.size() == window.size()
    again.window.deleteLater()


async def test_the_shelf_is_dragged_folded_and_kept(opened):
    window = opened.window
    window.shelf_place.handle.dragged.emit(320)
    window.shelf_place.handle.dropped.emit()
    assert window.sidebar.width() == 319
    assert opened.kept.values["window.shelf_width"] == "320"
    window.shelf_place.handle.dragged.emit(60)
    window.shelf_place.handle.dropped.emit()
    assert not window.sidebar.isVisible()
    assert opened.kept.values["window.shelf_hidden"] == "yes"
    assert window.page.header.shelf.isVisible()
    QTest.mouseClick(window.page.header.shelf, Qt.MouseButton.LeftButton)
    assert window.sidebar.isVisible()


async def test_in_a_narrow_window_the_shelf_lies_over_the_page(opened, room):
    window = opened.window
    window.resize(LEAST_WIDTH, 600)
    await breathe()
    assert not window.sidebar.isVisible()
    assert window.page.width() == LEAST_WIDTH
    QTest.mouseClick(window.page.header.shelf, Qt.MouseButton.LeftButton)
    assert window.sidebar.isVisible()
    assert window.page.width() == LEAST_WIDTH
    scrim = window.shelf_place.scrim
    QTest.mouseClick(scrim, Qt.MouseButton.LeftButton, pos=scrim.rect().center() * 1.9)
    assert not window.sidebar.isVisible()


@pytest.mark.parametrize("zoom", [0.8, 1.0, 1.5, 2.0])
@pytest.mark.parametrize("size", [(LEAST_WIDTH, 640), (1240, 820)])
async def test_no_control_is_cut(opened, room, zoom, size):
    window = opened.window
    opened.theme.set_zoom(zoom)
    window.resize(*size)
    QTest.keyClicks(window.page.composer.edit, "some text")
    await breathe(6)
    assert cut_controls(window) == []
    window.settings.show_endpoints()
    await breathe(6)
    assert cut_controls(window.settings) == []
    window.settings.endpoints.edit("service")
    await breathe(6)
    assert cut_controls(window.settings) == []
    window.settings.hide()


async def test_everything_has_a_name_for_a_screen_reader(opened, room):
    window = opened.window
    window.settings.show_endpoints()
    window.settings.endpoints.edit("service")
    kinds = QAbstractButton | QLineEdit | QPlainTextEdit | QComboBox | QSlider
    for top in (window, window.settings):
        for widget in top.findChildren(QWidget):
            inner = widget.objectName().startswith("qt_") or isinstance(widget.parent(), QComboBox | QSlider)
            if isinstance(widget, kinds) and not inner:
                interface = QAccessible.queryAccessibleInterface(widget)
                assert interface.text(QAccessible.Text.Name), f"{widget} in {widget.parent()}"
    window.settings.hide()


async def test_every_button_can_be_reached_by_tab(opened):
    window = opened.window
    seen = set()
    for _ in range(60):
        widget = window.focusWidget()
        seen.add(widget)
        press(widget, Qt.Key.Key_Tab)
        if window.focusWidget() in seen and len(seen) > 5:
            break
    header = window.page.header
    for widget in (
        header.picker,
        header.more,
        window.sidebar.new,
        window.sidebar.view,
        window.sidebar.settings,
    ):
        assert widget in seen, widget.accessibleName()


async def test_a_click_leaves_no_focus_ring_on_a_button(opened):
    window = opened.window
    QTest.mouseClick(window.sidebar.new, Qt.MouseButton.LeftButton)
    assert window.page.composer.edit.hasFocus()


async def test_stop_is_the_darkest_thing_while_something_streams(opened, room):
    opened.theme.choose("light")
    gate = asyncio.Event()
    room.sender.steps = [[TextDelta("So")], gate]
    window = opened.window
    await ask(window, "Go")
    await until(
        lambda: room.desk.current.turn is not None and room.desk.current.turn.state is TurnState.STREAMING
    )
    await breathe(6)
    picture = window.grab().toImage()
    button = window.page.composer.action
    area = QRect(button.mapTo(window, button.rect().topLeft()), button.size())
    inside = picture.pixelColor(area.left() + 10, area.center().y())
    assert inside == opened.theme.color("text")
    gate.set()
    await until(lambda: not window.page.is_streaming)
    opened.theme.choose("")


async def test_light_and_dark_change_a_standing_window(opened):
    window = opened.window
    opened.theme.choose("light")
    await breathe(6)
    light = window.grab().toImage().pixelColor(window.width() - 20, window.height() // 2)
    opened.theme.choose("dark")
    await breathe(6)
    dark = window.grab().toImage().pixelColor(window.width() - 20, window.height() // 2)
    assert (light.name(), dark.name()) == ("#ffffff", "#16181b")
    opened.theme.choose("")


async def test_a_key_from_the_environment_is_told_of_once(opened, room):
    room.vault.environment["SERVICE_API_KEY"] = "sk-proj-0123456789abcdef"
    room.endpoints.read_key("service")
    await until(lambda: bool(opened.window.notices.shown))
    assert "SERVICE_API_KEY" in opened.window.notices.shown[0].words.text()
    assert "0123456789abcdef" not in opened.window.notices.shown[0].words.text()
    opened.window.notices.shown[0].dismiss.click()
    room.endpoints.read_key("service")
    await breathe(6)
    assert opened.window.notices.shown == ()


async def test_a_missing_keyring_is_told_of(qloop, room):
    room.vault.name = None
    opened = OpenWindow(room, Kept())
    window = await opened.show()
    assert ["keyring" in notice.words.text() for notice in window.notices.shown] == [True]
    await opened.close()


async def test_a_deleted_message_comes_back_by_undo(opened, room):
    window = opened.window
    await ask(window, "Hello")
    await until(lambda: not window.page.is_streaming)
    asked, _ = room.desk.current.transcript
    window.page.timeline.delete_requested.emit(asked.id)
    assert room.desk.current.transcript == ()
    notice = window.notices.shown[0]
    assert "what follows it" in notice.words.text()
    QTest.mouseClick(notice.action, Qt.MouseButton.LeftButton)
    await breathe()
    assert [message.text for message in room.desk.current.transcript] == ["Hello", "Hello."]
    assert window.page.timeline.page.messages[0].id == asked.id
    assert window.notices.shown == ()


async def test_text_is_found_from_wherever_the_keyboard_is(opened, room):
    window = opened.window
    QTest.keyClick(window.page.composer.edit, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    await ask(window, "Hello")
    await until(lambda: not window.page.is_streaming)
    QTest.keyClick(window.page.composer.edit, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    bar = window.page.timeline.find_bar
    assert bar.isVisible()
    QTest.keyClicks(bar.edit, "hello")
    await until(lambda: bar.count.text() == "1 of 2")
    QTest.keyClick(bar.edit, Qt.Key.Key_F3)
    assert bar.count.text() == "2 of 2"
    QTest.keyClick(bar.edit, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    assert bar.count.text() == "1 of 2"
    QTest.keyClick(bar.edit, Qt.Key.Key_Escape)
    assert not bar.isVisible()
