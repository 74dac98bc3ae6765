"""A main window over chat's outside world in memory, shown, and taken down without a trace."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QScrollArea, QWidget

from desktop.base.clock import now_ms
from desktop.domain.identity import new_id
from desktop.domain.message import Conversation, Message, Role, TextPart
from desktop.ui.preferences import Preferences
from desktop.ui.theme import Theme
from desktop.ui.window import MainWindow
from tests.support.chatting import ChatRoom, until

DAY_MS = 86_400_000


class Kept:
    """Preferences in a dictionary."""

    def __init__(self, **values: str) -> None:
        self.values = dict(values)

    def ports(self) -> Preferences:
        return Preferences(self.values.get, self.values.__setitem__)


class OpenWindow:
    """A window and what stands behind it."""

    def __init__(self, room: ChatRoom, kept: Kept | None = None) -> None:
        self.room = room
        self.kept = kept or Kept()
        self.theme = Theme()
        self.window = MainWindow(
            room.desk, room.shelf, room.endpoints, self.theme, self.kept.ports(), (("History", "/tmp/h.db"),)
        )

    async def show(self) -> MainWindow:
        """Show the window and read the endpoints and the shelf, as the program does."""
        self.window.show()
        self.room.endpoints.load()
        self.room.shelf.load()
        await bring_forward(self.window)
        await until(lambda: self.room.endpoints.is_ready)
        await until(lambda: not self.room.tasks.is_running("shelf"))
        return self.window

    async def close(self) -> None:
        """Take the window down as the program does."""
        self.window.hide()
        await self.room.close()
        shiboken6.delete(self.window)


async def bring_forward(window: QWidget) -> None:
    """Give a window the keyboard, and wait until it has it.

    A screen ignores a wish that it thinks older than the last change; so it is said again.
    """
    await until(lambda: window.activateWindow() or window.isActiveWindow())


async def open_window(room: ChatRoom, kept: Kept | None = None) -> AsyncGenerator[OpenWindow, None]:
    """Yield a shown window; for fixtures."""
    opened = OpenWindow(room, kept)
    await opened.show()
    yield opened
    await opened.close()


def add_conversation(
    room: ChatRoom, title: str, *, age_ms: int = 0, text: str = "Hi", pinned: bool = False
) -> str:
    """Put a conversation with one prompt and one reply into the history; return its id."""
    when = now_ms() - age_ms
    row = Conversation(id=new_id(), title=title, created=when, updated=when, pinned=pinned)
    prompt = Message(
        id=new_id(),
        conversation_id=row.id,
        parent_id=None,
        role=Role.USER,
        parts=(TextPart(text),),
        created=when,
    )
    reply = replace(
        prompt, id=new_id(), parent_id=prompt.id, role=Role.ASSISTANT, parts=(TextPart(f"About {text}"),)
    )
    room.history.conversations[row.id] = row
    room.history.messages[prompt.id] = prompt
    room.history.messages[reply.id] = reply
    return row.id


async def breathe(times: int = 3) -> None:
    """Let Qt and the tasks take a few steps."""
    for _ in range(times):
        await asyncio.sleep(0.005)


def press(widget: QWidget, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press and release a key."""
    QTest.keyClick(widget, key, held)


def cut_controls(window: QWidget) -> list[str]:
    """Return the visible buttons and fields that stand out of the window or are squeezed."""
    found = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or not isinstance(widget, QAbstractButton | QComboBox | QLineEdit):
            continue
        if widget.window() is not window:
            continue
        left = widget.mapTo(window, widget.rect().topLeft())
        right = widget.mapTo(window, widget.rect().bottomRight())
        in_scroll = any(isinstance(parent, QScrollArea) for parent in _parents(widget))
        is_out = left.x() < 0 or right.x() >= window.width()
        is_out = is_out or (not in_scroll and (left.y() < 0 or right.y() >= window.height()))
        least = widget.minimumSizeHint()
        is_squeezed = widget.height() < least.height() - 2 or widget.width() < min(least.width(), 24)
        if is_out or is_squeezed:
            name = widget.accessibleName() or getattr(widget, "text", str)()
            found.append(f"{type(widget).__name__} {name!r} {left} {widget.size()} least {least}")
    return found


def _parents(widget: QWidget) -> list[QWidget]:
    parents = []
    parent = widget.parentWidget()
    while parent is not None:
        parents.append(parent)
        parent = parent.parentWidget()
    return parents
