"""Which way a text is read, by the Unicode Bidirectional Algorithm (UAX #9)."""

import unicodedata

_MOST = 1_000
"""How far into a text its first letter is looked for."""


def reads_right_to_left(text: str) -> bool:
    """Return whether the first strong character of a text says so (rule P2)."""
    if text.isascii():
        return False
    for char in text[:_MOST]:
        if char.isascii():
            if char.isalpha():
                return False
            continue
        kind = unicodedata.bidirectional(char)
        if kind == "L":
            return False
        if kind in ("R", "AL"):
            return True
    return False


def is_mixed(text: str) -> bool:
    """Return whether anything in a text reads from right to left."""
    return not text.isascii() and any(unicodedata.bidirectional(char) in ("R", "AL") for char in text)
