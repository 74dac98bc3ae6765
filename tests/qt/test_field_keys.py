"""Text fields under an input method, and characters of several code points, in every kind of field."""

import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget

from desktop.domain.template import Template
from desktop.ui.field_keys import commit_composed, watch_fields
from desktop.ui.settings.prompts import prompts_page
from tests.support.chatting import until
from tests.support.composing import FLAG, SYLLABLE, WHOLE, compose, units
from tests.support.windows import breathe, bring_forward, press
from tests.support.writing import Workshop

Key = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier
OWN = (Key.Key_Return, Key.Key_Enter, Key.Key_Tab, Key.Key_Backtab, Key.Key_Escape, Key.Key_Down, Key.Key_Up)
KINDS = (QLineEdit, QPlainTextEdit, QTextEdit)


class Fields(QWidget):
    """A window with a field of each kind."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[int] = []
        rows = QVBoxLayout(self)
        self.fields = {kind: kind() for kind in KINDS}
        for field in self.fields.values():
            rows.addWidget(field)

    def keyPressEvent(self, event) -> None:
        self.keys.append(event.key())


@pytest.fixture
def fields(qtbot):
    watch_fields(QApplication.instance())
    made = Fields()
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def put(field, text):
    (field.setText if isinstance(field, QLineEdit) else field.setPlainText)(text)


def text_of(field):
    return field.text() if isinstance(field, QLineEdit) else field.toPlainText()


def caret(field):
    return field.cursorPosition() if isinstance(field, QLineEdit) else field.textCursor().position()


def chosen(field):
    return field.selectedText() if isinstance(field, QLineEdit) else field.textCursor().selectedText()


def set_caret(field, at):
    if isinstance(field, QLineEdit):
        field.setCursorPosition(at)
        return
    cursor = field.textCursor()
    cursor.setPosition(at)
    field.setTextCursor(cursor)


# Whole characters


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("character", WHOLE, ids=ascii)
def test_backspace_takes_a_whole_character_and_undo_brings_it_back_at_once(fields, kind, character):
    field = fields.fields[kind]
    field.setFocus()
    put(field, f"x{character}y")
    set_caret(field, 1 + units(character))
    press(field, Key.Key_Backspace)
    assert text_of(field) == "xy"
    assert caret(field) == 1
    field.undo()
    assert text_of(field) == f"x{character}y"
    field.redo()
    assert text_of(field) == "xy"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("character", [*WHOLE, SYLLABLE], ids=ascii)
def test_delete_arrows_and_selecting_take_a_whole_character(fields, kind, character):
    field = fields.fields[kind]
    field.setFocus()
    put(field, f"x{character}y")
    set_caret(field, 1)
    press(field, Key.Key_Right)
    assert caret(field) == 1 + units(character)
    press(field, Key.Key_Left)
    assert caret(field) == 1
    press(field, Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert chosen(field) == character
    set_caret(field, 1)
    press(field, Key.Key_Delete)
    assert text_of(field) == "xy"
    field.undo()
    assert text_of(field) == f"x{character}y"


@pytest.mark.parametrize("kind", KINDS)
def test_a_flag_behind_an_emoji_stays_whole_too(fields, kind):
    field = fields.fields[kind]
    field.setFocus()
    text = f"x😀{FLAG}y"
    put(field, text)
    set_caret(field, units(text))
    places = []
    for _ in range(4):
        press(field, Key.Key_Left)
        places.append(caret(field))
    assert places == [7, 3, 1, 0]
    for expected in (1, 3, 7):
        press(field, Key.Key_Right)
        assert caret(field) == expected
    press(field, Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert chosen(field) == FLAG
    set_caret(field, 7)
    press(field, Key.Key_Backspace)
    assert text_of(field) == "x😀y"
    field.undo()
    assert text_of(field) == text
    set_caret(field, 3)
    press(field, Key.Key_Delete)
    assert text_of(field) == "x😀y"


@pytest.mark.parametrize("kind", KINDS)
def test_a_syllable_that_is_written_sign_by_sign_is_mended_so(fields, kind):
    field = fields.fields[kind]
    field.setFocus()
    put(field, SYLLABLE)
    set_caret(field, len(SYLLABLE))
    press(field, Key.Key_Backspace)
    assert text_of(field) == SYLLABLE[:-1]


@pytest.mark.parametrize("kind", KINDS)
def test_plain_letters_and_selections_are_left_to_qt(fields, kind):
    field = fields.fields[kind]
    field.setFocus()
    put(field, f"ab{WHOLE[0]}")
    set_caret(field, 2)
    press(field, Key.Key_Backspace)
    assert text_of(field) == f"a{WHOLE[0]}"
    field.selectAll()
    press(field, Key.Key_Backspace)
    assert text_of(field) == ""
    press(field, Key.Key_Backspace)
    assert text_of(field) == ""


def test_a_field_that_may_not_be_changed_is_not(fields):
    field = fields.fields[QLineEdit]
    field.setFocus()
    put(field, WHOLE[0])
    field.setReadOnly(True)
    press(field, Key.Key_Backspace)
    assert text_of(field) == WHOLE[0]
    assert not chosen(field)


# Composing


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", OWN)
def test_the_keys_of_an_input_method_reach_nobody_while_it_composes(fields, kind, key):
    field = fields.fields[kind]
    field.setFocus()
    put(field, "")
    compose(field, "ni")
    press(field, key)
    assert fields.keys == []
    assert field.hasFocus()
    compose(field, "", commit="你")
    assert text_of(field) == "你"
    press(field, Key.Key_Escape)
    assert fields.keys == [Key.Key_Escape]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_composed_is_put_in_when_the_field_is_left(fields, kind):
    field = fields.fields[kind]
    other = next(each for each in fields.fields.values() if each is not field)
    field.setFocus()
    put(field, "a")
    set_caret(field, 1)
    compose(field, "ni")
    other.setFocus()
    assert text_of(field) == "ani"
    assert text_of(other) == ""


@pytest.mark.parametrize("kind", KINDS)
def test_a_click_elsewhere_in_the_text_leaves_what_is_composed_where_it_is(fields, kind):
    field = fields.fields[kind]
    field.setFocus()
    put(field, "abc")
    set_caret(field, 3)
    compose(field, "ni")
    target = field if isinstance(field, QLineEdit) else field.viewport()
    QTest.mouseClick(target, Qt.MouseButton.LeftButton, pos=QPoint(2, target.height() // 2))
    assert text_of(field) == "abcni"


@pytest.mark.parametrize("kind", KINDS)
def test_what_an_input_method_drops_as_the_field_is_left_is_kept(fields, kind):
    field = fields.fields[kind]
    other = next(each for each in fields.fields.values() if each is not field)
    field.setFocus()
    put(field, "")
    compose(field, "ni")
    # Qt asks for it to be committed, and Pinyin under IBus forgets it instead.
    compose(field, "")
    other.setFocus()
    assert text_of(field) == "ni"


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_writer_takes_back_is_gone(fields, kind, qtbot):
    field = fields.fields[kind]
    other = next(each for each in fields.fields.values() if each is not field)
    field.setFocus()
    put(field, "")
    compose(field, "ni")
    compose(field, "")
    qtbot.waitUntil(lambda: not watch_fields(QApplication.instance())._dropped)
    other.setFocus()
    assert text_of(field) == ""


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_that_is_set_anew_ends_the_composing(fields, kind):
    field = fields.fields[kind]
    field.setFocus()
    compose(field, "ni")
    assert watch_fields(QApplication.instance()).is_composing
    put(field, "other")
    assert not watch_fields(QApplication.instance()).is_composing
    press(field, Key.Key_Escape)
    assert fields.keys == [Key.Key_Escape]


@pytest.mark.parametrize("kind", KINDS)
def test_one_part_may_be_put_in_while_the_next_is_composed(fields, kind):
    field = fields.fields[kind]
    field.setFocus()
    put(field, "")
    compose(field, "hao", commit="你")
    press(field, Key.Key_Return)
    assert fields.keys == []
    commit_composed(fields)
    assert text_of(field) == "你hao"
    commit_composed(fields)
    assert text_of(field) == "你hao"


def test_a_field_that_goes_while_it_composes_is_forgotten(fields, qtbot):
    field = fields.fields[QLineEdit]
    field.setFocus()
    compose(field, "ni")
    shiboken6.delete(field)
    assert not watch_fields(QApplication.instance()).is_composing
    fields.fields[QTextEdit].setFocus()
    commit_composed(fields)


# The fields of the program


async def _hold(field, *, holds=OWN):
    """Compose in a field and press what an input method may let through; the field stays as it is."""
    await until(field.hasFocus)
    put(field, "")
    compose(field, "ni")
    for key in holds:
        press(field, key)
        await breathe(1)
        assert field.isVisible()
        assert field.hasFocus()
    compose(field, "", commit="你")
    assert text_of(field) == "你"


async def test_the_palette_waits_for_the_input_method(opened):
    window = opened.window
    press(window, Key.Key_K, CONTROL)
    palette = window._palette
    await _hold(palette.edit)
    assert palette.isVisible()
    press(palette.edit, Key.Key_Escape)
    assert not palette.isVisible()


async def test_the_search_of_the_shelf_waits_for_the_input_method(opened):
    field = opened.window.sidebar.search
    field.setFocus()
    entered = []
    moved = []
    field.entered.connect(lambda: entered.append(1))
    field.moved.connect(moved.append)
    await _hold(field)
    assert entered == []
    assert moved == []
    press(field, Key.Key_Down)
    assert moved == [1]


async def test_renaming_in_the_shelf_waits_for_the_input_method(opened, room):
    view = opened.window.sidebar.view
    view.setFocus()
    view.setCurrentIndex(room.shelf.index(0))
    press(view, Key.Key_F2)
    await until(lambda: isinstance(QApplication.focusWidget(), QLineEdit))
    editor = QApplication.focusWidget()
    await _hold(editor)
    press(editor, Key.Key_Return)
    await until(lambda: room.shelf.index(0).data() == "你")


async def test_the_title_waits_for_the_input_method_and_keeps_what_was_composed(opened):
    window = opened.window
    title = window.page.header.title
    renamed = []
    title.renamed.connect(renamed.append)
    title.edit()
    await _hold(title.field)
    assert renamed == []
    compose(title.field, "hao")
    window.page.composer.edit.setFocus()
    assert renamed == ["你hao"]


async def test_the_search_in_a_conversation_waits_for_the_input_method(opened, room):
    window = opened.window
    window.open_conversation(next(iter(room.history.conversations)))
    await until(lambda: bool(room.desk.current.transcript))
    window.actions_.run("find")
    await until(lambda: isinstance(QApplication.focusWidget(), QLineEdit))
    await _hold(QApplication.focusWidget())


async def test_the_list_of_models_waits_for_the_input_method(opened):
    window = opened.window
    window.toggle_models()
    await _hold(window.popup.filter)
    assert window.popup.isVisible()


async def test_a_form_of_the_settings_waits_for_the_input_method(qloop, room):
    workshop = Workshop(room)
    window = await workshop.show()
    settings = window.settings
    settings.add_page("prompts", "Prompts", "prompts", lambda: prompts_page(workshop.theme, workshop.prompts))
    page = settings.show_page("prompts")
    await bring_forward(settings)
    await workshop.prompts.read()
    page.list.new.click()
    form = page.editor
    form.text.setPlainText("Sum up.")
    form.name.setFocus()
    await _hold(form.name)
    assert workshop.prompts_file.kept.own == ()
    press(form.name, Key.Key_Return)
    await until(lambda: [each.name for each in workshop.prompts_file.kept.own] == ["你"])
    await workshop.close()


async def test_the_options_wait_for_the_input_method(opened, room):
    page = opened.window.page
    page.header.tune.click()
    await until(page.options.isVisible)
    field = page.options.findChild(QPlainTextEdit)
    field.setFocus()
    await _hold(field, holds=(Key.Key_Tab, Key.Key_Escape))
    press(field, Key.Key_Escape)
    assert not page.options.isVisible()


async def test_the_offers_of_the_composer_wait_for_the_input_method(qloop, room):
    workshop = Workshop(room, (Template(id="s", name="Summarise", text="Sum"),))
    await workshop.show()
    await workshop.prompts.read()
    edit = workshop.edit
    edit.setFocus()
    QTest.keyClicks(edit, "/")
    await until(workshop.popup.isVisible)
    compose(edit, "ni")
    for key in OWN:
        press(edit, key)
    assert edit.toPlainText() == "/"
    assert room.desk.current.turn is None
    compose(edit, "", commit="你")
    assert edit.toPlainText() == "/你"
    await workshop.close()


async def test_what_is_composed_is_kept_when_another_conversation_is_shown(opened, room):
    window = opened.window
    edit = window.page.composer.edit
    edit.setFocus()
    first, second = list(room.history.conversations)[:2]
    window.open_conversation(first)
    await until(lambda: room.desk.current.conversation.id == first)
    QTest.keyClicks(edit, "Say ")
    compose(edit, "ni")
    window.open_conversation(second)
    await until(lambda: room.desk.current.conversation.id == second)
    assert edit.toPlainText() == ""
    window.open_conversation(first)
    await until(lambda: room.desk.current.conversation.id == first)
    assert edit.toPlainText() == "Say ni"


async def test_what_is_composed_is_kept_when_the_window_closes(opened, room):
    window = opened.window
    edit = window.page.composer.edit
    edit.setFocus()
    QTest.keyClicks(edit, "Say ")
    compose(edit, "ni")
    window.leave()
    assert room.desk.drafts.text("") == "Say ni"


async def test_an_earlier_prompt_that_is_changed_is_not_sent_while_it_is_composed(opened, room):
    window = opened.window
    window.open_conversation(next(iter(room.history.conversations)))
    await until(lambda: bool(room.desk.current.transcript))
    composer = window.page.composer
    await until(composer.edit.hasFocus)
    press(composer.edit, Key.Key_Up)
    await until(lambda: composer.text() == "Hi")
    compose(composer.edit, "ni")
    for key in (Key.Key_Return, Key.Key_Escape, Key.Key_Up):
        press(composer.edit, key)
    assert composer.cancel.isVisible()
    assert room.desk.current.turn is None
    compose(composer.edit, "", commit="你")
    assert composer.text() == "Hi你"
