import pytest

from desktop.wire.answer import AnswerFramer, AnswerHead, Framing, NotAReplyError
from desktop.wire.records import RecordTooLargeError

EVENTS = "text/event-stream; charset=utf-8"


def framed(content_type: str, body: bytes, *, accepts_text: bool = False, size: int = 3) -> AnswerFramer:
    framer = AnswerFramer(AnswerHead(headers={"content-type": content_type}), accepts_text=accepts_text)
    records = [r for start in range(0, len(body), size) for r in framer.feed(body[start : start + size])]
    records += framer.close()
    framer.texts = [record.data for record in records]  # type: ignore[attr-defined]
    return framer


@pytest.mark.parametrize(
    ("content_type", "body", "framing"),
    [
        (EVENTS, b"data: 1\n\n", Framing.SSE),
        ("application/json", b"data: 1\n\n", Framing.SSE),
        ("", b"event: x\ndata: 1\n\n", Framing.SSE),
        ("text/plain", b": wait\n\ndata: 1\n\n", Framing.SSE),
        (EVENTS, b"\r\n\xef\xbb\xbf data: 1", Framing.SSE),
        ("application/x-ndjson", b'{"a": 1}\n', Framing.NDJSON),
        ("application/json", b' {"a":\n 1}', Framing.JSON),
        ("application/x-ndjson", b"data: 1\n\n", Framing.SSE),
        (EVENTS, b'{"error": "no"}', Framing.JSON),
        ("", b'[{"a": 1}]', Framing.JSON),
    ],
)
def test_framing_by_type_and_beginning(content_type: str, body: bytes, framing: Framing) -> None:
    assert framed(content_type, body).head.framing is framing


@pytest.mark.parametrize(
    ("content_type", "body", "framing"),
    [
        ("text/plain; charset=utf-8", b"Hello, this is text.", Framing.TEXT),
        ("text/plain", b"<think>so</think>It is.", Framing.TEXT),
        ("text/plain", b'{"this": "is text too"}', Framing.TEXT),
        ("text/plain", b": a colon is no comment here", Framing.TEXT),
        ("text/plain", b"data: 1\n\n", Framing.SSE),
        ("", b"Hello, this is text.", Framing.TEXT),
        ("application/octet-stream", b"Hi", Framing.TEXT),
    ],
)
def test_where_text_is_welcome(content_type: str, body: bytes, framing: Framing) -> None:
    assert framed(content_type, body, accepts_text=True).head.framing is framing


@pytest.mark.parametrize(
    ("content_type", "body", "page"),
    [
        ("text/html", b"<!DOCTYPE html><html><title>Sign in</title>", True),
        (EVENTS, b"<html><body>502</body></html>", True),
        ("text/plain", b"<!doctype html>\n<html>", True),
        ("text/plain", b"upstream connect error", False),
        ("application/octet-stream", b"\x00\x01\x02\x03\x04", False),
    ],
)
def test_what_is_no_reply(content_type: str, body: bytes, page: bool) -> None:
    with pytest.raises(NotAReplyError) as caught:
        framed(content_type, body)
    assert caught.value.is_page is page


def test_a_page_is_refused_even_where_text_is_welcome() -> None:
    with pytest.raises(NotAReplyError):
        framed("text/html", b"<html><body>Sign in to the network</body></html>", accepts_text=True)


@pytest.mark.parametrize("body", [b"", b"\n\n", b"\xef\xbb\xbf  "])
def test_an_empty_body_has_no_records(body: bytes) -> None:
    assert framed(EVENTS, body).texts == []  # type: ignore[attr-defined]


def test_white_space_without_end_is_refused() -> None:
    framer = AnswerFramer(AnswerHead(headers={"content-type": EVENTS}))
    for _ in range(4):
        assert not framer.feed(b" \n" * 130_000)
    with pytest.raises(RecordTooLargeError):
        framer.feed(b" \n" * 130_000)


def test_events_are_not_held_back_to_look_at_them() -> None:
    framer = AnswerFramer(AnswerHead(headers={"content-type": EVENTS}))
    assert [record.data for record in framer.feed(b"data: 1\n\n")] == ["1"]


def test_a_byte_order_mark_is_no_part_of_a_line() -> None:
    framer = framed("application/x-ndjson", b'\xef\xbb\xbf{"a": 1}\n{"b": 2}\n')
    assert framer.texts == ['{"a": 1}', '{"b": 2}']  # type: ignore[attr-defined]


@pytest.mark.parametrize("charset", ["iso-8859-1", '"ISO-8859-15"', "windows-1252"])
def test_text_may_come_in_an_old_charset(charset: str) -> None:
    content_type = f"text/plain; charset={charset}".lower()
    framer = framed(content_type, "déjà vu and so on".encode("latin-1"), accepts_text=True)
    assert "".join(framer.texts) == "déjà vu and so on"  # type: ignore[attr-defined]
