"""The door through which assistive programs come: nothing of theirs is loaded before one asks."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface

Maker = Callable[[Any], QAccessibleInterface | None]
"""Builds the interface of an object, or returns None for Qt's own."""

offers: dict[type, Callable[[], Maker]] = {}
"""What loads the maker for the objects of a class."""

_listening: list[Callable[..., Any]] = []


def listen() -> None:
    """Let Qt ask the program for interfaces. Has to come before the first window is shown."""
    if not _listening:
        _listening.append(_make)
        QAccessible.installFactory(_make)


def offer(kind: type[QObject], load: Callable[[], Maker]) -> None:
    """Have the maker that `load` brings build the interface of every object of a class, from the first on."""
    listen()
    offers[kind] = load


def _make(class_name: str, watched: QObject | None) -> QAccessibleInterface | None:
    from desktop.ui import access

    del class_name
    return access.make(watched)
