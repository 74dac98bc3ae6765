"""Ranges of a flow as plain text, as Markdown, and as HTML."""

import html
import re
from collections.abc import Callable, Iterable

from desktop.markup import inline
from desktop.markup.inline import Run
from desktop.markup.model import Around, Block, Container, Kind
from desktop.ui.timeline.flow_box import Box
from desktop.ui.timeline.flow_marks import shared_depth
from desktop.ui.timeline.flow_table import TableBox

# A box with the range of its characters that is wanted.
Piece = tuple[Box, int, int]

_TO_ESCAPE = re.compile(r"([\\`*_\[\]<$~])")
_BEGINS_BLOCK = re.compile(r"(?=[#>+=|-]|\d{1,9}[.)])")
_WRAPPERS = (
    (inline.STRIKE, "~~", "<s>", "</s>"),
    (inline.EMPHASIS, "*", "<em>", "</em>"),
    (inline.STRONG, "**", "<strong>", "</strong>"),
)


def as_text(pieces: Iterable[Piece]) -> str:
    """Return what a reader sees, with list markers and one empty line between blocks."""
    return _assemble(pieces, _plain, quote="")


def as_markdown(pieces: Iterable[Piece]) -> str:
    """Return Markdown that gives the same again; blocks taken whole keep their own source."""
    return _assemble(pieces, _markdown, quote="> ")


def _assemble(pieces: Iterable[Piece], write: Callable[[Box, int, int], str], quote: str) -> str:
    found: list[str] = []
    before: Block | None = None
    for box, start, end in pieces:
        body = write(box, start, end)
        if before is not None:
            found.append(_between(before, box.block, quote))
        is_whole_start = start == 0
        found.append(_indented(body, box.block, quote, is_whole_start))
        before = box.block
    return "".join(found)


def _between(before: Block, block: Block, quote: str) -> str:
    shared = block.containers[: shared_depth(before, block)]
    lists = [one for one in shared if one.around is Around.LIST]
    if lists and not lists[-1].is_loose and block.opens:
        return "\n"
    prefix = "".join(_prefix(one, False, quote) for one in shared).rstrip()
    return f"\n{prefix}\n"


def _prefix(container: Container, is_first: bool, quote: str) -> str:
    if container.around is Around.QUOTE:
        return quote
    if container.around is Around.NOTE:
        return f"[^{container.marker}]: " if is_first else "    "
    if container.around is Around.ITEM:
        marker = container.marker if container.ordered else "-"
        if not is_first:
            return " " * (len(marker) + 1)
        task = "" if container.task is None else "[x] " if container.task else "[ ] "
        return f"{marker} {task}"
    return ""


def _indented(body: str, block: Block, quote: str, with_markers: bool) -> str:
    first = "".join(_prefix(one, with_markers and one in block.opens, quote) for one in block.containers)
    rest = "".join(_prefix(one, False, quote) for one in block.containers)
    lines = body.split("\n")
    out = [first + lines[0]]
    out.extend((rest + line) if line else rest.rstrip() for line in lines[1:])
    return "\n".join(out)


def _plain(box: Box, start: int, end: int) -> str:
    if box.block.kind is Kind.RULE:
        return "---"
    return box.text[start:end]


def _markdown(box: Box, start: int, end: int) -> str:
    block = box.block
    is_whole = start == 0 and end >= box.length
    if block.kind is Kind.RULE:
        return "---"
    if block.kind is Kind.CODE:
        text = box.text[start:end]
        longest = max(map(len, re.findall(r"`{3,}", text)), default=2)
        fence = "`" * max(3, longest + 1)
        return f"{fence}{block.info}\n{text}\n{fence}"
    if block.kind is Kind.MATH:
        return f"$$\n{box.text[start:end]}\n$$"
    if isinstance(box, TableBox):
        return _table_markdown(box, start, end)
    if block.kind is Kind.HTML:
        return box.text[start:end]
    hashes = "#" * block.level + " " if block.kind is Kind.HEADING else ""
    if is_whole:
        source = block.source.rstrip()
        return hashes + (source.replace("\n", " ") if hashes else source)
    marked = _marked(box.text, box.runs_between(start, end), start, end)
    return hashes + (
        marked if hashes else _BEGINS_BLOCK.sub(r"\\", marked, count=1) if _starts(marked) else marked
    )


def _starts(text: str) -> bool:
    return re.match(r"[#>+=|-](?:\s|$)|\d{1,9}[.)]\s", text) is not None


def _marked(text: str, runs: list[Run], start: int, end: int) -> str:
    """Return a stretch of text with its marks written out."""
    found = []
    at = start
    for run in runs:
        found.append(_escaped(text[at : run.start]))
        found.append(_marked_run(text[run.start : run.end], run))
        at = run.end
    found.append(_escaped(text[at:end]))
    return "".join(found)


def _escaped(text: str) -> str:
    return _TO_ESCAPE.sub(r"\\\1", text).replace("\n", "  \n")


