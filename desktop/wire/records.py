"""Records: what framers make of bytes, before anyone knows what they mean."""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from desktop.base.tongue import number, translate

MAX_RECORD = 16 * 1024 * 1024


@dataclass(slots=True)
class Record:
    """One framed unit: an event of an SSE stream, a line of NDJSON, a document, a piece of plain text.

    `event` is the name of a server-sent event, empty where there is none. Not frozen, because a
    frozen one costs three times as much to make and one is made for every token.
    """

    data: str
    event: str = ""


class RecordTooLargeError(Exception):
    """One record grew past the limit, so that its end is no longer waited for."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            translate("Network", "a single record is larger than {limit} MB").format(
                limit=number(limit / (1024 * 1024))
            )
        )


class Framer(Protocol):
    """Cuts bytes into records, without any I/O."""

    def feed(self, chunk: bytes) -> Sequence[Record]:
        """Take the bytes of one read; return the records that are whole now. Raises RecordTooLargeError."""
        ...

    def close(self) -> Sequence[Record]:
        """Return what the end of the bytes makes whole."""
        ...


class Utf8Decoder:
    """Decodes UTF-8 that is cut anywhere; bytes that are no UTF-8 become U+FFFD.

    A chunk that is whole in itself, which nearly every chunk is, is decoded in one step.
    """

    def __init__(self) -> None:
        self._decoder: codecs.IncrementalDecoder | None = None

    def decode(self, chunk: bytes) -> str:
        """Return the characters that are whole now."""
        if self._decoder is None:
            try:
                return chunk.decode()
            except UnicodeDecodeError:
                self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        text = self._decoder.decode(chunk)
        if not self._decoder.getstate()[0]:
            self._decoder = None
        return text

    def flush(self) -> str:
        """Return U+FFFD for a character that never became whole, else nothing."""
        decoder, self._decoder = self._decoder, None
        return decoder.decode(b"", final=True) if decoder is not None else ""


class LineEnds:
    """Turns CR and CRLF into LF across reads, so that splitting on LF is all that is left to do.

    A CR at the end of a read is a line end at once; the LF that may open the next read belongs to it.
    Nothing else ends a line: U+2028, U+0085, VT and FF may stand inside JSON.
    """

    def __init__(self) -> None:
        self._after_cr = False

    def unify(self, text: str) -> str:
        """Return `text` with LF for every line end."""
        if self._after_cr and text:
            self._after_cr = False
            if text[0] == "\n":
                text = text[1:]
        if "\r" not in text:
            return text
        self._after_cr = text[-1] == "\r"
        return text.replace("\r\n", "\n").replace("\r", "\n")
