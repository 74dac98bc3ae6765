"""Recording: what crossed the wire for one reply, kept in memory for this run only.

Plain lists of bytes and times, because a chunk is noted in the step in which it is read. Keys stand in
here as marks from the moment of recording, except in bodies, which `Veil` covers when they are read.
"""

import json
import re
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from desktop.base.clock import now_ms
from desktop.domain.endpoint import Endpoint

LIMIT_BYTES = 32 * 1024 * 1024
_CHUNK_COST = 96
_MASK = "•••"
# A mark is the name of a variable between two of these; no header, no address and no JSON holds one.
_SIGN = "\x00"
_MARK = re.compile("\x00([A-Z0-9_]*)\x00")
# Shorter ones are words such as "none" or "test", which a reply may hold as well.
_LEAST_IN_TEXT = 8
_SECRET_NAME = re.compile(r"(?i)auth|key|token|secret|passw|cookie|credential|signature|\bsig\b")
_PLAIN_NAMES = frozenset({"max_tokens", "max-tokens", "anthropic-ratelimit-tokens-remaining"})


def mark(variable: str) -> str:
    """Return what stands for a key; `variable` is what a shell would call it."""
    return f"{_SIGN}{variable}{_SIGN}"


def shown(text: str) -> str:
    """Return a text with dots for its marks."""
    return _MARK.sub(_MASK, text)


def split_marks(text: str) -> list[tuple[str, bool]]:
    """Return the pieces of a text, each with whether it is the name of a variable that stands for a key."""
    return [(piece, index % 2 == 1) for index, piece in enumerate(_MARK.split(text))]


def variable_of(name: str) -> str:
    """Return what a shell would call a value of this name."""
    return re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").upper() or "API_KEY"


class Veil:
    """Knows the keys of one reply, to keep them out of sight. No repr shows them."""

    __slots__ = ("_variables",)

    def __init__(self, secrets: Iterable[tuple[str, str]] = ()) -> None:
        """`secrets` are values and the variables that would hold them; empty values are left out."""
        found = {value: variable for value, variable in secrets if value}
        self._variables = dict(sorted(found.items(), key=lambda item: -len(item[0])))

    def __repr__(self) -> str:
        return "Veil(•••)"

    def header(self, name: str, value: str) -> str:
        """Return a header's value with marks where it holds a key, or is one by the header's name."""
        covered = self._cover(value, 1)
        if covered == value and is_secret_name(name) and value:
            scheme, space, _ = value.partition(" ")
            kept = scheme + space if space and scheme.isalpha() else ""
            return kept + mark(variable_of(name))
        return covered

    def address(self, url: str) -> str:
        """Return an address with marks for the name and password in it and for keys in its query."""
        url = re.sub(r"(?<=://)[^/@?#]+(?=@)", mark("LOGIN"), self._cover(url, _LEAST_IN_TEXT))
        head, sign, query = url.partition("?")
        return head + sign + "&".join(self._field(field) for field in query.split("&")) if sign else url

    def text(self, text: str) -> str:
        """Return a text with marks for the keys in it."""
        return self._cover(text, _LEAST_IN_TEXT)

    def raw(self, data: bytes) -> bytes:
        """Return bytes of the same length with stars for the keys in them."""
        for value in self._variables:
            if len(value) >= _LEAST_IN_TEXT:
                for form in _forms(value):
                    data = data.replace(form.encode(), b"*" * len(form.encode()))
        return data

    def stars(self, text: str) -> str:
        """Return a text of the same length with stars for the keys in it."""
        for value in self._variables:
            if len(value) >= _LEAST_IN_TEXT:
                for form in _forms(value):
                    text = text.replace(form, "*" * len(form))
        return text

    def _field(self, text: str) -> str:
        name, sign, value = text.partition("=")
        if not value or _SIGN in value:
            return text
        is_known = value in (form for known in self._variables for form in _forms(known))
        return f"{name}{sign}{mark(variable_of(name))}" if is_known or is_secret_name(name) else text

    def _cover(self, text: str, least: int) -> str:
        for value, variable in self._variables.items():
            if len(value) >= least:
                for form in _forms(value):
                    text = text.replace(form, mark(variable))
        return text


def is_secret_name(name: str) -> bool:
    """Whether a header or a field of this name holds a key rather than something to read."""
    return bool(_SECRET_NAME.search(name)) and name.lower() not in _PLAIN_NAMES


def _forms(value: str) -> tuple[str, ...]:
    """Return the ways in which a key may be written: as it is, in JSON, in an address."""
    return tuple(dict.fromkeys((value, json.dumps(value)[1:-1], quote(value, safe=""))))


