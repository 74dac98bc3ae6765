"""Fitting: nothing is left out of a prompt silently. What does not fit is said, and the user chooses."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from desktop.base.clock import now_ms
from desktop.chat.conversation import Choice, LiveConversation
from desktop.chat.desk import Desk
from desktop.chat.endpoints import Endpoints
from desktop.chat.summary import Summary
from desktop.chat.tasks import TaskOwner
from desktop.chat.turn import Ports, Turn
from desktop.chat.windows import Window, Windows
from desktop.domain.context import Load, Plan, Scale, cut_on
from desktop.domain.cut import Cut, Overflow
from desktop.domain.endpoint import ModelRef
from desktop.domain.failure import FailureKind
from desktop.domain.message import Message, Part, TextPart

_MOST_CUTS = 24
# Letters that take about a frame to weigh.
_HEAVY = 1_000_000


@dataclass(frozen=True, slots=True)
class Measure:
    """How full the window will be with what is written, and what could be left out where it does not fit."""

    load: Load
    window: Window
    plan: Plan
    overflow: Overflow

    @property
    def fits(self) -> bool:
        """Whether there is room, as far as is known."""
        return self.load.fits


@dataclass(frozen=True, slots=True)
class Overflowing:
    """A prompt that was not sent because it does not fit, or that the service refused for it.

    `again` sends it once more; it is None for what stands in the composer, which has to be sent from there.
    """

    live: LiveConversation
    choice: Choice
    measure: Measure
    is_refused: bool = False
    again: Callable[[], object] | None = None


class Fitting(QObject):
    """Weighs what is about to be sent, and holds back what does not fit until the user has chosen.

    `overflowed` carries an Overflowing, `resumed` one whose prompt can be sent now. `summarising` carries
    a Summary that has begun, None when it is over; `failed` an Overflowing and why there is no summary, in
    words for the user. Who leaves a conversation gives its summary up.
    """

    overflowed = Signal(object)
    resumed = Signal(object)
    summarising = Signal(object)
    failed = Signal(object, str)

    def __init__(
        self, ports: Ports, desk: Desk, endpoints: Endpoints, windows: Windows, tasks: TaskOwner
    ) -> None:
        super().__init__(desk)
        self._ports = ports
        self._desk = desk
        self._endpoints = endpoints
        self._tasks = tasks
        self._scale = Scale()
        self._passes = ""
        self._summary: Summary | None = None
        self.windows = windows
        desk.gate = self.lets
        desk.turn_over.connect(self._on_turn_over)
        desk.current_changed.connect(self._on_current_changed)

    @property
    def summary(self) -> Summary | None:
        """The summary that is being written, or None."""
        return self._summary

    def prepare(self, path: Sequence[Message], then: Callable[[], object]) -> bool:
        """Weigh a long path on another thread first, and call `then`; return whether that is needed."""
        messages = self._scale.unweighed(path)
        letters = sum(
            len(part.text) for item in messages for part in item.parts if isinstance(part, TextPart)
        )
        if letters < _HEAVY:
            return False
        self._tasks.start(self._prepare(messages, then), "weigh")
        return True

    async def _prepare(self, messages: Sequence[Message], then: Callable[[], object]) -> None:
        scale = self._scale
        await asyncio.to_thread(lambda: [scale.weigh(message) for message in messages])
        then()

    def measure(
        self, live: LiveConversation, ref: ModelRef, path: Sequence[Message], draft: Sequence[Part]
    ) -> Measure:
        """Return how full a model's window will be with a draft after a path of a conversation."""
        context, options = live.conversation.context, live.options
        window = self.windows.window(ref, context)
        load = self._scale.load(
            path,
            context.cuts,
            system=options.system,
            draft=draft,
            window=window.tokens,
            max_tokens=options.max_tokens,
        )
        plan = Plan() if load.fits else self._plan(live, path, draft, load)
        return Measure(load, window, plan, context.overflow)

    def lets(
        self,
        live: LiveConversation,
        choices: Sequence[Choice],
        path: Sequence[Message],
        draft: Sequence[Part],
        again: Callable[[], object] | None,
    ) -> bool:
        """Whether a prompt may go now; where it may not, a signal says why.

        What was chosen for the conversation is done: the oldest are left out at once, a summary of them
        is asked for first.
        """
        if self._passes == live.conversation.id:
            self._passes = ""
            return True
        if self._summary is not None:
            return False
        measures = [
            (choice, self.measure(live, ModelRef(choice[0].id, choice[1]), path, draft)) for choice in choices
        ]
        tight = [(choice, measure) for choice, measure in measures if not measure.fits]
        if not tight:
            return True
        choice, measure = min(tight, key=lambda item: item[1].load.window or 0)
        met = Overflowing(live, choice, measure, again=again)
        if measure.plan.helps and measure.overflow is Overflow.OLDEST:
            self._cut(live, measure.plan)
            return True
        if measure.plan.helps and measure.overflow is Overflow.SUMMARY:
            self._summarise(met)
        else:
            self.overflowed.emit(met)
        return False

    def remember(self, live: LiveConversation, overflow: Overflow) -> None:
        """Keep for a conversation what is to happen when a prompt does not fit."""
        live.set_context(replace(live.conversation.context, overflow=overflow))

    def choose(self, met: Overflowing, overflow: Overflow) -> None:
        """Do what the user chose for a conversation from now on, and send what was held back if it fits."""
        live = met.live
        self.remember(live, overflow)
        if overflow is Overflow.OLDEST and met.measure.plan.helps:
            self._cut(live, met.measure.plan)
            self._resume(met)
        elif overflow is Overflow.SUMMARY and met.measure.plan.helps and self._summary is None:
            self._summarise(met)

    def send_all(self, met: Overflowing) -> None:
        """Send what was held back as it is, this once; the service decides."""
        self._passes = met.live.conversation.id
        self._resume(met)
        self._passes = ""

    def stop(self) -> None:
        """Stop the summary that is being written; nothing is sent then."""
        if self._summary is not None:
            self._summary.stop()

    def _plan(
        self, live: LiveConversation, path: Sequence[Message], draft: Sequence[Part], load: Load
    ) -> Plan:
        context = live.conversation.context
        return self._scale.plan(
            path,
            context.cuts,
            load,
            system=live.options.system,
            draft=draft,
            is_summary=context.overflow is Overflow.SUMMARY,
        )

    def _resume(self, met: Overflowing) -> None:
        if met.again is not None:
            met.again()
        else:
            self.resumed.emit(met)

    def _cut(self, live: LiveConversation, plan: Plan, written: Cut | None = None) -> None:
        cut = written or Cut(after_id=plan.after_id, at=now_ms(), count=plan.count)
        context = live.conversation.context
        # The last ones say what earlier replies were sent; what a summary cost is kept for good.
        oldest = len(context.cuts) - _MOST_CUTS
        cuts = tuple(old for number, old in enumerate(context.cuts) if old.summary or number >= oldest)
        live.set_context(replace(context, cuts=(*cuts, cut)))

    def _summarise(self, met: Overflowing) -> None:
        live, plan = met.live, met.measure.plan
        context = live.conversation.context
        earlier = cut_on(live.path(plan.after_id), context.cuts)
        summary = Summary(self._ports, met.choice, plan, earlier, met.measure.load.window, self)
        self._summary = summary
        self.summarising.emit(summary)
        self._tasks.start(self._run(met, summary))

    async def _run(self, met: Overflowing, summary: Summary) -> None:
        try:
            cut = await summary.run()
        finally:
            self._summary = None
            summary.deleteLater()
        self.summarising.emit(None)
        if cut is not None:
            self._cut(met.live, met.measure.plan, cut)
            self._resume(met)
        elif summary.problem:
            self.failed.emit(met, summary.problem)

    def _on_current_changed(self) -> None:
        self._scale.forget()
        self.stop()

    def _on_turn_over(self, live: LiveConversation, turn: Turn) -> None:
        reply = turn.reply
        failure = reply.failure
        if failure is None:
            self.windows.ask_running(turn.endpoint, reply.model)
        elif failure.kind is FailureKind.TOO_LONG and live is self._desk.current:
            self.windows.learn(turn.endpoint, failure)
            self._offer_again(live, turn, reply)

    def _offer_again(self, live: LiveConversation, turn: Turn, reply: Message) -> None:
        """Have the user choose what to leave out of a prompt that the service refused."""
        path = live.path(reply.parent_id)
        ref = ModelRef(turn.endpoint.id, reply.model)
        measure = self.measure(live, ref, path, ())
        if measure.fits:
            # The estimate was wrong, or the window is unknown: less has to go in any case.
            measure = replace(measure, plan=self._plan(live, path, (), replace(measure.load, window=None)))
        again = lambda: self._desk.try_again(reply.id)  # noqa: E731
        self.overflowed.emit(
            Overflowing(live, (turn.endpoint, reply.model), measure, is_refused=True, again=again)
        )


def draft_of(text: str, parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return what a prompt with this text and these parts consists of."""
    return (*parts, TextPart(text)) if text else tuple(parts)
