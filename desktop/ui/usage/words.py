"""Numbers and days of the usage page in words."""

import datetime
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QDate, QLocale

from desktop.domain.usage import Series, Step


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """Return a text of the usage page in the user's language."""
    return QCoreApplication.translate("Usage", text, comment, n)


def number(value: float) -> str:
    """Return a whole number with thin spaces between thousands."""
    return f"{round(value):,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def short(value: float) -> str:
    """Return a count in a few letters: 940, 3.2k, 128k, 1.5M."""
    for limit, factor, letter in ((999.5, 1, ""), (999_500, 1e3, "k"), (999.5e6, 1e6, "M"), (1e30, 1e9, "B")):
        if abs(value) < limit:
            scaled = value / factor
            digits = 0 if factor == 1 or scaled >= 99.95 else 1
            return f"{scaled:.{digits}f}".removesuffix(".0") + letter
    return f"{value:.0f}"


def money(value: float) -> str:
    """Return US dollars, with as many decimals as the amount needs to be told from nothing."""
    if value == 0:
        return "$0"
    if value < 0.0001:
        return "<$0.0001"
    digits = 4 if value < 0.1 else 2
    return "$" + f"{value:,.{digits}f}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def money_scale(scale: Sequence[float]) -> list[str]:
    """Return the dollars on a scale, all with the decimals that its steps need."""
    step = scale[1] if len(scale) > 1 else 1.0
    digits = next((count for count in (0, 1, 2, 3, 4, 5) if abs(step * 10**count % 1) < 1e-6), 6)
    digits = 2 if digits == 1 else digits
    return [
        "$0" if value == 0 else f"${value:,.{digits}f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
        for value in scale
    ]


def cost(value: float | None) -> str:
    """Return a cost, or that nobody knows it."""
    return tr("unknown") if value is None else money(value)


def seconds(milliseconds: float | None) -> str:
    """Return a wait, or a dash where there is none."""
    if milliseconds is None:
        return "–"
    value = milliseconds / 1_000
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def speed(value: float | None) -> str:
    """Return tokens per second, or a dash where they are not known."""
    if value is None:
        return "–"
    return tr("{speed} tok/s").format(speed=f"{value:.0f}" if value >= 10 else f"{value:.1f}")


def day(date: datetime.date, form: str = "d MMM") -> str:
    """Return a day in short words of the user's language."""
    return QLocale().toString(QDate(date.year, date.month, date.day), form)


def step_words(step: Step, start: datetime.date) -> str:
    """Return what a bar stands for: a day, the week from a day on, a month."""
    if step is Step.MONTH:
        return day(start, "MMMM yyyy")
    if step is Step.WEEK:
        return tr("Week from {day}").format(day=day(start, "d MMM yyyy"))
    return day(start, "ddd d MMM yyyy")


def per_step(step: Step) -> str:
    """Return "per day" and its kin."""
    return {Step.DAY: tr("per day"), Step.WEEK: tr("per week"), Step.MONTH: tr("per month")}[step]


def series_name(series: Series, *, has_endpoint: bool) -> str:
    """Return the name of a model, with its endpoint where that is needed to tell it from another."""
    if series.is_rest:
        return tr("Others")
    model = series.model or series.endpoint
    return f"{model} · {series.endpoint}" if has_endpoint and series.endpoint else model
