"""What a benchmark measures: figures, each a ratio of two things measured in the same run."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio with its goal. `detail` holds what it was made of, with units in the names.

    `also` says whether what the goal asks for beside the ratio holds.
    """

    name: str
    ratio: float
    goal: float
    detail: dict[str, Any] = field(default_factory=dict)
    at_least: bool = False
    also: bool = True

    @property
    def is_reached(self) -> bool:
        """Whether the goal is reached."""
        return self.also and (self.ratio >= self.goal if self.at_least else self.ratio <= self.goal)

    def as_json(self) -> dict[str, Any]:
        """Return the figure as one JSON object."""
        values = asdict(self)
        values["ratio"] = round(self.ratio, 3)
        values["reached"] = self.is_reached
        return values


Measure = Callable[[], Figure]

MEASURES: dict[str, Measure] = {}


def measures(name: str) -> Callable[[Measure], Measure]:
    """Register a function that measures the figure of this name."""

    def register(measure: Measure) -> Measure:
        MEASURES[name] = measure
        return measure

    return register


def median(values: Sequence[float]) -> float:
    """Return the median, rounded to what a noisy machine can tell."""
    return round(statistics.median(values), 4)


def alternately(runs: int, ours: Callable[[], float], floor: Callable[[], float]) -> tuple[float, float]:
    """Run both in turns, so that a neighbour's load meets both; return the median of each.

    One run of each beforehand warms caches and is not counted.
    """
    ours()
    floor()
    pairs = [(ours(), floor()) for _ in range(runs)]
    return median([pair[0] for pair in pairs]), median([pair[1] for pair in pairs])
