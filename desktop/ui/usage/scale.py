"""The scale of an axis: round numbers, few of them, that hold the largest value."""

from collections.abc import Sequence
from math import ceil, floor, log10

_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)


def ticks(largest: float, most: int = 4) -> tuple[float, ...]:
    """Return round numbers from 0 to one not below `largest`, at most `most` above 0, at even distances."""
    if largest <= 0:
        return (0.0, 1.0)
    rough = largest / most
    power = 10.0 ** floor(log10(rough))
    step = next(unit * power for unit in _ROUND if unit * power >= rough * 0.999999)
    count = max(1, ceil(largest / step - 1e-9))
    return tuple(step * number for number in range(count + 1))


def spread(count: int, most: int) -> Sequence[int]:
    """Return the places, of so many, that get a label: the last and every so many before it."""
    if count <= 0 or most <= 0:
        return ()
    every = next(step for step in (1, 2, 5, 7, 10, 14, 30, 60, 120, 10**9) if ceil(count / step) <= most)
    return tuple(reversed(range(count - 1, -1, -every)))
