"""Drafts: a conversation as another program kept it, and how it becomes one of ours."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from desktop.archive.fields import one_line, stable_id
from desktop.archive.limits import (
    LONGEST_TAG,
    LONGEST_TITLE,
    MOST_ATTACHMENTS_BYTES,
    MOST_MESSAGES,
    MOST_TAGS,
)
from desktop.base.tongue import translate
from desktop.domain.delta import Usage
from desktop.domain.message import (
    Conversation,
    FilePart,
    ImagePart,
    Message,
    MessageState,
    Part,
    PlaceholderPart,
    Role,
    TextPart,
)


class NotOneError(Exception):
    """What was read is no conversation, or one with nothing in it; its text says so to the user."""


@dataclass(slots=True)
class Node:
    """A message as it was found. One without parts is no message: its children belong to its parent."""

    parent: str | None
    role: Role
    parts: list[Part] = field(default_factory=list)
    created: int = 0
    model: str = ""
    endpoint: str = ""
    state: MessageState = MessageState.FINISHED
    usage: Usage | None = None


@dataclass(slots=True)
class Draft:
    """A conversation as it was found: `nodes` by the names that the other program gave them.

    `source` tells the programs apart, since their names need not differ. `joins_steps` says that a
    reply came as a chain of steps (a call, what the tool said, the answer), which are one message here.
    """

    source: str
    id: str
    title: str = ""
    created: int = 0
    updated: int = 0
    head: str | None = None
    model: str = ""
    pinned: bool = False
    archived: bool = False
    tags: list[str] = field(default_factory=list)
    nodes: dict[str, Node] = field(default_factory=dict)
    joins_steps: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation ready for the history, its messages parents first."""

    conversation: Conversation
    messages: tuple[Message, ...]


def assemble(draft: Draft) -> Found:
    """Return the conversation of a draft, with ids that are the same at every reading.

    Loops in the parent links are cut, links to nothing make a root. Raises NotOneError.
    """
    if not draft.id:
        draft.id = _made_up_id(draft)
    if len(draft.nodes) > MOST_MESSAGES:
        raise NotOneError(translate("Archive", "It has too many messages."))
    parents = _kept_parents(draft.nodes)
    if not parents:
        raise NotOneError(translate("Archive", "There is nothing in it."))
    order = _parents_first(parents)
    home = _homes(draft, parents, order) if draft.joins_steps else {name: name for name in order}
    messages = _messages(draft, parents, order, home)
    head = _nearest(draft.head, draft.nodes, parents)
    first, last = messages[0].created, max(message.created for message in messages)
    conversation = Conversation(
        id=stable_id(draft.source, draft.id),
        title=one_line(draft.title, LONGEST_TITLE) or _title_from(messages),
        created=draft.created or first,
        updated=max(draft.updated or last, draft.created),
        head_id=_message_id(draft, home[head]) if head is not None else None,
        pinned=draft.pinned,
        archived=draft.archived,
        tags=tags_of(draft.tags),
    )
    return Found(conversation, tuple(messages))


def tags_of(names: Iterable[str]) -> tuple[str, ...]:
    """Return names as tags: short, on one line, each once, in the order of the history."""
    found = {one_line(name, LONGEST_TAG) for name in names} - {""}
    return tuple(sorted(found, key=lambda name: (name.casefold(), name)))[:MOST_TAGS]


def _made_up_id(draft: Draft) -> str:
    """Return a name for a conversation that came without one, from what is in it."""
    texts = [
        part.text for node in draft.nodes.values() for part in node.parts[:1] if isinstance(part, TextPart)
    ]
    return stable_id(draft.title, str(draft.created), *texts[:4])


def _message_id(draft: Draft, name: str) -> str:
    return stable_id(draft.source, draft.id, name)


def _kept_parents(nodes: dict[str, Node]) -> dict[str, str | None]:
    """Return, for every node that is a message, the nearest one above it that is one too."""
    found: dict[str, str | None] = {}
    for name, node in nodes.items():
        if not node.parts:
            continue
        way: list[str] = []
        above = node.parent
        seen = {name}
        while above is not None and above in nodes and not nodes[above].parts and above not in seen:
            seen.add(above)
            way.append(above)
            above = nodes[above].parent
        parent = above if above in nodes and nodes[above].parts and above != name else None
        found[name] = parent
        for passed in way:
            # The next child of the same empty node need not go the whole way again.
            nodes[passed].parent = parent
    return found


