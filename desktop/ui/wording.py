"""Figures and small joints of texts, as the user's language and country write them.

Whole numbers and bytes are `number` and `size` of `desktop.base.tongue`; what stands here makes words of
durations, shares and prices, and joins names and values without a sentence around them.
"""

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication, QDate, QLocale

from desktop.base.tongue import number, parts

__all__ = [
    "day",
    "dollars",
    "listed",
    "microseconds",
    "milliseconds",
    "minutes",
    "month",
    "pair",
    "parts",
    "percent",
    "seconds",
    "short",
    "trimmed",
    "weekday",
]


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """Return a text in the user's language."""
    return QCoreApplication.translate("Wording", text, comment, n)


def trimmed(value: float, most: int) -> str:
    """Return a number with at most so many digits after the point, and no zeros at its end."""
    digits = len(f"{value:.{most}f}".rstrip("0").partition(".")[2])
    return number(value, digits)


def short(value: float, digits: int = 1) -> str:
    """Return a count in a few letters, with at most so many decimals: 940, 3.2k, 128k, 1.5M."""
    if value < 999.5:
        return number(value)
    if value < 999_500:
        factor, form = 1e3, tr("{number}k", "thousands")
    elif value < 999.5e6:
        factor, form = 1e6, tr("{number}M", "millions")
    else:
        factor, form = 1e9, tr("{number}B", "thousands of millions")
    scaled = value / factor
    return form.format(number=number(scaled) if scaled >= 99.95 else trimmed(scaled, digits))


def percent(share: float) -> str:
    """Return a share, from 0 to 1, in whole hundredths."""
    #: A share in percent, such as 42 %
    return tr("{number}\N{NARROW NO-BREAK SPACE}%").format(number=number(share * 100))


def dollars(value: float, digits: int) -> str:
    """Return an amount of US dollars."""
    #: A price in US dollars
    return tr("${amount}").format(amount=number(value, digits))


def seconds(value: float, digits: int = 0) -> str:
    """Return seconds, with their unit."""
    #: Seconds, in short
    return tr("{number} s").format(number=number(value, digits))


def milliseconds(value: float) -> str:
    """Return whole milliseconds, with their unit."""
    #: Milliseconds, in short
    return tr("{number} ms").format(number=number(value))


def microseconds(value: float) -> str:
    """Return whole microseconds, with their unit."""
    #: Microseconds, in short
    return tr("{number} µs").format(number=number(value))


def minutes(whole_seconds: int) -> str:
    """Return a duration of a minute or more."""
    #: Minutes and seconds, in short
    words = tr("{minutes} min {seconds} s")
    return words.format(minutes=number(whole_seconds // 60), seconds=number(whole_seconds % 60))


def day(date: QDate, *, has_year: bool = False) -> str:
    """Return a day in short words, such as 3 Mar."""
    #: How a day is written, by Qt's QDate: d is the day, MMM the short name of the month, yyyy the year
    form = tr("d MMM yyyy") if has_year else tr("d MMM")
    return QLocale().toString(date, form)


def month(date: QDate, *, is_short: bool = False) -> str:
    """Return a month with its year."""
    #: How a month is written, by Qt's QDate: MMMM is its name, MMM its short name, yyyy the year
    form = tr("MMM yyyy") if is_short else tr("MMMM yyyy")
    return QLocale().toString(date, form)


def weekday(date: QDate) -> str:
    """Return a day with the day of the week and the year."""
    #: How a day is written, by Qt's QDate: ddd is the short name of the day of the week
    return QLocale().toString(date, tr("ddd d MMM yyyy"))


def listed(names: Iterable[str]) -> str:
    """Return names as a list in a sentence: one, two and three."""
    return QLocale().createSeparatedList(list(names))


def pair(name: str, value: str) -> str:
    """Return a value after its name."""
    #: A value after its name, such as Cost: $0.12
    return tr("{name}: {value}").format(name=name, value=value)
