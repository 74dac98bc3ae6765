"""ConversationTree: the shape of a conversation, from which the branch on screen is read."""

from collections.abc import Iterable
from dataclasses import dataclass

from desktop.domain.message import Message


@dataclass(frozen=True, slots=True)
class Removed:
    """What was taken out of a tree: the messages, parents first, and what it takes to put them back."""

    messages: tuple[Message, ...]
    place: int
    head_id: str | None

    @property
    def ids(self) -> tuple[str, ...]:
        """The messages' ids."""
        return tuple(message.id for message in self.messages)


class ConversationTree:
    """Messages by id with their parent links and the head, the leaf of the current branch.

    A message whose parent is missing counts as a root, so that one lost row never hides the rest.
    Siblings keep the order in which they were added.
    """

    def __init__(self, messages: Iterable[Message] = (), head_id: str | None = None) -> None:
        self._messages: dict[str, Message] = {}
        self._children: dict[str | None, list[str]] = {}
        given = list(messages)
        known = {message.id for message in given}
        for message in given:
            self._messages[message.id] = message
            parent = message.parent_id if message.parent_id in known else None
            self._children.setdefault(parent, []).append(message.id)
        self.head_id = head_id if head_id in self._messages else None
        if self.head_id is None and self._messages:
            self.head_id = self._leaf(next(reversed(self._messages)))

    def __len__(self) -> int:
        return len(self._messages)

    def __contains__(self, message_id: str) -> bool:
        return message_id in self._messages

    def __getitem__(self, message_id: str) -> Message:
        return self._messages[message_id]

    def add(self, message: Message) -> None:
        """Add a message under its parent and make it the head."""
        self._messages[message.id] = message
        parent = message.parent_id if message.parent_id in self._messages else None
        self._children.setdefault(parent, []).append(message.id)
        self.head_id = message.id

    def replace(self, message: Message) -> None:
        """Put a newer state of a known message in its place; its parent must be the same."""
        if self._messages[message.id].parent_id != message.parent_id:
            raise ValueError("a message never moves in the tree")
        self._messages[message.id] = message

    def siblings(self, message_id: str) -> tuple[str, ...]:
        """Return the ids of all messages with the same parent, this one included, oldest first."""
        parent = self._messages[message_id].parent_id
        if parent not in self._messages:
            parent = None
        return tuple(self._children[parent])

    def children(self, message_id: str) -> tuple[str, ...]:
        """Return the ids of the messages that answer or follow this one, oldest first."""
        return tuple(self._children.get(message_id, ()))

    def remove(self, message_id: str) -> "Removed":
        """Take a message and all that follows it out of the tree.

        Where the head was among them, the branch goes on with the sibling before it, else with the one
        after it, else it ends with the parent.
        """
        message = self._messages[message_id]
        parent = message.parent_id if message.parent_id in self._messages else None
        siblings = self._children[parent]
        place = siblings.index(message_id)
        gone = self._below(message_id)
        removed = Removed(tuple(self._messages[name] for name in gone), place, self.head_id)
        del siblings[place]
        for name in gone:
            del self._messages[name]
            self._children.pop(name, None)
        if self.head_id in set(gone):
            beside = siblings[max(0, place - 1)] if siblings else None
            self.head_id = self._leaf(beside) if beside is not None else parent
        return removed

    def restore(self, removed: "Removed") -> None:
        """Put back what was removed, to where it stood, with the branch that was current then."""
        first = removed.messages[0]
        for number, message in enumerate(removed.messages):
            self._messages[message.id] = message
            parent = message.parent_id if message.parent_id in self._messages else None
            siblings = self._children.setdefault(parent, [])
            siblings.insert(removed.place if number == 0 else len(siblings), message.id)
        self.head_id = removed.head_id if removed.head_id in self._messages else self._leaf(first.id)

    def _below(self, message_id: str) -> list[str]:
        """Return a message and all that follow it, parents before their children, siblings in order."""
        found = [message_id]
        seen = set(found)
        for name in found:
            fresh = [child for child in self._children.get(name, ()) if child not in seen]
            found += fresh
            seen.update(fresh)
        return found

    def branch(self) -> tuple[Message, ...]:
        """Return the messages from the root to the head."""
        return self.path(self.head_id)

    def path(self, message_id: str | None) -> tuple[Message, ...]:
        """Return the messages from the root to `message_id`, empty for None. A loop ends the path."""
        path: list[Message] = []
        seen: set[str] = set()
        while message_id is not None and message_id in self._messages and message_id not in seen:
            seen.add(message_id)
            message = self._messages[message_id]
            path.append(message)
            message_id = message.parent_id
        path.reverse()
        return tuple(path)

    def switch_to(self, message_id: str) -> None:
        """Make the branch through `message_id` current, down to its newest leaf."""
        self.head_id = self._leaf(message_id)

    def _leaf(self, message_id: str) -> str:
        seen = {message_id}
        while children := self._children.get(message_id):
            message_id = children[-1]
            if message_id in seen:
                break
            seen.add(message_id)
        return message_id
