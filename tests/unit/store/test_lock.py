"""The locks exclude each other within a process and between two, and go with the process that held them."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from desktop.domain.failure import StorageError
from desktop.store.lock import FileLock, WriteLock

ROOT = Path(__file__).parents[3]

HOLDING = """
import sys, time
from pathlib import Path
from desktop.store.lock import FileLock
assert FileLock(Path(sys.argv[1])).try_acquire()
print("held", flush=True)
time.sleep(60)
"""


def test_one_at_a_time_has_a_file(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "a"), FileLock(tmp_path / "a")
    assert first.try_acquire()
    assert not second.try_acquire()
    assert not second.acquire(0.02)
    first.release()
    first.release()
    assert second.try_acquire()
    second.release()


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(tmp_path / "a")], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    lock = FileLock(tmp_path / "a")
    assert not lock.try_acquire()
    child.kill()
    child.stdout.close()
    child.wait(10)
    assert lock.acquire(5)
    lock.release()


def test_a_writer_without_a_pause_lets_another_in(tmp_path: Path) -> None:
    greedy, patient = WriteLock(tmp_path), WriteLock(tmp_path)
    has_turned, rounds = threading.Event(), 0

    def wait_for_a_turn() -> None:
        with patient:
            has_turned.set()

    waiting = threading.Thread(target=wait_for_a_turn)
    with greedy:
        waiting.start()
        time.sleep(0.05)
    while not has_turned.is_set() and rounds < 50:
        rounds += 1
        with greedy:
            time.sleep(0.005)
    waiting.join(10)
    assert has_turned.is_set()
    assert rounds < 50


def test_waiting_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.store.lock.WriteLock.acquire", lambda self: False)
    with pytest.raises(StorageError, match="Another Weir"), WriteLock(tmp_path):
        pass


def test_a_wait_ends_in_time_wherever_it_is_stuck(tmp_path: Path) -> None:
    holder, waiter = WriteLock(tmp_path), WriteLock(tmp_path)
    with holder:
        assert not waiter.acquire(0.05)
    assert waiter.acquire(0.05)
    waiter.release()
    with_next = FileLock(tmp_path / "next")
    assert with_next.try_acquire()
    assert not waiter.acquire(0.05)
    with_next.release()
