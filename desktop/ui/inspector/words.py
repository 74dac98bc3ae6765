"""Numbers, bytes and times as the inspector writes them."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from desktop.base.tongue import number
from desktop.domain.inspection import became_words
from desktop.ui import wording

# A text field lays out what it is given at once.
MOST_SHOWN = 32 * 1024
_VISIBLE = str.maketrans({"\r": "␍", "\x00": "␀", "\ufeff": "␢", "\x1b": "␛", "\x7f": "␡"})


def seconds(value: float) -> str:
    """Return a time since the request, to the millisecond."""
    return wording.seconds(value, 3)


def gap(value: float) -> str:
    """Return a gap in the unit that reads best."""
    if not value:
        return number(0)
    if value < 0.001:
        return wording.microseconds(value * 1e6)
    return wording.milliseconds(value * 1000) if value < 1 else wording.seconds(value, 2)


def raw_text(raw: bytes) -> str:
    """Return bytes as text: line ends as such, other control characters by their pictures.

    Bytes that are no UTF-8 are written \\xNN. Of very many only the first are shown.
    """
    text = raw[:MOST_SHOWN].decode("utf-8", "backslashreplace").translate(_VISIBLE)
    left = len(raw) - MOST_SHOWN
    if left <= 0:
        return text
    more = QCoreApplication.translate("Inspector", "… %n more byte(s)", "", left)
    return f"{text}\n{more}"


def one_line(text: str, most: int = 300) -> str:
    """Return the beginning of a text in one line, with its line ends as pictures."""
    line = text[:most].replace("\r\n", "↵").replace("\n", "↵").replace("\r", "↵").translate(_VISIBLE)
    return f"{line}…" if len(text) > most else line


def became_lines(became: Sequence[tuple[str, str]]) -> str:
    """Return deltas one a line, each after its kind."""
    return "\n".join(f"{became_words(kind)}: {text}" for kind, text in became)
