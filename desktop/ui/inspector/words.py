"""Numbers, bytes and times as the inspector writes them."""

from collections.abc import Sequence

# A text field lays out what it is given at once.
MOST_SHOWN = 32 * 1024
_VISIBLE = str.maketrans({"\r": "␍", "\x00": "␀", "\ufeff": "␢", "\x1b": "␛", "\x7f": "␡"})


def seconds(value: float) -> str:
    """Return a time since the request, to the millisecond."""
    return f"{value:.3f} s"


def gap(value: float) -> str:
    """Return a gap in the unit that reads best."""
    if not value:
        return "0"
    if value < 0.001:
        return f"{value * 1e6:.0f} µs"
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def size(count: int) -> str:
    """Return a number of bytes."""
    if count < 10_000:
        return f"{count:,} B"
    return f"{count / 1024:,.0f} KB" if count < 1024 * 1024 else f"{count / 1024 / 1024:,.1f} MB"


def raw_text(raw: bytes) -> str:
    """Return bytes as text: line ends as such, other control characters by their pictures.

    Bytes that are no UTF-8 are written \\xNN. Of very many only the first are shown.
    """
    text = raw[:MOST_SHOWN].decode("utf-8", "backslashreplace").translate(_VISIBLE)
    left = len(raw) - MOST_SHOWN
    return f"{text}\n… {left:,} more bytes" if left > 0 else text


def one_line(text: str, most: int = 300) -> str:
    """Return the beginning of a text in one line, with its line ends as pictures."""
    line = text[:most].replace("\r\n", "↵").replace("\n", "↵").replace("\r", "↵").translate(_VISIBLE)
    return f"{line}…" if len(text) > most else line


def became_lines(became: Sequence[tuple[str, str]]) -> str:
    """Return deltas one a line, each after its kind."""
    return "\n".join(f"{kind}: {text}" for kind, text in became)
