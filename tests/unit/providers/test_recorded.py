"""What a real request leaves in the recorder: attempts, answers, times; and no key anywhere."""

import asyncio
import gzip
import json
from dataclasses import replace

from desktop.domain.endpoint import Endpoint, KeyRef
from desktop.domain.network import Route
from desktop.domain.recording import Exchange, Recorder, Recording, shown
from desktop.domain.secret import Secret
from tests.support.proxies import LoopbackProxy
from tests.support.recorded import found_in, send_recorded
from tests.support.server import (
    Answer,
    Cut,
    LoopbackServer,
    Send,
    openai_chunks,
    openai_error,
    openai_stream,
    sse,
    unused_port,
)

SECRET = "sk-live-4f9d2c7e81b64a0f"
BESIDE = "tenant-77aa88bb99cc"


def endpoint_at(server: LoopbackServer, provider: str = "openai-chat") -> Endpoint:
    headers = (("X-Tenant", "{secret}"), ("X-Copy", "k={key}"))
    return Endpoint(
        id="test",
        name="Test",
        provider=provider,
        base_url=server.base_url,
        key=KeyRef("test", ("MY_KEY",)),
        headers=headers if provider == "openai-chat" else (),
    )


def everything(exchange: Exchange) -> str:
    return repr((exchange.address, exchange.headers, exchange.answer_headers, exchange.trouble))


async def test_a_reply_leaves_its_request_its_answer_and_each_read():
    with LoopbackServer() as server:
        server.answer(openai_stream(["Hel", "lo"], delay=0.02))
        key = Secret(SECRET, {"X-Tenant": Secret(BESIDE)})
        recording, deltas = await send_recorded(Recorder(), endpoint_at(server), key)
    (exchange,) = recording.exchanges
    assert exchange.method == "POST"
    assert exchange.address == f"{server.base_url}/chat/completions"
    assert (exchange.status, exchange.http_version, exchange.end) == (200, "HTTP/1.1", "end")
    assert json.loads(exchange.body)["messages"][0]["content"] == "Hello?"
    assert b"".join(exchange.chunks) == b"".join(openai_chunks(["Hel", "lo"]))
    assert len(exchange.chunks) == 5
    assert exchange.answered is not None
    assert exchange.started <= exchange.answered <= exchange.times[0]
    assert exchange.times == sorted(exchange.times)
    assert deltas
    assert SECRET not in everything(exchange)
    assert BESIDE not in everything(exchange)
    values = {name.lower(): shown(value) for name, value in exchange.headers}
    assert values["x-tenant"] == "•••"
    assert values["x-copy"] == "k=•••"


async def test_a_key_in_the_address_and_in_headers_of_other_protocols():
    with LoopbackServer(default=openai_error(500, f"No use for {SECRET}.")) as server:
        for provider in ("gemini", "anthropic-messages", "openai-responses"):
            recording, _ = await send_recorded(Recorder(), endpoint_at(server, provider), Secret(SECRET))
            assert SECRET not in everything(recording.exchanges[0]), provider
        keyed = replace(endpoint_at(server), base_url=f"{server.base_url}?api-key={SECRET}", headers=())
        recording, _ = await send_recorded(Recorder(), keyed, Secret(SECRET))
        assert "api-key=•••" in shown(recording.exchanges[0].address)


async def test_an_error_a_break_and_a_connection_that_never_was():
    async def recorded_of(answer: Answer) -> Recording:
        with LoopbackServer() as server:
            server.answer(answer)
            return (await send_recorded(Recorder(), Endpoint(id="e", name="E", base_url=server.base_url)))[0]

    refused = (await recorded_of(openai_error(429, "Slow down.", headers={"retry-after": "9"}))).exchanges[0]
    assert refused.status == 429
    assert b"Slow down." in b"".join(refused.chunks)
    assert "slow down" in refused.trouble
    assert "Retry-After: 9" in found_in(refused)["status"].advice
    role, first, *_ = openai_chunks(["a"])
    cut = (await recorded_of(Answer(steps=[Send(role), Send(first), Cut()]))).exchanges[0]
    assert cut.end == "cut"
    assert {"cut", "no_end", "failed"} <= set(found_in(cut))
    nobody = Endpoint(id="e", name="E", base_url=f"http://127.0.0.1:{unused_port()}/v1")
    (never,) = (await send_recorded(Recorder(), nobody))[0].exchanges
    assert (never.status, never.end) == (0, "closed")
    assert "Nothing is listening" in found_in(never)["no_answer"].advice


async def test_a_second_request_in_another_form_is_another_exchange():
    with LoopbackServer() as server:
        refusal = openai_error(400, "Unknown field stream_options is not allowed.")
        server.answer(refusal, openai_stream(["ok"]))
        recording, _ = await send_recorded(Recorder(), Endpoint(id="e", name="E", base_url=server.base_url))
    assert [exchange.status for exchange in recording.exchanges] == [400, 200]
    assert b"stream_options" in recording.exchanges[0].body
    assert b"stream_options" not in recording.exchanges[1].body


async def test_a_compressed_answer_is_kept_unpacked():
    events = b"".join(openai_chunks(["Hi"]))
    with LoopbackServer() as server:
        packed = [Send(gzip.compress(events))]
        server.answer(Answer(steps=packed, headers={"content-encoding": "gzip"}))
        recording, _ = await send_recorded(Recorder(), Endpoint(id="e", name="E", base_url=server.base_url))
    exchange = recording.exchanges[0]
    assert b"".join(exchange.chunks) == events
    assert "compressed" in found_in(exchange)


async def test_a_stopped_reply_is_closed_by_weir():
    with LoopbackServer(
        default=Answer(steps=[Send(sse({"choices": []})), *[Send(b": x\n\n")] * 3])
    ) as server:
        recorder = Recorder()
        endpoint = Endpoint(id="e", name="E", base_url=server.base_url)
        server.answer(openai_stream(["a"] * 200, delay=0.05))
        task = asyncio.ensure_future(send_recorded(recorder, endpoint))
        while (
            (found := recorder.recording("r1")) is None
            or not found.exchanges
            or not found.exchanges[0].chunks
        ):
            await asyncio.sleep(0.005)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert found.exchanges[0].end == "closed"
        assert "stopped" in found_in(found.exchanges[0])


async def test_a_proxys_login_is_nowhere():
    with LoopbackServer() as server, LoopbackProxy("http", login=("anna", "pass-word-9")) as proxy:
        server.answer(openai_stream(["Hi"]))
        endpoint = Endpoint(id="e", name="E", base_url=server.base_url.replace("127.0.0.1", "service.test"))
        route = Route(proxy=proxy.url, login=Secret("anna:pass-word-9"))
        recording, deltas = await send_recorded(Recorder(), endpoint, route=route)
        assert proxy.logins == [("anna", "pass-word-9")]
    assert deltas
    assert "pass-word-9" not in everything(recording.exchanges[0])
    assert "YW5uYTpwYXNzLXdvcmQtOQ" not in everything(recording.exchanges[0])
