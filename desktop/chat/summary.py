"""Summary: what stands in a prompt for its oldest messages, written by the model in a request of its own."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from desktop.base.clock import now_ms
from desktop.base.tongue import sentences
from desktop.chat.conversation import Choice
from desktop.chat.ports import History
from desktop.chat.turn import Ports, Turn, TurnState
from desktop.domain.context import Plan
from desktop.domain.cut import Cut
from desktop.domain.delta import Delta
from desktop.domain.identity import new_id
from desktop.domain.message import FilePart, ImagePart, Message, MessageState, Role, TextPart
from desktop.domain.prompt import Prompt
from desktop.domain.tokens import estimate_tokens

_ASKING = (
    "Below is the beginning of a conversation that has become too long. Write a summary from which it can "
    "be continued: who asked for what, facts, names, numbers, code that matters, decisions, and what is "
    "still open. Write in the language of the conversation, at most {words} words, nothing else.\n\n{text}"
)
_THOUGHTS = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL)
_LEAST_WORDS, _MOST_WORDS = 80, 600
# What the words around the messages take, and how far the estimate is trusted.
_OWN = 90
_SURE = 0.85
_NO_END = 10**9
_SPEAKERS = {Role.USER: "User", Role.ASSISTANT: "Assistant", Role.SYSTEM: "Instructions"}


class _Unkept:
    """A history that keeps nothing: the request is no message of the conversation."""

    async def write_progress(self, message_id: str, deltas: Sequence[Delta]) -> None:
        """Keep nothing."""

    async def write_message(self, message: Message) -> None:
        """Keep nothing."""


class Summary(QObject):
    """Asks the model that answers for a summary of the messages that are to be left out.

    Where they don't fit into one request either, the newest of them are summarised and the others
    counted. `progressed` carries the number of words that have come.
    """

    progressed = Signal(int)

    def __init__(
        self,
        ports: Ports,
        choice: Choice,
        plan: Plan,
        earlier: Cut | None,
        window: int | None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.plan = plan
        self.model = choice[1]
        self.problem = ""
        """Why there is no summary, in words for the user; empty where it was stopped."""
        self._endpoint = choice[0]
        self._earlier = earlier
        self._words = 0
        self._missed = 0
        self._stop_wanted = False
        unkept: History = _Unkept()  # type: ignore[assignment]
        reply = _message(Role.ASSISTANT, "", model=choice[1], endpoint=choice[0].name)
        asked = _message(Role.USER, self._asking(window))
        prompt = Prompt(model=choice[1], messages=(asked,), conversation_id=reply.conversation_id)
        self._turn = Turn(replace(ports, history=unkept), reply, prompt, choice[0], self)
        self._turn.delta_arrived.connect(self._on_delta)

    @property
    def count(self) -> int:
        """How many messages are to be summarised."""
        return len(self.plan.left)

    def stop(self) -> None:
        """End the request; what has come of the summary is dropped."""
        self._stop_wanted = True
        self._turn.stop()

    async def run(self) -> Cut | None:
        """Return the cut with its summary, None where there is none; see `problem`."""
        try:
            await self._turn.run()
        except asyncio.CancelledError:
            self._turn.stop()
            raise
        reply = self._turn.reply
        text = _THOUGHTS.sub("", reply.text).strip()
        if self._stop_wanted:
            return None
        if self._turn.state is not TurnState.FINISHED or not text:
            sentence = reply.failure.sentence if reply.failure is not None else ""
            self.problem = sentences(self.tr("There is no summary, and nothing was sent."), sentence)
            return None
        return Cut(
            after_id=self.plan.after_id,
            at=now_ms(),
            count=self.plan.count,
            summary=text,
            missed=self._missed,
            model=self.model,
            endpoint=self._endpoint.name,
            usage=reply.usage,
            timing=reply.timing,
        )

    def _asking(self, window: int | None) -> str:
        """Return the request's words: as many of the newest messages as there is room for."""
        most = _MOST_WORDS if window is None else max(_LEAST_WORDS, min(_MOST_WORDS, window // 16))
        room = _NO_END if window is None else round((window - window // 8 - _OWN) * _SURE)
        taken: list[str] = []
        for number, message in enumerate(reversed(self.plan.left)):
            piece = _as_text(message)
            room -= estimate_tokens(piece) + 2
            if room < 0 and not taken:
                # Even the newest does not fit: its beginning does.
                piece = f"{piece[: max(200, (room + estimate_tokens(piece)) * 2)]} […]"
                self._missed += 1
            elif room < 0:
                self._missed += len(self.plan.left) - number
                break
            taken.insert(0, piece)
        earlier = self._earlier
        if earlier is not None and earlier.summary and estimate_tokens(earlier.summary) <= room:
            taken.insert(0, f"Summary of what came before:\n{earlier.summary}")
            self._missed += earlier.missed
        elif earlier is not None:
            self._missed += earlier.count
        return _ASKING.format(words=most, text="\n\n".join(taken))

    def _on_delta(self, kind: str, text: str) -> None:
        if kind == "text":
            self._words += len(text.split())
            self.progressed.emit(self._words)


def _as_text(message: Message) -> str:
    pieces = [message.text.strip()]
    for part in message.parts:
        if isinstance(part, FilePart):
            pieces.append(f"[{part.name}]\n{part.text}" if part.text else f"[{part.name}]")
        elif isinstance(part, ImagePart):
            pieces.append(f"[{part.name or 'an image'}]")
    return f"{_SPEAKERS[message.role]}: " + "\n".join(filter(None, pieces))


def _message(role: Role, text: str, *, model: str = "", endpoint: str = "") -> Message:
    is_reply = role is Role.ASSISTANT
    return Message(
        id=new_id(),
        conversation_id=new_id(),
        parent_id=None,
        role=role,
        parts=(TextPart(text),) if text else (),
        state=MessageState.STREAMING if is_reply else MessageState.FINISHED,
        model=model,
        endpoint=endpoint,
    )
