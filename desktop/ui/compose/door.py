"""The door to what helps with writing: imports and builds it when it is first wanted."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.chat.conversation import LiveConversation
from desktop.chat.desk import Desk
from desktop.chat.endpoints import Endpoints
from desktop.chat.entries import Entries
from desktop.chat.habits import Habits
from desktop.chat.personas import Personas
from desktop.chat.ports import Preferred
from desktop.chat.turn import Turn
from desktop.domain.endpoint import ModelRef
from desktop.domain.template import Template
from desktop.ui.compose.persona_button import PersonaButton
from desktop.ui.page import ConversationPage
from desktop.ui.theme import Theme

if TYPE_CHECKING:
    from desktop.ui.compose.companion import Companion
    from desktop.ui.compose.spelling import Spelling
    from desktop.ui.options.panel import OptionsPanel
    from desktop.ui.settings.appearance import AppearancePage


class ComposeDoor(QObject):
    """Has a page's composer helped, and personas chosen on the page.

    `prompts_wanted` and `personas_wanted` ask for the pages where they are kept.
    """

    prompts_wanted = Signal()
    personas_wanted = Signal()

    def __init__(
        self,
        theme: Theme,
        page: ConversationPage,
        desk: Desk,
        endpoints: Endpoints,
        preferred: Preferred,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._page = page
        self._desk = desk
        self._preferred = preferred
        self._spelling: Spelling | None = None
        self._endpoints = endpoints
        self._prompts: Entries[Template] | None = None
        self._companion: Companion | None = None
        self.habits = Habits(preferred, self)
        self.persona_button: PersonaButton | None = None
        page.composer.edit.typed.connect(self._on_typed)
        page.composer.may_send = self._may_send
        desk.turn_over.connect(self._on_turn_over)

    @property
    def companion(self) -> "Companion":
        """The composer's companion, made when it is first wanted."""
        if self._companion is None:
            from desktop.ui.compose.companion import Companion

            page = self._page
            page.composer.edit.typed.disconnect(self._on_typed)
            self._companion = Companion(self._theme, page.composer, self._endpoints, self.habits, page)
            self._companion.manage_requested.connect(self.prompts_wanted)
            self._companion.told.connect(self._on_told)
            if self._prompts is not None:
                self._companion.set_prompts(self._prompts)
        return self._companion

    def offer_prompts(self, prompts: Entries[Template]) -> None:
        """Offer these prompts behind the slash."""
        self._prompts = prompts
        self._page.composer.set_idle_hint(self.tr("/ for your prompts, @ for another model this once"))
        if self._companion is not None:
            self._companion.set_prompts(prompts)

    def offer_personas(self, personas: Personas) -> None:
        """Have personas chosen on the empty page and in the options of a conversation."""
        made = self.persona_button = PersonaButton(self._theme, personas, self._desk)
        made.manage_requested.connect(self.personas_wanted)
        self._page.empty.add_below(made)
        self._page.options_made.connect(partial(self._add_field, personas))

    def _add_field(self, personas: Personas, panel: "OptionsPanel") -> None:
        from desktop.ui.compose.persona_choice import PersonaField

        field = PersonaField(self._theme, personas, self._desk)
        field.manage_requested.connect(panel.close_panel)
        field.manage_requested.connect(self.personas_wanted)
        panel.opened.connect(field.refresh)
        panel.add_above(field)
        field.refresh()

    def offer_spelling(self) -> None:
        """Have wrong words marked, once somebody writes and where this system has dictionaries."""
        self._page.composer.edit.typed.connect(self._on_first_typed)

    @property
    def spelling(self) -> "Spelling":
        """The marks of spelling, made when they are first wanted."""
        if self._spelling is None:
            from desktop.ui.compose.spelling import Spelling

            self._spelling = Spelling(self._theme, self._page.composer.edit, self._preferred, self)
        return self._spelling

    def add_spelling_card(self, page: "AppearancePage") -> None:
        """Have spelling switched on a page of the settings."""
        from desktop.ui.settings.spelling import SpellingCard

        page.column.insertWidget(page.column.count() - 1, SpellingCard(self._theme, self.spelling))

    def close(self) -> None:
        """End what runs beside the window."""
        if self._spelling is not None:
            self._spelling.close()

    def _on_first_typed(self) -> None:
        self._page.composer.edit.typed.disconnect(self._on_first_typed)
        self.spelling.begin()

    def _on_typed(self, text: str) -> None:
        if text.endswith(("/", "@")):
            self.companion.note(text)

    def _may_send(self, text: str) -> bool:
        return "{{" not in text or self.companion.may_send(text)

    def _on_told(self, words: str) -> None:
        self._page.notice_wanted.emit("refused", words, "")

    def _on_turn_over(self, _live: LiveConversation, turn: Turn) -> None:
        self.habits.note_use(ModelRef(turn.endpoint.id, turn.reply.model))
