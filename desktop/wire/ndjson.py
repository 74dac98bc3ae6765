"""JSON bodies: one object a line (application/x-ndjson), or one document for the whole body."""

import codecs
import json
import re
from collections.abc import Sequence

from desktop.wire.records import MAX_RECORD, LineEnds, Record, RecordTooLargeError, Utf8Decoder

_PART_OF_BOM = (codecs.BOM_UTF8[:1], codecs.BOM_UTF8[:2])
# What a bracket means depends on the quotes before it, and a quote on the backslash before it.
_MARKS = re.compile(r'\\.|["{}\[\]]', re.DOTALL)


class NdjsonFramer:
    """Cuts a body into its non-blank lines."""

    def __init__(self, limit: int = MAX_RECORD) -> None:
        self._limit = limit
        self._decoder = Utf8Decoder()
        self._line_ends = LineEnds()
        self._pending: list[str] = []
        self._pending_size = 0

    def feed(self, chunk: bytes) -> Sequence[Record]:
        """Take the bytes of one read; return the lines that are whole now. Raises RecordTooLargeError."""
        text = self._line_ends.unify(self._decoder.decode(chunk))
        lines = text.split("\n")
        rest = lines.pop()
        if lines and self._pending:
            lines[0] = "".join([*self._pending, lines[0]])
            self._pending = []
            self._pending_size = 0
        if rest:
            self._pending.append(rest)
            self._pending_size += len(rest)
            if self._pending_size > self._limit:
                raise RecordTooLargeError(self._limit)
        return [Record(line) for line in lines if line and not line.isspace()]

    def close(self) -> Sequence[Record]:
        """Return a last line without its line end, if it is whole JSON; half an object is a cut."""
        line = "".join([*self._pending, self._decoder.flush()])
        self._pending = []
        try:
            json.loads(line)
        except (ValueError, RecursionError):
            return ()
        return [Record(line)]


class ElementsFramer:
    """Cuts a JSON list, as Gemini sends it without `alt=sse`, into its objects as they become whole."""

    def __init__(self, limit: int = MAX_RECORD) -> None:
        self._limit = limit
        self._decoder = Utf8Decoder()
        self._pending: list[str] = []
        self._pending_size = 0
        self._depth = 0
        self._is_in_string = False
        self._is_escaped = False

    def feed(self, chunk: bytes) -> Sequence[Record]:
        """Take the bytes of one read; return the objects that are whole now. Raises RecordTooLargeError."""
        text = self._decoder.decode(chunk)
        if not text:
            return ()
        records: list[Record] = []
        begin = 0
        start = int(self._is_escaped)
        self._is_escaped = (len(text) - max(start, len(text.rstrip("\\")))) % 2 == 1
        for mark in _MARKS.finditer(text, start):
            sign = mark[0]
            if sign == '"':
                self._is_in_string = not self._is_in_string
            elif self._is_in_string or len(sign) > 1:
                continue
            elif sign in "{[":
                self._depth += 1
                if self._depth == 2:
                    begin = mark.start()
            else:
                self._depth -= 1
                if self._depth == 1:
                    records.append(Record("".join([*self._pending, text[begin : mark.end()]])))
                    self._pending, self._pending_size = [], 0
        if self._depth > 1:
            self._pending.append(text[begin:])
            self._pending_size += len(text) - begin
            if self._pending_size > self._limit:
                raise RecordTooLargeError(self._limit)
        return records

    def close(self) -> Sequence[Record]:
        """Return nothing: half an object is a cut."""
        self._pending = []
        return ()


class JsonFramer:
    """Reads a body that is JSON, but may be one document, one list of objects, or one object a line.

    The first line settles it: if it is JSON by itself, so are the others, and each is a record as
    it comes. A body that begins with a bracket is cut into the elements of its list. Otherwise the
    whole body is one document.
    """

    def __init__(self, limit: int = MAX_RECORD) -> None:
        self._limit = limit
        self._chunks: list[bytes] = []
        self._size = 0
        self._lines: NdjsonFramer | ElementsFramer | None = None
        self._is_document = False
        self._is_list: bool | None = None

    def feed(self, chunk: bytes) -> Sequence[Record]:
        """Take the bytes of one read; return the lines that are whole now. Raises RecordTooLargeError."""
        if self._lines is not None:
            return self._lines.feed(chunk)
        self._chunks.append(chunk)
        self._size += len(chunk)
        if self._size > self._limit:
            raise RecordTooLargeError(self._limit)
        if self._is_list is None and not chunk.isspace():
            body = b"".join(self._chunks).removeprefix(codecs.BOM_UTF8)
            self._is_list = body.lstrip().startswith(b"[") if body not in _PART_OF_BOM else None
            if self._is_list:
                self._chunks = []
                self._lines = ElementsFramer(self._limit)
                return self._lines.feed(body)
        if self._is_document or b"\n" not in chunk:
            return ()
        body = b"".join(self._chunks).removeprefix(codecs.BOM_UTF8)
        first = body.lstrip().partition(b"\n")
        if not first[1]:
            return ()
        if not _is_object(first[0]):
            self._is_document = True
            return ()
        self._chunks = []
        self._lines = NdjsonFramer(self._limit)
        return self._lines.feed(body)

    def close(self) -> Sequence[Record]:
        """Return the document, or what is left of the lines. A document cut short gives nothing."""
        if self._lines is not None:
            return self._lines.close()
        text = b"".join(self._chunks).removeprefix(codecs.BOM_UTF8).decode(errors="replace")
        self._chunks = []
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            return ()
        return [Record(text)]


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
