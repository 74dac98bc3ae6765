"""What home-made services send: text, events of text or JSON, lines of JSON, and streams known by name."""

import json
from collections.abc import Sequence
from typing import Any

from desktop.domain.delta import Delta, FinishDelta, ReasoningDelta, StopReason, TextDelta
from desktop.providers.chat_chunks import OpenAIChatReader
from desktop.providers.reading import SIGNS_OF_LIFE, Reader, object_in
from desktop.providers.text_fields import is_json_text, reasoning_in, text_in
from desktop.providers.vercel import DATA_LINE, DataStreamReader, UIMessageReader, is_ui_event
from desktop.wire.answer import Framing
from desktop.wire.problem import problem_in
from desktop.wire.records import Record

END_MARKS = ("[DONE]", "[END]")
END_EVENTS = ("done", "end", "complete", "finish")
_DONE = "done"
_NOTHING: tuple[Delta, ...] = ()


class CustomReader(Reader):
    """Reads text, events or JSON. The first record that says anything settles whether events hold JSON.

    A raw stream may well send "42", "true" or a lone quote as its text, so that this is settled once.
    Nor is "done" surely the end of one: it is, if nothing follows it.
    """

    def __init__(self, framing: Framing) -> None:
        super().__init__()
        self.close_is_end = True
        self._framing = framing
        self._is_json: bool | None = True if framing in (Framing.NDJSON, Framing.JSON) else None
        self._inner: Reader | None = None
        self._is_settled = False
        self._held = ""

    def read(self, record: Record) -> Sequence[Delta]:
        """Return the deltas of one record."""
        if record.event in SIGNS_OF_LIFE:
            return _NOTHING
        if not self._is_settled and record.data.strip():
            self._is_settled = True
            self._inner = self._recognise(record)
        if self._inner is not None:
            return self._read_inner(record)
        if self._framing is Framing.TEXT:
            return (TextDelta(record.data),)
        return self._read_event(record)

    def close(self) -> Sequence[Delta]:
        """Return what a recognised stream held back."""
        inner = self._inner
        if inner is None:
            return _NOTHING
        deltas = inner.close()
        self.is_complete, self.is_done, self.failure = inner.is_complete, inner.is_done, inner.failure
        return deltas

    def _recognise(self, record: Record) -> Reader | None:
        """Return a reader for a stream that shows by its first record which one it is."""
        if self._framing is Framing.TEXT:
            return DataStreamReader() if DATA_LINE.match(record.data) else None
        event = _object(record.data)
        if self._framing is Framing.SSE and is_ui_event(event):
            self.close_is_end = False
            return UIMessageReader()
        return OpenAIChatReader() if _is_chunk(event) else None

    def _read_inner(self, record: Record) -> Sequence[Delta]:
        inner = self._inner
        if inner is None:
            return _NOTHING
        deltas = inner.read(record)
        self.is_complete, self.is_done, self.failure = inner.is_complete, inner.is_done, inner.failure
        if isinstance(inner, DataStreamReader):
            self.close_is_end = False
            self.checks_halves = inner.checks_halves
        return deltas

    def _read_event(self, record: Record) -> Sequence[Delta]:
        held, self._held = self._held, ""
        if record.data.strip() in END_MARKS or record.event in END_EVENTS:
            self.finish()
            return (TextDelta(held),) if held.strip() else _NOTHING
        if self._is_json is None and record.data.strip() and record.data != _DONE:
            self._is_json = is_json_text(record.data)
        if self._is_json:
            return self._read_json(record)
        if record.event == "error":
            self.report(record.data)
            return _NOTHING
        if self._is_json is None or record.data == _DONE:
            self._held = held + record.data
            return _NOTHING
        text = held + record.data
        return (TextDelta(text),) if text else _NOTHING

    def _read_json(self, record: Record) -> Sequence[Delta]:
        if not record.data.strip():
            return _NOTHING
        if record.data.strip() == _DONE:
            self.finish()
            return _NOTHING
        payload = self.parse(record.data)
        if self.failure is not None:
            return _NOTHING
        if record.event == "error" or object_in(payload).get("error"):
            self.report(payload)
            return _NOTHING
        deltas: list[Delta] = []
        if reasoning := reasoning_in(payload):
            deltas.append(ReasoningDelta(reasoning))
        if _is_error(payload):
            self.report(payload)
        elif not _is_summary(payload) and (text := text_in(payload)):
            deltas.append(TextDelta(text))
        if object_in(payload).get("done") is True:
            self.finish()
            deltas.append(FinishDelta(StopReason.STOP, "done"))
        return deltas


def _is_error(payload: Any) -> bool:
    """Whether an object says by its type or its fields that it is an error, under no `error` of its own."""
    event = object_in(payload)
    if "error" in (event.get("type"), event.get("event"), event.get("status"), event.get("object")):
        return bool(problem_in(payload).words)
    return bool(event) and not text_in(payload) and bool({"detail", "errors", "errorText"} & event.keys())


def _is_summary(payload: Any) -> bool:
    """Whether an event of OpenAI's Responses repeats what its deltas said."""
    kind = object_in(payload).get("type")
    return isinstance(kind, str) and kind.startswith("response.") and not kind.endswith(".delta")


def _is_chunk(event: dict[str, Any]) -> bool:
    """Whether an object is one of OpenAI's chat, streamed or whole."""
    choices = event.get("choices")
    if not isinstance(choices, list) or "text" in event or "content" in event:
        return False
    if str(event.get("object") or "").startswith("chat.completion"):
        return True
    first = object_in(choices[0]) if choices else {}
    return isinstance(first.get("delta"), dict) or isinstance(first.get("message"), dict)


def _object(text: str) -> dict[str, Any]:
    try:
        return object_in(json.loads(text)) if text.lstrip().startswith("{") else {}
    except (ValueError, RecursionError):
        return {}
