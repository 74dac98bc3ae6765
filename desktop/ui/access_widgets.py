"""What Qt's own widgets do not tell screen readers: windows of ours, buttons that open something, tabs."""

from typing import Any, cast

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAccessibleWidget,
    QApplication,
    QLabel,
    QListView,
    QPushButton,
    QScrollArea,
    QToolButton,
    QWidget,
)

from desktop.ui.access import NOTHING, Deed, Deeds, Guarded, Is, ReadText
from desktop.ui.access_list import ListInterface
from desktop.ui.assist import Maker
from desktop.ui.controls import CHART, DOCUMENT, OPENS, SPOKEN_ROLE, TAB, announce

_Role = QAccessible.Role
_ROLES = {OPENS: _Role.ButtonMenu, TAB: _Role.PageTab}
_SPEAK_MS = 120


def _window(widget: QWidget) -> QAccessibleInterface | None:
    # Qt takes a window that is a plain widget for a part of one.
    kinds = iter(type(widget).__mro__)
    is_plain = next(kind for kind in kinds if kind.__module__.startswith("PySide6.")) is QWidget
    is_ours = is_plain and type(widget) is not QWidget
    return WindowInterface(widget) if is_ours else None


def _area(area: QScrollArea) -> QAccessibleInterface | None:
    return QAccessibleWidget(area, _Role.Document) if area.property(SPOKEN_ROLE) == DOCUMENT else None


class WindowInterface(Guarded, QAccessibleWidget):
    """A widget of ours that may be a window; it is asked for before it is put into one, if it is."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)

    @property
    def _widget(self) -> QWidget:
        # Asked for each time: whoever kept it here would keep a window alive that nobody else wants.
        return cast(QWidget, self.object())

    def role(self) -> QAccessible.Role:
        """Return what it is."""
        if self._widget.property(SPOKEN_ROLE) == CHART:
            return _Role.Chart
        return _Role.Window if self._widget.isWindow() else super().role()


class ButtonInterface(Guarded, QAccessibleWidget):
    """A button. One that is checkable is a check box, unless it opens something or is one of several tabs."""

    def __init__(self, button: QAbstractButton) -> None:
        super().__init__(button, _Role.Button)
        self._deeds = Deeds(self._offered)

    @property
    def _button(self) -> QAbstractButton:
        return cast(QAbstractButton, self.object())

    def role(self) -> QAccessible.Role:
        """Return what it is now: what it opens is often told after it was made."""
        button = self._button
        special = _ROLES.get(button.property(SPOKEN_ROLE))
        return special or (_Role.CheckBox if button.isCheckable() else _Role.Button)

    def text(self, kind: QAccessible.Text) -> str:
        """Return the name, which may be the button's words."""
        text = super().text(kind)
        return text or _bare(self._button.text()) if kind is QAccessible.Text.Name else text

    def state(self) -> QAccessible.State:
        """Return the widget's states, and whether it is pressed, checked or on top, or its list is open."""
        state, button, role = super().state(), self._button, self.role()
        is_on = button.isChecked()
        state.pressed = button.isDown()
        if role is _Role.PageTab:
            state.selectable, state.selected = True, is_on
        elif role is _Role.CheckBox:
            state.checkable, state.checked = True, is_on
        elif role is _Role.ButtonMenu:
            state.hasPopup = True
            if button.isCheckable():
                state.expandable, state.expanded, state.collapsed = True, is_on, not is_on
        return state

    def interface_cast(self, kind: QAccessible.InterfaceType) -> Any:
        """Return what can be done with it."""
        return self._deeds if kind is Is.ActionInterface else NOTHING

    def _offered(self) -> list[Deed]:
        button = self._button
        if not button.isEnabled():
            return []
        return [Deed("Press", "Press", button.click), Deed("SetFocus", "SetFocus", button.setFocus)]


def _bare(text: str) -> str:
    """Return a text without the marks of keys."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")


class LabelInterface(Guarded, QAccessibleWidget):
    """A label. One whose text can be selected tells of changes as a field does, so it is read like one."""

    def __init__(self, label: QLabel) -> None:
        super().__init__(label, _Role.StaticText)
        self._text = ReadText(self._shown, self.rect)

    @property
    def _label(self) -> QLabel:
        return cast(QLabel, self.object())

    def _shown(self) -> str:
        text = self._label.text()
        return _bare(text) if self._label.buddy() is not None else text

    def role(self) -> QAccessible.Role:
        """Return whether it shows words or a picture."""
        return _Role.StaticText if self._label.pixmap().isNull() else _Role.Graphic

    def text(self, kind: QAccessible.Text) -> str:
        """Return the name, which is the text where there is no other."""
        text = super().text(kind)
        return text or self._shown() if kind is QAccessible.Text.Name else text

    def interface_cast(self, kind: QAccessible.InterfaceType) -> Any:
        """Return how it is read, where its text can be selected."""
        flags = self._label.textInteractionFlags()
        is_read = bool(flags & Qt.TextInteractionFlag.TextSelectableByMouse)
        return self._text if kind is Is.TextInterface and is_read else NOTHING


MAKERS: dict[type, Maker] = {
    QLabel: LabelInterface,
    QPushButton: ButtonInterface,
    QToolButton: ButtonInterface,
    QListView: ListInterface,
    QScrollArea: _area,
    QWidget: _window,
}
"""What makes the interfaces of Qt's own kinds of widgets where Qt's are not enough."""


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
