"""Prompt: messages and options before any provider shapes them."""

from dataclasses import dataclass, field

from desktop.domain.message import Message
from desktop.domain.options import Options

__all__ = ["Options", "Prompt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What one turn sends: the branch up to and including the user's message, oldest first.

    `continues` is a reply to that message which ended too soon, and which the new one goes on from.
    `reply_id` is the message that grows, empty where nothing is to be recorded of it.
    """

    model: str
    messages: tuple[Message, ...]
    options: Options = field(default_factory=Options)
    conversation_id: str = ""
    reply_id: str = ""
    continues: Message | None = None
