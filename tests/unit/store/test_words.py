"""Words are cut, asked for and found again the same way."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.search import Word
from desktop.store.words import excerpt_of, folded, has_words, indexable, match_of, pattern_of


@pytest.mark.parametrize(
    ("words", "match"),
    [
        ((Word("train"),), '"train" *'),
        ((Word("c"),), '"c"'),
        ((Word("foo-bar"), Word("AND")), '"foo-bar" * AND "AND" *'),
        ((Word("as it", is_exact=True),), '"as it"'),
        ((Word('a"b*'),), '"a""b*"'),
        ((Word("東京"),), '" 東  京 "'),
    ],
)
def test_nothing_typed_has_a_meaning_of_its_own(words: tuple[Word, ...], match: str) -> None:
    assert match_of(words) == match


@given(st.text(max_size=80))
def test_folding_keeps_places(text: str) -> None:
    assert len(folded(text)) == len(text)


@given(st.text(st.characters(codec="utf-8"), max_size=60), st.text(max_size=8))
def test_excerpts_mark_what_is_in_them(text: str, typed: str) -> None:
    words = tuple(map(Word, typed.split()))
    excerpt, marks = excerpt_of(text, pattern_of(words))
    assert all(start >= 0 and start + length <= len(excerpt) for start, length in marks)


def test_an_excerpt_begins_shortly_before_the_word() -> None:
    text = "one two three " * 40 + "**Łódź** is here\n\nand more " + "four " * 99
    excerpt, marks = excerpt_of(text, pattern_of((Word("łódź"),)))
    assert excerpt.startswith("…")
    start, length = marks[0]
    assert excerpt[start : start + length] == "Łódź"
    assert start < 45
    assert "\n" not in excerpt
    assert "**" not in excerpt


def test_signs_that_the_index_drops_are_looked_for_in_the_text() -> None:
    assert has_words("I write C++ daily", (Word("c++"),))
    assert not has_words("I write C daily", (Word("c++"),))
    assert has_words("anything", (Word("plain"),))


def test_scripts_without_spaces_are_cut_into_characters() -> None:
    assert indexable("plain") == "plain"
    assert indexable("東京tower").split() == ["東", "京", "tower"]
    with closing(sqlite3.connect(":memory:")) as sql:
        sql.execute("CREATE VIRTUAL TABLE t USING fts5 (x, tokenize = 'unicode61 remove_diacritics 2')")
        sql.execute("INSERT INTO t VALUES (?)", (indexable("今日は東京へ行きます"),))
        for typed, count in (("東京", 1), ("京東", 0), ("へ行", 1), ("す", 1), ("ます行", 0)):
            found = sql.execute("SELECT count(*) FROM t WHERE t MATCH ?", (match_of((Word(typed),)),))
            assert found.fetchone() == (count,), typed
