"""What a message is made of for somebody who hears it: headings, paragraphs, lists, tables, code, controls.

Made from the message's source, so that nothing has to be laid out for it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from PySide6.QtGui import QAccessible

from desktop.markup import inline
from desktop.markup.blocks import Document
from desktop.markup.code import language_name, language_of
from desktop.markup.inline import Inline, InlineText, Run
from desktop.markup.model import Around, Block, Container, Kind
from desktop.markup.spoken import spoken_formula, spoken_text
from desktop.markup.tables import cells_of
from desktop.ui.timeline import words
from desktop.ui.wording import pair, parts

Role = QAccessible.Role


class Act(NamedTuple):
    """What can be done with a node: what it is to the program, its words, and what it is about."""

    what: str
    words: str
    about: str = ""


@dataclass(slots=True)
class Node:
    """One thing inside a message.

    `section` and `block` say where it is on screen, if anywhere; `text` is what can be read by character
    where that is more than the name; `cell` is row and column within a table.
    """

    role: QAccessible.Role
    name: str = ""
    children: list["Node"] = field(default_factory=list)
    level: int = 0
    description: str = ""
    text: str = ""
    act: Act | None = None
    states: tuple[str, ...] = ()
    section: int | None = None
    block: int | None = None
    cell: tuple[int, int] | None = None

    def walk(self) -> Iterator["Node"]:
        """Yield it and everything inside, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()


def button(act: Act, section: int | None = None) -> Node:
    """Return a button that does something."""
    return Node(Role.Button, act.words, act=act, section=section)


def code_words(info: str, lines: int) -> str:
    """Return what is said of code instead of reading it out."""
    count = words.tr("%n line(s)", "", lines)
    return parts(words.tr("Code block"), language_name(info), count)


