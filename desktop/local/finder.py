"""Finds model servers that already run on this computer, by the ports they are known for.

Nothing is sent but GET requests: no key, no prompt. A port counts only if its answer is JSON of
the right shape, because 8080, 8000 and 5000 are ports of many other programs.
Sources: ollama/ollama docs/api.md, lmstudio.ai/docs/developer/rest (both versions of the list),
ggml-org/llama.cpp tools/server/README.md.
"""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from desktop.domain.endpoint import Endpoint
from desktop.domain.failure import TurnFailedError
from desktop.domain.local import FoundServer
from desktop.local.gguf_types import EMBEDDING_ARCHITECTURES

GetJson = Callable[[str], Awaitable[Any]]

_CONNECT_SECONDS = 0.25
_ANSWER_SECONDS = 0.5
_MOST_MODELS = 500
_MOST_NAME_LENGTH = 200

_OLLAMA_PORT = 11434
_ANY_ADDRESS = {"0.0.0.0", "::", ""}  # noqa: S104 - what Ollama binds to, not what we bind to


@dataclass(frozen=True, slots=True)
class Candidate:
    """A server to look for: its name, the endpoint's id, its address without a path."""

    id: str
    name: str
    address: str


def known_servers(environment: Mapping[str, str]) -> tuple[Candidate, ...]:
    """Return the servers to look for; Ollama's address may be set in the environment."""
    ports = (
        ("lm-studio", "LM Studio", 1234),
        ("llama-cpp", "llama.cpp", 8080),
        ("jan", "Jan", 1337),
        ("gpt4all", "GPT4All", 4891),
        ("vllm", "vLLM", 8000),
        ("koboldcpp", "KoboldCpp", 5001),
        ("text-generation-webui", "text-generation-webui", 5000),
    )
    ollama = Candidate("ollama", "Ollama", ollama_address(environment.get("OLLAMA_HOST", "")))
    return (ollama, *(Candidate(id_, name, f"http://127.0.0.1:{port}") for id_, name, port in ports))


def ollama_address(setting: str) -> str:
    """Return Ollama's address for a value of OLLAMA_HOST, the usual one where that is no address.

    The value is a host, a port, both, or a URL; an address that means "every network" is reached
    through this computer's own (ollama/ollama envconfig/config.go).
    """
    usual = f"http://127.0.0.1:{_OLLAMA_PORT}"
    setting = setting.strip().strip("\"'")
    has_scheme = "://" in setting
    try:
        parts = urlsplit(setting if has_scheme else f"//{setting}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return usual
    scheme = parts.scheme or "http"
    if scheme not in ("http", "https") or any(character.isspace() for character in host):
        return usual
    if host in _ANY_ADDRESS or host == "localhost":
        host = "127.0.0.1"
    if port is None:
        port = {"http": 80, "https": 443}[scheme] if has_scheme else _OLLAMA_PORT
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}:{port}{parts.path.rstrip('/')}"


class ServerFinder:
    """Looks for model servers once a session, and again when asked to."""

    def __init__(
        self,
        servers: Iterable[Candidate] | None = None,
        *,
        connect_seconds: float = _CONNECT_SECONDS,
        answer_seconds: float = _ANSWER_SECONDS,
    ) -> None:
        self._servers = tuple(known_servers(os.environ) if servers is None else servers)
        self._connect_seconds = connect_seconds
        self._answer_seconds = answer_seconds
        self._found: tuple[FoundServer, ...] | None = None

    async def find(self) -> tuple[FoundServer, ...]:
        """Return the servers that answer, within about a second; later calls return the same."""
        if self._found is None:
            return await self.find_again()
        return self._found

    async def find_again(self) -> tuple[FoundServer, ...]:
        """Look anew and return the servers that answer."""
        answers = await asyncio.gather(
            *(_is_listening(server.address, self._connect_seconds) for server in self._servers)
        )
        listening = [server for server, answer in zip(self._servers, answers, strict=True) if answer]
        self._found = await self._ask(listening) if listening else ()
        return self._found

    async def _ask(self, servers: Iterable[Candidate]) -> tuple[FoundServer, ...]:
        # Not before something listens: at most starts nothing does.
        from desktop.wire.client import Patience, WireClient
        from desktop.wire.failures import Place
        from desktop.wire.request import WireRequest

        client = WireClient(Patience(connect=self._connect_seconds, whole=self._answer_seconds))

        async def get_json(url: str) -> Any:
            return await client.fetch_json(WireRequest(url=url, method="GET"), Place(url=url))

        try:
            # The first use imports the HTTP client, which must cost neither a frame nor a server's time.
            await asyncio.to_thread(client.prepare)
            found = await asyncio.gather(*(_probe(server, get_json) for server in servers))
        finally:
            await client.aclose()
        return tuple(server for server in found if server is not None)


