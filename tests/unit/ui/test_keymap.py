"""Keys as they are kept, pressed, shown and refused."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from desktop.ui.keymap import LOCAL, kept_text, keys_of, matches_default, objection, pressed, shown

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier


def press(key, held=NONE):
    return QKeyEvent(QEvent.Type.KeyPress, key, held)


@pytest.mark.parametrize(
    "text", ["Ctrl+N", "Ctrl+Tab; Ctrl+PgDown", "Ctrl++; Ctrl+=", "Ctrl+,", "F1", "none"]
)
def test_what_is_kept_is_read_again(qapp, text):
    assert kept_text(keys_of(text)) == text


@pytest.mark.parametrize("text", ["", "none", "Nonsense", "Ctrl+Nonsense", " "])
def test_what_names_no_keys_gives_none(qapp, text):
    assert keys_of(text) == ()


def test_keys_that_are_only_held_are_no_shortcut(qapp):
    assert pressed(press(Qt.Key.Key_Control, CONTROL)).isEmpty()
    assert pressed(press(Qt.Key.Key_Shift, SHIFT)).isEmpty()
    assert pressed(press(Qt.Key.Key_Backtab, SHIFT | CONTROL)) == QKeySequence("Ctrl+Shift+Tab")
    keypad = press(Qt.Key.Key_5, CONTROL | Qt.KeyboardModifier.KeypadModifier)
    assert pressed(keypad) == QKeySequence("Ctrl+5")


def test_keys_of_one_place_are_known_by_their_action(qapp):
    assert matches_default("shelf_delete", press(Qt.Key.Key_Delete))
    assert matches_default("message_later", press(Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier))
    assert not matches_default("message_later", press(Qt.Key.Key_Right))
    assert not matches_default("unknown", press(Qt.Key.Key_Delete))


_REFUSED = (
    "A; Shift+A; ä; Space; Shift+Space; Ctrl+Space; Esc; Shift+Esc; Return; Ctrl+Return; Tab; Shift+Tab; "
    "Left; Ctrl+Left; Shift+Home; PgUp; Ctrl+A; Ctrl+C; Ctrl+X; Ctrl+V; Ctrl+Z; Ctrl+Shift+Z; "
    "Ctrl+Backspace; Del; Ctrl+Del; Ctrl+Shift+U; Ctrl+Alt+E; Ctrl+Alt+Shift+E"
)


@pytest.mark.parametrize("text", _REFUSED.split("; "))
def test_keys_that_writing_or_an_input_method_needs_are_refused(qapp, text):
    assert objection(QKeySequence(text))


@pytest.mark.parametrize(
    "text",
    ["Ctrl+N", "Ctrl+Tab", "Ctrl+PgDown", "Alt+Left", "F5", "Shift+F3", "Ctrl+Alt+F5", "Ctrl+,", "Meta+N"],
)
def test_other_keys_are_free(qapp, text):
    assert objection(QKeySequence(text)) == ""


def test_a_list_may_have_keys_without_ctrl(qapp):
    for names in LOCAL.values():
        for text in names:
            assert objection(QKeySequence(text), is_local=True) == ""
    assert objection(QKeySequence("X"), is_local=True) == ""
    assert objection(QKeySequence("Up"), is_local=True)


def test_several_are_shown_apart(qapp):
    assert shown(keys_of("Ctrl+Tab; Ctrl+PgDown; F9")) == "Ctrl+Tab, Ctrl+PgDown"
    assert shown(()) == ""
