"""The button on the empty page that gives a new conversation its persona."""

from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from desktop.chat.conversation import LiveConversation
from desktop.chat.desk import Desk
from desktop.chat.personas import Personas
from desktop.domain.persona import Persona
from desktop.ui.controls import button, opens_something
from desktop.ui.icons import icon
from desktop.ui.theme import Theme


class PersonaButton(QWidget):
    """Names the persona of the conversation on screen and opens a menu of all.

    `manage_requested` asks for the page of the personas.
    """

    manage_requested = Signal()

    def __init__(self, theme: Theme, personas: Personas, desk: Desk) -> None:
        super().__init__()
        self._theme = theme
        self._personas = personas
        self._desk = desk
        self._live: LiveConversation | None = None
        self.menu: QMenu | None = None
        self.button = button("", "pill")
        opens_something(self.button)
        self.button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme.px(2), 0, 0)
        row.addStretch(1)
        row.addWidget(self.button)
        row.addStretch(1)
        self.button.clicked.connect(self.open_menu)
        desk.current_changed.connect(self._follow)
        theme.changed.connect(self._restyle)
        self._restyle()
        self._follow()

    def open_menu(self) -> None:
        """Show the personas; they are read again, because their file may have been edited."""
        entries = self._personas.entries
        if not entries.is_read:
            entries.changed.connect(self._on_read)
        entries.load()
        if entries.is_read:
            self._show_menu()

    def _on_read(self) -> None:
        self._personas.entries.changed.disconnect(self._on_read)
        if self.isVisible():
            self._show_menu()

    def _show_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        name = self._desk.current.conversation.persona
        #: No persona
        self._add(menu, self.tr("None", "persona"), not name, None)
        for persona in self._personas.entries.items:
            self._add(menu, persona.name, persona.name == name, persona)
        menu.addSeparator()
        manage = QAction(self.tr("Edit personas…"), menu)
        manage.triggered.connect(self.manage_requested)
        menu.addAction(manage)
        self.menu = menu
        menu.destroyed.connect(self._on_gone)
        menu.popup(self.button.mapToGlobal(QPoint(0, self.button.height() + 2)))

    def _add(self, menu: QMenu, words: str, is_on: bool, persona: Persona | None) -> None:
        # An ampersand would be taken for the mark of a key.
        action = QAction(words.replace("&", "&&"), menu)
        action.setCheckable(True)
        action.setChecked(is_on)
        action.triggered.connect(partial(self._personas.choose, persona))
        menu.addAction(action)

    def _on_gone(self) -> None:
        self.menu = None

    def _follow(self) -> None:
        if self._live is not None:
            self._live.options_changed.disconnect(self._show_name)
        self._live = self._desk.current
        self._live.options_changed.connect(self._show_name)
        self._show_name()

    def _show_name(self) -> None:
        name = self._desk.current.conversation.persona
        words = self.tr("Persona: {name}").format(name=name) if name else self.tr("Persona: none")
        self.button.setText(words.replace("&", "&&"))
        self.button.setAccessibleName(words)

    def _restyle(self) -> None:
        self.button.setIcon(icon("chevron-down", self._theme.color("muted"), self._theme.px(12)))
