"""The client over real sockets: what it sends, what it accepts, and what it says when it can't."""

import asyncio
import contextlib
import gzip
import ssl
import sys
import threading
import time
from pathlib import Path

import pytest

from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from desktop.domain.secret import Secret
from desktop.wire.client import Patience, WireClient
from desktop.wire.failures import Place
from desktop.wire.request import WireRequest
from tests.support.server import (
    Answer,
    Cut,
    Gate,
    LoopbackServer,
    Reset,
    Send,
    Stall,
    Wait,
    json_answer,
    openai_error,
    openai_stream,
    sse,
    unused_port,
)

KEY = Secret("sk-secret-0123456789")


def place_of(url: str) -> Place:
    return Place(endpoint="Test", model="alpha", url=url, key=KEY)


def post(url: str, **headers: str) -> WireRequest:
    return WireRequest(url=url, headers={"Authorization": f"Bearer {KEY.reveal()}", **headers}, body={"a": 1})


async def read_all(client: WireClient, request: WireRequest) -> list[str]:
    stream = await client.open(request, place_of(request.url))
    try:
        records = []
        while (batch := await stream.read()) is not None:
            records += [record.data for record in batch]
        return records
    finally:
        await stream.aclose()


async def failure_of(
    url: str,
    *,
    patience: Patience | None = None,
    request: WireRequest | None = None,
    place: Place | None = None,
) -> Failure:
    async with contextlib.aclosing(WireClient(patience)) as client:
        with pytest.raises(TurnFailedError) as caught:
            await client.open(request or post(url), place or place_of(url))
    assert KEY.reveal() not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value.failure


class TestAccepted:
    async def test_what_is_sent(self, server: LoopbackServer) -> None:
        server.answer(openai_stream(["a"]))
        async with contextlib.aclosing(WireClient()) as client:
            request = WireRequest(
                url=f"{server.url}/v1/x?y=z", headers={"X-Mine": "1"}, body={"t": "é\ud800", "n": 1.5}
            )
            await read_all(client, request)
        (seen,) = server.requests
        assert (seen.method, seen.path) == ("POST", "/v1/x?y=z")
        assert seen.body == '{"t":"é?","n":1.5}'.encode()
        assert seen.headers["content-type"] == "application/json"
        assert seen.headers["accept-encoding"] == "gzip, deflate"
        assert seen.headers["user-agent"].startswith("weir")
        assert seen.headers["x-mine"] == "1"

    async def test_a_large_body_arrives_whole(self, server: LoopbackServer) -> None:
        server.answer(openai_stream(["a"]))
        async with contextlib.aclosing(WireClient()) as client:
            await read_all(client, WireRequest(url=server.url, body={"t": "x" * 3_000_000}))
        assert len(server.requests[0].json["t"]) == 3_000_000
        assert "transfer-encoding" not in server.requests[0].headers

    async def test_each_chunk_becomes_records_at_once(self, server: LoopbackServer) -> None:
        gate = threading.Event()
        server.answer(Answer(steps=[Send(sse("1")), Gate(gate), Send(sse("2"))]))
        async with contextlib.aclosing(WireClient()) as client:
            stream = await client.open(post(server.url), place_of(server.url))
            assert [r.data for r in await stream.read() or ()] == ["1"]
            gate.set()
            assert [r.data for r in await stream.read() or ()] == ["2"]
            assert await stream.read() is None
            assert await stream.read() is None
            await stream.aclose()

    @pytest.mark.parametrize("framing", ["chunked", "close", "length"])
    async def test_every_way_to_end_a_body(self, server: LoopbackServer, framing: str) -> None:
        server.answer(openai_stream(["a"], framing=framing))
        async with contextlib.aclosing(WireClient()) as client:
            assert (await read_all(client, post(server.url)))[-1] == "[DONE]"

    @pytest.mark.parametrize("wrong", [False, True])
    async def test_compressed_bodies_are_unpacked(self, server: LoopbackServer, wrong: bool) -> None:
        body = gzip.compress(sse("1") + sse("2"))
        body = body[:14] + b"\xff\xff\xff" + body[17:] if wrong else body
        server.answer(Answer(steps=[Send(body[:9]), Send(body[9:])], headers={"Content-Encoding": "gzip"}))
        async with contextlib.aclosing(WireClient()) as client:
            if not wrong:
                assert await read_all(client, post(server.url)) == ["1", "2"]
                return
            with pytest.raises(TurnFailedError) as caught:
                await read_all(client, post(server.url))
            assert caught.value.failure.kind is FailureKind.GARBLED

    async def test_the_charset_of_the_header_is_not_believed(self, server: LoopbackServer) -> None:
        server.answer(Answer(steps=[Send(sse("é"))], content_type="text/event-stream; charset=iso-8859-1"))
        async with contextlib.aclosing(WireClient()) as client:
            assert await read_all(client, post(server.url)) == ["é"]

    async def test_the_connection_is_kept_for_the_next_request(self, server: LoopbackServer) -> None:
        server.answer(openai_stream(["a"]), openai_stream(["b"]), openai_error(400, "no"), openai_stream([]))
        async with contextlib.aclosing(WireClient()) as client:
            await read_all(client, post(server.url))
            await read_all(client, post(server.url))
            with pytest.raises(TurnFailedError):
                await read_all(client, post(server.url))
            await read_all(client, post(server.url))
        assert server.connection_count == 1

    async def test_json_at_once(self, server: LoopbackServer) -> None:
        async with contextlib.aclosing(WireClient()) as client:
            url = f"{server.base_url}/models"
            answer = await client.fetch_json(WireRequest(url=url, method="GET"), place_of(url))
        assert [model["id"] for model in answer["data"]] == ["alpha", "beta"]
        assert server.requests[0].body == b""
        assert "content-type" not in server.requests[0].headers

    async def test_tls(self) -> None:
        with LoopbackServer(tls=True) as server:
            server.answer(openai_stream(["a"]))
            context = ssl.create_default_context(cafile=server.ca_file)
            async with contextlib.aclosing(WireClient(make_context=lambda: context)) as client:
                assert (await read_all(client, post(server.url)))[-1] == "[DONE]"