async def _probe(server: Candidate, get_json: GetJson) -> FoundServer | None:
    """Return what answers at a candidate's address, or None."""
    ask = {"ollama": _ask_ollama, "lm-studio": _ask_lm_studio}.get(server.id, _ask_openai)
    with contextlib.suppress(TurnFailedError):
        return await ask(server, get_json)
    return None


async def _is_listening(address: str, seconds: float) -> bool:
    """Return whether a connection succeeds in time. Windows takes two seconds to refuse one."""
    parts = urlsplit(address)
    try:
        async with asyncio.timeout(seconds):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port)
    except (OSError, TimeoutError, UnicodeError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


async def _ask_ollama(server: Candidate, get_json: GetJson) -> FoundServer | None:
    version = await get_json(f"{server.address}/api/version")
    if not isinstance(version, dict) or not isinstance(version.get("version"), str):
        return None
    models = [
        entry
        for entry in _entries(await get_json(f"{server.address}/api/tags"), "models")
        if _text(_inner(entry, "details"), "family") not in EMBEDDING_ARCHITECTURES
    ]
    return _found(server, (_text(entry, "name") for entry in models))


async def _ask_lm_studio(server: Candidate, get_json: GetJson) -> FoundServer | None:
    """Ask in the newest way first; what is loaded already stands first in the list."""
    with contextlib.suppress(TurnFailedError):
        newest = await get_json(f"{server.address}/api/v1/models")
        models = [entry for entry in _entries(newest, "models") if entry.get("type") != "embedding"]
        if _is_list(newest, "models") and _all_named(models, "key"):
            models.sort(key=lambda entry: not entry.get("loaded_instances"))
            return _found(server, (_text(entry, "key") for entry in models))
    with contextlib.suppress(TurnFailedError):
        older = await get_json(f"{server.address}/api/v0/models")
        models = [entry for entry in _entries(older, "data") if entry.get("type") != "embeddings"]
        if _is_openai_list(older):
            models.sort(key=lambda entry: entry.get("state") != "loaded")
            return _found(server, (_text(entry, "id") for entry in models))
    return await _ask_openai(server, get_json)


_OWNERS = {
    "llamacpp": ("llama-cpp", "llama.cpp"),
    "vllm": ("vllm", "vLLM"),
    "koboldcpp": ("koboldcpp", "KoboldCpp"),
    "library": ("ollama", "Ollama"),
}


async def _ask_openai(server: Candidate, get_json: GetJson) -> FoundServer | None:
    answer = await get_json(f"{server.address}/v1/models")
    if not _is_openai_list(answer):
        return None
    models = _entries(answer, "data")
    owner = _text(models[0], "owned_by") if models else ""
    id_, name = _OWNERS.get(owner, (server.id, server.name))
    if id_ != server.id:
        id_ = f"{id_}-{urlsplit(server.address).port}"
    known = Candidate(id_, name, server.address)
    return _found(known, (_text(entry, "id") for entry in models))


def _found(server: Candidate, names: Iterable[str]) -> FoundServer:
    """Return a server with its endpoint; all of them speak OpenAI's protocol under /v1."""
    models = tuple(dict.fromkeys(name for name in names if name))[:_MOST_MODELS]
    endpoint = Endpoint(
        id=server.id,
        name=server.name,
        provider="openai-chat",
        base_url=f"{server.address}/v1",
        models=models,
        default_model=models[0] if models else "",
    )
    return FoundServer(name=server.name, endpoint=endpoint, models=models)


def _is_list(answer: Any, field: str) -> bool:
    return isinstance(answer, dict) and isinstance(answer.get(field), list)


def _is_openai_list(answer: Any) -> bool:
    """Return whether an answer is a list of models as OpenAI shapes it."""
    return (
        _is_list(answer, "data")
        and answer.get("object") == "list"
        and _all_named(_entries(answer, "data"), "id")
    )


def _all_named(entries: Iterable[Mapping[str, Any]], field: str) -> bool:
    return all(_text(entry, field) for entry in entries)


def _entries(answer: Any, field: str) -> list[dict[str, Any]]:
    """Return the objects in a list of an answer, none where it has no such list."""
    if not _is_list(answer, field):
        return []
    return [entry for entry in answer[field] if isinstance(entry, dict)]


def _inner(entry: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    value = entry.get(field)
    return value if isinstance(value, dict) else {}


def _text(entry: Mapping[str, Any], field: str) -> str:
    """Return a short printable text of an answer, empty where it has none."""
    value = entry.get(field)
    if not isinstance(value, str) or not value.isprintable() or len(value) > _MOST_NAME_LENGTH:
        return ""
    return value
