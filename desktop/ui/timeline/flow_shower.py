"""What a block is shown as where that is not what it is."""

from dataclasses import replace

from desktop.markup.model import Block, Kind
from desktop.markup.tables import cells_of

# Longer paragraphs, formulas and HTML are shown as plain text: laying out one takes 2 µs a character.
_RUNNING = (Kind.PARAGRAPH, Kind.HEADING, Kind.HTML, Kind.MATH)
_MOST_RUNNING = 30_000
_MOST_LINES = 2_000


class Shower:
    """Decides for the blocks of one flow."""

    def __init__(self) -> None:
        self._plain: Block | None = None

    def as_shown(self, block: Block) -> Block:
        """Return the block to show.

        A lone line in bars is the head of a table while it may become one. Text that is too long for
        paragraphs is shown as code is, whose lines are laid out when they are seen.
        """
        if block.kind not in _RUNNING:
            return block
        lines = block.lines
        if len(lines) > _MOST_LINES or sum(map(len, lines)) > _MOST_RUNNING:
            plain = self._plain
            if plain is None or plain.lines is not lines:
                plain = self._plain = replace(block, kind=Kind.CODE, info="", lines=lines)
            plain.is_open = block.is_open
            return plain
        if block.kind is not Kind.PARAGRAPH or not block.is_open or len(lines) != 1:
            return block
        if not lines[0].startswith("|") or lines[0].count("|") < 2:
            return block
        aligns = ("",) * len(cells_of(lines[0]))
        return replace(block, kind=Kind.TABLE, lines=[lines[0]], aligns=aligns)
