"""Words as the search index has them: cut from texts, asked for, and found again in a text.

The index cuts at everything but letters and digits and takes a run without any as one word. Scripts
that put no spaces between words have each character cut off beforehand, so that one, two or more
characters of theirs are found wherever they stand.
"""

import re
import sqlite3
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from desktop.base.graphemes import beginning, start_at
from desktop.domain.search import Word

_UNSPACED = re.compile(
    "["
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Myanmar, Khmer
    "\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c"
    "\u3040-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f"
    "\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U0001b000-\U0001b16f\U00020000-\U0003fffd"
    "]"
)
_WORD = re.compile(r"[^\W_]+")
_BEFORE = 36
_EXCERPT = 220
_SHORTEST_BEGUN = 2


def install(connection: sqlite3.Connection) -> None:
    """Give a connection the function that the index's triggers call. Every one that writes needs it."""
    connection.create_function("indexable", 1, indexable, deterministic=True)


def indexable(text: str) -> str:
    """Return a text as it is indexed."""
    if text.isascii() or not _UNSPACED.search(text):
        return text
    return _UNSPACED.sub(r" \g<0> ", text)


def is_indexed(word: str) -> bool:
    """Whether there is anything in a word that the index knows."""
    return any(unicodedata.category(character)[0] in "LN" for character in word)


def is_fully_indexed(word: str) -> bool:
    """Whether the index finds a word wherever it stands, not at the beginnings of words alone."""
    return all(_UNSPACED.match(character) or not character.isalnum() for character in word)


def match_of(words: Sequence[Word]) -> str:
    """Return the full-text expression that all words are there; nothing in them has a meaning.

    Each is the beginning of a word, but for single letters and what stands in quotation marks.
    """
    return " AND ".join(_phrase(word) for word in words)


def _phrase(word: Word) -> str:
    quoted = '"' + indexable(word.text).replace('"', '""') + '"'
    last = _WORD.findall(word.text)[-1:]
    begins = not word.is_exact and bool(last) and word.text.endswith(last[0])
    is_open = begins and len(last[0]) >= _SHORTEST_BEGUN and not _UNSPACED.match(last[0][-1])
    return quoted + " *" if is_open else quoted


class _Folding(dict[int, int]):
    """Maps a character to what the index takes it for: small, without its accents; never to more than one."""

    def __missing__(self, code: int) -> int:
        small = chr(code).lower()
        base = unicodedata.normalize("NFD", small)[:1] if small else ""
        found = ord(base) if len(base) == 1 and base.isprintable() else code
        self[code] = found
        return found


_FOLDING = _Folding()


def folded(text: str) -> str:
    """Return a text of the same length without upper case and accents."""
    return text.lower() if text.isascii() else text.translate(_FOLDING)


def has_words(text: str, words: Sequence[Word]) -> bool:
    """Whether what the index can't tell apart stands in a text: the signs within and around words."""
    wanted = [word.text for word in words if not _is_plain(word.text)]
    if not wanted:
        return True
    body = folded(" ".join(text.split()))
    return all(folded(word) in body for word in wanted)


def _is_plain(text: str) -> bool:
    return _WORD.fullmatch(text) is not None


def pattern_of(words: Sequence[Word], *, anywhere: bool = False) -> re.Pattern[str]:
    """Return what finds the words in a folded text, at the beginnings of its words or anywhere."""
    found = []
    for word in words:
        text = re.escape(folded(word.text))
        starts = not anywhere and bool(_WORD.match(word.text)) and not _UNSPACED.match(word.text)
        found.append((r"(?<![^\W_])" if starts else "") + text)
    return re.compile("|".join(found) if found else r"(?!)")


@lru_cache(maxsize=32)
def _written(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """Return what finds most words without the whole text being folded first."""
    return re.compile(pattern.pattern, re.IGNORECASE)


def excerpt_of(text: str, pattern: re.Pattern[str]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return some of a text in one line from shortly before its first word on, and the words' places."""
    first = _written(pattern).search(text) or pattern.search(folded(text))
    at = first.start() if first is not None else 0
    begin = max(0, at - _BEFORE)
    if begin:
        space = text.find(" ", begin, at)
        begin = space + 1 if space >= 0 else start_at(text, begin)
    # Signs of Markdown say nothing where it is not drawn.
    piece = text[begin : begin + 2 * _EXCERPT].replace("**", "").replace("```", " ")
    piece = beginning(" ".join(piece.split()), _EXCERPT)
    piece = ("…" if begin else "") + piece
    return piece, marks_in(piece, pattern)


def marks_in(text: str, pattern: re.Pattern[str]) -> tuple[tuple[int, int], ...]:
    """Return the places of words in a text as start and length."""
    return tuple(
        (match.start(), match.end() - match.start())
        for match in pattern.finditer(folded(text))
        if match.end() > match.start()
    )
