"""Endpoints of the user's own form, and whatever comes back.

The endpoint's `body` is the form (see `form`), sent by its `method` to its address as it is. A form
without any placeholder is added to a form that most services take.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from desktop.domain.delta import Delta, FinishDelta, ReasoningDelta, StopReason, TextDelta
from desktop.domain.endpoint import Endpoint
from desktop.domain.prompt import Prompt
from desktop.domain.secret import Secret
from desktop.providers.base import Provider, headers_for
from desktop.providers.form import fill, fill_address, has_placeholder
from desktop.providers.reading import Reader, object_in
from desktop.providers.text_fields import at_pointer, reasoning_in, text_in
from desktop.providers.vercel import (
    DATA_HEADER,
    DATA_LINE,
    UI_HEADER,
    UI_TYPES,
    DataStreamReader,
    UIMessageReader,
)
from desktop.wire.answer import AnswerHead, Framing
from desktop.wire.records import Record
from desktop.wire.request import WireRequest

_ACCEPT = "text/event-stream, application/x-ndjson, application/json, text/plain"
_DEFAULT_FORM = {
    "model": "{{model}}",
    "system": "{{system}}",
    "prompt": "{{prompt}}",
    "messages": "{{messages}}",
    "stream": True,
}
_END_MARKS = ("[DONE]", "[END]", "done")
_END_EVENTS = ("done", "end", "complete", "finish")
_NOTHING: tuple[Delta, ...] = ()


class Custom(Provider):
    """The endpoint's method, address and form, as they are."""

    name = "custom"
    accepts_text = True

    def request(self, prompt: Prompt, endpoint: Endpoint, key: Secret | None) -> WireRequest:
        """Return the request with the user's form filled in; a GET has no body."""
        form: Mapping[str, Any] = endpoint.body
        if not has_placeholder(form) and not has_placeholder(endpoint.base_url):
            form = _DEFAULT_FORM | endpoint.body
        return WireRequest(
            url=fill_address(endpoint.base_url.strip(), prompt),
            method=endpoint.method,
            headers=headers_for(endpoint, key, {"Accept": _ACCEPT}),
            body=None if endpoint.method == "GET" else fill(form, prompt),
            accepts_text=True,
        )

    def reader(self, endpoint: Endpoint, head: AnswerHead) -> Reader:
        """Return a reader for what the headers announce; the first record settles the rest.

        Where the endpoint says by hand where the text is, that counts.
        """
        if endpoint.text_at:
            return PointerReader(endpoint.text_at)
        if UI_HEADER in head.headers:
            return UIMessageReader()
        if DATA_HEADER in head.headers:
            return DataStreamReader()
        return CustomReader(head.framing)


class PointerReader(Reader):
    """Reads the text at a JSON pointer (RFC 6901) in each record; a record without it adds nothing."""

    def __init__(self, pointer: str) -> None:
        super().__init__()
        self.close_is_end = True
        self._pointer = pointer

    def read(self, record: Record) -> Sequence[Delta]:
        """Return the deltas of one record."""
        if record.data.strip() in _END_MARKS or (record.event in _END_EVENTS and not record.data.strip()):
            self.finish()
            return _NOTHING
        payload = self.parse(record.data)
        if self.failure is not None:
            return _NOTHING
        text = at_pointer(payload, self._pointer)
        if not text and (record.event == "error" or object_in(payload).get("error")):
            self.report(payload)
            return _NOTHING
        if record.event in _END_EVENTS:
            self.finish()
        return (TextDelta(text),) if text else _NOTHING


class CustomReader(Reader):
    """Reads text, events or JSON. The first record says whether events hold JSON objects or raw text.

    A raw stream may well send "42", "true" or "null" as its text, so that this is settled once.
    """

    def __init__(self, framing: Framing) -> None:
        super().__init__()
        self.close_is_end = True
        self._framing = framing
        self._is_json: bool | None = True if framing in (Framing.NDJSON, Framing.JSON) else None
        self._inner: Reader | None = None
        self._is_first = True

    def read(self, record: Record) -> Sequence[Delta]:
        """Return the deltas of one record."""
        if self._is_first:
            self._is_first = False
            self._inner = self._recognise(record)
        if self._inner is not None:
            return self._read_inner(record)
        if self._framing is Framing.TEXT:
            return (TextDelta(record.data),)
        return self._read_event(record)

    def close(self) -> Sequence[Delta]:
        """Return what a recognised stream held back."""
        return self._inner.close() if self._inner is not None else _NOTHING

    def _recognise(self, record: Record) -> Reader | None:
        """Return a reader for the AI SDK's streams, which also come without their headers."""
        if self._framing is Framing.TEXT and DATA_LINE.match(record.data):
            return DataStreamReader()
        if self._framing is Framing.SSE and record.data.startswith("{"):
            event = object_in(self.parse(record.data))
            self.failure, self.is_done = None, False
            if event.get("type") in UI_TYPES and not text_in(event):
                return UIMessageReader()
        return None

    def _read_inner(self, record: Record) -> Sequence[Delta]:
        inner = self._inner
        if inner is None:
            return _NOTHING
        deltas = inner.read(record)
        self.close_is_end = False
        self.is_complete, self.is_done, self.failure = inner.is_complete, inner.is_done, inner.failure
        return deltas

    def _read_event(self, record: Record) -> Sequence[Delta]:
        if record.data.strip() in _END_MARKS or record.event in _END_EVENTS:
            self.finish()
            is_object = self._is_json and record.data.startswith("{")
            text = text_in(self.parse(record.data)) if is_object and self._framing is Framing.JSON else ""
            return (TextDelta(text),) if text else _NOTHING
        if self._is_json is None:
            self._is_json = record.data.lstrip().startswith(("{", '"'))
        if not self._is_json:
            if record.event == "error":
                self.report(record.data)
                return _NOTHING
            return (TextDelta(record.data),) if record.data else _NOTHING
        return self._read_json(record)

    def _read_json(self, record: Record) -> Sequence[Delta]:
        payload = self.parse(record.data)
        if record.event == "error" or object_in(payload).get("error"):
            self.report(payload)
            return _NOTHING
        deltas: list[Delta] = []
        if reasoning := reasoning_in(payload):
            deltas.append(ReasoningDelta(reasoning))
        if text := text_in(payload):
            deltas.append(TextDelta(text))
        if object_in(payload).get("done") is True:
            self.finish()
            deltas.append(FinishDelta(StopReason.STOP, "done"))
        return deltas
