"""A modal loop inside a task would freeze every task it touches for ever; here it is an error at once."""

import asyncio
from typing import Any

from PySide6.QtCore import QEventLoop
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import (
    QColorDialog,
    QDialog,
    QFileDialog,
    QFontDialog,
    QInputDialog,
    QMenu,
    QMessageBox,
)

_METHODS: dict[type, tuple[str, ...]] = {
    QDialog: ("exec",),
    QDrag: ("exec",),
    QEventLoop: ("exec",),
    QMenu: ("exec",),
}
_STATIC: dict[type, tuple[str, ...]] = {
    QMessageBox: ("about", "critical", "information", "question", "warning"),
    QFileDialog: ("getOpenFileName", "getOpenFileNames", "getSaveFileName", "getExistingDirectory"),
    QInputDialog: ("getText", "getInt", "getDouble", "getItem", "getMultiLineText"),
    QColorDialog: ("getColor",),
    QFontDialog: ("getFont",),
}


class ModalInTaskError(AssertionError):
    """Something started a nested event loop from within a coroutine."""


def pytest_configure() -> None:
    for methods, is_static in ((_METHODS, False), (_STATIC, True)):
        for owner, names in methods.items():
            for name in names:
                _forbid(owner, name, is_static)


def _forbid(owner: type, name: str, is_static: bool) -> None:
    original = getattr(owner, name)

    def outside_tasks(*args: Any, **options: Any) -> Any:
        try:
            task = asyncio.current_task()
        except RuntimeError:
            task = None
        if task is not None:
            raise ModalInTaskError(f"{owner.__name__}.{name} inside a task; use open()")
        return original(*args, **options)

    setattr(owner, name, staticmethod(outside_tasks) if is_static else outside_tasks)
