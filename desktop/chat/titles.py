"""Titles written by the model that answered, where the user allows it."""

import asyncio
import logging
import re
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace

from PySide6.QtCore import QObject

from desktop.base.graphemes import beginning
from desktop.chat.conversation import LiveConversation
from desktop.chat.desk import Desk
from desktop.chat.keys import read_keys
from desktop.chat.ports import StorageError, VaultError
from desktop.chat.tasks import TaskOwner
from desktop.chat.turn import Ports, Turn
from desktop.domain.delta import TextDelta
from desktop.domain.endpoint import Endpoint
from desktop.domain.failure import TurnFailedError
from desktop.domain.identity import new_id
from desktop.domain.message import Message, MessageState, Role, TextPart
from desktop.domain.prompt import Prompt
from desktop.domain.title import title_from

logger = logging.getLogger(__name__)

BY_MODEL = "titles.by_model"
"""The preference that lets the model write titles: "yes", or anything else for no."""

LONGEST = 70
_WITHIN_S = 40.0
_MOST_SENT = 1_500
_ASKING = (
    "Write a title of at most six words for the conversation below, in its language. "
    "Answer with the title alone, without quotation marks.\n\nQuestion:\n{question}\n\nAnswer:\n{answer}"
)
_THOUGHTS = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL)


def title_in(answer: str) -> str:
    """Return the title in what a model answered, empty if there is none that can be used."""
    lines = _THOUGHTS.sub("", answer).strip().splitlines()
    line = " ".join(lines[0].split()) if lines else ""
    line = re.sub(r"^(#+\s*|[*_]{1,2}|title:\s*)+", "", line, flags=re.IGNORECASE)
    line = line.strip(" *_`\"'“”„«».")
    return line if 0 < len(line) <= LONGEST else ""


class Titles(QObject):
    """Asks for a title once the first reply of a conversation is there.

    Only a title that was made from the question is replaced. What goes wrong is logged and no matter.
    """

    def __init__(
        self, ports: Ports, desk: Desk, tasks: TaskOwner, is_allowed: Callable[[], bool], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._ports = ports
        self._desk = desk
        self._tasks = tasks
        self._is_allowed = is_allowed
        desk.turn_over.connect(self._on_turn_over)

    def _on_turn_over(self, live: LiveConversation, turn: Turn) -> None:
        transcript, row = live.transcript, live.conversation
        if len(transcript) != 2 or not self._is_allowed() or turn.endpoint.embedded:
            return
        question, reply = transcript
        if reply.id != turn.reply_id:
            return
        is_ours = row.title == title_from(question.text)
        if is_ours and reply.state is MessageState.FINISHED and reply.text.strip():
            self._tasks.start(self._write(live, turn.endpoint, question.text, reply))

    async def _write(self, live: LiveConversation, endpoint: Endpoint, question: str, reply: Message) -> None:
        row = live.conversation
        try:
            async with asyncio.timeout(_WITHIN_S):
                title = title_in(await self._ask(endpoint, reply.model, question, reply.text))
            if not title:
                return
            if self._desk.is_live(row.id):
                if live.conversation.title == row.title:
                    self._desk.rename(row.id, title)
                return
            for kept in await self._ports.history.read_rows((row.id,)):
                if kept.title == row.title:
                    changed = replace(kept, title=title)
                    await self._ports.history.write_conversation(changed)
                    self._desk.desks.conversation_changed.emit(changed)
        except (TurnFailedError, VaultError, StorageError, TimeoutError) as error:
            logger.info("no title came from the model: %s", type(error).__name__)

    async def _ask(self, endpoint: Endpoint, model: str, question: str, answer: str) -> str:
        words = _ASKING.format(question=beginning(question, _MOST_SENT), answer=beginning(answer, _MOST_SENT))
        asked = Message(
            id=new_id(), conversation_id="", parent_id=None, role=Role.USER, parts=(TextPart(words),)
        )
        found = await read_keys(self._ports.vault, endpoint)
        key = found.secret if found is not None else None
        text = ""
        sending = self._ports.sender.send(Prompt(model=model, messages=(asked,)), endpoint, key)
        async with aclosing(sending) as batches:
            async for deltas in batches:
                text += "".join(delta.text for delta in deltas if isinstance(delta, TextDelta))
        return text
