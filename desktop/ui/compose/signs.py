"""The signs that open a list while a prompt is written: a slash in an empty line, an at sign at a word."""

import re
from dataclasses import dataclass
from enum import Enum

_MOST = 60
# A slash that begins the line, and words: not a path, not a fraction, no comment.
_SLASH = re.compile(r"/((?:[^\s/*].*)?)")
# What may stand before an at sign: nothing, a space, or an opening bracket or quotation mark. After a letter
# it is an address.
_AT = re.compile(r"""(?:^|[\s(\[{"'“„‘«])@([^\s@]*)$""")
_CUT = re.compile(r"[\s/:._\-]+")


class Sign(Enum):
    """What a list offers."""

    PROMPTS = "/"
    MODELS = "@"


@dataclass(frozen=True, slots=True)
class Asked:
    """A sign and what is written after it, up to the caret."""

    sign: Sign
    query: str


def asked(before: str, after: str) -> Asked | None:
    """Return what the line with the caret between `before` and `after` asks for, or None for plain text."""
    if len(before) > 2 * _MOST and not before.startswith("/"):
        before = before[-2 * _MOST :]
    slash = _SLASH.fullmatch(before)
    if slash is not None and not after.strip():
        query = slash[1]
        return Asked(Sign.PROMPTS, query) if "/" not in query and len(query) <= _MOST else None
    at = _AT.search(before)
    if at is not None and not after[:1].isalnum() and len(at[1]) <= _MOST:
        return Asked(Sign.MODELS, at[1])
    return None


def rank(query: str, text: str) -> int | None:
    """Return how well a name answers a query, 0 best, None not at all.

    0 is the beginning of the name, 1 are the beginnings of its words in any order, 2 is anywhere in it, its
    separators aside; the last counts from three characters on.
    """
    wanted, name = query.casefold().strip(), text.casefold()
    if name.startswith(wanted):
        return 0
    words = [word for word in _CUT.split(name) if word]
    if all(any(word.startswith(part) for word in words) for part in _CUT.split(wanted) if part):
        return 1
    squashed = _CUT.sub("", wanted)
    return 2 if len(squashed) >= 3 and squashed in "".join(words) else None
