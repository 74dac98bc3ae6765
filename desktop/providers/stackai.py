"""Stack AI: a deployed flow as an endpoint.

Source: docs.stack-ai.com, API reference, "run flow". The address is the whole one that the service
shows for the flow, with its query. The flow remembers the conversation by itself, so that only the
newest prompt goes out, under the conversation's id as `user_id`.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from desktop.base.tongue import QT_TRANSLATE_NOOP
from desktop.domain.abilities import Abilities
from desktop.domain.delta import Delta, TextDelta
from desktop.domain.endpoint import Endpoint
from desktop.domain.message import Role
from desktop.domain.options import Option
from desktop.domain.prompt import Prompt
from desktop.domain.secret import Secret
from desktop.providers.base import GO_ON, Provider, headers_for, text_alone
from desktop.providers.reading import SIGNS_OF_LIFE, Reader, object_in
from desktop.providers.text_fields import is_json_text, text_in
from desktop.wire.answer import AnswerHead, Framing
from desktop.wire.problem import problem_in
from desktop.wire.records import Record
from desktop.wire.request import WireRequest

_NOTHING: tuple[Delta, ...] = ()
_END_MARKS = ("[DONE]", "[END]")


class StackAI(Provider):
    """POST to the flow's own address."""

    name = "stackai"
    accepts_text = True
    takes = Abilities(
        title="Stack AI",
        options=frozenset(),
        refused=dict.fromkeys(Option, QT_TRANSLATE_NOOP("Provider", "The flow decides this by itself.")),
        images=(),
        files=(),
    )

    def request(self, prompt: Prompt, endpoint: Endpoint, key: Secret | None) -> WireRequest:
        """Return the request with the newest prompt in the flow's first input."""
        body = {"in-0": _newest(prompt), "user_id": prompt.conversation_id}
        return WireRequest(
            url=endpoint.base_url.strip(),
            headers=headers_for(endpoint, key, {"Accept": "text/event-stream, text/plain"}),
            body=body | endpoint.body,
            accepts_text=True,
        )

    def reader(self, endpoint: Endpoint, head: AnswerHead) -> "StackAIReader":
        """Return a reader; with `delta=false` in the address each message holds the whole text so far."""
        query = parse_qs(urlsplit(endpoint.base_url).query)
        return StackAIReader(head.framing, is_cumulative=query.get("delta", ["true"])[-1].lower() == "false")


class StackAIReader(Reader):
    """Reads plain text, or events with the flow's outputs. The end of the body is the end."""

    def __init__(self, framing: Framing, *, is_cumulative: bool) -> None:
        super().__init__()
        self.close_is_end = True
        self._framing = framing
        self._is_text = False
        self._is_settled = framing is not Framing.SSE
        self._is_cumulative = is_cumulative
        self._so_far = ""

    def read(self, record: Record) -> Sequence[Delta]:
        """Return the new text of one message."""
        if record.event in SIGNS_OF_LIFE:
            return _NOTHING
        if self._framing is Framing.TEXT:
            return self._add(record.data)
        if not self._is_settled and record.data.strip():
            # Events hold JSON, or where the flow says so, text as it is.
            self._is_settled = True
            self._is_text = not is_json_text(record.data)
        if record.data.strip() in _END_MARKS:
            self.finish()
            return _NOTHING
        if self._is_text:
            if record.event == "error":
                self.report(record.data)
                return _NOTHING
            return self._add(record.data)
        if not record.data.strip():
            return _NOTHING
        payload = self.parse(record.data)
        if self.failure is not None:
            return _NOTHING
        text = _text(payload)
        if record.event == "error" or object_in(payload).get("error") or (not text and _complains(payload)):
            self.report(payload)
            return _NOTHING
        return self._add(text)

    def _add(self, text: str) -> Sequence[Delta]:
        if self._is_cumulative:
            new = text.removeprefix(self._so_far)
            self._so_far = text or self._so_far
            text = new
        return (TextDelta(text),) if text else _NOTHING


def _text(payload: Any) -> str:
    """Return the first output of a flow, under `outputs`, by its own name, or anywhere."""
    outputs = object_in(object_in(payload).get("outputs"))
    for value in outputs.values():
        return text_in(value)
    own = object_in(payload).get("out-0")
    return own if isinstance(own, str) else text_in(payload)


def _complains(payload: Any) -> bool:
    """Whether an answer without output is FastAPI's complaint or a list of errors."""
    return bool({"detail", "errors"} & object_in(payload).keys()) and bool(problem_in(payload).words)


def _newest(prompt: Prompt) -> str:
    if prompt.continues is not None:
        return GO_ON
    for message in reversed(prompt.messages):
        if message.role is Role.USER:
            return text_alone([message])
    return ""
