"""From a report to what the page shows: plots, tiles, notes. No widgets here."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desktop.domain.usage import Series, Step, Sums, UsageReport, series_of
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
        form = "MMM yyyy" if self.step is Step.MONTH else "d MMM"
        return Plot(
            labels=tuple(words.day(start, form) for start in self.starts),
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
        return self.plot(lambda sums: sums.tokens or None, words.number, _shorts, is_stacked=True)

    def first_token(self) -> Plot:
        """Return the waits for the first token, in milliseconds."""
        return self.plot(lambda sums: sums.mean_first_ms, words.seconds, _seconds, is_stacked=False)

    def speed(self) -> Plot:
        """Return the tokens per second."""
        return self.plot(lambda sums: sums.tokens_per_second, words.speed, _plain, is_stacked=False)


def _shorts(scale: Sequence[float]) -> list[str]:
    return [words.short(value) for value in scale]


def _seconds(scale: Sequence[float]) -> list[str]:
    return [f"{value / 1_000:g} s" for value in scale]


def _plain(scale: Sequence[float]) -> list[str]:
    return [f"{value:g}" for value in scale]


def tiles_of(report: UsageReport) -> tuple[Tile, ...]:
    """Return the totals of a report."""
    total = report.total
    unpriced = ""
    if total.unpriced == 1:
        unpriced = tr("1 reply has no price")
    elif total.unpriced:
        unpriced = tr("{count} replies have no price").format(count=words.number(total.unpriced))
    cached = ""
    if total.cached and total.input:
        cached = tr("{share} % of it from a cache").format(share=round(100 * total.cached / total.input))
    reasoning = (
        tr("{count} for reasoning").format(count=words.short(total.reasoning)) if total.reasoning else ""
    )
    binned = (
        tr("{count} of them in the bin").format(count=words.number(report.binned)) if report.binned else ""
    )
    has_cost = total.known_cost is not None
    return (
        Tile(tr("Cost"), words.cost(total.known_cost) if has_cost or total.replies else "$0", unpriced),
        Tile(tr("Tokens in"), words.short(total.input), cached),
        Tile(tr("Tokens out"), words.short(total.output), reasoning),
        Tile(tr("Replies"), words.number(total.replies), binned),
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
        count = words.number(report.total.uncounted)
        found.append(
            tr(
                "{count} replies came without any counts, for instance from other programs. They are left "
                "out."
            ).format(count=count)
        )
    return tuple(found)


def plot_words(plot: Plot, name: str) -> str:
    """Return what a chart shows, for those who can't see it."""
    if plot.is_empty:
        return tr("{name}: nothing in this time.").format(name=name)
    best = max(range(len(plot.labels)), key=lambda place: sum(value for _, value in plot.values_at(place)))
    top = ", ".join(f"{line.name} {plot.words(value)}" for line, value in plot.values_at(best)[:3])
    said = tr("{name}, {count} steps from {first} to {last}. Highest: {title}, {top}.").format(
        name=name, count=len(plot.labels), first=plot.titles[0], last=plot.titles[-1],
        title=plot.titles[best], top=top,
    )  # fmt: skip
    return f"{said} {tr('The arrow keys go through it; the table has every number.')}"
