"""What replies took, summed up: tokens, cost, waits and speed by day, endpoint and model."""

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from enum import Enum
from typing import TypeVar

K = TypeVar("K")

CURRENCY = "USD"
"""What costs are in; see `Usage.cost`."""


class Period(Enum):
    """How far back to look, in days up to and with today; None is everything."""

    WEEK = 7
    MONTH = 30
    QUARTER = 90
    YEAR = 365
    ALL = None

    def first_day(self, today: datetime.date) -> datetime.date | None:
        """Return the first day of the period, None where it has none."""
        return None if self.value is None else today - datetime.timedelta(days=self.value - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Sums over replies. What a service did not say adds nothing; `priced` counts those with a cost.

    `cached` is a part of `input` and `reasoning` one of `output`. `cost` is in US dollars, `first_ms` the
    sum of `first_count` waits for the first token; `timed_output` tokens came in `timed_ms`.
    `uncounted` are replies of which nobody said how many tokens they took; they are in no other sum.
    """

    replies: int = 0
    priced: int = 0
    cost: float = 0.0
    input: int = 0
    output: int = 0
    cached: int = 0
    reasoning: int = 0
    first_ms: int = 0
    first_count: int = 0
    timed_output: int = 0
    timed_ms: int = 0
    uncounted: int = 0

    @property
    def unpriced(self) -> int:
        """How many replies have no price."""
        return self.replies - self.priced

    @property
    def known_cost(self) -> float | None:
        """The cost of those with a price, None where none has one."""
        return self.cost if self.priced else None

    @property
    def tokens(self) -> int:
        """All tokens, in and out."""
        return self.input + self.output

    @property
    def mean_first_ms(self) -> float | None:
        """The mean wait for the first token, or None."""
        return self.first_ms / self.first_count if self.first_count else None

    @property
    def tokens_per_second(self) -> float | None:
        """How fast the tokens came after the first one, over all of them together, or None."""
        return self.timed_output * 1_000 / self.timed_ms if self.timed_ms > 0 and self.timed_output else None

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(**{name: getattr(self, name) + getattr(other, name) for name in _NAMES})


_NAMES = tuple(item.name for item in fields(Sums))


@dataclass(frozen=True, slots=True)
class Used:
    """What the replies of one model at one endpoint took on one day of this computer's calendar."""

    day: datetime.date
    endpoint: str
    model: str
    sums: Sums

    @property
    def name(self) -> tuple[str, str]:
        """The endpoint and the model."""
        return self.endpoint, self.model


@dataclass(frozen=True, slots=True)
class UsageReport:
    """What was used from `since` on, or ever, until `until`; `binned` replies of it are in the bin."""

    used: tuple[Used, ...] = ()
    since: datetime.date | None = None
    until: datetime.date = datetime.date(1970, 1, 1)
    binned: int = 0

    def only(self, endpoint: str | None, model: str | None) -> "UsageReport":
        """Return what is of an endpoint and of a model; None is any. What is in the bin stays as it is."""
        used = (
            each
            for each in self.used
            if (endpoint is None or each.endpoint == endpoint) and (model is None or each.model == model)
        )
        return UsageReport(tuple(used), self.since, self.until, self.binned)

    @property
    def total(self) -> Sums:
        """The sums over everything."""
        return summed(each.sums for each in self.used)

    @property
    def first_day(self) -> datetime.date:
        """The first day of the report: of the period, else that of the first reply."""
        return self.since or min((each.day for each in self.used), default=self.until)

    def by_name(self) -> dict[tuple[str, str], Sums]:
        """Return the sums by endpoint and model, those with the most tokens first."""
        found = _grouped(self.used, lambda each: each.name)
        return dict(sorted(found.items(), key=lambda item: (-item[1].tokens, item[0])))


def summed(sums: Iterable[Sums]) -> Sums:
    """Return sums added together."""
    # One addition a field: a year of many models are thousands of rows.
    rows = list(sums)
    return Sums(**{name: sum(getattr(row, name) for row in rows) for name in _NAMES})


def _grouped(used: Iterable[Used], key: Callable[[Used], K]) -> dict[K, Sums]:
    rows: dict[K, list[Sums]] = {}
    for each in used:
        rows.setdefault(key(each), []).append(each.sums)
    return {name: summed(found) for name, found in rows.items()}


class Step(Enum):
    """What one bar of a chart stands for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @classmethod
    def of(cls, first: datetime.date, last: datetime.date) -> "Step":
        """Return the step that makes a readable number of bars of some days."""
        days = (last - first).days + 1
        return cls.DAY if days <= 92 else cls.WEEK if days <= 420 else cls.MONTH

    def start(self, day: datetime.date) -> datetime.date:
        """Return the first day of the step that a day is in; weeks begin on Monday."""
        if self is Step.WEEK:
            return day - datetime.timedelta(days=day.weekday())
        return day.replace(day=1) if self is Step.MONTH else day

    def after(self, start: datetime.date) -> datetime.date:
        """Return the first day of the next step."""
        if self is Step.MONTH:
            return (start + datetime.timedelta(days=31)).replace(day=1)
        return start + datetime.timedelta(days=7 if self is Step.WEEK else 1)

    def starts(self, first: datetime.date, last: datetime.date) -> Iterator[datetime.date]:
        """Return the first days of all steps from one day to another."""
        start = self.start(first)
        while start <= last:
            yield start
            start = self.after(start)


@dataclass(frozen=True, slots=True)
class Series:
    """The sums of one model at one endpoint, step by step; without a model, of all the others together."""

    endpoint: str
    model: str
    steps: tuple[Sums, ...]

    @property
    def is_rest(self) -> bool:
        """Whether these are all the others together."""
        return not self.endpoint and not self.model


def series_of(
    report: UsageReport, step: Step, most: int
) -> tuple[tuple[datetime.date, ...], tuple[Series, ...]]:
    """Return the first days of the steps, and for each of the most used models its sums at each of them.

    Beyond `most` models the least used ones are one series, the last.
    """
    starts = tuple(step.starts(report.first_day, report.until))
    places = {start: number for number, start in enumerate(starts)}
    names = [name for name, sums in report.by_name().items() if sums.replies]
    alone = set(names if len(names) <= most else names[: most - 1])
    rows: dict[tuple[str, str], list[list[Sums]]] = {}
    for each in report.used:
        place = places.get(step.start(each.day))
        if place is None or not each.sums.replies:
            continue
        name = each.name if each.name in alone else ("", "")
        rows.setdefault(name, [[] for _ in starts])[place].append(each.sums)
    order = [name for name in (*names, ("", "")) if name in rows]
    return starts, tuple(Series(*name, tuple(map(summed, rows[name]))) for name in order)
