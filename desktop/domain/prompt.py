"""Prompt: messages and options before any provider shapes them."""

from dataclasses import dataclass, field

from desktop.domain.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user asks of the model beyond the text; None leaves it to the service."""

    system: str = ""
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    reasoning_effort: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What one turn sends: the branch up to and including the user's message, oldest first.

    `continues` is a reply to that message which ended too soon, and which the new one goes on from.
    """

    model: str
    messages: tuple[Message, ...]
    options: Options = field(default_factory=Options)
    conversation_id: str = ""
    continues: Message | None = None
