"""The shelf in a real window."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from desktop.ui.controls import direction_of
from tests.support.chatting import until
from tests.support.windows import add_conversation, breathe, press


@pytest.fixture
def view(opened):
    return opened.window.sidebar.view


def titles(shelf):
    return [shelf.index(row).data() for row in range(shelf.rowCount())]


def click_row(view, row, button=Qt.MouseButton.LeftButton):
    index = view.model().index(row, 0)
    place = view._delegate.row_rect(index, view.visualRect(index))
    QTest.mouseClick(view.viewport(), button, pos=place.center())


async def test_groups_stand_over_their_first_row(view, room):
    starts = [view._delegate.starts_group(room.shelf.index(row)) for row in range(3)]
    assert titles(room.shelf) == ["Second thoughts", "First of all", "Old news"]
    assert starts == [True, False, True]
    assert view.group_words("today") == "Today"
    assert view.group_words("2020-11").endswith("2020")


async def test_a_click_opens_a_conversation(view, room):
    click_row(view, 1)
    await until(lambda: room.desk.current.conversation.title == "First of all")
    assert view.current_id == room.desk.current.conversation.id


async def test_a_click_on_a_groups_name_opens_nothing(view, room):
    before = room.desk.current
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(40, 8))
    await breathe()
    assert room.desk.current is before


async def test_arrows_and_enter_open(view, room):
    view.setFocus(Qt.FocusReason.TabFocusReason)
    press(view, Qt.Key.Key_Down)
    press(view, Qt.Key.Key_Return)
    await until(lambda: room.desk.current.conversation.title == "First of all")


async def test_f2_renames_in_place(view, room):
    view.setFocus(Qt.FocusReason.TabFocusReason)
    press(view, Qt.Key.Key_F2)
    editor = view.findChild(QLineEdit)
    QTest.keyClicks(editor, "Third attempt")
    press(editor, Qt.Key.Key_Return)
    await breathe()
    assert titles(room.shelf)[0] == "Third attempt"
    assert room.desk.current.is_empty


async def test_delete_moves_to_the_bin(view, room):
    view.setFocus(Qt.FocusReason.TabFocusReason)
    press(view, Qt.Key.Key_Delete)
    await until(lambda: room.shelf.rowCount() == 2)
    assert titles(room.shelf) == ["First of all", "Old news"]


async def test_the_menu_renames_pins_and_deletes(view, room):
    menu = view.menu_of(room.shelf.index(2))
    assert [action.text() for action in menu.actions()] == ["Rename", "Pin", "Delete"]
    menu.actions()[1].trigger()
    await breathe()
    assert titles(room.shelf)[0] == "Old news"
    assert room.shelf.index(0).data(room.shelf.Role.GROUP) == "pinned"
    menu.deleteLater()


async def test_the_menu_pops_up_and_goes(view, room):
    menu = view.menu_of(room.shelf.index(0))
    menu.popup(view.mapToGlobal(QPoint(10, 10)))
    await until(menu.isVisible)
    press(menu, Qt.Key.Key_Escape)
    await breathe()


async def test_search_narrows_and_arrow_down_leads_into_the_list(opened, room):
    sidebar = opened.window.sidebar
    sidebar.focus_search()
    QTest.keyClicks(sidebar.search, "news")
    press(sidebar.search, Qt.Key.Key_Down)
    await until(lambda: titles(room.shelf) == ["Old news"])
    await until(sidebar.view.hasFocus)
    assert sidebar.view.group_words(room.shelf.index(0).data(room.shelf.Role.GROUP)) == "Found"
    sidebar.focus_search()
    press(sidebar.search, Qt.Key.Key_Escape)
    await until(lambda: room.shelf.rowCount() == 3)
    assert sidebar.search.keys.isVisible()


async def test_a_search_without_a_find_says_what_to_do(opened, room):
    sidebar = opened.window.sidebar
    sidebar.focus_search()
    QTest.keyClicks(sidebar.search, "zebra")
    await until(lambda: room.shelf.rowCount() == 0)
    assert "fewer" in sidebar.empty.text()
    assert sidebar.empty.isVisible()


async def test_titles_are_text_and_read_in_their_own_direction(opened, room):
    assert direction_of("مراجعة العقد") is Qt.LayoutDirection.RightToLeft
    assert direction_of("1. Ünïcode") is Qt.LayoutDirection.LeftToRight
    assert direction_of("123") is Qt.LayoutDirection.LeftToRight
    add_conversation(room, "<b>not bold</b>")
    room.shelf.load()
    await until(lambda: room.shelf.rowCount() == 4)
    opened.window.grab()


async def test_a_thousand_rows_scroll_without_a_stall(opened, room):
    for number in range(1000):
        add_conversation(room, f"Conversation {number}", age_ms=number * 3_600_000)
    room.shelf.load()
    await until(lambda: room.shelf.rowCount() >= 200)
    view = opened.window.sidebar.view
    view.scrollToBottom()
    await until(lambda: room.shelf.rowCount() >= 400)
