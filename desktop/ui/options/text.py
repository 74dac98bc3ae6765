"""Options as people write them: text to values and back, with the reason in words where it is none."""

import re

from PySide6.QtCore import QCoreApplication

from desktop.base.tongue import number
from desktop.ui.wording import trimmed

_ESCAPES = {"\\n": "\n", "\\t": "\t", "\\\\": "\\"}
_ESCAPE = re.compile(r"\\[nt\\]")
_WHOLE = re.compile(r"[+-]?\d{1,19}")
_DECIMAL = re.compile(r"[+-]?(\d{1,9}\.?\d{0,9}|\.\d{1,9})")
# What a seed may be at services that keep it in 64 bits.
_MOST_SEED = 2**63 - 1
_MOST_TOKENS = 100_000_000


class OptionTextError(ValueError):
    """What was written is no value of its option; the text says why, for the user."""


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """Return a text in the user's language."""
    return QCoreApplication.translate("Options", text, comment, n)


def read_decimal(text: str, most: float) -> float | None:
    """Return a number of 0 to `most`, None for no text; a comma counts as a point. Raises OptionTextError."""
    text = text.strip().replace(",", ".")
    if not text:
        return None
    if not _DECIMAL.fullmatch(text):
        raise OptionTextError(tr("This is not a number."))
    if not 0 <= (value := float(text)) <= most:
        raise OptionTextError(tr("It has to be from 0 to {most}.").format(most=trimmed(most, 6)))
    return value


def read_count(text: str, least: int) -> int | None:
    """Return a count of tokens, at least `least`, None for no text. Raises OptionTextError."""
    value = _read_whole(re.sub(r"(?<=\d)[\s_'’.,](?=\d{3}\b)", "", text))
    if value is None:
        return None
    if value < least:
        raise OptionTextError(tr("It has to be {least} or more.").format(least=number(least)))
    if value > _MOST_TOKENS:
        raise OptionTextError(tr("No model writes that much."))
    return value


def read_seed(text: str) -> int | None:
    """Return a whole number of 64 bits, None for no text. Raises OptionTextError."""
    value = _read_whole(text)
    if value is not None and abs(value) > _MOST_SEED:
        raise OptionTextError(tr("This number is too large."))
    return value


def _read_whole(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not _WHOLE.fullmatch(text):
        raise OptionTextError(tr("This is not a whole number."))
    return int(text)


def read_stops(text: str) -> tuple[str, ...]:
    r"""Return the stop sequences, one a line; \n is a line break, \t a tab, \\ a backslash."""
    lines = (_ESCAPE.sub(lambda match: _ESCAPES[match[0]], line) for line in text.split("\n"))
    return tuple(dict.fromkeys(line for line in lines if line))


def stops_text(stops: tuple[str, ...]) -> str:
    """Return stop sequences as `read_stops` reads them."""
    return "\n".join(stop.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t") for stop in stops)
