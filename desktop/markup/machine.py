"""Block structure line by line: every line is looked at once, whatever the length of what came before.

This is the algorithm of CommonMark 0.31.2, appendix "A parsing strategy", phase 1. Because a line only ever
acts on the open containers and the one open block, feeding a text in pieces and feeding it whole are the same
thing. What a line can begin with stands in `starts`.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any

from desktop.markup import lines as at
from desktop.markup.labels import take_definitions
from desktop.markup.lines import Line
from desktop.markup.model import Around, Block, Container, Kind

# What comes behind so many blocks is one more, of plain text: ten thousands take seconds to lay out.
MOST_BLOCKS = 2_000
_REST = "\0"
_MOST_DEFINITIONS = 500

_VERBATIM = (Kind.CODE, Kind.HTML, Kind.MATH)


class _Go(Enum):
    ON = 1
    ENDED = 2
    TAKEN = 3


def _goes_on(leaf: Block) -> Callable[[str], bool]:
    """Return what tells of a line that it only goes on with a block outside of all containers."""
    if leaf.kind is Kind.PARAGRAPH:
        return lambda text: text[:1].isalpha()
    if leaf.kind is Kind.TABLE:
        return lambda text: text[:1] == "|"
    if leaf.kind is Kind.CODE and leaf.is_fenced and not leaf.offset:
        fence = leaf.fence[0]
        return lambda text: not text.lstrip(" ").startswith(fence)
    return lambda text: False


class Machine:
    """The open containers, the open block, and the blocks so far.

    While `is_trial` is set nothing is learnt that could reach back: no link definitions are taken.
    `changed` is the smallest index of a block that a line changed other than the last one.
    """

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.labels: dict[str, Any] = {}
        self.is_trial = False
        self.changed = 0
        self._stack: list[Container] = []
        self._leaf: Block | None = None
        self._blank: tuple[Container, ...] = ()
        self._empty_lines: list[str] = []
        self._matched = 0
        self._starts: tuple[Callable[[Line, bool], bool], ...] = ()

    # Lines

    def line(self, text: str) -> None:
        """Take one line without its end."""
        if len(self.blocks) >= MOST_BLOCKS and self._is_full(text):
            return
        line = Line(text)
        matched = self._match_containers(line)
        line.look()
        is_whole = matched == len(self._stack)
        leaf = self._leaf
        if leaf is not None and is_whole:
            go = self._continue_leaf(leaf, line)
            if go is _Go.TAKEN:
                self._blank = ()
                return
            if go is _Go.ENDED:
                self._close_leaf()
            elif leaf.kind in _VERBATIM:
                self._add_verbatim(leaf, line)
                if line.is_blank and not leaf.is_fenced:
                    self._note_blank(matched)
                else:
                    self._blank = ()
                return
        is_started = self._start_blocks(line, matched)
        self._add_text(line, matched, is_started)
        if line.is_blank and not is_started:
            self._note_blank(min(matched, len(self._stack)))
        else:
            self._blank = ()

    def take_run(self, lines: list[str], start: int) -> int:
        """Take the lines from `start` on that only go on with the open block; return where others begin.

        The same as `line` for each: the short way, for blocks with a lot of them.
        """
        leaf = self._leaf
        if self._stack or leaf is None or (len(self.blocks) >= MOST_BLOCKS and not leaf.is_fenced):
            return start
        goes_on = _goes_on(leaf)
        end = start
        while end < len(lines) and goes_on(lines[end]):
            end += 1
        if end > start:
            leaf.lines += lines[start:end]
            self._blank = ()
        return end

    def _is_full(self, text: str) -> bool:
        """Take a line as plain text once there are too many blocks for any other."""
        leaf = self._leaf
        if leaf is None or leaf.fence != _REST:
            if leaf is not None and leaf.is_fenced:
                return False
            self._close_leaf()
            self._stack.clear()
            self._blank = ()
            self._leaf = Block(Kind.CODE, is_fenced=True, fence=_REST)
            self.blocks.append(self._leaf)
        self.blocks[-1].lines.append(text)
        return True

    def end(self) -> None:
        """Close everything."""
        self._close_leaf()
        self._stack.clear()
        self._blank = ()

    def _match_containers(self, line: Line) -> int:
        matched = 0
        for container in self._stack:
            if container.around is not Around.LIST:
                line.look()
                if not self._continues(container, line):
                    break
            matched += 1
        # A list goes on only through its next item.
        return matched

    @staticmethod
    def _continues(container: Container, line: Line) -> bool:
        if container.around is Around.QUOTE:
            if line.is_indented or line.char != ">":
                return False
            line.skip_spaces()
            line.skip_chars(1)
            if line.at_space():
                line.skip_columns(1)
            return True
        if line.is_blank:
            if not container.count:
                return False
            line.skip_spaces()
            return True
        if line.indent >= container.indent:
            line.skip_columns(container.indent)
            return True
        return False

    def _continue_leaf(self, leaf: Block, line: Line) -> _Go:
        if leaf.kind in (Kind.PARAGRAPH, Kind.TABLE):
            return _Go.ENDED if line.is_blank else _Go.ON
        if leaf.kind is Kind.HTML:
            return _Go.ENDED if line.is_blank and leaf.html_kind >= 6 else _Go.ON
        if leaf.kind is Kind.MATH:
            return self._continue_math(leaf, line)
        if not leaf.is_fenced:
            if line.is_indented:
                line.skip_columns(4)
                return _Go.ON
            if not line.is_blank:
                return _Go.ENDED
            line.skip_spaces()
            return _Go.ON
        if not line.is_indented and line.char == leaf.fence[0]:
            closer = line.text[line.mark :].rstrip(" \t")
            if len(closer) >= len(leaf.fence) and closer == leaf.fence[0] * len(closer):
                self._close_leaf()
                return _Go.TAKEN
        self._skip_offset(leaf, line)
        return _Go.ON

    @staticmethod
    def _skip_offset(leaf: Block, line: Line) -> None:
        for _ in range(leaf.offset):
            if not line.at_space():
                break
            line.skip_columns(1)

    def _continue_math(self, leaf: Block, line: Line) -> _Go:
        content = line.rest.strip()
        if content.endswith(leaf.fence):
            content = content[: -len(leaf.fence)].rstrip()
            if content:
                leaf.lines.append(content)
            self._close_leaf()
            return _Go.TAKEN
        return _Go.ON

    def _add_verbatim(self, leaf: Block, line: Line) -> None:
        if leaf.kind is Kind.CODE and not leaf.is_fenced:
            # Blank lines belong to indented code only if more of it follows.
            if line.is_blank:
                self._empty_lines.append(line.rest)
                return
            leaf.lines.extend(self._empty_lines)
            self._empty_lines.clear()
        leaf.lines.append(line.rest)
        if leaf.kind is Kind.HTML and leaf.html_kind < 6 and at.HTML_ENDS[leaf.html_kind].search(line.rest):
            self._close_leaf()

    def _note_blank(self, matched: int) -> None:
        chain = []
        for container in reversed(self._stack[:matched]):
            if container.around not in (Around.ITEM, Around.LIST):
                break
            chain.append(container)
        self._blank = tuple(chain)

    def _start_blocks(self, line: Line, matched: int) -> bool:
        """Open every container and block that begins on this line; return whether any did."""
        is_started = False
        while True:
            line.look()
            is_plain = not line.is_indented and line.char not in at.MAYBE_SPECIAL
            # A bar or colon means something only below the head of a table.
            if line.is_blank or (is_plain and not (line.char in "|:" and self._in_paragraph(matched))):
                return is_started
            is_paragraph = not is_started and self._in_paragraph(matched)
            self._matched = matched
            if not any(start(line, is_paragraph) for start in self._starts):
                return is_started
            is_started = True
            matched = len(self._stack)
            if self._leaf is not None or line.offset >= len(line.text):
                return True

    def _in_paragraph(self, matched: int) -> bool:
        leaf = self._leaf
        return leaf is not None and leaf.kind is Kind.PARAGRAPH and matched == len(self._stack)

    def _add_text(self, line: Line, matched: int, is_started: bool) -> None:
        leaf = self._leaf
        if is_started and leaf is not None:
            return
        line.look()
        if leaf is not None and not line.is_blank:
            if leaf.kind is Kind.PARAGRAPH:
                # Also for a line that lost its containers' marks: lazy continuation.
                line.skip_spaces()
                leaf.lines.append(line.rest)
                return
            if leaf.kind is Kind.TABLE and matched == len(self._stack):
                line.skip_spaces()
                leaf.lines.append(line.rest)
                return
        if not is_started:
            self._close_to(matched)
        if line.is_blank or (is_started and line.offset >= len(line.text)):
            return
        line.skip_spaces()
        self._add_paragraph(line.rest)

    def _add_paragraph(self, text: str) -> None:
        self._drop_list()
        item = self._stack[-1] if self._stack else None
        if item is not None and item.around is Around.ITEM and not item.count:
            ticked = at.TASK.match(text)
            if ticked:
                item.task = ticked.group(1) != " "
                text = text[ticked.end() :].lstrip()
        self._open_leaf(Block(Kind.PARAGRAPH, lines=[text]))

    # Opening and closing

    def _close_to(self, depth: int) -> None:
        """Close the open block and every container deeper than `depth`."""
        if depth < len(self._stack) or (self._leaf is not None and self._leaf.kind is not Kind.PARAGRAPH):
            self._close_leaf()
            del self._stack[depth:]

    def _begin(self) -> None:
        """Make room for a new block or container at the place that matched."""
        self._close_leaf()
        del self._stack[self._matched :]

    def _drop_list(self) -> None:
        """Leave a list whose next item did not come: only items may stand in it."""
        while self._stack and self._stack[-1].around is Around.LIST:
            self._stack.pop()

    def _grown(self) -> None:
        """Tell the innermost container that it gets another child."""
        if not self._stack:
            return
        inner = self._stack[-1]
        if inner.around is Around.ITEM and inner.count and inner in self._blank:
            self._loosen(self._stack[-2])
        inner.count += 1

    def _loosen(self, loose: Container) -> None:
        if loose.is_loose:
            return
        loose.is_loose = True
        self._mark_changed(loose)

    def _mark_changed(self, container: Container) -> None:
        """Record that every block of a container may look different now."""
        for index in range(len(self.blocks) - 1, -1, -1):
            if container not in self.blocks[index].containers:
                break
            self.changed = min(self.changed, index)

    def _open_leaf(self, block: Block) -> None:
        self._drop_list()
        self._grown()
        self._place(block)
        self._leaf = block if block.is_open else None

    def _place(self, block: Block) -> None:
        block.containers = tuple(self._stack)
        before: tuple[Container, ...] = ()
        last = self.blocks[-1] if self.blocks else None
        is_place_holder = last is not None and last.kind is Kind.PARAGRAPH and not last.lines
        if last is not None and is_place_holder and last.opens and last.opens[-1] in self._stack:
            # The last block only kept the place of an item that was empty so far.
            before = last.opens
            self.blocks.pop()
        opens = [one for one in self._stack if one.first is None and one.around in (Around.ITEM, Around.NOTE)]
        block.opens = (*before, *opens)
        for one in block.opens:
            one.first = block
        self.blocks.append(block)

    def _close_leaf(self) -> None:
        leaf = self._leaf
        if leaf is None:
            return
        self._leaf = None
        self._empty_lines.clear()
        leaf.is_open = False
        if leaf.kind is Kind.PARAGRAPH and leaf.lines[0].startswith("[") and not self.is_trial:
            self._take_labels(leaf)

    def _take_labels(self, leaf: Block) -> bool:
        """Take the definitions a paragraph begins with; return whether any text remains."""
        if len(leaf.lines) > _MOST_DEFINITIONS:
            return True
        found, rest = take_definitions(leaf.source)
        if not found:
            return True
        self._learn(found)
        if rest.strip():
            leaf.lines[:] = rest.split("\n")
            return True
        leaf.lines.clear()
        if not leaf.opens:
            self.blocks.pop()
        return False

    def _learn(self, found: dict[str, Any]) -> None:
        fresh = {label: target for label, target in found.items() if label not in self.labels}
        if not fresh:
            return
        self.labels.update(fresh)
        for index, block in enumerate(self.blocks):
            if index >= self.changed:
                break
            if any("[" in line for line in block.lines):
                self.changed = index
                break