class Reader:
    """Turns one section's Markdown into nodes."""

    def __init__(self, section: int, source: str, *, keep_breaks: bool = False) -> None:
        """`keep_breaks` as in `Flow`: a line break of a prompt stays one."""
        self._section = section
        self._keep_breaks = keep_breaks
        self._document = Document()
        self._document.feed(source)
        self._document.close()
        self._places = {id(block): number for number, block in enumerate(self._document.blocks)}

    def nodes(self) -> list[Node]:
        """Return the nodes in reading order."""
        return self._inside(self._document.blocks, 0)

    def _inside(self, blocks: Sequence[Block], depth: int) -> list[Node]:
        made: list[Node] = []
        at = 0
        while at < len(blocks):
            block = blocks[at]
            if len(block.containers) <= depth:
                made.append(self._leaf(block))
                at += 1
                continue
            container = block.containers[depth]
            end = at
            while end < len(blocks) and blocks[end].containers[depth : depth + 1] == (container,):
                end += 1
            made.append(self._container(container, blocks[at:end], depth))
            at = end
        return made

    def _container(self, container: Container, blocks: Sequence[Block], depth: int) -> Node:
        inside = self._inside(blocks, depth + 1)
        place = self._places[id(blocks[0])]
        if container.around is Around.LIST:
            name = words.tr("List of %n item(s)", "", len(inside))
            return Node(Role.List, name, inside, section=self._section, block=place)
        if container.around is Around.QUOTE:
            return Node(Role.BlockQuote, words.tr("Quote"), inside, section=self._section, block=place)
        if container.around is Around.NOTE:
            name = words.tr("Note {mark}").format(mark=container.marker)
            return Node(Role.Note, name, inside, section=self._section, block=place)
        return self._item(container, inside, place)

    def _item(self, container: Container, inside: list[Node], place: int) -> Node:
        """Return an item of a list: its first paragraph is its name, and what is in that its own."""
        first = inside[0] if inside and inside[0].role is Role.Paragraph else None
        name = first.name if first is not None else ""
        if container.ordered:
            name = f"{container.marker} {name}".strip()
        states: tuple[str, ...] = ()
        if container.task is not None:
            states = ("checkable", "checked") if container.task else ("checkable",)
        children = [*first.children, *inside[1:]] if first is not None else inside
        return Node(
            Role.ListItem, name, children, states=states, section=self._section, block=place, text=name
        )

    def _leaf(self, block: Block) -> Node:
        place = self._places[id(block)]
        made = self._leaf_of_kind(block)
        made.section, made.block = self._section, place
        return made

    def _leaf_of_kind(self, block: Block) -> Node:
        match block.kind:
            case Kind.CODE:
                return self._code(block)
            case Kind.TABLE:
                return self._table(block)
            case Kind.MATH:
                source = block.source.strip("\n")
                return Node(Role.Equation, spoken_formula(source), description=source)
            case Kind.RULE:
                return Node(Role.Separator, words.tr("Line across the page"))
            case Kind.HTML:
                return Node(Role.Paragraph, block.source, text=block.source)
        source = block.source.rstrip(" \t")
        found = InlineText(self._keep_breaks).parse(source, self._document.labels, False)
        role = Role.Heading if block.kind is Kind.HEADING else Role.Paragraph
        said = spoken_text(found)
        return Node(role, said, list(self._marked(found)), level=block.level, text=said)

    def _marked(self, found: Inline) -> Iterator[Node]:
        """Yield the links, pictures and formulas inside a text."""
        runs = found.runs
        at = 0
        while at < len(runs):
            run = runs[at]
            end = at + 1
            if run.marks & inline.LINK and not run.marks & inline.IMAGE:
                while end < len(runs) and runs[end].href == run.href and runs[end].marks & inline.LINK:
                    end += 1
            made = self._marked_node(found.text[run.start : runs[end - 1].end], run)
            if made is not None:
                yield made
            at = end

    def _marked_node(self, text: str, run: Run) -> Node | None:
        place = self._section
        if run.marks & inline.IMAGE:
            act = Act("load_picture", words.tr("Load picture"), run.href) if run.href else None
            return Node(Role.Graphic, text, act=act, description=run.href, section=place)
        if run.marks & inline.LINK and run.href:
            act = Act("open_link", words.tr("Open link"), run.href)
            return Node(Role.Link, text, act=act, description=run.href, section=place)
        if run.marks & inline.MATH:
            return Node(Role.Equation, spoken_formula(text), description=text, section=place)
        return None

    def _code(self, block: Block) -> Node:
        code = "\n".join(block.lines)
        name = code_words(block.info, len(block.lines))
        place = self._section
        language = language_of(block.info)
        copy, save = Act("copy_code", words.tr("Copy code"), code), Act("save_code", words.tr("Save code"))
        inside = [
            Node(Role.StaticText, code, text=code, section=place, block=self._places[id(block)]),
            button(copy, place),
            button(save._replace(about=f"{language}\n{code}"), place),
        ]
        return Node(Role.Section, name, inside)

    def _table(self, block: Block) -> Node:
        count = len(block.aligns)
        place = self._section
        rows = []
        for number, line in enumerate(block.lines):
            sources = (cells_of(line) + [""] * count)[:count]
            role = Role.Cell if number else Role.ColumnHeader
            cells = []
            for column, source in enumerate(sources):
                found = inline.parse(source, self._document.labels)
                inside = list(self._marked(found))
                cells.append(Node(role, spoken_text(found), inside, cell=(number, column), section=place))
            name = parts(*(cell.name for cell in cells))
            rows.append(Node(Role.Row, name, cells, section=place))
        name = parts(
            words.tr("Table"), words.tr("%n row(s)", "", len(rows)), words.tr("%n column(s)", "", count)
        )
        return Node(Role.Table, name, rows)


def foldable(name: str, section: int, is_folded: bool, inside: Callable[[], list[Node]]) -> Node:
    """Return what can be folded, with what is inside while it is open."""
    act = Act("fold", words.tr("Show") if is_folded else words.tr("Hide"), str(section))
    states = ("expandable", "collapsed") if is_folded else ("expandable", "expanded")
    children = [] if is_folded else inside()
    return Node(Role.Grouping, name, children, act=act, states=states, section=section)


def versions(place: int, number: int) -> list[Node]:
    """Return what tells of a message's siblings and leads to them."""
    if number < 2:
        return []
    said = words.tr("Version {number} of {count}").format(number=place + 1, count=number)
    found = [Node(Role.StaticText, said)]
    if place > 0:
        found.append(button(Act("previous", words.action("previous"))))
    if place + 1 < number:
        found.append(button(Act("next", words.action("next"))))
    return found


def tag(role: QAccessible.Role, name: str, note: str, section: int) -> Node:
    """Return a file, a picture, or what can only be named."""
    said = pair(name, note) if note else name
    return Node(role, said, section=section)
