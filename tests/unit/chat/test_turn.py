import asyncio
from typing import Any

import pytest

from desktop.chat.retries import Retries
from desktop.chat.turn import Ports, Turn, TurnState
from desktop.domain.delta import (
    FinishDelta,
    ProgressDelta,
    ReasoningDelta,
    StopReason,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageDelta,
)
from desktop.domain.endpoint import Endpoint, KeyRef
from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from desktop.domain.message import Message, MessageState, ReasoningPart, Role, TextPart
from desktop.domain.prompt import Prompt
from desktop.domain.secret import Secret
from tests.support.memory import MemoryHistory, MemoryLocal, MemorySender, MemoryVault, Step

ENDPOINT = Endpoint(id="e", name="Test service", base_url="http://127.0.0.1:1/v1")


class Bench:
    """A turn with what it emitted."""

    def __init__(self, *steps: Step, endpoint: Endpoint = ENDPOINT, retries: Retries | None = None) -> None:
        self.sender = MemorySender(*steps)
        self.history = MemoryHistory()
        self.vault = MemoryVault()
        self.local = MemoryLocal()
        reply = Message(
            id="r",
            conversation_id="c",
            parent_id="q",
            role=Role.ASSISTANT,
            parts=(),
            state=MessageState.STREAMING,
        )
        ports = Ports(self.sender, self.history, self.vault, self.local, retries or Retries(second_s=0.002))
        self.turn = Turn(ports, reply, Prompt(model="m", messages=()), endpoint)
        self.states: list[TurnState] = []
        self.deltas: list[tuple[str, str]] = []
        self.progress: list[tuple[str, float | None]] = []
        self.problems: list[str] = []
        self.turn.state_changed.connect(self.states.append)
        self.turn.delta_arrived.connect(lambda kind, text: self.deltas.append((kind, text)))
        self.turn.progress_changed.connect(lambda words, part: self.progress.append((words, part)))
        self.turn.storage_failed.connect(self.problems.append)

    @property
    def stored(self) -> Message:
        return self.history.messages["r"]


async def test_a_turn_emits_every_delta_and_stores_the_reply(qapp):
    bench = Bench(
        [ReasoningDelta("Two "), ReasoningDelta("twos.")],
        [TextDelta("Fo"), TextDelta("ur.")],
        [FinishDelta(StopReason.STOP, "stop")],
    )
    await bench.turn.run()
    assert bench.deltas == [("reasoning", "Two "), ("reasoning", "twos."), ("text", "Fo"), ("text", "ur.")]
    assert bench.states == [
        TurnState.CONNECTING,
        TurnState.WAITING,
        TurnState.STREAMING,
        TurnState.FINISHED,
    ]
    assert bench.stored.state is MessageState.FINISHED
    assert bench.stored.text == "Four."
    assert isinstance(bench.stored.parts[0], ReasoningPart)
    assert bench.stored.timing is not None
    assert bench.stored.timing.first_ms is not None
    assert bench.sender.closed == 1


async def test_stop_keeps_what_came_and_closes_the_stream(qapp):
    never = asyncio.Event()
    bench = Bench([TextDelta("Half a sen")], never)
    bench.turn.delta_arrived.connect(bench.turn.stop)
    bench.turn.delta_arrived.connect(bench.turn.stop)
    await bench.turn.run()
    assert bench.states[-1] is TurnState.STOPPED
    assert bench.stored.state is MessageState.STOPPED
    assert bench.stored.text == "Half a sen"
    assert bench.sender.closed == 1
    bench.turn.stop()


async def test_stop_while_the_last_batch_is_taken_still_stores(qapp):
    bench = Bench([TextDelta("All of it.")])
    bench.turn.delta_arrived.connect(bench.turn.stop)
    await bench.turn.run()
    assert bench.stored.text == "All of it."
    assert bench.stored.state in (MessageState.STOPPED, MessageState.FINISHED)
    assert asyncio.current_task().cancelling() <= 1  # type: ignore[union-attr]


async def test_stop_before_the_first_step_sends_nothing(qapp):
    bench = Bench()
    bench.turn.stop()
    await bench.turn.run()
    assert bench.states == [TurnState.STOPPED]
    assert bench.sender.prompts == []
    assert bench.stored.state is MessageState.STOPPED


