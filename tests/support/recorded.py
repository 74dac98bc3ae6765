"""Recorded exchanges: over a real socket, or made of bytes and times."""

import contextlib
from collections.abc import Iterable, Sequence

from desktop.domain.delta import Delta
from desktop.domain.endpoint import Endpoint
from desktop.domain.failure import TurnFailedError
from desktop.domain.inspection import Examination, Finding, ShownRecord
from desktop.domain.message import Message, Role, TextPart
from desktop.domain.network import Route
from desktop.domain.prompt import Prompt
from desktop.domain.recording import Exchange, Recorder, Recording, Veil
from desktop.domain.secret import Secret
from desktop.inspection.service import RecordedStreams
from desktop.providers.send import WireSender
from desktop.wire.client import WireClient

SSE = "text/event-stream"


async def send_recorded(
    recorder: Recorder,
    endpoint: Endpoint,
    key: Secret | None = None,
    *,
    text: str = "Hello?",
    reply_id: str = "r1",
    route: Route | None = None,
) -> tuple[Recording, list[Delta]]:
    """Send a prompt as a turn does; return what was recorded of its reply, and its deltas."""

    async def find_route(_endpoint: Endpoint) -> Route:
        return route or Route()

    message = Message(id="m1", conversation_id="c1", parent_id=None, role=Role.USER, parts=(TextPart(text),))
    prompt = Prompt(model="alpha", messages=(message,), reply_id=reply_id)
    client = WireClient()
    deltas: list[Delta] = []
    try:
        sender = WireSender(client, recorder=recorder, find_route=find_route)
        with contextlib.suppress(TurnFailedError):
            async with contextlib.aclosing(sender.send(prompt, endpoint, key)) as batches:
                async for batch in batches:
                    deltas += batch
    finally:
        await client.aclose()
    recording = recorder.recording(reply_id)
    assert recording is not None
    return recording, deltas


def exchange_of(
    chunks: Iterable[bytes],
    *,
    times: Sequence[float] | None = None,
    protocol: str = "openai-chat",
    content_type: str = SSE,
    status: int = 200,
    version: str = "HTTP/1.1",
    headers: Iterable[tuple[str, str]] = (("transfer-encoding", "chunked"),),
    end: str = "end",
    body: bytes = b'{"stream":true}',
    veil: Veil | None = None,
    recorder: Recorder | None = None,
    reply_id: str = "r1",
) -> Exchange:
    """Return an exchange whose reads came at these times, in seconds since the request."""
    endpoint = Endpoint(id="test", name="Test", provider=protocol)
    recording = (recorder or Recorder()).open(reply_id, "alpha", endpoint, veil or Veil())
    exchange = recording.begin("POST", "http://127.0.0.1/v1/chat/completions", (), body)
    exchange.answer(
        status, "", version, [("content-type", content_type), *headers] if content_type else headers
    )
    pieces = list(chunks)
    for piece in pieces:
        exchange.take(piece)
    at = list(times) if times is not None else [0.1 + 0.01 * number for number in range(len(pieces))]
    exchange.times = [exchange.started + each for each in at]
    if end:
        exchange.close(end)
    return exchange


def examined(exchange: Exchange) -> tuple[list[ShownRecord], Examination]:
    """Return all records of an exchange, and what examined them."""
    examination = RecordedStreams().examine(exchange)
    records: list[ShownRecord] = []
    while not examination.is_caught_up:
        records += examination.advance(1.0)
    return records, examination


def found_in(exchange: Exchange) -> dict[str, Finding]:
    """Return what is said of an exchange, by name."""
    return {finding.name: finding for finding in examined(exchange)[1].findings()}