class Exchange:
    """One HTTP request and what was answered. Times are seconds of the monotonic clock.

    `address` and `headers` hold marks for keys. `end` says how the answer ended: "end" as HTTP has it,
    "cut" by a break, "closed" by Weir, empty while it is open; `trouble` is a failure in words. `missed`
    counts the bytes that there was no room for, `body_size` those of the request.
    """

    __slots__ = (
        "address", "answer_headers", "answered", "body", "body_size", "chunks", "end", "ended",
        "has_room", "headers", "http_version", "method", "missed", "reason", "recording", "size",
        "started", "started_ms", "status", "times", "trouble",
    )  # fmt: skip

    def __init__(
        self,
        recording: "Recording",
        method: str,
        address: str,
        headers: Sequence[tuple[str, str]],
        body: bytes,
    ) -> None:
        self.recording = recording
        self.method = method
        self.address = address
        self.headers = tuple(headers)
        self.body = body
        self.body_size = len(body)
        self.started = time.monotonic()
        self.started_ms = now_ms()
        self.status = 0
        self.reason = ""
        self.http_version = ""
        self.answer_headers: tuple[tuple[str, str], ...] = ()
        self.answered: float | None = None
        self.times: list[float] = []
        self.chunks: list[bytes] = []
        self.size = 0
        self.missed = 0
        self.has_room = True
        self.ended: float | None = None
        self.end = ""
        self.trouble = ""

    @property
    def is_open(self) -> bool:
        """Whether more may come."""
        return self.ended is None

    @property
    def content_type(self) -> str:
        """The media type of the answer with its parameters, in lower case."""
        return self.answer_header("content-type").lower()

    def answer_header(self, name: str) -> str:
        """Return a header of the answer, empty where it has none."""
        return ", ".join(value for known, value in self.answer_headers if known.lower() == name)

    def answer(self, status: int, reason: str, version: str, headers: Iterable[tuple[str, str]]) -> None:
        """Note the head of the answer."""
        self.answered = time.monotonic()
        self.status = status
        self.reason = reason
        self.http_version = version
        self.answer_headers = tuple(headers)

    def take(self, chunk: bytes) -> None:
        """Note the bytes of one read."""
        if not self.has_room:
            self.missed += len(chunk)
            return
        self.times.append(time.monotonic())
        self.chunks.append(chunk)
        self.size += len(chunk)
        self.recording.keeper.grow(len(chunk) + _CHUNK_COST, self.recording)

    def close(self, end: str) -> None:
        """Note how it ended; only the first time counts."""
        if self.ended is None:
            self.ended = time.monotonic()
            self.end = end

    def drop(self) -> None:
        """Give the memory back; what comes from now on is counted only."""
        self.missed += self.size
        self.chunks, self.times, self.size, self.body = [], [], 0, b""
        self.has_room = False


@dataclass(slots=True, eq=False)
class Recording:
    """Everything that was sent and answered for one reply, in order: attempts, and the requests of each."""

    keeper: "Recorder" = field(repr=False)
    reply_id: str
    model: str
    endpoint: Endpoint
    exchanges: list[Exchange] = field(default_factory=list)
    veil: Veil = field(default_factory=Veil)
    is_dropped: bool = False

    def begin(self, method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes) -> Exchange:
        """Note a request that is about to be sent; return where its answer is noted."""
        veil = self.veil
        covered = [(name, veil.header(name, value)) for name, value in headers]
        exchange = Exchange(self, method, veil.address(url), covered, body)
        self.exchanges.append(exchange)
        self.keeper.grow(len(body) + 1024, self)
        return exchange

    def fail(self, words: str) -> None:
        """Note in words why the last exchange did not become a reply."""
        if self.exchanges and not self.exchanges[-1].trouble:
            self.exchanges[-1].trouble = words

    def close(self) -> None:
        """Note that nothing more comes of the exchanges that are open."""
        for exchange in self.exchanges:
            exchange.close("closed")


class Recorder:
    """Keeps the recordings of the newest replies, together at most `limit` bytes, and counts the others."""

    def __init__(self, limit: int = LIMIT_BYTES) -> None:
        self.limit = limit
        self.used = 0
        self.dropped = 0
        self._recordings: OrderedDict[str, Recording] = OrderedDict()
        self._costs: dict[str, int] = {}

    def recording(self, reply_id: str) -> Recording | None:
        """Return the recording of a reply, None where there is none, or none any more."""
        return self._recordings.get(reply_id)

    def open(self, reply_id: str, model: str, endpoint: Endpoint, veil: Veil) -> Recording:
        """Return the recording of a reply, which another attempt goes on with."""
        found = self._recordings.get(reply_id)
        if found is None:
            found = self._recordings[reply_id] = Recording(self, reply_id, model, endpoint)
            self._costs[reply_id] = 0
        found.veil = veil
        return found

    def grow(self, size: int, recording: Recording) -> None:
        """Count bytes that a recording keeps now, and drop the oldest ones where they are too many."""
        if recording.is_dropped:
            return
        self.used += size
        self._costs[recording.reply_id] += size
        if self.used > self.limit:
            self._make_room(recording)

    def _make_room(self, kept: Recording) -> None:
        for reply_id in list(self._recordings):
            if self.used <= self.limit:
                return
            recording = self._recordings[reply_id]
            if recording is kept:
                continue
            del self._recordings[reply_id]
            self.used -= self._costs.pop(reply_id)
            self.dropped += 1
            recording.is_dropped = True
            for exchange in recording.exchanges:
                exchange.drop()
        if self.used > self.limit:
            self._stop(kept)

    def _stop(self, recording: Recording) -> None:
        """Keep no more of a reply that fills all the room by itself: requests first, then what came."""
        for exchange in recording.exchanges:
            freed = len(exchange.body)
            exchange.body = b""
            self.used -= freed
            self._costs[recording.reply_id] -= freed
        if self.used > self.limit:
            recording.exchanges[-1].has_room = False
