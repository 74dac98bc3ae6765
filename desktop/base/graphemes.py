"""Characters as readers count them: where a text may be cut without breaking one of them.

An emoji made of several, a flag, a letter with its accents, a syllable of Hangul or of an Indic script are
one each, however many code points they have. Follows the extended grapheme clusters of Unicode (UAX #29),
as the character data of this Python know them; Qt's own carets stop at the same places.
"""

import unicodedata

_ZERO_WIDTH_JOINER = "\u200d"
_EXTENDS = frozenset("\u200c\u200d\uff9e\uff9f")
_PREPENDED = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
# The sign that joins two consonants to one (rule GB9c), for the scripts that have the rule.
_LINKERS = frozenset("\u094d\u09cd\u0acd\u0b4d\u0c4d\u0d4d")
# Burmese and Khmer write the consonant behind such a sign under the one before it.
_STACKERS = frozenset("\u1039\u17d2")
_INDIC = (("\u0900", "\u097f"), ("\u0980", "\u09ff"), ("\u0a80", "\u0aff"), ("\u0b00", "\u0b7f"),
          ("\u0c00", "\u0c7f"), ("\u0d00", "\u0d7f"))  # fmt: skip
_LONGEST_LOOK = 64
"""How far back a boundary is looked for; nobody writes a longer character."""


def _is_extending(char: str) -> bool:
    if char < "\u0300":
        return False
    if char in _EXTENDS or "\U0001f3fb" <= char <= "\U0001f3ff" or "\U000e0020" <= char <= "\U000e007f":
        return True
    return unicodedata.category(char) in ("Mn", "Me", "Mc") or char in "\u0e33\u0eb3"


def _is_pictographic(char: str) -> bool:
    if char in "\u00a9\u00ae\u203c\u2049\u2122\u2139\u3030\u303d\u3297\u3299":
        return True
    if "\U0001f000" <= char <= "\U0001faff":
        return not _is_flag_half(char) and not "\U0001f3fb" <= char <= "\U0001f3ff"
    return "\u2190" <= char <= "\u2bff" and unicodedata.category(char) in ("So", "Sm")


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _hangul(char: str) -> str:
    """Return "L", "V", "T", "LV" or "LVT" for a part of a Hangul syllable or a whole one, else nothing."""
    if "\uac00" <= char <= "\ud7a3":
        return "LVT" if (ord(char) - 0xAC00) % 28 else "LV"
    if "\u1100" <= char <= "\u115f" or "\ua960" <= char <= "\ua97c":
        return "L"
    if "\u1160" <= char <= "\u11a7" or "\ud7b0" <= char <= "\ud7c6":
        return "V"
    return "T" if "\u11a8" <= char <= "\u11ff" or "\ud7cb" <= char <= "\ud7fb" else ""


_SYLLABLE = {
    "L": ("L", "V", "LV", "LVT"),
    "LV": ("V", "T"),
    "V": ("V", "T"),
    "LVT": ("T",),
    "T": ("T",),
}


def is_boundary(text: str, at: int) -> bool:
    """Whether a text may be cut before its character number `at`; its two ends are boundaries too."""
    if at <= 0 or at >= len(text):
        return True
    before, after = text[at - 1], text[at]
    if before < "\u0300" and after < "\u0300":
        return not (before == "\r" and after == "\n")
    if unicodedata.category(before) == "Cc" or after in "\r\n":
        return True
    if "\udc00" <= after <= "\udfff" and "\ud800" <= before <= "\udbff":
        return False
    if _is_extending(after) or before in _PREPENDED or _hangul(after) in _SYLLABLE.get(_hangul(before), ()):
        return False
    if _is_flag_half(before) and _is_flag_half(after):
        return _flag_halves(text, at) % 2 == 0
    return not (_joins(text, at) or _is_conjunct(text, at))


def _flag_halves(text: str, at: int) -> int:
    count = 0
    while count < at and _is_flag_half(text[at - 1 - count]):
        count += 1
    return count


def _joins(text: str, at: int) -> bool:
    """Whether a joiner holds two pictures together here (rule GB11)."""
    if text[at - 1] != _ZERO_WIDTH_JOINER or not _is_pictographic(text[at]):
        return False
    place = at - 2
    while place >= 0 and _is_extending(text[place]):
        place -= 1
    return place >= 0 and _is_pictographic(text[place])


def _is_conjunct(text: str, at: int) -> bool:
    """Whether two consonants are written as one here (rule GB9c)."""
    if text[at - 1] in _STACKERS:
        return unicodedata.category(text[at]) == "Lo"
    if not _is_consonant(text[at]):
        return False
    place, is_linked = at - 1, False
    while place >= 0 and (text[place] in _LINKERS or text[place] in "\u200d\u093c\u09bc\u0abc\u0b3c\u0c3c"):
        is_linked = is_linked or text[place] in _LINKERS
        place -= 1
    return is_linked and place >= 0 and _is_consonant(text[place])


def _is_consonant(char: str) -> bool:
    if not "\u0900" <= char <= "\u0d7f" or unicodedata.category(char) != "Lo":
        return False
    first = next((first for first, last in _INDIC if first <= char <= last), "")
    offset = ord(char) - ord(first) if first else 0
    return 0x15 <= offset <= 0x39 or 0x58 <= offset <= 0x5F or (first == "\u0900" and offset >= 0x78)


def start_at(text: str, at: int) -> int:
    """Return the last place at or before `at` where a text may be cut."""
    at = min(max(at, 0), len(text))
    least = max(0, at - _LONGEST_LOOK)
    place = at
    while place > least and not is_boundary(text, place):
        place -= 1
    return place if is_boundary(text, place) else at


def end_at(text: str, at: int) -> int:
    """Return the first place at or behind `at` where a text may be cut."""
    at = min(max(at, 0), len(text))
    most = min(len(text), at + _LONGEST_LOOK)
    place = at
    while place < most and not is_boundary(text, place):
        place += 1
    return place if is_boundary(text, place) else at


def beginning(text: str, most: int) -> str:
    """Return the beginning of a text, of at most `most` code points, cut between two characters.

    A first character that alone is longer is cut all the same.
    """
    if len(text) <= most:
        return text
    return text[: start_at(text, most) or most]
