"""Server-sent events, by the rules of the WHATWG HTML standard, section 9.2.6.

Lenient in two points where services leave the standard: an event at the very end that lacks its
blank line is taken if its data is whole, and a block that is JSON without any field name (Gemini's
error in mid-stream) counts as data.
"""

import json
from collections.abc import Sequence

from desktop.wire.records import MAX_RECORD, LineEnds, Record, RecordTooLargeError, Utf8Decoder

_BOM = "\ufeff"
_DONE = "[DONE]"


class SseFramer:
    """Cuts an event stream into records. `id` and `retry` are read over: nothing is ever resumed."""

    def __init__(self, limit: int = MAX_RECORD) -> None:
        self._limit = limit
        self._decoder = Utf8Decoder()
        self._line_ends = LineEnds()
        self._is_at_start = True
        self._pending: list[str] = []
        self._pending_size = 0

    def feed(self, chunk: bytes) -> Sequence[Record]:
        """Take the bytes of one read; return the events that are whole now. Raises RecordTooLargeError."""
        text = self._line_ends.unify(self._decoder.decode(chunk))
        if not text:
            return ()
        if self._is_at_start:
            self._is_at_start = False
            text = text.removeprefix(_BOM)
        return self._cut(text)

    def close(self) -> Sequence[Record]:
        """Return a last event whose blank line never came, if its data is whole JSON or the end mark."""
        block = "".join([*self._pending, self._decoder.flush()])
        self._pending = []
        self._pending_size = 0
        records: list[Record] = []
        _read_block(block, records)
        return [record for record in records if _is_whole(record.data)]

    def _cut(self, text: str) -> Sequence[Record]:
        pending = self._pending
        if pending:
            ends_here = "\n\n" in text or (text[0] == "\n" and pending[-1][-1] == "\n")
            pending.append(text)
            if not ends_here:
                self._grow(len(text))
                return ()
            text = "".join(pending)
        blocks = text.split("\n\n")
        rest = blocks.pop()
        self._pending = [rest] if rest else []
        self._pending_size = 0
        self._grow(len(rest))
        records: list[Record] = []
        for block in blocks:
            # Nearly every event of the OpenAI kind is one data line; str.find finds no second one.
            if block.startswith("data: ") and block.find("\n") < 0:
                records.append(Record(block[6:]))
            else:
                _read_block(block, records)
        return records

    def _grow(self, size: int) -> None:
        self._pending_size += size
        if self._pending_size > self._limit:
            self._pending = []
            raise RecordTooLargeError(self._limit)


def _read_block(block: str, records: list[Record]) -> None:
    """Read the lines between two blank lines; append the event they make, if they make one."""
    event = ""
    data: list[str] = []
    bare = False
    for line in block.split("\n"):
        if line.startswith("data: "):
            data.append(line[6:])
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            data.append(value)
        elif field == "event":
            event = value
        elif field not in ("", "id", "retry"):
            bare = True
    if data:
        records.append(Record("\n".join(data) if len(data) > 1 else data[0], event))
    elif bare and (text := block.strip()).startswith(("{", "[")) and _is_json(text):
        records.append(Record(text, event))


def _is_whole(data: str) -> bool:
    """Whether nothing is missing: JSON, the end mark, or several of them where blank lines are left out."""
    if data.strip() == _DONE or _is_json(data):
        return True
    lines = data.split("\n")
    return len(lines) > 1 and all(line.strip() == _DONE or _is_json(line) for line in lines)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
