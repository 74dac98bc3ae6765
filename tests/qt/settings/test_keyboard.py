"""Settings, Keyboard: keys are found, pressed anew, refused in words, taken over and reset."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QWidget

from desktop.ui.actions import Action
from tests.support.windows import Kept, OpenWindow, breathe, bring_forward, press

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
async def page(qloop, opened):
    page = opened.window.settings.show_page("keyboard")
    await bring_forward(opened.window.settings)
    return page


def keys(opened, name):
    return [each.toString() for each in opened.window.actions_.keys(name)]


async def test_every_action_is_listed_with_its_keys(page, opened):
    listed = [row.name for row in page._model.rows if isinstance(row, Action)]
    assert sorted(listed) == sorted(action.name for action in opened.window.actions_)
    page.choose("new")
    assert page.name.text() == "New conversation"
    assert page.keys.text() == "Ctrl+N"
    assert not page.reset.isVisible()


async def test_pressed_keys_take_the_place_of_the_old_ones_and_are_kept(page, opened):
    page.choose("new")
    page.list.setFocus()
    press(page.list, Qt.Key.Key_Return)
    assert page.recorder.hasFocus()
    press(page.recorder, Qt.Key.Key_J, CONTROL | ALT | SHIFT)
    assert keys(opened, "new") == ["Ctrl+N"]
    press(page.recorder, Qt.Key.Key_J, CONTROL)
    assert keys(opened, "new") == ["Ctrl+J"]
    assert page.keys.text() == "Ctrl+J"
    assert opened.kept.values["keys.new"] == "Ctrl+J"
    assert page.list.hasFocus()
    page.reset.click()
    assert keys(opened, "new") == ["Ctrl+N"]
    assert opened.kept.values["keys.new"] == ""


async def test_other_keys_can_stand_beside_the_first_and_all_can_go(page, opened):
    page.choose("new")
    page.more.click()
    press(page.recorder, Qt.Key.Key_F7)
    assert keys(opened, "new") == ["Ctrl+N", "F7"]
    page.clear.click()
    assert keys(opened, "new") == []
    assert opened.kept.values["keys.new"] == "none"
    assert page.keys.text() == "No keys"


@pytest.mark.parametrize(
    ("key", "held", "words"),
    [
        (Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, "alone writes a character"),
        (Qt.Key.Key_C, CONTROL, "needed for writing"),
        (Qt.Key.Key_Backspace, CONTROL, "needed for writing"),
        (Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier, "needed for writing"),
        (Qt.Key.Key_Return, CONTROL, "needed for writing"),
        (Qt.Key.Key_Space, CONTROL, "input methods"),
        (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier, "needed for writing"),
        (Qt.Key.Key_E, CONTROL | ALT, "AltGr"),
    ],
)
async def test_keys_that_writing_needs_are_refused_in_words(page, opened, key, held, words):
    page.choose("new")
    page.change.click()
    press(page.recorder, key, held)
    assert words in page.problem.text()
    assert page.recorder.isVisible()
    assert keys(opened, "new") == ["Ctrl+N"]


async def test_keys_of_another_action_are_taken_over_only_when_told_to(page, opened):
    page.choose("new")
    page.change.click()
    press(page.recorder, Qt.Key.Key_B, CONTROL)
    assert "Show or hide the shelf" in page.problem.text()
    assert keys(opened, "new") == ["Ctrl+N"]
    assert page.take.hasFocus()
    page.other.click()
    assert page.recorder.hasFocus()
    press(page.recorder, Qt.Key.Key_B, CONTROL)
    page.take.click()
    assert keys(opened, "new") == ["Ctrl+B"]
    assert keys(opened, "toggle_shelf") == []
    assert opened.kept.values["keys.toggle_shelf"] == "none"
    page.reset_all.click()
    assert keys(opened, "new") == ["Ctrl+N"]
    assert keys(opened, "toggle_shelf") == ["Ctrl+B"]
    assert [opened.kept.values[name] for name in ("keys.new", "keys.toggle_shelf")] == ["", ""]


async def test_a_key_that_counts_in_the_list_alone_gets_in_nobody_s_way_in_the_transcript(page, opened):
    page.choose("shelf_delete")
    assert page.keys.text() == "Del, while the list has the keyboard"
    page.change.click()
    press(page.recorder, Qt.Key.Key_Backspace)
    assert keys(opened, "shelf_delete") == ["Backspace"]
    view = opened.window.sidebar.view
    deleted = []
    opened.room.shelf.delete = lambda *ids: deleted.append(ids)
    view.setCurrentIndex(opened.room.shelf.index(0))
    press(view, Qt.Key.Key_Delete)
    assert deleted == []
    press(view, Qt.Key.Key_Backspace)
    assert len(deleted) == 1


async def test_escape_leaves_the_keys_and_the_window_open(page, opened):
    page.choose("new")
    page.change.click()
    press(page.recorder, Qt.Key.Key_Escape)
    assert not page.recorder.isVisible()
    assert opened.window.settings.isVisible()
    assert keys(opened, "new") == ["Ctrl+N"]
    press(page.list, Qt.Key.Key_Escape)
    assert not opened.window.settings.isVisible()


async def test_actions_are_found_by_words_and_by_keys(page):
    QTest.keyClicks(page.search, "ctrl+b")
    assert page.action is not None
    assert page.action.name == "toggle_shelf"
    page.search.setText("temperature")
    assert page.action.name == "options"
    page.search.setText("zzqq")
    assert page.action is None
    assert page.name.text() == "Nothing is called that."
    assert not page.change.isVisible()


async def test_new_keys_count_at_once_and_show_where_keys_are_shown(page, opened):
    window = opened.window
    window.actions_.set_keys("toggle_shelf", (QKeySequence("Ctrl+J"),))
    window.settings.hide()
    await bring_forward(window)
    press(window, Qt.Key.Key_B, CONTROL)
    assert window.sidebar.isVisible()
    press(window, Qt.Key.Key_J, CONTROL)
    assert not window.sidebar.isVisible()
    window.show_shortcuts()
    assert ("Show or hide the shelf", "Ctrl+J") in window._sheet.rows()
    window._sheet.hide()
    await breathe()


async def test_kept_keys_are_in_force_from_the_start_and_defaults_yield_to_them(qloop, room):
    kept = Kept(**{"keys.new": "Ctrl+B; F7", "keys.search": "none", "keys.find": "Nonsense+Key"})
    opened = OpenWindow(room, kept)
    window = await opened.show()
    assert keys(opened, "new") == ["Ctrl+B", "F7"]
    assert keys(opened, "toggle_shelf") == []
    assert keys(opened, "search") == []
    assert keys(opened, "find") == []
    press(window, Qt.Key.Key_F7)
    await opened.close()


async def test_a_screen_reader_hears_actions_with_their_keys(page):
    page.choose("new")
    index = page.list.currentIndex()
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "New conversation, Ctrl+N"
    page.change.click()
    said = QAccessible.queryAccessibleInterface(page.recorder).text(QAccessible.Text.Name)
    assert said.startswith("Press the new keys")
    press(page.recorder, Qt.Key.Key_Escape)


@pytest.mark.parametrize(("size", "zoom"), [((480, 420), 1.0), ((880, 660), 0.8), ((960, 700), 2.0)])
async def test_nothing_on_it_is_cut(page, opened, size, zoom):
    settings = opened.window.settings
    opened.theme.set_zoom(zoom)
    settings.resize(*size)
    for name in ("new", "answer"):
        page.choose(name)
        opened.window.actions_.set_keys(name, (QKeySequence("F9"),))
        assert page.change.isVisible()
        assert page.reset.isVisible()
        await breathe()
        for widget in page.findChildren(QWidget):
            if isinstance(widget, QAbstractButton | QLineEdit | QLabel) and widget.isVisible():
                right = widget.mapTo(settings, widget.rect().topRight()).x()
                assert right < settings.width(), widget.text()
        page.reset.click()
        page.choose(name)
        page.record()
        await breathe()
        assert page.recorder.visibleRegion().boundingRect().height() > 0
        press(page.recorder, Qt.Key.Key_Escape)
