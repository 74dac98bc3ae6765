"""However a stream is cut, framed and kept alive, the reply is the same.

And whatever comes instead of a stream, it ends in a reply or in a failure. A reader that stumbles is
caught by the program and logged, which fails the test as every unexpected log record does.
"""

import json
import re
import tracemalloc
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.domain.endpoint import Endpoint
from desktop.domain.failure import FailureKind
from desktop.providers.registry import all_providers
from desktop.wire.records import MAX_RECORD, RecordTooLargeError
from tests.support.reading import CORPUS, Outcome, read_answer

CASES = sorted(file.parent for file in CORPUS.glob("*/*/expected.json"))
IDS = [f"{case.parent.name}/{case.name}" for case in CASES]
FIELD = re.compile(r"(?:data|event|id|retry)(?::|$)|:|$")
LINE_END = re.compile(r"\r\n|\r|\n")
KEEP_ALIVES = st.sampled_from(
    [": ", ": keep-alive", ":", "retry: 3000", ": data: no", "id: 7", ": \u2028 data: x"]
)
# Of what providers send, JSON and events are told apart by their first characters alone.
TYPES = ["text/event-stream", "application/json", "application/x-ndjson", "text/plain", "text/html", ""]


def read(folder: Path, chunks: Iterable[bytes]) -> Outcome:
    case = json.loads((folder / "expected.json").read_text("utf-8"))
    provider = all_providers()[folder.parent.name]
    endpoint = Endpoint(id="e", name="E", provider=provider.name, **case.get("endpoint", {}))
    return read_answer(
        provider, endpoint, chunks, headers=case["headers"], accepts_text=provider.accepts_text
    )


def body_of(folder: Path) -> bytes:
    (stream,) = folder.glob("stream.*")
    return stream.read_bytes()


def expected_of(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "expected.json").read_text("utf-8"))["expected"])


def cut_at(body: bytes, places: Iterable[int]) -> list[bytes]:
    """Return `body` in pieces that end at the places, counted round and round."""
    ends = sorted({place % (len(body) + 1) for place in places} | {len(body)})
    return [body[start:end] for start, end in zip([0, *ends], ends, strict=False) if end > start]


places = st.lists(st.integers(0, 1_000_000), max_size=12)


@pytest.mark.parametrize("folder", CASES, ids=IDS)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(places=places)
def test_cuts_change_nothing(folder: Path, places: list[int]) -> None:
    assert read(folder, cut_at(body_of(folder), places)).summary() == expected_of(folder)


def is_event_stream(folder: Path) -> bool:
    """Whether a case is events and nothing else: one has bare JSON between its events."""
    if not (folder / "stream.sse").is_file():
        return False
    lines = LINE_END.split(body_of(folder).decode("utf-8", "replace").removeprefix("\ufeff"))
    return all(FIELD.match(line) for line in lines)


EVENT_STREAMS = [folder for folder in CASES if is_event_stream(folder)]


@pytest.mark.parametrize("folder", EVENT_STREAMS, ids=[f"{f.parent.name}/{f.name}" for f in EVENT_STREAMS])
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_line_ends_comments_and_keep_alives_change_nothing(folder: Path, data: st.DataObject) -> None:
    body = body_of(folder)
    assert read(folder, [body]).summary() == expected_of(folder)
    ends_whole = body.endswith((b"\n", b"\r"))
    lines = LINE_END.split(body.decode("utf-8", "surrogateescape"))
    if ends_whole:
        lines.pop()
    choose = st.sampled_from(["\n", "\r\n", "\r"])
    written: list[str] = []
    for number, line in enumerate(lines):
        # A comment may stand between the lines of an event, a block of its own only between events.
        if number and data.draw(st.integers(0, 4)) == 0:
            is_between = not lines[number - 1]
            alive = data.draw(KEEP_ALIVES)
            written.append(alive + data.draw(choose))
            if is_between and data.draw(st.booleans()):
                written.append(data.draw(choose))
        is_last = number == len(lines) - 1
        written.append(line + ("" if is_last and not ends_whole else data.draw(choose)))
    rewritten = _without_joined_ends(written).encode("utf-8", "surrogateescape")
    chunks = cut_at(rewritten, data.draw(places))
    assert read(folder, chunks).summary() == expected_of(folder)


