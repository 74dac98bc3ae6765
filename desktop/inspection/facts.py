"""Facts: what is counted while an answer is examined, for the findings to be made of."""

import re
from dataclasses import dataclass, field

from desktop.domain.inspection import RecordKind, ShownRecord
from desktop.wire.answer import Framing

# Reads that are closer together than this belong to one burst.
BURST_S = 0.1
_MOST = 200
_BOM = b"\xef\xbb\xbf"
_ID = re.compile(rb"(?:^|[\r\n])id: ?([^\r\n]*)")


@dataclass(slots=True)
class Facts:
    """Counts of one answer. Lists hold the numbers of records, at most the first 200."""

    framing: Framing | None = None
    is_settled: bool = False
    protocol: str = ""
    records: int = 0
    texts: int = 0
    bursts: int = 0
    reads: int = 0
    within_bursts: float = 0.0
    last_read: float = -1.0
    longest_gap: float = 0.0
    longest_at: int = 0
    long_gaps: list[int] = field(default_factory=list)
    first_at: float = 0.0
    last_at: float = 0.0
    comments: list[int] = field(default_factory=list)
    garbled: list[int] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)
    unknown_names: set[str] = field(default_factory=set)
    ids: set[bytes] = field(default_factory=set)
    repeated_ids: list[int] = field(default_factory=list)
    finishes: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    after_end: list[int] = field(default_factory=list)
    merged: list[int] = field(default_factory=list)
    nul: list[int] = field(default_factory=list)
    no_utf8: list[int] = field(default_factory=list)
    boms: list[int] = field(default_factory=list)
    error_at: int = 0
    error_words: str = ""
    has_usage: bool = False
    is_complete: bool = False
    unended: int = 0
    unended_is_whole: bool = False
    crlf: int = 0
    lf: int = 0
    cr: int = 0

    def note_read(self, at: float) -> None:
        """Count the bursts by the times of reads."""
        self.reads += 1
        if self.last_read < 0 or at - self.last_read > BURST_S:
            self.bursts += 1
        else:
            self.within_bursts += at - self.last_read
        self.last_read = at

    def note(self, record: ShownRecord, long_gap: float) -> None:
        """Count a record; a gap of at least `long_gap` seconds is a long one."""
        number, raw = record.number, record.raw
        if record.kind is RecordKind.COMMENT:
            add(self.comments, number)
        elif record.kind is not RecordKind.EMPTY:
            self.count(record)
        if record.kind is RecordKind.GARBLED:
            add(self.garbled, number)
        if number > 1 and record.gap > self.longest_gap:
            self.longest_gap, self.longest_at = record.gap, number
        if number > 1 and record.gap >= long_gap:
            add(self.long_gaps, number)
        if b"\x00" in raw:
            add(self.nul, number)
        if _BOM in raw and (raw.startswith(_BOM) or b"\n" + _BOM in raw):
            # Elsewhere it is a character of the text.
            add(self.boms, number)
        if not raw.isascii() and not _is_utf8(raw):
            add(self.no_utf8, number)
        if self.framing is Framing.SSE:
            self._note_lines(raw, number)

    def count(self, record: ShownRecord) -> None:
        """Count a record that says something."""
        self.records += 1
        self.first_at = self.first_at or record.at
        self.last_at = record.at

    def _note_lines(self, raw: bytes, number: int) -> None:
        if b"\r" in raw:
            crlf = raw.count(b"\r\n")
            self.crlf += crlf
            self.cr += raw.count(b"\r") - crlf
            self.lf += raw.count(b"\n") - crlf
        else:
            self.lf += raw.count(b"\n")
        if b"id:" in raw:
            for name in _ID.findall(raw):
                if name in self.ids and name:
                    add(self.repeated_ids, number)
                self.ids.add(name)


def add(numbers: list[int], number: int) -> None:
    """Add a record's number to a list that does not grow for ever."""
    if len(numbers) < _MOST and number not in numbers[-1:]:
        numbers.append(number)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