async def test_a_failure_stands_beside_the_text_that_had_come(qapp):
    failure = Failure(kind=FailureKind.CUT, endpoint="Test service")
    bench = Bench([TextDelta("The beginning")], TurnFailedError(failure))
    await bench.turn.run()
    assert bench.states[-1] is TurnState.FAILED
    assert (bench.stored.text, bench.stored.failure) == ("The beginning", failure)


async def test_a_reply_without_anything_is_a_failure(qapp):
    bench = Bench([FinishDelta(StopReason.STOP)])
    await bench.turn.run()
    assert bench.stored.failure is not None
    assert bench.stored.failure.kind is FailureKind.EMPTY


async def test_an_empty_reply_with_a_reason_of_its_own_is_none(qapp):
    bench = Bench([FinishDelta(StopReason.CONTENT_FILTER)])
    await bench.turn.run()
    assert bench.stored.failure is None
    assert bench.stored.stop_reason is StopReason.CONTENT_FILTER


async def test_a_mistake_of_our_own_is_a_failure_and_is_logged(qapp, caplog):
    not_a_batch: Any = 5
    bench = Bench([TextDelta("Text")], not_a_batch)
    await bench.turn.run()
    assert bench.stored.failure is not None
    assert bench.stored.failure.kind is FailureKind.INTERNAL
    assert bench.stored.text == "Text"
    assert "a turn failed" in caplog.text
    caplog.clear()


async def test_text_is_on_disk_while_it_still_streams(qapp):
    go = asyncio.Event()
    bench = Bench(
        [TextDelta("First. ")], 0.4, [TextDelta("Second.")], 0.4, go, [FinishDelta(StopReason.STOP)]
    )
    running = asyncio.ensure_future(bench.turn.run())
    while bench.history.text_in_progress("r") != "First. ":
        await asyncio.sleep(0.02)
    assert bench.turn.state is TurnState.STREAMING
    while bench.history.text_in_progress("r") != "First. Second.":
        await asyncio.sleep(0.02)
    go.set()
    await running
    assert bench.history.text_in_progress("r") == ""
    assert bench.stored.text == "First. Second."


async def test_a_full_disk_is_said_once_and_the_reply_goes_on(qapp):
    bench = Bench([TextDelta("a")], 0.3, [TextDelta("b")], 0.3, [FinishDelta(StopReason.STOP)])
    bench.history.is_full = True
    await bench.turn.run()
    assert bench.problems == ["The disk is full. Make room, then try again."]
    assert bench.turn.reply.text == "ab"
    assert bench.states[-1] is TurnState.FINISHED


KEYED = Endpoint(id="k", name="Keyed", base_url="http://h/v1", key=KeyRef("k", ("KEYED_API_KEY",)))


async def test_the_key_comes_from_the_vault(qapp):
    bench = Bench(endpoint=KEYED)
    bench.vault.stored["k"] = Secret("sk-1")
    await bench.turn.run()
    assert bench.sender.keys == [Secret("sk-1")]


@pytest.mark.parametrize("problem", ["", "The keyring is locked."])
async def test_without_a_key_nothing_is_sent(qapp, problem: str):
    bench = Bench(endpoint=KEYED)
    bench.vault.problem = problem
    await bench.turn.run()
    assert bench.sender.prompts == []
    assert bench.stored.failure is not None
    assert bench.stored.failure.kind is FailureKind.NO_KEY
    assert bench.stored.failure.words == problem


async def test_the_embedded_model_is_started_first_and_says_how_far_it_is(qapp):
    bench = Bench(
        [ProgressDelta(0.41)],
        [TextDelta("Hi")],
        [FinishDelta(StopReason.STOP)],
        endpoint=Endpoint(id="local", name="On this computer", embedded=True, model_file="/m.gguf"),
    )
    await bench.turn.run()
    assert bench.local.started == ["/m.gguf"]
    assert bench.sender.endpoints[0].base_url == "http://127.0.0.1:9/v1"
    assert bench.sender.keys == [Secret("local-key-for-tests")]
    assert ("Loading the model", 0.5) in bench.progress
    assert bench.progress[-1][1] == 0.41


