import random

import pytest

from desktop.chat.retries import Retries
from desktop.domain.failure import Failure, FailureKind

BUSY = Failure(kind=FailureKind.OVERLOADED, status=503)


@pytest.mark.parametrize("attempt", [1, 2, 3])
def test_the_wait_is_drawn_from_all_of_a_growing_span(attempt: int) -> None:
    retries = Retries(chance=random.Random(7))
    waits = [retries.wait_before(attempt, BUSY, 0.0) for _ in range(400)]
    span = 2.0**attempt
    assert all(wait is not None and 0 <= wait <= span for wait in waits)
    assert min(w for w in waits if w is not None) < span * 0.1
    assert max(w for w in waits if w is not None) > span * 0.9


def test_there_is_an_end_to_it() -> None:
    assert Retries().wait_before(4, BUSY, 0.0) is None
    assert Retries().wait_before(1, BUSY, 60.1) is None


def test_the_wait_that_the_service_names_is_kept_to() -> None:
    assert (
        Retries().wait_before(1, Failure(kind=FailureKind.RATE_LIMIT, status=429, retry_after=12.5), 0)
        == 12.5
    )
    assert Retries().wait_before(1, Failure(kind=FailureKind.RATE_LIMIT, status=429, retry_after=60), 0) == 60
    assert (
        Retries().wait_before(1, Failure(kind=FailureKind.RATE_LIMIT, status=429, retry_after=61), 0) is None
    )
    assert (
        Retries().wait_before(2, Failure(kind=FailureKind.RATE_LIMIT, status=429, retry_after=30), 40) is None
    )


def test_what_does_not_pass_is_not_tried_again() -> None:
    assert Retries().wait_before(1, Failure(kind=FailureKind.NO_MODEL, status=404), 0) is None
