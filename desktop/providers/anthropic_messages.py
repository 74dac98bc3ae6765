"""Anthropic Messages.

Sources: anthropic-sdk-python (types/*), platform.claude.com/docs (streaming, errors). Events are
told apart by the `type` in their data, never by the event's name, which most gateways leave out.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

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
from desktop.domain.message import FilePart, ImagePart, Message, Part, Role, TextPart
from desktop.domain.options import Option, Options
from desktop.domain.prompt import Prompt
from desktop.domain.secret import Secret
from desktop.providers.base import (
    Provider,
    base64_of,
    context_of,
    file_as_text,
    headers_for,
    join_url,
    joined_text,
    with_chosen,
)
from desktop.providers.reading import Reader, number, object_in
from desktop.wire.answer import AnswerHead
from desktop.wire.records import Record
from desktop.wire.request import WireRequest

VERSION = "2023-06-01"
# The protocol wants a limit; this one every current model allows.
_DEFAULT_MAX_TOKENS = 8192
# The limit counts thoughts as well, which these models measure by themselves.
_DEFAULT_WITH_THOUGHTS = 32_000
_THINKING_TOKENS = {
    "minimal": 1024, "low": 2048, "medium": 8192, "high": 24576, "xhigh": 32_000, "max": 48_000,
}  # fmt: skip
_ROOM_BESIDE_THOUGHTS = 4096
# Models before 4.6 are told how many tokens to think, later ones how hard.
_COUNTED = re.compile(r"claude-(?:[23]\b|instant|[a-z]+-4(?:-[0-5])?(?:[-@]20\d{6}|[-@]latest)?$)")
_ABOUT_THINKING = re.compile(r"thinking|adaptive|budget_tokens|effort|output_config")
_LEAST_TOP_P_WITH_THOUGHTS = 0.95
_REASONS = {
    "end_turn": StopReason.STOP,
    "stop_sequence": StopReason.STOP,
    "max_tokens": StopReason.LENGTH,
    "model_context_window_exceeded": StopReason.LENGTH,
    "tool_use": StopReason.TOOL_USE,
    "pause_turn": StopReason.PAUSE,
    "compaction": StopReason.PAUSE,
    "refusal": StopReason.REFUSAL,
}
# Blocks that carry nothing to read: results of the service's own tools, and marks between blocks.
_SILENT_BLOCKS = ("compaction", "fallback", "tool_result", "mcp_tool_result")
_NOTHING: tuple[Delta, ...] = ()


class AnthropicMessages(Provider):
    """POST {base}/messages."""

    name = "anthropic-messages"
    may_answer_whole = True
    takes = Abilities(
        title="Anthropic",
        options=frozenset(Option) - {Option.SEED},
        efforts=("none", "low", "medium", "high", "xhigh", "max"),
        images=("image/png", "image/jpeg", "image/gif", "image/webp"),
        files=("application/pdf",),
        most_temperature=1.0,
        least_budget=1024,
    )

    def request(self, prompt: Prompt, endpoint: Endpoint, key: Secret | None) -> WireRequest:
        """Return the request for a reply, streamed where the endpoint streams."""
        options = self.options_for(prompt, endpoint)
        streams = self.streams(prompt, endpoint)
        body: dict[str, Any] = {
            "model": prompt.model,
            "max_tokens": _DEFAULT_MAX_TOKENS,
            "messages": _messages(prompt, prefills=self.prefills(prompt, endpoint)),
            "stream": streams,
        }
        system = [options.system] if options.system.strip() else []
        system += [joined_text(messages) for role, messages in context_of(prompt) if role is Role.SYSTEM]
        if system:
            body["system"] = "\n\n".join(system)
        chosen: dict[str, Any] = {
            "system": body.get("system") if options.system else None,
            "max_tokens": options.max_tokens,
            "temperature": options.temperature,
            "top_p": options.top_p,
            "stop_sequences": list(options.stop) or None,
            "stream": None if options.stream else False,
        }
        chosen |= self._thinking(prompt, endpoint, options)
        return WireRequest(
            url=join_url(endpoint.base_url, "messages"),
            headers=_headers(endpoint, key, "text/event-stream" if streams else "application/json"),
            body=with_chosen(body | endpoint.body, chosen),
        )

    def abilities(self, endpoint: Endpoint, model: str, options: Options) -> Abilities:
        """Return what is taken: with thoughts no temperature, and no top_p below 0.95."""
        takes = self.takes
        thinks = options.reasoning_effort not in (None, "none") or options.reasoning_budget is not None
        if thinks:
            lost = {Option.TEMPERATURE: translate("Provider", "Not together with reasoning.")}
            if options.top_p is not None and options.top_p < _LEAST_TOP_P_WITH_THOUGHTS:
                lost[Option.TOP_P] = translate(
                    "Provider", "Together with reasoning it has to be 0.95 or more."
                )
            takes = replace(takes, options=takes.options - lost.keys(), refused={**takes.refused, **lost})
        return self.without_refused(takes, endpoint, model)

    def adapt(self, prompt: Prompt, endpoint: Endpoint, status: int, body: str) -> bool:
        """Learn first that a model wants its thoughts asked for in the other form, or has none."""
        learnt, options = self.learnt(prompt, endpoint), self.options_for(prompt, endpoint)
        form = object_in(self._thinking(prompt, endpoint, options).get("thinking")).get("type")
        if status != 400 or form is None or not _ABOUT_THINKING.search(body.lower()):
            return super().adapt(prompt, endpoint, status, body)
        learnt.add(f"no_{form}")
        if form == "disabled" or {"no_enabled", "no_adaptive"} <= learnt:
            learnt.add(f"no_{Option.REASONING_EFFORT}")
        if "no_enabled" in learnt:
            learnt.add(f"no_{Option.REASONING_BUDGET}")
        return True

    def _thinking(self, prompt: Prompt, endpoint: Endpoint, options: Options) -> dict[str, Any]:
        """Return the fields that ask for thoughts, none where that is left to the service."""
        effort, learnt = options.reasoning_effort, self.learnt(prompt, endpoint)
        budget = options.reasoning_budget
        if budget is None and effort in (None, "none"):
            return {"thinking": {"type": "disabled"}} if effort else {}
        is_counted = _COUNTED.search(prompt.model) is not None or "no_adaptive" in learnt
        if budget is None and is_counted and "no_enabled" not in learnt:
            budget = _THINKING_TOKENS[effort or "medium"]
        if budget is not None:
            limit = options.max_tokens or _DEFAULT_MAX_TOKENS
            return {
                "thinking": {"type": "enabled", "budget_tokens": budget},
                "max_tokens": max(limit, budget + _ROOM_BESIDE_THOUGHTS),
            }
        return {
            # Newer models leave their thoughts out unless they are asked for.
            "thinking": {"type": "adaptive", "display": "summarized"},
            "output_config": {"effort": "low" if effort == "minimal" else effort},
            "max_tokens": options.max_tokens or _DEFAULT_WITH_THOUGHTS,
        }

    def takes_prefill(self, prompt: Prompt, endpoint: Endpoint) -> bool:
        """Return yes but with thinking, which allows none. Models from 4.6 on refuse it, which is learnt."""
        options = self.options_for(prompt, endpoint)
        form = object_in(self._thinking(prompt, endpoint, options).get("thinking")).get("type")
        return form in (None, "disabled") and "thinking" not in endpoint.body

    def reader(self, endpoint: Endpoint, head: AnswerHead) -> "AnthropicReader":
        """Return a reader for one answer, streamed or whole."""
        return AnthropicReader()

    def models_request(self, endpoint: Endpoint, key: Secret | None) -> WireRequest:
        """Return GET {base}/models with the longest page there is."""
        base_url = endpoint.base_url.strip().rstrip("/").removesuffix("/messages")
        return WireRequest(
            url=f"{join_url(base_url, 'models')}?limit=1000",
            method="GET",
            headers=_headers(endpoint, key, "application/json"),
        )

    def models_from(self, payload: Any) -> tuple[ModelInfo, ...]:
        """Return the models of {data: [...]}."""
        rows = object_in(payload).get("data")
        return tuple(
            ModelInfo(
                id=row["id"],
                name=str(row.get("display_name") or ""),
                context_tokens=number(row.get("max_input_tokens")),
                takes_images=_takes_images(row),
            )
            for row in (rows if isinstance(rows, list) else ())
            if isinstance(row, dict) and isinstance(row.get("id"), str)
        )


class AnthropicReader(Reader):
    """Reads the events of a message, or one whole message."""

    def __init__(self) -> None:
        super().__init__()
        self._usage: dict[str, Any] = {}
        self._shown: dict[str, Any] = {}
        self._calls = 0
        self._call_of_block: dict[int, int] = {}
        self._whole_arguments: dict[int, str] = {}

    def read(self, record: Record) -> Sequence[Delta]:
        """Return the deltas of one event. Unknown events and deltas are skipped, as the vendor asks."""
        if record.data.startswith("[DONE]"):
            self.finish()
            return _NOTHING
        event = self.parse(record.data)
        if isinstance(event, list) and event:
            event = event[0]
        if not isinstance(event, dict):
            return _NOTHING
        kind = event.get("type")
        index = number(event.get("index")) or 0
        if kind == "content_block_delta":
            return self._read_delta(index, object_in(event.get("delta")))
        if kind == "error" or event.get("error") or (kind is None and record.event == "error"):
            self.report(event)
            return _NOTHING
        if kind == "content_block_start":
            return self._read_start(index, object_in(event.get("content_block")))
        if kind == "content_block_stop":
            return self._read_stop(index)
        if kind == "message_start":
            return self._read_message_start(object_in(event.get("message")))
        if kind == "message_delta":
            deltas = self._read_usage(event.get("usage"))
            return [*deltas, *self._read_reason(object_in(event.get("delta")))]
        if kind == "message_stop":
            self.finish()
        elif kind == "message":
            return self._read_whole(event)
        return _NOTHING

    def _read_delta(self, index: int, delta: dict[str, Any]) -> Sequence[Delta]:
        kind = delta.get("type")
        if kind == "text_delta":
            text = delta.get("text")
            return (TextDelta(text),) if text and isinstance(text, str) else _NOTHING
        if kind == "thinking_delta":
            thinking = delta.get("thinking")
            return (ReasoningDelta(thinking),) if thinking and isinstance(thinking, str) else _NOTHING
        if kind == "signature_delta":
            return (ReasoningDelta("", str(delta.get("signature") or "")),)
        if kind == "input_json_delta" and index in self._call_of_block:
            self._whole_arguments.pop(index, None)
            arguments = delta.get("partial_json")
            return (ToolCallDelta(self._call_of_block[index], arguments=str(arguments or "")),)
        return _NOTHING

    def _read_start(self, index: int, block: dict[str, Any]) -> Sequence[Delta]:
        kind = str(block.get("type") or "")
        if kind == "text":
            text = block.get("text")
            return (TextDelta(text),) if text and isinstance(text, str) else _NOTHING
        if kind == "thinking":
            thinking, signature = block.get("thinking"), block.get("signature")
            if thinking or signature:
                return (ReasoningDelta(str(thinking or ""), str(signature or "")),)
            return _NOTHING
        if kind == "redacted_thinking":
            return (PlaceholderDelta("hidden reasoning", json.dumps(block)),)
        if kind.endswith("tool_use"):
            call = self._call_of_block[index] = self._calls
            self._calls += 1
            if block.get("input"):
                self._whole_arguments[index] = json.dumps(block["input"], ensure_ascii=False)
            return (ToolCallDelta(call, str(block.get("name") or kind), "", str(block.get("id") or "")),)
        if not kind or kind in _SILENT_BLOCKS or kind.endswith("_tool_result"):
            return _NOTHING
        return (PlaceholderDelta(kind.replace("_", " "), json.dumps(block, ensure_ascii=False)),)

    def _read_stop(self, index: int) -> Sequence[Delta]:
        """Give arguments that came with the start of a block and in no piece after it."""
        arguments = self._whole_arguments.pop(index, None)
        return (ToolCallDelta(self._call_of_block[index], arguments=arguments),) if arguments else _NOTHING

    def _read_usage(self, usage: Any, *, restart: bool = False) -> Sequence[Delta]:
        """Merge what the start and the end of a message say; the counts of the end are cumulative.

        A second start belongs to a fallback model, whose counts replace those of the first.
        """
        if not isinstance(usage, dict):
            return _NOTHING
        if restart:
            self._usage = {}
        self._usage |= {name: count for name, count in usage.items() if count is not None}
        if self._usage == self._shown:
            return _NOTHING
        self._shown = dict(self._usage)
        return (UsageDelta(_usage(self._usage)),)

    def _read_reason(self, delta: dict[str, Any]) -> Sequence[Delta]:
        reason = delta.get("stop_reason")
        if not isinstance(reason, str) or not reason:
            return _NOTHING
        self.is_complete = True
        finish = FinishDelta(_REASONS.get(reason, StopReason.OTHER), reason)
        explanation = object_in(delta.get("stop_details")).get("explanation")
        if reason == "refusal" and isinstance(explanation, str) and explanation:
            return (RefusalDelta(explanation), finish)
        return (finish,)

    def _read_message_start(self, message: dict[str, Any]) -> Sequence[Delta]:
        """Read what a start says: usually usage alone; after tools of the service it may bring blocks."""
        usage = self._read_usage(message.get("usage"), restart=True)
        blocks = self._read_content(message)
        return [*blocks, *usage, *self._read_reason(message)] if blocks else usage

    def _read_content(self, message: dict[str, Any]) -> list[Delta]:
        deltas: list[Delta] = []
        content = message.get("content")
        for index, block in enumerate(content if isinstance(content, list) else ()):
            deltas += self._read_start(index, object_in(block))
            deltas += self._read_stop(index)
        return deltas

    def _read_whole(self, message: dict[str, Any]) -> Sequence[Delta]:
        deltas = self._read_content(message)
        deltas += self._read_usage(message.get("usage"))
        deltas += self._read_reason(message)
        self.finish()
        return deltas


def _takes_images(row: dict[str, Any]) -> bool | None:
    supported = object_in(object_in(row.get("capabilities")).get("image_input")).get("supported")
    return supported if isinstance(supported, bool) else None


def _usage(usage: dict[str, Any]) -> Usage:
    """Return the counts; the service's input leaves out what was read from or written to its cache."""
    plain = number(usage.get("input_tokens"))
    read = number(usage.get("cache_read_input_tokens"))
    written = number(usage.get("cache_creation_input_tokens"))
    details = object_in(usage.get("output_tokens_details"))
    return Usage(
        input=plain + (read or 0) + (written or 0) if plain is not None else None,
        output=number(usage.get("output_tokens")),
        cached=read,
        reasoning=number(details.get("thinking_tokens")),
    )


