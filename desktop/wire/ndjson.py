"""JSON bodies: one object a line (application/x-ndjson), or one document for the whole body."""

import codecs
import json
from collections.abc import Sequence

from desktop.wire.records import MAX_RECORD, LineEnds, Record, RecordTooLargeError, Utf8Decoder


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


class JsonFramer:
    """Reads a body that is JSON, but may be one document or one object a line.

    The first line settles it: if it is JSON by itself, so are the others, and each is a record as
    it comes. Otherwise the whole body is one document, and a list (what Gemini sends without
    `alt=sse`) is one record for each of its elements.
    """

    def __init__(self, limit: int = MAX_RECORD) -> None:
        self._limit = limit
        self._chunks: list[bytes] = []
        self._size = 0
        self._lines: NdjsonFramer | None = None
        self._is_document = False

    def feed(self, chunk: bytes) -> Sequence[Record]:
        """Take the bytes of one read; return the lines that are whole now. Raises RecordTooLargeError."""
        if self._lines is not None:
            return self._lines.feed(chunk)
        self._chunks.append(chunk)
        self._size += len(chunk)
        if self._size > self._limit:
            raise RecordTooLargeError(self._limit)
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
            document = json.loads(text)
        except (ValueError, RecursionError):
            return ()
        if isinstance(document, list):
            return [Record(json.dumps(element, ensure_ascii=False)) for element in document]
        return [Record(text)]


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
