"""LiveConversation: a conversation as the window works with it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject

from desktop.base.clock import now_ms
from desktop.chat.keeping import Keeper
from desktop.chat.readable import ReadableConversation
from desktop.chat.tasks import TaskOwner
from desktop.chat.turn import Ports, Turn
from desktop.domain.context import sent_of
from desktop.domain.copy import copy_of
from desktop.domain.cut import ContextChoice
from desktop.domain.endpoint import Endpoint, ModelRef
from desktop.domain.identity import new_id
from desktop.domain.message import Conversation, Message, MessageState, Part, Role, TextPart
from desktop.domain.prompt import Options, Prompt
from desktop.domain.title import title_from
from desktop.domain.tree import ConversationTree, Removed

Choice = tuple[Endpoint, str]
"""An endpoint and one of its models, by its name."""


class LiveConversation(ReadableConversation):
    """A conversation in which prompts are sent, answered, changed and deleted.

    As a rule one turn runs in it; a prompt that was sent to several models has one for each of them.
    """

    def __init__(
        self,
        ports: Ports,
        tasks: TaskOwner,
        conversation: Conversation | None = None,
        messages: Sequence[Message] = (),
        is_whole: bool = True,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(conversation, messages, is_whole, parent)
        self._ports = ports
        self._tasks = tasks
        self._is_stored = conversation is not None
        self._keeper = Keeper(ports.history, self.storage_failed.emit)
        self._running: set[asyncio.Task[None]] = set()

    def send(
        self,
        choices: Sequence[Choice],
        text: str,
        parts: tuple[Part, ...] = (),
        *,
        home: ModelRef | None = None,
    ) -> bool:
        """Add a prompt at the end of the branch and ask one model or several for a reply each, at once.

        Returns whether that was done; the composer keeps its text when not. One prompt is answered at
        a time on a branch, and it needs text or another part. The replies are siblings in the order of
        `choices`; the branch goes on with the first one. `home` is the model that stays the
        conversation's own where another one answers this prompt.
        """
        if not text.strip() and not parts:
            return False
        if not self._is_free():
            return False
        if not self._conversation.title:
            self._set_title(title_from(text))
        own = (*parts, TextPart(text)) if text else parts
        prompt = self._new_message(Role.USER, self._tree.head_id, own)
        self._tree.add(prompt)
        self.message_added.emit(prompt)
        self._ask(choices, prompt, fresh=(prompt,), home=home)
        return True

    def stop(self, reply_id: str = "") -> None:
        """Stop the turn of a reply, if it runs; without an id every turn that runs."""
        for turn in self.turns:
            if reply_id in ("", turn.reply_id):
                turn.stop()

    async def wait(self) -> None:
        """Wait until the turns that run are over and stored."""
        while self._running:
            await asyncio.gather(*self._running)

    async def close(self) -> None:
        """Stop the turns that run and wait until what had come is stored."""
        self.stop()
        await self.wait()

    def try_again(self, endpoint: Endpoint, model: str, message_id: str) -> bool:
        """Ask for another reply beside `message_id`, a reply. The old one stays as its sibling.

        Siblings of it may be on their way meanwhile.
        """
        parent_id = self._tree[message_id].parent_id
        if not self._is_free(beside=parent_id) or parent_id is None or parent_id not in self._tree:
            return False
        self._ask(((endpoint, model),), self._tree[parent_id], is_new_branch=True)
        return True

    def continue_reply(self, endpoint: Endpoint, model: str, message_id: str) -> bool:
        """Ask for the rest of `message_id`, a reply that ended too soon.

        The new reply stands beside the old one and begins with its parts. Without any text to go on
        from it is another try.
        """
        old = self._tree[message_id]
        if not old.text.strip():
            return self.try_again(endpoint, model, message_id)
        parent_id = old.parent_id
        if not self._is_free(beside=parent_id) or parent_id is None or parent_id not in self._tree:
            return False
        self._ask(((endpoint, model),), self._tree[parent_id], is_new_branch=True, continues=old)
        return True

    def edit(
        self,
        choices: Sequence[Choice],
        message_id: str,
        text: str,
        parts: tuple[Part, ...] = (),
        *,
        home: ModelRef | None = None,
    ) -> bool:
        """Send a changed prompt beside `message_id`, a prompt, with what is attached to that and `parts`.

        The old branch stays as it was.
        """
        if not text.strip() or not self._is_free():
            return False
        old = self._tree[message_id]
        kept = tuple(part for part in old.parts if not isinstance(part, TextPart))
        prompt = self._new_message(Role.USER, old.parent_id, (*kept, *parts, TextPart(text)))
        self._tree.add(prompt)
        self._ask(choices, prompt, fresh=(prompt,), is_new_branch=True, home=home)
        return True

    def fill(self, messages: Sequence[Message]) -> None:
        """Take all messages of a conversation of which only the end was here."""
        self._tree = ConversationTree(messages, self._tree.head_id)
        self.is_whole = True
        self.filled.emit()

    def go_to(self, message_id: str) -> bool:
        """Show the branch on which a message stands; return whether it is on screen then."""
        if message_id not in self._tree:
            return False
        if all(message.id != message_id for message in self._tree.branch()):
            if not self._is_free():
                return False
            self._switch_to(message_id)
        return True

    def choose_reply(self, message_id: str) -> None:
        """Go on with a reply among its siblings, whatever of them is still on its way."""
        if message_id in self._tree:
            self._switch_to(message_id)

    def copy_until(self, message_id: str) -> tuple[Conversation, list[Message]] | None:
        """Return a new conversation with copies of the branch up to a message, None where that is unknown."""
        path = self._tree.path(message_id) if message_id in self._tree and self.is_whole else ()
        if not path:
            return None
        return copy_of(self._conversation, path, now_ms())

    def switch_branch(self, message_id: str, step: int) -> None:
        """Show the sibling `step` places after `message_id`, with its newest replies."""
        # Between replies that come at once one may look from one to the other.
        if not self._is_free(beside=self._tree[message_id].parent_id if len(self._turns) > 1 else None):
            return
        siblings = self._tree.siblings(message_id)
        index = siblings.index(message_id) + step
        if 0 <= index < len(siblings) and step:
            self._switch_to(siblings[index])

    def delete_message(self, message_id: str) -> Removed | None:
        """Hide a message and what follows it; return what `restore_messages` brings back, or None."""
        if message_id not in self._tree or not self._is_free() or self._grows_below(message_id):
            return None
        removed = self._tree.remove(message_id)
        self._update(head_id=self._tree.head_id)
        self._tasks.start(self._store_removal(removed, is_back=False))
        self.reset.emit()
        return removed

    def restore_messages(self, removed: Removed) -> bool:
        """Bring back what was deleted, where it was; return whether that was done."""
        if not self._is_free():
            return False
        if any(name in self._tree for name in removed.ids):
            return True
        self._tree.restore(removed)
        self._update(head_id=self._tree.head_id)
        self._tasks.start(self._store_removal(removed, is_back=True))
        self.reset.emit()
        return True

    def rename(self, title: str) -> None:
        """Give the conversation another title; an empty one is ignored."""
        title = " ".join(title.split())
        if title and title != self._conversation.title:
            self._set_title(title)
            if self._is_stored:
                self._tasks.start(self._store_conversation())

    def set_options(self, options: Options, persona: str | None = None) -> None:
        """Have other options go with the prompts from now on. They are stored with the first prompt.

        `persona` names the persona that they are from, empty for none; without it that stays as it was.
        """
        persona = self._conversation.persona if persona is None else persona
        if (options, persona) != (self.options, self._conversation.persona):
            self._choose(options=options, persona=persona)
            self.options_changed.emit()

    def set_context(self, context: ContextChoice) -> None:
        """Have something else of the branch go with prompts. It is stored with the first prompt."""
        if context != self.context:
            self._choose(context=context)
            self.context_changed.emit()

    def _choose(self, **changes: object) -> None:
        if self._is_stored:
            self._update(**changes)
            self._tasks.start(self._store_conversation())
        else:
            self._conversation = replace(self._conversation, **changes)  # type: ignore[arg-type]

    def set_pinned(self, pinned: bool) -> None:
        """Remember that the conversation was pinned or unpinned; the shelf stores it."""
        self.revision += 1
        self._conversation = replace(self._conversation, pinned=pinned)

    def take(self, conversation: Conversation, messages: Sequence[Message]) -> None:
        """Take what another run of Weir wrote, and emit what it changed. No turn may run."""
        before, self._tree = self._tree, ConversationTree(messages, conversation.head_id)
        old, new = before.branch(), self._tree.branch()
        row, self._conversation = self._conversation, conversation
        self.revision += 1
        if conversation != row:
            self.changed.emit(conversation)
        if conversation.options != row.options:
            self.options_changed.emit()
        if conversation.context != row.context:
            self.context_changed.emit()
        if conversation.title != row.title:
            self.title_changed.emit(conversation.title)
        goes_on = [message.id for message in old] == [message.id for message in new[: len(old)]]
        if not goes_on or len(self._tree) - len(before) != len(new) - len(old):
            self.reset.emit()
            return
        for was, now in zip(old, new, strict=False):
            if (was.state, was.text) != (now.state, now.text):
                self.message_changed.emit(now)
        for message in new[len(old) :]:
            self.message_added.emit(message)

    def _is_free(self, beside: str | None = None) -> bool:
        """Whether the branch on screen may change, else say why not.

        It may although a reply to the prompt `beside` is on its way.
        """
        turn = self.turn
        is_beside = turn is not None and self._tree[turn.reply_id].parent_id == beside
        if (turn is None or is_beside) and self.is_whole:
            return True
        words = self.tr("A reply is still coming. Stop it first.")
        if not self.is_whole:
            words = self.tr("This long conversation is still being read. Try again in a moment.")
        self.refused.emit(words)
        return False

    def _grows_below(self, message_id: str) -> bool:
        """Whether a reply is on its way at or below a message, on another branch; that is said."""
        paths = (self._tree.path(reply_id) for reply_id in self._turns)
        if any(message.id == message_id for path in paths for message in path):
            self.refused.emit(self.tr("A reply is still coming. Stop it first."))
            return True
        return False

    def _switch_to(self, message_id: str) -> None:
        self._tree.switch_to(message_id)
        self._update(head_id=self._tree.head_id)
        self._tasks.start(self._store_head())
        self.reset.emit()

    def _ask(
        self,
        choices: Sequence[Choice],
        prompt: Message,
        *,
        fresh: tuple[Message, ...] = (),
        is_new_branch: bool = False,
        continues: Message | None = None,
        home: ModelRef | None = None,
    ) -> None:
        context = sent_of(self._tree.path(prompt.id), self.context.cuts)
        replies: list[Message] = []
        for endpoint, model in choices:
            reply = self._new_message(
                Role.ASSISTANT,
                prompt.id,
                continues.parts if continues is not None else (),
                state=MessageState.STREAMING,
                model=model,
                endpoint=endpoint.name,
            )
            self._tree.add(reply)
            replies.append(reply)
            sent = Prompt(
                model=model,
                messages=context,
                options=self.options,
                conversation_id=self._conversation.id,
                continues=continues,
            )
            turn = self._turns[reply.id] = Turn(self._ports, reply, sent, endpoint, self)
            turn.storage_failed.connect(self.storage_failed)
        first = replies[0]
        self._tree.head_id = first.id
        own = home or ModelRef(choices[0][0].id, choices[0][1])
        self._update(head_id=first.id, updated=first.created, endpoint_id=own.endpoint_id, model=own.model)
        if is_new_branch:
            self.reset.emit()
        else:
            self.message_added.emit(first)
        if len(replies) > 1:
            self.compared.emit(prompt.id)
        begun = self._tasks.start(self._begin((*fresh, *replies), len(replies) > 1))
        for reply in replies:
            turn = self._turns[reply.id]
            self.turn_started.emit(turn)
            running = self._tasks.start(self._run(turn, begun))
            self._running.add(running)
            running.add_done_callback(self._running.discard)

    async def _begin(self, fresh: tuple[Message, ...], has_siblings: bool) -> None:
        """Have everything on disk before anything is sent."""
        await self._store_conversation()
        await self._keeper.write_messages(fresh)
        if has_siblings:
            await self._store_head()

    async def _run(self, turn: Turn, begun: asyncio.Task[None]) -> None:
        await begun
        await turn.run()
        reply = turn.reply
        self._tree.replace(reply)
        self._update(updated=now_ms())
        await self._store_conversation()
        del self._turns[reply.id]
        self.message_changed.emit(reply)
        self.turn_ended.emit(turn)
        turn.deleteLater()

    async def _store_conversation(self) -> None:
        if await self._keeper.write_conversation(self._conversation):
            self._is_stored = True

    async def _store_head(self) -> None:
        await self._keeper.write_head(self._conversation)

    async def _store_removal(self, removed: Removed, *, is_back: bool) -> None:
        await self._keeper.write_removal(removed, is_back=is_back)
        await self._store_head()

    def _new_message(
        self,
        role: Role,
        parent_id: str | None,
        parts: tuple[Part, ...],
        *,
        state: MessageState = MessageState.FINISHED,
        model: str = "",
        endpoint: str = "",
    ) -> Message:
        return Message(
            id=new_id(),
            conversation_id=self._conversation.id,
            parent_id=parent_id,
            role=role,
            parts=parts,
            state=state,
            created=now_ms(),
            model=model,
            endpoint=endpoint,
        )

    def _set_title(self, title: str) -> None:
        self._update(title=title)
        self.title_changed.emit(title)

    def _update(self, **changes: object) -> None:
        self.revision += 1
        self._conversation = replace(self._conversation, **changes)  # type: ignore[arg-type]
        self.changed.emit(self._conversation)
