"""The looks at what is told and how well it can be seen find what is missing."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.support.contrast import Readings
from tests.support.told import unnamed


def window_of(qtbot: QtBot, *widgets: QWidget) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    for widget in widgets:
        column.addWidget(widget)
    window.resize(420, 200)
    window.show()
    qtbot.waitExposed(window)
    return window


def test_what_has_no_name_is_found(qtbot: QtBot) -> None:
    button, field, named = QToolButton(), QLineEdit("its text"), QLineEdit()
    button.setToolTip("A tip is no name")
    named.setAccessibleName("Address")
    caption, labelled = QLabel("Label"), QLineEdit()
    caption.setBuddy(labelled)
    stage = QWidget()
    stage.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    window = window_of(qtbot, button, field, named, caption, labelled, stage)
    found = unnamed(window)
    faults = [each.rpartition(" > ")[2] for each in found]
    assert faults == [
        "Button '': has no name",
        "EditableText '': has no name",
        "Client '': can be used and has no name",
        "Client '': can be used and has no role",
    ]


def test_a_text_that_hardly_stands_out_is_found(qtbot: QtBot) -> None:
    faint, plain = QLabel("Hardly to be seen"), QLabel("Well to be seen")
    for label, color in ((faint, "#b0b0b0"), (plain, "#505050")):
        font = label.font()
        font.setPointSize(22)
        label.setFont(font)
        label.setStyleSheet(f"color: {color}; background: #ffffff;")
    readings = Readings()
    window = window_of(qtbot, faint, plain)
    found = readings.faint_texts(window)
    assert readings.count == 2
    assert len(found) == 1
    assert found[0].startswith("QLabel 'Hardly to be seen': 2.")
