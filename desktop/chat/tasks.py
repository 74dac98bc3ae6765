"""TaskOwner: the one place where asyncio tasks start."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")


class TaskOwner:
    """Owns named tasks: starts them, replaces them, and ends them all.

    A task's exception is logged at once, not when the garbage is collected. Every task is
    cancelled at most once: a second cancel while the first unwinds leaks the connection in httpx.
    """

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        self._all: set[asyncio.Task[Any]] = set()
        self._cancelled: set[asyncio.Task[Any]] = set()
        self._beside: list[TaskOwner] = []
        self._serial = 0
        self.is_closed = False

    @property
    def can_start(self) -> bool:
        """Whether a task can be started: a timer may fire before the loop runs, or when the program ends."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return False
        return not self.is_closed

    def start(self, coroutine: Coroutine[Any, Any, T], name: str = "") -> asyncio.Task[T]:
        """Start a coroutine. One with the same non-empty name that still runs is cancelled first.

        Raises RuntimeError after `close`.
        """
        if self.is_closed:
            coroutine.close()
            raise RuntimeError("the owner of the tasks is closed")
        if name:
            self.cancel(name)
        else:
            self._serial += 1
            name = f"task {self._serial}"
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._tasks[name] = task
        self._all.add(task)
        task.add_done_callback(self._on_done)
        return task

    def beside(self) -> "TaskOwner":
        """Return an owner whose named tasks are its own; its nameless ones are this one's and outlive it."""
        made = _Beside(self, self._beside.remove)
        self._beside.append(made)
        return made

    def is_running(self, name: str) -> bool:
        """Whether the task of this name is under way."""
        return name in self._tasks

    def cancel(self, name: str) -> None:
        """Cancel the task of this name, if it runs and was not cancelled before."""
        task = self._tasks.get(name)
        if task is not None:
            self._cancel(task)

    async def close(self) -> None:
        """Cancel every task and wait until all have ended. Nothing can be started afterwards."""
        self.is_closed = True
        for owner in tuple(self._beside):
            await owner.close()
        tasks = tuple(self._all)
        for task in tasks:
            self._cancel(task)
        await asyncio.gather(*tasks, return_exceptions=True)

    def _cancel(self, task: asyncio.Task[Any]) -> None:
        if task not in self._cancelled and not task.done():
            self._cancelled.add(task)
            task.cancel()

    def _on_done(self, task: asyncio.Task[Any]) -> None:
        self._all.discard(task)
        self._cancelled.discard(task)
        name = task.get_name()
        if self._tasks.get(name) is task:
            del self._tasks[name]
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("the task %r failed", name, exc_info=error)


class _Beside(TaskOwner):
    """The tasks of one window: what is read for it ends with it, what it has begun to write does not."""

    def __init__(self, owner: TaskOwner, on_closed: Callable[[TaskOwner], None]) -> None:
        super().__init__()
        self._owner = owner
        self._on_closed = on_closed

    def start(self, coroutine: Coroutine[Any, Any, T], name: str = "") -> asyncio.Task[T]:
        """Start a coroutine; see `TaskOwner.start` and `TaskOwner.beside`."""
        return super().start(coroutine, name) if name else self._owner.start(coroutine)

    async def close(self) -> None:
        """Cancel the named tasks and wait until they have ended."""
        if self.is_closed:
            return
        await super().close()
        self._on_closed(self)
