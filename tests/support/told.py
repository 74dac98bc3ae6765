"""What assistive programs are told of a window, and what is missing from it."""

from collections.abc import Iterator

from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QLabel, QWidget

Role = QAccessible.Role

_CONTROLS = frozenset(
    {
        Role.Button, Role.ButtonMenu, Role.ButtonDropDown, Role.CheckBox, Role.RadioButton, Role.ComboBox,
        Role.EditableText, Role.SpinBox, Role.Slider, Role.Link, Role.MenuItem, Role.PageTab, Role.List,
        Role.ListItem, Role.Table, Role.Tree, Role.TreeItem, Role.Graphic, Role.Equation, Role.Heading,
    }
)  # fmt: skip
"""What nobody can use, or understand, without a name."""

_VAGUE = frozenset({Role.NoRole, Role.Client, Role.Whitespace})
_MOST = 6_000
_MOST_CHILDREN = 60


def everything(root: QAccessibleInterface) -> Iterator[tuple[QAccessibleInterface, tuple[str, ...]]]:
    """Yield each visible thing below a root with the names of what it is inside of, in reading order."""
    left: list[tuple[QAccessibleInterface, tuple[str, ...]]] = [(root, ())]
    for _ in range(_MOST):
        if not left:
            return
        thing, path = left.pop()
        if not thing.isValid() or thing.state().invisible:
            continue
        yield thing, path
        below = (*path, _words(thing))
        count = min(thing.childCount(), _MOST_CHILDREN)
        children = [thing.child(number) for number in range(count)]
        left.extend((child, below) for child in reversed(children) if child is not None)
    raise AssertionError(f"more than {_MOST} things in a window")


def _words(thing: QAccessibleInterface) -> str:
    name = thing.text(QAccessible.Text.Name)
    return f"{thing.role().name} {name[:40]!r}"


def unnamed(window: QWidget) -> list[str]:
    """Return what a window has that cannot be known by ear: no name, no role, no state, twice the same."""
    root = QAccessible.queryAccessibleInterface(window)
    assert root is not None
    found = []
    for thing, path in everything(root):
        found += [f"{' > '.join(path[-3:])} > {_words(thing)}: {fault}" for fault in _faults(thing)]
    return found


def _faults(thing: QAccessibleInterface) -> Iterator[str]:
    role, state = thing.role(), thing.state()
    name = thing.text(QAccessible.Text.Name).strip()
    widget = thing.object()
    actions = thing.actionInterface()
    can_press = actions is not None and "Press" in actions.actionNames()
    can_focus = bool(state.focusable) and not state.disabled
    if role in _CONTROLS and not name and not _is_described(widget, thing):
        yield "has no name"
    elif (can_press or can_focus) and not name and not _is_holder(thing):
        yield "can be used and has no name"
    if (can_press or can_focus) and role in _VAGUE and not _is_holder(thing):
        yield "can be used and has no role"
    if role is Role.EditableText and name and name == thing.text(QAccessible.Text.Value).strip():
        yield "is known by its text alone"
    parent = thing.parent()
    if parent is None:
        yield "is inside of nothing"
    elif parent.isValid() and parent.indexOfChild(thing) < 0 and not _is_window(widget):
        yield f"is not among the children of {_words(parent)}"


def _is_described(widget: object, thing: QAccessibleInterface) -> bool:
    """Whether a combo box without a choice says what it is for."""
    return thing.role() is Role.ComboBox and bool(thing.text(QAccessible.Text.Description))


def _is_window(widget: object) -> bool:
    return isinstance(widget, QWidget) and widget.isWindow()


def _is_holder(thing: QAccessibleInterface) -> bool:
    """Whether it only passes the keyboard on to what is inside, or is a picture's frame for scrolling."""
    widget = thing.object()
    if not isinstance(widget, QWidget):
        return False
    is_stage = widget.childrenRect().width() > 0 and bool(widget.findChildren(QWidget))
    return widget.focusProxy() is not None or (is_stage and not isinstance(widget, QLabel))
