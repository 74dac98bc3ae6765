"""A guess at how many tokens a text is, for a first impression before anything is sent."""

import re

# Tokenisers of today take about four letters of Latin text together, and one or two of what is not.
_WIDE = re.compile(
    r"[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
_LETTERS_A_TOKEN = 4


def estimate_tokens(text: str) -> int:
    """Return about how many tokens `text` is; within a third for prose in most languages."""
    wide = sum(map(len, _WIDE.findall(text))) if not text.isascii() else 0
    # Two bytes of UTF-8 in Greek, Cyrillic, Hebrew or Arabic letters make about half a token.
    rest = len(text.encode("utf-8", "replace")) - 3 * wide
    return wide + -(-max(0, rest) // _LETTERS_A_TOKEN)
