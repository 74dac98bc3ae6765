"""The composer, driven by keys and the mouse in a real window."""

import time

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.ui.composer import Composer
from desktop.ui.prompt_edit import MOST_LINES
from desktop.ui.style import style_sheet
from desktop.ui.theme import Theme

SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def composer(qtbot):
    made = Composer(Theme())
    made.setStyleSheet(style_sheet(made._theme))
    qtbot.addWidget(made)
    made.resize(700, 200)
    made.show()
    made.activateWindow()
    made.edit.setFocus()
    qtbot.waitUntil(made.edit.hasFocus)
    made.sent = []
    made.send_requested.connect(made.sent.append)
    return made


def compose(edit, preedit, commit=""):
    event = QInputMethodEvent(preedit, [])
    event.setCommitString(commit)
    QApplication.sendEvent(edit, event)


def test_enter_sends_and_the_text_stays_until_it_was_taken(composer):
    QTest.keyClicks(composer.edit, "Hello there")
    QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    assert composer.sent == ["Hello there"]
    assert composer.text() == "Hello there"


@pytest.mark.parametrize(
    ("key", "held"), [(Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier), (Qt.Key.Key_Return, CONTROL)]
)
def test_keypad_enter_and_control_enter_send_too(composer, key, held):
    QTest.keyClicks(composer.edit, "Hi")
    QTest.keyClick(composer.edit, key, held)
    assert composer.sent == ["Hi"]


def test_shift_enter_breaks_the_line(composer):
    QTest.keyClicks(composer.edit, "one")
    QTest.keyClick(composer.edit, Qt.Key.Key_Return, SHIFT)
    QTest.keyClicks(composer.edit, "two")
    assert composer.sent == []
    assert composer.text() == "one\ntwo"


def test_white_space_alone_is_not_sent(composer):
    QTest.keyClicks(composer.edit, "  ")
    QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    assert composer.sent == []
    assert not composer.action.isEnabled()


def test_enter_belongs_to_the_input_method_while_it_composes(composer):
    compose(composer.edit, "ni")
    QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    QTest.keyClick(composer.edit, Qt.Key.Key_Return, CONTROL)
    assert composer.sent == []
    assert composer.edit.is_composing
    compose(composer.edit, "", "你")
    QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    assert composer.sent == ["你"]


def test_the_button_sends_what_the_input_method_has_under_way(composer):
    QTest.keyClicks(composer.edit, "say ")
    compose(composer.edit, "ni")
    QTest.mouseClick(composer.action, Qt.MouseButton.LeftButton)
    assert composer.sent == ["say ni"]
    assert not composer.edit.is_composing


def test_grows_with_its_lines_and_then_scrolls(composer, qtbot):
    line = composer.edit.fontMetrics().lineSpacing()
    assert line <= composer.edit.height() < 2 * line
    for number in range(4):
        QTest.keyClicks(composer.edit, str(number))
        QTest.keyClick(composer.edit, Qt.Key.Key_Return, SHIFT)
    assert 5 * line <= composer.edit.height() < 6 * line
    composer.set_text("x\n" * 40)
    assert MOST_LINES * line <= composer.edit.height() < (MOST_LINES + 1) * line
    qtbot.waitUntil(lambda: composer.edit.verticalScrollBar().maximum() > 0)
    composer.clear()
    assert composer.edit.height() < 2 * line


def test_a_long_line_wraps_and_grows_the_field(composer):
    line = composer.edit.fontMetrics().lineSpacing()
    composer.set_text("many words in one line " * 12)
    assert composer.edit.height() >= 3 * line


def test_pasted_markup_stays_text(composer):
    data = QMimeData()
    data.setHtml("<b>bold</b> and <img src='file:///etc/hostname'>")
    data.setText("<b>bold</b>")
    QGuiApplication.clipboard().setMimeData(data)
    composer.edit.paste()
    assert composer.text() == "<b>bold</b>"


def test_text_comes_back_as_it_was_pasted(composer):
    text = "no\u00a0break\n\ttab 👩‍👩‍👧 مرحبا\n\nend "
    QGuiApplication.clipboard().setText(text)
    composer.edit.paste()
    assert composer.text() == text


def test_a_hundred_thousand_characters_are_taken_whole(composer):
    text = ("some words in a line of pasted text\n" * 2800)[:100_000]
    composer.set_text(text)
    assert composer.text() == text
    # Only the lines on screen are laid out: the cost of the next key does not grow with the text.
    started = time.process_time()
    for _ in range(20):
        QTest.keyClick(composer.edit, Qt.Key.Key_A)
    many = time.process_time() - started
    composer.clear()
    composer.set_text("short")
    started = time.process_time()
    for _ in range(20):
        QTest.keyClick(composer.edit, Qt.Key.Key_A)
    few = time.process_time() - started
    assert many < 40 * few + 0.5


def test_stop_takes_the_place_of_send_and_is_asked_for_once(composer):
    stops = []
    composer.stop_requested.connect(lambda: stops.append(1))
    composer.set_streaming(True)
    assert composer.action.text() == "Stop"
    assert composer.action.accessibleName() == "Stop"
    QTest.mouseClick(composer.action, Qt.MouseButton.LeftButton)
    QTest.mouseClick(composer.action, Qt.MouseButton.LeftButton)
    composer.request_stop()
    assert stops == [1]
    composer.set_streaming(False)
    assert composer.action.accessibleName() == "Send"


def test_text_typed_while_a_reply_comes_waits_and_can_be_sent_after(composer):
    composer.set_streaming(True)
    QTest.keyClicks(composer.edit, "next")
    QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    assert composer.sent == []
    assert composer.text() == "next"
    assert "waits" in composer.hint.text()
    composer.set_streaming(False)
    QTest.keyClick(composer.edit, Qt.Key.Key_Return)
    assert composer.sent == ["next"]


def test_stop_is_the_darkest_thing_of_the_composer(composer, qtbot):
    composer.set_streaming(True)
    picture = composer.grab().toImage()
    button = composer.action.geometry()
    inside = picture.pixelColor(button.left() + 8, button.center().y())
    assert inside == composer._theme.color("text")
