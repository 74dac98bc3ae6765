"""From a report to what the page shows: plots, tiles, notes. No widgets here."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desktop.base.tongue import number, sentences
from desktop.domain.usage import Series, Step, Sums, UsageReport, series_of
from desktop.ui import wording
from desktop.ui.usage import words
from desktop.ui.usage.chart import Line, Plot
from desktop.ui.usage.words import tr

MOST_SERIES = 6


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure: what it is, the number, and what is to be known with it."""

    caption: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """All that the page shows of a report."""

    step: Step
    starts: tuple[datetime.date, ...]
    series: tuple[Series, ...]
    names: tuple[str, ...]
    colors: tuple[str, ...]

    @classmethod
    def of(cls, report: UsageReport, colors: tuple[str, ...]) -> "Figures":
        """Make the figures of a report; the last colour is for the models that have none of their own."""
        step = Step.of(report.first_day, report.until)
        starts, series = series_of(report, step, MOST_SERIES)
        models = [each.model for each in series]
        names = tuple(words.series_name(each, has_endpoint=models.count(each.model) > 1) for each in series)
        own = tuple(colors[-1] if each.is_rest else colors[n] for n, each in enumerate(series))
        return cls(step, starts, series, names, own)

    def plot(
        self,
        value: Callable[[Sums], float | None],
        say: Callable[[float], str],
        axis: Callable[[Sequence[float]], Sequence[str]],
        *,
        is_stacked: bool,
    ) -> Plot:
        """Return the plot of one value of each model over time."""
        lines = [
            Line(name, color, tuple(value(sums) for sums in each.steps))
            for name, color, each in zip(self.names, self.colors, self.series, strict=True)
            # A mean of many models says nothing of any of them.
            if is_stacked or not each.is_rest
        ]
        return Plot(
            labels=tuple(words.tick(self.step, start) for start in self.starts),
            titles=tuple(words.step_words(self.step, start) for start in self.starts),
            lines=tuple(line for line in lines if any(line.values)),
            words=say,
            axis=axis,
            is_stacked=is_stacked,
        )

    def cost(self) -> Plot:
        """Return what was paid."""
        return self.plot(lambda sums: sums.cost or None, words.money, words.money_scale, is_stacked=True)

    def tokens(self) -> Plot:
        """Return the tokens in and out."""
        return self.plot(lambda sums: sums.tokens or None, number, _shorts, is_stacked=True)

    def first_token(self) -> Plot:
        """Return the waits for the first token, in milliseconds."""
        return self.plot(lambda sums: sums.mean_first_ms, words.seconds, _seconds, is_stacked=False)

    def speed(self) -> Plot:
        """Return the tokens per second."""
        return self.plot(lambda sums: sums.tokens_per_second, words.speed, _plain, is_stacked=False)


def _shorts(scale: Sequence[float]) -> list[str]:
    return [wording.short(value) for value in scale]


def _seconds(scale: Sequence[float]) -> list[str]:
    return [wording.seconds(value / 1_000, _digits(scale, 1_000)) for value in scale]


def _plain(scale: Sequence[float]) -> list[str]:
    return [number(value, _digits(scale, 1)) for value in scale]


def _digits(scale: Sequence[float], unit: float) -> int:
    """Return how many decimals the steps of a scale need."""
    return max((len(f"{value / unit:.6f}".rstrip("0").partition(".")[2]) for value in scale), default=0)


def tiles_of(report: UsageReport) -> tuple[Tile, ...]:
    """Return the totals of a report."""
    total = report.total
    unpriced = tr("%n replies have no price", "", total.unpriced) if total.unpriced else ""
    cached = ""
    if total.cached and total.input:
        cached = tr("{share} of it from a cache").format(share=wording.percent(total.cached / total.input))
    reasoning = ""
    if total.reasoning:
        #: {count} is a number of tokens in short: 3.2k
        reasoning = tr("{count} for reasoning").format(count=wording.short(total.reasoning))
    binned = tr("%n of them in the bin", "", report.binned) if report.binned else ""
    has_cost = total.known_cost is not None
    return (
        Tile(
            tr("Cost"),
            words.cost(total.known_cost) if has_cost or total.replies else wording.dollars(0, 0),
            unpriced,
        ),
        Tile(tr("Tokens in"), wording.short(total.input), cached),
        Tile(tr("Tokens out"), wording.short(total.output), reasoning),
        Tile(tr("Replies"), number(total.replies), binned),
        Tile(
            tr("First token"),
            words.seconds(total.mean_first_ms),
            tr("on average") if total.first_count else "",
        ),
        Tile(
            tr("Speed"), words.speed(total.tokens_per_second), tr("on average") if total.timed_output else ""
        ),
    )


def notes_of(report: UsageReport) -> tuple[str, ...]:
    """Return what has to be said of what is counted."""
    found = [
        tr(
            "Counted is what services stated, in US dollars, at list price where they state no cost. What "
            "has no price, such as models on this computer, adds nothing to the cost."
        ),
        tr(
            "What is in the bin counts, what was deleted for good no longer does. Summaries of long "
            "conversations count as replies; titles that the model wrote are not counted."
        ),
    ]
    if report.total.uncounted:
        found.append(
            tr(
                "%n replies came without any counts, for instance from other programs, and are left out.",
                "",
                report.total.uncounted,
            )
        )
    return tuple(found)


def plot_words(plot: Plot, name: str) -> str:
    """Return what a chart shows, for those who can't see it."""
    if plot.is_empty:
        return tr("{name}: nothing in this time.").format(name=name)
    best = max(range(len(plot.labels)), key=lambda place: sum(value for _, value in plot.values_at(place)))
    top = wording.parts(*(plot.line_words(line, value) for line, value in plot.values_at(best)[:3]))
    said = tr("{name}, %n step(s) from {first} to {last}. Highest: {title}, {top}.", "", len(plot.labels))
    said = said.format(
        name=name, first=plot.titles[0], last=plot.titles[-1],
        title=plot.titles[best], top=top,
    )  # fmt: skip
    return sentences(said, tr("The arrow keys go through it; the table has every number."))
