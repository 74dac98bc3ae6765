"""Where a window stood and how large it was."""

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.kept_place import KeptPlace, keep_size, place_of, put_back, within_screens
from tests.support.windows import Kept


@pytest.fixture
def room(qapp) -> QRect:
    return QGuiApplication.primaryScreen().availableGeometry()


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize("by", [(5000, 0), (0, 5000), (-5000, 0), (0, -5000), (-5000, 5000)])
def test_a_place_off_the_screens_is_moved_onto_one(room: QRect, by: tuple[int, int]):
    frame = QRect(100, 100, 700, 500)
    assert within_screens(frame) == frame
    moved = within_screens(frame.translated(*by))
    assert room.contains(moved)
    assert moved.size() == frame.size()


def test_a_window_larger_than_the_screen_is_made_to_fit(room: QRect):
    assert within_screens(QRect(0, 0, room.width() * 2, room.height() * 2)) == room


def test_a_window_half_over_the_edge_stays_where_it_was_put(room: QRect):
    frame = QRect(room.right() - 300, 100, 700, 500)
    assert within_screens(frame) == frame


def test_a_place_comes_back_and_nonsense_does_not(window: QWidget, qtbot: QtBot):
    window.setGeometry(140, 160, 620, 430)
    kept = place_of(window)
    other = QWidget()
    qtbot.addWidget(other)
    assert put_back(other, kept)
    assert other.geometry() == QRect(140, 160, 620, 430)
    assert not put_back(other, "")
    assert not put_back(other, "no place at all")
    assert other.geometry() == QRect(140, 160, 620, 430)


def test_a_window_that_fills_the_screen_comes_back_so(window: QWidget, qtbot: QtBot):
    window.setGeometry(140, 160, 620, 430)
    window.showMaximized()
    qtbot.waitUntil(window.isMaximized)
    other = QWidget()
    qtbot.addWidget(other)
    assert put_back(other, place_of(window))
    assert other.isMaximized()


def test_a_move_is_handed_over_once_it_is_over(window: QWidget, qtbot: QtBot):
    told: list[str] = []
    kept = KeptPlace(window, told.append)
    window.resize(600, 400)
    assert not kept.is_waiting
    window.show()
    qtbot.waitExposed(window)
    for width in range(500, 560, 10):
        window.resize(width, 400)
    qtbot.waitUntil(lambda: bool(told) and not kept.is_waiting)
    other = QWidget()
    qtbot.addWidget(other)
    assert put_back(other, told[-1])
    assert other.width() == 550


def test_the_size_of_a_window_beside_the_others_is_kept_by_its_name(window: QWidget, qtbot: QtBot):
    kept = Kept()
    keep_size(window, kept.ports(), "settings")
    window.resize(640, 480)
    window.show()
    qtbot.waitExposed(window)
    window.resize(700, 520)
    qtbot.waitUntil(lambda: kept.values.get("window.settings") == "700x520")
    again = QWidget()
    qtbot.addWidget(again)
    keep_size(again, kept.ports(), "settings")
    assert (again.width(), again.height()) == (700, 520)
    kept.values["window.settings"] = "enormous"
    keep_size(again, kept.ports(), "settings")
    assert (again.width(), again.height()) == (700, 520)
