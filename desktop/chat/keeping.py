"""Keeping: what one conversation writes to the history, and what is said when the disk does not take it."""

from collections.abc import Callable, Sequence

from desktop.chat.ports import History, StorageError
from desktop.domain.message import Conversation, Message
from desktop.domain.tree import Removed


class Keeper:
    """Writes for a conversation; `failed` is called with words for the user where that fails."""

    def __init__(self, history: History, failed: Callable[[str], None]) -> None:
        self._history = history
        self._failed = failed

    async def write_conversation(self, conversation: Conversation) -> bool:
        """Write a conversation's own row; return whether it is stored."""
        try:
            await self._history.write_conversation(conversation)
        except StorageError as error:
            self._failed(str(error))
            return False
        return True

    async def write_messages(self, messages: Sequence[Message]) -> None:
        """Write new messages in their order; the last one is the head then."""
        for message in messages:
            try:
                await self._history.write_message(message)
            except StorageError as error:
                self._failed(str(error))

    async def write_head(self, conversation: Conversation) -> None:
        """Write which leaf the branch on screen ends with."""
        try:
            await self._history.set_head(conversation.id, conversation.head_id)
        except StorageError as error:
            self._failed(str(error))

    async def write_removal(self, removed: Removed, *, is_back: bool) -> None:
        """Hide messages, or show them again."""
        history = self._history
        try:
            await (history.restore_messages if is_back else history.delete_messages)(removed.ids)
        except StorageError as error:
            self._failed(str(error))
