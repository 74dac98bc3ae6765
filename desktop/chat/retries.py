"""Retries: whether a turn that failed before its first word is worth another attempt, and when."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.domain.failure import Failure, TurnFailedError

if TYPE_CHECKING:
    from tenacity import AsyncRetrying, RetryCallState


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How often and how long a turn tries again. Times are in seconds.

    At most `limit` further attempts are made, each less than `within_s` after the first began. A
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

    def attempts(
        self, may_repeat: Callable[[Failure], bool], wait: Callable[[float], Awaitable[None]]
    ) -> "AsyncRetrying":
        """Return the attempts, for `async for`, each of which is entered as a context manager.

        A TurnFailedError that passes by itself is followed by another attempt if `may_repeat` agrees;
        `wait` is awaited before it with the seconds. Every other exception ends the attempts and is
        raised by them.
        """
        # The import takes 20 ms, which the first frame need not wait for; see `prepare`.
        from tenacity import (
            AsyncRetrying,
            retry_if_exception,
            stop_after_attempt,
            stop_before_delay,
            wait_random_exponential,
        )

        jitter = wait_random_exponential(multiplier=self.first_s, max=self.longest_s)

        def is_worth_it(error: BaseException) -> bool:
            return (
                isinstance(error, TurnFailedError) and error.failure.is_passing and may_repeat(error.failure)
            )

        def seconds(state: "RetryCallState") -> float:
            error = state.outcome.exception() if state.outcome is not None else None
            named = error.failure.retry_after if isinstance(error, TurnFailedError) else None
            return named if named is not None else jitter(state)

        return AsyncRetrying(
            retry=retry_if_exception(is_worth_it),
            wait=seconds,
            stop=stop_after_attempt(self.limit + 1) | stop_before_delay(self.within_s),
            sleep=wait,
            reraise=True,
        )


def prepare() -> None:
    """Import what the first turn needs. For a worker thread, once the window is on screen."""
    import tenacity  # noqa: F401
