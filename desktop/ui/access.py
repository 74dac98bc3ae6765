"""What the windows tell assistive programs beyond what Qt's own widgets do, and who keeps it.

Nothing here runs while no assistive program is there: Qt asks for interfaces only then.
"""

import functools
import logging
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import shiboken6
from PySide6.QtCore import QObject, QPoint, QRect, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleActionInterface,
    QAccessibleAttributesInterface,
    QAccessibleInterface,
    QAccessibleTextInterface,
    QColor,
    QWindow,
)

from desktop.ui import assist

_log = logging.getLogger(__name__)

Is = QAccessible.InterfaceType
# What says "there is no such interface": None is not taken for a pointer to nothing.
NOTHING = shiboken6.VoidPtr(0)

_makers: dict[type, assist.Maker] = {}
# Qt keeps no Python reference to an interface, and one that is collected takes the process with it.
_kept: dict[int, list[QAccessibleInterface]] = {}
# Of an object that is gone Qt deletes the interface itself, after it has told us: until then it is here.
_gone: list[QAccessibleInterface] = []


def _maker_for(kind: type) -> assist.Maker | None:
    if not _makers:
        from desktop.ui import access_widgets

        _makers.update(access_widgets.MAKERS)
    if kind not in _makers and kind in assist.offers:
        _makers[kind] = assist.offers[kind]()
    return _makers.get(kind)


def make(watched: QObject | None) -> QAccessibleInterface | None:
    """Return an interface of ours for an object, or None for Qt's own."""
    # Qt also asks while an object is taken apart. What then comes here is a new Python object for what is
    # no longer whole, which must not be kept: its place in memory will soon be another one's.
    if watched is None or not shiboken6.createdByPython(watched):
        return None
    maker = next(filter(None, map(_maker_for, type(watched).__mro__)), None)
    made = maker(watched) if maker is not None else None
    if made is None:
        return None
    key = id(watched)
    _gone.clear()
    if key not in _kept:
        _kept[key] = []
        watched.destroyed.connect(lambda: _forget(key))
    # Qt finds an interface by the object and its meta object, of which PySide makes another one with every
    # new kind of connection. It asks again then, and would delete twice what it is given twice.
    _kept[key].append(made)
    return made


def _forget(key: int) -> None:
    for made in _kept.pop(key, ()):
        if isinstance(made, Guarded):
            made.is_dropped = True
        if isinstance(made, Parent):
            made.drop_parts()
        _gone.append(made)


_ANSWERS: dict[str, Callable[[], Any]] = {
    "isValid": lambda: False,
    "parent": lambda: None,
    "window": lambda: None,
    "child": lambda: None,
    "childAt": lambda: None,
    "childCount": lambda: 0,
    "focusChild": lambda: None,
    "indexOfChild": lambda: -1,
    "interface_cast": lambda: NOTHING,
    "rect": QRect,
    "role": lambda: QAccessible.Role.NoRole,
    "state": QAccessible.State,
    "text": str,
}


