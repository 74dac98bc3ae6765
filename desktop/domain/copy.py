"""Copies: a branch as a conversation of its own."""

from collections.abc import Sequence
from dataclasses import replace

from desktop.domain.context import moved_to
from desktop.domain.identity import new_id
from desktop.domain.message import Conversation, Message, MessageState


def copy_of(row: Conversation, path: Sequence[Message], now: int) -> tuple[Conversation, list[Message]]:
    """Return a new conversation with copies of a path from the root; `now` is in Unix milliseconds.

    A reply that is still on its way is one that was stopped in the copy.
    """
    ids = {message.id: new_id() for message in path}
    own = replace(
        row,
        id=new_id(),
        created=now,
        updated=now,
        head_id=ids[path[-1].id],
        context=moved_to(row.context, ids),
        pinned=False,
        archived=False,
    )
    copies = [
        replace(
            message,
            id=ids[message.id],
            conversation_id=own.id,
            parent_id=ids.get(message.parent_id or ""),
            state=MessageState.STOPPED if message.state is MessageState.STREAMING else message.state,
        )
        for message in path
    ]
    return own, copies
