"""What was used: summed up as it was, by the days of this computer, and written out one row a reply."""

import csv
import datetime
import io
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.domain.cut import ContextChoice, Cut
from desktop.domain.delta import Timing, Usage
from desktop.domain.failure import StorageError
from desktop.domain.message import Conversation, Message, MessageState, Role, TextPart
from desktop.domain.usage import Sums
from desktop.store.database import open_database
from desktop.store.migrations import MIGRATIONS
from desktop.store.store import Store
from desktop.store.usage import HEAD

TODAY = datetime.date(2026, 11, 21)
USAGE = Usage(input=100, output=50, cached=20, reasoning=10, cost=0.25)
TIMING = Timing(first_ms=500, total_ms=1_500)


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This computer in Berlin, where the clock is put back on 25 October 2026 at 3 in the morning."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def at(*moment: int) -> int:
    return round(datetime.datetime(*moment).astimezone().timestamp() * 1_000)  # type: ignore[arg-type]


NOON = (2026, 11, 20, 12, 0)


def reply(name: str, *moment: int, **fields: object) -> Message:
    message = Message(
        id=name,
        conversation_id="c",
        parent_id=None,
        role=Role.ASSISTANT,
        parts=(TextPart("Yes."),),
        created=at(*(moment or NOON)),
        model="m",
        endpoint="E",
        usage=USAGE,
        timing=TIMING,
    )
    return replace(message, **fields)  # type: ignore[arg-type]


async def fill(store: Store, *messages: Message, **row: object) -> None:
    names = dict.fromkeys(message.conversation_id for message in messages)
    for name in names or ("c",):
        conversation = Conversation(id=name, title="A title", created=1, updated=1)
        await store.history.write_conversation(replace(conversation, **row))  # type: ignore[arg-type]
    for message in messages:
        await store.history.write_message(message)


async def test_sums_are_by_day_endpoint_and_model(store: Store) -> None:
    await fill(
        store,
        reply("a"),
        reply("b", 2026, 11, 20, 13, 0, usage=Usage(input=7), timing=None),
        reply("c", 2026, 11, 19, 13, 0),
        reply("d", 2026, 11, 20, 13, 0, model="n"),
        reply("e", 2026, 1, 1, 13, 0),
        replace(reply("f"), role=Role.USER, usage=None),
    )
    report = await store.usage.read_usage(datetime.date(2026, 11, 1), TODAY)
    found = {(each.day.day, each.model): each.sums for each in report.used}
    one = Sums(
        replies=1, priced=1, cost=0.25, input=100, output=50, cached=20, reasoning=10, first_ms=500,
        first_count=1, timed_output=50, timed_ms=1_000,
    )  # fmt: skip
    assert found == {(20, "m"): one + Sums(replies=1, input=7), (19, "m"): one, (20, "n"): one}
    assert report.total.unpriced == 1
    assert report.total.tokens_per_second == 50
    everything = await store.usage.read_usage(None, TODAY)
    assert everything.total.replies == 5
    assert everything.first_day == datetime.date(2026, 1, 1)


@pytest.mark.usefixtures("berlin")
async def test_days_are_those_of_this_computer_on_both_sides_of_a_change_of_the_clock(store: Store) -> None:
    moments = ((2026, 10, 24, 23, 59), (2026, 10, 25, 0, 1), (2026, 10, 25, 23, 59), (2026, 10, 26, 0, 1))
    await fill(store, *(reply(f"m{number}", *moment) for number, moment in enumerate(moments)))
    for since in (None, datetime.date(2026, 10, 1)):
        report = await store.usage.read_usage(since, TODAY)
        assert {each.day.day: each.sums.replies for each in report.used} == {24: 1, 25: 2, 26: 1}
    since = await store.usage.read_usage(datetime.date(2026, 10, 25), TODAY)
    assert since.total.replies == 3


async def test_a_copy_counts_once_and_what_nobody_counted_is_left_out(store: Store) -> None:
    await fill(
        store,
        reply("a"),
        replace(reply("b"), conversation_id="copy"),
        reply("c", usage=None, timing=None),
        reply("d", 2026, 11, 20, 13, 0, usage=Usage()),
    )
    report = await store.usage.read_usage(None, TODAY)
    assert (report.total.replies, report.total.uncounted) == (1, 2)
    assert report.total.cost == 0.25


async def test_what_is_in_the_bin_counts_and_is_said_what_is_gone_is_not(store: Store) -> None:
    await fill(store, reply("a"), reply("b", model="n"), replace(reply("c", model="o"), conversation_id="d"))
    await store.history.delete_conversations(("d",))
    await store.history.delete_messages(("b",))
    report = await store.usage.read_usage(None, TODAY)
    assert (report.total.replies, report.binned) == (3, 2)
    await store.history.erase_conversations(("d",))
    report = await store.usage.read_usage(None, TODAY)
    assert (report.total.replies, report.binned) == (2, 1)


