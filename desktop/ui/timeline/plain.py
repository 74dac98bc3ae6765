"""The text that a message shows, made from its source without laying anything out."""

from collections.abc import Iterator

from desktop.domain.message import Message, MessageState, ReasoningPart, RefusalPart, Role, TextPart
from desktop.markup import inline
from desktop.markup.blocks import Document
from desktop.markup.inline import InlineText
from desktop.markup.model import Block, Kind
from desktop.markup.tables import cells_of
from desktop.ui.timeline import words
from desktop.ui.timeline.item import failure_source
from desktop.ui.timeline.section import AFTER


def shown_sources(message: Message) -> Iterator[tuple[int, str, bool]]:
    """Return key, Markdown, and whether line breaks are kept, for each section of a message with text."""
    is_prompt = message.role is not Role.ASSISTANT
    for key, part in enumerate(message.parts):
        if isinstance(part, TextPart):
            yield key, part.text, is_prompt
        elif isinstance(part, ReasoningPart):
            yield key, part.text, False
        elif isinstance(part, RefusalPart):
            yield key, words.literal(part.text), True
    if message.state is MessageState.FAILED:
        yield AFTER, failure_source(message), True


def block_text(block: Block, document: Document, keep_breaks: bool) -> str:
    """Return the text that a block shows."""
    labels = document.labels
    if block.kind is Kind.CODE:
        return "\n".join(block.lines)
    if block.kind is Kind.TABLE:
        count = len(block.aligns)
        rows = ((cells_of(line) + [""] * count)[:count] for line in block.lines)
        return "\n".join("\t".join(inline.parse(cell, labels).text for cell in row) for row in rows)
    if block.kind in (Kind.HTML, Kind.MATH):
        return block.source.strip("\n") if block.kind is Kind.MATH else block.source
    if block.kind is Kind.RULE:
        return ""
    return InlineText(keep_breaks).parse(block.source.rstrip(" \t"), labels, False).text


def plain_text(source: str, keep_breaks: bool = False) -> str:
    """Return what Markdown shows, blocks apart by an empty line."""
    document = Document()
    document.feed(source)
    document.close()
    texts = (block_text(block, document, keep_breaks) for block in document.blocks)
    return "\n\n".join(text for text in texts if text)
