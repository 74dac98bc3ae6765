"""The living are told from the dead, and one that is alone is known to be."""

from pathlib import Path

import pytest

from desktop.domain.failure import AlreadyRunningError
from desktop.store.lock import locks_of
from desktop.store.presence import Presence


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


def entered(path: Path) -> Presence:
    presence = Presence(path)
    with presence.gate():
        presence.enter()
    return presence


def test_each_sees_the_others_until_they_leave(path: Path) -> None:
    first, second = entered(path), entered(path)
    with first.gate():
        assert first.others() == {second.run}
    with second.gate():
        assert second.others() == {first.run}
    second.leave()
    with first.gate():
        assert first.others() == frozenset()
    first.leave()
    assert list(locks_of(path).glob("run-*")) == []


def test_the_dead_are_forgotten_once(path: Path) -> None:
    living, dead, third = entered(path), entered(path), entered(path)
    assert living.forget_dead() is None
    # What the system does for a process that is killed: the lock goes, the file stays.
    dead._own.release()
    assert living.forget_dead() == {third.run}
    assert living.forget_dead() is None
    assert third.forget_dead() is None
    third.leave()
    living.leave()


def test_nobody_is_told_dead_while_one_comes_in(path: Path) -> None:
    living, coming = entered(path), Presence(path)
    with coming.gate():
        # Its file is there and its lock is not yet.
        (locks_of(path) / f"run-{coming.run}").touch()
        assert living.forget_dead() is None
        coming.enter()
    with living.gate():
        assert living.others() == {coming.run}
    coming.leave()
    living.leave()


def test_a_gate_that_stays_shut_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.store.lock.FileLock.acquire", lambda self: self.try_acquire())
    first, second = Presence(path), Presence(path)
    with first.gate(), pytest.raises(AlreadyRunningError, match="preparing"), second.gate():
        pass
    with second.gate():
        pass