async def test_a_summary_is_a_request_like_others(store: Store) -> None:
    cut = Cut(
        after_id="a",
        at=at(2026, 11, 20, 18, 0),
        summary="S",
        model="n",
        endpoint="E",
        usage=USAGE,
        timing=TIMING,
    )
    silent = Cut(after_id="b", at=at(*NOON))
    await fill(store, reply("a"), context=ContextChoice(cuts=(cut, silent)))
    report = await store.usage.read_usage(datetime.date(2026, 11, 20), TODAY)
    assert {each.model: each.sums.cost for each in report.used} == {"m": 0.25, "n": 0.25}
    assert (await store.usage.read_usage(datetime.date(2026, 11, 21), TODAY)).used == ()


async def rows_of(store: Store, file: Path, **which: object) -> list[dict[str, str]]:
    count = await store.usage.export_usage(file, None, **which)  # type: ignore[arg-type]
    rows = read(file)
    assert len(rows) == count
    return rows


def read(file: Path) -> list[dict[str, str]]:
    assert [path.name for path in file.parent.iterdir() if "partial" in path.name] == []
    with io.StringIO(file.read_bytes().decode("utf-8-sig"), newline="") as text:
        return list(csv.DictReader(text))


@pytest.mark.usefixtures("berlin")
async def test_the_file_has_a_row_for_each_reply(store: Store, tmp_path: Path) -> None:
    cut = Cut(after_id="a", at=at(2026, 11, 20, 18, 0), summary="S", model="n", endpoint="E", usage=USAGE)
    await fill(
        store,
        reply(
            "b",
            2026,
            11,
            20,
            19,
            0,
            usage=Usage(output=3, cost=1e-7),
            timing=None,
            state=MessageState.STOPPED,
        ),
        reply("a"),
        replace(reply("copy"), conversation_id="copy"),
        reply("c", usage=None),
        context=ContextChoice(cuts=(cut,)),
    )
    rows = await rows_of(store, tmp_path / "usage.csv")
    assert tuple(rows[0]) == HEAD
    assert [tuple(row.values()) for row in rows] == [
        ("reply", "2026-11-20T12:00:00+01:00", "E", "m", "100", "50", "20", "10", "0.25", "USD", "500", "1500",  # noqa: E501
         "50.0", "finished"),
        ("summary", "2026-11-20T18:00:00+01:00", "E", "n", "100", "50", "20", "10", "0.25", "USD", "", "", "",
         "finished"),
        ("reply", "2026-11-20T19:00:00+01:00", "E", "m", "", "3", "", "", "0.0000001", "USD", "", "", "",
         "stopped"),
    ]  # fmt: skip
    assert [row["model"] for row in await rows_of(store, tmp_path / "usage.csv", model="n")] == ["n"]
    assert await rows_of(store, tmp_path / "usage.csv", endpoint="F") == []


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", '=HYPERLINK("http://x","y")'])
async def test_no_text_becomes_a_formula(store: Store, tmp_path: Path, text: str) -> None:
    await fill(store, reply("a", model=text, endpoint=text), title=text)
    (row,) = await rows_of(store, tmp_path / "usage.csv", with_titles=True)
    assert (row["model"], row["endpoint"], row["conversation"]) == (f"'{text}",) * 3


async def test_quotes_commas_and_lines_stay_within_their_cell(store: Store, tmp_path: Path) -> None:
    text = 'a "quoted", long\nmodel; 模型'
    await fill(store, reply("a", model=text))
    (row,) = await rows_of(store, tmp_path / "usage.csv")
    assert row["model"] == text


async def test_a_file_that_cannot_be_written_is_said_and_leaves_nothing(store: Store, tmp_path: Path) -> None:
    await fill(store, reply("a"))
    with pytest.raises(StorageError, match="could not be written"):
        await store.usage.export_usage(tmp_path / "nowhere" / "usage.csv", None)


def test_an_older_history_is_summed_up_with_all_it_has(tmp_path: Path) -> None:
    file = tmp_path / "history.db"
    older = open_database(file, tmp_path / "backups", MIGRATIONS[:5])
    older.connection.execute("INSERT INTO conversation (id, created, updated) VALUES ('c', 1, 1)")
    for name, usage in (("a", '{"input":5,"cost":0.5}'), ("b", "broken {"), ("c", None), ("d", "[1]")):
        older.connection.execute(
            """INSERT INTO message (id, conversation_id, role, state, created, usage)
               VALUES (?, 'c', 'assistant', 'finished', 1, ?)""",
            (name, usage),
        )
    older.close()
    newer = open_database(file, tmp_path / "backups")
    found = newer.connection.execute(
        "SELECT input, cost FROM used JOIN message ON seq = message_seq ORDER BY id"
    ).fetchall()
    newer.close()
    assert found == [(5, 0.5), (None, None), (None, None), (None, None)]
