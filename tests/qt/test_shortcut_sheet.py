"""The sheet of shortcuts: true to the keys as they are."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from tests.support.chatting import until
from tests.support.windows import bring_forward, press

CONTROL = Qt.KeyboardModifier.ControlModifier


def shown(sheet):
    return [each.text() for each in sheet.findChildren(QLabel) if each.isVisible()]


async def test_it_opens_by_its_keys_lists_all_and_closes_by_escape(opened):
    window = opened.window
    press(window, Qt.Key.Key_Slash, CONTROL)
    sheet = window._sheet
    await bring_forward(sheet)
    for action in window.actions_:
        if window.actions_.keys(action.name):
            assert action.words in shown(sheet)
    assert sheet.search.hasFocus()
    press(sheet.search, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    await bring_forward(window)
    press(window, Qt.Key.Key_F1)
    assert sheet.isVisible()
    await bring_forward(sheet)
    press(sheet.search, Qt.Key.Key_F1)
    assert not sheet.isVisible()


async def test_it_follows_changed_keys_and_what_is_looked_for(opened):
    window = opened.window
    window.show_shortcuts()
    sheet = window._sheet
    await bring_forward(sheet)
    window.actions_.set_keys("new", (QKeySequence("F9"),))
    assert "F9" in shown(sheet)
    QTest.keyClicks(sheet.search, "shelf")
    await until(lambda: "Show or hide the shelf" in shown(sheet) and "Quit" not in shown(sheet))
    sheet.search.setText("zzqq")
    assert "Nothing is called that." in shown(sheet)
    sheet.hide()


async def test_it_leads_to_the_settings(opened):
    window = opened.window
    window.show_shortcuts()
    window._sheet.change.click()
    assert window.settings.isVisible()
    assert window.settings.nav.currentItem().text() == "Keyboard"
    window.settings.hide()
    window._sheet.hide()
