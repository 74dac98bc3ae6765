"""What is typed into the search field, as a query."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.message import Role
from desktop.domain.search import MOST_WORDS, Query, Word, parse_query

UTC = datetime.UTC


def ms(year: int, month: int = 1, day: int = 1) -> int:
    return int(datetime.datetime(year, month, day, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("", Query()),
        ("two words", Query(words=(Word("two"), Word("words")))),
        ('"as  it stands" x', Query(words=(Word("as it stands", is_exact=True), Word("x")))),
        ('"not closed', Query(words=(Word("not closed", is_exact=True),))),
        ("model:gpt-5 x", Query(words=(Word("x"),), model="gpt-5")),
        ('folder:"Two words"', Query(folder="Two words")),
        ("TAG:later", Query(tag="later")),
        ("role:me", Query(role=Role.USER)),
        ("from:reply", Query(role=Role.ASSISTANT)),
        ("role:king", Query(words=(Word("role:king"),))),
        ("has:code has:fun", Query(words=(Word("has:fun"),), has_code=True)),
        ("date:2026", Query(since=ms(2026), until=ms(2027))),
        ("date:2026-12", Query(since=ms(2026, 12), until=ms(2027))),
        ("date:2026-02-28", Query(since=ms(2026, 2, 28), until=ms(2026, 3, 1))),
        ("after:2025-3 before:2026", Query(since=ms(2025, 3), until=ms(2026))),
        ("after:2026-13", Query(words=(Word("after:2026-13"),))),
        ("before:yesterday", Query(words=(Word("before:yesterday"),))),
        ("http://x.y", Query(words=(Word("http://x.y"),))),
        ("model:", Query()),
        ("東京 人工", Query(words=(Word("東京"), Word("人工")))),
    ],
)
def test_typed_lines(typed: str, query: Query) -> None:
    assert parse_query(typed, UTC) == query


def test_what_is_empty_and_what_is_narrowed() -> None:
    assert parse_query("  ").is_empty
    assert not parse_query("x").is_narrowed
    assert parse_query("x has:code").is_narrowed


@given(st.text(max_size=60))
def test_anything_may_be_typed(typed: str) -> None:
    query = parse_query(typed)
    assert len(query.words) <= MOST_WORDS
    assert all(word.text for word in query.words)
