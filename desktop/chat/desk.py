"""Desk: the conversation on screen in a window, and what is done with it; see `Desks` for all windows."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.base.tongue import sentences
from desktop.chat.attachments import Attachments
from desktop.chat.conversation import Choice, LiveConversation
from desktop.chat.desks import Desks
from desktop.chat.endpoints import Endpoints
from desktop.chat.lineup import Lineup
from desktop.chat.ports import Opener, StorageError
from desktop.chat.tasks import TaskOwner
from desktop.chat.turn import Ports
from desktop.domain.endpoint import Endpoint, ModelRef
from desktop.domain.message import Conversation, Message, Part, TextPart
from desktop.domain.options import Options
from desktop.domain.tree import Removed

FILL_AFTER_S = 0.05
"""How long after the end of a long conversation is on screen the rest of it is read."""

Gate = Callable[
    [LiveConversation, Sequence[Choice], Sequence[Message], Sequence[Part], Callable[[], object] | None], bool
]
"""Says whether a draft after a path may go to these models now; the last value sends it later."""


class Desk(QObject):
    """Holds the current conversation; a reply goes on streaming when another one is opened.

    `conversation_changed` carries a Conversation that was stored or renamed, `streaming_changed` a
    conversation's id and whether a reply comes in it, `turn_over` a LiveConversation and its Turn that
    has ended: all three wherever that happened. `failed` says in words what went wrong.
    `message_wanted` carries the id of a message of the current branch that is to be brought into view.
    `wanted` follows where this desk's conversation was asked for in another window. `choice_changed`
    says that prompts go to another model from here, where no signal of the endpoints says it.
    """

    current_changed = Signal()
    conversation_changed = Signal(object)
    streaming_changed = Signal(str, bool)
    failed = Signal(str)
    message_wanted = Signal(str)
    turn_over = Signal(object, object)
    wanted = Signal()
    choice_changed = Signal()

    def __init__(
        self,
        ports: Ports,
        endpoints: Endpoints,
        tasks: TaskOwner,
        opener: Opener,
        parent: QObject | None = None,
        beside: "Desk | None" = None,
    ) -> None:
        """`beside` is a desk of another window, with which this one shares what is live."""
        super().__init__(parent)
        self._ports = ports
        self._endpoints = endpoints
        self._tasks = tasks
        self._opener = opener
        self.desks: Desks = (
            beside.desks if beside is not None else Desks(ports.history, endpoints, tasks, self)
        )
        self.drafts = self.desks.drafts
        self.lineup = Lineup(self)
        endpoints.changed.connect(self._on_endpoints_changed)
        self._is_front = beside is None
        self._own: ModelRef | None = endpoints.choice if beside is not None else None
        self._current = self._adopt(LiveConversation(ports, tasks))
        self._unsent, self._unsent_persona = Options(), ""
        self.is_seen: Callable[[], bool] = lambda: True
        """Whether somebody can see what is on this desk."""
        self.number = 0
        self.join()
        self.gate: Gate | None = None
        """What is asked before anything is sent; without one everything may go."""
        self.is_restoring = False
        """Whether the conversation of the last start is on its way to the screen, or just arrives there."""
        self.restoring_id = ""
        """Which one that is."""

    @property
    def current(self) -> LiveConversation:
        """The conversation on screen."""
        return self._current

    @property
    def is_front(self) -> bool:
        """Whether this desk's window is the one in front, where what concerns all of them is said."""
        return self._is_front

    @property
    def draft_key(self) -> str:
        """What the draft of a new conversation goes by: each desk has one of its own."""
        return f"new {self.number}" if self.number else ""

    @property
    def choice(self) -> ModelRef | None:
        """The model that the next prompt goes to from here."""
        return self._endpoints.choice if self._is_front else self._own

    @property
    def streaming(self) -> tuple[str, ...]:
        """The ids of the conversations in which a reply comes, in whichever window."""
        return self.desks.streaming

    def beside(self, tasks: TaskOwner) -> "Desk":
        """Return the desk of another window, which shares with this one what is live."""
        return Desk(self._ports, self._endpoints, tasks, self._opener, beside=self)

    def join(self) -> None:
        """Stand among the desks of the open windows, at first or again after `leave`."""
        desks = self.desks
        if self in desks.all:
            return
        if desks.find(self._current.conversation.id) is None:
            self._adopt(self._current)
        self.number = desks.add(self)
        for heard, said in self._signals():
            heard.connect(said)

    def leave(self) -> None:
        """Go from among the desks because the window is closed. What streams goes on."""
        self._tasks.cancel("open")
        for heard, said in self._signals():
            heard.disconnect(said)
        before, self._current = self._current, LiveConversation(self._ports, self._tasks)
        self.desks.drop_idle(before)
        self.desks.remove(self)
        self.desks.current_changed.emit()

    def set_front(self, is_front: bool) -> None:
        """Say whether this desk's window is the one in front: the chosen model is the one chosen there."""
        if is_front == self._is_front:
            return
        if not is_front:
            self._own = self._endpoints.choice
            self._is_front = False
            return
        self._is_front = True
        if self._own is not None:
            self._endpoints.suggest(self._own)
        self.choice_changed.emit()

    def suggest(self, ref: ModelRef) -> None:
        """Send the next prompts from here to this model; ignored for a lost endpoint."""
        if self._is_front:
            self._endpoints.suggest(ref)
        elif self._endpoints.endpoint(ref.endpoint_id) is not None or not self._endpoints.is_ready:
            self._own = ref
            self.choice_changed.emit()

    def clear(self) -> None:
        """Put an empty conversation on screen in the place of one that is gone."""
        self._show(self._adopt(LiveConversation(self._ports, self._tasks)))

    def new_attachments(self) -> Attachments:
        """Return a place for what goes with a prompt, without a parent: it goes when nobody holds it."""
        return Attachments(self._opener, self._tasks)

    def start_new(self) -> None:
        """Put an empty conversation on screen. It is stored with its first prompt."""
        self._tasks.cancel("open")
        if not self._current.is_empty:
            self.clear()

    def begin_beside(self) -> LiveConversation:
        """Return an empty conversation that is worked with beside the one on screen, until `let_go`.

        It is stored with its first prompt, and may be opened here at any time.
        """
        live = self._adopt(LiveConversation(self._ports, self._tasks))
        self.desks.hold(live)
        return live

    def let_go(self, live: LiveConversation) -> None:
        """Work with a conversation beside the one on screen no longer; a reply in it goes on."""
        self.desks.let_go(live)

    def open(self, conversation_id: str, message_id: str = "") -> None:
        """Put a stored conversation on screen once it is read; a lost one is said.

        With the id of a message that one is asked for by `message_wanted`, on its branch. What is on
        another window's desk stays there, and that desk is `wanted`.
        """
        self._tasks.cancel("open")
        if not self._take(conversation_id, message_id):
            self._tasks.start(self._read(conversation_id, message_id), "open")

    def _take(self, conversation_id: str, message_id: str) -> bool:
        """Put a conversation on screen that need not be read, or have it brought forward elsewhere."""
        live, desk = self.desks.find(conversation_id), self.desks.at(conversation_id)
        if live is None:
            return False
        if desk is not None and desk is not self:
            desk.wanted.emit()
            desk.open(conversation_id, message_id)
            return True
        if live is not self._current:
            self._show(live)
        self._want(live, message_id)
        return True

    def restore(self, conversation_id: str) -> None:
        """Put the conversation of the last start on screen, unless it is lost or a prompt is sent before."""
        self.is_restoring, self.restoring_id = True, conversation_id
        self._tasks.start(self._read(conversation_id), "open").add_done_callback(self._on_restored)

    async def forget(self, conversation_id: str) -> None:
        """Take a deleted conversation off the screen, and wait until its reply is stopped and stored."""
        await self.desks.forget(conversation_id)

    def is_live(self, conversation_id: str) -> bool:
        """Whether a conversation is on screen in a window or a reply comes in it."""
        return self.desks.find(conversation_id) is not None

    def set_pinned(self, conversation_id: str, pinned: bool) -> None:
        """Tell an open conversation that it was pinned or unpinned."""
        if (live := self.desks.find(conversation_id)) is not None:
            live.set_pinned(pinned)

    def send(self, text: str, parts: tuple[Part, ...] = (), *, once: ModelRef | None = None) -> bool:
        """Send a prompt to the chosen model, or to another one this once. Returns whether it was taken.

        Where models were chosen to be compared it goes to all of them.
        """
        choices = self._choices(parts, once)
        draft = (*parts, TextPart(text)) if text else parts
        if not choices or not self._lets(choices, self._current.transcript, draft):
            return False
        if not self._current.send(choices, text, parts, home=self._home(once)):
            return False
        self._unsent, self._unsent_persona = Options(), ""
        if self.is_restoring:
            self._tasks.cancel("open")
        return True

    def stop(self) -> None:
        """Stop the replies of the conversation on screen."""
        self._current.stop()

    def try_again(self, message_id: str, ref: ModelRef | None = None) -> bool:
        """Ask the chosen model, or this one, for another reply beside a reply."""
        current = self._current
        choice = self._choice(current.attached_to(message_id), ref)
        if choice is None:
            return False
        message = current.message(message_id)
        path = current.path(message.parent_id) if message is not None else ()
        again = partial(self.try_again, message_id, ref)
        return self._lets((choice,), path, (), again) and current.try_again(*choice, message_id)

    def model_of(self, message: Message) -> ModelRef | None:
        """Return where a reply came from, None where its endpoint is no longer there."""
        found = (item for item in self._endpoints.endpoints if item.name == message.endpoint)
        endpoint = next(found, None)
        return ModelRef(endpoint.id, message.model) if endpoint is not None and message.model else None

    def go_on_with(self, message_id: str) -> None:
        """Go on with a reply among its siblings, and with the model that wrote it."""
        message = self._current.message(message_id)
        if message is None:
            return
        self._current.choose_reply(message_id)
        self.lineup.clear()
        if (ref := self.model_of(message)) is not None:
            self.suggest(ref)

    def continue_reply(self, message_id: str, ref: ModelRef | None = None) -> bool:
        """Ask the chosen model, or this one, for the rest of a reply that ended too soon."""
        current = self._current
        choice = self._choice(current.attached_to(message_id), ref)
        if choice is None:
            return False
        again = partial(self.continue_reply, message_id, ref)
        lets = self._lets((choice,), current.path(message_id), (), again)
        return lets and current.continue_reply(*choice, message_id)

    def edit(
        self, message_id: str, text: str, parts: tuple[Part, ...] = (), *, once: ModelRef | None = None
    ) -> bool:
        """Send a changed prompt beside the old one, with what is attached to that; see `send`."""
        choices = self._choices((*self._current.attached_to(message_id), *parts), once)
        old = self._current.message(message_id)
        if not choices or old is None:
            return False
        kept = tuple(part for part in old.parts if not isinstance(part, TextPart))
        if not self._lets(choices, self._current.path(old.parent_id), (*kept, *parts, TextPart(text))):
            return False
        return self._current.edit(choices, message_id, text, parts, home=self._home(once))

    def delete_message(self, message_id: str) -> Removed | None:
        """Hide a message of the conversation on screen and what follows it; None if that was not done."""
        return self._current.delete_message(message_id)

    def restore_messages(self, conversation_id: str, removed: Removed) -> None:
        """Bring back what was deleted, in a conversation that may have been left meanwhile."""
        if (live := self.desks.find(conversation_id)) is not None:
            live.restore_messages(removed)
        else:
            self._tasks.start(self._restore_messages(conversation_id, removed))

    def rename(self, conversation_id: str, title: str) -> None:
        """Give an open conversation another title."""
        if (live := self.desks.find(conversation_id)) is not None:
            live.rename(title)

    async def refresh(self, live: LiveConversation, revision: int) -> bool:
        """Read the conversation on screen anew, if it is still `live` as it was at `revision`.

        Returns whether that was done or is not needed; not while a turn runs in it. Raises StorageError.
        """
        if live.turns or not live.is_whole:
            return False
        if live is not self._current or live.is_empty:
            return True
        found = await self._ports.history.read_conversation(live.conversation.id)
        if live is not self._current or found is None:
            return True
        if live.revision != revision:
            return False
        live.take(*found)
        return True

    async def close(self) -> None:
        """Stop every reply and wait until what had come is stored."""
        await self.desks.close()

    def _lets(
        self,
        choices: Sequence[Choice],
        path: Sequence[Message],
        draft: Sequence[Part],
        again: Callable[[], object] | None = None,
    ) -> bool:
        """Whether a prompt may go now, or is held back because it does not fit; see `Fitting`."""
        current = self._current
        if self.gate is None or current.turn is not None or not current.is_whole:
            return True
        return self.gate(current, choices, path, draft, again)

    def _home(self, once: ModelRef | None) -> ModelRef | None:
        """Return the model that stays the conversation's own where another one answers this once."""
        return self.choice if once is not None else None

    def _choices(self, parts: tuple[Part, ...], once: ModelRef | None) -> tuple[Choice, ...]:
        """Return where a prompt goes: to those that are compared, else to one; empty if one of them can't."""
        refs = self.lineup.refs if self.lineup.is_ready and once is None else (once,)
        choices: list[Choice] = []
        for ref in refs:
            choice = self._choice(parts, ref)
            if choice is None:
                return ()
            choices.append(choice)
        return tuple(choices)

    def _choice(self, parts: tuple[Part, ...], once: ModelRef | None = None) -> tuple[Endpoint, str] | None:
        """Return where a prompt with these parts goes, None after saying why it can't go anywhere."""
        choice = once or self.choice
        if choice is not None and not self._endpoints.is_choice_there:
            # Nothing may go to another model than the chosen one.
            self._current.refused.emit(
                self.tr("Your endpoints are still being read. Send again in a moment.")
            )
            return None
        endpoint = self._endpoints.endpoint(choice.endpoint_id) if choice is not None else None
        if choice is None or endpoint is None:
            self._current.refused.emit(self.tr("Choose a model first."))
            return None
        abilities = self._endpoints.abilities(self._current.options, choice) if parts else None
        failure = abilities.objection(parts, endpoint.name, choice.model) if abilities is not None else None
        if failure is not None:
            self._current.refused.emit(sentences(failure.sentence, failure.words))
            return None
        return endpoint, choice.model

    def _on_restored(self, _task: asyncio.Task[None]) -> None:
        self.is_restoring, self.restoring_id = False, ""

    async def _restore_messages(self, conversation_id: str, removed: Removed) -> None:
        history = self._ports.history
        try:
            await history.restore_messages(removed.ids)
            await history.set_head(conversation_id, removed.head_id)
        except StorageError as error:
            self.failed.emit(str(error))

    def fork(self, message_id: str) -> None:
        """Make a new conversation of the branch up to a message, and put it on screen."""
        found = self._current.copy_until(message_id)
        if found is not None:
            self._tasks.start(self._fork(*found))

    async def _fork(self, row: Conversation, messages: Sequence[Message]) -> None:
        history = self._ports.history
        try:
            await history.write_conversation(row)
            for message in messages:
                await history.write_message(message)
        except StorageError as error:
            self.failed.emit(str(error))
            return
        self.desks.conversation_changed.emit(row)
        self._show(self._adopt(LiveConversation(self._ports, self._tasks, row, messages)))

    async def _read(self, conversation_id: str, message_id: str = "") -> None:
        history = self._ports.history
        try:
            found = await history.read_end(conversation_id)
            if found is None:
                if not self.is_restoring:
                    self.failed.emit(self.tr("This conversation is no longer there."))
                return
            if self._take(conversation_id, message_id):
                # Meanwhile another window has it, or a reply comes in it.
                return
            live = self._adopt(LiveConversation(self._ports, self._tasks, *found))
            self._show(live)
            if not live.is_whole:
                # What is on screen comes first; the rest follows when it has been painted.
                self._tasks.start(self._fill(live, message_id))
                return
        except StorageError as error:
            self.failed.emit(str(error))
            return
        self._want(live, message_id)

    async def _fill(self, live: LiveConversation, message_id: str) -> None:
        await asyncio.sleep(FILL_AFTER_S)
        try:
            found = await self._ports.history.read_conversation(live.conversation.id)
        except StorageError as error:
            self.failed.emit(str(error))
            return
        if found is not None and self.desks.find(live.conversation.id) is live and not live.is_whole:
            live.fill(found[1])
            self._want(live, message_id)

    def _want(self, live: LiveConversation, message_id: str) -> None:
        if message_id and live is self._current and live.go_to(message_id):
            self.message_wanted.emit(message_id)

    def _adopt(self, live: LiveConversation) -> LiveConversation:
        return self.desks.adopt(live)

    def _signals(self) -> tuple[tuple[Any, Any], ...]:
        desks = self.desks
        return (
            (desks.conversation_changed, self.conversation_changed),
            (desks.streaming_changed, self.streaming_changed),
            (desks.turn_over, self.turn_over),
            (self.current_changed, desks.current_changed),
        )

    def _show(self, live: LiveConversation) -> None:
        before, self._current = self._current, live
        if before.is_empty:
            self._unsent, self._unsent_persona = before.options, before.conversation.persona
        if live.is_empty:
            live.set_options(self._unsent, self._unsent_persona)
        else:
            self.lineup.clear()
        row = live.conversation
        if row.endpoint_id:
            self.suggest(ModelRef(row.endpoint_id, row.model))
        self.current_changed.emit()
        if before is not live:
            self.desks.drop_idle(before)

    def _on_endpoints_changed(self) -> None:
        self.lineup.keep(lambda ref: self._endpoints.endpoint(ref.endpoint_id) is not None)
