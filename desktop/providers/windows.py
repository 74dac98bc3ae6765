"""How many tokens a model's context window holds, where the list of models does not say it.

Sources: ollama docs/api.md (api/ps: context_length of what is loaded; api/show: parameters), llama.cpp
tools/server/README.md (GET /props: default_generation_settings.n_ctx), LM Studio docs/api/rest-api
(GET /api/v0/models: loaded_context_length, max_context_length).
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from desktop.domain.endpoint import Endpoint, ModelInfo
from desktop.domain.failure import TurnFailedError
from desktop.domain.secret import Secret
from desktop.providers.base import headers_for, join_url
from desktop.providers.reading import number, object_in
from desktop.wire.request import WireRequest

Fetch = Callable[[WireRequest], Awaitable[Any]]

# A server on this computer answers each in a few milliseconds; nobody has many more models than this.
_MOST_ASKED = 60
_SET = re.compile(r"^num_ctx\s+(\d+)\s*$", re.MULTILINE)


async def with_windows(
    models: tuple[ModelInfo, ...], listed: Any, endpoint: Endpoint, key: Secret | None, fetch: Fetch
) -> tuple[ModelInfo, ...]:
    """Return the models with the windows that the server tells elsewhere than in its list, `listed`.

    Only what is known to be Ollama, llama.cpp or LM Studio is asked; what it refuses stays unknown.
    """
    if not models or all(model.context_tokens for model in models):
        return models
    found: Mapping[str, int] = {}
    if endpoint.provider == "ollama":
        found = await _of_ollama(models, endpoint, key, fetch)
    elif (owner := _owner(listed)) == "llamacpp":
        answer = await _ask(fetch, _beside(endpoint, key, "props"))
        tokens = number(object_in(answer.get("default_generation_settings")).get("n_ctx"))
        found = {model.id: tokens for model in models} if tokens else {}
    elif owner == "organization_owner":
        found = _in_rows(await _ask(fetch, _beside(endpoint, key, "api/v0/models")), "id", _LM_STUDIO)
    return tuple(
        replace(model, context_tokens=model.context_tokens or found.get(model.id)) for model in models
    )


async def running_window(model: str, endpoint: Endpoint, key: Secret | None, fetch: Fetch) -> int | None:
    """Return the window with which a server runs a model now, where only that tells it: Ollama alone."""
    if endpoint.provider != "ollama":
        return None
    answer = await _ask(fetch, _of_base(endpoint, key, "ps"))
    found = _in_rows(answer, "model", _OLLAMA)
    return found.get(model) or found.get(f"{model}:latest")


_LM_STUDIO = ("loaded_context_length", "max_context_length")
_OLLAMA = ("context_length",)


async def _of_ollama(
    models: Sequence[ModelInfo], endpoint: Endpoint, key: Secret | None, fetch: Fetch
) -> Mapping[str, int]:
    """Return the windows of what runs, and of what has one of its own.

    What a model was made for is no window: the server gives it less unless it is told otherwise.
    """
    running = _in_rows(await _ask(fetch, _of_base(endpoint, key, "ps")), "model", _OLLAMA)
    asked = [model.id for model in models if model.id not in running][:_MOST_ASKED]
    answers = await asyncio.gather(
        *(_ask(fetch, _of_base(endpoint, key, "show", {"model": name})) for name in asked)
    )
    found = dict(running)
    for name, answer in zip(asked, answers, strict=True):
        parameters = answer.get("parameters")
        own = _SET.search(parameters) if isinstance(parameters, str) else None
        if own is not None:
            found[name] = int(own[1])
    return found


async def _ask(fetch: Fetch, request: WireRequest) -> Mapping[str, Any]:
    try:
        return object_in(await fetch(request))
    except TurnFailedError:
        return {}


def _of_base(
    endpoint: Endpoint, key: Secret | None, name: str, body: dict[str, Any] | None = None
) -> WireRequest:
    base_url = endpoint.base_url.strip().rstrip("/").removesuffix("/api")
    return _request(join_url(base_url, f"api/{name}"), endpoint, key, body)


def _beside(endpoint: Endpoint, key: Secret | None, path: str) -> WireRequest:
    """Return the request for a page of the server beside the version path of its API."""
    parts = urlsplit(endpoint.base_url.strip())
    root = urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/").removesuffix("/v1"), "", ""))
    return _request(join_url(root, path), endpoint, key, None)


def _request(url: str, endpoint: Endpoint, key: Secret | None, body: dict[str, Any] | None) -> WireRequest:
    headers = headers_for(endpoint, key, {"Accept": "application/json"})
    if body is None:
        return WireRequest(url=url, method="GET", headers=headers)
    return WireRequest(url=url, headers=headers, body=body)


def _owner(listed: Any) -> str:
    rows = listed.get("data") if isinstance(listed, dict) else None
    first = object_in(rows[0]) if isinstance(rows, list) and rows else {}
    owner = first.get("owned_by")
    return owner if isinstance(owner, str) else ""


def _in_rows(answer: Mapping[str, Any], name: str, fields: Sequence[str]) -> dict[str, int]:
    """Return the first of some fields that is a number, by the rows' names."""
    rows = answer.get("data", answer.get("models"))
    found: dict[str, int] = {}
    for row in map(object_in, rows if isinstance(rows, list) else ()):
        tokens = next((value for field in fields if (value := number(row.get(field)))), None)
        if tokens and isinstance(row.get(name), str):
            found[row[name]] = tokens
    return found
