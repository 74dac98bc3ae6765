"""Link reference definitions (CommonMark 0.31.2, section 4.7), taken from the start of a paragraph."""

import re
from typing import Any

_BEGINS = re.compile(r" {0,3}\[((?:[^\[\]\\]|\\.){1,999})\]:", re.DOTALL)
_SPACE = re.compile(r"[ \t]*(?:\n[ \t]*)?")


def take_definitions(source: str) -> tuple[dict[str, Any], str]:
    """Return the definitions a paragraph begins with, by normalised label, and what remains of it."""
    found: dict[str, Any] = {}
    while source.lstrip(" ").startswith("["):
        taken = _take_one(source)
        if taken is None:
            break
        label, target, source = taken
        found.setdefault(label, target)
    return found, source


def _take_one(source: str) -> tuple[str, dict[str, str], str] | None:
    match = _BEGINS.match(source)
    if not match or not match.group(1).strip():
        return None
    from markdown_it.common.utils import normalizeReference
    from markdown_it.helpers import parseLinkDestination

    space = _SPACE.match(source, match.end())
    at = space.end() if space else match.end()
    target = parseLinkDestination(source, at, len(source))
    if not target.ok or (target.pos == at and source[at : at + 1] != "<"):
        return None
    after, title = _title(source, target.pos)
    if after is None:
        return None
    from markdown_it.common.normalize_url import normalizeLink

    entry = {"href": normalizeLink(target.str), "title": title}
    return normalizeReference(match.group(1)), entry, source[after:].lstrip("\n")


def _title(source: str, at: int) -> tuple[int | None, str]:
    """Return where the definition ends, title included, and the title; None if the line goes on otherwise."""
    from markdown_it.helpers import parseLinkTitle

    space = _SPACE.match(source, at)
    start = space.end() if space else at
    if start > at and start < len(source):
        title = parseLinkTitle(source, start, len(source))
        if title.ok:
            end = _line_end(source, title.pos)
            if end is not None:
                return end, title.str
    return _line_end(source, at), ""


def _line_end(source: str, at: int) -> int | None:
    newline = source.find("\n", at)
    end = len(source) if newline < 0 else newline
    return end if not source[at:end].strip(" \t") else None
