"""When somebody is asked for a newer version, and what is known afterwards."""

import pytest

from desktop.base.clock import now_ms
from desktop.chat.tasks import TaskOwner
from desktop.chat.updates import AUTOMATIC, DAY_MS, LAST_CHECK, Updates, UpdateState
from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from desktop.domain.release import Release
from tests.support.chatting import until
from tests.support.windows import Kept

OFFLINE = TurnFailedError(Failure(kind=FailureKind.DNS, host="releases.test"))


class Published:
    """Releases in memory; counts how often it is asked."""

    def __init__(self, answer: Release | TurnFailedError, *, is_known: bool = True) -> None:
        self.answer = answer
        self.is_known = is_known
        self.asked = 0

    async def fetch_newest(self) -> Release:
        self.asked += 1
        if isinstance(self.answer, TurnFailedError):
            raise self.answer
        return self.answer


class Case:
    def __init__(self, answer: Release | TurnFailedError, *, is_known: bool = True, **kept: str) -> None:
        self.published = Published(answer, is_known=is_known)
        self.kept = Kept(**{name.replace("_", ".", 1): value for name, value in kept.items()})
        self.tasks = TaskOwner()
        self.updates = Updates(self.published, self.kept.ports(), self.tasks, "0.1.0")

    async def settled(self) -> UpdateState:
        await until(lambda: not self.tasks.is_running("updates"))
        return self.updates.state


async def test_nobody_is_asked_by_itself(qloop):
    case = Case(Release("0.2.0", "https://r.test"))
    case.updates.begin()
    assert await case.settled() is UpdateState.UNASKED
    assert case.published.asked == 0
    assert not case.updates.is_automatic


@pytest.mark.parametrize(("version", "state"), [("0.2.0", UpdateState.NEWER), ("0.1.0", UpdateState.NEWEST)])
async def test_a_question_is_asked_once_and_answered(qloop, version, state):
    case = Case(Release(version, "https://r.test/page"))
    case.updates.check()
    case.updates.check()
    assert case.updates.state is UpdateState.ASKING
    assert await case.settled() is state
    assert case.published.asked == 1
    assert case.updates.release == Release(version, "https://r.test/page")


async def test_offline_is_a_failure_and_can_be_tried_again(qloop):
    case = Case(OFFLINE)
    case.updates.check()
    assert await case.settled() is UpdateState.FAILED
    assert case.updates.failure.kind is FailureKind.DNS
    assert LAST_CHECK not in case.kept.values
    case.published.answer = Release("0.1.0", "https://r.test")
    case.updates.check()
    assert await case.settled() is UpdateState.NEWEST


async def test_switched_on_it_asks_once_a_day(qloop):
    case = Case(Release("0.1.0", "https://r.test"))
    case.updates.set_automatic(True)
    assert case.published.asked == 0
    case.updates.begin()
    await case.settled()
    case.updates.begin()
    await case.settled()
    assert case.published.asked == 1
    case.kept.values[LAST_CHECK] = str(now_ms() - DAY_MS)
    case.updates.begin()
    await case.settled()
    assert case.published.asked == 2
    case.updates.set_automatic(False)
    case.kept.values[LAST_CHECK] = "nonsense"
    case.updates.begin()
    await case.settled()
    assert case.published.asked == 2
    assert case.kept.values[AUTOMATIC] == "no"


async def test_a_build_without_an_address_asks_nobody(qloop):
    case = Case(OFFLINE, is_known=False)
    case.updates.set_automatic(True)
    case.updates.begin()
    case.updates.check()
    assert await case.settled() is UpdateState.UNASKED
    assert case.published.asked == 0