class TestDeadConnection:
    """A server closes kept connections whenever it likes, also in the moment of the next request."""

    @pytest.mark.parametrize("end", [Cut(), Reset()])
    async def test_a_kept_connection_that_proves_dead_is_replaced_once(
        self, server: LoopbackServer, end: Cut | Reset
    ) -> None:
        server.answer(openai_stream(["a"]), Answer(head=False, steps=[end]), openai_stream(["b"]))
        async with contextlib.aclosing(WireClient()) as client:
            await read_all(client, post(server.url))
            assert any('"b"' in data for data in await read_all(client, post(server.url)))
            assert len(server.requests) == 3
            assert server.connection_count == 2

    async def test_but_only_once(self, server: LoopbackServer) -> None:
        dead = Answer(head=False, steps=[Cut()])
        server.answer(openai_stream(["a"]), dead, dead, openai_stream(["b"]))
        async with contextlib.aclosing(WireClient()) as client:
            await read_all(client, post(server.url))
            with pytest.raises(TurnFailedError) as caught:
                await read_all(client, post(server.url))
        assert caught.value.failure.kind is FailureKind.CUT
        assert len(server.requests) == 3

    async def test_a_new_connection_is_not_tried_twice(self, server: LoopbackServer) -> None:
        server.answer(Answer(head=False, steps=[Cut()]), openai_stream(["b"]))
        failure = await failure_of(server.url)
        assert failure.kind is FailureKind.CUT
        assert len(server.requests) == 1


