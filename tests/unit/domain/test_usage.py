"""What was used, added up: periods, steps, series, and what is not known."""

import datetime

import pytest

from desktop.domain.usage import Period, Step, Sums, UsageReport, Used, series_of, summed

TODAY = datetime.date(2026, 11, 21)


def used(day: int, model: str, tokens: int, *, month: int = 11, endpoint: str = "E", **more: float) -> Used:
    sums = Sums(replies=1, input=tokens, **more)  # type: ignore[arg-type]
    return Used(datetime.date(2026, month, day), endpoint, model, sums)


def report(*rows: Used, since: datetime.date | None = None) -> UsageReport:
    return UsageReport(rows, since, TODAY)


@pytest.mark.parametrize(
    ("period", "first"), [(Period.WEEK, 15), (Period.MONTH, datetime.date(2026, 10, 23)), (Period.ALL, None)]
)
def test_a_period_ends_with_today(period: Period, first: object) -> None:
    expected = datetime.date(2026, 11, first) if isinstance(first, int) else first
    assert period.first_day(TODAY) == expected


def test_what_has_no_price_has_no_cost_and_is_counted() -> None:
    total = report(used(1, "m", 5), used(2, "m", 7, priced=1, cost=0.5)).total
    assert (total.replies, total.unpriced, total.known_cost, total.tokens) == (2, 1, 0.5, 12)
    assert report(used(1, "m", 5)).total.known_cost is None
    assert Sums().mean_first_ms is None
    assert Sums().tokens_per_second is None
    assert Sums(first_ms=900, first_count=3, timed_output=50, timed_ms=2_000).mean_first_ms == 300
    assert Sums(timed_output=50, timed_ms=2_000).tokens_per_second == 25
    assert summed([]) == Sums()


def test_a_report_can_be_narrowed() -> None:
    whole = report(used(1, "m", 5), used(1, "n", 6), used(1, "m", 7, endpoint="F"))
    assert whole.only(None, "m").total.tokens == 12
    assert whole.only("E", None).total.tokens == 11
    assert whole.only("F", "n").used == ()


def test_without_a_period_the_first_reply_begins_it() -> None:
    assert report(used(3, "m", 1), used(9, "m", 1)).first_day == datetime.date(2026, 11, 3)
    assert report().first_day == TODAY


@pytest.mark.parametrize(
    ("days", "step", "count"),
    [(7, Step.DAY, 7), (92, Step.DAY, 92), (365, Step.WEEK, 53), (1_000, Step.MONTH, 34)],
)
def test_there_are_never_too_many_steps(days: int, step: Step, count: int) -> None:
    first = TODAY - datetime.timedelta(days=days - 1)
    assert Step.of(first, TODAY) is step
    starts = list(step.starts(first, TODAY))
    assert len(starts) == count
    assert starts[0] <= first
    assert starts[-1] <= TODAY < step.after(starts[-1])


def test_the_most_used_models_have_series_of_their_own_and_the_others_share_one() -> None:
    rows = [used(20, name, tokens) for name, tokens in (("a", 10), ("b", 40), ("c", 30), ("d", 20))]
    starts, series = series_of(
        report(*rows, used(21, "b", 1), since=datetime.date(2026, 11, 19)), Step.DAY, 3
    )
    assert [start.day for start in starts] == [19, 20, 21]
    assert [(each.model, [sums.input for sums in each.steps]) for each in series] == [
        ("b", [0, 40, 1]),
        ("c", [0, 30, 0]),
        ("", [0, 30, 0]),
    ]
    assert series[-1].is_rest
    assert len(series_of(report(*rows), Step.DAY, 4)[1]) == 4


def test_what_nobody_counted_is_in_no_series() -> None:
    row = Used(TODAY, "E", "m", Sums(uncounted=3))
    assert series_of(report(row), Step.DAY, 6)[1] == ()
