"""The strip that shows what takes long, where it is seen and what it says."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest

from desktop.chat.works import Works
from desktop.ui.works import WorkDoor, left_words
from tests.support.chatting import until
from tests.support.windows import press

CONTROL = Qt.KeyboardModifier.ControlModifier


async def test_what_takes_long_is_shown_with_its_share_and_can_be_cancelled(opened):
    window, works, cancelled = opened.window, Works(), []
    door = WorkDoor(opened.theme, works, window, window)
    assert door.strip is None
    works.begin("export", "Saving conversations", lambda: cancelled.append(1))
    assert not door.strip.isVisible()
    await until(door.strip.isVisible)
    works.tell("export", 0.42)
    (row,) = door.strip.rows
    assert row.words.text() == "Saving conversations"
    assert row.figures.text().startswith("42\N{NARROW NO-BREAK SPACE}%")
    assert row.bar.value() == 420
    assert row.accessibleName().startswith("Saving conversations, 42\N{NARROW NO-BREAK SPACE}%")
    assert QAccessible.queryAccessibleInterface(row.bar).role() == QAccessible.Role.ProgressBar
    door.strip.focus_newest()
    assert row.cancel.hasFocus()
    assert row.cancel.accessibleName() == "Cancel: Saving conversations"
    press(row.cancel, Qt.Key.Key_Space)
    assert cancelled == [1]
    assert not row.cancel.isEnabled()
    works.end("export", "Cancelled.")
    assert row.words.text() == "Cancelled."
    assert not row.cancel.isVisible()
    assert not row.bar.isVisible()


async def test_what_is_over_soon_is_never_shown(opened):
    works = Works()
    door = WorkDoor(opened.theme, works, opened.window, opened.window)
    works.begin("import", "Bringing in")
    works.end("import", "Done.")
    assert door.strip.rows == ()
    assert not door.strip.isVisible()


async def test_it_stands_at_the_shelf_s_foot_and_under_the_page_while_the_shelf_is_away(opened):
    window, works = opened.window, Works()
    door = WorkDoor(opened.theme, works, window, window)
    works.begin("import", "Bringing in")
    await until(door.strip.isVisible)
    assert window.sidebar.isAncestorOf(door.strip)
    press(window, Qt.Key.Key_B, CONTROL)
    assert window.page.isAncestorOf(door.strip)
    assert door.strip.isVisible()
    press(window, Qt.Key.Key_B, CONTROL)
    assert window.sidebar.isAncestorOf(door.strip)
    assert door.strip.isVisible()
    works.end("import")
    assert not door.strip.isVisible()


async def test_the_palette_cancels_it_too(opened):
    window, works, cancelled = opened.window, Works(), []
    window.commands.add_works(works)
    assert not window.actions_["cancel_work"].isEnabled()
    works.begin("import", "Bringing in", lambda: cancelled.append(1))
    press(window, Qt.Key.Key_K, CONTROL)
    QTest.keyClicks(window._palette.edit, "cancel what")
    press(window._palette.edit, Qt.Key.Key_Return)
    assert cancelled == [1]


def test_time_left_in_words(qapp):
    words = [left_words(seconds) for seconds in (4, 40, 75, 150, 3600 * 3)]
    assert words == [
        "a few seconds left",
        "less than a minute left",
        "about a minute left",
        "about 2 min left",
        "about 3 h left",
    ]
