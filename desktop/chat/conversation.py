"""LiveConversation: a conversation as the window works with it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from desktop.base.clock import now_ms
from desktop.chat.ports import StorageError
from desktop.chat.tasks import TaskOwner
from desktop.chat.turn import Ports, Turn
from desktop.domain.endpoint import Endpoint, ModelRef
from desktop.domain.identity import new_id
from desktop.domain.message import Conversation, Message, MessageState, Part, Role, TextPart
from desktop.domain.prompt import Options, Prompt
from desktop.domain.tree import ConversationTree, Removed

TITLE_LENGTH = 60


def title_from(text: str) -> str:
    """Return a title made from a prompt: its first line with words in it, cut between words."""
    line = next((line for line in map(str.strip, text.splitlines()) if line), "")
    line = " ".join(line.lstrip("#>*- ").split()) or line
    if len(line) <= TITLE_LENGTH:
        return line
    cut = line[:TITLE_LENGTH]
    head, space, _ = cut.rpartition(" ")
    return f"{head if space and len(head) > TITLE_LENGTH // 2 else cut}…"


class LiveConversation(QObject):
    """One conversation: its tree, the branch on screen, and the turn that runs in it.

    Signals carry domain values: `message_added` and `message_changed` a Message, `turn_started`
    and `turn_ended` the Turn, `changed` the Conversation's own row. `reset` asks the reader to
    take `transcript` anew, `filled` says that more has come before what is there. `refused` says in
    words why something was not done, `storage_failed` that the disk did not take something, and
    `revision` rises with every change.
    """

    reset = Signal()
    filled = Signal()
    message_added = Signal(object)
    message_changed = Signal(object)
    turn_started = Signal(object)
    turn_ended = Signal(object)
    title_changed = Signal(str)
    changed = Signal(object)
    options_changed = Signal()
    refused = Signal(str)
    storage_failed = Signal(str)

    def __init__(
        self,
        ports: Ports,
        tasks: TaskOwner,
        conversation: Conversation | None = None,
        messages: Sequence[Message] = (),
        is_whole: bool = True,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.is_whole = is_whole
        """Whether all messages are here; `fill` brings those before and beside the ones that are."""
        self._ports = ports
        self._tasks = tasks
        self._is_stored = conversation is not None
        now = now_ms()
        self._conversation = conversation or Conversation(id=new_id(), title="", created=now, updated=now)
        self._tree = ConversationTree(messages, self._conversation.head_id)
        self._turn: Turn | None = None
        self._running: asyncio.Task[None] | None = None
        self.revision = 0

    @property
    def conversation(self) -> Conversation:
        """The conversation's own row."""
        return self._conversation

    @property
    def transcript(self) -> tuple[Message, ...]:
        """The messages of the current branch, oldest first; a reply under way as far as it has come."""
        branch = self._tree.branch()
        if self._turn is None:
            return branch
        turn = self._turn
        return tuple(turn.reply if message.id == turn.reply_id else message for message in branch)

    @property
    def turn(self) -> Turn | None:
        """The turn that runs, or None."""
        return self._turn

    @property
    def options(self) -> Options:
        """What goes with every prompt beyond its text."""
        return self._conversation.options

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said yet."""
        return len(self._tree) == 0

    def siblings(self, message_id: str) -> tuple[int, int]:
        """Return a message's place among its siblings, from 0, and their number."""
        siblings = self._tree.siblings(message_id)
        return siblings.index(message_id), len(siblings)

    def send(
        self,
        endpoint: Endpoint,
        model: str,
        text: str,
        parts: tuple[Part, ...] = (),
        *,
        home: ModelRef | None = None,
    ) -> bool:
        """Add a prompt at the end of the branch and ask for its reply.

        Returns whether that was done; the composer keeps its text when not. One turn runs at a
        time, and a prompt needs text or another part. `home` is the model that stays the
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
        self._ask(endpoint, model, prompt, fresh=(prompt,), home=home)
        return True

    def stop(self) -> None:
        """Stop the turn that runs, if one does."""
        if self._turn is not None:
            self._turn.stop()

    async def wait(self) -> None:
        """Wait until the turn that runs, if one does, is over and stored."""
        if self._running is not None:
            await self._running

    async def close(self) -> None:
        """Stop the turn that runs and wait until what had come is stored."""
        self.stop()
        await self.wait()

    def try_again(self, endpoint: Endpoint, model: str, message_id: str) -> bool:
        """Ask for another reply beside `message_id`, a reply. The old one stays as its sibling."""
        if not self._is_free():
            return False
        parent_id = self._tree[message_id].parent_id
        if parent_id is None or parent_id not in self._tree:
            return False
        self._ask(endpoint, model, self._tree[parent_id], is_new_branch=True)
        return True

    def continue_reply(self, endpoint: Endpoint, model: str, message_id: str) -> bool:
        """Ask for the rest of `message_id`, a reply that ended too soon.

        The new reply stands beside the old one and begins with its parts. Without any text to go on
        from it is another try.
        """
        old = self._tree[message_id]
        if not old.text.strip():
            return self.try_again(endpoint, model, message_id)
        if not self._is_free() or old.parent_id is None or old.parent_id not in self._tree:
            return False
        self._ask(endpoint, model, self._tree[old.parent_id], is_new_branch=True, continues=old)
        return True

    def edit(
        self,
        endpoint: Endpoint,
        model: str,
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
        self._ask(endpoint, model, prompt, fresh=(prompt,), is_new_branch=True, home=home)
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
            self._tree.switch_to(message_id)
            self._update(head_id=self._tree.head_id)
            self._tasks.start(self._store_head())
            self.reset.emit()
        return True

    def copy_until(self, message_id: str) -> tuple[Conversation, list[Message]] | None:
        """Return a new conversation with copies of the branch up to a message, None where that is unknown."""
        path = self._tree.path(message_id) if message_id in self._tree and self.is_whole else ()
        if not path:
            return None
        now = now_ms()
        ids = {message.id: new_id() for message in path}
        row = replace(
            self._conversation,
            id=new_id(),
            created=now,
            updated=now,
            head_id=ids[message_id],
            pinned=False,
            archived=False,
        )
        copies = [
            replace(
                message,
                id=ids[message.id],
                conversation_id=row.id,
                parent_id=ids.get(message.parent_id or ""),
                state=MessageState.STOPPED if message.state is MessageState.STREAMING else message.state,
            )
            for message in path
        ]
        return row, copies

    def switch_branch(self, message_id: str, step: int) -> None:
        """Show the sibling `step` places after `message_id`, with its newest replies."""
        if not self._is_free():
            return
        siblings = self._tree.siblings(message_id)
        index = siblings.index(message_id) + step
        if 0 <= index < len(siblings) and step:
            self._tree.switch_to(siblings[index])
            self._update(head_id=self._tree.head_id)
            self._tasks.start(self._store_head())
            self.reset.emit()

    def delete_message(self, message_id: str) -> Removed | None:
        """Hide a message and what follows it; return what `restore_messages` brings back, or None."""
        if not self._is_free() or message_id not in self._tree:
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

    def set_options(self, options: Options) -> None:
        """Have other options go with the prompts from now on. They are stored with the first prompt."""
        if options == self.options:
            return
        if self._is_stored:
            self._update(options=options)
            self._tasks.start(self._store_conversation())
        else:
            self._conversation = replace(self._conversation, options=options)
        self.options_changed.emit()

    def attached_to(self, message_id: str) -> tuple[Part, ...]:
        """Return the parts of a prompt, or of the one that a reply answers."""
        message = self._tree[message_id]
        parent_id = message.parent_id
        if message.role is Role.ASSISTANT and parent_id is not None and parent_id in self._tree:
            return self._tree[parent_id].parts
        return message.parts

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

    def _is_free(self) -> bool:
        if self._turn is None and self.is_whole:
            return True
        words = self.tr("A reply is still coming. Stop it first.")
        if not self.is_whole:
            words = self.tr("This long conversation is still being read. Try again in a moment.")
        self.refused.emit(words)
        return False

    def _ask(
        self,
        endpoint: Endpoint,
        model: str,
        prompt: Message,
        *,
        fresh: tuple[Message, ...] = (),
        is_new_branch: bool = False,
        continues: Message | None = None,
        home: ModelRef | None = None,
    ) -> None:
        context = self._tree.path(prompt.id)
        reply = self._new_message(
            Role.ASSISTANT,
            prompt.id,
            continues.parts if continues is not None else (),
            state=MessageState.STREAMING,
            model=model,
            endpoint=endpoint.name,
        )
        self._tree.add(reply)
        own = home or ModelRef(endpoint.id, model)
        self._update(head_id=reply.id, updated=reply.created, endpoint_id=own.endpoint_id, model=own.model)
        if is_new_branch:
            self.reset.emit()
        else:
            self.message_added.emit(reply)
        sent = Prompt(
            model=model,
            messages=context,
            options=self.options,
            conversation_id=self._conversation.id,
            continues=continues,
        )
        turn = Turn(self._ports, reply, sent, endpoint, self)
        turn.storage_failed.connect(self.storage_failed)
        self._turn = turn
        self.turn_started.emit(turn)
        self._running = self._tasks.start(self._run(turn, (*fresh, reply)))

    async def _run(self, turn: Turn, fresh: tuple[Message, ...]) -> None:
        await self._store_conversation()
        for message in fresh:
            try:
                await self._ports.history.write_message(message)
            except StorageError as error:
                self.storage_failed.emit(str(error))
        await turn.run()
        reply = turn.reply
        self._tree.replace(reply)
        self._update(updated=now_ms())
        await self._store_conversation()
        self._turn = None
        self.message_changed.emit(reply)
        self.turn_ended.emit(turn)
        turn.deleteLater()

    async def _store_conversation(self) -> None:
        try:
            await self._ports.history.write_conversation(self._conversation)
            self._is_stored = True
        except StorageError as error:
            self.storage_failed.emit(str(error))

    async def _store_head(self) -> None:
        try:
            await self._ports.history.set_head(self._conversation.id, self._conversation.head_id)
        except StorageError as error:
            self.storage_failed.emit(str(error))

    async def _store_removal(self, removed: Removed, *, is_back: bool) -> None:
        history = self._ports.history
        try:
            await (history.restore_messages if is_back else history.delete_messages)(removed.ids)
        except StorageError as error:
            self.storage_failed.emit(str(error))
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
