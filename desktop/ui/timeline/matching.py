"""Finding words in texts whatever their case, accents or width; plain Python, no widgets."""

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

from desktop.base.graphemes import end_at, start_at

_MARKS = "*_~`\\"
_WORDS = re.compile(r"\w+")
# Points of Hebrew and Arabic, and accents over and under letters. Signs that make another letter of one
# (kana's voicing, the vowels of Indic scripts) have other classes and stay.
_DROPPED = frozenset((*range(10, 36), *range(200, 241)))


@lru_cache(maxsize=20_000)
def _folded_char(char: str) -> str:
    """Return what stands for a character: its base in lower case, nothing for what is not seen."""
    if char.isspace():
        return " "
    if char == "\N{ARABIC TATWEEL}" or unicodedata.category(char) == "Cf":
        return ""
    if "\uac00" <= char <= "\ud7a3":
        return char
    bare = unicodedata.normalize("NFKD", char)
    if len(bare) > 1:
        bare = "".join(one for one in bare if unicodedata.combining(one) not in _DROPPED)
        # What is left of a letter and its sign is one letter again, as it is when typed.
        bare = unicodedata.normalize("NFC", bare)
    elif unicodedata.combining(char) in _DROPPED:
        return ""
    return bare.casefold()


def folded(text: str) -> str:
    """Return a text as it is compared: without case, accents and invisible marks, white space as spaces."""
    if text.isascii():
        return text.lower().translate(_SPACES)
    return "".join(map(_folded_char, text))


_SPACES = str.maketrans("\t\n\v\f\r", "     ")
_NO_MARKS = str.maketrans("", "", _MARKS)


class Needle:
    """What is looked for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._folded = folded(text)
        runs = (run.replace("_", "") for run in _WORDS.findall(self._folded))
        self._words = [run for run in runs if run]

    def __bool__(self) -> bool:
        return bool(self._folded)

    def may_be_in(self, source: str) -> bool:
        """Whether a Markdown source may show what is looked for; quick, and never wrongly no."""
        if "&" in source:
            source = html.unescape(source)
        bare = folded(source).translate(_NO_MARKS)
        return all(word in bare for word in self._words)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Return where it stands in a text, from left to right, none overlapping."""
        needle = self._folded
        if not needle:
            return
        hay = folded(text)
        at = hay.find(needle)
        if at < 0:
            return
        ends = None if text.isascii() else list(accumulate(len(_folded_char(char)) for char in text))
        behind = 0
        while at >= 0:
            end = at + len(needle)
            if ends is None:
                yield at, end
            else:
                first, last = _span(ends, at, end)
                # A part of an emoji or a syllable is marked with the whole of it, and only once.
                first, last = start_at(text, first), end_at(text, last)
                if first >= behind:
                    yield first, last
                    behind = last
            at = hay.find(needle, end)


def _span(ends: list[int], start: int, end: int) -> tuple[int, int]:
    """Return the characters of a text for a stretch of its folded form, whose ends per character are given.

    Marks that were left out belong to the character before them.
    """
    behind = bisect_right(ends, end - 1) + 1
    while behind < len(ends) and ends[behind] == ends[behind - 1]:
        behind += 1
    return bisect_right(ends, start), behind
