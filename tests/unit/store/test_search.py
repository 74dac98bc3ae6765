"""Search finds what is there, in every script, whatever is typed."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.base.paths import Paths
from desktop.domain.message import (
    Conversation,
    Message,
    MessageState,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
)
from desktop.domain.search import Found, Query, Word, parse_query
from desktop.store import Store, open_store, search
from desktop.store.database import open_database
from desktop.store.messages import READ_MESSAGES, READ_PARTS
from desktop.store.order import LIST_ARCHIVE, LIST_CONVERSATIONS, LIST_FOLDER
from desktop.store.search import prepare_index
from desktop.store.words import install
from tests.support.finding import find


async def put(store: Store, conversation_id: str, title: str, *texts: str, updated: int = 1) -> None:
    await store.history.write_conversation(
        Conversation(id=conversation_id, title=title, created=1, updated=updated)
    )
    for number, text in enumerate(texts):
        await store.history.write_message(
            Message(
                id=f"{conversation_id}-{number}",
                conversation_id=conversation_id,
                parent_id=None,
                role=Role.USER,
                parts=(TextPart(text),),
                created=1,
            )
        )


@pytest.fixture
async def filled(aioloop: object, store: Store) -> AsyncGenerator[Store, None]:
    await put(store, "travel", "Trains to Łódź", "The night train leaves at nine.", "Über die Brücke")
    await put(store, "tokyo", "旅行の計画", "東京から京都まで、人工知能に聞く", "세계 여행")
    await put(store, "code", "Regular expressions", 'foo-bar AND "baz\'s" NOT x*', "100% sure_thing C++ a\\b")
    await put(store, "newer", "Cooking", "A train of thought about soup", updated=9)
    return store


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("train", ["travel", "newer"]),
        ("TRAIN", ["travel", "newer"]),
        ("soup", ["newer"]),
        ("train soup", ["newer"]),
        ("soup train", ["newer"]),
        ("train nowhere", []),
        ("rain", ["travel", "newer"]),
        ("łódź", ["travel"]),
        ("ŁÓDŹ", ["travel"]),
        ("brück", ["travel"]),
        ("東京", ["tokyo"]),
        ("旅行", ["tokyo"]),
        ("人工知能", ["tokyo"]),
        ("東京 人工知能", ["tokyo"]),
        ("東京 大阪", []),
        ("세계", ["tokyo"]),
        ("여", ["tokyo"]),
        ("üb", ["travel"]),
        ("ÜB", ["travel"]),
        ("foo-bar", ["code"]),
        ("AND", ["code"]),
        ('"baz\'s"', ["code"]),
        ("baz's", ["code"]),
        ("x*", ["code"]),
        ("NOT x", ["code"]),
        ("C++", ["code"]),
        ("100%", ["code"]),
        ("0%", []),
        ("00%", ["code"]),
        ("%", ["code"]),
        ("_", ["code"]),
        ("e_t", ["code"]),
        ("a\\b", ["code"]),
        ("title:train", []),
        ("lodz", []),
        ("brucke", ["travel"]),
        ("UBER die", ["travel"]),
        ('"night train"', ["travel"]),
        ('"train night"', []),
        ("東", ["tokyo"]),
        ("京都ま", ["tokyo"]),
        ("role:me train", ["newer", "travel"]),
        ("role:reply train", []),
        ("has:code train", []),
        ("before:1971 soup", ["newer"]),
        ("after:1971 soup", []),
        ("NEAR(", []),
        ("", []),
        ("  \n", []),
        ('"', ["code"]),
        ("\0", []),
        ("\ud83d", []),
    ],
)
async def test_what_is_typed_is_what_is_searched(filled: Store, typed: str, found: list[str]) -> None:
    assert [each.id for each in await find(filled.history, typed, 10)] == found


async def test_titles_come_first_and_the_limit_counts(filled: Store) -> None:
    await put(filled, "titled", "soup", "nothing")
    await put(filled, "pinned-text", "other", "soup soup soup soup", updated=99)
    assert next(each.id for each in await find(filled.history, "soup", 10)) == "titled"
    assert [each.id for each in await find(filled.history, "soup", 1)] == ["titled"]
    assert [each.id for each in await find(filled.history, "so", 1)] == ["titled"]


async def test_changes_are_found_and_what_is_gone_is_not(filled: Store) -> None:
    await put(filled, "newer", "Baking")
    assert await find(filled.history, "Cooking", 10) == []
    assert [each.id for each in await find(filled.history, "Baking", 10)] == ["newer"]
    await filled.history.write_message(
        Message(
            id="newer-0",
            conversation_id="newer",
            parent_id=None,
            role=Role.ASSISTANT,
            parts=(TextPart("gravy"), ReasoningPart("hidden deliberation"), RefusalPart("I must decline")),
        )
    )
    assert await find(filled.history, "soup", 10) == []
    assert len(await find(filled.history, "gravy", 10)) == 1
    assert len(await find(filled.history, "must decline", 10)) == 1
    assert await find(filled.history, "deliberation", 10) == []
    await filled.history.delete_conversation("newer")
    assert await find(filled.history, "gravy", 10) == []


async def test_nothing_is_indexed_while_a_reply_grows(filled: Store, paths: Paths) -> None:
    from desktop.domain.delta import TextDelta

    growing = Message(
        id="g",
        conversation_id="code",
        parent_id=None,
        role=Role.ASSISTANT,
        parts=(),
        state=MessageState.STREAMING,
    )
    await filled.history.write_message(growing)
    with closing(sqlite3.connect(paths.history)) as sql:
        before = sql.execute("SELECT count(*) FROM text_index_docsize").fetchone()
        for _ in range(5):
            await filled.history.write_progress("g", [TextDelta("marmalade ")])
        assert sql.execute("SELECT count(*) FROM text_index_docsize").fetchone() == before
    assert await find(filled.history, "marmalade", 10) == []


async def test_a_damaged_or_missing_index_is_built_again(paths: Paths) -> None:
    store = open_store(paths)
    await put(store, "a", "Title here", "Some marmalade")
    await store.close()
    with closing(sqlite3.connect(paths.history)) as sql:
        sql.executescript(
            "DROP TRIGGER text_added; INSERT INTO text_index (text_index) VALUES ('delete-all')"
        )
    store = open_store(paths)
    assert [each.id for each in await find(store.history, "marmalade", 5)] == ["a"]
    await store.close()


async def test_without_full_text_search_everything_works_by_reading(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store = open_store(paths)
    await put(store, "a", "Title here", "Some marmalade")
    await store.close()
    with monkeypatch.context() as patch:
        patch.setattr(search, "has_full_text", lambda sql: False)
        store = open_store(paths)
        await put(store, "b", "Other title", "More marmalade")
        found = await find(store.history, "marmalade", 5)
        assert {each.id for each in found} == {"a", "b"}
        await store.close()
    assert "no full-text index" in caplog.text
    caplog.clear()
    store = open_store(paths)
    assert {each.id for each in await find(store.history, "marmalade", 5)} == {"a", "b"}
    await store.close()
    with closing(sqlite3.connect(paths.history)) as sql:
        assert sql.execute("SELECT count(*) FROM text_index_docsize").fetchone() == (2,)
        sql.execute("INSERT INTO text_index (text_index) VALUES ('integrity-check')")


async def test_a_search_given_up_before_its_turn_never_runs(store: Store) -> None:
    import threading

    await store.opened()
    gate, ran = threading.Event(), []
    reader = store.history._searcher
    blocking = reader.submit(lambda sql: gate.wait(5))
    typed = [asyncio.ensure_future(find(store.history, text, 5)) for text in ("a", "ab", "abc")]
    noted = reader.submit(lambda sql: ran.append("given up"))
    await asyncio.sleep(0)
    for task in typed:
        task.cancel()
    noted.cancel()
    await asyncio.sleep(0)
    gate.set()
    await asyncio.wrap_future(blocking)
    assert await find(store.history, "abcd", 5) == []
    assert ran == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40), st.text(st.characters(), max_size=10))
def test_no_text_is_too_strange_to_search_for(paths: Paths, text: str, typed: str) -> None:
    database = open_database(paths.history, paths.backups)
    sql = database.connection
    prepare_index(sql)
    sql.execute("BEGIN")
    sql.execute("INSERT INTO conversation (id, title, created, updated) VALUES ('c', ?, 1, 1)", (text,))
    assert isinstance(search.search(sql, parse_query(typed), 5), Found)
    whole = [word for word in text.replace("\0", "\n").split("\n")[0].split() if word]
    for word in whole:
        query = Query(words=(Word(word),))
        assert [hit.conversation.id for hit in search.search(sql, query, 5).hits] == ["c"], word
    sql.execute("ROLLBACK")
    database.close()


# Size


def plan(sql: sqlite3.Connection, statement: str, values: tuple[object, ...]) -> str:
    return "\n".join(str(row[3]) for row in sql.execute(f"EXPLAIN QUERY PLAN {statement}", values))


@pytest.fixture
def large(paths: Paths) -> Paths:
    database = open_database(paths.history, paths.backups)
    sql = database.connection
    prepare_index(sql)
    count = 100_000
    sql.execute("BEGIN")
    numbers = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT ?)"
    sql.execute(
        f"""INSERT INTO conversation (id, title, created, updated, pinned) {numbers}
            SELECT 'c' || i, 'T' || i, i, (i * 7919) % ?, i % 1000 = 0 FROM n""",
        (count, count),
    )
    sql.execute(
        f"""INSERT INTO message (id, conversation_id, role, state, created) {numbers}
            SELECT 'm' || i, 'c' || i, 'user', 'finished', i FROM n""",
        (count,),
    )
    sql.execute("COMMIT")
    database.close()
    return paths


@pytest.mark.within(60)
async def test_a_hundred_thousand_conversations_are_paged_without_sorting(large: Paths) -> None:
    with closing(sqlite3.connect(large.history)) as sql:
        listed = plan(sql, LIST_CONVERSATIONS, (50, 99_000))
        assert "conversation_listed" in listed
        assert "TEMP B-TREE" not in listed
        for statement, values, index in (
            (LIST_FOLDER, ("f", 50, 900), "conversation_in_folder"),
            (LIST_ARCHIVE, (50, 900), "conversation_archived"),
        ):
            listed = plan(sql, statement, values)
            assert index in listed
            assert "TEMP B-TREE" not in listed
        read = plan(sql, READ_MESSAGES, ("c5",))
        assert "message_of_conversation" in read
        assert "TEMP B-TREE" not in read
        parts = plan(sql, READ_PARTS, ("c5",))
        assert "SCAN" not in parts
        assert "message_streaming" in plan(
            sql, "SELECT id FROM message WHERE state = 'streaming' ORDER BY seq", ()
        )
        install(sql)
        assert "conversation_deleted" in plan(sql, "DELETE FROM conversation WHERE deleted_at < ?", (1,))

    store = open_store(large)
    seen: list[str] = []
    for offset in range(0, 100_000, 25_000):
        seen += [each.id for each in await store.history.list_conversations(25_000, offset)]
    assert len(set(seen)) == 100_000
    last = await store.history.list_conversations(50, 99_990)
    assert [each.id for each in last] == seen[-10:]
    await store.close()


async def test_a_search_given_up_in_the_middle_ends_at_once(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    import threading

    await store.opened()
    began = threading.Event()
    searcher = store.history._searcher

    def endless(sql: sqlite3.Connection) -> int:
        began.set()
        count = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        return int(sql.execute(count).fetchone()[0])

    reading = asyncio.ensure_future(searcher.run(endless))
    while not began.is_set():
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.02)
    reading.cancel()
    assert await searcher.run(lambda sql: sql.execute("SELECT 7").fetchone()) == (7,)
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("typed", "titles"),
    [
        ("train", ["Trains to Łódź"]),
        ("rain", ["Trains to Łódź"]),
        ("soup", []),
        ("旅行", ["旅行の計画"]),
        ("", []),
    ],
)
async def test_titles_alone_are_searched_where_that_is_wanted(filled: Store, typed: str, titles: list[str]):
    query = replace(parse_query(typed), titles_only=True)
    found = await filled.history.search(query, 20)
    assert [hit.conversation.title for hit in found.hits] == titles
    assert not any(hit.message_id for hit in found.hits)
    assert query.is_empty == (not typed)
    assert not query.is_narrowed
