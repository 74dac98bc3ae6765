"""What Qt's own widgets do not tell screen readers: windows of ours, buttons that open something, tabs."""

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAccessibleWidget,
    QApplication,
    QLabel,
    QWidget,
)

from desktop.ui import access
from desktop.ui.access import NOTHING, Deed, Deeds, Is, ReadText
from desktop.ui.controls import announce

_Role = QAccessible.Role
_ROLE = "spoken_role"
_OPENS = "opens"
_TAB = "tab"
_SPEAK_MS = 120


def opens_something(button: QAbstractButton) -> None:
    """Have a button said to open a list or a menu, and whether that is open, where it is checkable."""
    install()
    button.setProperty(_ROLE, _OPENS)


def is_tab(button: QAbstractButton) -> None:
    """Have a checkable button said to be one of several tabs."""
    install()
    button.setProperty(_ROLE, _TAB)


def install() -> None:
    """Let Qt ask here for interfaces. Has to come before the first window is shown."""
    access.install(QLabel, _label)
    access.install(QAbstractButton, _button)
    access.install(QWidget, _window)


def _window(widget: QWidget) -> QAccessibleInterface | None:
    # Qt takes a window that is a plain widget for a part of one.
    is_ours = type(widget).__module__.startswith("desktop.") and widget.isWindow()
    return QAccessibleWidget(widget, _Role.Window) if is_ours else None


def _button(button: QAbstractButton) -> QAccessibleInterface | None:
    role = button.property(_ROLE)
    if role == _OPENS:
        return ButtonInterface(button, _Role.ButtonMenu)
    return ButtonInterface(button, _Role.PageTab) if role == _TAB else None


def _label(label: QLabel) -> QAccessibleInterface | None:
    # One whose text can be selected tells of changes of its text as a field does, but has no field's ways.
    selectable = Qt.TextInteractionFlag.TextSelectableByMouse
    return LabelInterface(label) if label.textInteractionFlags() & selectable else None


class ButtonInterface(QAccessibleWidget):
    """A checkable button that is no check box."""

    def __init__(self, button: QAbstractButton, role: QAccessible.Role) -> None:
        super().__init__(button, role)
        self._button = button
        self._role = role
        self._deeds = Deeds(self._offered)

    def text(self, kind: QAccessible.Text) -> str:
        """Return the name, which may be the button's words."""
        text = super().text(kind)
        if text or kind is not QAccessible.Text.Name:
            return text
        return self._button.text().replace("&&", "\0").replace("&", "").replace("\0", "&")

    def state(self) -> QAccessible.State:
        """Return the widget's states, and whether what it opens is open, or that it is the tab on top."""
        state = super().state()
        is_on = self._button.isChecked()
        if self._role is _Role.PageTab:
            state.selectable, state.selected = True, is_on
        else:
            state.hasPopup = True
            if self._button.isCheckable():
                state.expandable, state.expanded, state.collapsed = True, is_on, not is_on
        return state

    def interface_cast(self, kind: QAccessible.InterfaceType) -> Any:
        """Return what can be done with it."""
        return self._deeds if kind is Is.ActionInterface else NOTHING

    def _offered(self) -> list[Deed]:
        press = Deeds.pressAction()
        return [
            Deed(press, press, self._button.click),
            Deed("SetFocus", "SetFocus", self._button.setFocus),
        ]


class LabelInterface(QAccessibleWidget):
    """A label whose text can be selected."""

    def __init__(self, label: QLabel) -> None:
        super().__init__(label, _Role.StaticText)
        self._label = label
        self._text = ReadText(self._label.text, self.rect)

    def text(self, kind: QAccessible.Text) -> str:
        """Return the name, which is the text where there is no other."""
        text = super().text(kind)
        return text or self._label.text() if kind is QAccessible.Text.Name else text

    def interface_cast(self, kind: QAccessible.InterfaceType) -> Any:
        """Return how it is read."""
        return self._text if kind is Is.TextInterface else NOTHING


def speak_rows(view: QAbstractItemView, field: QWidget) -> None:
    """Have the row that a list is at said while the keyboard stays in a field beside it."""
    RowSpeaker(view, field)


class RowSpeaker(QTimer):
    """Waits until the list has come to rest, then says the row."""

    def __init__(self, view: QAbstractItemView, field: QWidget) -> None:
        super().__init__(view)
        self._view = view
        self._field = field
        self._said = ""
        self.setSingleShot(True)
        self.setInterval(_SPEAK_MS)
        self.timeout.connect(self._speak)
        view.selectionModel().currentChanged.connect(self._on_moved)
        model = view.model()
        if isinstance(model, QAbstractItemModel):
            model.modelReset.connect(self._on_moved)

    def _on_moved(
        self,
        _now: QModelIndex | QPersistentModelIndex | None = None,
        _before: QModelIndex | QPersistentModelIndex | None = None,
    ) -> None:
        if QAccessible.isActive():
            self.start()

    def _speak(self) -> None:
        index = self._view.currentIndex()
        if not index.isValid() or not self._field.hasFocus() or QApplication.activeWindow() is None:
            return
        said = index.data(Qt.ItemDataRole.AccessibleTextRole) or index.data()
        if said:
            announce(self._view, str(said))
