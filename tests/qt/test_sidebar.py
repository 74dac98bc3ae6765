"""The shelf in a real window."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMessageBox

from desktop.domain.message import TextPart
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
    words = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert words[:5] == ["Rename", "Pin", "Move to", "Tags", "Archive"]
    assert words[-1] == "Delete"
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


async def test_search_shows_what_was_found_and_the_keys_open_it(opened, room):
    sidebar = opened.window.sidebar
    sidebar.focus_search()
    QTest.keyClicks(sidebar.search, "news")
    await until(lambda: room.shelf.finds.rowCount() == 1)
    assert sidebar.hits.isVisible()
    assert not sidebar.view.isVisible()
    assert "1 found" in sidebar.head.words.text()
    press(sidebar.search, Qt.Key.Key_Down)
    press(sidebar.search, Qt.Key.Key_Return)
    await until(lambda: room.desk.current.conversation.title == "Old news")
    sidebar.focus_search()
    press(sidebar.search, Qt.Key.Key_Escape)
    await until(sidebar.view.isVisible)
    assert sidebar.search.keys.isVisible()


async def test_a_hit_shows_the_very_message(opened, room):
    asked = add_conversation(room, "Long ago", age_ms=90 * 86_400_000, text="a marmalade recipe")
    sidebar = opened.window.sidebar
    sidebar.focus_search()
    QTest.keyClicks(sidebar.search, "marmalade")
    await until(lambda: room.shelf.finds.rowCount() == 2)
    press(sidebar.search, Qt.Key.Key_Down)
    hit = room.shelf.finds.hit(1)
    press(sidebar.search, Qt.Key.Key_Return)
    await until(lambda: room.desk.current.conversation.id == asked)
    assert hit.message_id in {message.id for message in room.desk.current.transcript}
    await until(lambda: opened.window.page.timeline.page.spot_of(hit.message_id) is not None)
    assert sidebar.search.text() == "marmalade"


async def test_without_a_search_arrow_down_leads_into_the_list(opened, room):
    sidebar = opened.window.sidebar
    sidebar.focus_search()
    press(sidebar.search, Qt.Key.Key_Down)
    await until(sidebar.view.hasFocus)


async def test_a_search_without_a_find_says_what_to_do(opened, room):
    sidebar = opened.window.sidebar
    sidebar.focus_search()
    QTest.keyClicks(sidebar.search, "zebra")
    await until(sidebar.empty.isVisible)
    assert "fewer" in sidebar.empty.text()


async def test_filters_are_typed_by_their_menu(opened, room):
    sidebar = opened.window.sidebar
    sidebar.focus_search()
    QTest.keyClicks(sidebar.search, "news")
    menu = sidebar.filters.build()
    code = next(action for action in menu.actions() if action.text() == "Has code")
    code.trigger()
    assert sidebar.search.text() == "news has:code "
    assert room.shelf.finds is not None
    menu.deleteLater()


async def test_several_rows_are_chosen_and_sorted_together(view, room):
    click_row(view, 0)
    row = view.visualRect(room.shelf.index(2))
    QTest.mouseClick(
        view.viewport(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.ShiftModifier,
        view._delegate.row_rect(room.shelf.index(2), row).center(),
    )
    assert len(view.chosen_ids) == 3
    menu = view.menu_of(room.shelf.index(1))
    archive = next(action for action in menu.actions() if action.text() == "Archive")
    archive.trigger()
    await until(lambda: room.shelf.rowCount() == 0)
    assert all(row.archived for row in room.history.conversations.values())
    menu.deleteLater()


async def test_the_bin_gives_back_and_empties(opened, room):
    sidebar = opened.window.sidebar
    name = room.shelf.index(2).data(room.shelf.Role.ID)
    room.shelf.delete(name)
    await until(lambda: room.shelf.rowCount() == 2)
    sidebar.bin.click()
    await until(lambda: titles(room.shelf) == ["Old news"])
    assert sidebar.place.name.text() == "Bin"
    sidebar.view.menu_of(room.shelf.index(0)).actions()[0].trigger()
    await until(lambda: room.shelf.rowCount() == 0)
    assert sidebar.empty.isVisible()
    sidebar.place.back.click()
    await until(lambda: room.shelf.rowCount() == 3)
    room.shelf.delete(name)
    await until(lambda: room.shelf.rowCount() == 2)
    sidebar.bin.click()
    await until(lambda: room.shelf.rowCount() == 1)
    sidebar.place.action.click()
    box = sidebar.findChild(QMessageBox)
    await until(box.isVisible)
    next(each for each in box.buttons() if "for good" in each.text()).click()
    await until(lambda: name not in room.history.conversations)
    await until(lambda: room.shelf.rowCount() == 0)
    await breathe()


async def test_conversations_are_dropped_on_a_folder(opened, room):
    sidebar = opened.window.sidebar
    folder = room.shelf.order.add_folder("Work")
    await until(lambda: room.shelf.order.folder(folder) is not None)
    sidebar.folders.click()
    places = sidebar.panel.list
    assert [places.item(row).text() for row in range(places.count())] == [
        "All conversations",
        "Work",
        "Archive",
    ]
    dragged = room.shelf.mimeData([room.shelf.index(0), room.shelf.index(1)])
    at = places.visualItemRect(places.item(1)).center()
    drop = QDropEvent(
        at.toPointF(),
        Qt.DropAction.MoveAction,
        dragged,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    places.dropEvent(drop)
    await until(lambda: room.shelf.order.folder(folder).count == 2)
    QTest.mouseClick(places.viewport(), Qt.MouseButton.LeftButton, pos=at)
    await until(lambda: room.shelf.rowCount() == 2)
    assert sidebar.place.name.text() == "Work"
    room.shelf.order.delete_folder(folder)
    await until(lambda: room.shelf.rowCount() == 3)
    (notice,) = opened.window.notices.shown
    assert notice.words.text() == "The folder “Work” was deleted. What was in it is kept."
    notice.action.click()
    await until(lambda: room.shelf.order.folder(folder) is not None)
    await until(lambda: room.shelf.order.folder(folder).count == 2)


async def test_the_list_looks_at_rows_on_screen_alone(view, room):
    rows = view.rows
    tops = [view.visualRect(room.shelf.index(row)).top() for row in range(3)]
    assert tops == sorted(tops)
    for row in range(3):
        assert rows.at(rows.top(row)) == row
        assert rows.at(rows.top(row) + rows.height_of(row) - 1) == row
    assert rows.at(rows.height) == -1


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


async def test_the_rest_of_a_long_conversation_comes_without_moving_what_is_seen(opened, room):
    asked = add_conversation(room, "Long one", text="the beginning")
    parent = next(each for each in room.history.messages.values() if each.conversation_id == asked)
    for number in range(60):
        parent = replace(
            parent, id=f"long{number}", parent_id=parent.id, parts=(TextPart(f"line {number} " * 30),)
        )
        room.history.messages[parent.id] = parent
    room.history.conversations[asked] = replace(room.history.conversations[asked], head_id=parent.id)
    room.history.end_only = 12
    room.shelf.load()
    room.desk.open(asked)
    await until(lambda: room.desk.current.conversation.id == asked)
    timeline = opened.window.page.timeline
    await until(lambda: bool(timeline.page.spots))
    timeline.scroll_by(-150)
    seen = [(spot.item.message.id, spot.y) for spot in timeline.page.spots]
    assert not timeline.is_followed
    await until(lambda: room.desk.current.is_whole)
    assert [(spot.item.message.id, spot.y) for spot in timeline.page.spots] == seen
    assert len(timeline.page.messages) == 61
    room.desk.open(asked, "long3")
    await until(lambda: timeline.marker.message_id == "long3")
    assert timeline.page.spot_of("long3") is not None


async def test_several_deleted_at_once_come_back_at_once(opened, view, room):
    view.setFocus(Qt.FocusReason.TabFocusReason)
    view.selectAll()
    press(view, Qt.Key.Key_Delete)
    await until(lambda: room.shelf.rowCount() == 0)
    notice = opened.window.notices.shown[-1]
    assert "3 conversations" in notice.words.text()
    notice.action.click()
    await until(lambda: room.shelf.rowCount() == 3)
