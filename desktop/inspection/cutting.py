"""Cuts the raw bytes of an answer where its records end, without changing one of them.

The framers of `desktop.wire` give what records say; these give what they are made of.
"""

import re
from collections.abc import Sequence
from typing import Protocol

from desktop.wire.answer import Framing

_LINE_END = rb"(?:\r\n|\n|\r(?!\n))"
_LINE = re.compile(_LINE_END)
_BLANK_LINE = re.compile(_LINE_END + _LINE_END)


class Cutter(Protocol):
    """Cuts bytes that come in any pieces; all units together are the bytes."""

    @property
    def pending(self) -> int:
        """How many bytes wait for the end of their unit."""
        ...

    def feed(self, chunk: bytes) -> Sequence[bytes]:
        """Take the bytes of one read; return the units that are whole now."""
        ...

    def close(self) -> bytes:
        """Return the bytes after the last whole unit."""
        ...


class MarkCutter:
    """Cuts after each place that a pattern fits."""

    def __init__(self, pattern: re.Pattern[bytes]) -> None:
        self._pattern = pattern
        self._pending = bytearray()
        self._from = 0

    @property
    def pending(self) -> int:
        """How many bytes wait."""
        return len(self._pending)

    def feed(self, chunk: bytes) -> Sequence[bytes]:
        """Return the units that are whole now. A CR at the very end waits: an LF may belong to it."""
        pending = self._pending
        pending += chunk
        units: list[bytes] = []
        begin = 0
        for found in self._pattern.finditer(pending, self._from):
            end = found.end()
            if end == len(pending) and pending[-1:] == b"\r":
                break
            units.append(bytes(pending[begin:end]))
            begin = end
        del pending[:begin]
        self._from = max(0, len(pending) - 4)
        return units

    def close(self) -> bytes:
        """Return the rest."""
        rest = bytes(self._pending)
        self._pending.clear()
        self._from = 0
        return rest


class ReadCutter:
    """Takes each read as a unit, for text and for JSON that is one document."""

    pending = 0

    def feed(self, chunk: bytes) -> Sequence[bytes]:
        """Return the read."""
        return (chunk,)

    def close(self) -> bytes:
        """Return nothing."""
        return b""


def cutter_for(framing: Framing | None) -> Cutter:
    """Return what cuts an answer of a framing; None is for an answer that is no reply."""
    if framing is Framing.SSE:
        return MarkCutter(_BLANK_LINE)
    if framing is Framing.NDJSON:
        return MarkCutter(_LINE)
    return ReadCutter()
