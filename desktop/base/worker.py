"""Worker: a daemon thread with one queue, for calls that may block."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class _Job(Generic[T]):
    __slots__ = ("call", "future")

    def __init__(self, call: Callable[[], T]) -> None:
        self.call = call
        self.future: Future[T] = Future()

    def run(self) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            result = self.call()
        except BaseException as problem:
            self.future.set_exception(problem)
        else:
            self.future.set_result(result)


class Worker:
    """Runs jobs one after another on a daemon thread, which starts with the first job.

    A daemon thread, because some calls (a locked keyring) block without limit and the program's end
    must not wait for them. Wait for a result with `asyncio.wrap_future`; a job whose future is
    cancelled before its turn never runs.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._queue: queue.SimpleQueue[_Job[object] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def submit(self, call: Callable[[], T]) -> Future[T]:
        """Queue `call` and return the future of its result. Raises RuntimeError after `close`."""
        job = _Job(call)
        with self._lock:
            if self._is_closed:
                raise RuntimeError(f"{self._name} is closed")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._queue.put(job)  # type: ignore[arg-type]
        return job.future

    def close(self, last: Callable[[], None] | None = None) -> Future[None]:
        """Take no more jobs; the future is done once the queued ones and then `last` have run."""
        with self._lock:
            is_first = not self._is_closed
            self._is_closed = True
            job = _Job[None](last if last is not None and is_first else lambda: None)
            if self._thread is None or not is_first:
                job.future.set_result(None)
                return job.future
            self._queue.put(job)  # type: ignore[arg-type]
            self._queue.put(None)
        return job.future

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the thread to end after `close`, at most `timeout` seconds; say whether it did."""
        if self._thread is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (job := self._queue.get()) is not None:
            job.run()
            # A job holds what it was given, which may be a key: not until the next one comes.
            del job
