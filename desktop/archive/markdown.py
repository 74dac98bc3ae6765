"""A conversation as Markdown: the branch that is on screen, as it was written, with its pictures inside."""

import base64
import re
from collections.abc import Sequence

from desktop.archive.assets import picture_type
from desktop.archive.page import branch_of, ending_of, moment, name_over, title_of
from desktop.base.tongue import translate
from desktop.domain.message import (
    Conversation,
    FilePart,
    ImagePart,
    Message,
    Part,
    PlaceholderPart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
)
from desktop.domain.placeholder import placeholder_words

_MARKS = re.compile(r"([\\`*_\[\]<>#&~|])")
_RUN = re.compile(r"`{3,}")


def markdown_of(conversation: Conversation, messages: Sequence[Message]) -> str:
    """Return a conversation as one Markdown text."""
    pieces = [f"# {_literal(title_of(conversation))}", f"*{moment(conversation.created)}*"]
    for message in branch_of(conversation, messages):
        pieces.append(f"## {_literal(name_over(message))}")
        pieces += [piece for piece in map(_part, message.parts) if piece]
        if ending_of(message):
            pieces.append(f"*{_literal(ending_of(message))}*")
    return "\n\n".join(pieces) + "\n"


def _part(part: Part) -> str:
    match part:
        case TextPart() | RefusalPart():
            return part.text.strip("\n")
        case ReasoningPart():
            return "\n".join(f"> {line}".rstrip() for line in part.text.strip().splitlines())
        case ImagePart():
            return _picture(part)
        case FilePart():
            head = f"**{_literal(part.name)}**"
            return f"{head}\n\n{_fenced(part.text)}" if part.text else head
        case ToolCallPart():
            return f"**{_literal(part.name)}**\n\n{_fenced(part.arguments)}"
        case PlaceholderPart():
            head = f"**{_literal(placeholder_words(part.label))}**"
            return f"{head}\n\n{_fenced(part.raw)}" if part.raw else head


def _picture(part: ImagePart) -> str:
    kind = picture_type(part.data)
    if not kind:
        return f"**{_literal(part.name or translate('Archive', 'Picture'))}**"
    data = base64.b64encode(part.data).decode("ascii")
    return f"![{_literal(part.name)}](data:{kind};base64,{data})"


def _fenced(text: str) -> str:
    longest = max((len(run) for run in _RUN.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}\n{text.strip()}\n{fence}"


def _literal(text: str) -> str:
    return _MARKS.sub(r"\\\1", " ".join(text.split()))
