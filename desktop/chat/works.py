"""Works: what takes long, how far each is, how long it will take if that can be told, and how to end it."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from desktop.base.clock import monotonic_ms
from desktop.base.tongue import translate
from desktop.chat.ports import LocalAddress, LocalModel
from desktop.chat.tasks import TaskOwner
from desktop.chat.transfer import Transfer
from desktop.domain.failure import TurnFailedError

# Before this much time and work nobody knows how fast it goes.
_LEAST_MS = 3_000
_LEAST_SHARE = 0.04
_RECENT_MS = 6_000
# Work that goes so much slower or faster now than on the whole will not keep its pace either.
_STEADY = 2.5


class Pace:
    """How fast something goes on, judged by how far it was when."""

    def __init__(self, now_ms: int) -> None:
        self._began = now_ms
        self._seen: deque[tuple[int, float]] = deque([(now_ms, 0.0)])

    def note(self, share: float, now_ms: int) -> None:
        """Take how far it is, from 0 to 1."""
        self._seen.append((now_ms, share))
        while len(self._seen) > 2 and now_ms - self._seen[1][0] >= _RECENT_MS:
            self._seen.popleft()

    def left_s(self, now_ms: int) -> float | None:
        """Return the seconds that are left, None where that can't be told honestly."""
        share = self._seen[-1][1]
        taken = now_ms - self._began
        if taken < _LEAST_MS or not _LEAST_SHARE <= share < 1.0:
            return None
        first_ms, first_share = self._seen[0]
        recent = (share - first_share) / max(1, now_ms - first_ms)
        whole = share / taken
        if recent <= 0 or not 1 / _STEADY <= recent / whole <= _STEADY:
            return None
        return (1.0 - share) / recent / 1000.0


@dataclass(slots=True)
class Work:
    """One thing that takes long. `share` is from 0 to 1, None where it is unknown; `cancel` ends it."""

    name: str
    words: str
    cancel: Callable[[], object] | None = None
    share: float | None = None
    is_ending: bool = False
    began_ms: int = field(default_factory=monotonic_ms)
    pace: Pace = field(init=False)

    def __post_init__(self) -> None:
        self.pace = Pace(self.began_ms)

    @property
    def left_s(self) -> float | None:
        """The seconds that are left, None where that is unknown."""
        return self.pace.left_s(monotonic_ms()) if self.share is not None and not self.is_ending else None


class Works(QObject):
    """Holds what goes on, in the order in which it began. Only for the window's thread.

    Whoever does something that may take longer than a moment says `begin`, `tell` now and then, and
    `end` in any case. `changed` follows each of them; `ended` carries the name of what ended and in words
    what was done, which may be empty where that is said elsewhere.
    """

    changed = Signal()
    ended = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._works: dict[str, Work] = {}

    @property
    def all(self) -> tuple[Work, ...]:
        """What goes on."""
        return tuple(self._works.values())

    def work(self, name: str) -> Work | None:
        """Return what goes on under a name, or None."""
        return self._works.get(name)

    def begin(self, name: str, words: str, cancel: Callable[[], object] | None = None) -> None:
        """Say that something begins; `cancel` ends it early. Under one name goes one thing at a time."""
        self._works[name] = Work(name, words, cancel)
        self.changed.emit()

    def tell(self, name: str, share: float | None, words: str = "") -> None:
        """Say how far something is, and with `words` what it does now; what has ended is left alone."""
        work = self._works.get(name)
        if work is not None:
            work.words = words or work.words
            work.share = share
            if share is not None:
                work.pace.note(share, monotonic_ms())
            self.changed.emit()

    def end(self, name: str, words: str = "") -> None:
        """Say that something has ended, and in words what was done."""
        if self._works.pop(name, None) is not None:
            self.changed.emit()
            self.ended.emit(name, words)

    def cancel(self, name: str) -> None:
        """End something early, once; it says itself when it has ended."""
        work = self._works.get(name)
        if work is not None and work.cancel is not None and not work.is_ending:
            work.is_ending = True
            self.changed.emit()
            work.cancel()

    def cancel_newest(self) -> None:
        """End early what began last and can be ended."""
        work = next((each for each in reversed(self.all) if each.cancel is not None), None)
        if work is not None:
            self.cancel(work.name)


class TransferWork(QObject):
    """Shows imports, exports and recoveries among what takes long. What came of them is said elsewhere."""

    def __init__(self, works: Works, transfer: Transfer) -> None:
        super().__init__(works)
        self._works = works
        self._transfer = transfer
        transfer.running_changed.connect(self._on_running)
        transfer.progressed.connect(self._on_progress)

    def _on_running(self, what: str) -> None:
        words = {
            "import": self.tr("Bringing conversations in"),
            "export": self.tr("Saving conversations"),
            "recovery": self.tr("Bringing conversations back"),
        }
        if what:
            self._works.begin("transfer", words.get(what, what), self._transfer.cancel)
            return
        dropped = self.tr("The export was cancelled; no file was written.")
        self._works.end("transfer", dropped if self._transfer.was_cancelled else "")

    def _on_progress(self, share: float) -> None:
        self._works.tell("transfer", share)


class ShownModel(QObject):
    """The embedded model, with its start among what takes long. Cancelling that stops the waiting turns."""

    def __init__(self, model: LocalModel, works: Works, tasks: TaskOwner) -> None:
        super().__init__(works)
        self._model = model
        self._works = works
        self._tasks = tasks
        self._starts: list[asyncio.Task[LocalAddress | TurnFailedError]] = []

    async def start(self, model_file: str, report: Callable[[str, float | None], None]) -> LocalAddress:
        """Start the model, or return the running one; see `LocalModel`."""

        def tell(words: str, share: float | None) -> None:
            report(words, share)
            self._works.tell("model", share, words)

        async def attempt() -> LocalAddress | TurnFailedError:
            try:
                return await self._model.start(model_file, tell)
            except TurnFailedError as failed:
                return failed

        # A task of its own, because a turn is cancelled by whoever stops it, and once.
        start = self._tasks.start(attempt())
        self._starts.append(start)
        self._works.begin("model", self.tr("Starting the model"), self._cancel)
        words = ""
        try:
            found = await start
            if isinstance(found, TurnFailedError):
                raise found
            words = self.tr("The model is ready.")
            return found
        finally:
            self._starts.remove(start)
            if not self._starts:
                self._works.end("model", words)

    def stop(self) -> Awaitable[None]:
        """End the model's process."""
        return self._model.stop()

    def _cancel(self) -> None:
        for start in self._starts:
            start.cancel()


def show_backups(works: Works, loop: asyncio.AbstractEventLoop) -> Callable[[float | None], None]:
    """Return what hears, on any thread, how far a backup is, and None at its end."""
    words = translate("Works", "Making today’s copy of the history")

    def put(share: float | None) -> None:
        if share is None:
            works.end("backup")
            return
        if works.work("backup") is None:
            works.begin("backup", words)
        works.tell("backup", share)

    def tell(share: float | None) -> None:
        # The last words may come when the program has ended.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(put, share)

    return tell
