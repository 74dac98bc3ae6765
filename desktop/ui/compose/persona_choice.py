"""Which persona a conversation has: the field in its options."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.chat.desk import Desk
from desktop.chat.personas import Personas
from desktop.ui.controls import Chooser, button, label
from desktop.ui.theme import Theme


class PersonaField(QWidget):
    """Names the persona of the conversation on screen, and gives it another one.

    What was given stays as it was when the persona changes; that is said. `manage_requested` asks for the
    page of the personas.
    """

    manage_requested = Signal()

    def __init__(self, theme: Theme, personas: Personas, desk: Desk) -> None:
        super().__init__()
        self._personas = personas
        self._desk = desk
        self.chooser = Chooser(theme, self.tr("Persona"))
        self.manage = button(self.tr("Edit personas…"), "text")
        self.note = label(size="small", tone="muted", wraps=True)
        self.note.setMinimumWidth(1)
        caption = label(self.tr("Persona"), size="strong")
        caption.setBuddy(self.chooser)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(self.chooser, 1)
        row.addWidget(self.manage)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.px(8), 0, theme.px(4))
        column.setSpacing(theme.px(4))
        column.addWidget(caption)
        column.addLayout(row)
        column.addWidget(self.note)
        self.chooser.activated.connect(self._on_chosen)
        self.manage.clicked.connect(self.manage_requested)
        personas.entries.changed.connect(self.show_persona)
        desk.current_changed.connect(self.show_persona)

    def refresh(self) -> None:
        """Show what the conversation has, and read the personas again: their file may have been edited."""
        self._personas.entries.load()
        self.show_persona()

    def show_persona(self) -> None:
        """Show what the conversation has."""
        live, items = self._desk.current, self._personas.entries.items
        name = live.conversation.persona
        box = self.chooser
        box.blockSignals(True)
        box.clear()
        #: No persona
        box.addItem(self.tr("None", "persona"), "")
        for persona in items:
            box.addItem(persona.name, persona.id)
        found = next((item for item in items if item.name == name), None)
        if name and found is None:
            box.addItem(self.tr("{name}, as it was").format(name=name), None)
        wanted = found.id if found is not None else (None if name else "")
        at = next((at for at in range(box.count()) if box.itemData(at) == wanted), 0)
        box.setCurrentIndex(at)
        box.blockSignals(False)
        if not name:
            words = ""
        elif found is not None and found.options == live.options:
            words = self.tr("This conversation keeps these values, whatever the persona becomes.")
        else:
            words = self.tr("These values are this conversation’s own by now.")
        self.note.setText(words)
        self.note.setVisible(bool(words))

    def _on_chosen(self) -> None:
        persona_id = self.chooser.currentData()
        if persona_id is not None:
            self._personas.choose(self._personas.entries.entry(persona_id) if persona_id else None)
        self.show_persona()
