"""The words of a prompt that a dictionary can be asked about: prose, not code, addresses or names."""

import re
import unicodedata
from collections.abc import Iterator

_TOKEN = re.compile(r"\S+")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
# A token with one of these is code, an address, a path or a number.
_NOT_PROSE = re.compile(r"[\d_/\\@=<>{}\[\]$#|~^*+&%`]|\w(?:\.|::?)\w|^--?\w|\(\)")
_INLINE_CODE = re.compile(r"(`+).*?\1")
_FENCE = re.compile(r"\s{0,3}(```|~~~)")
_ALPHABETS = {"el": "GREEK", "he": "HEBREW", "hy": "ARMENIAN", "ka": "GEORGIAN", "ar": "ARABIC"}
_CYRILLIC = frozenset({"ru", "uk", "be", "bg", "sr", "mk", "kk", "mn"})
_LONGEST = 40


def alphabet_of(language: str) -> str:
    """Return the alphabet that a language ("de_AT") is written in, as Unicode names its letters."""
    code = language.partition("_")[0]
    return "CYRILLIC" if code in _CYRILLIC else _ALPHABETS.get(code, "LATIN")


def is_fence(line: str) -> bool:
    """Whether a line opens or closes a block of code."""
    return _FENCE.match(line) is not None


def words_of(line: str, alphabets: frozenset[str]) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and text of the words in a line of prose that are written in these alphabets."""
    hidden = [match.span() for match in _INLINE_CODE.finditer(line)]
    for token in _TOKEN.finditer(line):
        if _NOT_PROSE.search(token[0].strip("*_~.,:;!?()\"'\u201c\u201d\u2018\u2019\u00ab\u00bb")):
            continue
        if any(start < token.end() and token.start() < end for start, end in hidden):
            continue
        for match in _WORD.finditer(line, token.start(), token.end()):
            if _is_asked(match[0], alphabets):
                yield match.start(), match.end(), match[0]


def _is_asked(word: str, alphabets: frozenset[str]) -> bool:
    if not 2 <= len(word) <= _LONGEST or word.isupper():
        return False
    # Names like QTextEdit and iPhone are nobody's mistakes.
    if any(letter.isupper() for letter in word[1:]):
        return False
    return unicodedata.name(word[0], "").partition(" ")[0] in alphabets
