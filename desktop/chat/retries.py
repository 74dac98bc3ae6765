"""Retries: whether a turn that failed before its first word is worth another attempt, and when."""

import random
from dataclasses import dataclass, field

from desktop.domain.failure import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How often and how long a turn tries again. Times are in seconds.

    At most `limit` further attempts are made, none later than `within_s` after the first began. A
    wait that the service names is kept to; without one it grows from `first_s`, doubling,
    up to `longest_s`, and the moment is drawn from the whole of it ("full jitter"), so that many
    programs that were cut off together do not come back together. `second_s` is how long one counted
    second lasts; tests shorten it.
    """

    limit: int = 3
    first_s: float = 2.0
    longest_s: float = 16.0
    within_s: float = 60.0
    second_s: float = 1.0
    chance: random.Random = field(default_factory=random.Random, repr=False)

    def wait_before(self, attempt: int, failure: Failure, elapsed_s: float) -> float | None:
        """Return the wait before a further attempt, counted from 1, or None if there is to be none."""
        if attempt > self.limit or not failure.is_passing:
            return None
        wait = failure.retry_after
        if wait is None:
            wait = self.chance.uniform(0, min(self.longest_s, self.first_s * 2 ** (attempt - 1)))
        return wait if elapsed_s + wait <= self.within_s else None