class TestRefused:
    async def test_nothing_listens(self) -> None:
        url = f"http://127.0.0.1:{unused_port()}/v1/chat/completions"
        failure = await failure_of(url)
        assert failure.kind is FailureKind.REFUSED_CONNECTION
        assert failure.sentence == f"Nothing is listening at {url}. Is the server running?"

    async def test_a_name_that_does_not_exist(self) -> None:
        failure = await failure_of("https://no-such-host.invalid/v1")
        assert failure.kind is FailureKind.DNS
        assert failure.sentence.startswith("The name no-such-host.invalid was not found.")

    async def test_a_certificate_nobody_vouches_for(self) -> None:
        with LoopbackServer(tls=True) as server:
            failure = await failure_of(server.url)
        assert failure.kind is FailureKind.TLS
        assert "127.0.0.1" in failure.sentence
        assert "certificate" in failure.words

    async def test_a_certificate_file_that_is_missing_is_named(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
        with LoopbackServer(tls=True) as server:
            failure = await failure_of(server.url)
        assert failure.kind is FailureKind.TLS
        assert f"SSL_CERT_FILE names {tmp_path / 'missing.pem'}, which does not exist." in failure.words

    async def test_tls_to_a_server_without_it(self) -> None:
        async def answer_in_clear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
            writer.close()

        async with await asyncio.start_server(answer_in_clear, "127.0.0.1", 0) as listener:
            port = listener.sockets[0].getsockname()[1]
            failure = await failure_of(f"https://127.0.0.1:{port}/v1")
        assert failure.kind is FailureKind.TLS
        assert "http://" in failure.words

    @pytest.mark.parametrize(
        "url",
        ["", "example.com/v1", "ftp://example.com", "https://", "http://a b/v1", "http://[::1", "http://x:y"],
    )
    async def test_no_web_address(self, url: str) -> None:
        failure = await failure_of(url)
        assert failure.kind is FailureKind.BAD_ADDRESS

    async def test_a_server_that_never_answers(self, server: LoopbackServer) -> None:
        server.answer(Answer(head=False, steps=[Stall()]))
        started = time.monotonic()
        failure = await failure_of(server.url, patience=Patience(begin=0.2))
        assert failure.kind is FailureKind.STALLED
        assert time.monotonic() - started < 5
        assert server.requests[0].wait_closed(2)

    async def test_a_reset_instead_of_an_answer(self, server: LoopbackServer) -> None:
        server.answer(Answer(head=False, steps=[Reset()]))
        assert (await failure_of(server.url)).kind is FailureKind.CUT

    async def test_no_http_at_all(self, server: LoopbackServer) -> None:
        server.answer(Answer(head=False, steps=[Send(b"SSH-2.0-OpenSSH_9.7\r\n\r\n"), Cut()]))
        assert (await failure_of(server.url)).kind is FailureKind.CUT

    async def test_an_http_error_with_its_words(self, server: LoopbackServer) -> None:
        server.answer(openai_error(429, f"Slow down, {KEY.reveal()}!", headers={"Retry-After": "7"}))
        failure = await failure_of(server.url)
        assert failure.kind is FailureKind.RATE_LIMIT
        assert failure.status == 429
        assert failure.retry_after == 7
        assert failure.words == "Slow down, •••!"

    async def test_an_error_body_that_never_ends(self, server: LoopbackServer) -> None:
        server.answer(Answer(status=500, steps=[Send(b"half an err"), Stall()]))
        failure = await failure_of(server.url, patience=Patience(connect=0.2))
        assert failure.kind is FailureKind.SERVER
        assert server.requests[0].wait_closed(2)

    async def test_an_error_body_without_measure(self, server: LoopbackServer) -> None:
        steps = [Send(b"x" * 65536) for _ in range(100)]
        server.answer(Answer(status=500, content_type="text/plain", steps=steps))
        failure = await failure_of(server.url)
        assert failure.kind is FailureKind.SERVER
        assert len(failure.words) < 1000

    async def test_a_page_instead_of_json(self, server: LoopbackServer) -> None:
        page = Answer(content_type="text/html", steps=[Send(b"<html><title>Sign in</title></html>")])
        server.answer(page, path="/models")
        async with contextlib.aclosing(WireClient()) as client:
            url = f"{server.base_url}/models"
            with pytest.raises(TurnFailedError) as caught:
                await client.fetch_json(WireRequest(url=url, method="GET"), place_of(url))
        assert caught.value.failure.kind is FailureKind.NOT_A_STREAM
        assert caught.value.failure.words == "Sign in"

    async def test_json_that_takes_too_long(self, server: LoopbackServer) -> None:
        server.answer(Answer(steps=[Wait(30)]), path="/models")
        async with contextlib.aclosing(WireClient(Patience(whole=0.2))) as client:
            url = f"{server.base_url}/models"
            with pytest.raises(TurnFailedError) as caught:
                await client.fetch_json(WireRequest(url=url, method="GET"), place_of(url))
        assert caught.value.failure.kind is FailureKind.CONNECT_TIMEOUT


class TestHeaders:
    @pytest.mark.parametrize("value", ["a\nb", "a\r\nX: y", "“quoted”", "a\x00"])
    async def test_a_header_that_http_cannot_carry_is_named_but_not_quoted(self, value: str) -> None:
        url = f"http://127.0.0.1:{unused_port()}"
        failure = await failure_of(url, request=WireRequest(url=url, headers={"X-Mine": value}))
        assert failure.kind is FailureKind.BAD_REQUEST
        assert failure.words == "The value of the header X-Mine has characters that can't be sent."

    async def test_a_header_without_a_usable_name(self) -> None:
        url = f"http://127.0.0.1:{unused_port()}"
        failure = await failure_of(url, request=WireRequest(url=url, headers={"X Mine": "a"}))
        assert failure.kind is FailureKind.BAD_REQUEST

    async def test_a_body_that_json_cannot_hold(self) -> None:
        url = f"http://127.0.0.1:{unused_port()}"
        failure = await failure_of(url, request=WireRequest(url=url, body={"x": float("nan")}))
        assert failure.kind is FailureKind.BAD_REQUEST


class TestRedirects:
    async def test_within_the_server(self, server: LoopbackServer) -> None:
        move = Answer(status=307, headers={"Location": "/v1/there"}, framing="length")
        server.answer(move, openai_stream(["a"]))
        async with contextlib.aclosing(WireClient()) as client:
            assert (await read_all(client, post(f"{server.url}/here")))[-1] == "[DONE]"
        assert [seen.path for seen in server.requests] == ["/here", "/v1/there"]
        assert server.requests[1].method == "POST"
        assert server.requests[1].json == {"a": 1}
        assert server.requests[1].headers["authorization"]

    async def test_to_another_server_the_key_does_not_go(self, server: LoopbackServer) -> None:
        with LoopbackServer() as other:
            target = f"{other.url}/v1?token=sk-other-0123456789"
            server.answer(Answer(status=308, headers={"Location": target}, framing="length"))
            failure = await failure_of(server.url)
            assert not other.requests
            assert failure.kind is FailureKind.WRONG_ADDRESS
            assert f"{other.url}/v1." in failure.words
            assert "token" not in failure.words

    async def test_in_a_circle(self, server: LoopbackServer) -> None:
        server.default = Answer(status=302, headers={"Location": "/again"}, framing="length")
        failure = await failure_of(server.url)
        assert failure.kind is FailureKind.WRONG_ADDRESS
        assert len(server.requests) == 4


class TestProxies:
    async def test_loopback_never_goes_through_a_proxy(
        self, server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"socks5://127.0.0.1:{unused_port()}")
        server.answer(openai_stream(["a"]))
        async with contextlib.aclosing(WireClient()) as client:
            assert (await read_all(client, post(server.url)))[-1] == "[DONE]"

    @pytest.mark.parametrize("scheme", ["http", "socks5"])
    async def test_a_proxy_that_is_not_there(self, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTP_PROXY", f"{scheme}://127.0.0.1:{unused_port()}")
        monkeypatch.setenv("http_proxy", f"{scheme}://127.0.0.1:{unused_port()}")
        failure = await failure_of("http://service.invalid/v1")
        assert failure.kind is FailureKind.PROXY
        assert "service.invalid" in failure.sentence

    async def test_a_proxy_that_says_no(
        self, server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", server.url)
        monkeypatch.setenv("https_proxy", server.url)
        server.default = Answer(status=407, framing="length")
        failure = await failure_of("https://service.invalid/v1")
        assert failure.kind is FailureKind.PROXY

    async def test_a_proxy_passes_the_request_on(
        self, server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("http_proxy", server.url)
        monkeypatch.setenv("HTTP_PROXY", server.url)
        server.answer(openai_stream(["a"]))
        async with contextlib.aclosing(WireClient()) as client:
            assert (await read_all(client, post("http://service.invalid/v1")))[-1] == "[DONE]"
        assert server.requests[0].path == "http://service.invalid/v1"

    async def test_a_proxy_of_an_unknown_kind(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ALL_PROXY", "gopher://127.0.0.1:1")
        monkeypatch.setenv("all_proxy", "gopher://127.0.0.1:1")
        failure = await failure_of("https://service.invalid/v1")
        assert failure.kind is FailureKind.PROXY
        assert "gopher" in failure.words


def test_importing_the_client_does_not_import_httpx() -> None:
    import subprocess

    code = "import sys, desktop.providers.send; sys.exit('httpx' in sys.modules or 'ssl' not in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_prepare_can_run_in_a_thread(server: LoopbackServer) -> None:
    server.answer(openai_stream(["a"]))
    async with contextlib.aclosing(WireClient()) as client:
        await asyncio.to_thread(client.prepare)
        assert (await read_all(client, post(server.url)))[-1] == "[DONE]"


async def test_json_answer_to_a_stream_request(server: LoopbackServer) -> None:
    server.answer(json_answer({"a": 1}))
    async with contextlib.aclosing(WireClient()) as client:
        assert await read_all(client, post(server.url)) == ['{"a": 1}']
