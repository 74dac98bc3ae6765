"""The streams of the Vercel AI SDK, which many home-made services send.

Sources: the SDK's stream protocol page (UI message stream, header x-vercel-ai-ui-message-stream: v1)
and the data stream of its fourth version (header x-vercel-ai-data-stream: v1), lines of CODE:JSON.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from desktop.domain.delta import (
    Delta,
    FinishDelta,
    PlaceholderDelta,
    ReasoningDelta,
    StopReason,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageDelta,
)
from desktop.domain.failure import FailureKind
from desktop.providers.reading import Reader, number, object_in
from desktop.providers.text_fields import text_in
from desktop.wire.records import Record

UI_HEADER = "x-vercel-ai-ui-message-stream"
DATA_HEADER = "x-vercel-ai-data-stream"
DATA_LINE = re.compile(r'[0-9a-k]:["{\[]')

_UI_TYPE = re.compile(
    r"(?:text|reasoning)-(?:start|delta|end)|(?:start|finish)-step|message-metadata|"
    r"tool-(?:input|output|approval)-.+|source-(?:url|document)|reasoning-file|data-.+"
)
_UI_WORDS = ("start", "finish", "abort", "file")

_REASONS = {
    "stop": StopReason.STOP,
    "length": StopReason.LENGTH,
    "tool-calls": StopReason.TOOL_USE,
    "content-filter": StopReason.CONTENT_FILTER,
}
_NOTHING: tuple[Delta, ...] = ()


def is_ui_event(event: Any) -> bool:
    """Whether a JSON value is a part of a UI message stream; words that others use too count without text."""
    kind = object_in(event).get("type")
    if not isinstance(kind, str):
        return False
    if kind == "error":
        return isinstance(event.get("errorText"), str)
    return bool(_UI_TYPE.fullmatch(kind)) or (kind in _UI_WORDS and not text_in(event))


def _finish(reason: Any) -> FinishDelta:
    raw = reason if isinstance(reason, str) and reason else "stop"
    return FinishDelta(_REASONS.get(raw, StopReason.OTHER), raw)


def _piece(event: dict[str, Any]) -> str:
    """Return the new text: `delta` in a UI message stream, else as the SDK names it inside a server."""
    values = (event.get(name) for name in ("delta", "text", "textDelta"))
    return next((value for value in values if isinstance(value, str)), "")


def _counts(event: dict[str, Any]) -> Sequence[Delta]:
    """Return the usage that many servers put beside the message, where the protocol has no place for it."""
    metadata = object_in(event.get("messageMetadata"))
    for usage in (metadata.get("totalUsage"), metadata.get("usage"), event.get("totalUsage")):
        counts = _usage(object_in(usage))
        if counts != Usage():
            return (UsageDelta(counts),)
    return _NOTHING


def _usage(usage: dict[str, Any]) -> Usage:
    """Return counts by their names in the fourth and the fifth version of the SDK."""
    new = number(usage.get("inputTokens"))
    out = number(usage.get("outputTokens"))
    return Usage(
        input=new if new is not None else number(usage.get("promptTokens")),
        output=out if out is not None else number(usage.get("completionTokens")),
        cached=number(usage.get("cachedInputTokens")),
        reasoning=number(usage.get("reasoningTokens")),
        total=number(usage.get("totalTokens")),
    )


class UIMessageReader(Reader):
    """Reads events that are JSON with a `type`, up to `finish`, `abort` or the end mark."""

    def __init__(self) -> None:
        super().__init__()
        self._calls: dict[str, int] = {}
        self._in_pieces: set[str] = set()

    def read(self, record: Record) -> Sequence[Delta]:
        """Return the deltas of one event. Unknown types are skipped."""
        if record.data.strip() == "[DONE]":
            self.finish()
            return _NOTHING
        event = self.parse(record.data)
        if not isinstance(event, dict):
            return _NOTHING
        match event.get("type"):
            case "text-delta":
                text = _piece(event)
                return (TextDelta(text),) if text else _NOTHING
            case "reasoning-delta":
                text = _piece(event)
                return (ReasoningDelta(text),) if text else _NOTHING
            case "tool-input-start" | "tool-input-delta" | "tool-input-available" | "tool-input-error":
                return self._read_call(event)
            case "file":
                return (PlaceholderDelta("file", json.dumps(event)),)
            case "finish":
                self.is_complete = True
                return (*_counts(event), _finish(event.get("finishReason")))
            case "abort":
                self.finish()
                return (FinishDelta(StopReason.OTHER, "abort"),)
            case "error":
                self.report(event)
        return _NOTHING

    def _read_call(self, event: dict[str, Any]) -> Sequence[Delta]:
        """Read a call's pieces; where its input comes whole after pieces of it, those stand."""
        call_id = str(event.get("toolCallId") or "")
        is_new = call_id not in self._calls
        index = self._calls.setdefault(call_id, len(self._calls))
        if event["type"] == "tool-input-delta":
            self._in_pieces.add(call_id)
            return (ToolCallDelta(index, arguments=str(event.get("inputTextDelta") or "")),)
        arguments = ""
        if "input" in event and call_id not in self._in_pieces:
            self._in_pieces.add(call_id)
            arguments = json.dumps(event["input"], ensure_ascii=False)
        if not is_new:
            return (ToolCallDelta(index, arguments=arguments),) if arguments else _NOTHING
        return (ToolCallDelta(index, str(event.get("toolName") or ""), arguments, call_id),)


