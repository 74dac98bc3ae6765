"""Seam: where the rest of a reply meets what was there of it, with nothing said twice."""

from collections.abc import Sequence

from desktop.domain.delta import Delta, ProgressDelta, TextDelta, UsageDelta

# How far back a repetition may begin.
SPAN = 2000
# An overlap this long is no chance, wherever in a word it begins.
_LONG = 12


class Seam:
    """Takes out of the rest's first text what the text `before` it already ends with.

    A model that was handed the beginning as its own goes on in mid-word and says nothing twice but
    white space, which is cut off before it is sent. One that was only asked to go on often repeats
    its last words or lines. Text is held back only while it may still turn out to be such a
    repetition, so that a rest that repeats nothing is shown as it comes.
    """

    def __init__(self, before: str, *, is_prefilled: bool) -> None:
        tail = before[-SPAN:]
        self._tail = tail[len(tail.rstrip()) :] if is_prefilled else tail
        self._held = ""
        self._is_open = bool(self._tail)

    def feed(self, deltas: Sequence[Delta]) -> Sequence[Delta]:
        """Return what of `deltas` can be shown now."""
        if not self._is_open:
            return deltas
        shown: list[Delta] = []
        for delta in deltas:
            if isinstance(delta, TextDelta) and self._is_open:
                self._held += delta.text
                if not self._may_grow():
                    shown += self.close()
                continue
            if self._held and not isinstance(delta, UsageDelta | ProgressDelta):
                shown += self.close()
            shown.append(delta)
        return shown

    def close(self) -> Sequence[Delta]:
        """Return what is held back, without what it repeats; nothing is held from now on."""
        held, self._held = self._held, ""
        if not held:
            return ()
        self._is_open = False
        rest = held[self._overlap(held) :]
        return (TextDelta(rest),) if rest else ()

    def _may_grow(self) -> bool:
        place = self._tail.find(self._held)
        return 0 <= place < len(self._tail) - len(self._held)

    def _overlap(self, held: str) -> int:
        """Return the length of the longest repetition that is no chance."""
        tail = self._tail
        for length in range(min(len(tail), len(held)), 0, -1):
            if tail.endswith(held[:length]) and (length >= _LONG or self._begins_a_word(length)):
                return length
        return 0

    def _begins_a_word(self, length: int) -> bool:
        """Whether the last `length` characters of the tail do not begin within a word or number."""
        if length == len(self._tail):
            return True
        return not (self._tail[-length - 1].isalnum() and self._tail[-length].isalnum())
