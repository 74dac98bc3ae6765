"""Heights of a long column: sums, searches and changes in logarithmic time."""

from collections.abc import Iterable
from itertools import accumulate


class Heights:
    """A Fenwick tree over whole-pixel heights."""

    def __init__(self, values: Iterable[int] = ()) -> None:
        self._values: list[int] = list(values)
        sums = [0, *accumulate(self._values)]
        self._total = sums[-1]
        self._tree: list[int] = [total - sums[at & (at - 1)] for at, total in enumerate(sums)]

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, index: int) -> int:
        return self._values[index]

    @property
    def total(self) -> int:
        """The sum of all heights."""
        return self._total

    def append(self, value: int) -> None:
        """Add a height at the end."""
        at = len(self._tree)
        self._tree.append(self.before(at - 1) - self.before(at & (at - 1)) + value)
        self._values.append(value)
        self._total += value

    def set(self, index: int, value: int) -> None:
        """Change one height."""
        change = value - self._values[index]
        if not change:
            return
        self._values[index] = value
        self._total += change
        at = index + 1
        while at < len(self._tree):
            self._tree[at] += change
            at += at & -at

    def before(self, index: int) -> int:
        """Return the sum of the heights before an index."""
        total = 0
        while index > 0:
            total += self._tree[index]
            index -= index & -index
        return total

    def find(self, y: int) -> tuple[int, int]:
        """Return the index whose stretch contains `y`, and how far into it `y` is.

        Above the first it is the first, with a negative distance; below the last it is the last.
        """
        if y < 0 or not self._values:
            return 0, y
        at, rest = 0, y
        step = 1 << (len(self._values).bit_length() - 1)
        while step:
            following = at + step
            if following < len(self._tree) and self._tree[following] <= rest:
                at = following
                rest -= self._tree[following]
            step >>= 1
        if at >= len(self._values):
            at = len(self._values) - 1
            rest = y - self.before(at)
        return at, rest
