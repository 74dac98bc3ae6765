"""Markdown fragments to grow documents from, and what can be compared of the result."""

from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from desktop.markup.blocks import Document

ATOMS = (
    "- ", "* ", "+ ", "1. ", "2) ", "10. ", "- [ ] ", "- [x] ", "> ", ">", "    ", "  ", " ", "\t", "\n",
    "\n\n", "\r\n", "a", "b c", "foo", "# ",
    "## ", "```", "~~~", "```py", "---", "***", "===", "==", "| a | b |",
    "|---|:-:|", "|", "x | y", "-|-", "<div>", "</div>", "<!-- ", "-->", "<b>", "[a]: /u", "[a]", "[^1]: ",
    "[^1]", "*x*", "**", "`y`", "`", "\\", "<?", "<pre>", "</pre>", "&amp;", "$$", "$x$", "\\[", "\\]",
    "東京", "🎉", "https://example.org/a", "\0", "~~s~~", "![i](file:///etc/passwd)",
)  # fmt: skip

sources = st.lists(st.sampled_from(ATOMS), max_size=24).map("".join)


@st.composite
def cut_sources(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Return a source, and the same cut into pieces at random places."""
    source = draw(sources)
    cuts = sorted(draw(st.lists(st.integers(0, len(source)), max_size=12)))
    edges = [0, *cuts, len(source)]
    return source, [source[a:b] for a, b in pairwise(edges)]


def whole(source: str) -> Document:
    """Return the document of a source that came at once."""
    document = Document()
    document.feed(source)
    document.close()
    return document


def grown(pieces: list[str]) -> Document:
    """Return the document of a source that came in pieces."""
    document = Document()
    for piece in pieces:
        document.feed(piece)
    document.close()
    return document


def shape(document: Document) -> list[tuple[Any, ...]]:
    """Return everything about the blocks that a reader could see."""
    return [
        (
            block.kind,
            tuple((one.around, one.marker, one.task, one.is_loose) for one in block.containers),
            tuple(one.marker for one in block.opens),
            tuple(block.lines),
            block.level,
            block.info,
            block.aligns,
            block.is_open,
        )
        for block in document.blocks
    ]
