"""A document that grows is the document that came at once, and both are what CommonMark says."""

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from desktop.markup.blocks import Document
from desktop.markup.model import Around, Block, Kind
from desktop.markup.tables import cells_of
from tests.support.growing import cut_sources, grown, shape, whole

CASES = (
    "plain",
    "two\nlines\n\nand a paragraph",
    "# one\n## two ##\n###### six\n####### seven\n#tag",
    "setext\n===\nother\n---\n\n---\n***\n_ _ _",
    "- a\n- b\n\n- c",
    "- a\n\n  b\n- c\n  - d\n    - e\n\nend",
    "1. a\n2. b\n   1) c\n10. d",
    "- a\n+ b\n* c",
    "-\n- b\n-\n\n  c",
    "- - - deep",
    "a\n2. not a list\n1. a list",
    "> a\nlazy\n> - b\n> c\n\n> d\n>\n> e",
    "> ```\n> x\n```\ny",
    "    code\n\n    more\n\n\nend",
    "a\n    not code",
    "-     code in item\n\n      more",
    "```py\nx\n\ny\n```\nafter",
    "````\n```\n````",
    "~~~ info string\n  x\n~~~~",
    "  ```\n  in\n out\n  ```",
    "- ```\n  x\n  ```\n  y",
    "``` a`b\nc",
    "```\nnever closed",
    "| a | b |\n|---|--:|\n| 1 | 2 |\n| 3 |\n| 4 | 5 | 6 |\n\nend",
    "a | b\n-|-\n1 | 2\n> q",
    "text\n| a | b |\n|---|---|\n| c | d |",
    "| a |\n|---|\n# no row",
    "- | a | b |\n  |---|---|\n  | 1 | 2 |",
    "| a | b |\n|---|\n",
    "<div>\nx\n\n*y*\n</div>",
    "<!-- a\n\nb -->\nc",
    "<pre>\n\nx</pre>\ny",
    "a\n<b>\nc",
    "<b>\nc\n\nd",
    "<?php\n\n?>\n<!DOCTYPE x>\n<![CDATA[\n\n]]>",
    "[a]: /u 'title'\n[a]\n\n[b]: /v\ntext [b]",
    "[a]: /u\n===\n",
    "\ta\n\n- \tb\n>\tc",
    "a  \nb\\\nc",
    "* a\n *  b\n  *   c\n    d",
    "1. a\n\n   > b\n   > c\n\n2. d",
    "- a\n  > b\n  ```\n  c\n  ```\n- d",
    "\n\n  \nx\n\n\n",
    "123456789. ok\n1234567890. not ok",
)


@pytest.mark.parametrize("source", CASES)
def test_every_way_to_cut_a_source_gives_the_same_blocks(source: str) -> None:
    expected = shape(whole(source))
    for size in (1, 2, 3, 7):
        pieces = [source[at : at + size] for at in range(0, len(source), size)]
        assert shape(grown(pieces)) == expected
    assert shape(grown(source.splitlines(keepends=True))) == expected


@settings(max_examples=400, deadline=None)
@given(cut_sources())
def test_random_fragments_cut_at_random_places(cut: tuple[str, list[str]]) -> None:
    source, pieces = cut
    one, other = whole(source), grown(pieces)
    assert shape(one) == shape(other)
    assert one.labels == other.labels


@settings(max_examples=150, deadline=None)
@given(cut_sources())
def test_what_feed_reports_covers_every_change(cut: tuple[str, list[str]]) -> None:
    document = Document()
    before = shape(document)
    for piece in cut[1]:
        first = document.feed(piece)
        now = shape(document)
        assert now[:first] == before[:first]
        before = now
    first = document.close()
    assert shape(document)[:first] == before[:first]


@pytest.mark.parametrize("source", CASES)
def test_blocks_are_those_of_a_reference_parser(source: str) -> None:
    assert ours(whole(source)) == theirs(source)


_PLAIN_ATOMS = (
    "- ",
    "1. ",
    "> ",
    "  ",
    "    ",
    "\n",
    "\n\n",
    "a",
    "b c",
    "# ",
    "```",
    "~~~",
    "***",
    "===",
    "*x*",
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(_PLAIN_ATOMS), max_size=14).map("".join))
def test_random_fragments_against_a_reference_parser(source: str) -> None:
    # The reference takes a ">" for the next line of a quote however far it is indented; in CommonMark it is
    # indented code then.
    assume(not re.search(r">[^\n]*\n {4,}>", source))
    assert ours(whole(source)) == theirs(source)


def ours(document: Document) -> list[tuple[str, ...]]:
    return [_ours(block) for block in document.blocks if block.lines or block.kind is not Kind.PARAGRAPH]


def _ours(block: Block) -> tuple[str, ...]:
    names = {Around.QUOTE: "q", Around.ITEM: "i", Around.NOTE: "n"}
    path = "".join(names.get(one.around) or ("o" if one.ordered else "b") for one in block.containers)
    if block.kind is Kind.HEADING:
        return path, f"h{block.level}", block.source.strip()
    if block.kind is Kind.TABLE:
        count = len(block.aligns)
        rows = [(cells_of(row) + [""] * count)[:count] for row in block.lines]
        return path, "table", *(cell for row in rows for cell in row)
    if block.kind is Kind.CODE:
        return path, "code", block.info, _code(path, block.source)
    return path, block.kind.value, block.source.rstrip()


