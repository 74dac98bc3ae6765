"""What is selected, across sections and messages, and how it reads when it is copied."""

import html
from collections.abc import Iterator

from PySide6.QtCore import QMimeData, QPointF

from desktop.domain.message import Message, ReasoningPart, RefusalPart, TextPart
from desktop.ui.timeline.flow import Flow
from desktop.ui.timeline.flow_place import Position
from desktop.ui.timeline.item import Item, Span
from desktop.ui.timeline.page import Page
from desktop.ui.timeline.section import AFTER, Section

Caret = tuple[int, int, Position]
"""A place in the transcript: the message's index, the section's key, the position in its flow."""

MOST_HTML_MESSAGES = 200
"""A longer selection is copied as Markdown alone: HTML needs every message laid out."""

_FIRST = -1_000
_LAST = 1_000_000_000


def message_markdown(message: Message, *, with_reasoning: bool = False) -> str:
    """Return what a message says, as Markdown; the reasoning only where asked for, as a quotation."""
    texts = []
    for part in message.parts:
        if isinstance(part, TextPart | RefusalPart):
            texts.append(part.text)
        elif with_reasoning and isinstance(part, ReasoningPart):
            texts.append("\n".join(f"> {line}".rstrip() for line in part.text.strip("\n").splitlines()))
    return "\n\n".join(text.strip("\n") for text in texts if text)


def message_sections(item: Item) -> list[Section]:
    """Return the sections of a message that say what it says: not its reasoning, and not how it failed."""
    return [section for section in item.text_sections() if not section.folds and section.key < AFTER]


