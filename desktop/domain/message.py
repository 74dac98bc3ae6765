"""A message and its parts: what one node of a conversation holds."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from desktop.domain.cut import ContextChoice
from desktop.domain.delta import StopReason, Timing, Usage
from desktop.domain.failure import Failure
from desktop.domain.options import Options


class Role(StrEnum):
    """Who speaks."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


class MessageState(StrEnum):
    """How far a message came. A prompt is always FINISHED.

    STREAMING on disk is a reply that grows in this run of the program or in another. Where that
    run has died in mid-reply, the store turns it into INTERRUPTED.
    """

    STREAMING = "streaming"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class TextPart:
    """Markdown source, as received or typed."""

    kind: ClassVar[str] = "text"
    text: str


@dataclass(frozen=True, slots=True)
class ReasoningPart:
    """What a model thought before it answered.

    `signature` is the provider's seal over the text, sent back unchanged where it asks for that.
    """

    kind: ClassVar[str] = "reasoning"
    text: str
    duration_ms: int | None = None
    signature: str = ""


@dataclass(frozen=True, slots=True)
class RefusalPart:
    """The provider's own words for why the model would not answer."""

    kind: ClassVar[str] = "refusal"
    text: str


@dataclass(frozen=True, slots=True)
class ImagePart:
    """An image in the message: its bytes and their media type, for instance image/png."""

    kind: ClassVar[str] = "image"
    media_type: str
    data: bytes = field(repr=False)
    name: str = ""


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file that goes with the message. `text` is its readable content where there is one."""

    kind: ClassVar[str] = "file"
    name: str
    media_type: str
    data: bytes = field(repr=False)
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ToolCallPart:
    """A call the model asked for. `arguments` is JSON text, as received."""

    kind: ClassVar[str] = "tool_call"
    name: str
    arguments: str
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class PlaceholderPart:
    """Content of a kind that Weir can't show; `label` names it, `raw` keeps the provider's JSON."""

    kind: ClassVar[str] = "placeholder"
    label: str
    raw: str = field(default="", repr=False)


Part = TextPart | ReasoningPart | RefusalPart | ImagePart | FilePart | ToolCallPart | PlaceholderPart


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One node of a conversation's tree.

    `created` is Unix milliseconds. `endpoint` is the name the user gave the endpoint, kept as it
    was when the reply came, so that a later rename or removal does not change the past.
    """

    id: str
    conversation_id: str
    parent_id: str | None
    role: Role
    parts: tuple[Part, ...]
    state: MessageState = MessageState.FINISHED
    created: int = 0
    model: str = ""
    endpoint: str = ""
    usage: Usage | None = None
    timing: Timing | None = None
    stop_reason: StopReason | None = None
    failure: Failure | None = None

    @property
    def text(self) -> str:
        """The text parts alone, joined; never the reasoning."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))

    @property
    def reasoning(self) -> str:
        """The reasoning parts alone, joined."""
        return "".join(part.text for part in self.parts if isinstance(part, ReasoningPart))


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A titled tree of messages, without its messages. Times are Unix milliseconds.

    `head_id` is the leaf of the branch on screen. `endpoint_id` and `model` are the choice for the
    next prompt; empty means the program's current choice. `options` go with every prompt,
    `persona` names the persona that they were taken from, and
    `context` says what of the conversation does.
    `archived`, `folder_id` and `tags` say where it stands; they are stored with a new row alone and
    change by calls of their own.
    """

    id: str
    title: str
    created: int
    updated: int
    head_id: str | None = None
    endpoint_id: str = ""
    model: str = ""
    pinned: bool = False
    options: Options = field(default_factory=Options)
    persona: str = ""
    context: ContextChoice = field(default_factory=ContextChoice)
    archived: bool = False
    folder_id: str | None = None
    tags: tuple[str, ...] = ()
