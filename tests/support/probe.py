"""The real program with an eye in it: run as `python -m tests.support.probe ARGUMENTS OF WEIR`.

Each line on standard input is a question as JSON, each line on standard output its answer. Questions
only look: keys and clicks come from the X server, as they do from a person.
"""

import json
import sys
import threading
from collections.abc import Callable
from typing import Any


def _widgets(question: dict[str, Any]) -> Any:
    from PySide6.QtCore import QPoint
    from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

    found = []
    for widget in QApplication.allWidgets():
        if not isinstance(widget, QWidget) or question["name"] not in (
            widget.objectName(),
            widget.accessibleName(),
            type(widget).__name__,
            widget.text() if isinstance(widget, QAbstractButton) else "",
        ):
            continue
        corner = widget.mapToGlobal(QPoint(0, 0))
        text = next(
            (getattr(widget, name)() for name in ("toPlainText", "text") if hasattr(widget, name)), ""
        )
        found.append(
            {
                "kind": type(widget).__name__,
                "text": text,
                "visible": widget.isVisible(),
                "enabled": widget.isEnabled(),
                "focused": widget.hasFocus(),
                "box": [corner.x(), corner.y(), widget.width(), widget.height()],
            }
        )
    return found


def _heard(question: dict[str, Any]) -> Any:
    """What a screen reader finds in the transcript: role and name of each message, in order."""
    from PySide6.QtGui import QAccessible
    from PySide6.QtWidgets import QApplication

    widgets = [item for item in QApplication.allWidgets() if type(item).__name__ == "Timeline"]
    heard = []
    for widget in widgets:
        if not widget.isVisible():
            continue
        tree = QAccessible.queryAccessibleInterface(widget)
        for index in range(tree.childCount()):
            child = tree.child(index)
            if child is not None and child.role() == QAccessible.Role.ListItem:
                heard.append([child.text(QAccessible.Text.Name), child.text(QAccessible.Text.Value)])
    return heard


def _rows(question: dict[str, Any]) -> Any:
    """Titles of a list's rows, which of them is the current one, and how far the list is scrolled."""
    from PySide6.QtWidgets import QAbstractItemView, QApplication

    for widget in QApplication.allWidgets():
        if isinstance(widget, QAbstractItemView) and widget.accessibleName() == question["name"]:
            model = widget.model()
            titles = [model.index(row, 0).data() for row in range(model.rowCount())]
            return [titles, widget.currentIndex().row(), widget.verticalScrollBar().value()]
    return None


def _active(question: dict[str, Any]) -> Any:
    """Title and place of the window that has the keyboard, or None."""
    from PySide6.QtWidgets import QApplication

    window = QApplication.activeWindow()
    if window is None:
        return None
    frame = window.frameGeometry()
    return [window.windowTitle(), frame.x(), frame.y(), frame.width(), frame.height()]


def _composed(question: dict[str, Any]) -> Any:
    """What an input method composes where the keyboard is, and where on the screen the caret stands there."""
    from PySide6.QtCore import QRect, Qt
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtWidgets import QApplication

    from desktop.ui.prompt_edit import PromptEdit

    edit = QApplication.focusWidget()
    if not isinstance(edit, PromptEdit):
        return None
    rect: QRect = edit.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle)
    asked = QGuiApplication.inputMethod().cursorRectangle().toRect()
    within = edit.window().rect().contains(asked)
    corner = edit.viewport().mapTo(edit.window(), rect.topLeft())
    text = edit.textCursor().block().layout().preeditAreaText()
    return {"text": text, "caret": [corner.x(), corner.y()], "told": [asked.x(), asked.y()], "within": within}


def _has_keyboard(question: dict[str, Any]) -> Any:
    """Whether a window of the program has the keyboard, as far as Qt has heard of it."""
    from PySide6.QtGui import QGuiApplication

    return QGuiApplication.focusWindow() is not None


def _titles(question: dict[str, Any]) -> Any:
    """The titles of all windows on screen."""
    from PySide6.QtWidgets import QApplication

    return [window.windowTitle() for window in QApplication.topLevelWidgets() if window.isVisible()]


def _collects(question: dict[str, Any]) -> Any:
    """Whether the interpreter collects cycles in whichever thread it likes."""
    import gc

    return gc.isenabled()


def _focus(question: dict[str, Any]) -> Any:
    """What has the keyboard: its window's title, its kind, its names and its place; None if nothing has."""
    from PySide6.QtCore import QPoint
    from PySide6.QtWidgets import QAbstractButton, QApplication

    widget = QApplication.focusWidget()
    if widget is None:
        return None
    corner = widget.mapToGlobal(QPoint(0, 0))
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    names = [widget.accessibleName(), text]
    return [widget.window().windowTitle(), type(widget).__name__, names, [corner.x(), corner.y()]]


QUESTIONS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "widgets": _widgets,
    "heard": _heard,
    "collects": _collects,
    "composed": _composed,
    "active": _active,
    "titles": _titles,
    "has_keyboard": _has_keyboard,
    "rows": _rows,
    "focus": _focus,
}


def _serve() -> None:
    """Answer in the GUI thread whatever a thread of its own reads.

    All that this needs of Qt is made here: PySide6 makes its classes when they are first touched, and two
    threads that do so at once can wait for each other for ever.
    """
    from PySide6.QtCore import QObject, Qt, Signal

    class Answerer(QObject):
        asked = Signal(str)

        def answer(self, line: str) -> None:
            question = json.loads(line)
            try:
                reply = {"answer": QUESTIONS[question["ask"]](question)}
            except Exception as error:
                reply = {"problem": repr(error)}
            sys.stdout.write(json.dumps(reply) + "\n")
            sys.stdout.flush()

    answerer = Answerer()
    answerer.asked.connect(answerer.answer, Qt.ConnectionType.QueuedConnection)

    def read() -> None:
        for line in sys.stdin:
            answerer.asked.emit(line)

    threading.Thread(target=read, daemon=True).start()


def main() -> None:
    _serve()
    from desktop.__main__ import main as weir

    sys.exit(weir())


if __name__ == "__main__":
    main()
