"""The model writes a title where it may, and nowhere else."""

import pytest
from PySide6.QtCore import QObject

from desktop.chat.titles import LONGEST, Titles, title_in
from desktop.chat.turn import Ports
from desktop.domain.delta import FinishDelta, StopReason, TextDelta
from desktop.domain.endpoint import ModelRef
from desktop.domain.failure import Failure, FailureKind
from tests.support.chatting import ChatRoom, until


@pytest.mark.parametrize(
    ("answer", "title"),
    [
        ("Trains to Kyoto", "Trains to Kyoto"),
        ('"Trains to Kyoto."\nIt fits because', "Trains to Kyoto"),
        ("**Title: Trains  to Kyoto**", "Trains to Kyoto"),
        ("# Züge", "Züge"),
        ("<think>what now\n</think>\n京都への旅", "京都への旅"),
        ("<think>never ends", ""),
        ("", ""),
        ("x" * (LONGEST + 1), ""),
    ],
)
def test_a_title_is_taken_out_of_an_answer(answer: str, title: str) -> None:
    assert title_in(answer) == title


class Room(ChatRoom):
    """A chat room with titles, and a service chosen."""

    def __init__(self, *, is_allowed: bool = True) -> None:
        super().__init__([TextDelta("“A short title”")], [FinishDelta(StopReason.STOP)])
        self.owner = QObject()
        ports = Ports(self.sender, self.history, self.vault, self.local)
        self.titles = Titles(ports, self.desk, self.tasks, lambda: is_allowed, self.owner)

    async def ask(self, text: str, endpoint: str = "service") -> str:
        """Send a prompt to an endpoint; return the conversation's id when its reply is there."""
        await self.endpoints.read()
        self.vault.environment["SERVICE_API_KEY"] = "key"
        self.endpoints.choose(ModelRef(endpoint, "model-x"))
        assert self.desk.send(text)
        await until(lambda: not self.desk.streaming)
        return self.desk.current.conversation.id


async def test_the_first_reply_brings_a_title(qapp) -> None:
    room = Room()
    asked = await room.ask("How do I get from Tokyo to Kyoto by train?")
    await until(lambda: room.history.conversations[asked].title == "A short title")
    sent = room.sender.prompts[-1].messages[0].text
    assert "Tokyo to Kyoto" in sent
    assert "A short title" in sent
    await room.ask("And back?")
    assert len(room.sender.prompts) == 3
    await room.close()


async def test_a_conversation_left_meanwhile_has_its_title_too(qapp) -> None:
    room = Room()
    asked = await room.ask("First")
    room.desk.start_new()
    await until(lambda: room.history.conversations[asked].title == "A short title")
    await room.close()


@pytest.mark.parametrize("case", ["not allowed", "embedded", "renamed", "refused"])
async def test_otherwise_the_title_stays(qapp, case: str) -> None:
    room = Room(is_allowed=case != "not allowed")
    if case == "renamed":
        room.desk.turn_over.disconnect(room.titles._on_turn_over)
        room.desk.turn_over.connect(lambda live, _turn: live.rename("Mine"))
        room.desk.turn_over.connect(room.titles._on_turn_over)
    if case == "refused":
        room.desk.turn_over.connect(lambda *_: room.sender.refusals.append(Failure(kind=FailureKind.SERVER)))
    asked = await room.ask("First", "local" if case == "embedded" else "service")
    await until(lambda: not room.tasks._all)
    assert room.history.conversations[asked].title == ("Mine" if case == "renamed" else "First")
    assert len(room.sender.prompts) == (2 if case == "refused" else 1)
    await room.close()
