"""RecordedAnswer: one exchange made into records again, by the framer and reader of its reply."""

import json
import time
from collections import deque
from collections.abc import Sequence

from desktop.base.tongue import number, row, translate
from desktop.domain.delta import (
    Delta,
    FinishDelta,
    PlaceholderDelta,
    ProgressDelta,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageDelta,
)
from desktop.domain.endpoint import Endpoint
from desktop.domain.failure import FailureKind
from desktop.domain.inspection import Finding, RecordKind, ShownRecord
from desktop.domain.recording import Exchange
from desktop.inspection.cutting import Cutter, cutter_for
from desktop.inspection.delivery import LONG_GAP_S
from desktop.inspection.events import is_json, is_sign_of_life, speaks_json, unknown_name
from desktop.inspection.facts import Facts, add
from desktop.inspection.findings import findings_of
from desktop.providers.base import Provider
from desktop.providers.reading import Reader, read_records
from desktop.wire.answer import AnswerFramer, AnswerHead, Framing, NotAReplyError, choose_framing
from desktop.wire.records import Record, RecordTooLargeError

_SNIFF_BYTES = 16
_BOM = b"\xef\xbb\xbf"
_DONE = "[DONE]"
_MOST_REMARK = 4000


class RecordedAnswer:
    """Examines an exchange that may still be going on; see `Examination`.

    `provider` is None where the protocol is not known: then records are shown and nothing is made of
    them. The work is done in `advance` alone, never while something arrives.
    """

    def __init__(self, exchange: Exchange, provider: Provider | None, endpoint: Endpoint) -> None:
        self._exchange = exchange
        self._provider = provider
        self._endpoint = endpoint
        self._veil = exchange.recording.veil
        headers = {name.lower(): value for name, value in exchange.answer_headers}
        self._head = AnswerHead(status=exchange.status, headers=headers)
        self._framer: AnswerFramer | None = None
        self._cutter: Cutter | None = None
        self._reader: Reader | None = None
        self._next = 0
        self._held = b""
        self._units: deque[tuple[bytes, float, int]] = deque()
        self._touched = 0
        self._number = 0
        self._last_at = 0.0
        self._last: ShownRecord | None = None
        self._is_closed = False
        self._is_reader_closed = False
        self.facts = Facts(protocol=provider.name if provider is not None else "")

    @property
    def is_over(self) -> bool:
        """Whether everything was examined and nothing more comes."""
        return self._is_closed and not self._units

    @property
    def is_caught_up(self) -> bool:
        """Whether everything that has come so far was examined."""
        has_more = self._next < len(self._exchange.chunks)
        return not (self._units or has_more or (not self._exchange.is_open and not self._is_closed))

    def advance(self, seconds: float) -> Sequence[ShownRecord]:
        """Return more records; see `Examination`."""
        deadline = time.perf_counter() + seconds
        records: list[ShownRecord] = []
        while time.perf_counter() < deadline:
            if self._units:
                records.append(self._shown(*self._units.popleft()))
            elif self._next < len(self._exchange.chunks):
                self._take(self._next)
                self._next += 1
            elif not self._exchange.is_open and not self._is_closed:
                self._close()
            else:
                break
        return records

    def findings(self) -> Sequence[Finding]:
        """Return what can be said so far."""
        return findings_of(self._exchange, self.facts, is_over=self.is_over)

    def _take(self, index: int) -> None:
        exchange = self._exchange
        at = exchange.times[index] - exchange.started
        self.facts.note_read(at)
        chunk = exchange.chunks[index]
        if self._cutter is None:
            self._held += chunk
            self._touched += 1
            if not self._settles(is_at_end=False):
                return
            chunk, self._held = self._held, b""
            self._touched -= 1
        self._cut(chunk, at)

    def _cut(self, chunk: bytes, at: float) -> None:
        if self._cutter is None:
            return
        self._touched += 1
        for unit in self._cutter.feed(chunk):
            self._units.append((unit, at, self._touched))
            self._touched = 1
        if not self._cutter.pending:
            self._touched = 0

    def _settles(self, *, is_at_end: bool) -> bool:
        """Find out how the answer is framed; return whether that is known now."""
        start = self._held.removeprefix(_BOM).lstrip()
        is_sse = self._head.content_type.startswith("text/event-stream")
        if not is_at_end and (not start or (len(start) < _SNIFF_BYTES and not is_sse)):
            return False
        accepts_text = self._provider is not None and self._provider.accepts_text
        framing: Framing | None = None
        if 200 <= self._exchange.status < 300:
            text = start[:400].decode(errors="replace")
            framing = choose_framing(self._head.content_type, text, accepts_text=accepts_text)
            self._framer = AnswerFramer(self._head, accepts_text=accepts_text)
            if framing is Framing.JSON and _is_object(start.partition(b"\n")[0]) and b"\n" in start.strip():
                framing = Framing.NDJSON
        self.facts.framing = framing
        self.facts.is_settled = True
        self._cutter = cutter_for(framing)
        return True

    def _close(self) -> None:
        self._is_closed = True
        exchange = self._exchange
        at = (exchange.times[-1] if exchange.times else exchange.ended or exchange.started) - exchange.started
        if self._cutter is None and self._held and self._settles(is_at_end=True):
            chunk, self._held = self._held, b""
            self._touched -= 1
            self._cut(chunk, at)
        rest = self._cutter.close() if self._cutter is not None else b""
        if rest.strip():
            self._units.append((rest, at, max(1, self._touched)))
            if self.facts.framing in (Framing.SSE, Framing.NDJSON):
                self.facts.unended = -1
        if not self._units:
            self._finish()

    def _finish(self) -> None:
        """Have the last record, which was shown before the end was known, take what the end made whole."""
        record = self._last
        if record is None:
            return
        if found := self._framed(b"", is_last=True):
            if record.kind is RecordKind.EMPTY:
                record.kind, record.remark = RecordKind.DATA, ""
                self.facts.count(record)
            text = "\n".join(one.data for one in found)
            record.data = self._veil.stars(f"{record.data}\n{text}" if record.data else text)
            before = record.became
            self._judge(record, found, is_last=False)
            record.became = before + record.became
        record.became += self._ending()

    def _shown(self, unit: bytes, at: float, reads: int) -> ShownRecord:
        self._number += 1
        is_last = self._is_closed and not self._units
        found = self._framed(unit, is_last=is_last)
        record = ShownRecord(
            number=self._number,
            at=at,
            gap=at - self._last_at,
            raw=self._veil.raw(unit),
            reads=reads,
            kind=RecordKind.DATA,
            event=next((one.event for one in found if one.event), ""),
            data="\n".join(one.data for one in found),
        )
        self._last_at = at
        if is_last and self.facts.unended < 0:
            self.facts.unended = self._number
            self.facts.unended_is_whole = bool(found)
        self._judge(record, found, is_last=is_last)
        record.data = self._veil.stars(record.data)
        self.facts.note(record, LONG_GAP_S)
        self._last = record
        return record

    def _framed(self, unit: bytes, *, is_last: bool) -> list[Record]:
        if self._framer is None:
            return []
        try:
            found = list(self._framer.feed(unit)) if unit else []
            return [*found, *self._framer.close()] if is_last else found
        except (NotAReplyError, RecordTooLargeError):
            self._framer = None
            return []

    def _judge(self, record: ShownRecord, found: list[Record], *, is_last: bool) -> None:
        if not found:
            record.kind, record.remark = self._without_records(record.raw)
            if self.facts.unended == record.number:
                record.kind, record.remark = (
                    RecordKind.ERROR,
                    translate("Inspection", "Cut off before it was whole."),
                )
            if is_last:
                record.became = self._ending()
            return
        if self._provider is None:
            record.remark = translate("Inspection", "The protocol is not known.")
            return
        if self._reader is None and self._framer is not None:
            self._reader = self._provider.reader(self._endpoint, self._framer.head)
        self._read(record, found)
        if is_last:
            record.became += self._ending()

    def _without_records(self, raw: bytes) -> tuple[RecordKind, str]:
        if self.facts.framing is Framing.SSE:
            lines = [line for line in raw.splitlines() if line.strip()]
            if lines and all(line.startswith(b":") for line in lines):
                return RecordKind.COMMENT, translate(
                    "Inspection", "A comment: it keeps the connection open and says nothing."
                )
            if not lines:
                return RecordKind.EMPTY, translate("Inspection", "A blank line.")
            return RecordKind.EMPTY, translate("Inspection", "No data in it.")
        if self._framer is None:
            kind = RecordKind.DATA if 200 <= self._exchange.status < 300 else RecordKind.ERROR
            return kind, raw[:_MOST_REMARK].decode("utf-8", "replace")
        return RecordKind.EMPTY, translate("Inspection", "Nothing that is whole yet.")

    def _read(self, record: ShownRecord, found: list[Record]) -> None:
        reader, facts, number = self._reader, self.facts, record.number
        if reader is None:
            return
        text = record.data.strip()
        is_mark = text.startswith(_DONE)
        if is_mark:
            record.kind = RecordKind.END
            add(facts.ends, number)
        if reader.is_done:
            self._after_end(record, reader)
            return
        deltas = read_records(reader, found)
        self._note_deltas(record, deltas)
        record.became = self._described(deltas)
        facts.is_complete = facts.is_complete or reader.is_complete
        if self._note_failure(record, reader, number):
            return
        if speaks_json(facts.protocol) and not is_mark and not self._is_readable(record, found):
            record.kind = RecordKind.GARBLED
        elif not deltas:
            name = unknown_name(facts.protocol, record.event, text)
            if name:
                add(facts.unknown, number)
                facts.unknown_names.add(name)
                record.remark = translate(
                    "Inspection", "“{name}” is not an event of this protocol; it is passed over."
                ).format(name=name)
            elif is_mark:
                record.remark = translate("Inspection", "The end mark.")

    def _is_readable(self, record: ShownRecord, found: list[Record]) -> bool:
        if all(is_json(one.data) or is_sign_of_life(one.event, one.data) for one in found):
            return True
        lines = [line for one in found for line in one.data.split("\n") if line.strip()]
        if len(lines) > 1 and all(is_json(line) or line.strip() == _DONE for line in lines):
            add(self.facts.merged, record.number)
            return True
        return not record.data.strip()

    def _note_failure(self, record: ShownRecord, reader: Reader, number: int) -> bool:
        failure = reader.failure
        if failure is None:
            return False
        if failure.kind is FailureKind.GARBLED:
            record.kind = RecordKind.GARBLED
            record.remark = translate("Inspection", "This is not JSON: the reply ended here.")
        else:
            record.kind = RecordKind.ERROR
            words = self._veil.stars(failure.words)
            self.facts.error_at = self.facts.error_at or number
            self.facts.error_words = self.facts.error_words or words
            record.remark = translate("Inspection", "An error: {words}").format(words=words)
        return True

    def _after_end(self, record: ShownRecord, reader: Reader) -> None:
        if reader.failure is not None:
            record.remark = translate("Inspection", "Not read: the reply had failed.")
            is_data = speaks_json(self.facts.protocol) and record.kind is RecordKind.DATA
            if is_data and not (is_json(record.data) or is_sign_of_life(record.event, record.data)):
                record.kind = RecordKind.GARBLED
            return
        add(self.facts.after_end, record.number)
        record.remark = translate("Inspection", "Not read: the reply had ended.")

    def _note_deltas(self, record: ShownRecord, deltas: Sequence[Delta]) -> None:
        facts = self.facts
        for delta in deltas:
            if isinstance(delta, FinishDelta):
                facts.finishes.append(record.number)
            elif isinstance(delta, UsageDelta):
                facts.has_usage = True
            elif not isinstance(delta, ProgressDelta):
                facts.texts += 1

    def _ending(self) -> tuple[tuple[str, str], ...]:
        """Return what the end of the records makes of what was held back."""
        reader = self._reader
        if reader is None or self._is_reader_closed or reader.is_done:
            return ()
        self._is_reader_closed = True
        rest = reader.close()
        self.facts.is_complete = self.facts.is_complete or reader.is_complete or reader.close_is_end
        return self._described(rest)

    def _described(self, deltas: Sequence[Delta]) -> tuple[tuple[str, str], ...]:
        stars = self._veil.stars
        return tuple((kind, stars(text)) for kind, text in map(described, deltas))


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def described(delta: Delta) -> tuple[str, str]:
    """Return a delta as its kind, which `became_words` puts into words, and its text, for the eye."""
    match delta:
        case TextDelta(text):
            return "text", text
        case ReasoningDelta(text):
            return "reasoning", text
        case RefusalDelta(text):
            return "refusal", text
        case ToolCallDelta(index=index, name=name, arguments=arguments):
            return "tool call", f"{index}: {name}({arguments})" if name else f"{index}: {arguments}"
        case PlaceholderDelta(label=words):
            return "placeholder", words
        case UsageDelta(usage):
            return "usage", _counts(usage)
        case FinishDelta(reason, raw):
            return "end", f"{reason} ({raw})" if raw and raw != reason else str(reason)
        case ProgressDelta(fraction):
            return "progress", f"{fraction:.0%}"


def _counts(usage: Usage) -> str:
    counts = (
        (translate("Inspection", "{count} in"), usage.input),
        (translate("Inspection", "{count} out"), usage.output),
        (translate("Inspection", "{count} cached"), usage.cached),
        (translate("Inspection", "{count} reasoning"), usage.reasoning),
        (translate("Inspection", "{count} total"), usage.total),
    )
    named = row(words.format(count=number(count)) for words, count in counts if count is not None)
    return named or translate("Inspection", "no counts")
