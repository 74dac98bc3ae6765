"""The answer as such: which framing its bytes have, found out from its type and its beginning."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from desktop.wire.ndjson import JsonFramer, NdjsonFramer
from desktop.wire.plaintext import PlaintextFramer
from desktop.wire.problem import is_page
from desktop.wire.records import Framer, Record, RecordTooLargeError
from desktop.wire.sse import SseFramer

_SNIFF_BYTES = 16
_MAX_BLANK = 1024 * 1024
_WHITE = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"
# What text came in before UTF-8 did; JSON and events are UTF-8 by their standards.
_CHARSET = re.compile(r"""charset=["']?(iso-8859-\d+|latin-?1|windows-125\d|us-ascii)""")
_FIELDS = ("data:", "event:", "id:", "retry:", ":")


class Framing(StrEnum):
    """How the records of an answer are set apart."""

    SSE = "sse"
    NDJSON = "ndjson"
    JSON = "json"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerHead:
    """What is known of an answer before its records. Header names are in lower case."""

    status: int = 200
    framing: Framing = Framing.SSE
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content_type(self) -> str:
        """The media type with its parameters, in lower case, empty where there is none."""
        return self.headers.get("content-type", "").lower()


class NotAReplyError(Exception):
    """The body is neither a stream nor JSON. `body` is its beginning."""

    def __init__(self, body: str, *, is_page: bool) -> None:
        super().__init__("the answer is no reply")
        self.body = body
        self.is_page = is_page


class AnswerFramer:
    """Cuts the body of an answer into records, once its beginning has shown how.

    `head.framing` is final when the first records come out. `accepts_text` allows plain text.
    """

    def __init__(self, head: AnswerHead, *, accepts_text: bool = False) -> None:
        self.head = head
        self._accepts_text = accepts_text
        self._held = b""
        self._framer: Framer | None = None

    def feed(self, chunk: bytes) -> Sequence[Record]:
        """Return the records that are whole now. Raises NotAReplyError, RecordTooLargeError."""
        if self._framer is not None:
            return self._framer.feed(chunk)
        self._held += chunk
        start = self._held.removeprefix(_BOM).lstrip(_WHITE)
        is_sse = self.head.content_type.startswith("text/event-stream")
        if len(self._held) > _MAX_BLANK and not start:
            raise RecordTooLargeError(_MAX_BLANK)
        if not start or (len(start) < _SNIFF_BYTES and not is_sse):
            return ()
        return self._settle()

    def close(self) -> Sequence[Record]:
        """Return what the end of the body makes whole. Raises NotAReplyError."""
        records: list[Record] = []
        if self._framer is None and self._held.removeprefix(_BOM).strip(_WHITE):
            records += self._settle()
        if self._framer is not None:
            records += self._framer.close()
        return records

    def _settle(self) -> Sequence[Record]:
        body, self._held = self._held, b""
        start = body.removeprefix(_BOM).lstrip(_WHITE)[:400].decode(errors="replace")
        content_type = self.head.content_type
        framing = choose_framing(content_type, start, accepts_text=self._accepts_text)
        if framing is None:
            page = start.startswith("<") or is_page(start, content_type)
            raise NotAReplyError(body[:4096].decode(errors="replace"), is_page=page)
        self.head = replace(self.head, framing=framing)
        self._framer = _framer(framing, content_type)
        return self._framer.feed(body if framing is Framing.SSE else body.removeprefix(_BOM))


def _framer(framing: Framing, content_type: str) -> Framer:
    match framing:
        case Framing.SSE:
            return SseFramer()
        case Framing.NDJSON:
            return NdjsonFramer()
        case Framing.JSON:
            return JsonFramer()
    charset = _CHARSET.search(content_type)
    return PlaintextFramer(charset[1] if charset else "utf-8")


def choose_framing(content_type: str, start: str, *, accepts_text: bool) -> Framing | None:
    """Return how a body is framed, by its type and its first characters, or None if it is no reply.

    Services label JSON as an event stream, event streams as JSON or plain text, and a proxy's page
    as anything.
    """
    is_lines = "ndjson" in content_type or "jsonl" in content_type
    if is_lines and not start.startswith(_FIELDS):
        return Framing.NDJSON
    if is_page(start, content_type):
        return None
    is_text = content_type.startswith("text/plain")
    if start.startswith(_FIELDS) and not (accepts_text and is_text and start[0] == ":"):
        return Framing.SSE
    if accepts_text and is_text:
        return Framing.TEXT
    if start.startswith(("{", "[")):
        return Framing.JSON
    if content_type.startswith("text/event-stream") and not start.startswith("<"):
        return Framing.SSE
    if "json" in content_type and accepts_text:
        return Framing.JSON
    return Framing.TEXT if accepts_text and not start.startswith("<") else None