def _marked_run(text: str, run: Run) -> str:
    if run.marks & inline.CODE:
        ticks = "`" * (max(map(len, re.findall(r"`+", text)), default=0) + 1)
        pad = " " if text.startswith("`") or text.endswith("`") else ""
        text = f"{ticks}{pad}{text}{pad}{ticks}"
    elif run.marks & inline.MATH:
        text = f"$${text}$$" if run.marks & inline.DISPLAY else f"${text}$"
    elif run.marks & inline.NOTE:
        text = f"[^{text}]"
    elif run.marks & inline.IMAGE:
        return f"![{_escaped(text)}]({run.href})"
    elif run.href and text == run.href:
        return f"<{text}>"
    else:
        text = _escaped(text)
    # Marks may not touch spaces.
    inner = text.strip(" ")
    if not inner:
        return text
    lead, tail = text[: len(text) - len(text.lstrip(" "))], text[len(text.rstrip(" ")) :]
    for mark, sign, _open, _close in _WRAPPERS:
        if run.marks & mark:
            inner = f"{sign}{inner}{sign}"
    if run.href:
        inner = f"[{inner}]({run.href})"
    return lead + inner + tail


def _table_markdown(box: TableBox, start: int, end: int) -> str:
    rows = box.cells_between(start, end)
    if not rows:
        return ""
    lines = []
    for number, row in enumerate(rows):
        cells = (
            _marked(text, runs, 0, len(text)).replace("|", "\\|").replace("  \n", "<br>")
            for text, runs, _ in row
        )
        lines.append("| " + " | ".join(cells) + " |")
        if number == 0:
            rules = {"": "---", "left": ":--", "right": "--:", "center": ":-:"}
            lines.append("| " + " | ".join(rules[align] for _text, _runs, align in row) + " |")
    return "\n".join(lines)


def as_html(pieces: Iterable[Piece]) -> str:
    """Return HTML without styles, for pasting into other programs; lists and quotes stay nested."""
    found: list[str] = []
    stack: list[Container] = []
    for box, start, end in pieces:
        wanted = list(box.block.containers)
        shared = 0
        while shared < min(len(stack), len(wanted)) and stack[shared] is wanted[shared]:
            shared += 1
        while len(stack) > shared:
            found.append(_closing(stack.pop()))
        for one in wanted[shared:]:
            found.append(_opening(one))
            stack.append(one)
        found.append(_html_block(box, start, end))
    while stack:
        found.append(_closing(stack.pop()))
    return "".join(found)


def _opening(container: Container) -> str:
    if container.around is Around.LIST:
        if not container.ordered:
            return "<ul>"
        return f'<ol start="{container.start}">' if container.start != 1 else "<ol>"
    if container.around is Around.ITEM:
        return "<li>" if container.task is None else "<li>☑ " if container.task else "<li>☐ "
    return "<blockquote>" if container.around is Around.QUOTE else "<div>"


def _closing(container: Container) -> str:
    names = {Around.ITEM: "li", Around.QUOTE: "blockquote", Around.NOTE: "div"}
    return f"</{names.get(container.around, 'ol' if container.ordered else 'ul')}>"


def _html_block(box: Box, start: int, end: int) -> str:
    block = box.block
    if block.kind is Kind.RULE:
        return "<hr>"
    if isinstance(box, TableBox):
        return _html_table(box, start, end)
    text = box.text
    if block.kind in (Kind.CODE, Kind.MATH):
        return f"<pre><code>{html.escape(text[start:end])}</code></pre>"
    inner = _html_inline(text, box.runs_between(start, end), start, end)
    tag = f"h{block.level}" if block.kind is Kind.HEADING else "p"
    return f"<{tag}>{inner}</{tag}>"


def _html_table(box: TableBox, start: int, end: int) -> str:
    rows = []
    for number, row in enumerate(box.cells_between(start, end)):
        tag = "td" if number else "th"
        cells = []
        for text, runs, align in row:
            look = f' align="{align}"' if align else ""
            cells.append(f"<{tag}{look}>{_html_inline(text, runs, 0, len(text))}</{tag}>")
        rows.append("<tr>" + "".join(cells) + "</tr>")
    return "<table>" + "".join(rows) + "</table>"


def _html_inline(text: str, runs: list[Run], start: int, end: int) -> str:
    found = []
    at = start
    for run in runs:
        found.append(_html_text(text[at : run.start]))
        inner = _html_text(text[run.start : run.end])
        if run.marks & (inline.CODE | inline.MATH):
            inner = f"<code>{inner}</code>"
        if run.marks & inline.NOTE:
            inner = f"<sup>{inner}</sup>"
        for mark, _sign, opened, closed in _WRAPPERS:
            if run.marks & mark:
                inner = f"{opened}{inner}{closed}"
        if run.href and run.marks & inline.LINK:
            inner = f'<a href="{html.escape(run.href)}">{inner}</a>'
        found.append(inner)
        at = run.end
    found.append(_html_text(text[at:end]))
    return "".join(found)


def _html_text(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")
