"""The look at whether texts fit sees what does not."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QScrollArea,
    QTabBar,
    QTableWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop.ui.controls import Chooser, ElidedLabel
from desktop.ui.theme import Theme
from desktop.ui.wrapping import WrapRow, hold_least
from tests.support.fitting import faults

LONG = "A sentence that is much too long for the room it has been given here"


def shown(qtbot: QtBot, inside: QWidget, width: int = 120, height: int = 40) -> QWidget:
    """Show a widget in a window of its own at a place that the window does not lay out."""
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 300)
    inside.setParent(window)
    inside.setGeometry(10, 10, width, height)
    window.show()
    qtbot.waitExposed(window)
    return window


def wrapping_label() -> QLabel:
    made = QLabel(LONG)
    made.setWordWrap(True)
    return made


def tool_button() -> QToolButton:
    made = QToolButton()
    made.setText(LONG)
    return made


def combo() -> QComboBox:
    made = QComboBox()
    made.addItems(["Short", LONG])
    return made


def placeholder() -> QLineEdit:
    made = QLineEdit()
    made.setPlaceholderText(LONG)
    return made


def tabs() -> QTabBar:
    made = QTabBar()
    made.setUsesScrollButtons(False)
    for name in ("First of all", "Second thoughts", "Last words"):
        made.addTab(name)
    return made


def table() -> QTableWidget:
    made = QTableWidget(1, 1)
    made.setHorizontalHeaderLabels([LONG])
    return made


def rows() -> QListWidget:
    made = QListWidget()
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    made.addItem(LONG)
    return made


CUT: dict[str, Callable[[], QWidget]] = {
    "label": lambda: QLabel(LONG),
    "wrapping label": wrapping_label,
    "push button": lambda: QPushButton(LONG),
    "check box": lambda: QCheckBox(LONG),
    "tool button": tool_button,
    "combo box": combo,
    "placeholder": placeholder,
    "tabs": tabs,
    "table's head": table,
    "rows": rows,
}


@pytest.mark.parametrize("make", CUT.values(), ids=CUT)
def test_what_is_cut_is_seen_and_what_fits_is_not(qtbot: QtBot, make: Callable[[], QWidget]) -> None:
    assert faults(shown(qtbot, make(), 120, 18))
    roomy = make()
    if isinstance(roomy, QTableWidget):
        roomy.setColumnWidth(0, 600)
    assert faults(shown(qtbot, roomy, 760, 120)) == []


def test_an_icon_alone_has_to_say_what_it_is(qtbot: QtBot) -> None:
    assert faults(shown(qtbot, QToolButton()))
    named = QToolButton()
    named.setToolTip("Close")
    assert faults(shown(qtbot, named)) == []


def test_elided_text_is_whole_where_its_tool_tip_is(qtbot: QtBot) -> None:
    made = ElidedLabel(LONG)
    window = shown(qtbot, made)
    assert faults(window) == []
    made.setToolTip("")
    assert faults(window)


def test_siblings_that_overlap_and_children_that_stick_out_are_seen(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    grid = QGridLayout(window)
    one, other = QPushButton("One"), QPushButton("Other")
    grid.addWidget(one, 0, 0)
    grid.addWidget(other, 0, 1)
    window.resize(400, 80)
    window.show()
    qtbot.waitExposed(window)
    assert faults(window) == []
    other.setGeometry(one.geometry().translated(8, 0))
    assert any("in common" in words for words in faults(window))
    other.setGeometry(QRect(380, 20, 90, 30))
    assert any("sticks out" in words for words in faults(window))


def test_a_page_too_wide_for_a_view_that_does_not_scroll_is_seen(qtbot: QtBot) -> None:
    area = QScrollArea()
    area.setWidgetResizable(True)
    inside = QWidget()
    QHBoxLayout(inside).addWidget(QPushButton(LONG))
    area.setWidget(inside)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    window = shown(qtbot, area, 200, 100)
    assert any("does not scroll" in words for words in faults(window))
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    assert faults(window) == []


class Painted(QWidget):
    """Paints a text itself, elided or not."""

    def __init__(self, *, elides: bool) -> None:
        super().__init__()
        self._elides = elides

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        text = LONG
        if self._elides:
            text = self.fontMetrics().elidedText(LONG, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter.value), text)


def test_what_is_painted_by_ourselves_is_looked_at_too(qtbot: QtBot) -> None:
    assert any("is painted" in words for words in faults(shown(qtbot, Painted(elides=False))))
    elided = Painted(elides=True)
    window = shown(qtbot, elided)
    assert any("nothing says it whole" in words for words in faults(window))
    elided.setAccessibleName(LONG)
    assert faults(window) == []
    assert faults(shown(qtbot, Painted(elides=False), 700)) == []


def test_a_chooser_says_what_it_has_no_room_for(qtbot: QtBot) -> None:
    chooser = Chooser(Theme(), "What")
    chooser.addItems(["Short", LONG])
    window = shown(qtbot, chooser, 140, 34)
    assert faults(window) == []
    chooser.setCurrentIndex(1)
    assert LONG in chooser.toolTip()
    assert faults(window) == []
    chooser.resize(760, 34)
    assert chooser.toolTip() == ""


def test_a_row_goes_on_below_in_either_direction(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    row = WrapRow(6)
    made = [QPushButton(words) for words in ("Leave them out", "Summarise them", "Send nothing")]
    for button in made[:2]:
        row.addWidget(button)
    row.add_spring()
    row.addWidget(made[2])
    column.addLayout(row)
    window.resize(700, 200)
    window.show()
    qtbot.waitExposed(window)
    assert len({button.y() for button in made}) == 1
    assert made[2].geometry().right() == row.geometry().right()
    window.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    qtbot.waitUntil(lambda: made[0].x() > made[1].x() > made[2].x())
    window.resize(150, 300)
    qtbot.waitUntil(lambda: len({button.y() for button in made}) == 3)
    assert {button.geometry().right() for button in made} == {row.geometry().right()}
    assert faults(window) == []


def test_a_row_behind_a_spring_stands_at_the_other_edge(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    row = WrapRow(6)
    row.add_spring()
    made = [QPushButton(words) for words in ("One", "Other")]
    for button in made:
        row.addWidget(button)
    column.addLayout(row)
    window.resize(500, 80)
    window.show()
    qtbot.waitExposed(window)
    assert made[1].geometry().right() == row.geometry().right()
    assert made[0].geometry().right() < made[1].x()
    assert made[0].x() > row.geometry().center().x()


def test_a_window_stays_large_enough_for_its_text(qtbot: QtBot) -> None:
    theme, window = Theme(), QWidget()
    qtbot.addWidget(window)
    hold_least(window, theme, QSize(300, 200))
    assert window.minimumSize() == QSize(300, 200)
    theme.set_zoom(2.0)
    assert window.minimumSize() == QSize(600, 400)
    hold_least(window, theme, QSize(30_000, 200))
    assert window.minimumWidth() <= window.screen().availableSize().width()
