"""What the stream inspector shows: records, what became of them, and what can be said about a stream."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from desktop.base.tongue import QT_TRANSLATE_NOOP, translate
from desktop.domain.recording import Exchange, Recording


class RecordKind(StrEnum):
    """What a record of the raw stream is."""

    DATA = "data"
    END = "end"
    COMMENT = "comment"
    EMPTY = "empty"
    ERROR = "error"
    GARBLED = "garbled"


@dataclass(slots=True)
class ShownRecord:
    """One record of an answer as it came.

    `at` is in seconds since the request, `gap` since the record before, or since the request for the
    first one. `raw` are its bytes with stars for keys, `reads` counts the reads it was spread over.
    `became` are the deltas it turned into, each as its kind and its text; `remark` says in words why
    there are none.
    """

    number: int
    at: float
    gap: float
    raw: bytes
    reads: int
    kind: RecordKind
    event: str
    data: str
    became: tuple[tuple[str, str], ...] = ()
    remark: str = ""

    @property
    def size(self) -> int:
        """The number of its bytes, line ends included."""
        return len(self.raw)


_KINDS = {
    "text": QT_TRANSLATE_NOOP("Inspection", "text"),
    "reasoning": QT_TRANSLATE_NOOP("Inspection", "reasoning"),
    "refusal": QT_TRANSLATE_NOOP("Inspection", "refusal"),
    "tool call": QT_TRANSLATE_NOOP("Inspection", "tool call"),
    "placeholder": QT_TRANSLATE_NOOP("Inspection", "placeholder"),
    "usage": QT_TRANSLATE_NOOP("Inspection", "usage"),
    "end": QT_TRANSLATE_NOOP("Inspection", "end"),
    "progress": QT_TRANSLATE_NOOP("Inspection", "progress"),
}


def became_words(kind: str) -> str:
    """Return the kind of a delta that a record became in the user's language."""
    return translate("Inspection", _KINDS.get(kind, kind))


class Tone(StrEnum):
    """How much a finding matters."""

    BAD = "bad"
    WARN = "warn"
    NOTE = "note"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know about a stream: what it is, in words, and what to do.

    `records` are the numbers of the records it is about, the first ones where there are many.
    """

    name: str
    tone: Tone
    title: str
    advice: str
    records: tuple[int, ...] = ()


class Examination(Protocol):
    """Makes records of one exchange, as far as it has come, a little at a time.

    The last record may still change when the end is reached, because some things are whole only then.
    """

    @property
    def is_over(self) -> bool:
        """Whether everything was examined and nothing more comes."""
        ...

    @property
    def is_caught_up(self) -> bool:
        """Whether everything that has come so far was examined."""
        ...

    def advance(self, seconds: float) -> Sequence[ShownRecord]:
        """Return more records, after at most about so many seconds of work; perhaps none."""
        ...

    def findings(self) -> Sequence[Finding]:
        """Return what can be said so far, what matters most first."""
        ...


class Inspection(Protocol):
    """What the inspector needs of the rest of the program."""

    @property
    def dropped(self) -> int:
        """How many recordings were dropped to make room."""
        ...

    def recording(self, reply_id: str) -> Recording | None:
        """Return what was recorded of a reply in this run, None where nothing was."""
        ...

    def examine(self, exchange: Exchange) -> Examination:
        """Begin to examine an exchange."""
        ...

    def curl(self, exchange: Exchange) -> str:
        """Return the request as a command for a POSIX shell, with variables for keys."""
        ...

    def body(self, exchange: Exchange, most: int | None = None) -> str:
        """Return the body of the request as it was sent, without keys; of a long one the beginning."""
        ...

    def save(self, exchange: Exchange, file: Path) -> None:
        """Write an exchange to a file that `weir replay` plays. Raises InspectionError."""
        ...


class InspectionError(Exception):
    """A recorded stream can't be read or written; its text is fit for the user."""