def _parents_first(parents: dict[str, str | None]) -> list[str]:
    """Return all names, each after its parent; the link that closes a loop is taken out of `parents`."""
    children: dict[str | None, list[str]] = {}
    for name, parent in parents.items():
        children.setdefault(parent, []).append(name)
    order: list[str] = []
    placed: set[str] = set()
    waiting = list(reversed(children.get(None, [])))
    names = iter(parents)
    while len(order) < len(parents):
        if not waiting:
            loop = next(name for name in names if name not in placed)
            parents[loop] = None
            waiting.append(loop)
        name = waiting.pop()
        if name in placed:
            continue
        placed.add(name)
        order.append(name)
        waiting.extend(reversed(children.get(name, [])))
    return order


def _homes(draft: Draft, parents: dict[str, str | None], order: list[str]) -> dict[str, str]:
    """Return, for every node, the first step of the reply that it is a step of."""
    count: dict[str, int] = {}
    for parent in parents.values():
        if parent is not None:
            count[parent] = count.get(parent, 0) + 1
    home: dict[str, str] = {}
    for name in order:
        parent = parents[name]
        is_step = (
            parent is not None
            and count[parent] == 1
            and draft.nodes[name].role is Role.ASSISTANT
            and draft.nodes[parent].role is Role.ASSISTANT
        )
        home[name] = home[parent] if is_step and parent is not None else name
    return home


def _messages(
    draft: Draft, parents: dict[str, str | None], order: list[str], home: dict[str, str]
) -> list[Message]:
    steps: dict[str, list[Node]] = {}
    for name in order:
        steps.setdefault(home[name], []).append(draft.nodes[name])
    made: list[Message] = []
    times: dict[str, int] = {}
    room = MOST_ATTACHMENTS_BYTES
    conversation_id = stable_id(draft.source, draft.id)
    for name, nodes in steps.items():
        parent = parents[name]
        parent = home[parent] if parent is not None else None
        # What came without a time came after what it answers.
        before = times[parent] if parent is not None else draft.created or draft.updated
        times[name] = nodes[0].created or before or 1
        parts, room = _within(_joined([part for node in nodes for part in node.parts]), room)
        made.append(
            Message(
                id=_message_id(draft, name),
                conversation_id=conversation_id,
                parent_id=_message_id(draft, parent) if parent is not None else None,
                role=nodes[0].role,
                parts=tuple(parts),
                state=nodes[-1].state,
                created=times[name],
                model=next((node.model for node in reversed(nodes) if node.model), ""),
                endpoint=nodes[0].endpoint,
                usage=next((node.usage for node in reversed(nodes) if node.usage), None),
            )
        )
    return made


def _joined(parts: list[Part]) -> list[Part]:
    """Return the parts with neighbouring texts as one, a blank line between them."""
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, TextPart) and isinstance(last, TextPart):
            joined[-1] = TextPart(last.text.rstrip("\n") + "\n\n" + part.text.lstrip("\n"))
        else:
            joined.append(part)
    return joined


def _within(parts: list[Part], room: int) -> tuple[list[Part], int]:
    """Return the parts with those files replaced by their names that there is no room for."""
    kept: list[Part] = []
    for part in parts:
        if isinstance(part, ImagePart | FilePart):
            if len(part.data) > room:
                name = part.name or translate("Archive", "A file")
                label = translate("Archive", "{name} (too large to come along)").format(name=name)
                kept.append(PlaceholderPart(label))
                continue
            room -= len(part.data)
        kept.append(part)
    return kept, room


def _nearest(name: str | None, nodes: dict[str, Node], parents: dict[str, str | None]) -> str | None:
    """Return the message at a node or the nearest above it; None where the head is not known."""
    seen: set[str] = set()
    while name is not None and name in nodes and name not in parents and name not in seen:
        seen.add(name)
        name = nodes[name].parent
    return name if name in parents else None


def _title_from(messages: list[Message]) -> str:
    first = next((message.text for message in messages if message.role is Role.USER), "")
    return one_line(first, 60)