async def test_a_final_state_is_emitted_exactly_once_whenever_stop_comes(qapp):
    for turns in range(12):
        bench = Bench(
            [TextDelta("a")], 0.0, [TextDelta("b")], 0.0, [TextDelta("c"), FinishDelta(StopReason.STOP)]
        )
        running = asyncio.ensure_future(bench.turn.run())
        for _ in range(turns):
            await asyncio.sleep(0)
        bench.turn.stop()
        bench.turn.stop()
        await running
        assert [state.is_final for state in bench.states].count(True) == 1
        assert bench.states[-1].is_final
        assert bench.stored.text == "".join(text for _, text in bench.deltas)
        assert TextPart("") not in bench.stored.parts


BUSY = Failure(kind=FailureKind.OVERLOADED, status=503, retry_after=3)


async def test_a_fault_that_passes_is_waited_for_in_sight_and_tried_again(qapp):
    bench = Bench()
    bench.sender.refusals = [BUSY, BUSY]
    await bench.turn.run()
    assert bench.stored.text == "Hello."
    assert bench.stored.failure is None
    counted = [f"Trying again in {left} s" for left in (3, 2, 1)]
    assert [words for words, _ in bench.progress] == [*counted, "Trying again"] * 2
    assert all(fraction is None for _, fraction in bench.progress)
    assert len(bench.sender.prompts) == bench.sender.closed == 3


async def test_the_fourth_failure_stands(qapp):
    bench = Bench()
    bench.sender.refusals = [BUSY] * 9
    await bench.turn.run()
    assert len(bench.sender.prompts) == 4
    assert bench.stored.failure == BUSY
    assert [state.is_final for state in bench.states].count(True) == 1


async def test_a_wait_that_is_too_long_is_said_and_not_waited_for(qapp):
    bench = Bench()
    bench.sender.refusals = [Failure(kind=FailureKind.RATE_LIMIT, status=429, retry_after=61)]
    await bench.turn.run()
    assert len(bench.sender.prompts) == 1
    assert bench.stored.failure is not None
    assert bench.stored.failure.retry_after == 61


async def test_stop_ends_the_wait_at_once(qapp):
    bench = Bench(retries=Retries())
    bench.sender.refusals = [Failure(kind=FailureKind.OVERLOADED, status=503, retry_after=59)]
    bench.turn.progress_changed.connect(lambda *_: bench.turn.stop())
    await asyncio.wait_for(bench.turn.run(), 5)
    assert bench.states[-1] is TurnState.STOPPED
    assert len(bench.sender.prompts) == 1
    assert bench.stored.failure is None


@pytest.mark.parametrize(
    "shown",
    [TextDelta("The"), ReasoningDelta("Hm"), ToolCallDelta(0, "look")],
    ids=["text", "reasoning", "call"],
)
async def test_nothing_is_tried_again_once_something_came(qapp, shown: Any):
    bench = Bench([shown], TurnFailedError(BUSY))
    await bench.turn.run()
    assert len(bench.sender.prompts) == 1
    assert bench.stored.failure == BUSY


async def test_counts_of_a_lost_attempt_do_not_stay(qapp):
    bench = Bench([UsageDelta(Usage(input=5))], TurnFailedError(BUSY))
    bench.turn.progress_changed.connect(lambda *_: setattr(bench.sender, "steps", [[TextDelta("Yes.")]]))
    await bench.turn.run()
    assert (bench.stored.text, bench.stored.usage) == ("Yes.", None)


async def test_an_embedded_model_whose_process_ended_is_not_asked_again(qapp):
    cut = Failure(kind=FailureKind.CUT, host="127.0.0.1")
    bench = Bench(endpoint=Endpoint(id="local", name="On this computer", embedded=True))
    bench.sender.refusals = [cut]
    await bench.turn.run()
    assert bench.stored.failure == cut
    assert len(bench.sender.prompts) == 1


async def test_a_flood_lets_others_have_their_turn(qapp):
    batches = [[TextDelta("word ")] * 40 for _ in range(1_500)]
    bench = Bench(*batches, [FinishDelta(StopReason.STOP)])
    turns = 0

    async def tick() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            if TurnState.STREAMING in bench.states and len(bench.deltas) < 1_500 * 40:
                turns += 1

    ticker = asyncio.ensure_future(tick())
    await bench.turn.run()
    ticker.cancel()
    assert len(bench.deltas) == 1_500 * 40
    assert turns > 3
