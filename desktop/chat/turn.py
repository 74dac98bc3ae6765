"""Turn: the streaming worker, from prompt to final state."""

import asyncio
import logging
import math
import time
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from desktop.base.clock import monotonic_ms
from desktop.chat.keys import read_keys
from desktop.chat.ports import History, LocalModel, Sender, StorageError, Vault, VaultError
from desktop.chat.retries import Retries
from desktop.chat.tasks import TaskOwner
from desktop.domain.delta import Delta, ReasoningDelta, RefusalDelta, StopReason, TextDelta, Timing
from desktop.domain.endpoint import Endpoint
from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from desktop.domain.message import Message, MessageState
from desktop.domain.prompt import Prompt
from desktop.domain.reply import ReplyBuffer
from desktop.domain.secret import Secret

logger = logging.getLogger(__name__)

# What was received is on disk this long after it came, plus the time of one write.
SAVE_AFTER_S = 0.12
# After so much work of this thread the window gets its turn, even if there is always more to read.
BREATH_S = 0.008


class TurnState(StrEnum):
    """Where a turn stands. Exactly one of the last three is reached, once."""

    QUEUED = "queued"
    CONNECTING = "connecting"
    WAITING = "waiting"
    STREAMING = "streaming"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether the turn is over."""
        return self in (TurnState.FINISHED, TurnState.STOPPED, TurnState.FAILED)


@dataclass(frozen=True, slots=True)
class Ports:
    """The outside world as a turn needs it, and how patient it is with it."""

    sender: Sender
    history: History
    vault: Vault
    local: LocalModel
    retries: Retries = field(default_factory=Retries)


class Turn(QObject):
    """One prompt and the attempt to get its reply.

    `delta_arrived` is emitted for every delta as it comes off the socket, in the same step, with
    "text", "reasoning" or "refusal" and the new text; it has exactly one consumer. Everyone else
    listens to `state_changed`, which carries a TurnState. `progress_changed` says what is
    happening before the first delta, and how far it is from 0 to 1 or None. `storage_failed`
    is emitted at most once, with words for the user; the turn goes on.

    As long as nothing of the reply has come, a failure that passes by itself is followed by further
    attempts; after the first delta there is none.
    """

    delta_arrived = Signal(str, str)
    state_changed = Signal(object)
    progress_changed = Signal(str, object)
    storage_failed = Signal(str)

    def __init__(
        self,
        ports: Ports,
        reply: Message,
        prompt: Prompt,
        endpoint: Endpoint,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._ports = ports
        self._reply = reply
        self._prompt = replace(prompt, reply_id=reply.id)
        self._endpoint = endpoint
        self._buffer = ReplyBuffer(reply.parts)
        self._state = TurnState.QUEUED
        self._failure: Failure | None = None
        self._started_ms = monotonic_ms()
        self._first_ms: int | None = None
        self._total_ms: int | None = None
        self._task: asyncio.Task[object] | None = None
        self._stop_wanted = False
        self._unsaved: list[Delta] = []
        self._save_timer: asyncio.Handle | None = None
        self._tasks = TaskOwner()
        self._saving: asyncio.Task[None] | None = None
        self._storage_failed = False

    @property
    def state(self) -> TurnState:
        """Where the turn stands."""
        return self._state

    @property
    def reply_id(self) -> str:
        """The id of the message that grows."""
        return self._reply.id

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint that is asked."""
        return self._endpoint

    @property
    def timing(self) -> Timing:
        """The waits so far; the total runs until the turn is over."""
        total = self._total_ms if self._total_ms is not None else monotonic_ms() - self._started_ms
        return Timing(first_ms=self._first_ms, total_ms=total)

    @property
    def reply(self) -> Message:
        """The reply as far as it has come. Not for every delta: it joins the whole text."""
        states = {
            TurnState.FINISHED: MessageState.FINISHED,
            TurnState.STOPPED: MessageState.STOPPED,
            TurnState.FAILED: MessageState.FAILED,
        }
        return replace(
            self._reply,
            parts=self._buffer.parts(),
            state=states.get(self._state, MessageState.STREAMING),
            usage=self._buffer.usage,
            timing=self.timing,
            stop_reason=self._buffer.stop_reason,
            failure=self._failure,
        )

    def stop(self) -> None:
        """End the turn: the connection is closed and what has come is kept. Harmless when repeated."""
        if self._stop_wanted or self._state.is_final:
            return
        self._stop_wanted = True
        if self._task is not None:
            self._task.cancel()

    async def run(self) -> None:
        """Send the prompt, emit what comes, and store the reply. Ends in a final state; never raises."""
        self._task = asyncio.current_task()
        outcome = TurnState.STOPPED
        try:
            if not self._stop_wanted:
                self._set_state(TurnState.CONNECTING)
                await self._receive()
                outcome = TurnState.FINISHED
        except asyncio.CancelledError:
            self._stop_wanted = True
        except TurnFailedError as failed:
            outcome = TurnState.FAILED
            self._failure = failed.failure
        except Exception:
            logger.exception("a turn failed")
            outcome = TurnState.FAILED
            self._failure = self._failure_of(FailureKind.INTERNAL)
        self._task = None
        if self._stop_wanted:
            # A stop from a slot of our own signal cancels the running task, which hears of it here.
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0)
        if outcome is TurnState.FINISHED and not self.reply.parts and self._has_no_reason():
            outcome = TurnState.FAILED
            self._failure = self._failure_of(FailureKind.EMPTY)
        await self._finish(outcome)

    async def _receive(self) -> None:
        async for attempt in self._ports.retries.attempts(self._may_repeat, self._wait):
            with attempt:
                await self._attempt()

    def _may_repeat(self, failure: Failure) -> bool:
        """Whether another attempt could follow a failure: nothing has come, and it is worth it."""
        if self._first_ms is not None or not self._buffer.is_empty:
            return False
        # The embedded model's process ended, and would do so again with the same prompt.
        return not self._endpoint.embedded or failure.status is not None

    async def _wait(self, seconds: float) -> None:
        """Wait before another attempt, and say for how long, in whole seconds."""
        logger.info("another attempt follows in %.1f s", seconds)
        for left in range(math.ceil(seconds), 0, -1):
            self.progress_changed.emit(self.tr("Trying again in {seconds} s").format(seconds=left), None)
            await asyncio.sleep(min(1.0, seconds - (left - 1)) * self._ports.retries.second_s)
        # Counts of tokens may have come before the failure.
        self._buffer = ReplyBuffer(self._reply.parts)
        self._unsaved.clear()
        self._set_state(TurnState.CONNECTING)
        self.progress_changed.emit(self.tr("Trying again"), None)

    async def _attempt(self) -> None:
        endpoint, key = await self._enter()
        async with aclosing(self._ports.sender.send(self._prompt, endpoint, key)) as batches:
            busy_since = time.thread_time()
            async for deltas in batches:
                if deltas:
                    self._take(deltas)
                    if time.thread_time() - busy_since > BREATH_S:
                        # A fast service has the next chunk ready before this one is done.
                        await asyncio.sleep(0)
                        busy_since = time.thread_time()
                elif self._state is TurnState.CONNECTING:
                    self._set_state(TurnState.WAITING)

    async def _enter(self) -> tuple[Endpoint, Secret | None]:
        """Return the endpoint as it can be reached now, and its key."""
        endpoint = self._endpoint
        if endpoint.embedded:
            address = await self._ports.local.start(endpoint.model_file, self._on_progress)
            return replace(endpoint, base_url=address.base_url), address.key
        if endpoint.key is None and not endpoint.header_keys:
            return endpoint, None
        try:
            found = await read_keys(self._ports.vault, endpoint)
        except VaultError as error:
            raise TurnFailedError(self._failure_of(FailureKind.NO_KEY, str(error))) from None
        if found is None:
            raise TurnFailedError(self._failure_of(FailureKind.NO_KEY))
        return endpoint, found.secret

    def _take(self, deltas: Sequence[Delta]) -> None:
        now = monotonic_ms()
        buffer = self._buffer
        for delta in deltas:
            buffer.add(delta, now)
            kind = type(delta)
            if kind is TextDelta:
                self._show("text", delta.text, now)  # type: ignore[union-attr]
            elif isinstance(delta, ReasoningDelta):
                self._show("reasoning", delta.text, now)
            elif isinstance(delta, RefusalDelta):
                self._show("refusal", delta.text, now)
        if buffer.progress is not None and self._first_ms is None:
            self.progress_changed.emit(self.tr("Reading the prompt"), buffer.progress)
        self._unsaved.extend(deltas)
        if self._save_timer is None:
            self._save_timer = asyncio.get_running_loop().call_later(SAVE_AFTER_S, self._on_save_due)

    def _show(self, kind: str, text: str, now: int) -> None:
        is_first = self._first_ms is None
        if is_first:
            self._first_ms = now - self._started_ms
            self._state = TurnState.STREAMING
        if text:
            self.delta_arrived.emit(kind, text)
        if is_first:
            # After the delta: the first word is painted before everything else that follows from it.
            self.state_changed.emit(TurnState.STREAMING)

    def _on_progress(self, words: str, fraction: float | None) -> None:
        self.progress_changed.emit(words, fraction)

    def _on_save_due(self) -> None:
        self._save_timer = None
        if self._saving is not None and not self._saving.done():
            # The disk is slower than the stream: the running write's end takes what has gathered.
            return
        if self._unsaved:
            self._saving = self._tasks.start(self._save())

    async def _save(self) -> None:
        while self._unsaved:
            deltas, self._unsaved = self._unsaved, []
            try:
                await self._ports.history.write_progress(self._reply.id, deltas)
            except StorageError as error:
                self._report_storage(error)

    async def _finish(self, outcome: TurnState) -> None:
        now = monotonic_ms()
        self._total_ms = now - self._started_ms
        self._buffer.close(now)
        if self._save_timer is not None:
            self._save_timer.cancel()
            self._save_timer = None
        self._state = outcome
        if self._saving is not None:
            await self._saving
        try:
            await self._ports.history.write_message(self.reply)
        except StorageError as error:
            self._report_storage(error)
        self.state_changed.emit(outcome)

    def _report_storage(self, error: StorageError) -> None:
        if not self._storage_failed:
            self._storage_failed = True
            self.storage_failed.emit(str(error))

    def _set_state(self, state: TurnState) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)

    def _has_no_reason(self) -> bool:
        return self._buffer.stop_reason in (None, StopReason.STOP)

    def _failure_of(self, kind: FailureKind, words: str = "") -> Failure:
        return Failure(
            kind=kind,
            endpoint=self._endpoint.name,
            model=self._prompt.model,
            address=self._endpoint.base_url,
            words=words,
        )
