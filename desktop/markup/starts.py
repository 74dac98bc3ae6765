"""What a line can begin with, in the order in which CommonMark tries it; also tables, formulas and notes."""

from desktop.markup import lines as at
from desktop.markup.lines import Line
from desktop.markup.machine import Machine
from desktop.markup.model import Around, Block, Container, Kind
from desktop.markup.tables import aligns_of, head_fits

# Deeper nesting is shown as text: nobody writes it, and every level costs each line of the page.
_DEEPEST = 32
_MATH_SIGNS = frozenset("\\^_={}")


class Starter(Machine):
    """A machine that knows every block and container. Each `_start_` returns whether it began."""

    def __init__(self) -> None:
        super().__init__()
        self._starts = (
            self._start_quote,
            self._start_heading,
            self._start_fence,
            self._start_math,
            self._start_html,
            self._start_table,
            self._start_setext,
            self._start_rule,
            self._start_note,
            self._start_item,
            self._start_indented,
        )

    def _start_quote(self, line: Line, is_paragraph: bool) -> bool:
        del is_paragraph
        if line.is_indented or line.char != ">" or self._matched >= _DEEPEST:
            return False
        self._begin()
        self._drop_list()
        line.skip_spaces()
        line.skip_chars(1)
        if line.at_space():
            line.skip_columns(1)
        self._grown()
        self._stack.append(Container(Around.QUOTE))
        return True

    def _start_heading(self, line: Line, is_paragraph: bool) -> bool:
        del is_paragraph
        if line.is_indented or line.char != "#":
            return False
        match = at.ATX_HEADING.match(line.text, line.mark)
        if not match:
            return False
        text = at.ATX_END.sub("", line.text[match.end() :]).strip(" \t")
        self._begin()
        level = len(match.group().rstrip())
        self._open_leaf(Block(Kind.HEADING, lines=[text], level=level, is_open=False))
        line.offset = len(line.text)
        return True

    def _start_fence(self, line: Line, is_paragraph: bool) -> bool:
        del is_paragraph
        if line.is_indented or line.char not in ("`", "~"):
            return False
        match = at.FENCE.match(line.text, line.mark)
        if not match:
            return False
        self._begin()
        info = line.text[match.end() :].strip()
        offset = line.indent
        self._open_leaf(Block(Kind.CODE, info=info, fence=match.group(), offset=offset, is_fenced=True))
        return True

    def _start_math(self, line: Line, is_paragraph: bool) -> bool:
        del is_paragraph
        if line.is_indented or line.char not in ("$", "\\"):
            return False
        match = at.MATH_FENCE.match(line.text, line.mark)
        if not match:
            return False
        fence = "$$" if match.group() == "$$" else "\\]"
        content = line.text[match.end() :].strip()
        closed = content.endswith(fence)
        if closed:
            content = content[: -len(fence)].strip()
        if fence in content or (closed and not content):
            return False
        if content and not closed and not _MATH_SIGNS.intersection(content):
            return False
        self._begin()
        lines = [content] if content else []
        self._open_leaf(Block(Kind.MATH, lines=lines, fence=fence, is_open=not closed, is_fenced=True))
        line.offset = len(line.text)
        return True

    def _start_html(self, line: Line, is_paragraph: bool) -> bool:
        if line.is_indented or line.char != "<":
            return False
        is_lazy = self._leaf is not None and self._leaf.kind is Kind.PARAGRAPH
        for kind in range(1, 8):
            if at.HTML_STARTS[kind].match(line.text, line.mark):
                if kind == 7 and (is_paragraph or is_lazy):
                    return False
                self._begin()
                is_open = kind >= 6 or not at.HTML_ENDS[kind].search(line.text, line.mark)
                self._open_leaf(Block(Kind.HTML, lines=[line.rest], html_kind=kind, is_open=is_open))
                line.offset = len(line.text)
                return True
        return False

    def _start_table(self, line: Line, is_paragraph: bool) -> bool:
        leaf = self._leaf
        if not is_paragraph or leaf is None or line.is_indented or line.char not in ("|", "-", ":"):
            return False
        aligns = aligns_of(line.rest)
        head = leaf.lines[-1]
        if aligns is None or not head_fits(head, aligns):
            return False
        table = Block(Kind.TABLE, lines=[head], aligns=aligns)
        if len(leaf.lines) > 1:
            leaf.lines.pop()
            self._begin()
            self._open_leaf(table)
        else:
            table.containers, table.opens = leaf.containers, leaf.opens
            self._replace(table)
        line.offset = len(line.text)
        return True

    def _replace(self, block: Block) -> None:
        """Put another block in the place of the last one."""
        for one in block.opens:
            one.first = block
        self.blocks[-1] = block
        self._leaf = block if block.is_open else None

    def _start_setext(self, line: Line, is_paragraph: bool) -> bool:
        leaf = self._leaf
        if not is_paragraph or leaf is None or line.is_indented or line.char not in ("=", "-"):
            return False
        match = at.SETEXT.match(line.text, line.mark)
        if not match:
            return False
        if leaf.lines[0].startswith("[") and not self.is_trial and not self._take_labels(leaf):
            self._leaf = None
            return False
        level = 1 if match.group(1)[0] == "=" else 2
        block = Block(Kind.HEADING, leaf.containers, leaf.lines, level, opens=leaf.opens, is_open=False)
        self._replace(block)
        line.offset = len(line.text)
        return True

    def _start_rule(self, line: Line, is_paragraph: bool) -> bool:
        del is_paragraph
        if line.is_indented or not at.THEMATIC_BREAK.match(line.text, line.mark):
            return False
        self._begin()
        self._open_leaf(Block(Kind.RULE, is_open=False))
        line.offset = len(line.text)
        return True

    def _start_note(self, line: Line, is_paragraph: bool) -> bool:
        del is_paragraph
        if line.is_indented or line.char != "[" or self._matched >= _DEEPEST:
            return False
        match = at.NOTE.match(line.text, line.mark)
        if not match:
            return False
        self._begin()
        self._drop_list()
        line.skip_spaces()
        line.skip_chars(match.end() - match.start())
        self._grown()
        self._stack.append(Container(Around.NOTE, marker=match.group(1), indent=4))
        if not self.is_trial:
            self._learn({"^" + match.group(1).upper(): {}})
        return True

    def _start_item(self, line: Line, is_paragraph: bool) -> bool:
        if line.is_indented or self._matched >= _DEEPEST:
            return False
        match = at.BULLET.match(line.text, line.mark) or at.ORDERED.match(line.text, line.mark)
        if not match:
            return False
        follower = line.text[match.end() : match.end() + 1]
        if follower not in ("", " ", "\t"):
            return False
        is_ordered = match.lastindex is not None
        if is_paragraph and (
            not line.text[match.end() :].strip() or (is_ordered and int(match.group(1)) != 1)
        ):
            return False
        self._begin()
        item = Container(Around.ITEM, ordered=is_ordered)
        item.delimiter = match.group(2) if is_ordered else match.group()
        item.start = int(match.group(1)) if is_ordered else 1
        item.indent = line.indent + self._item_padding(line, match.end() - match.start())
        self._push_item(item)
        if line.offset >= len(line.text) or not line.rest.strip():
            self._place(Block(Kind.PARAGRAPH, is_open=False))
            line.offset = len(line.text)
        return True

    @staticmethod
    def _item_padding(line: Line, width: int) -> int:
        """Read the marker and the spaces that belong to it; return how wide both are."""
        line.skip_spaces()
        line.skip_chars(width)
        state = line.state()
        column = line.column
        while line.column - column < 5 and line.at_space():
            line.skip_columns(1)
        spaces = line.column - column
        if 1 <= spaces < 5 and line.offset < len(line.text):
            return width + spaces
        line.rewind(state)
        if line.at_space():
            line.skip_columns(1)
        return width + 1

    def _push_item(self, item: Container) -> None:
        top = self._stack[-1] if self._stack else None
        is_next = (
            top is not None
            and top.around is Around.LIST
            and (top.ordered, top.delimiter) == (item.ordered, item.delimiter)
        )
        if top is None or not is_next:
            self._drop_list()
            self._grown()
            top = Container(Around.LIST, ordered=item.ordered, delimiter=item.delimiter, start=item.start)
            self._stack.append(top)
        elif top in self._blank:
            self._loosen(top)
        item.marker = f"{top.start + top.count}{item.delimiter}" if item.ordered else "•"
        top.count += 1
        self._stack.append(item)

    def _start_indented(self, line: Line, is_paragraph: bool) -> bool:
        is_lazy = self._leaf is not None and self._leaf.kind is Kind.PARAGRAPH
        if not line.is_indented or line.is_blank or is_paragraph or is_lazy:
            return False
        self._begin()
        line.skip_columns(4)
        self._open_leaf(Block(Kind.CODE, lines=[line.rest]))
        line.offset = len(line.text)
        return True
