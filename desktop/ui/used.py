"""What one reply took, value by value, for tool tips and screen readers. What nobody said is unknown."""

from PySide6.QtCore import QCoreApplication

from desktop.domain.delta import Timing, Usage

_THIN = "\N{NARROW NO-BREAK SPACE}"


def _tr(words: str) -> str:
    return QCoreApplication.translate("Used", words)


def used_lines(usage: Usage | None, timing: Timing | None) -> tuple[str, ...]:
    """Return a line for each figure of a reply, none where there are no figures at all."""
    if usage is None and timing is None:
        return ()
    usage, timing = usage or Usage(), timing or Timing()
    speed = timing.tokens_per_second(usage.output)
    values = (
        (_tr("First token"), _seconds(timing.first_ms)),
        (_tr("Whole reply"), _seconds(timing.total_ms)),
        (
            _tr("Speed"),
            None if speed is None else _tr("{speed} tokens per second").format(speed=f"{speed:.1f}"),
        ),
        (_tr("Tokens in"), _count(usage.input)),
        (_tr("of them from a cache"), _count(usage.cached)),
        (_tr("Tokens out"), _count(usage.output)),
        (_tr("of them for reasoning"), _count(usage.reasoning)),
        (_tr("Cost"), None if usage.cost is None else _dollars(usage.cost)),
    )
    return tuple(f"{name}: {value if value is not None else _tr('unknown')}" for name, value in values)


def lines_tip(lines: tuple[str, ...]) -> str:
    """Return lines for a tool tip, which shows markup as markup unless it is escaped."""
    escaped = (line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for line in lines)
    return f"<span>{'<br>'.join(escaped)}</span>" if lines else ""


def _seconds(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else f"{milliseconds / 1_000:.2f} s"


def _count(number: int | None) -> str | None:
    return None if number is None else f"{number:,}".replace(",", _THIN)


def _dollars(cost: float) -> str:
    return f"${cost:.4f}" if cost >= 0.0001 else "$" + (f"{cost:.10f}".rstrip("0").rstrip(".") or "0")
