"""The nodes of a whole message: its parts in order, how it ended, and what can be done about it."""

from desktop.base.tongue import size
from desktop.domain.cut import Cut
from desktop.domain.message import (
    FilePart,
    ImagePart,
    Message,
    MessageState,
    Part,
    PlaceholderPart,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
)
from desktop.ui.timeline import words
from desktop.ui.timeline.cut import CUT, cut_words, summary_words
from desktop.ui.timeline.item import Item, failure_source
from desktop.ui.timeline.reading import Act, Node, Reader, button, foldable, tag, versions
from desktop.ui.timeline.reading import Role as Is
from desktop.ui.timeline.section import AFTER, Thought


def message_nodes(
    message: Message, siblings: tuple[int, int], folds: dict[int, bool], cut: Cut | None, growing: Item | None
) -> list[Node]:
    """Return what a message is made of, in reading order.

    `folds` says what the reader opened or folded, by section; `cut` is the line above the message, if one
    is there; `growing` is the message as laid out while its reply comes.
    """
    made = _cut_nodes(cut, folds)
    if growing is not None:
        return made + _growing_nodes(growing)
    for key, part in enumerate(message.parts):
        made += _part_nodes(message, key, part, folds)
    made += _ending_nodes(message)
    return made + versions(*siblings)


def _cut_nodes(cut: Cut | None, folds: dict[int, bool]) -> list[Node]:
    if cut is None:
        return []
    found = [Node(Is.StaticText, cut_words(cut), section=CUT)]
    if cut.summary:
        is_folded = folds.get(CUT, True)
        found.append(foldable(summary_words(cut), CUT, is_folded, Reader(CUT, cut.summary).nodes))
    return found


def _growing_nodes(item: Item) -> list[Node]:
    made: list[Node] = []
    for section in item.sections:
        if not 0 <= section.key < AFTER:
            continue
        if isinstance(section, Thought):
            name = words.thought(section.duration_ms, section.is_growing)
            reader = Reader(section.key, section.source)
            made.append(foldable(name, section.key, section.is_folded, reader.nodes))
        else:
            made += Reader(section.key, section.source).nodes()
    if item.waiting is not None:
        made.append(Node(Is.StaticText, item.waiting.text, states=("busy",)))
    return made


def _part_nodes(message: Message, key: int, part: Part, folds: dict[int, bool]) -> list[Node]:
    match part:
        case TextPart(text=text):
            return Reader(key, text, keep_breaks=message.role is not Role.ASSISTANT).nodes()
        case ReasoningPart(text=text, duration_ms=duration):
            if not text:
                return []
            name = words.thought(duration, False)
            return [foldable(name, key, folds.get(key, True), Reader(key, text).nodes)]
        case RefusalPart(text=text):
            inside = Reader(key, words.literal(text), keep_breaks=True).nodes()
            return [Node(Is.Note, words.tr("The model declined to answer"), inside, section=key)]
        case ImagePart(name=name):
            return [tag(Is.Graphic, name or words.tr("Picture"), "", key)]
        case FilePart(name=name, data=data):
            return [tag(Is.StaticText, name or words.tr("File without a name"), size(len(data)), key)]
        case ToolCallPart(name=name, arguments=arguments):
            return [tag(Is.StaticText, words.tr("Tool call: {name}").format(name=name), arguments, key)]
        case PlaceholderPart(label=label):
            return [tag(Is.StaticText, label, words.tr("can’t be shown here"), key)]


def _ending_nodes(message: Message) -> list[Node]:
    if message.state is MessageState.FAILED:
        inside = Reader(AFTER, failure_source(message), keep_breaks=True).nodes()
        inside += [button(_act(name), AFTER) for name in words.failure_actions(message)]
        return [Node(Is.AlertMessage, words.tr("The reply failed."), inside, section=AFTER)]
    ending = words.ending(message)
    if ending is None:
        return []
    said, actions = ending
    return [Node(Is.StaticText, said), *(button(_act(name)) for name in actions)]


def _act(name: str) -> Act:
    return Act(name, words.action(name))
