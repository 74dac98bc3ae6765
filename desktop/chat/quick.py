"""QuickQuestion: one question and what follows it, asked beside the conversations of the windows."""

from PySide6.QtCore import QObject, Signal

from desktop.base.tongue import sentences
from desktop.chat.conversation import Choice, LiveConversation
from desktop.chat.desk import Desk
from desktop.chat.endpoints import Endpoints
from desktop.chat.entries import Entries
from desktop.chat.ports import Preferred
from desktop.domain.endpoint import ModelRef
from desktop.domain.message import Part
from desktop.domain.persona import Persona

MODEL = "quick.model"
PERSONA = "quick.persona"
"""Preferences: which model answers and as which persona; the one used last and none where empty."""


class QuickQuestion(QObject):
    """Holds the conversation of the quick window: an ordinary one, kept in the history like all others.

    `renewed` follows another conversation in `live`, `model_changed` another model that will answer.
    `refused` says in words why something was not done.
    """

    renewed = Signal()
    model_changed = Signal()
    refused = Signal(str)

    def __init__(
        self,
        desk: Desk,
        endpoints: Endpoints,
        personas: Entries[Persona],
        preferred: Preferred,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._endpoints = endpoints
        self._personas = personas
        self._preferred = preferred
        self._chosen: ModelRef | None = None
        self._live: LiveConversation | None = None
        endpoints.choice_changed.connect(self.model_changed)
        endpoints.changed.connect(self.model_changed)
        personas.changed.connect(self._give_persona)

    @property
    def live(self) -> LiveConversation:
        """The conversation; an empty one where nothing was asked yet."""
        if self._live is None:
            self._live = self._desk.begin_beside()
            self._live.refused.connect(self.refused)
            self._live.storage_failed.connect(self.refused)
            self._live.destroyed.connect(self._on_gone)
            self._give_persona()
        return self._live

    @property
    def is_streaming(self) -> bool:
        """Whether a reply comes."""
        return self._live is not None and bool(self._live.turns)

    @property
    def ref(self) -> ModelRef | None:
        """The model that answers: the one chosen for this question, for all quick questions, or the last."""
        persona = self._persona()
        wished = (self._chosen, _kept(self._preferred), persona.model if persona is not None else None)
        for ref in wished:
            if ref is not None and self._endpoints.endpoint(ref.endpoint_id) is not None:
                return ref
        return self._endpoints.choice

    @property
    def is_ready(self) -> bool:
        """Whether it is known which model answers: not while the endpoints are being read."""
        kept, endpoints = _kept(self._preferred), self._endpoints
        is_kept_there = kept is None or endpoints.endpoint(kept.endpoint_id) is not None
        return endpoints.is_choice_there and (is_kept_there or endpoints.is_read)

    def choose(self, ref: ModelRef) -> None:
        """Have a model answer this question."""
        self._chosen = ref
        self.model_changed.emit()

    def begin(self) -> None:
        """Go on with a new question. What was asked is kept, and a reply that comes goes on."""
        before, self._live = self._live, None
        self._chosen = None
        if before is not None:
            before.refused.disconnect(self.refused)
            before.storage_failed.disconnect(self.refused)
            before.destroyed.disconnect(self._on_gone)
            self._desk.let_go(before)
        self._personas.load()
        self.renewed.emit()
        self.model_changed.emit()

    def close(self) -> None:
        """Let the conversation go at the program's end."""
        self.blockSignals(True)
        before, self._live = self._live, None
        if before is not None:
            before.destroyed.disconnect(self._on_gone)
            self._desk.let_go(before)

    def send(self, text: str, parts: tuple[Part, ...] = ()) -> bool:
        """Ask; return whether it was taken."""
        choice = self._choice(parts)
        return choice is not None and self.live.send((choice,), text, parts)

    def try_again(self, message_id: str) -> None:
        """Ask for another reply beside a reply."""
        if (choice := self._choice(self.live.attached_to(message_id))) is not None:
            self.live.try_again(*choice, message_id)

    def go_on(self, message_id: str) -> None:
        """Ask for the rest of a reply that ended too soon."""
        if (choice := self._choice(self.live.attached_to(message_id))) is not None:
            self.live.continue_reply(*choice, message_id)

    def stop(self) -> None:
        """Stop the reply that comes."""
        if self._live is not None:
            self._live.stop()

    def _choice(self, parts: tuple[Part, ...]) -> Choice | None:
        if not self.is_ready:
            self.refused.emit(self.tr("Your endpoints are still being read. Send again in a moment."))
            return None
        ref = self.ref
        endpoint = self._endpoints.endpoint(ref.endpoint_id) if ref is not None else None
        if ref is None or endpoint is None:
            self.refused.emit(self.tr("Choose a model first."))
            return None
        abilities = self._endpoints.abilities(self.live.options, ref) if parts else None
        failure = abilities.objection(parts, endpoint.name, ref.model) if abilities is not None else None
        if failure is not None:
            self.refused.emit(sentences(failure.sentence, failure.words))
            return None
        return endpoint, ref.model

    def _on_gone(self) -> None:
        """Begin anew: the conversation was deleted in another window."""
        self._live = None
        self.renewed.emit()

    def _persona(self) -> Persona | None:
        persona_id = self._preferred.read(PERSONA, "")
        return self._personas.entry(persona_id) if persona_id else None

    def _give_persona(self) -> None:
        """Give a conversation in which nothing was said yet what the persona has, once that is read."""
        persona = self._persona()
        if persona is not None and self._live is not None and self._live.is_empty:
            self._live.set_options(persona.options, persona.name)
        self.model_changed.emit()


def _kept(preferred: Preferred) -> ModelRef | None:
    endpoint_id, _, model = preferred.read(MODEL, "").partition("\t")
    return ModelRef(endpoint_id, model) if endpoint_id and model else None
