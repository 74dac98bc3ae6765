"""Home-made endpoints: a POST of the user's own form, and whatever comes back.

The endpoint's `body` is the form. A text in it that names a placeholder has it filled in:
{prompt} the newest prompt, {system}, {model}, {conversation} the conversation's id; a value that is
{messages} alone becomes the list of messages with role and content, {ui_messages} that list in the
form of the Vercel AI SDK. A form without any placeholder is added to a form that most services take.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from desktop.domain.delta import Delta, FinishDelta, ReasoningDelta, StopReason, TextDelta
from desktop.domain.endpoint import Endpoint
from desktop.domain.message import FilePart, Message, Role
from desktop.domain.prompt import Prompt
from desktop.domain.secret import Secret
from desktop.providers.base import (
    Provider,
    Reader,
    context_of,
    file_as_text,
    headers_for,
    joined_text,
    object_in,
)
from desktop.providers.text_fields import reasoning_in, text_in
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
    "model": "{model}",
    "system": "{system}",
    "prompt": "{prompt}",
    "messages": "{messages}",
    "stream": True,
}
_PLACEHOLDER = re.compile(r"\{(?:prompt|messages|ui_messages|model|system|conversation)\}")
_END_MARKS = ("[DONE]", "[END]", "done")
_END_EVENTS = ("done", "end", "complete", "finish")
_NOTHING: tuple[Delta, ...] = ()


class Custom(Provider):
    """POST to the endpoint's address, as it is."""

    name = "custom"
    accepts_text = True

    def request(self, prompt: Prompt, endpoint: Endpoint, key: Secret | None) -> WireRequest:
        """Return the request with the user's form filled in."""
        form: Mapping[str, Any] = endpoint.body
        if not _has_placeholder(form):
            form = _DEFAULT_FORM | endpoint.body
        texts, lists = _fillings(prompt)
        body = {name: _fill(value, texts, lists) for name, value in form.items()}
        return WireRequest(
            url=endpoint.base_url.strip(),
            headers=headers_for(endpoint, key, {"Accept": _ACCEPT}),
            body=body,
            accepts_text=True,
        )

    def reader(self, endpoint: Endpoint, head: AnswerHead) -> Reader:
        """Return a reader for what the headers announce; the first record settles the rest."""
        if UI_HEADER in head.headers:
            return UIMessageReader()
        if DATA_HEADER in head.headers:
            return DataStreamReader()
        return CustomReader(head.framing)


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


def _has_placeholder(value: Any) -> bool:
    if isinstance(value, str):
        return _PLACEHOLDER.search(value) is not None
    if isinstance(value, Mapping):
        return any(map(_has_placeholder, value.values()))
    return isinstance(value, list) and any(map(_has_placeholder, value))


def _fill(value: Any, texts: Mapping[str, str], lists: Mapping[str, list[Any]]) -> Any:
    """Return a copy of a form's value, filled in once, so that no prompt fills itself in."""
    if isinstance(value, str):
        if value in lists:
            return lists[value]
        return _PLACEHOLDER.sub(lambda match: texts.get(match[0], match[0]), value)
    if isinstance(value, Mapping):
        return {name: _fill(inner, texts, lists) for name, inner in value.items()}
    if isinstance(value, list):
        return [_fill(inner, texts, lists) for inner in value]
    return value


def _fillings(prompt: Prompt) -> tuple[dict[str, str], dict[str, list[Any]]]:
    turns = [(role.value, text) for role, messages in context_of(prompt) if (text := _text(messages))]
    newest = next((text for role, text in reversed(turns) if role == Role.USER), "")
    texts = {
        "{prompt}": newest,
        "{system}": prompt.options.system,
        "{model}": prompt.model,
        "{conversation}": prompt.conversation_id,
    }
    plain: list[Any] = [{"role": role, "content": text} for role, text in turns]
    if prompt.options.system.strip():
        plain.insert(0, {"role": "system", "content": prompt.options.system})
    ids = [messages[0].id for _, messages in context_of(prompt) if _text(messages)]
    parted = [
        {"id": id_, "role": role, "parts": [{"type": "text", "text": text}]}
        for id_, (role, text) in zip(ids, turns, strict=True)
    ]
    return texts, {"{messages}": plain, "{ui_messages}": parted}


def _text(messages: Sequence[Message]) -> str:
    files = [p for m in messages for p in m.parts if isinstance(p, FilePart) and p.text]
    return "\n\n".join(filter(None, [joined_text(messages), *map(file_as_text, files)]))
