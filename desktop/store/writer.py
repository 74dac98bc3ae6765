"""Writer: the one thread with the one writing connection. Reader: its counterpart that only reads."""

import asyncio
import contextlib
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar, cast

from desktop.base.tongue import translate
from desktop.base.worker import Worker
from desktop.domain.failure import StorageError
from desktop.store.database import Database, Opening, connect_reader, suspect_mark
from desktop.store.faults import is_damage, storage_error

_LOG = logging.getLogger(__name__)
_MOST_IN_ONE_TRANSACTION = 64

T = TypeVar("T")


_Answer = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class _Job:
    __slots__ = ("answer", "call", "future", "is_durable", "is_look", "shares")

    def __init__(
        self,
        call: Callable[[Any], Any],
        shares: bool = False,
        is_durable: bool = False,
        is_look: bool = False,
    ) -> None:
        self.call = call
        self.shares = shares
        self.is_durable = is_durable
        self.is_look = is_look
        self.answer: _Answer | None = None
        self.future: Future[Any] | None = None

    def promise(self) -> "Future[Any]":
        """Return the future that the job's end is told to."""
        self.future = Future()
        # A write is never taken back because its caller was cancelled: Stop must not lose text.
        self.future.set_running_or_notify_cancel()
        return self.future


class Writer:
    """Opens the database on its thread, runs queued jobs in transactions, closes it at the end.

    `opened` is done once the database is ready or has failed to open; after a failure every job
    fails with the same StorageError. Futures work with `asyncio.wrap_future` on any loop.
    """

    def __init__(self, path: Path, opener: Callable[[], Database]) -> None:
        self._path = path
        self._opener = opener
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._next: _Job | None = None
        self._lock = threading.Lock()
        self._is_closed = False
        self._is_full_sync = False
        self._closed: Future[None] = Future()
        self.opened: Future[Opening] = Future()
        self.opened.set_running_or_notify_cancel()
        self._closed.set_running_or_notify_cancel()
        self._thread = threading.Thread(target=self._run, name="weir-writer", daemon=True)
        self._thread.start()

    def submit(
        self, call: Callable[[sqlite3.Connection], T], *, shares: bool = False, is_durable: bool = False
    ) -> "Future[T]":
        """Queue `call` to run in a transaction; its future is done after the COMMIT.

        Neighbouring jobs that `shares` may be committed together. `is_durable` waits for the disk
        itself, so that even a power cut keeps it. The future raises StorageError.
        """
        job = _Job(call, shares, is_durable)
        future = job.promise()
        self._put(job)
        return future

    async def run(
        self, call: Callable[[sqlite3.Connection], T], *, shares: bool = False, is_durable: bool = False
    ) -> T:
        """Queue `call` as `submit` does, and wait for it. Raises StorageError."""
        return await self.begin(call, shares=shares, is_durable=is_durable)

    def begin(
        self, call: Callable[[sqlite3.Connection], T], *, shares: bool = False, is_durable: bool = False
    ) -> "asyncio.Future[T]":
        """Queue `call` as `submit` does; return a future of the running loop, which raises StorageError.

        That loop is woken once for all that was committed together.
        """
        loop = asyncio.get_running_loop()
        job = _Job(call, shares, is_durable)
        answer: asyncio.Future[T] = loop.create_future()
        job.answer = (loop, answer)
        self._put(job)
        return answer

    def look(self, call: Callable[[Database], T]) -> "Future[T]":
        """Queue `call` to run on the thread without a transaction, after all that was queued before.

        The future raises StorageError.
        """
        job = _Job(call, is_look=True)
        future = job.promise()
        self._put(job)
        return future

    def _put(self, job: _Job) -> None:
        with self._lock:
            if not self._is_closed:
                self._queue.put(job)
                return
        refusal = StorageError(translate("Store", "Weir is closing; this was not saved."))
        if job.answer is not None:
            job.answer[1].set_exception(refusal)
        elif job.future is not None:
            job.future.set_exception(refusal)

    def close(self) -> "Future[None]":
        """Take no more jobs; the future is done once all queued ones are on disk and the file is closed."""
        with self._lock:
            if not self._is_closed:
                self._is_closed = True
                self._queue.put(None)
        return self._closed

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the thread to end after `close`, at most `timeout` seconds; say whether it did."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        database: Database | None = None
        try:
            database = self._opener()
        except BaseException as problem:
            self._mark_suspect(problem)
            refusal = storage_error(problem)
            self.opened.set_exception(refusal)
            while (job := self._queue.get()) is not None:
                _settle([(job, None, storage_error(refusal))])
        else:
            self.opened.set_result(database.opening)
            while (job := self._take()) is not None:
                if job.is_look:
                    self._run_look(database, job)
                else:
                    self._run_together(database, self._batch(job))
        finally:
            self._finish(database)

    def _finish(self, database: Database | None) -> None:
        try:
            if database is not None:
                database.close()
        except BaseException as problem:
            self._closed.set_exception(storage_error(problem))
        else:
            self._closed.set_result(None)

    def _take(self) -> _Job | None:
        job, self._next = self._next, None
        return job if job is not None else self._queue.get()

    def _batch(self, first: _Job) -> list[_Job]:
        batch = [first]
        while first.shares and len(batch) < _MOST_IN_ONE_TRANSACTION:
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                break
            if job is None:
                # The end mark goes back to the end, where it was: nothing is queued after it.
                self._queue.put(None)
                break
            if not job.shares:
                self._next = job
                break
            batch.append(job)
        return batch

    def _run_look(self, database: Database, job: _Job) -> None:
        try:
            result = job.call(database)
        except BaseException as problem:
            self._roll_back(database.connection)
            self._mark_suspect(problem)
            _settle([(job, None, storage_error(problem))])
        else:
            _settle([(job, result, None)])

    def _run_together(self, database: Database, batch: list[_Job]) -> None:
        done: list[_Outcome] = []
        try:
            # The check-point that a COMMIT may bring with it is within the lock too.
            with database.writing:
                done = self._commit_together(database.connection, batch)
        except BaseException as problem:
            self._mark_suspect(problem)
            done = [(job, None, storage_error(problem)) for job in batch]
        _settle(done)

    def _commit_together(self, connection: sqlite3.Connection, batch: list[_Job]) -> "list[_Outcome]":
        try:
            self._sync_fully(connection, any(job.is_durable for job in batch))
            connection.execute("BEGIN IMMEDIATE")
            done: list[_Outcome] = [(job, job.call(connection), None) for job in batch]
            connection.execute("COMMIT")
        except BaseException as problem:
            self._roll_back(connection)
            if len(batch) == 1:
                raise
            _LOG.info("Saved one by one: %s", type(problem).__name__)
            return [self._commit_alone(connection, job) for job in batch]
        return done

    def _commit_alone(self, connection: sqlite3.Connection, job: _Job) -> "_Outcome":
        """Run a job whose neighbours may have failed; its failure is its own."""
        try:
            return self._commit_together(connection, [job])[0]
        except BaseException as problem:
            self._mark_suspect(problem)
            return job, None, storage_error(problem)

    def _sync_fully(self, connection: sqlite3.Connection, is_full: bool) -> None:
        if is_full != self._is_full_sync:
            connection.execute(f"PRAGMA synchronous = {'FULL' if is_full else 'NORMAL'}")
            self._is_full_sync = is_full

    def _roll_back(self, connection: sqlite3.Connection) -> None:
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error as problem:
            _LOG.info("Roll back: %s", problem)

    def _mark_suspect(self, problem: BaseException) -> None:
        mark_if_damaged(self._path, problem)


