"""The window before there is anything in it, and what changes when it is filled."""

import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from desktop.ui.shell import FIRST_SIZE, LEAST_WIDTH, Shell
from desktop.ui.theme import DARK, LIGHT, SHELF_WIDTH, Theme
from desktop.ui.window import MainWindow
from tests.support.chatting import until
from tests.support.windows import Kept, breathe, bring_forward, press


@pytest.fixture
def opened_shell(qapp):
    """Shows shells; takes them down, and leaves the colours to the system again."""
    shells = []

    def open_shell(*, waits=True, **kept):
        names = {name.replace("_", ".", 1): value for name, value in kept.items()}
        preferences = Kept(**names)
        shell = Shell(Theme(), preferences.ports())
        shells.append(shell)
        shell.kept = preferences
        if waits:
            shell.show_at_once()
        else:
            shell.show()
        return shell

    yield open_shell
    for shell in shells:
        shell._theme.choose("")
        shiboken6.delete(shell)


def color_at(widget: QWidget, x: int, y: int) -> str:
    """What is on the screen at a point of a window, not what the widget would paint if asked."""
    corner = widget.mapToGlobal(QPoint(0, 0))
    picture = widget.screen().grabWindow(0, corner.x(), corner.y(), widget.width(), widget.height())
    return picture.toImage().pixelColor(x, y).name()


@pytest.mark.parametrize(("scheme", "colors"), [("light", LIGHT), ("dark", DARK)])
def test_the_first_frame_has_the_kept_colours(opened_shell, scheme, colors):
    shell = opened_shell(look_scheme=scheme)
    assert shell.is_painted
    middle = shell.height() // 2
    assert color_at(shell, 10, middle) == colors.side
    assert color_at(shell, SHELF_WIDTH - 2, middle) == colors.side
    assert color_at(shell, SHELF_WIDTH - 1, middle) == colors.line
    assert color_at(shell, SHELF_WIDTH, middle) == colors.bg
    assert color_at(shell, shell.width() - 10, middle) == colors.bg


def test_the_shelf_is_as_wide_as_it_was_left(opened_shell):
    shell = opened_shell(look_scheme="dark", look_zoom="1.5", window_shelf_width="300")
    assert color_at(shell, 449, 400) == DARK.line
    assert color_at(shell, 450, 400) == DARK.bg


def test_a_shelf_that_was_put_away_stays_away(opened_shell):
    shell = opened_shell(look_scheme="dark", window_shelf_hidden="yes")
    assert color_at(shell, 10, 400) == DARK.bg


def test_a_narrow_window_has_no_shelf_beside_the_page(opened_shell):
    shell = opened_shell(look_scheme="dark")
    shell.resize(LEAST_WIDTH, 600)
    QApplication.processEvents()
    assert shell.grab().toImage().pixelColor(10, 300).name() == DARK.bg


def test_a_broken_preference_is_as_good_as_none(opened_shell):
    shell = opened_shell(look_scheme="blue", look_zoom="huge", window_geometry="???", window_shelf_width="-")
    assert (shell.width(), shell.height()) == FIRST_SIZE
    assert color_at(shell, SHELF_WIDTH - 1, 400) in (LIGHT.line, DARK.line)


def test_an_empty_window_that_is_closed_is_gone(opened_shell):
    shell = opened_shell()
    shell.close()
    assert not shell.isVisible()
    assert shell.is_closed


@pytest.fixture
async def filled(opened_shell, qloop, room):
    """A window as the program has it: shown empty, then filled."""

    async def fill(typed="", **kept):
        # Inside a coroutine nothing may wait in a loop of Qt's own.
        shell = opened_shell(waits=False, **kept)
        await until(lambda: shell.is_painted)
        QTest.keyClicks(shell, typed)
        window = MainWindow(
            room.desk, room.shelf, room.endpoints, shell._theme, shell.kept.ports(), parent=shell
        )
        shell.close_requested.connect(window.leave)
        shell.fill(window)
        await until(window.isVisible)
        return shell, window

    yield fill
    await room.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kept", [{}, {"window_shelf_width": "300", "look_zoom": "1.2"}])
async def test_the_content_comes_onto_the_same_ground(filled, scheme, kept):
    shell, window = await filled(look_scheme=scheme, **kept)
    edge = round(int(kept.get("window_shelf_width", SHELF_WIDTH)) * float(kept.get("look_zoom", "1")))
    # Low in the window, where nothing lies on the ground but the edge of the shelf.
    points = [(3, 500), (edge - 2, 500), (edge - 1, 500), (edge, 500), (shell.width() - 4, 500)]
    before = [shell.grab().toImage().pixelColor(*point).name() for point in points]
    empty = Shell(shell._theme, shell.kept.ports())
    empty.resize(shell.size())
    bare = empty.grab().toImage()
    assert before == [bare.pixelColor(*point).name() for point in points]
    assert len(set(before)) == 3
    assert window.size() == shell.size()
    shiboken6.delete(empty)


async def test_a_filled_window_is_one_window(filled, room):
    shell, window = await filled()
    room.endpoints.load()
    await bring_forward(shell)
    await until(lambda: room.endpoints.is_ready)
    assert window.window() is shell
    assert not shell.windowIcon().isNull()
    shell.resize(1000, 700)
    await breathe()
    assert window.size() == shell.size()
    window.page.composer.edit.setFocus()
    press(window.page.composer.edit, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert window.sidebar.isHidden()
    window.settings.show_endpoints()
    await until(window.settings.isVisible)
    middle = window.settings.geometry().center() - shell.geometry().center()
    assert middle.manhattanLength() < 60
    window.settings.hide()
    shell.showMinimized()
    await breathe()
    window.come_forward()
    await until(shell.isActiveWindow)
    assert not shell.isMinimized()


async def test_what_was_typed_early_stands_in_the_composer(filled, room):
    room.settings.model = "service\tmodel-x"
    shell, window = await filled("Early bird")
    assert not window.is_first_start
    await until(lambda: window.page.composer.text() == "Early bird")
    QTest.keyClicks(shell, "lost")
    await breathe()
    assert window.page.composer.text() == "Early bird"


@pytest.mark.parametrize("way", ["button", "key"])
async def test_closing_keeps_the_place_and_hides_the_window(filled, room, way):
    shell, window = await filled()
    room.endpoints.load()
    await bring_forward(shell)
    await until(lambda: room.endpoints.is_ready)
    closed = []
    window.closed.connect(lambda: closed.append(True))
    shell.resize(900, 650)
    await until(lambda: window.width() == 900)
    if way == "button":
        shell.close()
    else:
        press(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert closed == [True]
    assert not shell.isVisible()
    again = Shell(shell._theme, shell.kept.ports())
    assert (again.width(), again.height()) == (900, 650)
    shiboken6.delete(again)


def test_the_window_is_at_its_place_when_it_is_first_seen(opened_shell):
    first = opened_shell()
    first.resize(820, 610)
    first.kept.values["window.geometry"] = bytes(first.saveGeometry().toBase64().data()).decode()
    second = opened_shell(window_geometry=first.kept.values["window.geometry"])
    assert (second.width(), second.height()) == (820, 610)
