"""Everything that can go wrong on the way, as the window says it: in words, with the text kept."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest

from desktop.app import Core
from desktop.domain.endpoint import Endpoint, KeyRef, ModelRef
from desktop.domain.failure import FailureKind
from desktop.domain.message import MessageState
from desktop.domain.secret import Secret
from desktop.ui.timeline.view import Timeline
from desktop.ui.window import MainWindow
from desktop.wire.client import Patience, WireClient
from tests.flows.place import messages
from tests.support.chatting import until
from tests.support.server import (
    Answer,
    Cut,
    LoopbackServer,
    Reset,
    Send,
    Stall,
    Step,
    Wait,
    openai_chunks,
    openai_error,
    openai_stream,
    sse,
    unused_port,
)
from tests.support.stage import Stage

KEY = "sk-test-0123456789abcdefghij"
PROMPT = "What is a weir?"


@dataclass
class Place:
    """The real window over the real parts, with an endpoint at `base_url` chosen."""

    core: Core
    window: MainWindow

    def choose(self, base_url: str, name: str = "loop") -> None:
        key = KeyRef(name)
        self.core.vault.hold(key, Secret(KEY))
        self.core.endpoints.add(
            Endpoint(id=name, name="Loopback", base_url=base_url, models=("alpha",), key=key)
        )
        self.core.endpoints.choose(ModelRef(name, "alpha"))

    async def ask(self, text: str = PROMPT) -> None:
        """Type a prompt, press Enter, and wait for the end of the turn."""
        edit = self.window.page.composer.edit
        edit.setFocus()
        QTest.keyClicks(edit, text)
        QTest.keyClick(edit, Qt.Key.Key_Return)
        live = self.core.desk.current
        assert live.turn is not None
        await live.wait()

    @property
    def heard(self) -> str:
        """The last message as a screen reader reads it."""
        tree = QAccessible.queryAccessibleInterface(self.window.page.timeline)
        last = [
            child
            for child in map(tree.child, range(tree.childCount()))
            if child.role() == QAccessible.Role.ListItem
        ][-1]
        return last.text(QAccessible.Text.Value)

    @property
    def waits_for(self) -> str:
        """What stands where the reply will come."""
        growing = self.window.page.timeline.page.growing
        waiting = growing.waiting if growing is not None else None
        return waiting.text if waiting is not None else ""


def press(timeline: Timeline, message_id: str, name: str) -> None:
    """Click a control that is painted under a message, found as a hand would: by trying the places."""
    spot = timeline.page.spot_of(message_id)
    assert spot is not None
    places = (
        QPoint(x, y)
        for y in range(max(0, spot.y), min(timeline.page.height, spot.y + spot.item.height), 3)
        for x in range(0, timeline.page.width, 3)
    )
    found = next(place for place in places if timeline.pointer.under(place.toPointF()).control == name)
    QTest.mouseClick(timeline.viewport(), Qt.MouseButton.LeftButton, pos=found + QPoint(3, 3))


@pytest.fixture
async def place(qloop, qtbot, tmp_path: Path) -> AsyncGenerator[Place, None]:
    client = WireClient(Patience(connect=2, begin=0.5, between=0.5), ssl.create_default_context)
    stage = Stage.open(tmp_path, client=client)
    await stage.core.endpoints.read()
    yield Place(stage.core, stage.window)
    await stage.close()


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as server:
        yield server


def begun(*end: Step) -> Answer:
    """A reply that begins well."""
    chunks = list(openai_chunks(["The begin", "ning."], finish=None, done=False))
    return Answer(steps=[*map(Send, chunks), *end])


REFUSALS: Sequence[tuple[str, Answer, FailureKind, Sequence[str]]] = [
    (
        "wrong key",
        openai_error(401, "Incorrect API key provided."),
        FailureKind.KEY_REFUSED,
        ["Loopback did not accept the key. Replace it under Settings", "Incorrect API key provided."],
    ),
    (
        "no such model",
        openai_error(
            404,
            {"error": {"message": "The model `alpha` does not exist", "code": "model_not_found"}},
        ),
        FailureKind.NO_MODEL,
        ["Loopback has no model named “alpha”. Choose another model"],
    ),
    (
        "rate limit",
        openai_error(429, "Slow down.", headers={"retry-after": "70"}),
        FailureKind.RATE_LIMIT,
        ["Loopback asks you to slow down.", "It asks to wait 1 min 10 s."],
    ),
    (
        "credit spent",
        openai_error(429, {"error": {"message": "You exceeded your quota.", "code": "insufficient_quota"}}),
        FailureKind.PAYMENT,
        ["has no credit left", "You exceeded your quota."],
    ),
    (
        "no wish to be asked again",
        openai_error(503, "Come back tomorrow.", headers={"x-should-retry": "false"}),
        FailureKind.OVERLOADED,
        ["Loopback is overloaded right now.", "Come back tomorrow."],
    ),
    (
        "page instead of a stream",
        Answer(steps=[Send(b"<!DOCTYPE html><html><b>Sign in</b></html>")], content_type="text/html"),
        FailureKind.NOT_A_STREAM,
        ["There is a web page at http://127.0.0.1:"],
    ),
    ("silence from the start", Answer(steps=[Stall()]), FailureKind.STALLED, ["Loopback went silent."]),
]


@pytest.mark.parametrize(
    ("answer", "kind", "words"), [row[1:] for row in REFUSALS], ids=[r[0] for r in REFUSALS]
)
async def test_a_refusal_is_said_in_words_and_the_prompt_stays(
    place: Place, server: LoopbackServer, answer: Answer, kind: FailureKind, words: Sequence[str], qloop
):
    place.choose(server.base_url)
    server.answer(answer)
    await place.ask()
    prompt, reply = place.core.desk.current.transcript
    assert reply.failure is not None
    assert reply.failure.kind is kind
    for word in words:
        assert word in place.heard
    assert len(server.requests) == 1
    assert KEY not in place.heard
    assert prompt.text == PROMPT
    assert place.window.page.composer.edit.isEnabled()


PASSING: Sequence[tuple[str, Answer]] = [
    ("overloaded", openai_error(503, "Busy.", headers={"retry-after-ms": "40"})),
    ("too many requests", openai_error(429, "Slow down.", headers={"retry-after": "0.04"})),
    ("a fault", openai_error(500, "Oops.", headers={"retry-after-ms": "40"})),
    (
        "Google's delay",
        openai_error(
            503,
            {"error": {"message": "Busy.", "status": "UNAVAILABLE", "details": [{"retryDelay": "0.04s"}]}},
        ),
    ),
    ("a lost connection", Answer(steps=[Reset()])),
]


@pytest.mark.parametrize("answer", [row[1] for row in PASSING], ids=[row[0] for row in PASSING])
async def test_a_fault_that_passes_is_got_over(place: Place, server: LoopbackServer, answer: Answer, qloop):
    place.choose(server.base_url)
    server.answer(answer, openai_stream(["A low ", "dam."]))
    await place.ask()
    reply = place.core.desk.current.transcript[-1]
    assert (reply.text, reply.state, reply.failure) == ("A low dam.", MessageState.FINISHED, None)
    assert [request.json["messages"][-1]["content"] for request in server.requests] == [PROMPT] * 2


async def test_the_wait_for_another_attempt_is_seen_and_can_be_stopped(
    place: Place, server: LoopbackServer, qloop
):
    place.choose(server.base_url)
    server.answer(openai_error(503, "Busy.", headers={"retry-after": "30"}))
    asking = asyncio.ensure_future(place.ask())
    await until(lambda: place.waits_for.startswith("Trying again in 30 s"))
    place.window.page.stop()
    await asking
    assert place.core.desk.current.transcript[-1].state is MessageState.STOPPED
    assert len(server.requests) == 1


BREAKS: Sequence[tuple[str, Answer, FailureKind, str]] = [
    ("cut", begun(Cut()), FailureKind.CUT, "The connection to Loopback ended before the reply did."),
    ("reset", begun(Reset()), FailureKind.CUT, "The connection to Loopback ended before the reply did."),
    (
        "no end mark",
        Answer(steps=begun().steps, framing="close"),
        FailureKind.CUT,
        "ended before the reply did.",
    ),
    ("stall", begun(Stall()), FailureKind.STALLED, "Loopback went silent."),
    ("broken JSON", begun(Send(sse("{nonsense")), Stall()), FailureKind.GARBLED, "not part of a reply"),
    (
        "error in the stream",
        begun(Send(sse({"error": {"message": "The engine is on fire."}}))),
        FailureKind.PROVIDER,
        "The engine is on fire.",
    ),
]


@pytest.mark.parametrize(
    ("answer", "kind", "words"), [row[1:] for row in BREAKS], ids=[row[0] for row in BREAKS]
)
async def test_what_breaks_in_mid_reply_keeps_the_text_and_says_why(
    place: Place, server: LoopbackServer, answer: Answer, kind: FailureKind, words: str, qloop
):
    place.choose(server.base_url)
    server.answer(answer)
    await place.ask()
    reply = place.core.desk.current.transcript[-1]
    assert (reply.text, reply.state) == ("The beginning.", MessageState.FAILED)
    assert reply.failure is not None
    assert reply.failure.kind is kind
    assert place.heard.startswith("The beginning.")
    assert words in place.heard


async def test_nothing_listening_and_no_such_host_are_told_apart(place: Place, qloop):
    place.choose(f"http://127.0.0.1:{unused_port()}/v1")
    await place.ask()
    assert "Nothing is listening at http://127.0.0.1:" in place.heard
    place.choose("http://no-such-host.invalid/v1", "lost")
    await place.ask()
    assert "The name no-such-host.invalid was not found." in place.heard


async def test_a_certificate_nobody_vouches_for_is_said(place: Place, qloop):
    with LoopbackServer(tls=True) as server:
        place.choose(server.base_url)
        await place.ask()
    assert "its certificate was not accepted" in place.heard


async def test_what_is_typed_while_a_reply_comes_is_kept(place: Place, server: LoopbackServer, qloop):
    place.choose(server.base_url)
    server.answer(begun(Stall()))
    edit = place.window.page.composer.edit
    edit.setFocus()
    QTest.keyClicks(edit, PROMPT)
    QTest.keyClick(edit, Qt.Key.Key_Return)
    live = place.core.desk.current
    await until(lambda: live.transcript[-1].text == "The beginning.")
    QTest.keyClicks(edit, "And then?")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    await live.wait()
    await asyncio.sleep(0)
    assert edit.toPlainText() == "And then?"


async def test_a_reply_that_was_cut_goes_on_with_continue(place: Place, server: LoopbackServer, qloop):
    place.choose(server.base_url)
    server.answer(begun(Cut()), openai_stream([" The", " end."], delay=0.05))
    await place.ask()
    live, timeline = place.core.desk.current, place.window.page.timeline
    old = live.transcript[-1]
    heard: list[str] = []
    live.turn_started.connect(lambda _turn: heard.append(place.heard))
    press(timeline, old.id, "continue")
    await live.wait()
    await asyncio.sleep(0)
    assert heard[0].startswith("The beginning.")
    prompt, new = live.transcript
    assert prompt.text == PROMPT
    assert (new.text, new.state) == ("The beginning. The end.", MessageState.FINISHED)
    assert place.heard.startswith("The beginning. The end.")
    assert live.siblings(new.id) == (1, 2)
    assert server.requests[1].json["messages"][-1] == {"role": "assistant", "content": "The beginning."}
    stored = await place.core.store.history.read_conversation(live.conversation.id)
    assert stored is not None
    assert [message.text for message in stored[1]] == [PROMPT, "The beginning.", "The beginning. The end."]


async def test_a_kill_while_a_reply_goes_on_leaves_all_of_it(place: Place, server: LoopbackServer, qloop):
    place.choose(server.base_url)
    first = [Send(chunk) for chunk in openai_chunks([" The"], finish=None, done=False)]
    # Comments keep the connection alive for as long as the test needs.
    alive: list[Step] = [Send(b": still here\n\n"), Wait(0.1)] * 300
    server.answer(begun(Cut()), Answer(steps=[*first, *alive]))
    await place.ask()
    live = place.core.desk.current
    assert place.core.desk.continue_reply(live.transcript[-1].id)
    data = place.core.paths.data
    await until(lambda: messages(data)[-1].text == "The beginning. The")
    assert [(row.state, row.text) for row in messages(data)[1:]] == [
        ("failed", "The beginning."),
        ("streaming", "The beginning. The"),
    ]
    place.window.page.stop()
    await live.wait()
    assert (messages(data)[-1].state, messages(data)[-1].text) == ("stopped", "The beginning. The")
