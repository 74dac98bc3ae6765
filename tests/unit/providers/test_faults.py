"""Every service over a real socket with every fault: what the user is told, and what is kept.

Each preset asks its own protocol's stream out of the corpus, through a proxy that spoils it.
"""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from desktop.base.paths import resources
from desktop.chat.retries import Retries
from desktop.chat.turn import Ports, Turn, TurnState
from desktop.domain.endpoint import Endpoint
from desktop.domain.failure import FailureKind
from desktop.domain.message import Message, MessageState, Role, TextPart
from desktop.domain.prompt import Prompt
from desktop.domain.secret import Secret
from desktop.providers.presets import load_presets
from desktop.providers.registry import all_providers
from desktop.providers.send import WireSender
from desktop.wire.client import Patience, WireClient
from tests.support.faults import (
    Fault,
    FaultProxy,
    cut_after,
    cut_before,
    refuse,
    reset_after,
    reset_before,
    split,
    stall_after,
    stall_before,
)
from tests.support.memory import MemoryHistory, MemoryLocal, MemoryVault
from tests.support.reading import CORPUS, read_answer
from tests.support.server import Answer, LoopbackServer, SeenRequest, Send, json_answer

PRESETS = {preset.id: preset for preset in load_presets(resources())}
CASES = {"stackai": "events"}
PASSING = (408, 429, 500, 502, 503, 504, 529)
CALM = Patience(connect=5, begin=5, between=5)


@dataclass(frozen=True)
class Case:
    """A protocol's stream, what it says whole, and a place where it can break with a part of that said."""

    content_type: str
    body: bytes
    text: str
    middle: int
    kept: str


def case_of(endpoint: Endpoint) -> Case:
    provider = all_providers()[endpoint.provider]
    folder = CORPUS / provider.name / CASES.get(provider.name, "plain")
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    headers = expected["headers"]
    (stream,) = folder.glob("stream.*")
    body = stream.read_bytes()
    line_end = b"\r\n" if b"\r\n" in body else b"\n"
    frame_end = line_end if stream.suffix == ".ndjson" else line_end * 2
    middle = 0
    kept = ""
    while not kept:
        middle = body.index(frame_end, middle) + len(frame_end)
        kept = read_answer(provider, endpoint, [body[:middle]], headers=headers).text
    return Case(headers["content-type"], body, expected["expected"]["text"], middle, kept)


class Road:
    """A service behind a proxy with faults, and the way of a prompt to it."""

    def __init__(self, preset: Endpoint, upstream: LoopbackServer, proxy: FaultProxy) -> None:
        self.case = case_of(preset)
        self.proxy = proxy
        self.endpoint = replace(preset, base_url=f"{proxy.url}/v1")
        # The first answer of a service that gives receipts is no reply: what breaks a reply comes later.
        self.reply_path = "/stream" if preset.provider == "replicate" else ""
        upstream.default = self._answer

    def _answer(self, request: SeenRequest) -> Answer:
        if request.path.endswith("/predictions"):
            urls = {name: f"{self.proxy.url}/p/{name}" for name in ("stream", "cancel")}
            return json_answer({"id": "p", "status": "starting", "urls": urls}, status=201)
        if request.path.endswith("/cancel"):
            return json_answer({"id": "p", "status": "canceled"})
        return Answer(steps=[Send(self.case.body)], content_type=self.case.content_type)

    async def ask(
        self, *faults: Fault, path: str = "", patience: Patience = CALM, limit: int = 2
    ) -> tuple[Message, list[TurnState]]:
        """Send a prompt past faults; return the reply as it is stored, and the turn's states."""
        self.proxy.next(*faults, path=path)
        vault = MemoryVault()
        refs = [ref for _, ref in self.endpoint.header_keys]
        for ref in (*refs, *([self.endpoint.key] if self.endpoint.key else [])):
            vault.hold(ref, Secret("sk-test-0123456789abcdef"))
        history = MemoryHistory()
        asked = Message(
            id="q", conversation_id="c", parent_id=None, role=Role.USER, parts=(TextPart("What is a weir?"),)
        )
        reply = Message(
            id="r",
            conversation_id="c",
            parent_id="q",
            role=Role.ASSISTANT,
            parts=(),
            state=MessageState.STREAMING,
        )
        states: list[TurnState] = []
        async with contextlib.aclosing(WireClient(patience)) as client:
            retries = Retries(limit=limit, second_s=0.001)
            ports = Ports(WireSender(client), history, vault, MemoryLocal(), retries)
            prompt = Prompt(model=self.endpoint.default_model or "model", messages=(asked,))
            turn = Turn(ports, reply, prompt, self.endpoint)
            turn.state_changed.connect(states.append)
            await turn.run()
        assert [state.is_final for state in states].count(True) == 1
        return history.messages["r"], states

    @property
    def prompts(self) -> int:
        """How often the prompt was sent."""
        paths = [request.path for request in self.proxy.requests]
        return sum(not path.endswith(("/stream", "/cancel")) for path in paths)


@pytest.fixture(params=list(PRESETS))
def road(request: pytest.FixtureRequest) -> Iterator[Road]:
    with LoopbackServer() as upstream, FaultProxy(upstream) as proxy:
        yield Road(PRESETS[request.param], upstream, proxy)