class DataStreamReader(Reader):
    """Reads plain text that is lines of CODE:JSON."""

    # A read of plain text may end in the midst of an escape.
    checks_halves = True

    def __init__(self) -> None:
        super().__init__()
        self._pending = ""
        self._calls: dict[str, int] = {}
        self._in_pieces: set[str] = set()

    def read(self, record: Record) -> Sequence[Delta]:
        """Return the deltas of the lines that are whole now."""
        lines = (self._pending + record.data).split("\n")
        self._pending = lines.pop()
        deltas: list[Delta] = []
        for line in lines:
            self._read_line(line, deltas)
        return deltas

    def close(self) -> Sequence[Delta]:
        """Return the deltas of a last line without its line end."""
        line, self._pending = self._pending, ""
        deltas: list[Delta] = []
        try:
            json.loads(line.partition(":")[2])
        except (ValueError, RecursionError):
            return _NOTHING
        self._read_line(line, deltas)
        return deltas

    def _read_line(self, line: str, deltas: list[Delta]) -> None:
        code, colon, data = line.strip().partition(":")
        if not code:
            return
        if not colon:
            self.fail(FailureKind.GARBLED, line[:200])
            return
        value = self.parse(data)
        if self.failure is not None:
            return
        if code == "0":
            deltas.append(TextDelta(text_in(value)))
        elif code == "g":
            deltas.append(ReasoningDelta(text_in(value)))
        elif code == "k":
            deltas.append(PlaceholderDelta("file", data))
        elif code == "3":
            self.report({"error": value})
        elif code in ("9", "b", "c"):
            self._read_call(object_in(value), deltas)
        elif code == "d":
            counts = _usage(object_in(object_in(value).get("usage")))
            if counts != Usage():
                deltas.append(UsageDelta(counts))
            deltas.append(_finish(object_in(value).get("finishReason")))
            self.is_complete = True

    def _read_call(self, call: dict[str, Any], deltas: list[Delta]) -> None:
        call_id = str(call.get("toolCallId") or "")
        is_new = call_id not in self._calls
        index = self._calls.setdefault(call_id, len(self._calls))
        arguments = str(call.get("argsTextDelta") or "")
        if "args" in call and call_id not in self._in_pieces:
            arguments = json.dumps(call["args"], ensure_ascii=False)
        if arguments:
            self._in_pieces.add(call_id)
        name = str(call.get("toolName") or "") if is_new else ""
        if name or arguments:
            deltas.append(ToolCallDelta(index, name, arguments, call_id))
