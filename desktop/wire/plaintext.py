"""Plain text, passed on as it comes."""

import codecs
from collections.abc import Sequence

from desktop.wire.records import Record, Utf8Decoder


class PlaintextFramer:
    """Makes one record of each read; line ends are text like any other. Python knows `charset`."""

    def __init__(self, charset: str = "utf-8") -> None:
        self._decoder = _Decoder(charset) if charset != "utf-8" else Utf8Decoder()

    def feed(self, chunk: bytes) -> Sequence[Record]:
        """Take the bytes of one read; return their characters, as far as they are whole."""
        text = self._decoder.decode(chunk)
        return [Record(text)] if text else ()

    def close(self) -> Sequence[Record]:
        """Return U+FFFD for a last character that never became whole."""
        text = self._decoder.flush()
        return [Record(text)] if text else ()


class _Decoder:
    """Decodes another charset than UTF-8."""

    def __init__(self, charset: str) -> None:
        self._decoder = codecs.getincrementaldecoder(charset)(errors="replace")

    def decode(self, chunk: bytes) -> str:
        return self._decoder.decode(chunk)

    def flush(self) -> str:
        return self._decoder.decode(b"", final=True)
