"""Which servers on this computer are found, by real sockets with right and wrong answers."""

import asyncio
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from desktop.domain.local import FoundServer
from desktop.local.finder import Candidate, ServerFinder, known_servers, ollama_address
from tests.support.answers import Answer, Cut, Reset, Send, Stall, json_answer, models_answer, openai_error
from tests.support.server import LoopbackServer, unused_port


@pytest.fixture
def http() -> Iterator[LoopbackServer]:
    with LoopbackServer() as server:
        yield server


def _finder(*servers: Candidate) -> ServerFinder:
    """Return a finder with time enough for a busy computer."""
    return ServerFinder(servers, connect_seconds=5, answer_seconds=5)


async def _find(
    server: LoopbackServer, kind: str = "llama-cpp", name: str = "A server"
) -> FoundServer | None:
    found = await _finder(Candidate(kind, name, server.url)).find()
    return found[0] if found else None


def _models(*entries: dict[str, Any]) -> Answer:
    return json_answer({"object": "list", "data": list(entries)})


async def test_ollama_is_known_by_its_version(http: LoopbackServer) -> None:
    http.answer(json_answer({"version": "0.12.0"}), path="/api/version")
    tags = [
        {"name": "qwen3:4b", "details": {"family": "qwen3"}},
        {"name": "nomic-embed-text:latest", "details": {"family": "nomic-bert"}},
        {"name": "gemma3:1b"},
    ]
    http.answer(json_answer({"models": tags}), path="/api/tags")
    found = await _find(http, "ollama", "Ollama")
    assert found is not None
    assert found.models == found.endpoint.models == ("qwen3:4b", "gemma3:1b")
    endpoint = found.endpoint
    assert (endpoint.id, endpoint.name, endpoint.provider) == ("ollama", "Ollama", "openai-chat")
    assert (endpoint.base_url, endpoint.default_model, endpoint.key) == (http.base_url, "qwen3:4b", None)


async def test_an_ollama_without_models_is_found(http: LoopbackServer) -> None:
    http.answer(json_answer({"version": "0.12.0"}), path="/api/version")
    http.answer(json_answer({"models": None}), path="/api/tags")
    found = await _find(http, "ollama", "Ollama")
    assert found is not None
    assert (found.models, found.endpoint.default_model) == ((), "")


async def test_lm_studio_lists_what_is_loaded_first(http: LoopbackServer) -> None:
    models = [
        {"type": "llm", "key": "idle", "loaded_instances": []},
        {"type": "embedding", "key": "embed", "loaded_instances": [{"id": "embed"}]},
        {"type": "llm", "key": "busy", "loaded_instances": [{"id": "busy"}]},
    ]
    http.answer(json_answer({"models": models}), path="/api/v1/models")
    found = await _find(http, "lm-studio", "LM Studio")
    assert found is not None
    assert found.models == ("busy", "idle")
    assert (found.endpoint.provider, found.endpoint.base_url) == ("openai-chat", http.base_url)


async def test_an_older_lm_studio_is_asked_in_the_older_way(http: LoopbackServer) -> None:
    http.answer(json_answer({"error": "Unexpected endpoint"}), path="/api/v1/models")
    entries = [
        {"id": "embed", "type": "embeddings", "state": "loaded"},
        {"id": "idle", "type": "llm", "state": "not-loaded"},
        {"id": "busy", "type": "vlm", "state": "loaded"},
    ]
    http.answer(_models(*entries), path="/api/v0/models")
    found = await _find(http, "lm-studio", "LM Studio")
    assert found is not None
    assert found.models == ("busy", "idle")


async def test_the_oldest_lm_studio_is_like_any_other(http: LoopbackServer) -> None:
    http.answer(openai_error(404, "Not found"), path="/api/v1/models")
    http.answer(openai_error(404, "Not found"), path="/api/v0/models")
    found = await _find(http, "lm-studio", "LM Studio")
    assert found is not None
    assert found.models == ("alpha", "beta")


async def test_a_server_goes_by_the_name_it_gives_itself(http: LoopbackServer) -> None:
    entry = {"id": "tiny", "object": "model", "owned_by": "llamacpp"}
    http.answer(_models(entry), _models({**entry, "owned_by": "vllm"}), path="/v1/models")
    same = await _find(http)
    assert same is not None
    assert (same.endpoint.id, same.name) == ("llama-cpp", "llama.cpp")
    other = await _find(http)
    assert other is not None
    assert (other.endpoint.id, other.name) == (f"vllm-{http.port}", "vLLM")


async def test_an_unknown_owner_leaves_the_name_of_the_port(http: LoopbackServer) -> None:
    found = await _find(http, "jan", "Jan")
    assert found is not None
    assert (found.endpoint.id, found.name, found.models) == ("jan", "Jan", ("alpha", "beta"))


_HTML = Answer(
    steps=[Send(b"<!DOCTYPE html><title>Hello</title>")], content_type="text/html", framing="length"
)