class Selection:
    """A stretch between where it was begun and where it was drawn to.

    `unit` is "char", "word" or "block": what a drag extends by, after one, two or three clicks.
    """

    def __init__(self) -> None:
        self.anchor: Caret | None = None
        self.head: Caret | None = None
        self.unit = "char"
        self._base: tuple[Caret, Caret] | None = None

    @property
    def bounds(self) -> tuple[Caret, Caret] | None:
        """The two ends in order, or None while nothing is selected."""
        if self.anchor is None or self.head is None or self.anchor == self.head:
            return None
        return min(self.anchor, self.head), max(self.anchor, self.head)

    def clear(self) -> None:
        """Select nothing."""
        self.anchor = self.head = self._base = None
        self.unit = "char"

    def begin(self, page: Page, caret: Caret, unit: str = "char") -> None:
        """Begin at a place with its character, word or block."""
        self.unit = unit
        self._base = self._around(page, caret)
        self.anchor, self.head = self._base

    def extend(self, page: Page, caret: Caret) -> None:
        """Draw the selection to a place, by the unit it was begun with."""
        if self.anchor is None or self._base is None:
            self.begin(page, caret)
            return
        start, end = self._around(page, caret)
        if start < self._base[0]:
            self.anchor, self.head = self._base[1], start
        else:
            self.anchor, self.head = self._base[0], max(end, self._base[1])

    def select_all(self, page: Page) -> None:
        """Select every message."""
        if not page.messages:
            self.clear()
            return
        self.unit = "char"
        self.anchor = (0, _FIRST, Position(0, 0))
        self.head = (len(page.messages) - 1, _LAST, Position(0, 0))
        self._base = (self.anchor, self.anchor)

    def move_head(self, caret: Caret) -> None:
        """Move the end that the keyboard moves."""
        self.head = caret

    def _around(self, page: Page, caret: Caret) -> tuple[Caret, Caret]:
        flow = _flow(page, caret)
        if flow is None or self.unit == "char":
            return caret, caret
        start, end = flow.word_at(caret[2]) if self.unit == "word" else flow.block_at(caret[2])
        return (caret[0], caret[1], start), (caret[0], caret[1], end)

    def span_of(self, index: int) -> Span | None:
        """Return which stretch of a message is selected; None if nothing of it is."""
        bounds = self.bounds
        if bounds is None or not bounds[0][0] <= index <= bounds[1][0]:
            return None
        low, high = bounds
        return low[1:] if index == low[0] else None, high[1:] if index == high[0] else None

    def contains(self, caret: Caret) -> bool:
        """Whether a place is inside."""
        bounds = self.bounds
        return bounds is not None and bounds[0] <= caret <= bounds[1]

    # Copying

    def markdown(self, page: Page) -> str:
        """Return what is selected as Markdown, messages apart by an empty line."""
        bounds = self.bounds
        if bounds is None:
            return ""
        found = []
        for index in range(bounds[0][0], min(bounds[1][0] + 1, len(page.messages))):
            if self._is_whole(index):
                found.append(message_markdown(page.messages[index]))
            else:
                item = page.item(index)
                span = self.span_of(index)
                found.extend(_markdown(section, item, span) for section in item.text_sections())
        return "\n\n".join(text for text in found if text)

    def text(self, page: Page) -> str:
        """Return what is selected as plain text, or as Markdown where that would need too much laid out."""
        bounds = self.bounds
        if bounds is None:
            return ""
        if bounds[1][0] - bounds[0][0] >= MOST_HTML_MESSAGES:
            return self.markdown(page)
        found = []
        for index in range(bounds[0][0], min(bounds[1][0] + 1, len(page.messages))):
            item, span = page.item(index), self.span_of(index)
            for section in message_sections(item) if self._is_whole(index) else item.text_sections():
                chosen = item.selected_in(section, span)
                if chosen is not None and section.flow is not None:
                    found.append(section.flow.text_between(*chosen))
        return "\n\n".join(text for text in found if text)

    def _is_whole(self, index: int) -> bool:
        bounds = self.bounds
        if bounds is None:
            return False
        low, high = bounds
        return (index > low[0] or low[1] == _FIRST) and (index < high[0] or high[1] == _LAST)

    def html(self, page: Page) -> str:
        """Return what is selected as HTML, or nothing where that would need too much laid out."""
        bounds = self.bounds
        if bounds is None or bounds[1][0] - bounds[0][0] >= MOST_HTML_MESSAGES:
            return ""
        found = []
        for index in range(bounds[0][0], min(bounds[1][0] + 1, len(page.messages))):
            item = page.item(index)
            for section in message_sections(item) if self._is_whole(index) else item.text_sections():
                chosen = item.selected_in(section, self.span_of(index))
                if chosen is not None and section.flow is not None:
                    found.append(section.flow.html_between(*chosen))
        return "\n".join(found)

    def mime(self, page: Page) -> QMimeData:
        """Return what is selected for the clipboard."""
        made = QMimeData()
        made.setText(self.markdown(page))
        rich = self.html(page)
        if rich:
            made.setHtml(rich)
        return made


def _markdown(section: Section, item: Item, span: Span | None) -> str:
    chosen = item.selected_in(section, span)
    flow = section.flow
    if chosen is None or flow is None:
        return ""
    if chosen == (Position(0, 0), flow.end) and section.key < _LAST and section.source:
        return section.source.strip("\n")
    return flow.markdown_between(*chosen)


def message_mime(page: Page, index: int, form: str) -> QMimeData:
    """Return a message for the clipboard.

    `form` is "markdown", "thoughts" (the same with the reasoning), "plain" or "rich"; the last brings
    HTML, with Markdown for programs that take text alone.
    """
    made = QMimeData()
    message = page.messages[index]
    sections = [(section, section.flow) for section in message_sections(page.item(index)) if section.flow]
    if form == "plain":
        texts = (flow.text_between(Position(0, 0), flow.end) for _, flow in sections)
        made.setText("\n\n".join(text for text in texts if text))
        return made
    made.setText(message_markdown(message, with_reasoning=form == "thoughts"))
    if form == "rich":
        made.setHtml("\n".join(flow.html_between(Position(0, 0), flow.end) for _, flow in sections))
    return made