def _without_joined_ends(written: list[str]) -> str:
    """Join lines; a CR before an empty line with LF would read as one line end where two were meant."""
    text = ""
    for piece in written:
        text += ("\r\n" if piece == "\n" else piece) if text.endswith("\r") else piece
    return text


def test_the_corpus_has_event_streams_of_each_protocol() -> None:
    of_events = {folder.parent.name for folder in EVENT_STREAMS}
    assert of_events == set(all_providers())


KINDS = set(FailureKind)
SEEDS = {
    name: [body_of(folder) for folder in CASES if folder.parent.name == name] for name in all_providers()
}


def read_anything(provider: str, chunks: Iterable[bytes], content_type: str) -> Outcome:
    code = all_providers()[provider]
    endpoint = Endpoint(id="e", name="E", provider=provider, base_url="https://service.test/v1")
    return read_answer(
        code, endpoint, chunks, headers={"content-type": content_type}, accepts_text=code.accepts_text
    )


def assert_typed(outcome: Outcome) -> None:
    """Check that a reading ended in a reply or in a failure of a known kind, and holds nothing unfit."""
    assert outcome.is_complete or outcome.failure is not None
    assert outcome.failure is None or outcome.failure.kind in KINDS
    json.dumps(outcome.summary(), ensure_ascii=False, allow_nan=False).encode()


@pytest.mark.parametrize("provider", sorted(all_providers()))
@settings(max_examples=150, deadline=None)
@given(body=st.binary(max_size=300), places=places, content_type=st.sampled_from(TYPES))
def test_any_bytes_end_in_a_reply_or_a_failure(
    provider: str, body: bytes, places: list[int], content_type: str
) -> None:
    assert_typed(read_anything(provider, cut_at(body, places), content_type))


@pytest.mark.parametrize("provider", sorted(all_providers()))
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_spoilt_streams_end_in_a_reply_or_a_failure(provider: str, data: st.DataObject) -> None:
    """Take a real stream, and put, take away or change bytes at some places."""
    body = bytearray(data.draw(st.sampled_from(SEEDS[provider])))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(body)))
        junk = data.draw(
            st.binary(max_size=4)
            | st.sampled_from([b"null", b"[]", b"{}", b'"', b"-1", b"1e999", b"\\ud83d", b"\n\n"])
        )
        body[place : place + data.draw(st.integers(0, 8))] = junk
    chunks = cut_at(bytes(body), data.draw(places))
    content_type = data.draw(st.sampled_from(TYPES))
    assert_typed(read_anything(provider, chunks, content_type))


HEADS = {
    "an event": ("text/event-stream", b"data: "),
    "an event of JSON": ("text/event-stream", b'data: {"a":"'),
    "a comment": ("text/event-stream", b": "),
    "an event of many lines": ("text/event-stream", b"data: x\ndata: "),
    "a line": ("application/x-ndjson", b'{"a":"'),
    "a document": ("application/json", b'{"a":"'),
    "a list": ("application/json", b'[{"a":"'),
}


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("provider", sorted(all_providers()))
def test_a_line_of_100_mb_is_refused(provider: str, head: str) -> None:
    """It is refused as soon as it is longer than any record may be, and takes little memory until then."""
    content_type, beginning = HEADS[head]
    piece = b"x" * 1_000_000
    taken = 0

    def chunks() -> Iterable[bytes]:
        nonlocal taken
        yield beginning
        for _ in range(100):
            taken += len(piece)
            yield piece

    tracemalloc.start()
    try:
        with pytest.raises(RecordTooLargeError):
            read_anything(provider, chunks(), content_type)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert taken <= MAX_RECORD + 2 * len(piece)
    assert peak < 4 * MAX_RECORD
