"""The field for keys: what is typed is never in sight."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from desktop.ui.key_field import KeyField
from tests.support.composing import compose

KEY = "sk-proj-abcdefghijklmnopqrstuvwx4f2Q"


@pytest.fixture
def window(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    window.key = KeyField()
    window.other = QLineEdit()
    layout.addWidget(window.key)
    layout.addWidget(window.other)
    window.show()
    window.activateWindow()
    window.key.setFocus()
    qtbot.waitUntil(window.key.hasFocus)
    return window


@pytest.fixture
def field(window):
    return window.key


def test_a_pasted_key_is_shown_by_its_ends_alone(field):
    QGuiApplication.clipboard().setText(f"  {KEY}\n")
    field.paste()
    assert field.secret.reveal() == KEY
    assert field.text() == "sk-pro••••••••4f2Q"
    assert KEY not in field.text()


def test_a_typed_key_is_masked_when_the_field_is_left(field, window):
    QTest.keyClicks(field, KEY)
    assert field.echoMode() is QLineEdit.EchoMode.Password
    window.other.setFocus()
    assert field.is_masked
    assert field.secret.reveal() == KEY


def test_typing_into_a_masked_key_starts_anew(field):
    QGuiApplication.clipboard().setText(KEY)
    field.paste()
    QTest.keyClicks(field, "x")
    assert field.secret.reveal() == "x"
    assert field.echoMode() is QLineEdit.EchoMode.Password


def test_pasting_twice_keeps_the_second_key(field):
    QGuiApplication.clipboard().setText(KEY)
    QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    QGuiApplication.clipboard().setText("gsk_0123456789abcdefghij")
    QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert field.secret.reveal() == "gsk_0123456789abcdefghij"


def test_undo_does_not_bring_a_key_into_sight(field):
    QGuiApplication.clipboard().setText(KEY)
    field.paste()
    field.undo()
    assert KEY not in field.displayText()
    field.forget()
    field.undo()
    assert KEY not in field.displayText()


def test_a_screen_reader_is_not_told_the_key(field):
    QTest.keyClicks(field, KEY)
    interface = QAccessible.queryAccessibleInterface(field)
    assert KEY not in interface.text(QAccessible.Text.Value)


def test_an_input_method_starts_a_masked_key_anew(field):
    QGuiApplication.clipboard().setText(KEY)
    field.paste()
    compose(field, "", commit="é")
    assert field.secret.reveal() == "é"
