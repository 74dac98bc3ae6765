"""ReadableConversation: what a live conversation holds, and what may be asked of it."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from desktop.base.clock import now_ms
from desktop.chat.turn import Turn
from desktop.domain.cut import ContextChoice
from desktop.domain.identity import new_id
from desktop.domain.message import Conversation, Message, Part, Role
from desktop.domain.prompt import Options
from desktop.domain.tree import ConversationTree


class ReadableConversation(QObject):
    """One conversation: its tree, the branch on screen, and the turns that run in it.

    Signals carry domain values: `message_added` and `message_changed` a Message, `turn_started`
    and `turn_ended` the Turn, `changed` the Conversation's own row. `reset` asks the reader to
    take `transcript` anew, `filled` says that more has come before what is there. `compared` carries
    the id of a prompt that was just sent to several models. `refused` says in words why something was
    not done, `storage_failed` that the disk did not take something, and `revision` rises with every
    change.
    """

    reset = Signal()
    filled = Signal()
    message_added = Signal(object)
    message_changed = Signal(object)
    turn_started = Signal(object)
    turn_ended = Signal(object)
    compared = Signal(str)
    title_changed = Signal(str)
    changed = Signal(object)
    options_changed = Signal()
    context_changed = Signal()
    refused = Signal(str)
    storage_failed = Signal(str)

    def __init__(
        self,
        conversation: Conversation | None = None,
        messages: Sequence[Message] = (),
        is_whole: bool = True,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.is_whole = is_whole
        """Whether all messages are here, or only the end of a long conversation."""
        now = now_ms()
        self._conversation = conversation or Conversation(id=new_id(), title="", created=now, updated=now)
        self._tree = ConversationTree(messages, self._conversation.head_id)
        self._turns: dict[str, Turn] = {}
        self.revision = 0

    @property
    def conversation(self) -> Conversation:
        """The conversation's own row."""
        return self._conversation

    @property
    def transcript(self) -> tuple[Message, ...]:
        """The messages of the current branch, oldest first; a reply under way as far as it has come."""
        branch = self._tree.branch()
        return tuple(self._now(message) for message in branch) if self._turns else branch

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The turns that run, on whichever branches."""
        return tuple(self._turns.values())

    @property
    def turn(self) -> Turn | None:
        """The turn that runs on the branch on screen, or None."""
        if not self._turns:
            return None
        return next((self._turns[item.id] for item in self._tree.branch() if item.id in self._turns), None)

    @property
    def options(self) -> Options:
        """What goes with every prompt beyond its text."""
        return self._conversation.options

    @property
    def context(self) -> ContextChoice:
        """What of the branch goes with a prompt."""
        return self._conversation.context

    def path(self, message_id: str | None) -> tuple[Message, ...]:
        """Return the messages from the root to `message_id`, empty where it is None or unknown."""
        return self._tree.path(message_id)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said yet."""
        return len(self._tree) == 0

    def siblings(self, message_id: str) -> tuple[int, int]:
        """Return a message's place among its siblings, from 0, and their number."""
        siblings = self._tree.siblings(message_id)
        return siblings.index(message_id), len(siblings)

    def replies_beside(self, message_id: str) -> tuple[Message, ...]:
        """Return a reply and its siblings, oldest first, those under way as far as they have come."""
        if message_id not in self._tree:
            return ()
        return tuple(self._now(self._tree[name]) for name in self._tree.siblings(message_id))

    def replies_to(self, prompt_id: str) -> tuple[Message, ...]:
        """Return the replies to a prompt, oldest first, those under way as far as they have come."""
        return tuple(self._now(self._tree[name]) for name in self._tree.children(prompt_id))

    def message(self, message_id: str) -> Message | None:
        """Return a message, on screen or not, as far as it has come."""
        return self._now(self._tree[message_id]) if message_id in self._tree else None

    def attached_to(self, message_id: str) -> tuple[Part, ...]:
        """Return the parts of a prompt, or of the one that a reply answers."""
        message = self._tree[message_id]
        parent_id = message.parent_id
        if message.role is Role.ASSISTANT and parent_id is not None and parent_id in self._tree:
            return self._tree[parent_id].parts
        return message.parts

    def _now(self, message: Message) -> Message:
        turn = self._turns.get(message.id)
        return turn.reply if turn is not None else message
