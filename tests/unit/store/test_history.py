"""The history keeps what it was given, through new starts, branches, growing replies and the bin."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace

import pytest

from desktop.base.clock import now_ms
from desktop.base.paths import Paths
from desktop.chat.ports import History, Settings, StorageError
from desktop.domain.cut import ContextChoice, Cut, Overflow
from desktop.domain.delta import (
    FinishDelta,
    PlaceholderDelta,
    ProgressDelta,
    ReasoningDelta,
    RefusalDelta,
    StopReason,
    TextDelta,
    Timing,
    ToolCallDelta,
    Usage,
    UsageDelta,
)
from desktop.domain.failure import Failure, FailureKind
from desktop.domain.identity import new_id
from desktop.domain.message import (
    Conversation,
    FilePart,
    ImagePart,
    Message,
    MessageState,
    PlaceholderPart,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
)
from desktop.domain.options import Options
from desktop.domain.order import SHELF, Folder, Place, Scope, Tag
from desktop.store import Store, open_store
from tests.support.finding import find

DAY_MS = 24 * 60 * 60 * 1000


def conversation(title: str = "A title", updated: int = 1, **more: object) -> Conversation:
    return Conversation(id=new_id(), title=title, created=1, updated=updated, **more)  # type: ignore[arg-type]


def prompt(within: Conversation, text: str = "Hello", parent: str | None = None) -> Message:
    return Message(
        id=new_id(),
        conversation_id=within.id,
        parent_id=parent,
        role=Role.USER,
        parts=(TextPart(text),),
        created=now_ms(),
    )


def reply(to: Message, *parts: object, state: MessageState = MessageState.STREAMING) -> Message:
    return Message(
        id=new_id(),
        conversation_id=to.conversation_id,
        parent_id=to.id,
        role=Role.ASSISTANT,
        parts=parts,  # type: ignore[arg-type]
        state=state,
        created=now_ms(),
    )


def test_a_store_is_what_chat_asks_for(paths: Paths) -> None:
    def takes(history: History, settings: Settings) -> None:
        for port, given in ((History, history), (Settings, settings)):
            names = [name for name in vars(port) if not name.startswith("_")]
            assert [name for name in names if not callable(getattr(given, name, None))] == []

    async def run() -> None:
        store = open_store(paths)
        takes(store.history, store.settings)
        await store.close()

    asyncio.run(run())


async def test_a_message_of_every_kind_of_part_comes_back(store: Store) -> None:
    kept = conversation(endpoint_id="openai", model="gpt", pinned=True)
    await store.history.write_conversation(kept)
    asked = prompt(kept)
    answered = Message(
        id=new_id(),
        conversation_id=kept.id,
        parent_id=asked.id,
        role=Role.ASSISTANT,
        parts=(
            ReasoningPart("Let me see", 1200, "sealed"),
            TextPart("Look:\n\n| a |\n|---|"),
            ImagePart("image/png", b"\x89PNG\0\xff", "cat.png"),
            FilePart("notes.txt", "text/plain", b"caf\xc3\xa9", "café"),
            ToolCallPart("search", '{"q": "x"}', "call_1"),
            RefusalPart("No."),
            PlaceholderPart("server_tool_use", '{"type": "x"}'),
        ),
        state=MessageState.FAILED,
        created=now_ms(),
        model="gpt-9",
        endpoint="OpenAI",
        usage=Usage(input=3, output=4, cached=1, reasoning=2, total=7, cost=0.25),
        timing=Timing(first_ms=120, total_ms=900),
        stop_reason=StopReason.LENGTH,
        failure=Failure(
            kind=FailureKind.RATE_LIMIT, endpoint="OpenAI", status=429, words="slow down", retry_after=1.5
        ),
    )
    await store.history.write_message(asked)
    await store.history.write_message(answered)

    found = await store.history.read_conversation(kept.id)

    assert found is not None
    assert found[1] == [asked, answered]
    assert found[0].head_id == answered.id
    assert found[0].pinned
    assert (found[0].endpoint_id, found[0].model) == ("openai", "gpt")
    assert found[0].updated == answered.created


async def test_usage_and_timing_without_figures_are_not_none(store: Store) -> None:
    kept = conversation()
    await store.history.write_conversation(kept)
    message = Message(
        id=new_id(),
        conversation_id=kept.id,
        parent_id=None,
        role=Role.ASSISTANT,
        parts=(),
        usage=Usage(),
        timing=Timing(first_ms=0),
    )
    await store.history.write_message(message)
    found = await store.history.read_conversation(kept.id)
    assert found is not None
    assert found[1] == [message]


async def test_an_unknown_conversation_is_none(store: Store) -> None:
    assert await store.history.read_conversation("nowhere") is None


async def test_a_message_without_its_conversation_is_refused_with_words(store: Store) -> None:
    with pytest.raises(StorageError, match="no longer in the history"):
        await store.history.write_message(prompt(conversation()))


async def test_siblings_are_kept_and_the_head_can_be_moved(store: Store) -> None:
    kept = conversation()
    await store.history.write_conversation(kept)
    asked = prompt(kept)
    first = reply(asked, TextPart("One"), state=MessageState.FINISHED)
    second = reply(asked, TextPart("Two"), state=MessageState.FINISHED)
    for message in (asked, first, second):
        await store.history.write_message(message)
    await store.history.set_head(kept.id, first.id)
    # A change of the title must not move the head back.
    await store.history.write_conversation(kept)

    found = await store.history.read_conversation(kept.id)

    assert found is not None
    assert found[0].head_id == first.id
    assert [message.text for message in found[1]] == ["Hello", "One", "Two"]


async def test_writing_a_message_again_replaces_it_and_leaves_the_head(store: Store) -> None:
    kept = conversation()
    await store.history.write_conversation(kept)
    first, second = prompt(kept, "one"), prompt(kept, "two")
    await store.history.write_message(first)
    await store.history.write_message(second)
    changed = Message(
        id=first.id,
        conversation_id=kept.id,
        parent_id=None,
        role=Role.USER,
        parts=(TextPart("changed"),),
        created=first.created,
    )
    await store.history.write_message(changed)
    found = await store.history.read_conversation(kept.id)
    assert found is not None
    assert found[1] == [changed, second]
    assert found[0].head_id == second.id


async def test_the_shelf_lists_pinned_first_then_the_newest(store: Store) -> None:
    old = conversation("old", 1)
    new = conversation("new", 3)
    pinned = conversation("pinned", 2, pinned=True)
    for each in (old, new, pinned):
        await store.history.write_conversation(each)
    assert [each.title for each in await store.history.list_conversations(10)] == ["pinned", "new", "old"]
    assert [each.title for each in await store.history.list_conversations(1, 1)] == ["new"]


async def test_the_bin_hides_gives_back_and_forgets_after_thirty_days(paths: Paths) -> None:
    store = open_store(paths)
    stays, goes, comes_back = conversation("stays"), conversation("goes"), conversation("comes back")
    for each in (stays, goes, comes_back):
        await store.history.write_conversation(each)
        await store.history.write_message(prompt(each, "findable words"))
    for each in (goes, comes_back):
        await store.history.delete_conversation(each.id)
    assert [each.title for each in await store.history.list_conversations(10)] == ["stays"]
    assert {each.title for each in await store.history.list_deleted(10)} == {"goes", "comes back"}
    assert [each.title for each in await find(store.history, "findable", 10)] == ["stays"]
    await store.history.restore_conversation(comes_back.id)
    assert len(await find(store.history, "findable", 10)) == 2
    await store.close()

    with closing(sqlite3.connect(paths.history)) as sql, sql:
        sql.execute(
            "UPDATE conversation SET deleted_at = deleted_at - ? WHERE title = 'goes'", (31 * DAY_MS,)
        )

    store = open_store(paths)
    assert await store.history.purge() == 1
    assert await store.history.purge() == 0
    assert await store.history.read_conversation(goes.id) is None
    assert await store.history.list_deleted(10) == []
    with pytest.raises(StorageError, match="no longer in the history"):
        await store.history.restore_conversation(goes.id)
    await store.close()
    with closing(sqlite3.connect(paths.history)) as sql:
        assert sql.execute("SELECT count(*) FROM part").fetchone() == (2,)
        # The index holds exactly the texts that are left; FTS5 raises where it does not.
        sql.execute("INSERT INTO text_index (text_index, rank) VALUES ('integrity-check', 1)")
        sql.execute("INSERT INTO title_index (title_index, rank) VALUES ('integrity-check', 1)")
        assert sql.execute("PRAGMA foreign_key_check").fetchall() == []


async def test_a_growing_reply_is_seen_while_it_grows_and_its_end_replaces_it(
    store: Store, paths: Paths
) -> None:
    kept = conversation()
    await store.history.write_conversation(kept)
    asked = prompt(kept)
    grows = reply(asked)
    await store.history.write_message(asked)
    await store.history.write_message(grows)
    await store.history.write_progress(grows.id, [ReasoningDelta("Hm", ""), ReasoningDelta("", "seal")])
    await store.history.write_progress(
        grows.id,
        [
            TextDelta("Hel"),
            TextDelta("lo"),
            ToolCallDelta(0, "find", '{"a"', "c1"),
            ToolCallDelta(0, "", ":1}"),
            ToolCallDelta(1, "other", "{}", "c2"),
            ProgressDelta(0.5),
        ],
    )
    await store.history.write_progress(grows.id, [PlaceholderDelta("image", "{}"), RefusalDelta("no")])
    await store.history.write_progress(grows.id, [])

    found = await store.history.read_conversation(kept.id)
    assert found is not None
    seen = found[1][1]
    assert seen.state is MessageState.STREAMING
    assert [part.kind for part in seen.parts] == [
        "reasoning", "text", "tool_call", "tool_call", "placeholder", "refusal",
    ]  # fmt: skip
    assert isinstance(seen.parts[0], ReasoningPart)
    assert (seen.parts[0].text, seen.parts[0].signature) == ("Hm", "seal")
    assert seen.parts[1:] == (
        TextPart("Hello"),
        ToolCallPart("find", '{"a":1}', "c1"),
        ToolCallPart("other", "{}", "c2"),
        PlaceholderPart("image", "{}"),
        RefusalPart("no"),
    )
    with closing(sqlite3.connect(paths.history)) as sql:
        # Neighbouring deltas of one kind share a row.
        kinds = [row[0] for row in sql.execute("SELECT kind FROM progress ORDER BY seq")]
        assert kinds == ["reasoning", "text", "tool_call", "tool_call", "placeholder", "refusal"]
        assert sql.execute("SELECT count(*) FROM part").fetchone() == (1,)

    ended = Message(
        id=grows.id,
        conversation_id=kept.id,
        parent_id=asked.id,
        role=Role.ASSISTANT,
        parts=(TextPart("Hello there"),),
        created=grows.created,
    )
    await store.history.write_message(ended)
    # What comes late of a reply that has ended must not grow it again.
    await store.history.write_progress(grows.id, [TextDelta(" late")])
    found = await store.history.read_conversation(kept.id)
    assert found is not None
    assert found[1][1] == ended
    with closing(sqlite3.connect(paths.history)) as sql:
        assert sql.execute("SELECT count(*) FROM progress").fetchone() == (0,)


async def test_progress_of_an_unknown_message_is_refused(store: Store) -> None:
    with pytest.raises(StorageError, match="no longer in the history"):
        await store.history.write_progress("nowhere", [TextDelta("x")])


async def test_a_reply_left_streaming_is_interrupted_at_the_next_start(paths: Paths) -> None:
    store = open_store(paths)
    kept = conversation()
    await store.history.write_conversation(kept)
    asked = prompt(kept)
    grows, continued, silent = reply(asked), reply(asked, TextPart("So ")), reply(asked)
    for message in (asked, grows, continued, silent):
        await store.history.write_message(message)
    await store.history.write_progress(
        grows.id, [TextDelta("findable "), UsageDelta(Usage(output=5)), FinishDelta(StopReason.STOP)]
    )
    await store.history.write_progress(continued.id, [TextDelta("on")])
    await store.close()

    store = open_store(paths)
    assert (await store.opened()).interrupted == 3
    found = await store.history.read_conversation(kept.id)
    assert found is not None
    states = [message.state for message in found[1]]
    assert states == [MessageState.FINISHED, *[MessageState.INTERRUPTED] * 3]
    assert [message.text for message in found[1]] == ["Hello", "findable ", "So on", ""]
    assert found[1][1].usage == Usage(output=5)
    assert found[1][1].stop_reason is StopReason.STOP
    assert [each.id for each in await find(store.history, "findable", 5)] == [kept.id]
    await store.close()

    store = open_store(paths)
    assert (await store.opened()).interrupted == 0
    await store.close()


async def test_a_surrogate_pair_cut_by_a_write_is_whole_again(paths: Paths) -> None:
    store = open_store(paths)
    kept = conversation()
    await store.history.write_conversation(kept)
    grows = reply(prompt(kept))
    await store.history.write_message(grows)
    await store.history.write_progress(grows.id, [TextDelta("a\ud83d")])
    await store.history.write_progress(grows.id, [TextDelta("\ude00b \udc00")])
    await store.close()
    store = open_store(paths)
    found = await store.history.read_conversation(kept.id)
    assert found is not None
    assert found[1][0].text == "a😀b \ufffd"
    await store.close()


@pytest.mark.parametrize(
    "breakage",
    [
        "UPDATE part SET kind = 'hologram'",
        "UPDATE part SET meta = '{not json'",
        "UPDATE part SET meta = '[1]'",
        "UPDATE part SET text = CAST(x'ff6869' AS TEXT)",
        "UPDATE part SET position = position + 100",
        "UPDATE message SET role = 'oracle'",
        "UPDATE message SET state = 'dreaming'",
        "UPDATE message SET usage = 'x', timing = '7', failure = 'null', stop_reason = 'bored'",
        'UPDATE message SET usage = \'{"input": "many", "cost": []}\'',
        'UPDATE message SET failure = \'{"kind": "meteor"}\'',
        "UPDATE message SET parent_id = id",
        "UPDATE message SET parent_id = 'lost'",
        "UPDATE conversation SET head_id = 'lost', pinned = 7",
        (
            "UPDATE message SET state = 'streaming'; INSERT INTO progress (message_id, kind, text, meta, at) "
            "SELECT id, 'tool_call', x'ff', '{}', 0 FROM message"
        ),
    ],
)
async def test_a_bad_row_never_keeps_a_conversation_from_opening(
    paths: Paths, breakage: str, caplog: pytest.LogCaptureFixture
) -> None:
    store = open_store(paths)
    kept = conversation()
    await store.history.write_conversation(kept)
    asked = prompt(kept, "good words")
    await store.history.write_message(asked)
    await store.history.write_message(reply(asked, ImagePart("image/png", b"1"), state=MessageState.STOPPED))
    await store.close()
    with closing(sqlite3.connect(paths.history)) as sql:
        sql.executescript(breakage)

    store = open_store(paths)
    found = await store.history.read_conversation(kept.id)
    assert found is not None
    assert len(found[1]) == 2
    assert len(await store.history.list_conversations(5)) == 1
    await store.close()
    assert "good words" not in caplog.text
    caplog.clear()


async def test_an_unknown_kind_of_part_is_shown_as_a_placeholder(
    paths: Paths, caplog: pytest.LogCaptureFixture
) -> None:
    store = open_store(paths)
    kept = conversation()
    await store.history.write_conversation(kept)
    await store.history.write_message(prompt(kept, "what it says"))
    await store.close()
    with closing(sqlite3.connect(paths.history)) as sql, sql:
        sql.execute("UPDATE part SET kind = 'hologram'")
    store = open_store(paths)
    found = await store.history.read_conversation(kept.id)
    assert found is not None
    assert found[1][0].parts == (PlaceholderPart("hologram", "what it says"),)
    assert "hologram" in caplog.text
    assert "what it says" not in caplog.text
    caplog.clear()
    await store.close()


async def test_after_closing_nothing_is_taken(paths: Paths) -> None:
    store = open_store(paths)
    await store.history.write_conversation(conversation())
    await store.close()
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: store.history.write_conversation(conversation()),
        lambda: store.history.list_conversations(1),
        lambda: store.settings.write_preference("a", "b"),
        store.settings.read_endpoints,
    ]
    for call in calls:
        with pytest.raises(StorageError, match="closing"):
            await call()
    # Closing twice is what a second click on the window's cross does.
    await store.close()


async def test_the_same_works_on_the_program_s_own_loop(qloop: object, paths: Paths) -> None:
    store = open_store(paths)
    kept = conversation()
    await store.history.write_conversation(kept)
    assert [each.id for each in await store.history.list_conversations(5)] == [kept.id]
    await store.close()


async def test_deleted_messages_are_hidden_come_back_and_go_for_good_after_thirty_days(paths: Paths) -> None:
    store = open_store(paths)
    await store.opened()
    kept = conversation()
    await store.history.write_conversation(kept)
    asked = prompt(kept, "Zebra crossing")
    answer = reply(asked, TextPart("Giraffe"), state=MessageState.FINISHED)
    for message in (asked, answer):
        await store.history.write_message(message)

    async def texts() -> list[str]:
        found = await store.history.read_conversation(kept.id)
        assert found is not None
        return [message.text for message in found[1]]

    await store.history.delete_messages([answer.id])
    await store.history.set_head(kept.id, asked.id)
    assert await texts() == ["Zebra crossing"]
    assert await find(store.history, "giraffe", 5) == []
    assert await find(store.history, "gi", 5) == []
    assert len(await find(store.history, "zebra", 5)) == 1
    await store.history.restore_messages([answer.id])
    assert await texts() == ["Zebra crossing", "Giraffe"]
    assert len(await find(store.history, "giraffe", 5)) == 1
    await store.history.delete_messages([asked.id, answer.id])
    await store.history.set_head(kept.id, None)
    assert await texts() == []
    await store.close()
    with closing(sqlite3.connect(paths.history)) as raw:
        raw.execute("UPDATE message SET deleted_at = ? WHERE id = ?", (now_ms() - 31 * DAY_MS, answer.id))
        raw.commit()

    store = open_store(paths)
    await store.history.purge()
    await store.history.restore_messages([asked.id, answer.id])
    assert await texts() == ["Zebra crossing"]
    await store.close()


# Order


async def test_folders_tags_and_archive_are_kept(store: Store) -> None:
    history = store.history
    rows = [conversation(title) for title in ("one", "two", "three")]
    for each in rows:
        await history.write_conversation(each)
    one, two, three = (each.id for each in rows)
    await history.write_folder("f", "Work & play")
    await history.set_folder((one, two), "f")
    await history.set_tag((two, three), "später", True)
    await history.set_tag((two,), "später", True)
    await history.set_archived((one,), True)
    assert await history.list_folders() == [Folder("f", "Work & play", 1)]
    assert await history.list_tags() == [Tag("später", 2)]
    for scope, found in (
        (SHELF, {two, three}),
        (Scope(Place.FOLDER, "f"), {two}),
        (Scope(Place.TAG, "später"), {two, three}),
        (Scope(Place.ARCHIVE), {one}),
        (Scope(Place.BIN), set()),
    ):
        assert {each.id for each in await history.list_conversations(9, 0, scope)} == found
    # Writing the row again, as a reply does, moves nothing.
    await history.write_conversation(rows[1])
    (again,) = await history.read_rows((two, "nowhere"))
    assert (again.folder_id, again.tags, again.archived) == ("f", ("später",), False)
    assert set(await history.delete_folder("f")) == {one, two}
    await history.set_tag((two, three), "später", False)
    assert await history.list_folders() == []
    assert await history.list_tags() == []
    assert (await history.read_rows((two,)))[0].folder_id is None


async def test_a_new_row_brings_its_place_along(store: Store) -> None:
    row = replace(conversation("imported"), archived=True, folder_id="f", tags=("b", "A"))
    await store.history.write_conversation(row)
    (found,) = await store.history.list_conversations(5, 0, Scope(Place.ARCHIVE))
    assert (found.folder_id, found.tags) == ("f", ("A", "b"))


async def test_the_bin_is_emptied_a_little_at_a_time(store: Store) -> None:
    rows = [conversation(f"old {number}") for number in range(40)]
    for each in rows:
        await store.history.write_conversation(each)
        await store.history.write_message(prompt(each, "findable words"))
    await store.history.delete_conversations([each.id for each in rows[:-1]])
    await store.history.erase_conversations([rows[0].id, rows[-1].id])
    assert len(await store.history.list_deleted(99)) == 38
    assert await store.history.purge(now_ms() + 1) == 38
    assert await store.history.list_deleted(9) == []
    assert [each.id for each in await find(store.history, "findable")] == [rows[-1].id]


async def test_of_a_long_conversation_the_end_of_its_branch_comes_first(store: Store) -> None:
    row = conversation("long")
    await store.history.write_conversation(row)
    parent = None
    chain: list[str] = []
    for number in range(230):
        message = replace(prompt(row, f"text {number}"), parent_id=parent, created=number)
        await store.history.write_message(message)
        parent = message.id
        chain.append(parent)
    side = replace(prompt(row, "aside"), parent_id=chain[200], created=999)
    await store.history.write_message(side)
    await store.history.set_head(row.id, chain[-1])
    found = await store.history.read_end(row.id)
    assert found is not None
    assert not found[2]
    assert [message.id for message in found[1]] == chain[-40:]
    whole = await store.history.read_conversation(row.id)
    assert whole is not None
    assert len(whole[1]) == 231
    await store.history.delete_messages(chain[100:])
    end = await store.history.read_end(row.id)
    assert end is not None
    assert (len(end[1]), end[2]) == (101, True)
    assert await store.history.read_end("nowhere") is None


async def test_drafts_are_kept_for_what_is_still_there(store: Store):
    row = conversation()
    await store.history.write_conversation(row)
    for key, text in (("", "new"), (row.id, "half \ud83d a thought"), ("gone", "lost")):
        await store.history.write_draft(key, text)
    assert await store.history.read_drafts() == {"": "new", row.id: "half \ufffd a thought"}
    await store.history.write_draft("", "")
    assert set(await store.history.read_drafts()) == {row.id}


OPTIONS = Options(
    system="Be brief.\n\ud800",
    temperature=0.0,
    top_p=0.5,
    max_tokens=9,
    stop=("END", "\n"),
    seed=-3,
    reasoning_effort="low",
    reasoning_budget=0,
    stream=False,
)


async def test_the_options_of_a_conversation_survive_a_new_start(paths: Paths) -> None:
    store = open_store(paths)
    kept, plain = conversation(options=OPTIONS), conversation()
    for row in (kept, plain):
        await store.history.write_conversation(row)
        await store.history.write_message(prompt(row))
    await store.close()
    again = open_store(paths)
    found = await again.history.read_conversation(kept.id)
    assert found is not None
    assert found[0].options == replace(OPTIONS, system="Be brief.\n\ufffd")
    listed = {row.id: row.options for row in await again.history.list_conversations(10)}
    assert listed == {kept.id: found[0].options, plain.id: Options()}
    await again.history.write_conversation(replace(found[0], options=Options(seed=1)))
    await again.history.write_conversation(replace(found[0], options=Options()))
    found = await again.history.read_conversation(kept.id)
    assert found is not None
    assert found[0].options == Options()
    await again.close()


async def test_the_persona_of_a_conversation_is_kept_by_its_name_and_taken_away(paths: Paths) -> None:
    store = open_store(paths)
    kept, plain = conversation(persona="Tutor \ud800", options=Options(seed=1)), conversation()
    for row in (kept, plain):
        await store.history.write_conversation(row)
    await store.close()
    again = open_store(paths)
    rows = {row.id: row for row in await again.history.list_conversations(10)}
    assert (rows[kept.id].persona, rows[plain.id].persona) == ("Tutor \ufffd", "")
    assert rows[kept.id].options == Options(seed=1)
    await again.history.write_conversation(replace(rows[kept.id], persona=""))
    found = await again.history.read_conversation(kept.id)
    assert found is not None
    assert (found[0].persona, found[0].options) == ("", Options(seed=1))
    await again.close()


async def test_what_was_chosen_of_the_context_survives_a_new_start_and_can_be_taken_back(
    paths: Paths,
) -> None:
    usage, timing = Usage(input=9, output=1, cost=0.5), Timing(first_ms=1, total_ms=2)
    summary = Cut(
        after_id="m", at=5, count=3, summary="S\ud800", missed=1, model="m", usage=usage, timing=timing
    )
    choice = ContextChoice(window=900, overflow=Overflow.OLDEST, cuts=(Cut(after_id="m"), summary))
    store = open_store(paths)
    kept = conversation(options=OPTIONS, context=choice)
    await store.history.write_conversation(kept)
    await store.close()
    again = open_store(paths)
    (row,) = await again.history.list_conversations(10)
    assert row.context == replace(choice, cuts=(choice.cuts[0], replace(summary, summary="S\ufffd")))
    await again.history.write_conversation(replace(row, context=ContextChoice()))
    (row,) = await again.history.list_conversations(10)
    assert row.context == ContextChoice()
    assert row.options.system
    await again.close()


async def test_what_else_stands_beside_the_options_is_kept(paths: Paths) -> None:
    store = open_store(paths)
    kept = conversation(options=OPTIONS)
    await store.history.write_conversation(kept)
    await store.close()

    def meta(value: str = "") -> str:
        with closing(sqlite3.connect(paths.history)) as sql, sql:
            if value:
                sql.execute("UPDATE conversation SET meta = ?", (value,))
            return str(sql.execute("SELECT meta FROM conversation").fetchone()[0])

    meta('{"options":{"seed":7,"later":1,"stop":3,"stream":"no","reasoning_effort":"odd"},"of":{"later":2}}')
    store = open_store(paths)
    found = await store.history.read_conversation(kept.id)
    assert found is not None
    assert found[0].options == Options(seed=7)
    await store.history.write_conversation(replace(found[0], options=Options(seed=8)))
    await store.close()
    assert meta() == '{"of":{"later":2},"options":{"seed":8}}'
    meta("{broken")
    store = open_store(paths)
    await store.history.write_conversation(replace(kept, options=Options(seed=9)))
    await store.close()
    assert meta() == '{"options":{"seed":9}}'
