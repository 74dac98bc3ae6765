"""Claude's export: a list of conversations with `chat_messages`, each with its blocks and attachments.

The export names uploaded files and carries the text of documents, never the bytes of an image.
Structure: https://github.com/ProtonMail/WebClients (aiPaperTrail/parsers/claude.ts).
"""

import json
from typing import Any

from desktop.archive.assets import Assets, named_file
from desktop.archive.draft import Draft, Node
from desktop.archive.fields import Fields, fields_of, list_of, name_of, objects_of, raw_of, text_of, time_of
from desktop.base.tongue import translate
from desktop.domain.message import (
    FilePart,
    Part,
    PlaceholderPart,
    ReasoningPart,
    Role,
    TextPart,
    ToolCallPart,
)

NAME = "Claude"

_ROLES = {"human": Role.USER, "user": Role.USER, "assistant": Role.ASSISTANT}


def is_one(item: Any) -> bool:
    """Whether this is a conversation of such an export."""
    return isinstance(item, dict) and isinstance(item.get("chat_messages"), list)


def read(item: Fields, assets: Assets) -> Draft:
    """Return the draft of one conversation. A message that names no parent answers the one before it."""
    draft = Draft(
        source="claude",
        id=name_of(item, "uuid"),
        title=text_of(item, "name"),
        created=time_of(item, "created_at"),
        updated=time_of(item, "updated_at"),
        head=text_of(item, "current_leaf_message_uuid") or None,
        pinned=item.get("is_starred") is True,
    )
    model = name_of(item, "model")
    before: str | None = None
    newest = (0, "")
    for number, message in enumerate(objects_of(item, "chat_messages")):
        name = text_of(message, "uuid") or f"#{number}"
        parent = text_of(message, "parent_message_uuid") if "parent_message_uuid" in message else before
        role = _ROLES.get(text_of(message, "sender"), Role.ASSISTANT)
        node = Node(parent or None, role, _parts(message, assets), time_of(message, "created_at"))
        if role is Role.ASSISTANT:
            node.model, node.endpoint = name_of(message, "model") or model, NAME
        draft.nodes[name] = node
        before = name
        newest = max(newest, (node.created, name), key=lambda one: one[0])
    # The export does not say which branch was on screen: the newest message was on it.
    draft.head = draft.head or newest[1] or before
    return draft


def _parts(message: Fields, assets: Assets) -> list[Part]:
    parts: list[Part] = []
    for block in objects_of(message, "content"):
        parts += _block(block)
    if not any(isinstance(part, TextPart) for part in parts) and text_of(message, "text").strip():
        parts.append(TextPart(text_of(message, "text")))
    for item in objects_of(message, "attachments"):
        name = named_file(item, "file_name", "name") or translate("Archive", "Pasted text")
        text = text_of(item, "extracted_content")
        media_type = name_of(item, "file_type") or "text/plain"
        if text:
            # Only the text came along; it is what can be read again.
            media_type = media_type if "/" in media_type else "text/plain"
            parts.append(FilePart(name, media_type, text.encode(), text))
        else:
            parts.append(assets.missing(name, item))
    named = {part.name for part in parts if isinstance(part, FilePart)}
    for item in [*objects_of(message, "files"), *objects_of(message, "files_v2")]:
        name = named_file(item, "file_name", "file_uuid")
        if name and name not in named:
            named.add(name)
            found = assets.find(name) or assets.find(text_of(item, "file_uuid"), name)
            parts.append(found or assets.missing(name, item))
    return parts


def _block(block: Fields) -> list[Part]:
    match text_of(block, "type"):
        case "text":
            text = text_of(block, "text")
            return [TextPart(text)] if text.strip() else []
        case "thinking":
            text = text_of(block, "thinking")
            return [ReasoningPart(text)] if text.strip() else []
        case "tool_use" | "server_tool_use":
            return [
                ToolCallPart(name_of(block, "name"), _arguments(block.get("input")), name_of(block, "id"))
            ]
        case "tool_result" | "web_search_tool_result":
            words = "\n".join(_words(block)).strip()
            tool = name_of(block, "name") or translate("Archive", "a tool")
            label = translate("Archive", "What {tool} said").format(tool=tool)
            return [PlaceholderPart(label, words or raw_of(block))]
        case "token_budget" | "flag":
            return []
        case kind:
            return [PlaceholderPart(kind[:60] or "Something else", raw_of(block))]


def _arguments(value: Any) -> str:
    try:
        return json.dumps(value if isinstance(value, dict) else {}, ensure_ascii=False)
    except (RecursionError, ValueError):
        return "{}"


def _words(block: Fields) -> list[str]:
    content = block.get("content")
    if isinstance(content, str):
        return [text_of(block, "content")]
    words = [
        text_of(item, "text") or text_of(fields_of(item, "document"), "text")
        for item in list_of(block, "content")
    ]
    return [word for word in words if word]
