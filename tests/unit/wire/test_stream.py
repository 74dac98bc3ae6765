"""A stream over a real socket: silence, cuts, and what follows the end."""

import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from desktop.wire.client import Patience, WireClient
from desktop.wire.failures import Place
from desktop.wire.records import MAX_RECORD
from desktop.wire.request import WireRequest
from desktop.wire.stream import WireStream
from tests.support.server import Answer, Cut, LoopbackServer, Reset, Send, Stall, Step, Wait, sse

FAST = Patience(begin=0.4, between=0.2)


@contextlib.asynccontextmanager
async def opened(
    server: LoopbackServer, answer: Answer, patience: Patience | None = None
) -> AsyncIterator[WireStream]:
    server.answer(answer)
    url = f"{server.url}/v1/chat?key=sk-in-the-query-012345"
    async with contextlib.aclosing(WireClient(patience)) as client:
        place = Place(endpoint="Test", model="alpha", url=url)
        async with contextlib.aclosing(await client.open(WireRequest(url=url, body={}), place)) as stream:
            yield stream


async def read_to_failure(stream: WireStream) -> tuple[list[str], Failure]:
    found: list[str] = []
    with pytest.raises(TurnFailedError) as caught:
        await collect(stream, found)
    return found, caught.value.failure


async def collect(stream: WireStream, found: list[str]) -> None:
    while (records := await stream.read()) is not None:
        found += [record.data for record in records]


async def test_silence_before_the_reply(server: LoopbackServer) -> None:
    async with opened(server, Answer(steps=[Stall()]), FAST) as stream:
        started = time.monotonic()
        found, failure = await read_to_failure(stream)
    assert (found, failure.kind) == ([], FailureKind.STALLED)
    assert failure.sentence == "Test went silent. What had arrived is kept."
    assert time.monotonic() - started > 0.3
    assert server.requests[0].wait_closed(2)


async def test_silence_in_the_reply_counts_sooner(server: LoopbackServer) -> None:
    patience = Patience(begin=60, between=0.2)
    async with opened(server, Answer(steps=[Send(sse("1")), Stall()]), patience) as stream:
        assert await stream.read()
        stream.settle()
        started = time.monotonic()
        _, failure = await read_to_failure(stream)
    assert failure.kind is FailureKind.STALLED
    assert time.monotonic() - started < 10


async def test_silence_on_qts_loop(server: LoopbackServer, qloop: object) -> None:
    async with opened(server, Answer(steps=[Send(sse("1")), Stall()]), FAST) as stream:
        found, failure = await read_to_failure(stream)
    assert (found, failure.kind) == (["1"], FailureKind.STALLED)
    assert server.requests[0].wait_closed(2)


async def test_comments_are_signs_of_life(server: LoopbackServer) -> None:
    steps: list[Step] = []
    for _ in range(12):
        steps += [Send(b": wait\n\n"), Wait(0.1)]
    async with opened(server, Answer(steps=[*steps, Send(sse("1"))]), FAST) as stream:
        found: list[str] = []
        await collect(stream, found)
    assert found == ["1"]


async def test_time_between_reads_is_not_silence(server: LoopbackServer) -> None:
    import asyncio

    async with opened(server, Answer(steps=[Send(sse("1")), Wait(0.5), Send(sse("2"))]), FAST) as stream:
        assert await stream.read()
        await asyncio.sleep(0.6)
        assert [record.data for record in await stream.read() or ()] == ["2"]


@pytest.mark.parametrize("end", [Cut(), Reset()])
async def test_a_cut_keeps_what_came(server: LoopbackServer, end: Step) -> None:
    async with opened(server, Answer(steps=[Send(sse("1")), Wait(0.1), end])) as stream:
        found, failure = await read_to_failure(stream)
    assert (found, failure.kind) == (["1"], FailureKind.CUT)
    assert failure.address == f"{server.url}/v1/chat"


async def test_a_cut_of_a_body_without_measure_is_an_end(server: LoopbackServer) -> None:
    async with opened(server, Answer(steps=[Send(sse("1")), Cut()], framing="close")) as stream:
        found: list[str] = []
        await collect(stream, found)
    assert found == ["1"]


@pytest.mark.parametrize("content_type", ["text/html", "text/event-stream", "text/plain"])
async def test_a_web_page(server: LoopbackServer, content_type: str) -> None:
    page = b"<!DOCTYPE html><html><head><title>Sign in to Caf\xc3\xa9</title></head></html>"
    async with opened(server, Answer(steps=[Send(page)], content_type=content_type)) as stream:
        found, failure = await read_to_failure(stream)
    assert (found, failure.kind, failure.words) == ([], FailureKind.NOT_A_STREAM, "Sign in to Café")
    assert "sk-in-the-query" not in failure.sentence


async def test_text_that_is_no_reply(server: LoopbackServer) -> None:
    answer = Answer(steps=[Send(b"upstream connect error")], content_type="text/plain")
    async with opened(server, answer) as stream:
        _, failure = await read_to_failure(stream)
    assert (failure.kind, failure.words) == (FailureKind.GARBLED, "upstream connect error")


@pytest.mark.within(30)
async def test_a_record_without_end(server: LoopbackServer) -> None:
    piece = Send(b"x" * (1024 * 1024))
    steps = [Send(b"data: "), *[piece] * (MAX_RECORD // len(piece.data) + 1), Stall()]
    async with opened(server, Answer(steps=steps)) as stream:
        _, failure = await read_to_failure(stream)
    assert failure.kind is FailureKind.GARBLED
    assert "16 MB" in failure.words


async def test_an_empty_body(server: LoopbackServer) -> None:
    async with opened(server, Answer()) as stream:
        assert await stream.read() is None
        assert stream.byte_count == 0


async def test_a_last_event_without_its_blank_line(server: LoopbackServer) -> None:
    async with opened(server, Answer(steps=[Send(b'data: {"a": 1}')])) as stream:
        found: list[str] = []
        await collect(stream, found)
    assert found == ['{"a": 1}']


@pytest.mark.parametrize("end", [Stall(), Reset(), Cut()])
async def test_after_the_end_nothing_is_a_failure(server: LoopbackServer, end: Step) -> None:
    async with opened(server, Answer(steps=[Send(sse("1")), end])) as stream:
        assert await stream.read()
        started = time.monotonic()
        assert await stream.read_within(0.2) is None
        assert time.monotonic() - started < 5


async def test_draining_ends_with_the_body_or_its_time(server: LoopbackServer) -> None:
    async with opened(server, Answer(steps=[Send(sse("1")), Send(sse("2")), Wait(0.05)])) as stream:
        assert await stream.read()
        await stream.drain(5)
        assert await stream.read() is None
    endless = [Send(sse("x")), Wait(0.02)] * 400
    async with opened(server, Answer(steps=endless)) as stream:
        assert await stream.read()
        started = time.monotonic()
        await stream.drain(0.2)
        assert time.monotonic() - started < 3
    assert server.requests[1].wait_closed(2)
