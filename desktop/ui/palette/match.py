"""Whether typed words stand for a text, how well, and which letters they meet."""

import itertools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_AT_START = 60.0
_AT_WORD = 40.0
_INSIDE = 22.0
_SCATTERED = 10.0
# Letters that lie further apart than this are no abbreviation of anything.
_MOST_GAPS = 3


@dataclass(frozen=True, slots=True)
class Match:
    """How well it fits, more is better, and the places of the letters that were met."""

    score: float
    places: tuple[int, ...]

    @property
    def marks(self) -> tuple[tuple[int, int], ...]:
        """The places as runs: start and length."""
        runs: list[tuple[int, int]] = []
        for place in self.places:
            if runs and sum(runs[-1]) == place:
                runs[-1] = (runs[-1][0], runs[-1][1] + 1)
            else:
                runs.append((place, 1))
        return tuple(runs)


@lru_cache(maxsize=8192)
def folded(text: str) -> tuple[str, tuple[int, ...]]:
    """Return a text without case and accents, and for each of its letters where it stands in `text`."""
    if text.isascii():
        return text.lower(), tuple(range(len(text)))
    letters: list[str] = []
    places: list[int] = []
    for at, character in enumerate(text):
        for letter in unicodedata.normalize("NFKD", character).casefold():
            if not unicodedata.combining(letter):
                letters.append(letter)
                places.append(at)
    return "".join(letters), tuple(places)


def match(typed: str, text: str) -> Match | None:
    """Return how the words of `typed` stand for `text`; None unless every one of them does.

    A word fits as it stands, best at the beginning of the text or of a word in it, or by letters in
    its order that begin words or follow each other ("nc" for "New conversation").
    """
    words = folded(typed)[0].split()
    plain, origin = folded(text)
    score = 0.0
    places: set[int] = set()
    for word in words:
        met = _meet(word, plain)
        if met is None:
            return None
        score += met[0]
        places.update(origin[at] for at in met[1])
    # Of two texts that fit alike the shorter one is meant.
    return Match(score - min(len(plain), 200) / 20.0, tuple(sorted(places)))


def _meet(word: str, plain: str) -> tuple[float, Sequence[int]] | None:
    at = plain.find(word)
    if at >= 0:
        begins = next(
            (each for each in _all_of(word, plain) if _begins(plain, each)),
            None,
        )
        if begins is not None:
            at = begins
        score = _AT_START if at == 0 else _AT_WORD if begins is not None else _INSIDE
        return score + len(word), range(at, at + len(word))
    return _scattered(word, plain) if len(word) > 1 else None


def _all_of(word: str, plain: str) -> list[int]:
    found: list[int] = []
    at = plain.find(word)
    while at >= 0 and len(found) < 16:
        found.append(at)
        at = plain.find(word, at + 1)
    return found


def _begins(plain: str, at: int) -> bool:
    return at == 0 or not plain[at - 1].isalnum()


def _scattered(word: str, plain: str) -> tuple[float, list[int]] | None:
    at = -1
    for letter in word:
        at = plain.find(letter, at + 1)
        if at < 0:
            return None
    best: tuple[float, list[int]] | None = None
    start = plain.find(word[0])
    while start >= 0:
        if _begins(plain, start):
            places = _follow(word, plain, start)
            if places is not None:
                gaps = sum(1 for one, two in itertools.pairwise(places) if two != one + 1)
                score = _SCATTERED + len(word) - 2.0 * gaps
                if best is None or score > best[0]:
                    best = (score, places)
        start = plain.find(word[0], start + 1)
    return best


def _follow(word: str, plain: str, start: int) -> list[int] | None:
    """Return places for the letters from `start` on, each next to the one before or at a word's beginning."""
    places = [start]
    gaps = 0
    for letter in word[1:]:
        after = places[-1] + 1
        if plain[after : after + 1] == letter:
            places.append(after)
            continue
        gaps += 1
        at = plain.find(letter, after)
        while at >= 0 and not _begins(plain, at):
            at = plain.find(letter, at + 1)
        if at < 0 or gaps > _MOST_GAPS:
            return None
        places.append(at)
    return places
