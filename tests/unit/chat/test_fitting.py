"""Nothing is left out silently: what does not fit is held back, and what is chosen then is done."""

from dataclasses import replace

import pytest

from desktop.chat.fitting import Fitting, Overflowing
from desktop.chat.summary import Summary
from desktop.chat.turn import Ports
from desktop.chat.windows import Windows, WindowSources
from desktop.domain.context import SUMMARY_HEAD
from desktop.domain.cut import Overflow
from desktop.domain.delta import Delta, FinishDelta, StopReason, TextDelta, Usage, UsageDelta
from desktop.domain.endpoint import Endpoint, ModelRef
from desktop.domain.failure import Failure, FailureKind
from desktop.domain.message import TextPart
from desktop.domain.secret import Secret
from tests.support.chatting import ChatRoom, until

LONG = "word " * 400
END = FinishDelta(StopReason.STOP)


class Room(ChatRoom):
    """A chat room whose prompts are weighed, with two long turns in a window of 1,000 tokens."""

    def __init__(self) -> None:
        super().__init__([TextDelta(LONG)], [END])

        async def unknown(*_: object) -> int | None:
            return None

        async def running(_endpoint: Endpoint, _model: str, _key: Secret | None) -> int | None:
            return None

        windows = Windows(
            self.endpoints, WindowSources(unknown, unknown, running, self.vault), self.tasks, self.desk
        )
        ports = Ports(self.sender, self.history, self.vault, self.local)
        self.fitting = Fitting(ports, self.desk, self.endpoints, windows, self.tasks)
        self.held: list[Overflowing] = []
        self.resumed: list[Overflowing] = []
        self.summaries: list[Summary | None] = []
        self.problems: list[str] = []
        self.fitting.overflowed.connect(self.held.append)
        self.fitting.resumed.connect(self.resumed.append)
        self.fitting.summarising.connect(self.summaries.append)
        self.fitting.failed.connect(lambda _met, words: self.problems.append(words))

    async def begin(self, *, window: int | None = 1_000, turns: int = 1) -> None:
        await self.endpoints.read()
        self.vault.environment["SERVICE_API_KEY"] = "key"
        self.endpoints.choose(ModelRef("service", "model-x"))
        for number in range(turns):
            assert self.desk.send(f"Question {number}")
            await until(lambda: not self.desk.streaming)
        self.set(window=window)

    def set(self, **changes: object) -> None:
        live = self.desk.current
        live.set_context(replace(live.conversation.context, **changes))  # type: ignore[arg-type]

    def sent(self) -> list[str]:
        return [message.text for message in self.sender.prompts[-1].messages]

    async def over(self) -> None:
        await until(lambda: not self.desk.streaming and self.fitting.summary is None)


async def test_what_fits_goes(qapp) -> None:
    room = Room()
    await room.begin(window=4_000)
    assert room.desk.send("And now?")
    await room.over()
    assert room.held == []
    assert room.sent() == ["Question 0", LONG, "And now?"]
    await room.close()


async def test_what_may_not_fit_is_nobodys_guess(qapp) -> None:
    room = Room()
    await room.begin(window=None)
    assert room.desk.send(LONG * 20)
    await room.over()
    assert room.held == []
    await room.close()


async def test_a_prompt_is_held_back_until_the_oldest_may_go(qapp) -> None:
    room = Room()
    await room.begin(turns=2)
    before = len(room.sender.prompts)
    assert not room.desk.send("And now?")
    assert len(room.sender.prompts) == before
    (met,) = room.held
    assert [message.text for message in met.measure.plan.left][:1] == ["Question 0"]
    room.fitting.choose(met, Overflow.OLDEST)
    assert room.resumed == [met]
    assert room.desk.send("And now?")
    await room.over()
    assert room.sent() == ["Question 1", LONG, "And now?"]
    kept = room.history.conversations[room.desk.current.conversation.id].context
    assert kept.overflow is Overflow.OLDEST
    assert kept.cuts[0].count == 2
    # From now on it is done without asking, and the line moves.
    assert room.desk.send("More?")
    await room.over()
    assert len(room.held) == 1
    assert "Question 1" not in room.sent()
    await room.close()


async def test_a_summary_is_one_more_request_and_goes_in_their_place(qapp) -> None:
    room = Room()
    await room.begin(turns=2)
    assert not room.desk.send("And now?")
    usage = UsageDelta(Usage(input=400, output=9, cost=0.01))
    room.sender.steps = [[TextDelta("<think>hm</think>They spoke "), TextDelta("of words."), usage], [END]]
    before = len(room.sender.prompts)
    room.fitting.choose(room.held[0], Overflow.SUMMARY)
    await until(lambda: bool(room.resumed))
    assert len(room.sender.prompts) == before + 1
    assert "User: Question 0" in room.sent()[0]
    assert room.desk.send("And now?")
    await room.over()
    assert room.sent() == [f"{SUMMARY_HEAD}\n\nThey spoke of words.", "Question 1", LONG, "And now?"]
    (cut,) = room.desk.current.conversation.context.cuts
    assert (cut.summary, cut.count, cut.missed) == ("They spoke of words.", 2, 0)
    assert cut.usage is not None
    assert (cut.usage.cost, cut.model, cut.endpoint) == (0.01, "model-x", "Test service")
    # The request is no message of the conversation.
    assert all("Write a summary" not in message.text for message in room.history.messages.values())
    await room.close()