@pytest.mark.parametrize("fault", [split(7), split(60, 0.002)], ids=["pieces", "slow-pieces"])
async def test_split_and_delayed_it_is_the_same_reply(qapp, road: Road, fault: Fault) -> None:
    reply, states = await road.ask(fault, path=road.reply_path)
    assert (reply.text, reply.state, reply.failure) == (road.case.text, MessageState.FINISHED, None)
    assert states[-2:] == [TurnState.STREAMING, TurnState.FINISHED]
    assert road.prompts == 1


@pytest.mark.parametrize("fault", [stall_before(), stall_after(0)], ids=["no-head", "no-body"])
async def test_silence_from_the_start(qapp, road: Road, fault: Fault) -> None:
    reply, _ = await road.ask(fault, path=road.reply_path, patience=replace(CALM, begin=0.12))
    assert reply.state is MessageState.FAILED
    assert reply.failure is not None
    assert reply.failure.kind is FailureKind.STALLED
    assert reply.failure.sentence == f"{road.endpoint.name} went silent. What had arrived is kept."
    assert reply.text == ""
    # On a busy computer so short a time may be over before the request is out.
    assert road.prompts <= 1


async def test_silence_in_mid_reply(qapp, road: Road) -> None:
    fault = stall_after(road.case.middle)
    reply, _ = await road.ask(fault, path=road.reply_path, patience=replace(CALM, between=0.08))
    assert reply.state is MessageState.FAILED
    assert reply.failure is not None
    assert reply.failure.kind is FailureKind.STALLED
    assert reply.text == road.case.kept != ""
    assert road.prompts == 1


@pytest.mark.parametrize("breaks", [reset_after, cut_after], ids=["reset", "cut"])
async def test_a_break_in_mid_reply(qapp, road: Road, breaks) -> None:
    reply, _ = await road.ask(breaks(road.case.middle), path=road.reply_path)
    assert reply.state is MessageState.FAILED
    assert reply.failure is not None
    assert reply.failure.kind is FailureKind.CUT
    assert reply.failure.sentence == (
        f"The connection to {road.endpoint.name} ended before the reply did. What had arrived is kept."
    )
    assert reply.text == road.case.kept != ""
    assert road.prompts == 1


@pytest.mark.parametrize("fault", [reset_before(), cut_before()], ids=["reset", "cut"])
async def test_a_break_before_the_reply_is_got_over(qapp, road: Road, fault: Fault) -> None:
    """On this computer too: the server took the connection, so that it runs."""
    reply, _ = await road.ask(fault)
    assert (reply.text, reply.failure) == (road.case.text, None)
    assert road.prompts == 2


async def test_a_break_that_stays_is_said(qapp, road: Road) -> None:
    reply, _ = await road.ask(*[reset_before()] * 9, limit=1)
    assert reply.failure is not None
    assert reply.failure.kind is FailureKind.CUT
    assert reply.text == ""
    assert road.prompts == 2


async def test_refusals_that_pass_are_got_over(qapp, road: Road) -> None:
    for number, status in enumerate(PASSING, 1):
        headers = {"retry-after-ms": "1"} if status % 2 else {"Retry-After": "0.001"}
        reply, _ = await road.ask(refuse(status, headers=headers))
        assert (reply.text, reply.failure) == (road.case.text, None)
        assert road.prompts == 2 * number


@pytest.mark.parametrize(
    ("status", "kind"),
    [(429, FailureKind.RATE_LIMIT), (500, FailureKind.SERVER), (503, FailureKind.OVERLOADED)],
)
async def test_a_refusal_that_stays_is_said(qapp, road: Road, status: int, kind: FailureKind) -> None:
    reply, _ = await road.ask(*[refuse(status, "Not now.", {"retry-after-ms": "1"})] * 2, limit=1)
    assert reply.failure is not None
    assert (reply.failure.kind, reply.failure.status, reply.failure.words) == (kind, status, "Not now.")
    assert road.endpoint.name in reply.failure.sentence
    assert road.prompts == 2


LASTING = {
    400: {FailureKind.BAD_REQUEST},
    401: {FailureKind.KEY_REFUSED, FailureKind.NO_KEY},
    402: {FailureKind.PAYMENT},
    403: {FailureKind.FORBIDDEN},
    404: {FailureKind.NO_MODEL, FailureKind.WRONG_ADDRESS},
    407: {FailureKind.PROXY},
    413: {FailureKind.TOO_LONG},
    422: {FailureKind.BAD_REQUEST},
}


async def test_other_refusals_are_said_at_once(qapp, road: Road) -> None:
    for number, (status, kinds) in enumerate(LASTING.items(), 1):
        reply, _ = await road.ask(refuse(status, "Made up.", {"Retry-After": "0.001"}))
        assert reply.state is MessageState.FAILED
        assert reply.failure is not None
        assert reply.failure.kind in kinds
        assert reply.failure.status == status
        assert ("Made up." in reply.failure.words) is (status != 407)
        assert reply.text == ""
        assert road.prompts == number
