"""Marks inside a block, and growing text that is not parsed again from its start."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.markup.inline import (
    CODE,
    EMPHASIS,
    IMAGE,
    LINK,
    MATH,
    NOTE,
    STRIKE,
    STRONG,
    InlineText,
    parse,
    safe_link,
)


def marked(source: str, labels: dict[str, dict[str, str]] | None = None) -> list[tuple[str, int, str]]:
    found = parse(source, labels or {})
    return [(found.text[run.start : run.end], run.marks, run.href) for run in found.runs]


@pytest.mark.parametrize(
    ("source", "text", "runs"),
    [
        ("plain words", "plain words", []),
        ("**b** *i* `c` ~~s~~", "b i c s",
         [("b", STRONG, ""), ("i", EMPHASIS, ""), ("c", CODE, ""), ("s", STRIKE, "")]),
        ("***x***", "x", [("x", STRONG | EMPHASIS, "")]),
        ("[t](https://a.b)", "t", [("t", LINK, "https://a.b")]),
        ("[*t*](https://a.b)", "t", [("t", LINK | EMPHASIS, "https://a.b")]),
        ("<https://a.b>", "https://a.b", [("https://a.b", LINK, "https://a.b")]),
        ("see https://a.b/c_d).", "see https://a.b/c_d).", [("https://a.b/c_d", LINK, "https://a.b/c_d")]),
        ("www.a.b", "www.a.b", [("www.a.b", LINK, "https://www.a.b")]),
        ("a $x^2$ b", "a x^2 b", [("x^2", MATH, "")]),
        ("\\(y\\)", "y", [("y", MATH, "")]),
        ("$5 and $6", "$5 and $6", []),
        ("from $5-$6 or US$7", "from $5-$6 or US$7", []),
        ("a\\*b\\*", "a*b*", []),
        ("&amp; &lt;", "& <", []),
        ("<b>x</b>", "<b>x</b>", []),
        ("a<br>b<br/>c", "a\nb\nc", []),
        ("one\ntwo", "one two", []),
        ("one  \ntwo\\\nthree", "one\ntwo\nthree", []),
    ],
)  # fmt: skip
def test_marks(source: str, text: str, runs: list[tuple[str, int, str]]) -> None:
    assert parse(source, {}).text == text
    assert marked(source) == runs


def test_a_prompt_keeps_its_newlines() -> None:
    assert parse("one\ntwo", {}, keep_breaks=True).text == "one\ntwo"


@pytest.mark.parametrize(
    "target",
    ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "/etc/passwd", "#top", "ssh://x"],
)
def test_only_web_and_mail_addresses_become_links(target: str) -> None:
    assert marked(f"[t]({target})") == []
    assert parse(f"[t]({target})", {}).text == "t"
    assert safe_link(target) == ""


@pytest.mark.parametrize(
    "target", ["file:///dev/zero", "/dev/zero", "\\\\host\\share", "data:image/png;base64,x"]
)
def test_a_picture_is_a_name_and_nothing_is_read(target: str) -> None:
    assert marked(f"![a cat]({target})") == [("a cat", IMAGE, "")]


def test_a_picture_on_the_web_says_where_it_is() -> None:
    assert marked("![](https://a.b/cat.png)") == [("cat.png", IMAGE, "https://a.b/cat.png")]


def test_references_and_notes_need_their_definitions() -> None:
    labels = {"A": {"href": "https://a.b", "title": ""}, "^1": {}}
    assert marked("[a] and [^1] and [^2]", labels) == [("a", LINK, "https://a.b"), ("1", NOTE, "")]


def test_control_characters_are_shown_not_sent() -> None:
    assert parse("\x1b[31mred\x1b[0m\x07", {}).text == "\ufffd[31mred\ufffd[0m\ufffd"
    assert parse("**\x1b** x", {}).text == "\ufffd x"


_PIECES = (
    "word ",
    "**",
    "*",
    "_",
    "`",
    "``",
    "[",
    "](https://a.b)",
    "$",
    "~~",
    "<",
    "\\",
    "\n",
    "  \n",
    "long words " * 30,
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(_PIECES), max_size=40).map("".join), st.lists(st.integers(0, 4000), max_size=8)
)
def test_growing_text_ends_as_if_it_had_come_at_once(source: str, cuts: list[int]) -> None:
    growing = InlineText()
    for cut in sorted(cuts):
        growing.parse(source[:cut], {})
    assert growing.parse(source, {}) == parse(source, {})


def test_pieces_join_as_one_text_where_nothing_is_open() -> None:
    sentence = "Some **bold words** and `code` and [a link](https://a.b) to read. "
    found = parse(sentence * 100, {})
    alone = parse(sentence, {})
    assert found.text == alone.text * 100
    assert len(found.runs) == 300


def test_a_label_that_comes_late_changes_finished_pieces() -> None:
    growing = InlineText()
    source = "[a] " + "plain words " * 200
    assert growing.parse(source, {}).runs == ()
    assert growing.parse(source, {"A": {"href": "https://a.b", "title": ""}}).runs[0].href == "https://a.b"


@pytest.mark.parametrize(
    "source",
    [
        "[" * 20_000,
        "*a " * 10_000,
        "`" * 20_000,
        "$a " * 10_000,
        "![[" * 7_000,
        "\\(" * 10_000,
        "<a " * 9_000,
    ],
)
def test_hostile_text_stays_text(source: str) -> None:
    assert parse(source, {}).runs == ()


@pytest.mark.parametrize(
    ("source", "marked"),
    [
        ("~one~ and ~~two~~", ["one", "two"]),
        ("5~10 and 20~30", []),
        ("~5 to ~10", []),
        ("~not this~~", []),
        ("5~10天，20~30天", []),
    ],
)
def test_what_one_or_two_tildes_strike_through(source: str, marked: list[str]) -> None:
    found = parse(source, {})
    assert [found.text[run.start : run.end] for run in found.runs if run.marks & STRIKE] == marked


@pytest.mark.parametrize(
    ("source", "links"),
    [
        ("write to scyther@pokemon.com.", ["mailto:scyther@pokemon.com"]),
        ("a.b-c_d@a.b or a.w@b.c", ["mailto:a.b-c_d@a.b", "mailto:a.w@b.c"]),
        ("@a.b.c@. n@. b x@y a.b-c_d@a.b_", []),
        ("user@host without a dot, @mention", []),
        ("git@github.com:a/b.git", ["mailto:git@github.com"]),
    ],
)
def test_bare_addresses_of_mail(source: str, links: list[str]) -> None:
    assert [run.href for run in parse(source, {}).runs] == links
