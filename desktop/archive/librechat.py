"""LibreChat's export: one conversation a file, its messages in a flat list or nested in `children`.

Structure: https://github.com/danny-avila/LibreChat (client/src/hooks/Conversations/useExportConversation.ts
and api/server/utils/import/importers.js).
"""

from typing import Any

from desktop.archive.assets import Assets, attachment, data_address, named_file
from desktop.archive.draft import Draft, Node
from desktop.archive.fields import (
    Fields,
    fields_of,
    is_true,
    list_of,
    name_of,
    objects_of,
    raw_of,
    text_of,
    time_of,
)
from desktop.archive.limits import MOST_MESSAGES
from desktop.base.tongue import translate
from desktop.domain.message import (
    MessageState,
    Part,
    PlaceholderPart,
    ReasoningPart,
    Role,
    TextPart,
    ToolCallPart,
)

NAME = "LibreChat"


def is_one(item: Any) -> bool:
    """Whether this is a conversation of such an export."""
    return (
        isinstance(item, dict)
        and isinstance(item.get("conversationId"), str)
        and (isinstance(item.get("messages"), list) or isinstance(item.get("messagesTree"), list))
    )


def read(item: Fields, assets: Assets) -> Draft:
    """Return the draft of one conversation."""
    options = fields_of(item, "options")
    draft = Draft(
        source="librechat",
        id=name_of(item, "conversationId"),
        title=text_of(item, "title"),
        created=time_of(item, "createdAt") or time_of(options, "createdAt"),
        updated=time_of(item, "updatedAt") or time_of(options, "updatedAt"),
    )
    model = name_of(options, "model") or name_of(item, "model")
    endpoint = name_of(item, "endpoint") or name_of(options, "endpoint") or NAME
    waiting: list[tuple[str | None, Any]] = [
        (None, message) for message in list_of(item, "messages") or list_of(item, "messagesTree")
    ]
    waiting.reverse()
    newest = (-1, "")
    before: str | None = None
    while waiting and len(draft.nodes) <= MOST_MESSAGES:
        above, message = waiting.pop()
        if not isinstance(message, dict):
            continue
        name = text_of(message, "messageId") or f"#{len(draft.nodes)}"
        parent = above or (text_of(message, "parentMessageId") if "parentMessageId" in message else before)
        node = draft.nodes[name] = _node(parent or None, message, assets)
        if node.role is Role.ASSISTANT:
            node.model = name_of(message, "model") or model
            node.endpoint = name_of(message, "endpoint") or endpoint
        newest = max(newest, (node.created, name), key=lambda one: one[0])
        before = name
        waiting.extend((name, child) for child in reversed(list_of(message, "children")))
    # Which branch was on screen is not in the file: the newest message was on it.
    draft.head = newest[1] or before
    return draft


def _node(parent: str | None, message: Fields, assets: Assets) -> Node:
    sender = text_of(message, "sender").casefold()
    is_prompt = message.get("isCreatedByUser") is True or (
        "isCreatedByUser" not in message and sender in ("user", "human")
    )
    node = Node(parent, Role.USER if is_prompt else Role.ASSISTANT)
    for block in objects_of(message, "content"):
        node.parts += _block(block, assets)
    if not node.parts and text_of(message, "text").strip():
        node.parts.append(TextPart(text_of(message, "text")))
    for item in [*objects_of(message, "files"), *objects_of(message, "attachments")]:
        name = named_file(item, "filename", "file_id")
        path = text_of(item, "filepath")
        inside = data_address(path)
        found = attachment(name, *inside) if inside is not None else assets.find(path, name)
        node.parts.append(found or assets.missing(name or "File", item))
    node.created = time_of(message, "createdAt")
    if is_true(message, "unfinished") or is_true(message, "error"):
        node.state = MessageState.INTERRUPTED
    return node


def _block(block: Fields, assets: Assets) -> list[Part]:
    kind = text_of(block, "type")
    match kind:
        case "text" | "think":
            words = text_of(block, kind) or text_of(fields_of(block, kind), "value")
            if not words.strip():
                return []
            return [TextPart(words) if kind == "text" else ReasoningPart(words)]
        case "tool_call":
            call = fields_of(block, "tool_call")
            parts: list[Part] = [
                ToolCallPart(
                    name_of(call, "name"),
                    text_of(call, "args") or raw_of(call.get("args", {})),
                    name_of(call, "id"),
                )
            ]
            if text_of(call, "output"):
                tool = name_of(call, "name") or translate("Archive", "a tool")
                label = translate("Archive", "What {tool} said").format(tool=tool)
                parts.append(PlaceholderPart(label, text_of(call, "output")))
            return parts
        case "image_file" | "image_url":
            image = fields_of(block, kind)
            path = text_of(image, "filepath") or text_of(image, "url")
            inside = data_address(path)
            name = named_file(image, "filename")
            found = attachment(name, *inside) if inside is not None else assets.find(path, name)
            return [found or assets.missing(name or "Image", block)]
        case "error":
            words = text_of(block, "error") or text_of(block, "text")
            return [PlaceholderPart(words[:200] or "A problem", raw_of(block))]
        case _:
            return [PlaceholderPart(kind[:60] or "Something else", raw_of(block))]
