"""The window's actions by their keys: the shelf by numbers, parts of the window, Escape, Undo."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.doors import help_writing, open_doors
from desktop.ui.commands import settings_pages
from desktop.ui.preferences import Preferences
from tests.support.chatting import until
from tests.support.stage import Stage
from tests.support.windows import press

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


def title(room):
    return room.desk.current.conversation.title


async def test_numbers_open_conversations_as_the_shelf_shows_them(opened, room):
    window = opened.window
    press(window, Qt.Key.Key_3, CONTROL)
    await until(lambda: title(room) == "Old news")
    press(window, Qt.Key.Key_1, CONTROL)
    await until(lambda: title(room) == "Second thoughts")
    press(window, Qt.Key.Key_9, CONTROL)
    assert title(room) == "Second thoughts"
    window.search_everything()
    QTest.keyClicks(window.sidebar.search, "old")
    await until(lambda: room.shelf.finds.rowCount() > 0 and not room.shelf.finds.is_searching)
    press(window.sidebar.search, Qt.Key.Key_1, CONTROL)
    await until(lambda: title(room) == "Old news")


async def test_the_next_and_the_one_before_go_round(opened, room):
    window = opened.window
    edit = window.page.composer.edit
    press(edit, Qt.Key.Key_Tab, CONTROL)
    await until(lambda: title(room) == "Second thoughts")
    press(edit, Qt.Key.Key_PageDown, CONTROL)
    await until(lambda: title(room) == "First of all")
    press(edit, Qt.Key.Key_PageUp, CONTROL)
    await until(lambda: title(room) == "Second thoughts")
    press(edit, Qt.Key.Key_Backtab, CONTROL | SHIFT)
    await until(lambda: title(room) == "Old news")
    press(edit, Qt.Key.Key_Tab, CONTROL)
    await until(lambda: title(room) == "Second thoughts")


async def test_the_keyboard_goes_from_part_to_part(opened, room):
    window = opened.window
    press(window, Qt.Key.Key_1, CONTROL)
    await until(lambda: title(room) == "Second thoughts")
    sidebar, page = window.sidebar, window.page
    assert page.composer.edit.hasFocus()
    for part in (sidebar.search, sidebar.view, page.timeline, page.composer.edit):
        press(window.window().focusWidget(), Qt.Key.Key_F6)
        assert part.hasFocus()
    press(page.composer.edit, Qt.Key.Key_F6, SHIFT)
    assert page.timeline.hasFocus()


async def test_escape_closes_the_innermost_thing(opened, room):
    window = opened.window
    press(window, Qt.Key.Key_1, CONTROL)
    await until(lambda: title(room) == "Second thoughts")
    window.notices.show_notice("one", "Something happened.")
    press(window, Qt.Key.Key_F, CONTROL)
    assert window.page.timeline.find_bar.isVisible()
    window.page.focus_composer()
    edit = window.page.composer.edit
    press(edit, Qt.Key.Key_Escape)
    assert not window.page.timeline.find_bar.isVisible()
    assert len(window.notices.shown) == 1
    window.page.focus_composer()
    press(edit, Qt.Key.Key_Escape)
    assert window.notices.shown == ()


async def test_what_was_deleted_by_a_key_comes_back_by_a_key(opened, room):
    window = opened.window
    view = window.sidebar.view
    view.setFocus()
    view.setCurrentIndex(room.shelf.index(0))
    press(view, Qt.Key.Key_Delete)
    await until(lambda: room.shelf.rowCount() == 2)
    await until(lambda: bool(window.notices.shown))
    press(window, Qt.Key.Key_Z, ALT)
    await until(lambda: room.shelf.rowCount() == 3)
    assert not window.actions_["answer"].isEnabled()


async def test_the_bin_the_folders_and_the_archive_are_shown_and_left(opened, room):
    window = opened.window
    press(window, Qt.Key.Key_B, CONTROL)
    window.actions_.run("bin")
    assert window.sidebar.isVisible()
    assert window.sidebar.bin.isChecked()
    window.actions_.run("bin")
    assert not window.sidebar.bin.isChecked()
    window.actions_.run("archived")
    assert window.sidebar.place.name.text() == "Archive"
    window.actions_.run("archived")
    window.actions_.run("folders")
    assert window.sidebar.folders.isChecked()
    await until(lambda: not room.tasks.is_running("shelf"))


@pytest.fixture
async def whole(qloop, tmp_path):
    """The window with everything that the program puts into it."""
    stage = Stage.open(tmp_path)
    kept: dict[str, str] = {}
    open_doors(stage.core, stage.window)
    help_writing(stage.core, stage.window, stage.theme, Preferences(kept.get, kept.__setitem__))
    yield stage
    await stage.close()


async def test_no_two_actions_of_the_program_have_the_same_keys(whole):
    actions = whole.window.actions_
    for action in actions:
        assert actions.keys(action.name) == action.defaults, action.name
        for keys in action.defaults:
            owner = actions.owner_of(keys, action.name)
            assert owner is None, f"{keys.toString()}: {action.name} and {owner.name}"
        assert action.words.strip() == action.words != ""


async def test_every_page_of_the_settings_is_reached_by_an_action(whole):
    window = whole.window
    for name, _, _ in settings_pages():
        assert window.actions_.run(f"settings_{name}")
    names = [entry.name for entry in window.settings._entries]
    assert sorted(names) == sorted(name for name, _, _ in settings_pages())
    window.settings.hide()