def _headers(endpoint: Endpoint, key: Secret | None, accept: str) -> dict[str, str]:
    own = {"Accept": accept, "anthropic-version": VERSION}
    return headers_for(endpoint, key, own, "x-api-key")


def _messages(prompt: Prompt, *, prefills: bool) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    for role, messages in context_of(prompt, prefills=prefills):
        if role is Role.ASSISTANT:
            # The service refuses a last assistant message that ends in white space.
            if text := joined_text(messages).rstrip():
                sent.append({"role": "assistant", "content": text})
        elif role is Role.USER:
            sent.append({"role": "user", "content": _content(messages)})
    return sent


def _content(messages: Sequence[Message]) -> str | list[dict[str, Any]]:
    blocks = [block for message in messages for part in message.parts if (block := _block(part))]
    if all(block["type"] == "text" for block in blocks):
        return "\n\n".join(block["text"] for block in blocks)
    # The vendor's advice: what is shown comes before what is asked about it.
    return sorted(blocks, key=lambda block: block["type"] == "text")


def _block(part: Part) -> dict[str, Any] | None:
    if isinstance(part, TextPart):
        # Empty text blocks are refused.
        return {"type": "text", "text": part.text} if part.text.strip() else None
    if isinstance(part, ImagePart):
        source = {"type": "base64", "media_type": part.media_type, "data": base64_of(part)}
        return {"type": "image", "source": source}
    if isinstance(part, FilePart):
        if part.text:
            return {"type": "text", "text": file_as_text(part)}
        source = {"type": "base64", "media_type": part.media_type, "data": base64_of(part)}
        return {"type": "document", "source": source, "title": part.name}
    return None
