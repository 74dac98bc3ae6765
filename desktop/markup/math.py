r"""Formulas in running text: `$…$`, `$$…$$`, `\(…\)` and `\[…\]`; display blocks belong to `blocks`.

The rules for a single dollar are Pandoc's (tex_math_dollars), a little stricter so that prices stay text.
"""

import re

_LONGEST = 2000
_MATH_SIGNS = re.compile(r"[\\^_=+*/<>{}|]")


def math_end(text: str, start: int) -> tuple[int, int, int] | None:
    """Return where the formula opening at `start` has its content and its end, or None if it is just text.

    The result is (content start, content end, end of the closing mark).
    """
    if text.startswith("$$", start):
        return _closed_by(text, start + 2, "$$")
    if text.startswith("\\(", start):
        return _closed_by(text, start + 2, "\\)")
    if text.startswith("\\[", start):
        return _closed_by(text, start + 2, "\\]")
    if text.startswith("$", start):
        return _single_dollar(text, start)
    return None


def _closed_by(text: str, start: int, mark: str) -> tuple[int, int, int] | None:
    end = text.find(mark, start, start + _LONGEST)
    if end < 0 or not text[start:end].strip():
        return None
    return start, end, end + len(mark)


def _single_dollar(text: str, start: int) -> tuple[int, int, int] | None:
    begin = start + 1
    if begin >= len(text) or text[begin].isspace() or (start and text[start - 1].isalnum()):
        return None
    at = begin
    limit = min(len(text), begin + _LONGEST)
    while at < limit:
        at = text.find("$", at, limit)
        if at < 0:
            return None
        if text[at - 1] == "\\":
            at += 1
            continue
        break
    else:
        return None
    content = text[begin:at]
    follower = text[at + 1 : at + 2]
    if not content or content[-1].isspace() or follower.isalnum() or follower == "$":
        return None
    if content[0].isdigit() and " " in content and not _MATH_SIGNS.search(content):
        return None
    return begin, at, at + 1
