"""Plain text, passed on as it comes."""

from collections.abc import Sequence

from desktop.wire.records import Record, Utf8Decoder


class PlaintextFramer:
    """Makes one record of each read; line ends are text like any other."""

    def __init__(self) -> None:
        self._decoder = Utf8Decoder()

    def feed(self, chunk: bytes) -> Sequence[Record]:
        """Take the bytes of one read; return their characters, as far as they are whole."""
        text = self._decoder.decode(chunk)
        return [Record(text)] if text else ()

    def close(self) -> Sequence[Record]:
        """Return U+FFFD for a last character that never became whole."""
        text = self._decoder.flush()
        return [Record(text)] if text else ()
