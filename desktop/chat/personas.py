"""Personas: which one a conversation is given, and which one new conversations begin with."""

from PySide6.QtCore import QObject, Signal

from desktop.chat.desk import Desk
from desktop.chat.endpoints import Endpoints
from desktop.chat.entries import Entries
from desktop.chat.ports import Preferred
from desktop.domain.options import Options
from desktop.domain.persona import Persona

DEFAULT = "persona"


class Personas(QObject):
    """Gives personas to conversations. A conversation keeps the values; the persona's name goes with them.

    `default_changed` follows another persona for new conversations.
    """

    default_changed = Signal()

    def __init__(
        self,
        entries: Entries[Persona],
        desk: Desk,
        endpoints: Endpoints,
        preferred: Preferred,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.entries = entries
        self._desk = desk
        self._endpoints = endpoints
        self._preferred = preferred
        self._left_id = ""
        desk.current_changed.connect(self._begin)
        entries.changed.connect(self._begin)
        endpoints.loaded.connect(self._begin)

    @property
    def default_id(self) -> str:
        """The id of the persona that new conversations begin with, empty for none."""
        return self._preferred.read(DEFAULT, "")

    def set_default(self, persona_id: str) -> None:
        """Have new conversations begin with a persona, or with none."""
        if persona_id != self.default_id:
            self._preferred.write(DEFAULT, persona_id)
            self.default_changed.emit()

    def load(self) -> None:
        """Read the personas where a new conversation is to begin with one."""
        if self.default_id:
            self.entries.load()

    def choose(self, persona: Persona | None) -> None:
        """Give the conversation on screen a persona's values, or those of a conversation without any."""
        live = self._desk.current
        self._left_id = live.conversation.id
        if persona is None:
            live.set_options(Options(), "")
            return
        live.set_options(persona.options, persona.name)
        if persona.model is not None:
            self._desk.suggest(persona.model)

    def _begin(self) -> None:
        """Give a new conversation the persona that new ones begin with, unless it has anything of its own."""
        live = self._desk.current
        persona = self.entries.entry(self.default_id) if self.default_id else None
        is_untouched = live.is_empty and live.options == Options() and not live.conversation.persona
        if persona is not None and is_untouched and live.conversation.id != self._left_id:
            self.choose(persona)
