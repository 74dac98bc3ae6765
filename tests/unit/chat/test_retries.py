"""Waits and ends of the attempts, with the waits written down in place of being waited for."""

import asyncio
import statistics
from collections.abc import Awaitable, Callable

import pytest

from desktop.chat.retries import Retries
from desktop.domain.failure import Failure, FailureKind, TurnFailedError

BUSY = Failure(kind=FailureKind.OVERLOADED, status=503)


Wait = Callable[[float], Awaitable[None]]


async def raise_in(retries: Retries, wait: Wait, error: BaseException) -> None:
    """Make attempts that all fail with the same exception."""
    async for attempt in retries.attempts(lambda _: True, wait):
        with attempt:
            raise error


async def waits_of(
    retries: Retries, *failures: Failure, may_repeat: Callable[[Failure], bool] = lambda _: True
) -> tuple[list[float], Failure | None]:
    """Return the waits between attempts that fail as given and then succeed, and what stands at the end."""
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    left = list(failures)
    try:
        async for attempt in retries.attempts(may_repeat, wait):
            with attempt:
                if left:
                    raise TurnFailedError(left.pop(0))
    except TurnFailedError as error:
        return waits, error.failure
    return waits, None


async def test_success_needs_one_attempt() -> None:
    assert await waits_of(Retries()) == ([], None)


async def test_the_wait_is_drawn_from_all_of_a_growing_span() -> None:
    tries = [await waits_of(Retries(), BUSY, BUSY, BUSY) for _ in range(80)]
    assert all(failure is None for _, failure in tries)
    for number, span in enumerate((2.0, 4.0, 8.0)):
        waits = [waits[number] for waits, _ in tries]
        assert all(0 <= wait <= span for wait in waits)
        assert min(waits) < span * 0.2
        assert max(waits) > span * 0.8
        assert abs(statistics.mean(waits) - span / 2) < span * 0.2


async def test_the_span_has_an_end() -> None:
    waits, _ = await waits_of(Retries(limit=8, longest_s=3.0, within_s=1e6), *[BUSY] * 8)
    assert max(waits) <= 3.0


async def test_there_is_an_end_to_the_attempts() -> None:
    waits, failure = await waits_of(Retries(), *[BUSY] * 9)
    assert (len(waits), failure) == (3, BUSY)


async def test_the_wait_that_the_service_names_is_kept_to() -> None:
    slow = Failure(kind=FailureKind.RATE_LIMIT, status=429, retry_after=12.5)
    assert await waits_of(Retries(), slow, slow) == ([12.5, 12.5], None)


@pytest.mark.parametrize("seconds", [60, 61, 3600])
async def test_a_wait_beyond_a_minute_is_not_waited_for(seconds: float) -> None:
    slow = Failure(kind=FailureKind.RATE_LIMIT, status=429, retry_after=seconds)
    assert await waits_of(Retries(), slow) == ([], slow)


async def test_the_minute_counts_from_the_first_attempt() -> None:
    slow = Failure(kind=FailureKind.RATE_LIMIT, status=429, retry_after=0.2)

    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(seconds)

    with pytest.raises(TurnFailedError):
        await raise_in(Retries(limit=9, within_s=0.5), wait, TurnFailedError(slow))
    assert len(waits) <= 2


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 529])
async def test_what_passes_is_tried_again(status: int) -> None:
    waits, failure = await waits_of(Retries(), Failure(kind=FailureKind.SERVER, status=status))
    assert (len(waits), failure) == (1, None)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 407, 409, 413, 415, 422, 451, 501])
async def test_what_does_not_pass_is_not(status: int) -> None:
    lasting = Failure(kind=FailureKind.BAD_REQUEST, status=status)
    assert await waits_of(Retries(), lasting) == ([], lasting)


async def test_whoever_asks_may_refuse() -> None:
    assert await waits_of(Retries(), BUSY, may_repeat=lambda _: False) == ([], BUSY)


@pytest.mark.parametrize("error", [ValueError("a mistake"), asyncio.CancelledError()])
async def test_what_is_no_failure_is_raised_as_it_is(error: BaseException) -> None:
    async def wait(_: float) -> None:
        pytest.fail("there is nothing to wait for")

    with pytest.raises(type(error)) as caught:
        await raise_in(Retries(), wait, error)
    assert caught.value is error


async def test_a_cancelled_wait_ends_it() -> None:
    async def wait(_: float) -> None:
        await asyncio.sleep(60)

    task = asyncio.ensure_future(raise_in(Retries(), wait, TurnFailedError(BUSY)))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
