"""What helps with writing, by real keys in a real window."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.chat.habits import FAVOURITES, RECENT
from desktop.domain.endpoint import ModelRef
from desktop.domain.message import Role
from desktop.domain.template import Template
from tests.support.chatting import until
from tests.support.windows import Kept, breathe
from tests.support.writing import Workshop

Key = Qt.Key
PROMPTS = (
    Template(id="s", name="Summarise", text="Summarise this."),
    Template(
        id="t", name="Translate a letter", text="Into {{language=English}} for {{who}}, dear {{who}}: {{x}}!"
    ),
    Template(id="c", name="Copied", text="{{date}}\n{{clipboard}}"),
)


@pytest.fixture
async def shop(qloop, room):
    made = Workshop(room, PROMPTS)
    await made.show()
    await made.prompts.read()
    yield made
    await made.close()


def write(shop, text):
    QTest.keyClicks(shop.edit, text)


def press(shop, key, held=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(shop.edit, key, held)


def compose(edit, preedit, commit=""):
    event = QInputMethodEvent(preedit, [])
    event.setCommitString(commit)
    QApplication.sendEvent(edit, event)


def is_open(shop):
    return shop.popup.isVisible()


async def test_while_nothing_is_written_it_says_what_may_be_typed(shop):
    assert shop.composer.hint.text().startswith("/ for your prompts, @ for")
    write(shop, "a")
    assert shop.composer.hint.text() == "Enter sends, Shift+Enter breaks the line"
    press(shop, Key.Key_Backspace)
    write(shop, "/tr")
    press(shop, Key.Key_Return)
    assert shop.composer.hint.text() == "Tab leads to the next place to fill in"
    press(shop, Key.Key_Escape)
    assert shop.composer.hint.text() == "Enter sends, Shift+Enter breaks the line"


async def test_a_slash_opens_the_prompts_above_the_composer(shop):
    write(shop, "/")
    assert is_open(shop)
    assert shop.popup.rows() == ("Summarise", "Translate a letter", "Copied")
    assert shop.edit.hasFocus()
    bottom = shop.popup.mapToGlobal(QPoint(0, shop.popup.height())).y()
    assert bottom <= shop.composer.mapToGlobal(QPoint(0, 16)).y()
    assert shop.popup.parentWidget().rect().contains(shop.popup.geometry())


async def test_the_list_narrows_as_one_types_and_comes_back(shop):
    write(shop, "/le")
    assert shop.popup.rows() == ("Translate a letter",)
    write(shop, "x")
    assert not is_open(shop)
    press(shop, Key.Key_Backspace)
    assert shop.popup.rows() == ("Translate a letter",)
    press(shop, Key.Key_Backspace)
    press(shop, Key.Key_Backspace)
    assert len(shop.popup.rows()) == 3
    press(shop, Key.Key_Backspace)
    assert not is_open(shop)
    assert shop.edit.text() == ""


@pytest.mark.parametrize("key", [Key.Key_Return, Key.Key_Enter, Key.Key_Tab])
async def test_enter_and_tab_take_the_prompt(shop, room, key):
    write(shop, "/su")
    press(shop, key)
    assert shop.edit.text() == "Summarise this."
    assert not is_open(shop)
    assert shop.edit.hasFocus()
    assert room.desk.current.is_empty


async def test_arrows_go_around_and_never_leave_the_text(shop):
    write(shop, "/")
    press(shop, Key.Key_Down)
    assert shop.popup.current.words == "Translate a letter"
    press(shop, Key.Key_Up)
    press(shop, Key.Key_Up)
    assert shop.popup.current.words == "Copied"
    press(shop, Key.Key_PageUp)
    assert shop.popup.current.words == "Summarise"


async def test_escape_leaves_the_text_alone_and_the_reply_too(shop, room):
    stopped = []
    shop.composer.stop_requested.connect(lambda: stopped.append(1))
    write(shop, "/su")
    press(shop, Key.Key_Escape)
    assert not is_open(shop)
    assert shop.edit.text() == "/su"
    write(shop, "m")
    assert not is_open(shop)
    assert stopped == []
    for _ in range(4):
        press(shop, Key.Key_Backspace)
    write(shop, "/")
    assert is_open(shop)
    press(shop, Key.Key_Escape)
    write(shop, "sum")
    press(shop, Key.Key_Return)
    await until(lambda: not room.desk.current.is_empty)
    assert room.desk.current.transcript[0].text == "/sum"


@pytest.mark.parametrize("text", ["/etc/hosts", "/ 2", "1/2", "and/or", "see /su", "//su", "/usr"])
async def test_ordinary_slashes_are_sent_as_they_are(shop, room, text):
    write(shop, text)
    press(shop, Key.Key_Return)
    await until(lambda: not room.desk.current.is_empty)
    assert room.desk.current.transcript[0].text == text


async def test_a_slash_below_other_lines_opens_it_too(shop):
    write(shop, "Look:")
    press(shop, Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    write(shop, "/su")
    press(shop, Key.Key_Return)
    assert shop.edit.text() == "Look:\nSummarise this."


async def test_what_is_pasted_or_stood_there_opens_nothing(shop):
    QGuiApplication.clipboard().setText("/su")
    shop.edit.paste()
    write(shop, "m")
    assert not is_open(shop)
    shop.composer.set_text("/su")
    press(shop, Key.Key_Left)
    press(shop, Key.Key_Right)
    press(shop, Key.Key_Backspace)
    assert not is_open(shop)


async def test_an_input_method_keeps_its_keys(shop):
    write(shop, "/")
    compose(shop.edit, "su")
    press(shop, Key.Key_Return)
    press(shop, Key.Key_Down)
    press(shop, Key.Key_Tab)
    assert shop.edit.is_composing
    assert shop.edit.text() == "/"
    compose(shop.edit, "", "su")
    assert shop.popup.rows() == ("Summarise",)
    press(shop, Key.Key_Return)
    assert shop.edit.text() == "Summarise this."


async def test_a_slash_that_an_input_method_puts_in_opens_it(shop):
    compose(shop.edit, "", "/")
    assert is_open(shop)


async def test_a_press_on_a_row_takes_it_and_one_elsewhere_leaves(shop):
    write(shop, "/")
    await breathe(4)
    view = shop.popup.list
    place = view.visualRect(view.model().index(2, 0)).center()
    QGuiApplication.clipboard().setText("this")
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert shop.edit.text().endswith("\nthis")
    shop.edit.clear()
    write(shop, "/")
    assert is_open(shop)
    QTest.mouseClick(shop.window.page.header, Qt.MouseButton.LeftButton)
    assert not is_open(shop)
    assert shop.edit.text() == "/"


async def test_places_are_filled_one_after_another(shop, room):
    write(shop, "/tr")
    press(shop, Key.Key_Return)
    assert shop.edit.text() == "Into English for {{who}}, dear {{who}}: {{x}}!"
    assert shop.edit.textCursor().selectedText() == "{{who}}"
    assert len(shop.edit.extraSelections()) == 4
    write(shop, "Ann")
    press(shop, Key.Key_Tab)
    assert shop.edit.text() == "Into English for Ann, dear Ann: {{x}}!"
    press(shop, Key.Key_Tab)
    assert shop.edit.textCursor().selectedText() == "{{x}}"
    press(shop, Key.Key_Backtab)
    assert shop.edit.textCursor().selectedText() == "Ann"
    press(shop, Key.Key_Backtab)
    press(shop, Key.Key_Backtab)
    assert shop.edit.textCursor().selectedText() == "English"
    write(shop, "Basque")
    press(shop, Key.Key_Tab)
    press(shop, Key.Key_Tab)
    press(shop, Key.Key_Tab)
    compose(shop.edit, "", "a\u00a0b 𝄞")
    press(shop, Key.Key_Tab)
    assert shop.edit.textCursor().atEnd()
    assert shop.edit.extraSelections() == []
    press(shop, Key.Key_Return)
    await until(lambda: not room.desk.current.is_empty)
    assert room.desk.current.transcript[0].text == "Into Basque for Ann, dear Ann: a\u00a0b 𝄞!"


async def test_an_open_place_is_told_of_before_it_is_sent(shop, room):
    told = []
    shop.window.page.notice_wanted.connect(lambda _key, words, _tone: told.append(words))
    write(shop, "/tr")
    press(shop, Key.Key_Return)
    write(shop, "Ann")
    press(shop, Key.Key_Return)
    assert room.desk.current.is_empty
    assert told == ["Not filled in yet: “x”. Send once more to send it as it is."]
    assert shop.edit.textCursor().selectedText() == "{{x}}"
    press(shop, Key.Key_Return)
    await until(lambda: not room.desk.current.is_empty)
    assert room.desk.current.transcript[0].text == "Into English for Ann, dear Ann: {{x}}!"


async def test_a_place_in_a_draft_is_told_of_too(shop, room):
    told = []
    shop.window.page.notice_wanted.connect(lambda _key, words, _tone: told.append(words))
    shop.composer.set_text("For {{who}} and {{somebody}}")
    press(shop, Key.Key_Return)
    assert told == ["Not filled in yet: “who”. Send once more to send it as it is."]
    assert room.desk.current.is_empty


async def test_braces_of_ones_own_are_no_places(shop, room):
    write(shop, "Use {{mustache}}")
    press(shop, Key.Key_Return)
    await until(lambda: not room.desk.current.is_empty)


async def test_places_go_with_the_text_around_them(shop):
    write(shop, "/tr")
    press(shop, Key.Key_Return)
    press(shop, Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    write(shop, "plain")
    assert shop.edit.extraSelections() == []
    press(shop, Key.Key_Tab)
    assert shop.edit.text() == "plain"


async def test_undo_takes_the_prompt_back(shop):
    write(shop, "/su")
    press(shop, Key.Key_Return)
    shop.edit.undo()
    assert shop.edit.text() == "/su"


async def test_a_broken_file_is_said_in_the_list(shop):
    shop.prompts_file.problem = "prompts.toml, line 3: “text” has to be text."
    await shop.prompts.read()
    write(shop, "/")
    assert shop.popup.rows()[-1] == "prompts.toml, line 3: “text” has to be text."
    press(shop, Key.Key_Up)
    assert shop.popup.current.words == "Copied"


async def test_manage_leads_to_the_prompts(shop):
    wanted = []
    shop.door.prompts_wanted.connect(lambda: wanted.append(1))
    write(shop, "/")
    QTest.mouseClick(shop.popup.manage, Qt.MouseButton.LeftButton)
    assert wanted == [1]
    assert not is_open(shop)


async def test_an_at_sign_names_a_model_for_one_prompt(shop, room):
    write(shop, "Ask @")
    assert shop.popup.rows()[:3] == ("On this computer", "SmolLM2 135M (demo)", "Test service")
    write(shop, "model-y")
    assert shop.popup.rows() == ("Test service", "model-y")
    press(shop, Key.Key_Return)
    assert shop.edit.text() == "Ask "
    assert shop.composer.once == ModelRef("service", "model-y")
    chip = shop.door.companion.chip
    assert chip.isVisible()
    assert chip.words.text() == "@model-y at Test service answers this once"
    write(shop, "now")
    press(shop, Key.Key_Return)
    await until(lambda: room.desk.current.turn is None and len(room.desk.current.transcript) == 2)
    live = room.desk.current
    assert live.transcript[1].model == "model-y"
    assert (live.conversation.endpoint_id, live.conversation.model) == ("local", "SmolLM2 135M (demo)")
    assert room.endpoints.choice == ModelRef("local", "SmolLM2 135M (demo)")
    assert not chip.isVisible()
    assert shop.composer.once is None
    assert shop.kept.values[RECENT] == "service\tmodel-y"


async def test_backspace_at_the_start_drops_the_model(shop):
    write(shop, "@model-x")
    press(shop, Key.Key_Tab)
    write(shop, "ab")
    press(shop, Key.Key_Home)
    press(shop, Key.Key_Right)
    press(shop, Key.Key_Backspace)
    assert shop.composer.once is not None
    press(shop, Key.Key_Backspace)
    assert shop.composer.once is None
    assert shop.edit.text() == "b"
    write(shop, "@model-x")
    assert not is_open(shop)


async def test_the_chips_button_drops_it_too(shop):
    write(shop, "@model-x")
    press(shop, Key.Key_Tab)
    QTest.mouseClick(shop.door.companion.chip.close_button, Qt.MouseButton.LeftButton)
    assert shop.composer.once is None
    assert shop.edit.hasFocus()


@pytest.mark.parametrize(
    "text", ["me@example.org", "ask @ noon", "@nobody", "a@model-x", "@override", "cc @me", "x @model-x y"]
)
async def test_addresses_and_handles_are_sent_as_they_are(shop, room, text):
    write(shop, text)
    press(shop, Key.Key_Return)
    await until(lambda: not room.desk.current.is_empty)
    assert room.desk.current.transcript[0].text == text
    assert shop.composer.once is None


async def test_favourites_and_those_used_last_come_first(qloop, room):
    kept = Kept(**{RECENT: "service\tmodel-y\ngone\tx", FAVOURITES: "service\tmodel-x"})
    shop = Workshop(room, PROMPTS, kept=kept)
    await shop.show()
    write(shop, "@")
    assert shop.popup.rows() == (
        "Favourites", "model-x", "Used last", "model-y", "On this computer", "SmolLM2 135M (demo)",
    )  # fmt: skip
    await breathe(4)
    view = shop.popup.list
    box = view.visualRect(view.model().index(3, 0))
    QTest.mouseClick(
        view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(box.right() - 8, box.center().y())
    )
    assert shop.kept.values[FAVOURITES] == "service\tmodel-x\nservice\tmodel-y"
    assert shop.popup.rows()[:3] == ("Favourites", "model-x", "model-y")
    assert is_open(shop)
    await shop.close()


async def test_up_in_the_empty_composer_edits_the_last_prompt(shop, room):
    press(shop, Key.Key_Up)
    assert shop.edit.text() == ""
    for text in ("first", "second"):
        write(shop, text)
        press(shop, Key.Key_Return)
        await until(lambda: room.desk.current.turn is None and shop.edit.text() == "")
    press(shop, Key.Key_Up)
    assert shop.edit.text() == "second"
    press(shop, Key.Key_Escape)
    assert shop.edit.text() == ""
    press(shop, Key.Key_Up)
    write(shop, "!")
    press(shop, Key.Key_Return)
    await until(lambda: room.desk.current.turn is None and shop.edit.text() == "")
    prompts = [item for item in room.desk.current.transcript if item.role is Role.USER]
    assert [item.text for item in prompts] == ["first", "second!"]
    assert room.desk.current.siblings(prompts[1].id) == (1, 2)


async def test_up_belongs_to_the_text_and_to_the_input_method(shop, room):
    write(shop, "first")
    press(shop, Key.Key_Return)
    await until(lambda: room.desk.current.turn is None and shop.edit.text() == "")
    compose(shop.edit, "ni")
    press(shop, Key.Key_Up)
    assert shop.edit.text() == ""
    assert shop.edit.is_composing
    compose(shop.edit, "", "")
    press(shop, Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert shop.edit.text() == ""
    write(shop, "x")
    press(shop, Key.Key_Up)
    assert shop.edit.text() == "x"
