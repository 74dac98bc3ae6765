"""ChatGPT's export: a list of conversations, each a `mapping` of nodes with their parents.

Structure as published by those who read such exports, up to the splitting of 2026:
https://github.com/mohamed-chs/convoviz/blob/main/docs/dev/chatgpt-spec.md
"""

import re
from typing import Any

from desktop.archive.assets import Assets, named_file
from desktop.archive.draft import Draft, Node, NotOneError
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
from desktop.base.tongue import translate
from desktop.domain.message import (
    ImagePart,
    MessageState,
    Part,
    PlaceholderPart,
    ReasoningPart,
    Role,
    TextPart,
    ToolCallPart,
)

NAME = "ChatGPT"

_ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT, "tool": Role.ASSISTANT, "system": Role.SYSTEM}
# Marks of sources and of named things within the text, in a private range of Unicode.
_MARK = re.compile("\ue200(?P<kind>[a-z_]*)(?:\ue202)?(?P<rest>[^\ue201\ue200]*)\ue201")
_ENTITY = re.compile(r'\[\s*"[^"]*"\s*,\s*"(?P<name>[^"]*)"')
_STATES = {"in_progress": MessageState.INTERRUPTED, "error": MessageState.INTERRUPTED}


def is_one(item: Any) -> bool:
    """Whether this is a conversation of such an export."""
    return isinstance(item, dict) and isinstance(item.get("mapping"), dict)


def read(item: Fields, assets: Assets) -> Draft:
    """Return the draft of one conversation. Raises NotOneError."""
    draft = Draft(
        source="chatgpt",
        id=name_of(item, "conversation_id") or name_of(item, "id"),
        title=text_of(item, "title"),
        created=time_of(item, "create_time"),
        updated=time_of(item, "update_time"),
        head=text_of(item, "current_node") or None,
        pinned=is_true(item, "is_starred") or time_of(item, "pinned_time") > 0,
        archived=is_true(item, "is_archived"),
        joins_steps=True,
    )
    mapping = fields_of(item, "mapping")
    if not mapping:
        raise NotOneError(translate("Archive", "There is nothing in it."))
    for name, node in mapping.items():
        message = fields_of(node, "message")
        parent = text_of(node, "parent") or None
        draft.nodes[name] = _node(parent, message, assets)
    return draft


def _node(parent: str | None, message: Fields, assets: Assets) -> Node:
    role = _ROLES.get(text_of(fields_of(message, "author"), "role"), Role.ASSISTANT)
    metadata = fields_of(message, "metadata")
    node = Node(parent, role)
    is_hidden = role is Role.SYSTEM or is_true(metadata, "is_visually_hidden_from_conversation")
    if not message or is_hidden:
        return node
    node.parts = _parts(message, assets)
    node.created = time_of(message, "create_time")
    node.state = _STATES.get(text_of(message, "status"), MessageState.FINISHED)
    if role is Role.ASSISTANT:
        node.model = name_of(metadata, "model_slug")
        node.endpoint = NAME
    return node


def _parts(message: Fields, assets: Assets) -> list[Part]:
    content = fields_of(message, "content")
    author = fields_of(message, "author")
    kind = text_of(content, "content_type")
    recipient = name_of(message, "recipient")
    if text_of(author, "role") == "tool":
        return _from_tool(author, content, assets)
    if text_of(author, "role") == "assistant" and recipient not in ("", "all"):
        words = text_of(content, "text") or "\n".join(_strings(content))
        return [ToolCallPart(recipient, words)] if words else []
    match kind:
        case "text":
            parts = _texts(content)
        case "multimodal_text":
            parts = _multimodal(content, assets)
        case "code":
            language = name_of(content, "language")
            language = language if language.isalnum() and language != "unknown" else ""
            parts = [_fenced(text_of(content, "text"), language)] if text_of(content, "text") else []
        case "thoughts":
            parts = _thoughts(content)
        case "reasoning_recap" | "user_editable_context" | "model_editable_context":
            # What came of the thoughts above, and instructions that the program shows elsewhere.
            parts = []
        case _:
            parts = _unknown(kind, content)
    return parts + _attached(fields_of(message, "metadata"), parts, assets)


