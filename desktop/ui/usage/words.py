"""Numbers and days of the usage page in words."""

import datetime
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QDate

from desktop.base.tongue import number
from desktop.domain.usage import Series, Step
from desktop.ui import wording


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """Return a text of the usage page in the user's language."""
    return QCoreApplication.translate("Usage", text, comment, n)


def money(value: float) -> str:
    """Return US dollars, with as many decimals as the amount needs to be told from nothing."""
    if value == 0:
        return wording.dollars(0, 0)
    if value < 0.0001:
        #: Less than an amount of money
        return tr("<{amount}").format(amount=wording.dollars(0.0001, 4))
    return wording.dollars(value, 4 if value < 0.1 else 2)


def money_scale(scale: Sequence[float]) -> list[str]:
    """Return the dollars on a scale, all with the decimals that its steps need."""
    step = scale[1] if len(scale) > 1 else 1.0
    digits = next((count for count in (0, 1, 2, 3, 4, 5) if abs(step * 10**count % 1) < 1e-6), 6)
    digits = 2 if digits == 1 else digits
    return [wording.dollars(value, digits if value else 0) for value in scale]


def cost(value: float | None) -> str:
    """Return a cost, or that nobody knows it."""
    #: Of a cost
    return tr("unknown") if value is None else money(value)


def seconds(milliseconds: float | None) -> str:
    """Return a wait, or a dash where there is none."""
    if milliseconds is None:
        return "–"
    value = milliseconds / 1_000
    return wording.seconds(value, 2 if value < 10 else 1)


def speed(value: float | None) -> str:
    """Return tokens per second, or a dash where they are not known."""
    if value is None:
        return "–"
    #: Tokens per second, in short
    return tr("{speed} tok/s").format(speed=number(value, 0 if value >= 10 else 1))


def tick(step: Step, start: datetime.date) -> str:
    """Return the day or month under a bar, in short words of the user's language."""
    date = _date(start)
    return wording.month(date, is_short=True) if step is Step.MONTH else wording.day(date)


def step_words(step: Step, start: datetime.date) -> str:
    """Return what a bar stands for: a day, the week from a day on, a month."""
    date = _date(start)
    if step is Step.MONTH:
        return wording.month(date)
    if step is Step.WEEK:
        return tr("Week from {day}").format(day=wording.day(date, has_year=True))
    return wording.weekday(date)


def _date(day: datetime.date) -> QDate:
    return QDate(day.year, day.month, day.day)


def per_step(name: str, step: Step) -> str:
    """Return what is counted, with the time that it is counted over."""
    #: {name} is what is counted: Cost per day
    forms = {
        Step.DAY: tr("{name} per day"),
        Step.WEEK: tr("{name} per week"),
        Step.MONTH: tr("{name} per month"),
    }
    return forms[step].format(name=name)


def mean_per_step(step: Step) -> str:
    """Return that values are the means of a day, a week or a month."""
    return {
        Step.DAY: tr("mean per day"),
        Step.WEEK: tr("mean per week"),
        Step.MONTH: tr("mean per month"),
    }[step]


def series_name(series: Series, *, has_endpoint: bool) -> str:
    """Return the name of a model, with its endpoint where that is needed to tell it from another."""
    if series.is_rest:
        #: In a legend: the models that have no colour of their own
        return tr("Others")
    model = series.model or series.endpoint
    return f"{model} · {series.endpoint}" if has_endpoint and series.endpoint else model
