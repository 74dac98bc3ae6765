"""OpenAI Responses.

Source: openai-python (types/responses). Events are told apart by the `type` in their data: some
servers leave out the event's name, the sequence number, or both.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from desktop.base.tongue import translate
from desktop.domain.abilities import Abilities
from desktop.domain.delta import (
    Delta,
    FinishDelta,
    PlaceholderDelta,
    ReasoningDelta,
    RefusalDelta,
    StopReason,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageDelta,
)
from desktop.domain.endpoint import Endpoint, ModelInfo
from desktop.domain.failure import FailureKind
from desktop.domain.message import FilePart, ImagePart, Message, Part, Role, TextPart
from desktop.domain.options import Option
from desktop.domain.prompt import Prompt
from desktop.domain.secret import Secret
from desktop.providers.base import (
    Provider,
    context_of,
    data_url,
    file_as_text,
    headers_for,
    join_url,
    joined_text,
    listed_models,
    with_chosen,
)
from desktop.providers.reading import Reader, number, object_in
from desktop.wire.answer import AnswerHead
from desktop.wire.records import Record
from desktop.wire.request import WireRequest

_REASONS = {
    "max_output_tokens": StopReason.LENGTH,
    "max_tokens": StopReason.LENGTH,
    "length": StopReason.LENGTH,
    "content_filter": StopReason.CONTENT_FILTER,
}
_CALLS = ("function_call", "custom_tool_call")
_NOTHING: tuple[Delta, ...] = ()


class OpenAIResponses(Provider):
    """POST {base}/responses. Nothing is stored at the service: the whole context goes with each prompt."""

    name = "openai-responses"
    may_answer_whole = True
    takes = Abilities(
        title="OpenAI Responses",
        options=frozenset(Option) - {Option.STOP, Option.SEED, Option.REASONING_BUDGET},
        images=("image/png", "image/jpeg", "image/gif", "image/webp"),
    )

    def request(self, prompt: Prompt, endpoint: Endpoint, key: Secret | None) -> WireRequest:
        """Return the request for a reply, streamed where the endpoint streams."""
        options = self.options_for(prompt, endpoint)
        streams = self.streams(prompt, endpoint)
        system = [options.system] if options.system.strip() else []
        system += [joined_text(messages) for role, messages in context_of(prompt) if role is Role.SYSTEM]
        instructions = "\n\n".join(system)
        chosen: dict[str, Any] = {
            "instructions": instructions if options.system else None,
            "stream": None if options.stream else False,
            "max_output_tokens": options.max_tokens,
            "temperature": options.temperature,
            "top_p": options.top_p,
            "reasoning": _reasoning(options.reasoning_effort),
        }
        body: dict[str, Any] = {
            "model": prompt.model,
            "input": _input(prompt),
            "stream": streams,
            "store": False,
            **({"instructions": instructions} if instructions else {}),
        }
        return WireRequest(
            url=join_url(endpoint.base_url, "responses"),
            headers=_headers(endpoint, key, "text/event-stream" if streams else "application/json"),
            body=with_chosen(body | endpoint.body, chosen),
        )

    def reader(self, endpoint: Endpoint, head: AnswerHead) -> "ResponsesReader":
        """Return a reader for one answer, streamed or whole."""
        return ResponsesReader()

    def models_request(self, endpoint: Endpoint, key: Secret | None) -> WireRequest:
        """Return GET {base}/models."""
        base_url = endpoint.base_url.strip().rstrip("/").removesuffix("/responses")
        headers = _headers(endpoint, key, "application/json")
        return WireRequest(url=join_url(base_url, "models"), method="GET", headers=headers)

    def models_from(self, payload: Any) -> tuple[ModelInfo, ...]:
        """Return the models of {data: [...]}."""
        return listed_models(payload)


class ResponsesReader(Reader):
    """Reads the events of a response, or one whole response."""

    def __init__(self) -> None:
        super().__init__()
        self._had_text = False
        self._had_reasoning = False
        self._in_pieces: set[str] = set()
        self._part: tuple[Any, ...] | None = None
        self._calls: dict[Any, int] = {}
        self._with_arguments: set[int] = set()
        self._events: dict[str, Callable[[dict[str, Any]], Sequence[Delta]]] = {
            "response.reasoning_summary_text.delta": self._read_reasoning,
            "response.reasoning_text.delta": self._read_reasoning,
            "response.refusal.delta": self._read_refusal,
            "response.output_text.done": self._read_done,
            "response.refusal.done": self._read_done,
            "response.reasoning_summary_text.done": self._read_done,
            "response.reasoning_text.done": self._read_done,
            "response.output_item.added": self._read_item,
            "response.output_item.done": self._read_item_done,
            "response.function_call_arguments.delta": self._read_arguments,
            "response.custom_tool_call_input.delta": self._read_arguments,
            "response.function_call_arguments.done": self._read_arguments_done,
            "response.custom_tool_call_input.done": self._read_arguments_done,
            "response.completed": self._read_closing,
            "response.incomplete": self._read_closing,
            "response.cancelled": self._read_closing,
            "response.failed": self._read_failure,
            "error": self._read_failure,
        }

    def read(self, record: Record) -> Sequence[Delta]:
        """Return the deltas of one event. Unknown events are skipped."""
        if record.data.startswith("[DONE]"):
            self.is_done = True
            return _NOTHING
        event = self.parse(record.data)
        if isinstance(event, list) and event:
            event = event[0]
        if not isinstance(event, dict):
            return _NOTHING
        kind = event.get("type")
        if kind == "response.output_text.delta":
            self._had_text = True
            self._in_pieces.add("output_text")
            text = event.get("delta")
            return (TextDelta(text),) if text and isinstance(text, str) else _NOTHING
        read = self._events.get(kind) if isinstance(kind, str) else None
        return read(event) if read is not None else self._read_unknown(event, record.event)

    def _read_unknown(self, event: dict[str, Any], name: str) -> Sequence[Delta]:
        """Read a whole response, or an error without a type or under one of its own."""
        if event.get("object") == "response" and not isinstance(event.get("type"), str):
            return self._read_closing({"response": event})
        if event.get("error") or name == "error":
            self.report(event)
        return _NOTHING

    def _read_done(self, event: dict[str, Any]) -> Sequence[Delta]:
        """Take what a part has become, where none of its kind came in pieces."""
        kind = str(event["type"]).removeprefix("response.").removesuffix(".done")
        if kind in self._in_pieces:
            return _NOTHING
        text = event.get("refusal" if kind == "refusal" else "text")
        if not isinstance(text, str) or not text:
            return _NOTHING
        if kind.startswith("reasoning"):
            return self._add_reasoning(text, event)
        self._had_text = True
        return (RefusalDelta(text) if kind == "refusal" else TextDelta(text),)

    def _read_reasoning(self, event: dict[str, Any]) -> Sequence[Delta]:
        self._in_pieces.add(str(event["type"]).removeprefix("response.").removesuffix(".delta"))
        text = event.get("delta")
        return self._add_reasoning(text, event) if isinstance(text, str) and text else _NOTHING

    def _add_reasoning(self, text: str, event: dict[str, Any]) -> Sequence[Delta]:
        part = (number(event.get("output_index")), event.get("summary_index"), event.get("content_index"))
        is_next = self._part is not None and part != self._part
        self._part = part
        self._had_reasoning = True
        return (ReasoningDelta(f"\n\n{text}" if is_next else text),)

    def _read_refusal(self, event: dict[str, Any]) -> Sequence[Delta]:
        self._had_text = True
        self._in_pieces.add("refusal")
        text = event.get("delta")
        return (RefusalDelta(text),) if text and isinstance(text, str) else _NOTHING

    def _read_item(self, event: dict[str, Any]) -> Sequence[Delta]:
        item = object_in(event.get("item"))
        if item.get("type") not in _CALLS:
            return _NOTHING
        index = self._calls[_key(event)] = len(self._calls)
        arguments = _arguments(item)
        if arguments:
            self._with_arguments.add(index)
        return (ToolCallDelta(index, str(item.get("name") or ""), arguments, str(item.get("call_id") or "")),)

    def _read_arguments(self, event: dict[str, Any]) -> Sequence[Delta]:
        index = self._calls.setdefault(_key(event), len(self._calls))
        self._with_arguments.add(index)
        return (ToolCallDelta(index, arguments=str(event.get("delta") or "")),)

    def _read_arguments_done(self, event: dict[str, Any]) -> Sequence[Delta]:
        """Take arguments that came at once; a call that was never announced waits for its item."""
        index = self._calls.get(_key(event))
        if index is None or index in self._with_arguments:
            return _NOTHING
        self._with_arguments.add(index)
        return (ToolCallDelta(index, arguments=_arguments(event)),)

    def _read_item_done(self, event: dict[str, Any]) -> Sequence[Delta]:
        """Take what came in no piece: arguments at once, an image, an item never announced."""
        item = object_in(event.get("item"))
        kind = item.get("type")
        if kind == "image_generation_call":
            return (PlaceholderDelta("image", str(item.get("id") or "")),)
        if kind not in _CALLS:
            return _NOTHING
        index = self._calls.get(_key(event))
        if index is None:
            return self._read_item(event)
        if index in self._with_arguments:
            return _NOTHING
        return (ToolCallDelta(index, arguments=_arguments(item)),)

    def _read_closing(self, event: dict[str, Any]) -> Sequence[Delta]:
        """Read the closing event, which alone has the usage."""
        response = object_in(event.get("response"))
        deltas: list[Delta] = []
        if not self._had_text or not self._had_reasoning:
            deltas += self._read_output(response.get("output"))
        usage = response.get("usage")
        if isinstance(usage, dict):
            deltas.append(UsageDelta(_usage(usage)))
        status = str(response.get("status") or "completed")
        if status == "failed" or response.get("error"):
            if not response.get("error"):
                self.fail(FailureKind.PROVIDER, translate("Provider", "It failed and gave no reason."))
                return deltas
            self.report({"error": response["error"]})
            return deltas
        reason = object_in(response.get("incomplete_details")).get("reason")
        raw = str(reason or status)
        normal = _REASONS.get(raw, StopReason.STOP if status == "completed" else StopReason.OTHER)
        deltas.append(FinishDelta(normal, raw))
        self.is_complete = True
        return deltas

    def _read_output(self, output: Any) -> list[Delta]:
        """Return what the closing event holds and no delta brought."""
        deltas: list[Delta] = []
        had_text, had_reasoning = self._had_text, self._had_reasoning
        for item in output if isinstance(output, list) else ():
            kind = object_in(item).get("type")
            if kind == "message" and not had_text:
                deltas += _content_deltas(item.get("content"))
            elif kind == "reasoning" and not had_reasoning:
                pieces = item.get("summary") or item.get("content")
                pieces = pieces if isinstance(pieces, list) else []
                texts = [str(object_in(piece).get("text") or "") for piece in pieces]
                if text := "\n\n".join(filter(None, texts)):
                    deltas.append(ReasoningDelta(text))
            elif kind in _CALLS and not self._calls:
                arguments, name = _arguments(item), str(item.get("name") or "")
                deltas.append(ToolCallDelta(len(deltas), name, arguments, str(item.get("call_id") or "")))
        return deltas

    def _read_failure(self, event: dict[str, Any]) -> Sequence[Delta]:
        """Read an error: OpenAI documents it flat, the recorded ones nest it."""
        response = object_in(event.get("response"))
        error = event.get("error") or response.get("error")
        self.report({"error": error} if error else event)
        usage = response.get("usage")
        return (UsageDelta(_usage(usage)),) if isinstance(usage, dict) else _NOTHING


def _key(event: dict[str, Any]) -> Any:
    """Return what tells the items of a response apart; ids change in mid-stream behind some gateways."""
    index = number(event.get("output_index"))
    if index is not None:
        return index
    return str(event.get("item_id") or object_in(event.get("item")).get("id") or "")


def _arguments(item: dict[str, Any]) -> str:
    """Return the arguments of a call; those of a custom tool are a text of its own."""
    arguments = item.get("arguments") or item.get("input") or ""
    return arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)


def _content_deltas(content: Any) -> list[Delta]:
    deltas: list[Delta] = []
    for part in content if isinstance(content, list) else ():
        piece = object_in(part)
        if piece.get("type") == "output_text" and piece.get("text"):
            deltas.append(TextDelta(str(piece["text"])))
        elif piece.get("type") == "refusal" and piece.get("refusal"):
            deltas.append(RefusalDelta(str(piece["refusal"])))
    return deltas


def _usage(usage: dict[str, Any]) -> Usage:
    return Usage(
        input=number(usage.get("input_tokens")),
        output=number(usage.get("output_tokens")),
        cached=number(object_in(usage.get("input_tokens_details")).get("cached_tokens")),
        reasoning=number(object_in(usage.get("output_tokens_details")).get("reasoning_tokens")),
        total=number(usage.get("total_tokens")),
    )


def _headers(endpoint: Endpoint, key: Secret | None, accept: str) -> dict[str, str]:
    host = urlsplit(endpoint.base_url).hostname or ""
    header = "api-key" if host.endswith(".azure.com") else "Authorization"
    return headers_for(endpoint, key, {"Accept": accept}, header)


def _reasoning(effort: str | None) -> dict[str, str] | None:
    if not effort or effort == "none":
        return {"effort": effort} if effort else None
    # Without a summary asked for, no reasoning is shown at all.
    return {"effort": effort, "summary": "auto"}


def _input(prompt: Prompt) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    for role, messages in context_of(prompt):
        if role is Role.ASSISTANT:
            if text := joined_text(messages):
                items.append({"role": "assistant", "content": [{"type": "output_text", "text": text}]})
        elif role is Role.USER:
            items.append({"role": "user", "content": _content(messages)})
    return items


def _content(messages: Sequence[Message]) -> list[dict[str, Any]]:
    return [sent for message in messages for part in message.parts if (sent := _part(part)) is not None]


def _part(part: Part) -> dict[str, Any] | None:
    if isinstance(part, TextPart):
        return {"type": "input_text", "text": part.text} if part.text.strip() else None
    if isinstance(part, ImagePart):
        return {"type": "input_image", "image_url": data_url(part), "detail": "auto"}
    if isinstance(part, FilePart):
        if part.text:
            return {"type": "input_text", "text": file_as_text(part)}
        return {"type": "input_file", "filename": part.name, "file_data": data_url(part)}
    return None