@pytest.mark.parametrize(
    "answer",
    [
        _HTML,
        json_answer({}),
        json_answer([]),
        json_answer("list"),
        json_answer({"object": "list"}),
        json_answer({"object": "list", "data": "none"}),
        json_answer({"object": "page", "data": [{"id": "x"}]}),
        json_answer({"object": "list", "data": [{"name": "no id"}]}),
        json_answer({"object": "list", "data": [{"id": 7}]}),
        json_answer({"object": "list", "data": [{"id": "a\nb"}]}),
        json_answer({"object": "list", "data": [{"id": "x" * 1000}]}),
        openai_error(401, "Who are you?"),
        openai_error(500, "Oh dear."),
        json_answer({"object": "list", "data": []}, status=302, headers={"Location": "http://example.com/"}),
        Answer(steps=[Send(b"SSH-2.0-OpenSSH_9.2\r\n")], head=False, framing="close"),
        Answer(steps=[Send(b"[" * 100_000)], content_type="application/json", framing="length"),
        Answer(steps=[Send(b'{"object": "list", "da'), Cut()], content_type="application/json"),
        Answer(steps=[Reset()], head=False),
    ],
)
@pytest.mark.parametrize("kind", ["llama-cpp", "ollama", "lm-studio"])
async def test_other_programs_are_passed_over(http: LoopbackServer, kind: str, answer: Answer) -> None:
    for path in ("/v1/models", "/api/v1/models", "/api/v0/models", "/api/version", "/api/tags"):
        http.answer(*[answer] * 3, path=path)
    assert await _find(http, kind) is None


async def test_mute_and_slow_ports_cost_no_more_than_a_moment() -> None:
    mute = socket.create_server(("127.0.0.1", 0))
    full = socket.create_server(("127.0.0.1", 0), backlog=0)
    crowd = [socket.socket() for _ in range(4)]
    for one in crowd:
        one.setblocking(False)
        one.connect_ex(full.getsockname())
    with LoopbackServer() as slow, LoopbackServer() as good:
        endless = Answer(steps=[Send(b'{"object":'), Stall()], content_type="application/json")
        slow.answer(endless, path="/v1/models")
        ports = [mute.getsockname()[1], full.getsockname()[1], slow.port, unused_port(), good.port]
        servers = [Candidate(f"s{port}", "S", f"http://127.0.0.1:{port}") for port in ports]
        began = time.monotonic()
        found = await ServerFinder(servers, connect_seconds=2, answer_seconds=2).find()
        assert time.monotonic() - began < 8
        assert [server.endpoint.base_url for server in found] == [good.base_url]
    for one in [mute, full, *crowd]:
        one.close()


async def test_probing_sends_no_key_and_no_prompt(
    http: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-do-not-send-this")
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{unused_port()}")
    assert await _find(http) is not None
    assert await _find(http, "ollama") is None
    for request in http.requests:
        assert (request.method, request.body) == ("GET", b"")
        assert not {"authorization", "x-api-key", "cookie"} & {name.lower() for name in request.headers}


async def test_what_was_found_is_kept_until_asked_again(http: LoopbackServer) -> None:
    finder = _finder(Candidate("jan", "Jan", http.url))
    first = await finder.find()
    assert await finder.find() is first
    assert len(http.requests) == 1
    http.answer(models_answer(["gamma"]), path="/v1/models")
    (again,) = await finder.find_again()
    assert again.models == ("gamma",)
    assert (await finder.find())[0] is again


async def test_no_connection_stays_open(http: LoopbackServer) -> None:
    assert await _find(http) is not None
    assert await asyncio.get_running_loop().run_in_executor(None, http.requests[0].wait_closed, 5)


async def test_a_cancelled_search_is_tried_again(http: LoopbackServer) -> None:
    http.answer(Answer(steps=[Stall()], content_type="application/json"), path="/v1/models")
    finder = _finder(Candidate("jan", "Jan", http.url))
    search = asyncio.get_running_loop().create_task(finder.find())
    while not http.requests:
        await asyncio.sleep(0.01)
    search.cancel()
    with pytest.raises(asyncio.CancelledError):
        await search
    assert len(await finder.find()) == 1


async def test_it_finds_on_qts_loop_too(qloop: asyncio.AbstractEventLoop, http: LoopbackServer) -> None:
    closed = Candidate("gpt4all", "GPT4All", f"http://127.0.0.1:{unused_port()}")
    found = await _finder(closed, Candidate("jan", "Jan", http.url)).find()
    assert [server.name for server in found] == ["Jan"]


def test_the_known_ports_are_asked_by_number() -> None:
    servers = known_servers({})
    assert len({server.id for server in servers}) == len(servers) == 8
    assert all(server.address.startswith("http://127.0.0.1:") for server in servers)
    assert servers[0] == Candidate("ollama", "Ollama", "http://127.0.0.1:11434")


@pytest.mark.parametrize(
    ("setting", "address"),
    [
        ("", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:8000", "http://127.0.0.1:8000"),
        (":8000", "http://127.0.0.1:8000"),
        ("localhost:1", "http://127.0.0.1:1"),
        ("[::]:9", "http://127.0.0.1:9"),
        ("[::1]:9", "http://[::1]:9"),
        ("192.168.1.5", "http://192.168.1.5:11434"),
        ("http://box", "http://box:80"),
        ("https://box/ollama/", "https://box:443/ollama"),
        (' "box:7" ', "http://box:7"),
        ("box:port", "http://127.0.0.1:11434"),
        ("ftp://box", "http://127.0.0.1:11434"),
        ("a b", "http://127.0.0.1:11434"),
        ("[::1", "http://127.0.0.1:11434"),
    ],
)
def test_ollamas_own_setting_is_read_as_it_reads_it(setting: str, address: str) -> None:
    assert ollama_address(setting) == address
    assert known_servers({"OLLAMA_HOST": setting})[0].address == address
