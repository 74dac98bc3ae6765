"""One message, laid out: its sections from top to bottom, and how they change while it grows."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from desktop.base.tongue import size
from desktop.domain.cut import Cut
from desktop.domain.message import (
    FilePart,
    ImagePart,
    Message,
    MessageState,
    Part,
    PlaceholderPart,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
)
from desktop.domain.placeholder import placeholder_words
from desktop.ui.timeline import words
from desktop.ui.timeline.below import Ending, Foot, Waiting
from desktop.ui.timeline.cut import CUT, CutLine
from desktop.ui.timeline.flow_place import Position
from desktop.ui.timeline.hits import Hit, paint_hits
from desktop.ui.timeline.inlays import Key
from desktop.ui.timeline.paint import Ink, Look
from desktop.ui.timeline.pieces import Picture, Tag
from desktop.ui.timeline.section import (
    AFTER,
    Body,
    Bubble,
    Head,
    Notice,
    Section,
    Thought,
)

Place = tuple[int, Position]
"""A place in a message's text: the section's key and the position in its flow."""

Span = tuple[Place | None, Place | None]
"""A stretch of a message's text; None is the message's own beginning or end."""


def failure_source(message: Message) -> str:
    """Return Markdown for a failure: the sentence, and the provider's own words as a quotation."""
    failure = message.failure
    if failure is None:
        return words.tr("The reply failed.")
    text = words.literal(words.failure_text(failure))
    if failure.words.strip():
        quoted = "\n".join(f"> {line}" for line in words.literal(failure.words).splitlines())
        text = f"{text}\n\n{quoted}"
    return text


