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
from desktop.wire.records import Record

UI_HEADER = "x-vercel-ai-ui-message-stream"
DATA_HEADER = "x-vercel-ai-data-stream"
DATA_LINE = re.compile(r'[0-9a-j]:["{\[]')
UI_TYPES = ("start", "start-step", "text-start", "text-delta", "reasoning-start", "reasoning-delta")

_REASONS = {
    "stop": StopReason.STOP,
    "length": StopReason.LENGTH,
    "tool-calls": StopReason.TOOL_USE,
    "content-filter": StopReason.CONTENT_FILTER,
}
_NOTHING: tuple[Delta, ...] = ()


def _finish(reason: Any) -> FinishDelta:
    raw = reason if isinstance(reason, str) and reason else "stop"
    return FinishDelta(_REASONS.get(raw, StopReason.OTHER), raw)


class UIMessageReader(Reader):
    """Reads events that are JSON with a `type`, up to `finish`, `abort` or the end mark."""

    def __init__(self) -> None:
        super().__init__()
        self._calls: dict[str, int] = {}

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
                return (TextDelta(str(event.get("delta") or "")),)
            case "reasoning-delta":
                return (ReasoningDelta(str(event.get("delta") or "")),)
            case "tool-input-start" | "tool-input-delta" | "tool-input-available":
                return self._read_call(event)
            case "file":
                return (PlaceholderDelta("file", json.dumps(event)),)
            case "finish":
                self.is_complete = True
                return (_finish(event.get("finishReason")),)
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
            return (ToolCallDelta(index, arguments=str(event.get("inputTextDelta") or "")),)
        if not is_new:
            return _NOTHING
        arguments = json.dumps(event["input"], ensure_ascii=False) if "input" in event else ""
        return (ToolCallDelta(index, str(event.get("toolName") or ""), arguments, call_id),)


class DataStreamReader(Reader):
    """Reads plain text that is lines of CODE:JSON."""

    def __init__(self) -> None:
        super().__init__()
        self._pending = ""
        self._calls: dict[str, int] = {}

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
            deltas.append(TextDelta(str(value)))
        elif code == "g":
            deltas.append(ReasoningDelta(str(value)))
        elif code == "3":
            self.report({"error": value})
        elif code in ("9", "b", "c"):
            self._read_call(object_in(value), deltas)
        elif code == "d":
            usage = object_in(object_in(value).get("usage"))
            counts = Usage(
                input=number(usage.get("promptTokens")), output=number(usage.get("completionTokens"))
            )
            if counts != Usage():
                deltas.append(UsageDelta(counts))
            deltas.append(_finish(object_in(value).get("finishReason")))
            self.is_complete = True

    def _read_call(self, call: dict[str, Any], deltas: list[Delta]) -> None:
        call_id = str(call.get("toolCallId") or "")
        is_new = call_id not in self._calls
        index = self._calls.setdefault(call_id, len(self._calls))
        arguments = str(call.get("argsTextDelta") or "")
        if is_new and "args" in call:
            arguments = json.dumps(call["args"], ensure_ascii=False)
        name = str(call.get("toolName") or "") if is_new else ""
        if name or arguments:
            deltas.append(ToolCallDelta(index, name, arguments, call_id))
