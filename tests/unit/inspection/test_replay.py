"""A tape that is played is read as the recorded answer was, over a real socket."""

import time
from pathlib import Path

import httpx
import pytest

from desktop.domain.recording import Exchange, Recorder
from desktop.inspection.protocol import settled
from desktop.inspection.replay import ReplayServer, prompt_of, replay_endpoint
from desktop.inspection.tape import Tape, read_tape, write_tape
from tests.support.reading import CORPUS
from tests.support.recorded import exchange_of, send_recorded
from tests.support.server import openai_chunks

_LINES = "application/x-ndjson"


def tape_of(exchange: Exchange, folder: Path) -> Tape:
    write_tape(exchange, folder / "some.sse")
    return settled(read_tape(folder / "some.sse"))


async def played(tape: Tape, *, is_fast: bool = True) -> tuple[Exchange, str]:
    server = ReplayServer(tape, is_fast=is_fast)
    try:
        recording, deltas = await send_recorded(Recorder(), replay_endpoint(tape, server.address))
    finally:
        server.close()
    streams = [each for each in recording.exchanges if each.content_type == tape.content_type]
    return (streams or recording.exchanges)[-1], "".join(getattr(delta, "text", "") for delta in deltas)


@pytest.mark.parametrize(
    ("protocol", "case", "kind"),
    [
        ("openai-chat", "plain", "text/event-stream"),
        ("openai-responses", "plain", "text/event-stream"),
        ("anthropic-messages", "plain", "text/event-stream"),
        ("gemini", "plain", "text/event-stream"),
        ("ollama", "plain", _LINES),
        ("ollama", "crlf", _LINES),
        ("replicate", "plain", "text/event-stream"),
        ("openai-chat", "cr-alone", "text/event-stream"),
        ("openai-chat", "no-utf8", "text/event-stream"),
    ],
)
async def test_each_protocol_is_played_through_its_own_reader(
    tmp_path: Path, protocol: str, case: str, kind: str
):
    stream = next(file for file in (CORPUS / protocol / case).iterdir() if file.name.startswith("stream"))
    body = stream.read_bytes()
    original = exchange_of([body[:50], body[50:]], protocol=protocol, content_type=kind)
    exchange, text = await played(tape_of(original, tmp_path))
    assert b"".join(exchange.chunks) == body
    assert exchange.status == 200
    assert exchange.end == "end"
    assert text
    assert not exchange.trouble


async def test_a_break_a_refusal_and_an_old_http_are_played_as_they_were(tmp_path: Path):
    events = list(openai_chunks(["a", "b"]))
    cut, _ = await played(tape_of(exchange_of(events[:2], end="cut"), tmp_path))
    assert cut.end == "cut"
    assert "ended before the reply did" in cut.trouble
    refusal = exchange_of(
        [b'{"error":{"message":"Slow down."}}'],
        status=429,
        content_type="application/json",
        headers=[("retry-after", "7")],
    )
    refused, _ = await played(tape_of(refusal, tmp_path))
    assert (refused.status, refused.answer_header("retry-after")) == (429, "7")
    old, text = await played(tape_of(exchange_of(events, version="HTTP/1.0"), tmp_path))
    assert old.http_version == "HTTP/1.0"
    assert text == "ab"


async def test_the_recorded_pace_and_full_speed(tmp_path: Path):
    events = list(openai_chunks(["a"]))
    tape = tape_of(exchange_of(events, times=[0.1, 0.2, 0.5, 0.6][: len(events)]), tmp_path)
    began = time.monotonic()
    exchange, _ = await played(tape, is_fast=False)
    assert time.monotonic() - began >= 0.6
    assert exchange.times[-1] - exchange.started >= 0.6
    slow = tape_of(exchange_of(events, times=[30.0, 60.0, 90.0, 120.0][: len(events)]), tmp_path)
    _, text = await played(slow)
    assert text == "a"


async def test_only_who_knows_the_path_is_answered(tmp_path: Path):
    server = ReplayServer(tape_of(exchange_of(openai_chunks(["a"])), tmp_path), is_fast=True)
    try:
        base, _, token = server.address.rpartition("/")
        assert base.startswith("http://127.0.0.1:")
        assert len(token) > 16
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.post(f"{base}/v1/chat/completions", json={})).status_code == 404
            assert (await client.get(f"{server.address}/models")).status_code == 404
    finally:
        server.close()


async def test_closing_ends_an_answer_that_waits(tmp_path: Path):
    tape = tape_of(exchange_of(openai_chunks(["a"]), times=[600.0] * 4), tmp_path)
    server = ReplayServer(tape)
    request = httpx.Request("POST", f"{server.address}/chat/completions", json={})
    async with httpx.AsyncClient(trust_env=False) as client:
        response = await client.send(request, stream=True)
        assert response.status_code == 200
        server.close()
        with pytest.raises(httpx.RemoteProtocolError):
            await response.aread()


@pytest.mark.parametrize(
    ("body", "prompt"),
    [
        ('{"messages":[{"role":"user","content":"one"},{"role":"assistant","content":"x"}]}', "one"),
        ('{"messages":[{"role":"user","content":[{"type":"text","text":"two"}]}]}', "two"),
        ('{"contents":[{"role":"user","parts":[{"text":"three"}]}]}', "three"),
        ('{"input":"four"}', "four"),
        ('{"input":{"prompt":"five"}}', "five"),
        ('{"prompt":"six"}', "six"),
        ("[1]", "Replay of some.sse"),
        ("no json", "Replay of some.sse"),
    ],
)
def test_the_prompt_is_the_one_that_was_answered(body: str, prompt: str):
    assert prompt_of(Tape(name="some.sse", request={"body": body})) == prompt