def _code(path: str, text: str) -> str:
    """Return code without what the two keep or drop of lines that are blank within a list."""
    return (re.sub(r"(?m)^[ \t]+$", "", text) if "i" in path else text).rstrip()


def theirs(source: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    path: list[str] = []
    names = {"blockquote": "q", "ordered_list": "o", "bullet_list": "b", "list_item": "i"}
    current = ""
    cells: list[str] | None = None
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(source):
        kind = token.type.removesuffix("_open").removesuffix("_close")
        place = "".join(path)
        if kind in names:
            if token.nesting > 0:
                path.append(names[kind])
            else:
                path.pop()
        elif token.type in ("heading_open", "paragraph_open"):
            current = token.tag if kind == "heading" else kind
        elif token.type == "table_open":
            cells = []
        elif token.type == "table_close":
            found.append((place, "table", *(cells or ())))
            cells = None
        elif token.type == "inline" and cells is not None:
            cells.append(token.content)
        elif token.type == "inline":
            lines = [line.lstrip(" \t") for line in token.content.strip().split("\n")]
            found.append((place, current, "\n".join(lines)))
        elif kind in ("fence", "code_block"):
            info = token.info.strip() if kind == "fence" else ""
            found.append((place, "code", info, _code(place, token.content)))
        elif kind == "hr":
            found.append((place, "rule", ""))
        elif kind == "html_block":
            found.append((place, "html", token.content.rstrip()))
    return found


def test_an_open_fence_only_ever_gets_more_lines() -> None:
    document = Document()
    document.feed("```python\nfirst\nsec")
    block = document.blocks[0]
    assert block.lines == ["first", "sec"]
    assert document.feed("ond\nthird") == 0
    assert document.blocks[0] is block
    assert block.lines == ["first", "second", "third"]
    assert block.is_open
    document.feed("\n```\n")
    assert not block.is_open


def test_half_a_mark_is_not_shown_before_it_says_what_it_is() -> None:
    document = Document()
    document.feed("text\n-")
    assert [block.kind for block in document.blocks] == [Kind.PARAGRAPH]
    assert document.blocks[0].lines == ["text"]
    document.feed("-")
    assert document.blocks[0].kind is Kind.PARAGRAPH
    document.feed("-\n")
    assert document.blocks[0].kind is Kind.HEADING


def test_a_list_that_turns_loose_late_reports_its_first_item() -> None:
    document = Document()
    document.feed("before\n\n- a\n- b\n- c\n")
    document.feed("\n")
    first = document.feed("- d\n")
    assert first == 1
    assert all(block.containers[0].is_loose for block in document.blocks[1:])


def test_a_definition_that_comes_late_reports_the_block_that_uses_it() -> None:
    document = Document()
    document.feed("plain\n\nsee [a]\n\nother\n\n[a]: https://example.org")
    assert document.labels == {}
    first = document.feed("\n\n")
    assert document.labels["A"]["href"] == "https://example.org"
    assert first == 1


def test_an_item_that_is_still_empty_has_a_place_on_the_page() -> None:
    document = whole("- a\n-\n- c")
    assert [block.source for block in document.blocks] == ["a", "", "c"]
    assert [block.opens[0].marker for block in document.blocks] == ["•", "•", "•"]


def test_tasks_and_numbers() -> None:
    document = whole("3. a\n3. b\n\n- [ ] c\n- [x] d\n- [y] e")
    assert [block.opens[-1].marker for block in document.blocks] == ["3.", "4.", "•", "•", "•"]
    assert [block.opens[-1].task for block in document.blocks] == [None, None, False, True, None]
    assert [block.source for block in document.blocks] == ["a", "b", "c", "d", "[y] e"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("$$\nx^2\n$$\nafter", [(Kind.MATH, "x^2"), (Kind.PARAGRAPH, "after")]),
        ("$$ x^2 $$", [(Kind.MATH, "x^2")]),
        ("\\[\nx\n\\]", [(Kind.MATH, "x")]),
        ("$$\nnever closed\n\nmore", [(Kind.MATH, "never closed\n\nmore")]),
        ("$$ x $$ is inline", [(Kind.PARAGRAPH, "$$ x $$ is inline")]),
        ("$$ for nothing", [(Kind.PARAGRAPH, "$$ for nothing")]),
        ("- $$\n  y_1\n  $$", [(Kind.MATH, "y_1")]),
    ],
)
def test_display_formulas(source: str, expected: list[tuple[Kind, str]]) -> None:
    assert [(block.kind, block.source) for block in whole(source).blocks] == expected


def test_footnotes_are_containers_of_their_own() -> None:
    document = whole("text[^n]\n\n[^n]: the note\n    goes on\n\nend")
    assert "^N" in document.labels
    note = document.blocks[1]
    assert note.containers[0].around is Around.NOTE
    assert note.opens[0].marker == "n"
    assert document.blocks[2].containers == ()


@pytest.mark.parametrize("source", [">" * 5000 + " x", "- " * 5000 + "x", "> - " * 3000, "1. " * 4000])
def test_deep_nesting_ends_in_text(source: str) -> None:
    document = whole(source)
    assert max(len(block.containers) for block in document.blocks) <= 64
    assert len(document.blocks) < 5


def test_carriage_returns_are_line_ends_even_when_cut_in_two() -> None:
    assert shape(grown(["# a\r", "\nb\r", "c"])) == shape(whole("# a\nb\nc"))
