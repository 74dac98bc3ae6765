"""The embedded model in its own process: started on demand, shared, restarted lazily, ended in order.

Everything that blocks happens in a daemon thread per run, which tells the event loop what came of
it; so it works alike on asyncio and on Qt's loop, and nothing waits for a thread at exit.
"""

import asyncio
import contextlib
import functools
import logging
import secrets
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from desktop.base.tongue import QT_TRANSLATE_NOOP, number, translate
from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from desktop.domain.local import LocalAddress
from desktop.domain.secret import Secret
from desktop.local.choice import DEFAULT_CONTEXT_TOKENS, Choice, choose_model, no_engine_words
from desktop.local.endpoint import EMBEDDED_NAME, unusable
from desktop.local.process import (
    ModelProcess,
    ProcessEndedError,
    ProcessFailedError,
    child_command,
    lacks_instructions,
    reason_in_log,
)
from desktop.local.protocol import NO_ENGINE, Order

Report = Callable[[str, float | None], None]

_log = logging.getLogger(__name__)

_RESTARTS = 2
_RESTART_SECONDS = 60.0
_PROGRESS_SECONDS = 0.1
_EXIT_PATIENCE_SECONDS = 0.3
_STOP_SECONDS = 5.0

_STARTING = QT_TRANSLATE_NOOP("LocalModel", "Starting the model…")
_OLD_PROCESSOR = QT_TRANSLATE_NOOP(
    "LocalModel",
    "This computer’s processor lacks instructions that the model needs (AVX2). "
    "Use a model server or a service instead.",
)


