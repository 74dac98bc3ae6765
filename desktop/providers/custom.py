"""Endpoints of the user's own form, and whatever comes back.

The endpoint's `body` is the form (see `form`), sent by its `method` to its address as it is. A form
without any placeholder is added to a form that most services take.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from desktop.base.tongue import QT_TRANSLATE_NOOP, translate
from desktop.domain.abilities import Abilities
from desktop.domain.delta import Delta, TextDelta
from desktop.domain.endpoint import Endpoint
from desktop.domain.options import Option, Options
from desktop.domain.prompt import Prompt
from desktop.domain.secret import Secret
from desktop.providers.base import Provider, headers_for
from desktop.providers.custom_stream import END_EVENTS, END_MARKS, CustomReader
from desktop.providers.form import fill, fill_address, has_placeholder, options_in, takes_files
from desktop.providers.reading import Reader, object_in
from desktop.providers.text_fields import at_pointer
from desktop.providers.vercel import DATA_HEADER, UI_HEADER, DataStreamReader, UIMessageReader
from desktop.wire.answer import AnswerHead
from desktop.wire.records import Record
from desktop.wire.request import WireRequest

_ACCEPT = "text/event-stream, application/x-ndjson, application/json, text/plain"
_DEFAULT_FORM = {
    "model": "{{model}}",
    "system": "{{system}}",
    "prompt": "{{prompt}}",
    "messages": "{{messages}}",
    "stream": "{{stream}}",
}
_NOTHING: tuple[Delta, ...] = ()


def _form(endpoint: Endpoint) -> Mapping[str, Any]:
    """Return the endpoint's form, or where it has no place for a prompt, one that most services take."""
    if has_placeholder(endpoint.body) or has_placeholder(endpoint.base_url):
        return endpoint.body
    return _DEFAULT_FORM | endpoint.body


class Custom(Provider):
    """The endpoint's method, address and form, as they are."""

    name = "custom"
    accepts_text = True
    takes = Abilities(
        title=QT_TRANSLATE_NOOP("Provider", "your own form"),
        options=frozenset(),
    )

    def abilities(self, endpoint: Endpoint, model: str, options: Options) -> Abilities:
        """Return what the endpoint's form has a place for."""
        form = _form(endpoint)
        words = translate("Provider", "The endpoint’s form has no {place}.")
        refused = {option: words.format(place=f"{{{{{option}}}}}") for option in Option}
        taken = options_in(form) if endpoint.method != "GET" else frozenset()
        takes = replace(self.takes, options=taken, refused=refused)
        return takes if takes_files(form) else replace(takes, images=(), files=())

    def request(self, prompt: Prompt, endpoint: Endpoint, key: Secret | None) -> WireRequest:
        """Return the request with the user's form filled in; a GET has no body."""
        return WireRequest(
            url=fill_address(endpoint.base_url.strip(), prompt),
            method=endpoint.method,
            headers=headers_for(endpoint, key, {"Accept": _ACCEPT}),
            body=None if endpoint.method == "GET" else fill(_form(endpoint), prompt),
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
        if record.data.strip() in (*END_MARKS, "done") or (
            record.event in END_EVENTS and not record.data.strip()
        ):
            self.finish()
            return _NOTHING
        payload = self.parse(record.data)
        if self.failure is not None:
            return _NOTHING
        text = at_pointer(payload, self._pointer)
        if not text and (record.event == "error" or object_in(payload).get("error")):
            self.report(payload)
            return _NOTHING
        if record.event in END_EVENTS:
            self.finish()
        return (TextDelta(text),) if text else _NOTHING
