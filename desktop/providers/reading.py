"""From records to deltas: the contract of a reader, and what all readers need to read JSON."""

import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from desktop.base.tongue import translate
from desktop.base.utf16 import well_formed
from desktop.domain.delta import Delta, ReasoningDelta, RefusalDelta, TextDelta, ToolCallDelta
from desktop.domain.failure import Failure, FailureKind
from desktop.wire.problem import kind_of, problem_in
from desktop.wire.records import Record

_log = logging.getLogger(__name__)

# json.loads looks for white space around the value with a regular expression, which costs as much
# as the parsing of a small event.
_decode = json.JSONDecoder().raw_decode
_NOTHING: tuple[Delta, ...] = ()
# Beyond any count of tokens, and what a float still holds exactly; NaN and infinity are out as well.
_TOO_MANY = 2**53


SIGNS_OF_LIFE = frozenset({"ping", "pong", "keep-alive", "keepalive", "heartbeat", "open", "connected"})
"""Names of events, and words, that servers without comments send to keep a connection open."""


class Reader(ABC):
    """Turns the records of one answer into deltas.

    `is_complete` says that the model ended its reply: an end of the connection is then no cut.
    `is_done` says that nothing more is to be read, and that the connection may be closed.
    `close_is_end` says that the protocol has no end mark: an orderly end of the body is the end.
    `failure` is set where the service reported a problem or sent what can't be read; what came
    before it stands. `halves` are first halves of characters that JSON wrote as two escapes, waiting
    for the second ones in the next delta of their kind; `checks_halves` looks for them in every record.
    """

    checks_halves = False

    def __init__(self) -> None:
        self.is_complete = False
        self.is_done = False
        self.close_is_end = False
        self.failure: Failure | None = None
        self.halves: dict[Any, str] = {}

    @abstractmethod
    def read(self, record: Record) -> Sequence[Delta]:
        """Return the deltas of one record."""

    def close(self) -> Sequence[Delta]:
        """Return what was held back, once the records have ended."""
        return _NOTHING

    def finish(self) -> None:
        """Note the protocol's own end mark."""
        self.is_complete = True
        self.is_done = True

    def fail(self, kind: FailureKind, words: str = "") -> None:
        """Note a failure and read no further."""
        self.failure = Failure(kind=kind, words=words)
        self.is_done = True

    def report(self, payload: Any) -> None:
        """Note a problem that the service reports inside a stream, in its own words."""
        problem = problem_in(payload)
        self.fail(kind_of(None, problem), problem.words or translate("Provider", "It gave no reason."))

    def parse(self, data: str) -> Any:
        """Return the JSON of a record; None where it is blank, or no JSON, which is noted as the failure."""
        try:
            value, end = _decode(data)
            if end == len(data) or not data[end:].strip():
                return value
        except (ValueError, RecursionError):
            pass
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            if data.strip():
                self.fail(FailureKind.GARBLED, data.strip()[:200])
            return None


def read_records(reader: Reader, records: Iterable[Record]) -> list[Delta]:
    """Return the deltas of one chunk's records, up to where the reader is done.

    A reader that stumbles over something unforeseen fails the reply, not the program.
    """
    deltas: list[Delta] = []
    try:
        for record in records:
            found = reader.read(record)
            if reader.failure is not None and reader.failure.kind is FailureKind.GARBLED:
                found = [*found, *_read_garbled(reader, record)]
            data = record.data
            if "\\u" in data or reader.halves or reader.checks_halves:
                found = _joined_halves(reader, found)
            deltas += found
            if reader.is_done:
                break
    except Exception:
        _log.exception("an answer could not be read")
        reader.fail(FailureKind.GARBLED)
    return deltas


def _read_garbled(reader: Reader, record: Record) -> Sequence[Delta]:
    """Read what is no JSON: an error in plain words, a sign of life, or events without blank lines."""
    if record.event == "error":
        reader.report(record.data)
        return _NOTHING
    if record.event in SIGNS_OF_LIFE or record.data.strip().lower() in SIGNS_OF_LIFE:
        reader.failure, reader.is_done = None, False
        return _NOTHING
    lines = [line for line in record.data.split("\n") if line.strip()]
    if len(lines) < 2 or not all(line.strip() == "[DONE]" or _is_object(line) for line in lines):
        return _NOTHING
    reader.failure, reader.is_done = None, False
    deltas: list[Delta] = []
    for line in lines:
        deltas += reader.read(Record(line, record.event))
        if reader.is_done:
            break
    return deltas


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _joined_halves(reader: Reader, deltas: Sequence[Delta]) -> Sequence[Delta]:
    """Return deltas without halves of characters: joined where the second follows, U+FFFD where not.

    Python keeps the halves of an escaped pair that is cut in two as they are, and neither the store
    nor Qt could take them.
    """
    whole: list[Delta] = []
    for delta in deltas:
        if isinstance(delta, TextDelta | ReasoningDelta | RefusalDelta):
            if delta.text:
                delta.text = _join_half(reader.halves, type(delta), delta.text)
            if not delta.text and not (isinstance(delta, ReasoningDelta) and delta.signature):
                continue
        elif isinstance(delta, ToolCallDelta):
            delta.name = well_formed(delta.name)
            delta.call_id = well_formed(delta.call_id)
            if delta.arguments:
                delta.arguments = _join_half(reader.halves, delta.index, delta.arguments)
        whole.append(delta)
    return whole


def _join_half(halves: dict[Any, str], kind: Any, text: str) -> str:
    text = halves.pop(kind, "") + text
    if "\ud800" <= text[-1] <= "\udbff":
        halves[kind] = text[-1]
        text = text[:-1]
    return well_formed(text)


def number(value: Any) -> int | None:
    """Return a count of tokens out of JSON, or None where there is none that can be one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value < _TOO_MANY else None


def texts_in(values: Any, *names: str) -> str:
    """Return the first non-empty text of each object in a list, joined."""
    found: list[str] = []
    for value in values if isinstance(values, list) else ():
        texts = [text for name in names if (text := object_in(value).get(name)) and isinstance(text, str)]
        found += texts[:1]
    return "".join(found)


def object_in(value: Any) -> dict[str, Any]:
    """Return `value` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}