class _Run:
    """One run of the process and who waits for it. Everything here belongs to the loop's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, model_file: str, command: Sequence[str]) -> None:
        self.loop = loop
        self.model_file = model_file
        self.process = ModelProcess(command)
        self.choice: Choice | None = None
        self.address: LocalAddress | None = None
        self._is_over = False
        self.over: asyncio.Future[None] = loop.create_future()
        self.waiting: dict[asyncio.Future[LocalAddress], Report] = {}
        self.words = translate("LocalModel", _STARTING)
        self._told: tuple[str, float | None] = ("", None)
        self.progress: asyncio.TimerHandle | asyncio.Handle | None = None

    def mark_over(self) -> None:
        """Note that the process has gone; any thread may."""
        self._is_over = True

    def has_ended(self) -> bool:
        """Return whether the process has gone."""
        return self._is_over

    def is_abandoned(self) -> bool:
        """Return whether it is still starting and nobody waits for it any more."""
        return not self.waiting and self.address is None and not self._is_over

    @property
    def fraction(self) -> float | None:
        """How far loading is, by the memory taken so far; None where that is unknown."""
        if self.choice is None:
            return None
        taken = self.process.resident_bytes()
        return None if taken is None else min(0.99, taken / self.choice.memory_bytes)

    def tell(self) -> None:
        """Report to everyone who waits."""
        news = (self.words, self.fraction)
        if news != self._told:
            self._told = news
            for report in list(self.waiting.values()):
                report(*news)

    def resolve(self, outcome: LocalAddress | TurnFailedError) -> None:
        """Give everyone who waits what came of it."""
        if self.progress is not None:
            self.progress.cancel()
        for future in list(self.waiting):
            if future.done():
                continue
            if isinstance(outcome, LocalAddress):
                future.set_result(outcome)
            else:
                future.set_exception(outcome)


class LocalServer:
    """The embedded model. Its methods belong to the event loop's thread.

    `data` and `cache` are the program's folders. `context_tokens` is how much a conversation may
    hold; more takes more memory. `command` and `clock` (seconds) are there for tests.
    """

    def __init__(
        self,
        data: Path,
        cache: Path,
        *,
        context_tokens: int = DEFAULT_CONTEXT_TOKENS,
        command: Sequence[str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._data = data
        self._cache = cache
        self._context_tokens = context_tokens
        self._command = command
        self._clock = clock
        self._run: _Run | None = None
        self._alive: set[_Run] = set()
        self._restarts: deque[float] = deque()
        self._has_crashed = False
        self._has_old_processor = False
        weakref.finalize(self, _end_all, self._alive)

    @property
    def address(self) -> LocalAddress | None:
        """Where the model answers, None while it does not."""
        run = self._run
        return None if run is None or run.has_ended() else run.address

    async def start(self, model_file: str, report: Report) -> LocalAddress:
        """Start the model, or return the running one; another model's process is ended for it.

        `model_file` is a GGUF file, empty for the demo model. `report` hears what happens in the
        user's words, and how far it is from 0 to 1 or None. Starts at the same time share one
        process; when the last of them is cancelled, the process is ended. Raises TurnFailedError.
        """
        run = self._run
        if run is None or run.has_ended() or run.model_file != model_file:
            self._check_hope()
            if run is not None:
                run.resolve(
                    unusable(translate("LocalModel", "Another model was chosen while this one was starting."))
                )
                self._end(run)
            run = self._begin(model_file)
        if run.address is not None:
            return run.address
        future: asyncio.Future[LocalAddress] = run.loop.create_future()
        run.waiting[future] = report
        try:
            report(run.words, run.fraction)
            return await future
        finally:
            del run.waiting[future]
            if run.is_abandoned():
                self._end(run)

    async def stop(self) -> None:
        """End the model's process and wait until it has gone, five seconds at the worst."""
        runs = list(self._alive)
        for run in runs:
            run.resolve(unusable(translate("LocalModel", "The model was stopped while it was starting.")))
            self._end(run)
        if runs:
            await asyncio.wait({run.over for run in runs}, timeout=_STOP_SECONDS)

    def _check_hope(self) -> None:
        """Raise TurnFailedError where another start would only crash again."""
        if self._has_old_processor:
            raise unusable(translate("LocalModel", _OLD_PROCESSOR))
        if not self._has_crashed:
            return
        now = self._clock()
        while self._restarts and now - self._restarts[0] >= _RESTART_SECONDS:
            self._restarts.popleft()
        if len(self._restarts) >= _RESTARTS:
            raise unusable(
                translate(
                    "LocalModel",
                    "The model keeps ending unexpectedly. Wait a minute before you try again, "
                    "or choose a smaller model.",
                ),
                retry_after=_RESTART_SECONDS - (now - self._restarts[0]),
            )
        self._restarts.append(now)
        self._has_crashed = False

    def _begin(self, model_file: str) -> _Run:
        run = _Run(asyncio.get_running_loop(), model_file, self._command or child_command())
        before = [other.process for other in self._alive]
        self._run = run
        self._alive.add(run)
        prepare = functools.partial(choose_model, model_file, self._data, self._cache, self._context_tokens)
        thread = threading.Thread(
            target=_watch, args=(run, before, prepare, weakref.WeakMethod(self._on_over)), daemon=True
        )
        thread.name = "local-model"
        thread.start()
        run.progress = run.loop.call_later(_PROGRESS_SECONDS, _show_progress, run)
        return run

    def _end(self, run: _Run) -> None:
        if self._run is run:
            self._run = None
        if not run.has_ended():
            threading.Thread(target=run.process.end, name="local-model-end", daemon=True).start()

    def _on_over(self, run: _Run, code: int | None, error: TurnFailedError | None) -> None:
        """The process has gone, or never came: `error` says why if it could say so itself."""
        self._alive.discard(run)
        if self._run is run:
            self._run = None
        if error is None and not run.process.is_told_to_end:
            self._has_crashed = True
            self._has_old_processor = code is not None and lacks_instructions(code)
            _log.info("The model's process ended unexpectedly with code %s", code)
            error = _crash(run, code)
        run.resolve(
            error or unusable(translate("LocalModel", "The model was stopped while it was starting."))
        )
        run.over.set_result(None)


