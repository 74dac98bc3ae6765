"""What one reply took, value by value, for tool tips and screen readers. What nobody said is unknown."""

from PySide6.QtCore import QCoreApplication

from desktop.base.tongue import number
from desktop.domain.delta import Timing, Usage
from desktop.ui.wording import dollars, pair, seconds


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """Return a text in the user's language."""
    return QCoreApplication.translate("Used", text, comment, n)


def used_lines(usage: Usage | None, timing: Timing | None) -> tuple[str, ...]:
    """Return a line for each figure of a reply, none where there are no figures at all."""
    if usage is None and timing is None:
        return ()
    usage, timing = usage or Usage(), timing or Timing()
    speed = timing.tokens_per_second(usage.output)
    values = (
        (tr("First token"), _seconds(timing.first_ms)),
        (tr("Whole reply"), _seconds(timing.total_ms)),
        (
            tr("Speed"),
            None if speed is None else tr("{speed} tokens per second").format(speed=number(speed, 1)),
        ),
        (tr("Tokens in"), _count(usage.input)),
        (tr("of them from a cache"), _count(usage.cached)),
        (tr("Tokens out"), _count(usage.output)),
        (tr("of them for reasoning"), _count(usage.reasoning)),
        (tr("Cost"), None if usage.cost is None else _dollars(usage.cost)),
    )
    #: Of a figure
    return tuple(pair(name, value if value is not None else tr("unknown")) for name, value in values)


def lines_tip(lines: tuple[str, ...]) -> str:
    """Return lines for a tool tip, which shows markup as markup unless it is escaped."""
    escaped = (line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for line in lines)
    return f"<span>{'<br>'.join(escaped)}</span>" if lines else ""


def _seconds(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else seconds(milliseconds / 1_000, 2)


def _count(value: int | None) -> str | None:
    return None if value is None else number(value)


def _dollars(cost: float) -> str:
    # Of what is next to nothing as many digits as there are.
    digits = 4 if cost >= 0.0001 else len(f"{cost:.10f}".rstrip("0").partition(".")[2])
    return dollars(cost, digits)
