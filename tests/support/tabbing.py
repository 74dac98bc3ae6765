"""The keyboard's way through a window: where Tab leads, in which order, and whether it can be seen."""

import itertools

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QScrollArea, QWidget

MOST_STOPS = 200


def name_of(widget: QWidget) -> str:
    """Return what a widget is called, for messages."""
    words = widget.accessibleName() or getattr(widget, "text", str)()
    return f"{type(widget).__name__} {words!r}"


def stops(window: QWidget, *, back: bool = False) -> list[QWidget]:
    """Press Tab, or Shift+Tab, until the way comes round; return where it led."""
    found: list[QWidget] = []
    for _ in range(MOST_STOPS):
        focus = window.focusWidget() or window
        key = Qt.Key.Key_Backtab if back else Qt.Key.Key_Tab
        held = Qt.KeyboardModifier.ShiftModifier if back else Qt.KeyboardModifier.NoModifier
        QTest.keyClick(focus, key, held)
        now = window.focusWidget()
        assert now is not None, f"the keyboard is nowhere after {name_of(focus)}"
        assert now is not focus, f"the keyboard is caught at {name_of(focus)}"
        if now in found:
            assert now is found[0], f"{name_of(now)} catches the keyboard before the way is round"
            return found
        found.append(now)
    raise AssertionError(f"no way round after {MOST_STOPS} stops")


def unreached(window: QWidget, found: list[QWidget]) -> list[str]:
    """Return the visible controls that Tab never comes to. Of radio buttons one stands for its group."""
    groups = {stop.group() for stop in found if isinstance(stop, QAbstractButton)} - {None}
    missed = []
    for widget in window.findChildren(QWidget):
        is_control = isinstance(widget, QAbstractButton | QComboBox | QLineEdit)
        if (
            not is_control
            or not widget.isVisible()
            or not widget.isEnabled()
            or widget.window() is not window
        ):
            continue
        if widget in found or widget.focusPolicy() == Qt.FocusPolicy.NoFocus:
            continue
        if isinstance(widget, QAbstractButton) and widget.group() in groups:
            continue
        if any(stop.isAncestorOf(widget) or widget.isAncestorOf(stop) for stop in found):
            continue
        missed.append(name_of(widget))
    return missed


def place_in(window: QWidget, widget: QWidget) -> QRect:
    """Return a widget's rectangle in its window."""
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def out_of_order(window: QWidget, found: list[QWidget], first: QWidget) -> list[str]:
    """Return the steps against the reading order from `first` on: up, or leftwards within a line."""
    at = found.index(first)
    wrong = []
    for before, after in itertools.pairwise([*found[at:], *found[:at]]):
        one, two = place_in(window, before), place_in(window, after)
        is_same_line = two.top() < one.bottom() - 4 and one.top() < two.bottom() - 4
        goes_up = two.bottom() <= one.top() + 4 and two.left() < one.right()
        goes_left = is_same_line and two.right() <= one.left()
        if goes_up or goes_left:
            wrong.append(f"{name_of(before)} {one.getRect()} -> {name_of(after)} {two.getRect()}")
    return wrong


def unseen(window: QWidget, found: list[QWidget]) -> list[str]:
    """Go the way once more; return the stops that look the same with and without the keyboard."""
    hidden = []
    for _ in found:
        widget = window.focusWidget()
        assert widget is not None
        QApplication.processEvents()
        place = place_in(window, widget).adjusted(-3, -3, 3, 3).intersected(window.rect())
        with_focus = window.grab(place).toImage()
        scrolled = _scrolled(widget)
        QTest.keyClick(widget, Qt.Key.Key_Tab)
        QApplication.processEvents()
        if window.grab(place).toImage() == with_focus and _scrolled(widget) == scrolled:
            hidden.append(name_of(widget))
    return hidden


def _scrolled(widget: QWidget) -> list[int]:
    """Return how far the areas around a widget are scrolled, which Tab may change."""
    bars = []
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea):
            bars.append(parent.verticalScrollBar().value())
        parent = parent.parentWidget()
    return bars


_VAGUE = frozenset({QAccessible.Role.NoRole, QAccessible.Role.Client, QAccessible.Role.Whitespace})


def untold(found: list[QWidget]) -> list[str]:
    """Return the stops that nobody can know by ear: without a name, or without a role."""
    faults = []
    for widget in found:
        thing = QAccessible.queryAccessibleInterface(widget)
        assert thing is not None
        name = thing.text(QAccessible.Text.Name) or thing.text(QAccessible.Text.Description)
        if not name.strip():
            faults.append(f"{name_of(widget)} has no name")
        if thing.role() in _VAGUE:
            faults.append(f"{name_of(widget)} has no role")
    return faults