def _guarded(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def answer(self: Any, *arguments: Any) -> Any:
        if not self.is_dropped:
            try:
                return method(self, *arguments)
            except Exception:
                _log.exception("An assistive program was not answered: %s", name)
        return _ANSWERS[name]()

    return answer


class Guarded:
    """An interface whose methods answer whatever happens: what they raise in Qt ends the process.

    Once `is_dropped` they answer that there is nothing: Qt still asks while it takes things apart.
    """

    is_dropped = False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name in _ANSWERS.keys() & vars(cls).keys():
            setattr(cls, name, _guarded(name, vars(cls)[name]))


class Parent(Guarded):
    """Beside the interface of a widget: keeps the interfaces of what is only painted, by its own names."""

    def __init__(self) -> None:
        self._parts: dict[Any, tuple[Part, int]] = {}

    def part(self, key: Any, make: "Callable[[], Part]") -> "Part":
        """Return the interface of a painted thing, made when it is first asked for."""
        if key not in self._parts:
            made = make()
            self._parts[key] = made, QAccessible.registerAccessibleInterface(made)
        return self._parts[key][0]

    def known(self, key: Any) -> "Part | None":
        """Return the interface of a painted thing if it was ever asked for."""
        found = self._parts.get(key)
        return found[0] if found is not None else None

    def drop_parts(self, is_unwanted: Callable[[Any], bool] = lambda key: True) -> None:
        """Have Qt delete interfaces: nobody else would, and it still knows them. Never while one answers."""
        for key in [key for key in self._parts if is_unwanted(key)]:
            made, number = self._parts.pop(key)
            made.is_dropped = True
            QAccessible.deleteAccessibleInterface(number)
            _gone.append(made)


class Deed(NamedTuple):
    """Something that can be done: the name that programs know, the words for people, and how."""

    name: str
    words: str
    do: Callable[[], object]


class Deeds(QAccessibleActionInterface):
    """What can be done with a painted thing. It is done once the asking is over: it may end the thing."""

    def __init__(self, deeds: Callable[[], Sequence[Deed]]) -> None:
        super().__init__()
        self._deeds = deeds

    def actionNames(self) -> list[str]:
        """Return the names."""
        return [deed.name for deed in self._deeds()]

    def doAction(self, name: str) -> None:
        """Do it."""
        for deed in self._deeds():
            if deed.name == name:
                QTimer.singleShot(0, deed.do)

    def keyBindingsForAction(self, name: str) -> list[str]:
        """Return no keys: the menus tell them."""
        del name
        return []

    def localizedActionName(self, name: str) -> str:
        """Return the words for people."""
        return next((deed.words for deed in self._deeds() if deed.name == name), name)

    def localizedActionDescription(self, name: str) -> str:
        """Return nothing beyond the words."""
        del name
        return ""


class Level(QAccessibleAttributesInterface):
    """How deep a heading is."""

    def __init__(self, level: Callable[[], int]) -> None:
        super().__init__()
        self._level = level

    def attributeKeys(self) -> list[QAccessible.Attribute]:
        """Return that there is a level."""
        return [QAccessible.Attribute.Level]

    def attributeValue(self, key: QAccessible.Attribute) -> Any:
        """Return the level, from 1."""
        return self._level() if key is QAccessible.Attribute.Level else None


class ReadText(QAccessibleTextInterface):
    """A text that can be read by character, word and line. Places count UTF-16 units, as Qt's do."""

    def __init__(self, text: Callable[[], str], rect: Callable[[], QRect]) -> None:
        super().__init__()
        self._text = text
        self._rect = rect

    def characterCount(self) -> int:
        """Return how long it is."""
        return len(self._text().encode("utf-16-le", "surrogatepass")) // 2

    def text(self, start: int, end: int) -> str:
        """Return a stretch."""
        units = self._text().encode("utf-16-le", "surrogatepass")
        end = len(units) // 2 if end < 0 else end
        return units[2 * start : 2 * end].decode("utf-16-le", "replace")

    def cursorPosition(self) -> int:
        """Return 0: there is no caret."""
        return 0

    def setCursorPosition(self, position: int) -> None:
        """Do nothing: there is no caret."""

    def selectionCount(self) -> int:
        """Return 0: what is selected in the timeline is told by nobody."""
        return 0

    def addSelection(self, start: int, end: int) -> None:
        """Do nothing."""

    def removeSelection(self, index: int) -> None:
        """Do nothing."""

    def setSelection(self, index: int, start: int, end: int) -> None:
        """Do nothing."""

    def scrollToSubstring(self, start: int, end: int) -> None:
        """Do nothing."""

    def characterRect(self, offset: int) -> QRect:
        """Return where the whole text is."""
        del offset
        return self._rect()

    def offsetAtPoint(self, point: QPoint) -> int:
        """Return the beginning."""
        del point
        return 0


class Part(Guarded, QAccessibleInterface):
    """The interface of something that is painted and no widget. What is the same for all of them is here."""

    def isValid(self) -> bool:
        """Whether there is still such a thing; everything else may be asked only then."""
        raise NotImplementedError

    def object(self) -> QObject | None:  # type: ignore[override]
        """Return nothing: it is no widget."""
        return None

    def window(self) -> QWindow | None:  # type: ignore[override]
        """Return the window it is in."""
        return self.parent().window()

    def childCount(self) -> int:
        """Return how many things are inside."""
        return 0

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """Return one of them."""
        del index
        return None

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """Return the one at a point of the screen."""
        for number in range(self.childCount()):
            found = self.child(number)
            if found is not None and found.rect().contains(x, y):
                return found
        return None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """Return the place of a thing inside, or -1."""
        return next((n for n in range(self.childCount()) if self.child(n) is child), -1)

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Change nothing."""

    def backgroundColor(self) -> QColor:
        """Return no colour."""
        return QColor()

    def foregroundColor(self) -> QColor:
        """Return no colour."""
        return QColor()