_Outcome = tuple[_Job, Any, StorageError | None]


def _settle(done: Sequence[_Outcome]) -> None:
    """Tell those who wait what came of their jobs, each loop in one step."""
    loops: dict[asyncio.AbstractEventLoop, list[_Outcome]] = {}
    for outcome in done:
        job, result, failure = outcome
        if job.answer is not None:
            loops.setdefault(job.answer[0], []).append(outcome)
        elif job.future is not None and failure is not None:
            job.future.set_exception(failure)
        elif job.future is not None:
            job.future.set_result(result)
    for loop, outcomes in loops.items():
        with contextlib.suppress(RuntimeError):  # The loop is closed: nobody waits any more.
            loop.call_soon_threadsafe(_answer, outcomes)


def _answer(outcomes: Sequence[_Outcome]) -> None:
    for job, result, failure in outcomes:
        future = job.answer[1] if job.answer is not None else None
        if future is None or future.done():
            continue
        if failure is not None:
            future.set_exception(failure)
        else:
            future.set_result(result)


class Reader:
    """Runs reads one after another on a thread of its own, as soon as the writer has opened."""

    def __init__(self, path: Path, opened: "Future[Opening]", name: str = "weir-reader") -> None:
        self._path = path
        self._opened = opened
        self._connection: sqlite3.Connection | None = None
        self._worker = Worker(name)
        self._lock = threading.Lock()
        self._running: object = None

    def submit(self, call: Callable[[sqlite3.Connection], T]) -> "Future[T]":
        """Queue a read. The future raises StorageError; cancelled before its turn it never runs."""
        try:
            return self._worker.submit(lambda: self._read(call))
        except RuntimeError:
            refused: Future[T] = Future()
            refused.set_exception(
                StorageError(translate("Store", "Weir is closing; the history can't be read."))
            )
            return refused

    async def run(self, call: Callable[[sqlite3.Connection], T]) -> T:
        """Queue a read and wait for it; cancelling it interrupts SQLite. Raises StorageError."""
        given_up = threading.Event()

        def noted(connection: sqlite3.Connection) -> T:
            self._note(given_up)
            try:
                # Nobody sees what a read that was given up returns.
                return cast(T, None) if given_up.is_set() else call(connection)
            except sqlite3.OperationalError:
                if given_up.is_set():
                    return cast(T, None)
                raise
            finally:
                self._note(None)

        try:
            return await asyncio.wrap_future(self.submit(noted))
        except asyncio.CancelledError:
            with self._lock:
                given_up.set()
                # Only this read: the next one may have begun on the same connection.
                if self._running is given_up and self._connection is not None:
                    self._connection.interrupt()
            raise

    def _note(self, running: object) -> None:
        with self._lock:
            self._running = running

    def close(self) -> "Future[None]":
        """Take no more reads and close the connection after the queued ones."""
        return self._worker.close(self._disconnect)

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the thread to end after `close`, at most `timeout` seconds; say whether it did."""
        return self._worker.join(timeout)

    def _read(self, call: Callable[[sqlite3.Connection], T]) -> T:
        try:
            self._opened.result()
            if self._connection is None:
                self._connection = connect_reader(self._path)
            return call(self._connection)
        except BaseException as problem:
            mark_if_damaged(self._path, problem)
            failure = storage_error(problem)
        raise failure

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def mark_if_damaged(path: Path, problem: BaseException) -> None:
    """Ask the next start to check the whole file if SQLite found it broken."""
    if is_damage(problem):
        _LOG.warning("SQLite found the history damaged: %s", problem)
        try:
            suspect_mark(path).touch(mode=0o600)
        except OSError as fault:
            _LOG.info("No mark could be left for the next start: %s", fault)