class Item:
    """A message as the timeline lays it out. All coordinates are its own, in whole pixels."""

    def __init__(
        self,
        message: Message,
        look: Look,
        siblings: tuple[int, int],
        folds: dict[int, bool],
        cut: Cut | None = None,
    ) -> None:
        """`folds` holds what the reader folded or opened, by section key; it outlives this item.

        With `cut` the line stands above it below which everything goes to the model.
        """
        self.message = message
        self._cut = cut
        self.look = look
        self.siblings = siblings
        self.folds = folds
        self.sections: list[Section] = []
        self.width = 0
        self.height = 0
        self.is_growing = False
        self._held = 0
        self._kind_since = 0.0
        self._ready: Body | None = None
        self._build()

    @property
    def is_prompt(self) -> bool:
        """Whether it stands at the right, as what the user says does."""
        return self.message.role is not Role.ASSISTANT

    # Building

    def _build(self, standing: Mapping[int, Section] = MappingProxyType({})) -> None:
        """Make the sections; of those that are standing, by key, what has not changed is taken over."""
        message = self.message
        made: list[Section] = []
        if self._cut is not None:
            made.append(CutLine(self.look, self._cut, is_folded=self.folds.get(CUT, True)))
        if not self.is_prompt and self.look.has_heads:
            made.append(Head(self.look, message))
        for key, part in enumerate(message.parts):
            section = self._as_it_stands(part, standing.get(key)) or self._section(key, part)
            if section is not None:
                made.append(section)
        if message.state is MessageState.FAILED:
            actions = words.failure_actions(message)
            made.append(Notice(AFTER, self.look, failure_source(message), "bad", actions))
        ending = words.ending(message)
        if ending is not None:
            made.append(Ending(self.look, *ending))
        meters = words.meters(message) if not self.is_prompt else words.when(message.created)
        made.append(Foot(self.look, self.siblings, meters, at_right=self.is_prompt))
        self.sections = made
        self._held = 0

    @staticmethod
    def _as_it_stands(part: Part, old: Section | None) -> Section | None:
        """Return a section that has grown to be this part, or None if there is none."""
        if isinstance(part, TextPart) and isinstance(old, Body) and old.source == part.text:
            if old.flow is not None:
                old.flow.close()
        elif isinstance(part, ReasoningPart) and isinstance(old, Thought) and old.source == part.text:
            if part.duration_ms is not None:
                old.duration_ms = part.duration_ms
        else:
            return None
        old.is_growing = False
        return old

    def _section(self, key: int, part: Part) -> Section | None:
        look = self.look
        match part:
            case TextPart(text=text):
                if self.is_prompt:
                    return Bubble(key, look, text) if text.strip() else None
                return Body(key, look, text)
            case ReasoningPart(text=text, duration_ms=duration):
                if not text:
                    return None
                thought = Thought(key, look, text, duration, is_open=False)
                thought.is_folded = self.folds.get(key, True)
                return thought
            case RefusalPart(text=text):
                title = words.tr("The model declined to answer")
                return Notice(key, look, words.literal(text), "warn", title=title)
            case ImagePart():
                return Picture(key, look, part, at_right=self.is_prompt)
            case FilePart(name=name, data=data):
                return Tag(key, look, name, size(len(data)), at_right=self.is_prompt)
            case ToolCallPart(name=name, arguments=arguments):
                return Tag(
                    key, look, words.tr("Tool call: {name}").format(name=name), arguments, at_right=False
                )
            case PlaceholderPart(label=label):
                return Tag(
                    key,
                    look,
                    placeholder_words(label),
                    words.tr("can’t be shown here"),
                    at_right=self.is_prompt,
                )

    def set_width(self, width: int) -> None:
        """Lay out for the reading column's width."""
        if width != self.width:
            self.width = width
            self._held = 0
            for section in self.sections:
                section.lay_out(width)
            self._stack()

    def retheme(self, look: Look) -> None:
        """Take a theme's colours and sizes anew; the width has to be set again."""
        self.look = look
        if self._ready is not None:
            self._ready.retheme(look)
        self.width = 0
        for section in self.sections:
            section.retheme(look)

    def _stack(self) -> None:
        y = self.look.px(2) if self.is_prompt else 0
        for number, section in enumerate(self.sections):
            if number:
                y += self.look.px(section.gap)
            section.top = y
            y += section.height
        if self.is_growing:
            self._held = max(self._held, y)
            y = self._held
        self.height = y

    def _relay(self) -> None:
        for section in self.sections:
            section.lay_out(self.width)
        self._stack()

    # Growing

    def begin(self, *, waits: bool = False) -> None:
        """Make ready for deltas: what stands so far may grow.

        Until the first of them, an empty reply says that it waits, and with `waits` any other as well.
        """
        self.is_growing = True
        kept = [section for section in self.sections if section.key < AFTER]
        last = kept[-1] if kept else None
        if isinstance(last, Body):
            kept[-1] = Body(last.key, self.look, last.source, is_open=True)
        elif isinstance(last, Thought):
            kept[-1] = Thought(last.key, self.look, last.source, None, is_open=True)
            self._kind_since = time.monotonic()
        foot = Foot(self.look, self.siblings, "", at_right=self.is_prompt)
        is_empty = all(section.key < 0 for section in kept)
        waiting = [Waiting(self.look, has_mark=is_empty)] if waits or is_empty else []
        # Made while there is time: the first word is to be seen without delay.
        self._ready = Body(0, self.look, is_open=True) if is_empty else None
        self.sections = [*kept, *waiting, foot]
        if self.width:
            self._relay()
            if self._ready is not None:
                self._ready.lay_out(self.width)

    @property
    def foot(self) -> Foot:
        """The room for the actions."""
        foot = self.sections[-1]
        assert isinstance(foot, Foot)  # noqa: S101 (for the type checker)
        return foot

    @property
    def waiting(self) -> Waiting | None:
        """The section that says what happens before the first word, while it stands."""
        for section in self.sections:
            if isinstance(section, Waiting):
                return section
        return None

    def feed(self, kind: str, text: str, *, may_fold: bool) -> tuple[int, int]:
        """Add streamed text; return from where to where it has to be painted again.

        With `may_fold`, reasoning folds when something else begins after it.
        """
        last = self._last_part()
        top, foot = self.height, self.sections[-1]
        below = foot.top
        if last is None or _kind(last) != kind:
            if isinstance(last, Body):
                last.is_growing = False
                top = min(top, last.top)
            elif isinstance(last, Thought):
                self._end_thought(last, may_fold)
                top = min(top, last.top)
            last = self._open(kind)
            self._stack()
            top = min(top, last.top)
        elif isinstance(self.sections[-2], Waiting):
            top = min(top, self.sections[-2].top)
            del self.sections[-2]
            self._stack()
        top = min(top, self._grow(last, text))
        return top, below if foot.top == below else self.height

    def _grow(self, section: Section, text: str) -> int:
        """Add text to a section; return the first y that changed."""
        flow = section.open_flow() if isinstance(section, Thought) else section.flow
        assert isinstance(section, Body | Thought | Notice)  # noqa: S101 (for the type checker)
        section.pieces.append(text)
        if flow is None:
            return section.top
        if isinstance(section, Notice):
            damage = flow.set_source(words.literal("".join(section.pieces)))
        else:
            damage = flow.feed(text)
        before = section.height
        section.refit()
        if section.height != before:
            self._stack()
        return section.top + int(section.flow_at.y() + damage.top) - self.look.px(2)

    def _end_thought(self, thought: Thought, may_fold: bool) -> None:
        thought.is_growing = False
        thought.duration_ms = round((time.monotonic() - self._kind_since) * 1000)
        if thought.source:
            thought.open_flow().close()
        if may_fold and thought.key not in self.folds:
            thought.is_folded = True
            self._held = 0
        thought.refit()
        self._stack()

    def _last_part(self) -> Section | None:
        found = None
        for section in self.sections:
            if 0 <= section.key < AFTER:
                found = section
        return found

    def _open(self, kind: str) -> Section:
        """Put a new section for a kind of delta under the others."""
        keys = [section.key for section in self.sections if 0 <= section.key < AFTER]
        key = max(keys, default=-1) + 1
        fresh: Section
        if kind == "reasoning":
            self._kind_since = time.monotonic()
            fresh = Thought(key, self.look, "", None, is_open=True)
        elif kind == "refusal":
            title = words.tr("The model declined to answer")
            fresh = Notice(key, self.look, "", "warn", title=title)
        elif self._ready is not None and self._ready.key == key:
            fresh = self._ready
        else:
            fresh = Body(key, self.look, is_open=True)
        self._ready = None
        if fresh.width != self.width:
            fresh.lay_out(self.width)
        self.sections = [s for s in self.sections if not isinstance(s, Waiting)]
        at = next((n for n, s in enumerate(self.sections) if s.key >= AFTER), len(self.sections))
        self.sections.insert(at, fresh)
        return fresh

    def finish(self, message: Message, siblings: tuple[int, int]) -> None:
        """Take the message's final state; text that is on screen already is not laid out again."""
        standing = {section.key: section for section in self.sections if 0 <= section.key < AFTER}
        self.message = message
        self.siblings = siblings
        self.is_growing = False
        self._ready = None
        self._build(standing)
        if self.width:
            self._relay()

    def toggle_fold(self, key: int) -> None:
        """Open or fold the reasoning with a key."""
        for section in self.sections:
            if section.key == key and isinstance(section, Thought):
                section.is_folded = not section.is_folded
                self.folds[key] = section.is_folded
                section.refit()
        self._held = 0
        self._stack()

    def refit(self, key: int) -> None:
        """Work out the heights again after a section's flow has changed by itself."""
        section = self.section(key)
        if section is not None:
            section.refit()
            self._stack()

    def take_inlays(self, keys: Collection[Key]) -> bool:
        """Show formulas and pictures that have come; return whether any of them stands here."""
        # Every section is asked, also behind one that has changed.
        if not sum(section.take_inlays(keys) for section in self.sections):
            return False
        self._stack()
        return True

    # Painting and finding

    def paint(
        self,
        painter: QPainter,
        clip: QRectF,
        span: Span | None,
        hover: tuple[int, str],
        is_marked: bool,
        hits: tuple[Sequence[Hit], int] | None = None,
    ) -> None:
        """Paint what lies in `clip`; `span` is the selected stretch of this message.

        `hits` are what was found in it, and which of them is the current one.
        """
        for section in self.sections:
            if section.top + section.height < clip.top() or section.top > clip.bottom():
                continue
            selection = self.selected_in(section, span)
            ink = Ink(selection, hover[1] if hover[0] == section.key else "", is_marked)
            painter.save()
            painter.translate(0, section.top)
            section.paint(painter, clip.translated(0, -section.top), ink)
            if hits is not None:
                paint_hits(painter, clip.translated(0, -section.top), section, *hits)
            painter.restore()

    @staticmethod
    def selected_in(section: Section, span: Span | None) -> tuple[Position, Position] | None:
        """Return which part of a section's flow a span covers."""
        flow = section.flow
        if span is None or flow is None or not section.has_text:
            return None
        start, end = span
        if (start is not None and section.key < start[0]) or (end is not None and section.key > end[0]):
            return None
        first = start[1] if start is not None and section.key == start[0] else Position(0, 0)
        last = end[1] if end is not None and section.key == end[0] else flow.end
        return (first, last) if last > first else None

    def section(self, key: int) -> Section | None:
        """Return the section with a key."""
        return next((section for section in self.sections if section.key == key), None)

    def section_at(self, y: float) -> Section | None:
        """Return the section at a y, or None between sections."""
        for section in self.sections:
            if section.top <= y < section.top + section.height:
                return section
        return None

    def text_sections(self) -> Iterator[Section]:
        """Return the sections whose text can be selected."""
        return (section for section in self.sections if section.has_text and section.flow is not None)

    def hit(self, point: QPointF) -> Place | None:
        """Return the place in the text nearest to a point, or None if there is no text."""
        best: Section | None = None
        least = float("inf")
        for section in self.text_sections():
            away = max(section.top - point.y(), point.y() - section.top - section.height, 0.0)
            if away < least:
                best, least = section, away
        if best is None or best.flow is None:
            return None
        inner = point - best.flow_at - QPointF(0, best.top)
        return best.key, best.flow.hit(inner)

    def rect_of(self, place: Place) -> QRectF:
        """Return where a caret at a place stands."""
        section = self.section(place[0])
        if section is None or section.flow is None or not section.has_text:
            top = section.top if section is not None else 0
            return QRectF(0, top, 1, self.look.line_height)
        return section.flow.rect_of(place[1]).translated(section.flow_at).translated(0, section.top)


def _kind(section: Section) -> str:
    if isinstance(section, Thought):
        return "reasoning"
    if isinstance(section, Notice):
        return "refusal"
    return "text" if isinstance(section, Body) else ""