def _watch(
    run: _Run,
    before: Sequence[ModelProcess],
    prepare: Callable[[Callable[[str], None]], Choice],
    on_over: "weakref.WeakMethod[Callable[[_Run, int | None, TurnFailedError | None], None]]",
) -> None:
    """Thread: see one run through, from the end of those before it to its own."""
    error: TurnFailedError | None = None
    try:
        for process in before:
            process.end()
        _serve(run, prepare)
    except TurnFailedError as failed:
        error = failed
    except ProcessEndedError:
        pass
    except OSError as failed:
        error = unusable(
            translate("LocalModel", "The model’s process could not be started: {reason}.").format(
                reason=failed.strerror or failed
            )
        )
    except Exception:
        _log.exception("The model's process could not be started")
        error = TurnFailedError(
            Failure(kind=FailureKind.INTERNAL, endpoint=translate("LocalModel", EMBEDDED_NAME))
        )
    if error is not None:
        run.process.end()
    code = run.process.wait()
    run.mark_over()
    _post(run, _deliver, on_over, run, code, error)


def _serve(run: _Run, prepare: Callable[[Callable[[str], None]], Choice]) -> None:
    """Bring the process to where it serves. Raises what ModelProcess.serve raises, and TurnFailedError."""
    choice = prepare(functools.partial(_post, run, _retell, run))
    run.choice = choice
    _post(run, _retell, run, translate("LocalModel", _STARTING))
    key = secrets.token_urlsafe(32)
    order = Order(model=str(choice.file), name=choice.name, key=key, context=choice.context)
    began = time.monotonic()
    try:
        url = run.process.serve(order)
    except ProcessFailedError as failed:
        run.process.end()
        run.process.wait()
        raise _refusal(failed, run.process.engine_log, choice.name) from failed
    _log.info("The model %s is ready after %.1f s", choice.name, time.monotonic() - began)
    _post(run, _settle, run, LocalAddress(base_url=f"{url}/v1", key=Secret(key), model=choice.name))
    run.process.wait()


def _deliver(on_over: "weakref.WeakMethod[Callable[..., None]]", run: _Run, *outcome: Any) -> None:
    method = on_over()
    if method is not None:
        method(run, *outcome)


def _settle(run: _Run, address: LocalAddress) -> None:
    run.address = address
    run.resolve(address)


def _retell(run: _Run, words: str) -> None:
    run.words = words
    run.tell()


def _show_progress(run: _Run) -> None:
    if run.address is None and not run.has_ended():
        run.tell()
        run.progress = run.loop.call_later(_PROGRESS_SECONDS, _show_progress, run)


def _post(run: _Run, callback: Callable[..., None], *args: Any) -> None:
    """Call back on the loop's thread; a loop that is closed has nobody left to tell."""
    with contextlib.suppress(RuntimeError):
        run.loop.call_soon_threadsafe(callback, *args)


def _refusal(failed: ProcessFailedError, log: str, name: str) -> TurnFailedError:
    """Return the user's words for what the process said."""
    if failed.reason == NO_ENGINE:
        _log.info("The engine could not be loaded: %s", failed)
        return unusable(f"{no_engine_words()} ({failed})", model=name)
    reason = reason_in_log(log)
    _log.info("The engine did not load the model: %s", reason or failed)
    return unusable(
        translate("LocalModel", "The engine cannot load this model: {reason}.").format(
            reason=reason or failed
        ),
        model=name,
    )


def _crash(run: _Run, code: int | None) -> TurnFailedError:
    name = run.choice.name if run.choice else ""
    if code is not None and lacks_instructions(code):
        return unusable(translate("LocalModel", _OLD_PROCESSOR), model=name)
    if code == -9 and run.choice is not None:
        need = run.choice.memory_bytes / 1e9
        return unusable(
            translate(
                "LocalModel",
                "The system ended the model, probably because memory ran out. It needs about {need} GB.",
            ).format(need=number(need, 1)),
            model=name,
        )
    return unusable(
        translate("LocalModel", "The model’s process ended unexpectedly (code {code}).").format(code=code),
        model=name,
    )


def _end_all(runs: Iterable[_Run]) -> None:
    """End what still runs when the program ends or drops the server."""
    for run in list(runs):
        run.process.end(_EXIT_PATIENCE_SECONDS)
