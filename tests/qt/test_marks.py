"""The marks at the shelf's rows: what comes, what has come unseen, what failed."""

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from desktop.chat.arrivals import Mark
from desktop.domain.delta import FinishDelta, StopReason, TextDelta
from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from tests.support.chatting import until
from tests.support.windows import press

CONTROL = Qt.KeyboardModifier.ControlModifier


def colors_of(window, name):
    """Return the colours at the right end of a conversation's row."""
    view = window.sidebar.view
    place = view.visualRect(view.shelf.index(view.shelf.row_of(name)))
    place.setLeft(place.right() - 26)
    picture = view.viewport().grab(place).toImage()
    return {
        QColor(picture.pixel(x, y)).name() for x in range(picture.width()) for y in range(picture.height())
    }


def is_like(name, color):
    """Whether a colour has the hue of another and is far from grey."""
    found = QColor(name)
    return abs(found.hue() - color.hue()) < 12 and found.saturation() > 100


async def test_a_reply_that_comes_elsewhere_is_marked_and_bold_once_it_is_there(opened, room):
    window = opened.window
    gate = asyncio.Event()
    room.sender.steps = [[TextDelta("Half")], gate, [FinishDelta(StopReason.STOP)]]
    QTest.keyClicks(window.page.composer.edit, "Hello")
    press(window.page.composer.edit, Qt.Key.Key_Return)
    arrivals = room.shelf.arrivals
    name = room.desk.current.conversation.id
    await until(lambda: arrivals.mark(name) is Mark.STREAMING)
    accent = opened.theme.color("accent").name()
    await until(lambda: accent in colors_of(window, name))
    assert window.sidebar.view.breath.is_moving
    press(window, Qt.Key.Key_N, CONTROL)
    assert arrivals.mark(name) is Mark.STREAMING
    gate.set()
    await until(lambda: arrivals.mark(name) is Mark.UNREAD)
    await until(lambda: not window.sidebar.view.breath.is_moving)
    assert accent in colors_of(window, name)
    window.open_conversation(name)
    await until(lambda: arrivals.mark(name) is Mark.NONE)
    await until(lambda: accent not in colors_of(window, name))
    assert opened.kept.values["shelf.unread"] == ""


async def test_nothing_moves_where_less_motion_is_wanted(opened, room):
    window = opened.window
    window.page.manner.choose_motion("reduced")
    room.sender.steps = [[TextDelta("Half")], asyncio.Event()]
    room.desk.send("Hello")
    name = room.desk.current.conversation.id
    await until(lambda: room.shelf.arrivals.mark(name) is Mark.STREAMING)
    assert not window.sidebar.view.breath.is_moving
    window.page.manner.choose_motion("full")
    assert window.sidebar.view.breath.is_moving
    press(window, Qt.Key.Key_B, CONTROL)
    assert not window.sidebar.view.breath.is_moving
    press(window, Qt.Key.Key_B, CONTROL)
    assert window.sidebar.view.breath.is_moving


async def test_a_failed_reply_is_marked_with_a_sign(opened, room):
    window, arrivals = opened.window, room.shelf.arrivals
    room.sender.steps = [[TextDelta("Half")], TurnFailedError(Failure(kind=FailureKind.SERVER))]
    room.desk.is_seen = lambda: False
    room.desk.send("Hello")
    name = room.desk.current.conversation.id
    await until(lambda: not room.desk.streaming)
    row = room.shelf.index(room.shelf.row_of(name))
    assert arrivals.mark(name) is Mark.FAILED
    assert row.data(Qt.ItemDataRole.AccessibleTextRole).endswith(", the reply failed")
    # Thin lines are smoothed, so that no pixel has the colour itself.
    assert any(is_like(color, opened.theme.color("warn")) for color in colors_of(window, name))
