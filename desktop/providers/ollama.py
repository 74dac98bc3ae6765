"""Ollama's own protocol.

Sources: ollama docs/api.md, docs/api/errors.mdx, docs/capabilities/thinking.mdx, server/routes.go.
"""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from desktop.domain.abilities import Abilities
from desktop.domain.delta import (
    Delta,
    FinishDelta,
    ReasoningDelta,
    StopReason,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageDelta,
)
from desktop.domain.endpoint import Endpoint, ModelInfo
from desktop.domain.message import ImagePart
from desktop.domain.options import Option
from desktop.domain.prompt import Options, Prompt
from desktop.domain.secret import Secret
from desktop.providers.base import (
    Provider,
    base64_of,
    context_of,
    headers_for,
    join_url,
    text_alone,
    with_chosen,
)
from desktop.providers.reading import Reader, number, object_in
from desktop.wire.answer import AnswerHead
from desktop.wire.records import Record
from desktop.wire.request import WireRequest

_REASONS = {"stop": StopReason.STOP, "length": StopReason.LENGTH}
_NOTHING: tuple[Delta, ...] = ()


class Ollama(Provider):
    """POST {base}/api/chat."""

    name = "ollama"
    may_answer_whole = True
    takes = Abilities(
        title="Ollama",
        options=frozenset(Option) - {Option.REASONING_BUDGET},
        efforts=("none", "low", "medium", "high", "max"),
        images=("image/png", "image/jpeg", "image/webp"),
        files=(),
    )

    def request(self, prompt: Prompt, endpoint: Endpoint, key: Secret | None) -> WireRequest:
        """Return the request for a reply, streamed where the endpoint streams."""
        options = self.options_for(prompt, endpoint)
        streams = self.streams(prompt, endpoint)
        body: dict[str, Any] = {
            "model": prompt.model,
            "messages": _messages(prompt, options.system, prefills=self.prefills(prompt, endpoint)),
            "stream": streams,
            # Both are on by default, and drop the beginning of what is too long without a word
            # (api/types.go, ChatRequest); off, it is refused, or the reply ends at the limit.
            "truncate": False,
            "shift": False,
        }
        effort = options.reasoning_effort
        chosen: dict[str, Any] = {
            "options": _options(options) or None,
            "think": _think(effort, prompt.model) if effort else None,
            "stream": None if options.stream else False,
        }
        return WireRequest(
            url=_url(endpoint, "chat"),
            headers=headers_for(
                endpoint, key, {"Accept": "application/x-ndjson" if streams else "application/json"}
            ),
            body=with_chosen(body | endpoint.body, chosen, within="options"),
        )

    def reader(self, endpoint: Endpoint, head: AnswerHead) -> "OllamaReader":
        """Return a reader for one answer."""
        return OllamaReader()

    def adapt(self, prompt: Prompt, endpoint: Endpoint, status: int, body: str) -> bool:
        """Learn that a model can't think."""
        if status == 400 and self.options_for(prompt, endpoint).reasoning_effort and "think" in body:
            self.learnt(prompt, endpoint).add(f"no_{Option.REASONING_EFFORT}")
            return True
        return super().adapt(prompt, endpoint, status, body)

    def takes_prefill(self, prompt: Prompt, endpoint: Endpoint) -> bool:
        """Return yes: the templates leave a last message of the assistant open (server/prompt.go)."""
        return True

    def models_request(self, endpoint: Endpoint, key: Secret | None) -> WireRequest:
        """Return GET {base}/api/tags."""
        headers = headers_for(endpoint, key, {"Accept": "application/json"})
        return WireRequest(url=_url(endpoint, "tags"), method="GET", headers=headers)

    def models_from(self, payload: Any) -> tuple[ModelInfo, ...]:
        """Return the installed models."""
        rows = object_in(payload).get("models")
        rows = [object_in(row) for row in (rows if isinstance(rows, list) else ())]
        named = [(row.get("model") or row.get("name"), row.get("capabilities")) for row in rows]
        return tuple(
            ModelInfo(id=name, takes_images="vision" in able if isinstance(able, list) else None)
            for name, able in named
            if isinstance(name, str) and name
        )


class OllamaReader(Reader):
    """Reads one object a line; `done` ends the reply."""

    def __init__(self) -> None:
        super().__init__()
        self._calls = 0

    def read(self, record: Record) -> Sequence[Delta]:
        """Return the deltas of one line."""
        payload = self.parse(record.data)
        if not isinstance(payload, dict):
            return _NOTHING
        deltas: list[Delta] = []
        message = object_in(payload.get("message"))
        thinking, content = message.get("thinking"), message.get("content")
        if thinking and isinstance(thinking, str):
            deltas.append(ReasoningDelta(thinking))
        if content and isinstance(content, str):
            deltas.append(TextDelta(content))
        calls = message.get("tool_calls")
        for call in calls if isinstance(calls, list) else ():
            function = object_in(object_in(call).get("function"))
            arguments = function.get("arguments") or {}
            if not isinstance(arguments, str):
                arguments = json.dumps(arguments, ensure_ascii=False)
            name, call_id = str(function.get("name") or ""), str(object_in(call).get("id") or "")
            deltas.append(ToolCallDelta(self._calls, name, arguments, call_id))
            self._calls += 1
        if payload.get("error"):
            self.report(payload)
        elif payload.get("done") or payload.get("done_reason"):
            self._read_end(payload, deltas)
        return deltas

    def _read_end(self, payload: dict[str, Any], deltas: list[Delta]) -> None:
        """Read the last object; some of Ollama's backends send its reason without `done`."""
        usage = Usage(
            input=number(payload.get("prompt_eval_count")), output=number(payload.get("eval_count"))
        )
        if usage != Usage():
            deltas.append(UsageDelta(usage))
        reason = str(payload.get("done_reason") or "stop")
        deltas.append(FinishDelta(_REASONS.get(reason, StopReason.OTHER), reason))
        self.is_complete = True
        self.is_done = bool(payload.get("done"))


def _url(endpoint: Endpoint, route: str) -> str:
    path = urlsplit(endpoint.base_url.strip()).path.rstrip("/")
    return join_url(endpoint.base_url, route if path.endswith("/api") else f"api/{route}")


def _options(options: Options) -> dict[str, Any]:
    chosen = {
        "temperature": options.temperature,
        "top_p": options.top_p,
        "num_predict": options.max_tokens,
        "seed": options.seed,
        "stop": list(options.stop) or None,
    }
    return {name: value for name, value in chosen.items() if value is not None}


def _think(effort: str, model: str) -> bool | str:
    """Return what `think` is: gpt-oss alone knows levels, and always thinks; the others think or do not."""
    if "gpt-oss" not in model:
        return effort not in ("none", "minimal")
    return {"none": "low", "minimal": "low", "xhigh": "high"}.get(effort, effort)


def _messages(prompt: Prompt, system: str, *, prefills: bool) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    if system.strip():
        sent.append({"role": "system", "content": system})
    for role, messages in context_of(prompt, prefills=prefills):
        message: dict[str, Any] = {"role": role.value, "content": text_alone(messages, sends_images=True)}
        images = [base64_of(p) for m in messages for p in m.parts if isinstance(p, ImagePart)]
        if images:
            message["images"] = images
        if message["content"] or images:
            sent.append(message)
    return sent
