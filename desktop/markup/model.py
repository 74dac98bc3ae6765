"""What Markdown becomes: leaf blocks in reading order, each knowing the containers around it."""

from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """What a block is. Lists and quotes are no blocks but containers of blocks."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    CODE = "code"
    MATH = "math"
    TABLE = "table"
    HTML = "html"
    RULE = "rule"


class Around(Enum):
    """What a container is."""

    QUOTE = "quote"
    LIST = "list"
    ITEM = "item"
    NOTE = "note"


@dataclass(eq=False, slots=True)
class Container:
    """A quote, a list, one of its items, or a footnote.

    `marker` is what stands before an item ("•", "3.") or the label of a footnote; `task` is None, or whether
    the item's box is ticked; `indent` is how many columns a line needs to belong to an item. `is_loose` is a
    property of a list. `first` is the first block inside, once there is one.
    """

    around: Around
    marker: str = ""
    delimiter: str = ""
    ordered: bool = False
    start: int = 1
    indent: int = 0
    task: bool | None = None
    is_loose: bool = False
    count: int = 0
    first: "Block | None" = None


@dataclass(eq=False, slots=True)
class Block:
    """One leaf of the page.

    `lines` are the raw source lines without the containers' marks: of code and HTML the text itself, of a
    paragraph or heading the inline source, of a table its rows from the head on without the delimiter row.
    `info` is the language of code; `aligns` are "", "left", "right" or "center" for each table column;
    `opens` are the containers whose first block this is, outermost first.
    """

    kind: Kind
    containers: tuple[Container, ...] = ()
    lines: list[str] = field(default_factory=list)
    level: int = 0
    info: str = ""
    aligns: tuple[str, ...] = ()
    opens: tuple[Container, ...] = ()
    is_open: bool = True
    # Fences only: the mark that opened it and how far it was indented.
    fence: str = ""
    offset: int = 0
    # HTML only: which of the seven start conditions of the specification opened it.
    html_kind: int = 0
    is_fenced: bool = False

    @property
    def source(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines)
