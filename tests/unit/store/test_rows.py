"""Any message goes to disk and comes back; what Unicode can't hold is replaced, and nothing raises."""

import asyncio
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.base.paths import user_paths
from desktop.base.utf16 import well_formed
from desktop.domain.delta import StopReason, TextDelta, Timing, Usage
from desktop.domain.failure import Failure, FailureKind
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
from desktop.store import open_store

# All of Unicode, with NUL, the line ends of other standards, and surrogates that belong to nothing.
ANY = st.text(st.characters() | st.sampled_from("\0\u0085\u2028\ud83d\ude00\udfff"), max_size=30)
WHOLE = st.none() | st.integers(0, 2**40)
PARTS = st.one_of(
    st.builds(TextPart, ANY),
    st.builds(ReasoningPart, ANY, WHOLE, ANY),
    st.builds(RefusalPart, ANY),
    st.builds(ImagePart, ANY, st.binary(max_size=30), ANY),
    st.builds(FilePart, ANY, ANY, st.binary(max_size=30), ANY),
    st.builds(ToolCallPart, ANY, ANY, ANY),
    st.builds(PlaceholderPart, ANY, ANY),
)
MESSAGES = st.builds(
    Message,
    id=st.uuids().map(str),
    conversation_id=st.just("c"),
    parent_id=st.none() | st.just("somewhere"),
    role=st.sampled_from(Role),
    parts=st.lists(PARTS, max_size=5).map(tuple),
    state=st.sampled_from([state for state in MessageState if state is not MessageState.STREAMING]),
    created=st.integers(0, 2**45),
    model=ANY,
    endpoint=ANY,
    usage=st.none()
    | st.builds(Usage, input=WHOLE, output=WHOLE, cost=st.none() | st.floats(0, 10, allow_nan=False)),
    timing=st.none() | st.builds(Timing, first_ms=WHOLE, total_ms=WHOLE),
    stop_reason=st.none() | st.sampled_from(StopReason),
    failure=st.none()
    | st.builds(
        Failure,
        kind=st.sampled_from(FailureKind),
        words=ANY,
        status=WHOLE,
        retry_after=st.none() | st.floats(0, 1e6),
    ),
)


def settled(message: Message) -> Message:
    """Return the message with every text as UTF-8 can hold it."""

    def each(thing: Any) -> Any:
        values = {field.name: getattr(thing, field.name) for field in fields(thing)}
        texts = {name: well_formed(value) for name, value in values.items() if type(value) is str}
        return replace(thing, **texts)

    return replace(
        each(message),
        parts=tuple(each(part) for part in message.parts),
        failure=each(message.failure) if message.failure is not None else None,
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(MESSAGES, max_size=4, unique_by=lambda message: message.id), ANY)
def test_any_messages_come_back(
    tmp_path_factory: pytest.TempPathFactory, written: list[Message], title: str
) -> None:
    folder = tmp_path_factory.mktemp("rows")

    async def run() -> None:
        store = open_store(user_paths(folder))
        await store.history.write_conversation(Conversation(id="c", title=title, created=1, updated=1))
        for message in written:
            await store.history.write_message(message)
        found = await store.history.read_conversation("c")
        await store.close()
        assert found is not None
        assert found[0].title == well_formed(title)
        order = sorted(written, key=lambda message: message.created)
        assert list(found[1]) == [settled(message) for message in order]

    asyncio.run(run())


@settings(max_examples=30, deadline=None)
@given(st.lists(ANY, max_size=6))
def test_any_pieces_of_a_growing_reply_come_back(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str]
) -> None:
    folder: Path = tmp_path_factory.mktemp("pieces")

    async def run() -> None:
        store = open_store(user_paths(folder))
        await store.history.write_conversation(Conversation(id="c", title="", created=1, updated=1))
        message = Message(
            id="m",
            conversation_id="c",
            parent_id=None,
            role=Role.ASSISTANT,
            parts=(),
            state=MessageState.STREAMING,
        )
        await store.history.write_message(message)
        for piece in pieces:
            await store.history.write_progress("m", [TextDelta(piece)])
        await store.close()
        store = open_store(user_paths(folder))
        found = await store.history.read_conversation("c")
        await store.close()
        assert found is not None
        assert found[1][0].text == well_formed("".join(pieces))

    asyncio.run(run())


@given(st.text())
def test_good_text_is_stored_as_it_is(text: str) -> None:
    assert well_formed(text) == text


@given(ANY)
def test_any_text_becomes_storable_and_keeps_what_was_good(text: str) -> None:
    kept = well_formed(text)
    assert kept.encode().decode() == kept
    assert well_formed(kept) == kept
    good = [character for character in text if not "\ud800" <= character <= "\udfff"]
    rest = iter(kept)
    assert all(character in rest for character in good)
