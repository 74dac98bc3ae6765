"""Members of foreign JSON by the type they should have. What is of another type is not there."""

import datetime
import hashlib
import json
from collections.abc import Iterator
from typing import Any

from desktop.archive.limits import LATEST_MS, LONGEST_NAME, LONGEST_TITLE
from desktop.base.graphemes import beginning
from desktop.base.utf16 import well_formed

Fields = dict[str, Any]

_SECONDS_END = 100_000_000_000
"""A number below this is seconds (until the year 5138), one above it milliseconds."""


def text_of(values: Any, name: str) -> str:
    """Return a member that is a text, else an empty one."""
    value = values.get(name) if isinstance(values, dict) else None
    return clean(value) if isinstance(value, str) else ""


def name_of(values: Any, name: str) -> str:
    """Return a member that is a short name on one line, else an empty text."""
    return one_line(text_of(values, name), LONGEST_NAME)


def fields_of(values: Any, name: str) -> Fields:
    """Return a member that is an object, else an empty one."""
    value = values.get(name) if isinstance(values, dict) else None
    return value if isinstance(value, dict) else {}


def list_of(values: Any, name: str) -> list[Any]:
    """Return a member that is a list, else an empty one."""
    value = values.get(name) if isinstance(values, dict) else None
    return value if isinstance(value, list) else []


def objects_of(values: Any, name: str) -> Iterator[Fields]:
    """Yield the objects of a member that is a list."""
    return (item for item in list_of(values, name) if isinstance(item, dict))


def whole_of(values: Any, name: str) -> int | None:
    """Return a member that is a whole number from 0 to 2^53, else None."""
    value = values.get(name) if isinstance(values, dict) else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= 1 << 53 else None


def is_true(values: Any, name: str) -> bool:
    """Whether a member is there and true."""
    return isinstance(values, dict) and values.get(name) is True


def time_of(values: Any, name: str) -> int:
    """Return a member that is a time, as Unix milliseconds; 0 where it is none.

    Seconds and milliseconds since 1970 and ISO 8601 texts are understood.
    """
    return time_ms(values.get(name) if isinstance(values, dict) else None)


def time_ms(value: Any) -> int:
    """Return a time as Unix milliseconds, 0 where `value` is no time before the year 2100."""
    if isinstance(value, str):
        value = _seconds(value)
    # A comparison does what a conversion can't: whole numbers of JSON may have any size.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < LATEST_MS:
        return 0
    at = round(value * 1000) if value < _SECONDS_END else round(value)
    return at if 0 < at < LATEST_MS else 0


def _seconds(text: str) -> float | None:
    if not 4 < len(text) < 40:
        return None
    try:
        moment = datetime.datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.UTC)
        return moment.timestamp()
    except (ValueError, OverflowError):
        return None


def clean(text: str) -> str:
    """Return a text that every reader can hold: no NUL, no half of a surrogate pair."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    return well_formed(text)


def _is_seen(char: str) -> bool:
    """Whether a character belongs in a line of text: joiners do, which letters and emoji are made with."""
    return char.isprintable() or char in "\u200c\u200d" or "\U000e0020" <= char <= "\U000e007f"


def one_line(text: str, longest: int = LONGEST_TITLE) -> str:
    """Return a text on one line, shortened with “…” where it is too long."""
    line = " ".join("".join(char if _is_seen(char) else " " for char in text[: 4 * longest]).split())
    return line if len(line) <= longest else beginning(line, longest - 1).rstrip() + "…"


def raw_of(value: Any, longest: int = 20_000) -> str:
    """Return a foreign value as JSON text, for what can't be shown; empty where it is too large."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except (RecursionError, ValueError, TypeError):
        return ""
    return clean(text) if len(text) <= longest else ""


def stable_id(*names: str) -> str:
    """Return an id that is the same whenever the same thing is read again: 32 hexadecimal digits."""
    joined = "\x1f".join(str(len(name)) + ":" + name for name in names)
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:32]
