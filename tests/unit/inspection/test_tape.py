"""Files: what is written can be read again, is a valid event stream, and holds no key."""

import json
import stat
from pathlib import Path

import pytest

from desktop.domain.inspection import InspectionError
from desktop.domain.recording import Exchange, Veil
from desktop.inspection.protocol import settled
from desktop.inspection.tape import escaped, read_tape, tape_text, unescaped, write_tape
from desktop.wire.sse import SseFramer
from tests.support.recorded import exchange_of
from tests.support.server import openai_chunks, sse

KEY = "sk-live-4f9d2c7e81b64a0f"


def played(exchange: Exchange, folder: Path) -> tuple[list[tuple[float, bytes]], bytes]:
    file = folder / "some.sse"
    write_tape(exchange, file)
    tape = read_tape(file)
    assert tape.remark == ""
    return list(tape.reads), file.read_bytes()


def test_a_plain_stream_comes_back_with_its_times(tmp_path: Path):
    events = list(openai_chunks(["Grüße ", "東京 "]))
    pieces = [events[0][:11], events[0][11:] + events[1], *events[2:]]
    exchange = exchange_of(pieces, times=[0.1, 0.25, 0.5, 0.75, 1.0][: len(pieces)])
    reads, text = played(exchange, tmp_path)
    assert [data for _, data in reads] == pieces
    assert [at for at, _ in reads] == [0.1, 0.25, 0.5, 0.75, 1.0][: len(pieces)]
    assert text.endswith(b"".join(pieces))
    assert text.startswith(b":weir recording 1\n")
    assert b":weir body plain\n" in text


@pytest.mark.parametrize(
    ("content_type", "pieces"),
    [
        ("application/x-ndjson", [b'{"a":1}\n{"b', b'":2}\r\n']),
        (
            "text/event-stream",
            [b"\xef\xbb\xbfdata: x\n\n", b"data: \x00\xff\n", b"\ndata: \\n \xc3", b"\xa4\n\n"],
        ),
        ("text/event-stream", [b"data: a\r", b"\rdata: b\r\r"]),
        ("application/json", [b'{"error":', b'{"message":"no \\"way\\""}}']),
        ("text/plain", ["Zeile\u2028zwei\ttab".encode()]),
    ],
    ids=["lines", "no text", "cr alone", "error", "text"],
)
def test_what_can_not_stand_as_it_is_is_escaped(tmp_path: Path, content_type: str, pieces: list[bytes]):
    reads, text = played(exchange_of(pieces, content_type=content_type), tmp_path)
    assert [data for _, data in reads] == pieces
    assert b":weir body escaped\n" in text
    records = list(SseFramer().feed(text))
    assert [unescaped(record.data.encode()) for record in records] == pieces
    text.decode()


@pytest.mark.parametrize("end", ["end", "cut", "closed"])
def test_any_file_is_an_event_stream_that_says_the_same(tmp_path: Path, end: str):
    pieces = list(openai_chunks(["a", "b"]))
    _, text = played(exchange_of(pieces, end=end), tmp_path)
    framer = SseFramer()
    assert framer.feed(text) == SseFramer().feed(b"".join(pieces))
    assert read_tape(tmp_path / "some.sse").end == end


def test_escapes():
    data = bytes(range(256)) + "Ä東\ufeff\\n".encode()
    line = escaped(data)
    assert b"\n" not in line
    assert b"\r" not in line
    assert unescaped(line) == data
    with pytest.raises(ValueError, match="q"):
        unescaped(b"\\q")