def plain_html(text: str) -> str:
    """Return text as HTML that shows it as it is."""
    return "<br>".join(html.escape(line) for line in text.splitlines())


def _flow(page: Page, caret: Caret) -> Flow | None:
    if not 0 <= caret[0] < len(page.messages):
        return None
    section = page.item(caret[0]).section(caret[1])
    return section.flow if section is not None else None


def _still(page: Page, caret: Caret) -> Caret:
    """Return a place no farther than its text goes now: the end of a growing reply may draw back."""
    flow = _flow(page, caret)
    return caret if flow is None else (caret[0], caret[1], min(caret[2], flow.end))


# Moving the caret by keys


def reads_right_to_left(page: Page, caret: Caret) -> bool:
    """Whether the text at a place does; the arrows go by what is seen."""
    flow = _flow(page, _still(page, caret))
    return flow is not None and flow.reads_right_to_left(min(caret[2].block, flow.block_count - 1))


def _places(page: Page, index: int) -> Iterator[Section]:
    if 0 <= index < len(page.messages):
        yield from page.item(index).text_sections()


def step(page: Page, caret: Caret, by: int) -> Caret:
    """Return the place one character on (1) or back (-1), across blocks, sections and messages."""
    caret = _still(page, caret)
    flow = _flow(page, caret)
    if flow is None:
        return caret
    index, key, position = caret
    start, end = flow.block_at(position)
    if by > 0 and position < end:
        return index, key, flow.step(position, 1)
    if by < 0 and position > start:
        return index, key, flow.step(position, -1)
    block = position.block + by
    if 0 <= block < flow.block_count:
        begin, last = flow.block_at(Position(block, 0))
        return index, key, begin if by > 0 else last
    return _beyond(page, caret, by)


def _beyond(page: Page, caret: Caret, by: int) -> Caret:
    """Return the edge of the next section with text, in this message or the ones after or before it."""
    index, key, _ = caret
    while 0 <= index < len(page.messages):
        sections = list(_places(page, index))
        if by < 0:
            sections.reverse()
        for section in sections:
            is_next = index != caret[0] or (section.key > key if by > 0 else section.key < key)
            if is_next and section.flow is not None:
                return index, section.key, Position(0, 0) if by > 0 else section.flow.end
        index += by
    return caret


def word_step(page: Page, caret: Caret, by: int) -> Caret:
    """Return the place a word on (1) or back (-1)."""
    caret = _still(page, caret)
    following = step(page, caret, by)
    flow = _flow(page, following)
    if flow is None or following[:2] != caret[:2] or following[2].block != caret[2].block:
        return following
    start, end = flow.word_at(following[2] if by < 0 else caret[2])
    edge = end if by > 0 else start
    moved = (following[0], following[1], edge)
    return moved if (moved > caret if by > 0 else moved < caret) else following


def line_edge(page: Page, caret: Caret, by: int) -> Caret:
    """Return the end (1) or the beginning (-1) of the visible line."""
    caret = _still(page, caret)
    flow = _flow(page, caret)
    if flow is None:
        return caret
    start, end = flow.line_at(caret[2])
    return caret[0], caret[1], end if by > 0 else start


def line_step(page: Page, caret: Caret, by: int) -> Caret:
    """Return the place a line below (1) or above (-1), at about the same x."""
    caret = _still(page, caret)
    flow = _flow(page, caret)
    if flow is None:
        return caret
    rect = flow.rect_of(caret[2])
    # The gap between blocks may be wider than half a line.
    for lines in (0.5, 1.0, 1.5, 2.0):
        reach = rect.bottom() + rect.height() * lines if by > 0 else rect.top() - rect.height() * lines
        if 0 <= reach <= flow.height:
            position = flow.hit(QPointF(rect.left(), reach))
            if (position > caret[2]) if by > 0 else (position < caret[2]):
                return caret[0], caret[1], position
    return _beyond(page, caret, by)