def _strings(content: Fields) -> list[str]:
    return [_unmarked(part) for part in list_of(content, "parts") if isinstance(part, str) and part.strip()]


def _texts(content: Fields) -> list[Part]:
    return [TextPart(text) for text in _strings(content)]


def _unmarked(text: str) -> str:
    """Return a text without the marks that only its own program can read."""
    if "\ue200" not in text:
        return text

    def words(match: re.Match[str]) -> str:
        entity = _ENTITY.match(match["rest"]) if match["kind"] == "entity" else None
        return entity["name"] if entity is not None else ""

    return _MARK.sub(words, text)


def _multimodal(content: Fields, assets: Assets) -> list[Part]:
    parts: list[Part] = []
    for part in list_of(content, "parts"):
        if isinstance(part, str):
            parts += [TextPart(_unmarked(part))] if part.strip() else []
        elif isinstance(part, dict):
            parts += _asset(part, assets)
    return parts


def _asset(part: Fields, assets: Assets) -> list[Part]:
    kind = text_of(part, "content_type")
    pointer = text_of(part, "asset_pointer")
    if kind == "audio_transcription":
        return [TextPart(text_of(part, "text"))] if text_of(part, "text").strip() else []
    if kind == "image_asset_pointer":
        return [assets.find(pointer) or assets.missing("Image", part)]
    if kind.startswith(("audio", "video", "real_time")):
        return [PlaceholderPart("Recording", raw_of(part))]
    return _unknown(kind, part)


def _from_tool(author: Fields, content: Fields, assets: Assets) -> list[Part]:
    tool = name_of(author, "name") or translate("Archive", "a tool")
    parts: list[Part] = [part for part in _multimodal(content, assets) if not isinstance(part, TextPart)]
    words = text_of(content, "text") or text_of(content, "result") or "\n".join(_strings(content))
    if words.strip():
        parts.insert(0, PlaceholderPart(translate("Archive", "What {tool} said").format(tool=tool), words))
    return parts


def _thoughts(content: Fields) -> list[Part]:
    whole = text_of(content, "thoughts") or text_of(content, "content")
    if whole:
        return [ReasoningPart(whole)]
    thoughts = []
    for thought in objects_of(content, "thoughts"):
        summary, words = text_of(thought, "summary"), text_of(thought, "content")
        thoughts.append("\n\n".join(piece for piece in (f"**{summary}**" if summary else "", words) if piece))
    text = "\n\n".join(thought for thought in thoughts if thought)
    return [ReasoningPart(text)] if text else []


def _unknown(kind: str, content: Fields) -> list[Part]:
    words = text_of(content, "text") or "\n".join(_strings(content))
    if words.strip():
        return [TextPart(words)]
    return [PlaceholderPart(kind[:60] or "Something else", raw_of(content))] if content else []


def _fenced(code: str, language: str) -> TextPart:
    fence = "```"
    while fence in code:
        fence += "`"
    return TextPart(f"{fence}{language}\n{code.rstrip()}\n{fence}")


def _attached(metadata: Fields, shown: list[Part], assets: Assets) -> list[Part]:
    """Return the files of a message; its images stand in its content already."""
    parts: list[Part] = []
    has_images = any(isinstance(part, ImagePart) or _is_lost_image(part) for part in shown)
    for item in objects_of(metadata, "attachments"):
        media_type = name_of(item, "mime_type") or name_of(item, "mimeType")
        if media_type.startswith("image/") and has_images:
            continue
        name = named_file(item, "name", "id")
        parts.append(
            assets.find(text_of(item, "id"), name, media_type) or assets.missing(name or "File", item)
        )
    return parts


def _is_lost_image(part: Part) -> bool:
    return isinstance(part, PlaceholderPart) and part.label == "Image"