@pytest.mark.parametrize("end", ["fails", "says nothing", "is stopped", "is left"])
async def test_without_a_summary_nothing_is_sent(qapp, end: str) -> None:
    room = Room()
    await room.begin(turns=2)
    assert not room.desk.send("And now?")
    room.sender.steps = [[END]] if end == "says nothing" else [[TextDelta("a")], 60.0]
    if end == "fails":
        room.sender.refusals.append(Failure(kind=FailureKind.PAYMENT, endpoint="Test service"))
    room.fitting.choose(room.held[0], Overflow.SUMMARY)
    assert room.fitting.summary is not None
    if end == "is stopped":
        room.fitting.stop()
    elif end == "is left":
        room.desk.start_new()
    await until(lambda: room.fitting.summary is None)
    assert room.resumed == []
    assert len(room.problems) == (end in ("fails", "says nothing"))
    assert room.summaries[-1] is None
    await room.close()


async def test_a_refusing_conversation_sends_nothing(qapp) -> None:
    room = Room()
    await room.begin(turns=2)
    room.set(overflow=Overflow.REFUSE)
    assert not room.desk.send("And now?")
    room.fitting.choose(room.held[0], Overflow.REFUSE)
    assert room.resumed == []
    assert not room.desk.send("And now?")
    assert len(room.sender.prompts) == 2
    await room.close()


async def test_everything_can_be_sent_once(qapp) -> None:
    room = Room()
    await room.begin(turns=2)
    room.fitting.resumed.connect(lambda _met: room.desk.send("And now?"))
    assert not room.desk.send("And now?")
    room.fitting.send_all(room.held[0])
    await room.over()
    assert room.sent()[0] == "Question 0"
    assert not room.desk.send("Again?")
    await room.close()


async def test_another_try_and_an_edit_are_held_back_too(qapp) -> None:
    room = Room()
    await room.begin(turns=2)
    reply = room.desk.current.transcript[-1]
    room.set(window=560)
    assert not room.desk.try_again(reply.id)
    room.fitting.choose(room.held[0], Overflow.OLDEST)
    await room.over()
    assert room.sent() == ["Question 1"]
    room.set(overflow=Overflow.ASK, cuts=())
    prompt = room.desk.current.transcript[2]
    assert not room.desk.edit(prompt.id, "Question 1 again")
    assert not room.desk.continue_reply(reply.id)
    assert len(room.held) == 3
    await room.close()


async def test_a_refusal_of_the_service_leads_to_the_same_choice(qapp) -> None:
    room = Room()
    await room.begin(window=None, turns=2)
    words = "maximum context length is 1000 tokens"
    room.sender.refusals.append(Failure(kind=FailureKind.TOO_LONG, model="model-x", words=words))
    assert room.desk.send("And now?")
    await room.over()
    (met,) = room.held
    assert met.is_refused
    assert met.measure.load.window == 1_000
    room.fitting.choose(met, Overflow.OLDEST)
    await room.over()
    assert room.sent() == ["Question 1", LONG, "And now?"]
    assert room.desk.current.transcript[-1].text == LONG
    await room.close()


async def test_a_refusal_that_says_nothing_more_offers_to_leave_out_half(qapp) -> None:
    room = Room()
    await room.begin(window=None, turns=3)
    room.sender.refusals.append(Failure(kind=FailureKind.TOO_LONG, model="model-x", words="too long"))
    assert room.desk.send("And now?")
    await room.over()
    plan = room.held[0].measure.plan
    assert plan.helps
    assert plan.tokens < room.held[0].measure.load.tokens * 0.75
    await room.close()


async def test_a_prompt_too_long_by_itself_can_only_be_shortened_or_sent(qapp) -> None:
    room = Room()
    await room.begin(turns=1)
    room.set(overflow=Overflow.OLDEST)
    deltas: list[Delta] = [TextDelta("Yes."), END]
    room.sender.steps = [deltas]
    assert not room.desk.send(LONG * 5)
    assert not room.held[0].measure.plan.helps
    assert room.desk.current.conversation.context.cuts == ()
    assert room.desk.send("Short.")
    await room.over()
    await room.close()


async def test_a_very_long_conversation_is_weighed_elsewhere_first(qapp) -> None:
    room = Room()
    await room.begin(window=None)
    live = room.desk.current
    ready: list[None] = []
    assert not room.fitting.prepare(live.transcript, lambda: ready.append(None))
    first = live.transcript[0]
    heavy = [replace(first, id=f"h{number}", parts=(TextPart("word " * 50_000),)) for number in range(6)]
    assert room.fitting.prepare(heavy, lambda: ready.append(None))
    await until(lambda: bool(ready))
    assert not room.fitting.prepare(heavy, lambda: ready.append(None))
    assert room.fitting.measure(live, ModelRef("service", "model-x"), heavy, ()).load.tokens > 300_000
    await room.close()
