"""The command palette: keys in, actions, conversations and models out."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest

from desktop.domain.endpoint import ModelRef
from desktop.ui.actions import Group
from desktop.ui.palette.rows import Kind
from tests.support.chatting import until
from tests.support.windows import add_conversation, breathe, press

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
async def palette(qloop, opened, room):
    window = opened.window
    press(window, Qt.Key.Key_K, CONTROL)
    await until(lambda: room.shelf.jumps.recent)
    return window._palette


def words(palette):
    return [row.words for row in palette.rows()]


async def test_it_opens_with_the_latest_conversations_and_all_actions(palette, opened):
    assert palette.isVisible()
    assert palette.edit.hasFocus()
    shown = words(palette)
    assert shown.index("Second thoughts") < shown.index("First of all") < shown.index("Old news")
    for action in opened.window.actions_:
        assert (action.words in shown) is action.in_palette
    assert next(row.note for row in palette.rows() if row.words == "New conversation") == "Ctrl+N"


async def test_letters_find_an_action_and_enter_does_it(palette, opened):
    QTest.keyClicks(palette.edit, "shoshelf")
    assert palette.current.words == "Show or hide the shelf"
    assert palette.current.marks
    press(palette.edit, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert not opened.window.sidebar.isVisible()


async def test_a_conversation_is_found_by_its_title_and_opened(palette, opened, room):
    QTest.keyClicks(palette.edit, "second")
    assert palette.current.kind is Kind.CONVERSATION
    press(palette.edit, Qt.Key.Key_Return)
    await until(lambda: room.desk.current.conversation.title == "Second thoughts")
    assert opened.window.page.composer.edit.hasFocus()


async def test_any_title_of_the_history_is_found_not_the_latest_alone(opened, room):
    for number in range(300):
        add_conversation(room, f"Filler {number}", age_ms=1000)
    add_conversation(room, "Šibenik et Århus", age_ms=10**10)
    add_conversation(room, "京都の旅行", age_ms=10**10)
    press(opened.window, Qt.Key.Key_K, CONTROL)
    palette = opened.window._palette
    await until(lambda: len(room.shelf.jumps.recent) == 200)
    QTest.keyClicks(palette.edit, "Århus")
    await until(lambda: words(palette) == ["Šibenik et Århus"])
    palette.edit.setText("旅行")
    await until(lambda: words(palette) == ["京都の旅行"])
    assert palette.current.marks == ((3, 2),)


async def test_a_model_is_chosen_by_its_name(palette, room):
    QTest.keyClicks(palette.edit, "model-x")
    row = next(row for row in palette.rows() if row.kind is Kind.MODEL)
    assert row.note == "Test service"
    palette.edit.setText("model-x test")
    await until(lambda: palette.current.kind is Kind.MODEL)
    press(palette.edit, Qt.Key.Key_Return)
    assert room.endpoints.choice == ModelRef("service", "model-x")


async def test_keys_lead_through_the_list(palette):
    rows = [row for row in palette.rows() if row.kind is not Kind.GROUP]
    assert palette.current == rows[0]
    press(palette.edit, Qt.Key.Key_Down)
    assert palette.current == rows[1]
    press(palette.edit, Qt.Key.Key_Up)
    press(palette.edit, Qt.Key.Key_Up)
    assert palette.current == rows[-1]
    press(palette.edit, Qt.Key.Key_Home)
    assert palette.current == rows[0]
    press(palette.edit, Qt.Key.Key_PageDown)
    assert palette.current == rows[8]
    press(palette.edit, Qt.Key.Key_PageUp)
    assert palette.current == rows[0]
    press(palette.edit, Qt.Key.Key_End)
    assert palette.current == rows[-1]
    press(palette.edit, Qt.Key.Key_Tab)
    assert palette.current == rows[0]


async def test_escape_closes_it_and_the_keyboard_goes_back(palette, opened):
    assert palette.edit.hasFocus()
    press(palette.edit, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    assert opened.window.page.composer.edit.hasFocus()
    press(opened.window, Qt.Key.Key_K, CONTROL)
    press(opened.window, Qt.Key.Key_K, CONTROL)
    assert not palette.isVisible()


async def test_a_press_beside_it_closes_it(palette, opened):
    QTest.mouseClick(opened.window.page.header, Qt.MouseButton.LeftButton, pos=opened.window.rect().topLeft())
    assert not palette.isVisible()


async def test_a_click_does_what_the_row_says(palette, opened):
    QTest.keyClicks(palette.edit, "larger")
    place = palette.list.visualRect(palette.list.currentIndex()).center()
    QTest.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened.theme.zoom > 1.0


async def test_what_can_not_be_done_now_is_last_and_does_nothing(palette, opened):
    QTest.keyClicks(palette.edit, "stop the reply")
    row = next(row for row in palette.rows() if row.words == "Stop the reply")
    assert not row.is_possible
    assert row.spoken.endswith("not possible now")
    press(palette.edit, Qt.Key.Key_Return)
    assert palette.isVisible()


async def test_what_was_done_lately_comes_first(palette, opened):
    QTest.keyClicks(palette.edit, "larger")
    press(palette.edit, Qt.Key.Key_Return)
    press(opened.window, Qt.Key.Key_K, CONTROL)
    assert words(palette)[:2] == ["Done lately", "Larger text and controls"]
    assert opened.kept.values["palette.recent"] == "zoom_in"


async def test_an_action_that_another_part_adds_is_there_at_once(palette, opened):
    done = []
    opened.window.actions_.add(
        "invented", "Whistle a tune", lambda: done.append(1), "Ctrl+U", group=Group.PROGRAM, also="melody"
    )
    QTest.keyClicks(palette.edit, "melody")
    assert palette.current.words == "Whistle a tune"
    press(palette.edit, Qt.Key.Key_Return)
    assert done == [1]


async def test_it_says_when_nothing_fits(palette):
    QTest.keyClicks(palette.edit, "zzqqzz")
    await breathe()
    assert palette.words.isVisible()
    assert not palette.list.isVisible()
    press(palette.edit, Qt.Key.Key_Return)
    assert palette.isVisible()


async def test_a_screen_reader_finds_names_and_rows(palette):
    edit = QAccessible.queryAccessibleInterface(palette.edit)
    assert edit.text(QAccessible.Text.Name) == "An action, a conversation or a model"
    listed = QAccessible.queryAccessibleInterface(palette.list)
    assert listed.role() in (QAccessible.Role.List, QAccessible.Role.Table)
    spoken = [row.spoken for row in palette.rows()]
    assert any(text.startswith("Second thoughts, conversation, ") for text in spoken)
