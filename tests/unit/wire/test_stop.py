"""Stopping: the server sees the end at once, nothing is leaked, and the next request works."""

import asyncio
import contextlib
import ssl

import pytest

from desktop.wire.client import WireClient
from tests.support.server import Answer, LoopbackServer, SeenRequest, Send, Stall, openai_stream, sse
from tests.unit.wire.test_client import place_of, post, read_all


def pool_size(client: WireClient) -> int:
    return sum(len(http._transport._pool.connections) for http in client._clients._clients.values())


async def stop_in_mid_stream(client: WireClient, server: LoopbackServer) -> SeenRequest:
    """Cancel a task that reads; return the request as the server saw it."""
    count = len(server.requests)
    server.answer(Answer(steps=[Send(sse("1")), Stall()]))
    started = asyncio.Event()

    async def read() -> None:
        stream = await client.open(post(server.url), place_of(server.url))
        try:
            while await stream.read() is not None:
                started.set()
        finally:
            await stream.aclose()

    task = asyncio.get_running_loop().create_task(read())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return server.requests[count]


async def thirty_stops(server: LoopbackServer) -> None:
    async with contextlib.aclosing(WireClient()) as client:
        for _ in range(30):
            seen = await stop_in_mid_stream(client, server)
            assert await asyncio.to_thread(seen.wait_closed, 2)
        assert pool_size(client) == 0
        server.answer(openai_stream(["a"]))
        assert (await read_all(client, post(server.url)))[-1] == "[DONE]"


async def stop_twice(server: LoopbackServer) -> None:
    """A second cancellation leaks the connection in httpx; the server must notice all the same."""
    async with contextlib.aclosing(WireClient()) as client:
        server.answer(Answer(steps=[Send(sse("1")), Stall()]))
        started = asyncio.Event()

        async def read() -> None:
            stream = await client.open(post(server.url), place_of(server.url))
            try:
                while await stream.read() is not None:
                    started.set()
            finally:
                await stream.aclose()

        task = asyncio.get_running_loop().create_task(read())
        await started.wait()
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(server.requests[0].wait_closed, 2)
        server.answer(openai_stream(["a"]))
        assert (await read_all(client, post(server.url)))[-1] == "[DONE]"


async def close_between_reads(server: LoopbackServer) -> None:
    server.answer(Answer(steps=[Send(sse("1")), Stall()]))
    async with contextlib.aclosing(WireClient()) as client:
        stream = await client.open(post(server.url), place_of(server.url))
        assert await stream.read()
        await stream.aclose()
        await stream.aclose()
        assert await asyncio.to_thread(server.requests[0].wait_closed, 2)
        assert pool_size(client) == 0


async def stop_before_the_answer(server: LoopbackServer) -> None:
    server.answer(Answer(head=False, steps=[Stall()]))
    async with contextlib.aclosing(WireClient()) as client:
        task = asyncio.get_running_loop().create_task(read_all(client, post(server.url)))
        await asyncio.to_thread(server.wait_request)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(server.requests[0].wait_closed, 2)
        assert pool_size(client) == 0


class TestStop:
    async def test_thirty_times_then_a_normal_request(self, server: LoopbackServer) -> None:
        await thirty_stops(server)

    async def test_thirty_times_on_qts_loop(self, server: LoopbackServer, qloop: object) -> None:
        await thirty_stops(server)

    async def test_twice(self, server: LoopbackServer) -> None:
        await stop_twice(server)

    async def test_twice_on_qts_loop(self, server: LoopbackServer, qloop: object) -> None:
        await stop_twice(server)

    async def test_between_reads(self, server: LoopbackServer) -> None:
        await close_between_reads(server)

    async def test_between_reads_on_qts_loop(self, server: LoopbackServer, qloop: object) -> None:
        await close_between_reads(server)

    async def test_before_the_answer(self, server: LoopbackServer) -> None:
        await stop_before_the_answer(server)

    async def test_before_the_answer_on_qts_loop(self, server: LoopbackServer, qloop: object) -> None:
        await stop_before_the_answer(server)

    async def test_over_tls(self) -> None:
        with LoopbackServer(tls=True) as server:
            context = ssl.create_default_context(cafile=server.ca_file)
            async with contextlib.aclosing(WireClient(make_context=lambda: context)) as client:
                seen = await stop_in_mid_stream(client, server)
                assert await asyncio.to_thread(seen.wait_closed, 2)
                assert pool_size(client) == 0
