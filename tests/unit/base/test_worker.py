"""A worker runs what it is given in order, off this thread, and ends when told to."""

import asyncio
import subprocess
import sys
import threading
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from desktop.base.worker import Worker


def test_jobs_run_in_order_on_one_other_thread() -> None:
    worker = Worker("test-worker")
    ran: list[tuple[int, str]] = []
    futures = [
        worker.submit(lambda number=number: ran.append((number, threading.current_thread().name)))  # type: ignore[misc]
        for number in range(20)
    ]
    for future in futures:
        future.result(5)
    assert ran == [(number, "test-worker") for number in range(20)]
    worker.close().result(5)
    assert worker.join(5)


def test_a_job_that_raises_stops_nobody() -> None:
    worker = Worker("test-worker")
    failed = worker.submit(lambda: 1 / 0)
    assert worker.submit(lambda: "next").result(5) == "next"
    with pytest.raises(ZeroDivisionError):
        failed.result(5)
    worker.close()
    assert worker.join(5)


def test_a_job_cancelled_before_its_turn_never_runs() -> None:
    worker = Worker("test-worker")
    gate, ran = threading.Event(), []
    first = worker.submit(lambda: gate.wait(5))
    second = worker.submit(lambda: ran.append("second"))
    assert second.cancel()
    gate.set()
    first.result(5)
    worker.close().result(5)
    assert ran == []
    with pytest.raises(CancelledError):
        second.result(0)
    assert worker.join(5)


def test_closing_runs_what_is_queued_and_then_the_last() -> None:
    worker = Worker("test-worker")
    gate, ran = threading.Event(), []
    worker.submit(lambda: gate.wait(5))
    for number in range(3):
        worker.submit(lambda number=number: ran.append(number))  # type: ignore[misc]
    closed = worker.close(lambda: ran.append("last"))  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="closed"):
        worker.submit(lambda: None)
    gate.set()
    closed.result(5)
    assert ran == [0, 1, 2, "last"]
    worker.close().result(5)
    assert worker.join(5)


def test_a_worker_that_never_worked_has_no_thread() -> None:
    before = threading.active_count()
    worker = Worker("test-worker")
    assert threading.active_count() == before
    worker.close().result(0)
    assert worker.join()


async def test_results_are_awaited_without_holding_up_the_loop() -> None:
    worker = Worker("test-worker")
    gate = threading.Event()
    waiting = asyncio.wrap_future(worker.submit(lambda: gate.wait(5)))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    gate.set()
    assert await waiting
    await asyncio.wrap_future(worker.close())
    assert worker.join(5)


def test_a_job_without_end_does_not_hold_up_the_program_s_end() -> None:
    program = (
        "import threading; from desktop.base.worker import Worker;"
        "worker = Worker('stuck'); worker.submit(threading.Event().wait); worker.close()"
    )
    subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[3], timeout=20, check=True)
