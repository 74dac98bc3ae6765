"""The rules of the WHATWG standard one by one, then all of them at once against a plain reading of it."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.wire.records import Record, RecordTooLargeError
from desktop.wire.sse import SseFramer


def read(body: bytes, size: int | None = None) -> list[tuple[str, str]]:
    """Return (event, data) of every record of a body that is fed in pieces of `size` bytes."""
    framer = SseFramer()
    records: list[Record] = []
    for start in range(0, len(body), size or max(1, len(body))):
        records += framer.feed(body[start : start + (size or len(body))])
    records += framer.close()
    return [(record.event, record.data) for record in records]


def by_the_standard(body: bytes) -> list[tuple[str, str]]:
    """Read a body the way the standard is written: line by line, field by field."""
    found = []
    event, data = "", []
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    for line in re.split("\r\n|\n|\r", text)[:-1]:
        if not line:
            if data:
                found.append((event, "\n".join(data)))
            event, data = "", []
            continue
        field, colon, value = line.partition(":")
        value = value.removeprefix(" ") if colon else ""
        if field == "data":
            data.append(value)
        elif field == "event":
            event = value
    return found


CASES = [
    pytest.param(b"data: a\n\n", [("", "a")], id="LF"),
    pytest.param(b"data: a\r\n\r\n", [("", "a")], id="CRLF"),
    pytest.param(b"data: a\r\r", [("", "a")], id="CR"),
    pytest.param(b"data: a\n\r\ndata: b\r\r\n", [("", "a"), ("", "b")], id="mixed line ends"),
    pytest.param(b"\xef\xbb\xbfdata: a\n\n", [("", "a")], id="BOM"),
    pytest.param(b"data: a\n\n\xef\xbb\xbfdata: b\n\n", [("", "a")], id="a BOM elsewhere spoils the field"),
    pytest.param(b": hello\n\ndata: a\n\n", [("", "a")], id="comment"),
    pytest.param(b": hello\ndata: a\n: more\n\n", [("", "a")], id="comment within an event"),
    pytest.param(b":\n\n:\n\n", [], id="empty comments"),
    pytest.param(b"data:a\n\n", [("", "a")], id="no space"),
    pytest.param(b"data:  a\n\n", [("", " a")], id="one space is dropped"),
    pytest.param(b"data:\ta\n\n", [("", "\ta")], id="a tab is not"),
    pytest.param(b"data: a\ndata: b\ndata:\ndata: c\n\n", [("", "a\nb\n\nc")], id="several data lines"),
    pytest.param(b"data\n\n", [("", "")], id="a field without a colon"),
    pytest.param(b"data:\n\n", [("", "")], id="empty data"),
    pytest.param(b"data:\ndata:\ndata: B\n\n", [("", "\n\nB")], id="leading line ends"),
    pytest.param(b"event: ping\n\ndata: a\n\n", [("", "a")], id="an event without data is none"),
    pytest.param(b"event: x\ndata: a\n\ndata: b\n\n", [("x", "a"), ("", "b")], id="the name holds once"),
    pytest.param(b"data: a\nevent: x\n\n", [("x", "a")], id="the name may come last"),
    pytest.param(b"event: x\nevent: y\ndata: a\n\n", [("y", "a")], id="the last name counts"),
    pytest.param(b"id: 7\nretry: 3000\ndata: a\n\n", [("", "a")], id="id and retry"),
    pytest.param(b"retry: 3000\n\nid: 7\n\n", [], id="id and retry alone"),
    pytest.param(b"foo: bar\ndata: a\nfoo\n\n", [("", "a")], id="unknown fields"),
    pytest.param(b" data: a\n\n", [], id="a field name is not trimmed"),
    pytest.param(b"Data: a\n\n", [], id="a field name is not lowered"),
    pytest.param(b"\n\n\n\ndata: a\n\n\n\n\ndata: b\n\n\n", [("", "a"), ("", "b")], id="many blank lines"),
    pytest.param(b"data: a: b\n\n", [("", "a: b")], id="a colon in the value"),
    pytest.param(b"data: \xff\n\n", [("", "\ufffd")], id="bytes that are no UTF-8"),
]


@pytest.mark.parametrize(("body", "expected"), CASES)
@pytest.mark.parametrize("size", [None, 1, 2, 3])
def test_the_standard_case_by_case(body: bytes, expected: list[tuple[str, str]], size: int | None) -> None:
    assert read(body, size) == expected
    assert by_the_standard(body) == expected


def test_only_cr_and_lf_end_lines() -> None:
    payload = json.dumps({"t": "a\u2028b\u2029c\u0085d\x0be\x0cf\x1cg"}, ensure_ascii=False)
    raw = payload.replace("\\u000b", "\x0b").replace("\\f", "\x0c").replace("\\u001c", "\x1c")
    for size in (None, 1, 5):
        assert read(f"data: {raw}\n\n".encode(), size) == [("", raw)]


def test_an_event_comes_out_with_the_read_that_ends_it() -> None:
    framer = SseFramer()
    assert not framer.feed(b"data: a\n")
    assert framer.feed(b"\n") == [Record("a")]
    assert not framer.feed(b"data: b\r")
    assert framer.feed(b"\n\r") == [Record("b")]
    assert list(framer.feed(b"\ndata: c\r\n\r\n")) == [Record("c")]


@pytest.mark.parametrize("body", [b'data: {"a": 1}', b'data: {"a": 1}\n', b'event: x\r\ndata: {"a": 1}\r\n'])
def test_a_whole_last_event_counts_without_its_blank_line(body: bytes) -> None:
    assert [data for _, data in read(body)] == ['{"a": 1}']


def test_the_end_mark_counts_without_its_blank_line() -> None:
    assert read(b"data: {}\n\ndata: [DONE]") == [("", "{}"), ("", "[DONE]")]


def test_events_without_blank_lines_count_at_the_end() -> None:
    assert read(b'data: {"a": 1}\ndata: [DONE]\n') == [("", '{"a": 1}\n[DONE]')]
    assert read(b'data: {"a": 1}\ndata: {"b": ') == []


@pytest.mark.parametrize("body", [b'data: {"a": ', b"data: half a sent", b"data: \xe2\x82", b"event: x\n"])
def test_half_a_last_event_does_not_count(body: bytes) -> None:
    assert read(body) == []


def test_bare_json_in_an_event_stream_counts() -> None:
    body = b'data: {"a": 1}\n\n{\n  "error": {\n    "code": 503\n  }\n}\n\n'
    assert [json.loads(data) for _, data in read(body)] == [{"a": 1}, {"error": {"code": 503}}]


@pytest.mark.parametrize("count", [1, 700])
def test_an_event_without_end_is_refused(count: int) -> None:
    framer = SseFramer(limit=5000)
    framer.feed(b"data: small\n\n")
    for _ in range(count):
        framer.feed(b"x" * (4900 // count))
    with pytest.raises(RecordTooLargeError):
        framer.feed(b"x" * 101)


def test_many_small_events_are_never_too_large() -> None:
    framer = SseFramer(limit=100)
    count = sum(len(framer.feed(b"data: " + b"x" * 50 + b"\n\ndata: y")) for _ in range(100))
    assert count >= 100


def test_a_large_event_in_small_reads_takes_linear_time() -> None:
    framer = SseFramer()
    piece = b"x" * 4096
    framer.feed(b"data: ")
    for _ in range(3000):
        assert not framer.feed(piece)
    (record,) = framer.feed(b"\n\n")
    assert len(record.data) == 3000 * 4096


def stream_bodies() -> st.SearchStrategy[bytes]:
    """Bodies out of everything that means something to the standard, complete up to their last line."""
    pieces = st.sampled_from(
        [
            "data",
            "event",
            "id",
            "retry",
            ":",
            " ",
            "\n",
            "\r",
            "\r\n",
            "\n\n",
            "data: ",
            "x",
            "é",
            "😀",
            "\u2028",
        ]
    )
    return st.lists(pieces, max_size=40).map(lambda parts: ("".join(parts) + "\n\n").encode())


@given(stream_bodies(), st.lists(st.integers(1, 9), min_size=1, max_size=8))
def test_any_cuts_give_what_the_standard_gives(body: bytes, sizes: list[int]) -> None:
    framer = SseFramer()
    records: list[Record] = []
    start = turn = 0
    while start < len(body):
        size = sizes[turn % len(sizes)]
        records += framer.feed(body[start : start + size])
        start += size
        turn += 1
    records += framer.close()
    assert [(record.event, record.data) for record in records] == by_the_standard(body)


STREAMS = [
    'data: {"a":"é😀"}\n\ndata: [DONE]\n\n',
    "event: a\r\ndata: 1\r\ndata: 2\r\n\r\n: c\r\n\r\ndata: ü\r\n\r\n",
    "\ufeffdata: 1\r\revent: x\rdata: ß\r\r",
]


@pytest.mark.parametrize("text", STREAMS)
def test_every_cut_in_two_and_in_three(text: str) -> None:
    body = text.encode()
    expected = by_the_standard(body)
    for first in range(len(body) + 1):
        for second in range(first, len(body) + 1):
            framer = SseFramer()
            pieces = (body[:first], body[first:second], body[second:])
            records = [record for piece in pieces for record in framer.feed(piece)]
            records += framer.close()
            assert [(record.event, record.data) for record in records] == expected