def test_the_head_tells_the_request_and_the_answer(tmp_path: Path):
    exchange = exchange_of(
        openai_chunks(["a"]), status=200, headers=[("x-request-id", "r")], body=b'{"a":"b\\nc"}'
    )
    file = tmp_path / "some.sse"
    write_tape(exchange, file)
    tape = read_tape(file)
    assert (tape.protocol, tape.model, tape.status) == ("openai-chat", "alpha", 200)
    assert dict(tape.headers)["x-request-id"] == "r"
    assert tape.request["body"] == '{"a":"b\\nc"}'
    assert tape.name == "some.sse"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_no_key_is_in_a_file(tmp_path: Path):
    veil = Veil([(KEY, "MY_KEY")])
    event = sse({"choices": [{"delta": {"content": f"Your key is {KEY}."}}]})
    half = event.index(KEY.encode()) + 9
    exchange = exchange_of(
        [event[:half], event[half:]],
        veil=veil,
        headers=[("set-cookie", "session=abcdef123456"), ("x-echo", KEY)],
        body=json.dumps({"key": KEY}).encode(),
    )
    text = tape_text(exchange)
    assert KEY.encode() not in text
    assert b"abcdef123456" not in text
    assert b"*" * len(KEY) in text


def test_a_file_that_was_changed_by_hand_is_played_and_says_so(tmp_path: Path):
    file = tmp_path / "some.sse"
    write_tape(exchange_of(openai_chunks(["a", "b"])), file)
    file.write_bytes(file.read_bytes().replace(b'"content": "a"', b'"content": "a longer word"'))
    tape = read_tape(file)
    assert b"a longer word" in tape.body
    assert "changed" in tape.remark


def test_recordings_of_curl(tmp_path: Path):
    body = b"".join(openai_chunks(["a", "b"]))
    plain = tmp_path / "plain.txt"
    plain.write_bytes(body)
    tape = settled(read_tape(plain))
    assert tape.protocol == "openai-chat"
    assert tape.body == body
    assert len(tape.reads) == 5
    assert tape.content_type == "text/event-stream"
    head = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 429 Too Many\r\ncontent-type: application/json\r\n\r\n"
    plain.write_bytes(head + b'{"error":{"message":"no"}}')
    tape = settled(read_tape(plain))
    assert (tape.status, tape.version, tape.reason) == (429, "HTTP/1.0", "Too Many")
    assert tape.body == b'{"error":{"message":"no"}}'


@pytest.mark.parametrize(
    ("data", "protocol"),
    [
        (sse({"type": "response.created", "response": {}}), "openai-responses"),
        (sse({"type": "message_start", "message": {}}, "message_start"), "anthropic-messages"),
        (sse({"candidates": []}), "gemini"),
        (b'{"message":{"content":"a"},"done":false}\n{"message":{"content":""},"done":true}\n', "ollama"),
        (sse("hello", "output") + sse("{}", "done"), "replicate"),
        (b": hello\n\n" + sse({"choices": []}), "openai-chat"),
    ],
)
def test_the_protocol_is_told_by_the_records(tmp_path: Path, data: bytes, protocol: str):
    file = tmp_path / "some.txt"
    file.write_bytes(data)
    assert settled(read_tape(file)).protocol == protocol
    assert settled(read_tape(file), "custom").protocol == "custom"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"data: hello\n\n", "can’t be told"),
        (b":weir recording 1\nhello\n", "a line of its head"),
        (b":weir recording 1\n:weir answer {}\n", "“:weir body” is missing"),
        (b":weir recording 1\n:weir timing x+1\n:weir body plain\n", "no time and size"),
        (b":weir recording 1\n:weir timing 0.1+1\n:weir body escaped\ndata: \\q\n\n", "stands for no byte"),
    ],
)
def test_bad_files_are_said_in_a_sentence(tmp_path: Path, data: bytes, words: str):
    file = tmp_path / "some.sse"
    file.write_bytes(data)
    with pytest.raises(InspectionError, match=words):
        settled(read_tape(file))
    with pytest.raises(InspectionError, match="is a folder"):
        read_tape(tmp_path)
    with pytest.raises(InspectionError, match="could not be written"):
        write_tape(exchange_of([b"data: x\n\n"]), tmp_path / "none" / "x.sse")


def test_what_an_editor_does_to_a_file_is_borne(tmp_path: Path):
    file = tmp_path / "some.sse"
    write_tape(exchange_of(openai_chunks(["a"])), file)
    original = read_tape(file)
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    edited = settled(read_tape(file))
    assert edited.protocol == "openai-chat"
    assert edited.body == original.body.replace(b"\n", b"\r\n")
    assert "changed" in edited.remark
