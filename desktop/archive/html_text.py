"""Markdown as HTML that runs nothing and loads nothing: pictures from elsewhere become links."""

from collections.abc import Callable
from html import escape

from desktop.archive.formulas import as_source
from desktop.base.direction import is_mixed, reads_right_to_left
from desktop.markup import inline
from desktop.markup.blocks import Document
from desktop.markup.code import CodeColors, language_of
from desktop.markup.model import Around, Block, Container, Kind
from desktop.markup.tables import cells_of

_TAGS = (
    (inline.CODE, "<code>", "</code>"),
    (inline.NOTE, "<sup>", "</sup>"),
    (inline.STRONG, "<b>", "</b>"),
    (inline.EMPHASIS, "<i>", "</i>"),
    (inline.STRIKE, "<s>", "</s>"),
)
FormulaWriter = Callable[[str, bool], str]
"""Returns the HTML of a formula, given its source and whether it stands on lines of its own."""

_LETTERS = {"keyword": "k", "string": "s", "number": "n", "comment": "c", "function": "f"}


def html_of(source: str, *, keeps_breaks: bool = False, formulas: FormulaWriter = as_source) -> str:
    """Return the HTML of a Markdown text. With `keeps_breaks` a single newline is one, as in a prompt."""
    document = Document()
    document.feed(source)
    document.close()
    return _Writer(document, keeps_breaks, formulas).write()


class _Writer:
    """Turns blocks and the containers around them into nested tags."""

    def __init__(self, document: Document, keeps_breaks: bool, formulas: FormulaWriter) -> None:
        self._document = document
        self._formulas = formulas
        self._keeps_breaks = keeps_breaks
        self._open: list[Container] = []
        self._out: list[str] = []
        self._is_mixed = any(is_mixed(block.source) for block in document.blocks)

    def write(self) -> str:
        for block in self._document.blocks:
            self._enter(block.containers, self._way(block.source))
            self._out.append(self._block(block))
        self._enter((), "")
        return "\n".join(self._out)

    def _way(self, words: str) -> str:
        """Return the attribute for the direction of some words, nothing where all read from left to right."""
        if not self._is_mixed:
            return ""
        return ' dir="rtl"' if reads_right_to_left(words) else ' dir="ltr"'

    def _enter(self, containers: tuple[Container, ...], way: str) -> None:
        """Close what is left and open what begins, with the direction of its first words."""
        shared = 0
        for mine, wanted in zip(self._open, containers, strict=False):
            if mine is not wanted:
                break
            shared += 1
        for container in reversed(self._open[shared:]):
            self._out.append(_end(container))
        self._out.extend(_start(container, way) for container in containers[shared:])
        self._open = list(containers)

    def _block(self, block: Block) -> str:
        match block.kind:
            case Kind.HEADING:
                words, way = self._inline(block.source.strip()), self._way(block.source)
                return f"<h{block.level}{way}>{words}</h{block.level}>"
            case Kind.CODE:
                return _code(block)
            case Kind.MATH:
                return self._formulas(block.source.strip("\n"), True)
            case Kind.TABLE:
                return self._table(block)
            case Kind.HTML:
                return f'<pre class="plain">{escape(block.source)}</pre>'
            case Kind.RULE:
                return "<hr>"
            case _:
                words = self._inline(block.source.rstrip(" \t"))
                return words if self._is_tight() else f"<p{self._way(block.source)}>{words}</p>"

    def _is_tight(self) -> bool:
        if len(self._open) < 2 or self._open[-1].around is not Around.ITEM:
            return False
        return not self._open[-2].is_loose

    def _table(self, block: Block) -> str:
        rows = []
        for number, line in enumerate(block.lines):
            cell = "td" if number else "th"
            cells = (cells_of(line) + [""] * len(block.aligns))[: len(block.aligns)]
            made = "".join(
                f"<{cell}{f' align={align!r}' if align else ''}{self._way(source)}>"
                f"{self._inline(source)}</{cell}>"
                for source, align in zip(cells, block.aligns, strict=True)
            )
            rows.append(f"<tr>{made}</tr>")
        way = self._way(block.lines[0] if block.lines else "")
        return f'<table cellspacing="0"{way}>' + "\n".join(rows) + "</table>"

    def _inline(self, source: str) -> str:
        found = inline.parse(source, self._document.labels, self._keeps_breaks)
        pieces: list[str] = []
        at = 0
        for run in found.runs:
            pieces.append(_plain(found.text[at : run.start]))
            words = found.text[run.start : run.end]
            made = self._formulas(words, False) if run.marks & inline.MATH else _plain(words)
            pieces.append(_marked(made, run.marks, run.href))
            at = run.end
        pieces.append(_plain(found.text[at:]))
        return "".join(pieces)


def _plain(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")


def _marked(made: str, marks: int, href: str) -> str:
    for mark, start, end in _TAGS:
        if marks & mark:
            made = f"{start}{made}{end}"
    if href and marks & (inline.LINK | inline.IMAGE):
        made = f'<a href="{escape(href)}" rel="noreferrer">{made}</a>'
    return made


def _start(container: Container, way: str) -> str:
    match container.around:
        case Around.QUOTE:
            return f"<blockquote{way}>"
        case Around.LIST if container.ordered:
            return f'<ol start="{container.start}"{way}>' if container.start != 1 else f"<ol{way}>"
        case Around.LIST:
            return f"<ul{way}>"
        case Around.ITEM:
            if container.task is None:
                return f"<li{way}>"
            return f'<li class="task"{way}>{"☑" if container.task else "☐"} '
        case _:
            return f'<div class="note"><span class="number">{escape(container.marker)}</span><div>'


def _end(container: Container) -> str:
    match container.around:
        case Around.QUOTE:
            return "</blockquote>"
        case Around.LIST:
            return "</ol>" if container.ordered else "</ul>"
        case Around.ITEM:
            return "</li>"
        case _:
            return "</div></div>"


def _code(block: Block) -> str:
    colors = CodeColors(block.info)
    lines = block.lines
    colors.complete(lines)
    made = "\n".join(_colored(line, colors, number, lines) for number, line in enumerate(lines))
    name = language_of(block.info)
    head = f'<div class="language">{escape(name)}</div>' if name else ""
    return f'<div class="code">{head}<pre>{made}</pre></div>'


def _colored(line: str, colors: CodeColors, number: int, lines: list[str]) -> str:
    pieces: list[str] = []
    at = 0
    for span in colors.spans(lines, number):
        pieces.append(escape(line[at : span.start]))
        letter = _LETTERS.get(span.color, "")
        words = escape(line[span.start : span.end])
        pieces.append(f'<span class="{letter}">{words}</span>' if letter else words)
        at = span.end
    pieces.append(escape(line[at:]))
    return "".join(pieces)
