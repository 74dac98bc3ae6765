"""Open WebUI's export: a list of rows, each with a `chat` that has a `history` of messages and their parents.

Structure: https://github.com/open-webui/open-webui (src/lib/components/chat, `history.messages`).
"""

import html
import re
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
    text_of,
    time_of,
    whole_of,
)
from desktop.domain.delta import Usage
from desktop.domain.message import (
    FilePart,
    MessageState,
    Part,
    PlaceholderPart,
    ReasoningPart,
    Role,
    TextPart,
)

NAME = "Open WebUI"

_ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT, "system": Role.SYSTEM}
# What a model thought and what a tool said stand inside the text as a fold.
_FOLD = re.compile(r'<details\s+type="(?P<type>[a-z_]{1,40})"(?P<more>[^>]{0,2000})>')
_FOLD_END = "</details>"
_SUMMARY = re.compile(r"<summary>[^<]{0,500}</summary>")
_DURATION = re.compile(r'duration="(\d{1,7})"')


def is_one(item: Any) -> bool:
    """Whether this is a conversation of such an export."""
    chat = item.get("chat") if isinstance(item, dict) else None
    chat = chat if isinstance(chat, dict) else item
    history = chat.get("history") if isinstance(chat, dict) else None
    return isinstance(history, dict) and isinstance(history.get("messages"), dict)


def read(item: Fields, assets: Assets) -> Draft:
    """Return the draft of one conversation."""
    chat = fields_of(item, "chat") or item
    history = fields_of(chat, "history")
    draft = Draft(
        source="open-webui",
        id=name_of(item, "id") or name_of(chat, "id"),
        title=text_of(item, "title") or text_of(chat, "title"),
        created=time_of(item, "created_at") or time_of(chat, "timestamp"),
        updated=time_of(item, "updated_at"),
        head=text_of(history, "currentId") or None,
        pinned=is_true(item, "pinned"),
        archived=is_true(item, "archived"),
        tags=[tag for tag in list_of(fields_of(item, "meta"), "tags") if isinstance(tag, str)],
    )
    for name, message in fields_of(history, "messages").items():
        draft.nodes[name] = _node(message if isinstance(message, dict) else {}, assets)
    return draft


def _node(message: Fields, assets: Assets) -> Node:
    role = _ROLES.get(text_of(message, "role"), Role.ASSISTANT)
    node = Node(text_of(message, "parentId") or None, role)
    node.parts = _texts(text_of(message, "content")) + _files(message, assets)
    node.created = time_of(message, "timestamp")
    if role is Role.ASSISTANT:
        node.model = name_of(message, "model") or name_of(message, "modelName")
        node.endpoint = NAME
        node.usage = _usage(fields_of(message, "usage") or fields_of(message, "info"))
        if message.get("done") is False:
            node.state = MessageState.INTERRUPTED
        problem = text_of(fields_of(message, "error"), "content")
        if problem and not node.parts:
            node.parts.append(PlaceholderPart(problem[:200]))
    return node


def _texts(content: str) -> list[Part]:
    parts: list[Part] = []
    at = 0
    while (start := _FOLD.search(content, at)) is not None:
        end = content.find(_FOLD_END, start.end())
        if end < 0:
            break
        _add_text(parts, content[at : start.start()])
        parts.append(_fold(start, content[start.end() : end]))
        at = end + len(_FOLD_END)
    _add_text(parts, content[at:])
    return parts


def _add_text(parts: list[Part], text: str) -> None:
    if text.strip():
        parts.append(TextPart(text.strip("\n")))


def _fold(start: re.Match[str], inside: str) -> Part:
    inside = inside.strip()
    summary = _SUMMARY.match(inside)
    inside = html.unescape(inside[summary.end() :] if summary is not None else inside).strip()
    if start["type"] == "reasoning":
        lines = [line.removeprefix(">").removeprefix(" ") for line in inside.splitlines()]
        found = _DURATION.search(start["more"])
        return ReasoningPart("\n".join(lines).strip(), int(found[1]) * 1000 if found else None)
    label = start["type"].replace("_", " ").capitalize()
    return PlaceholderPart(label, html.unescape(start["more"]).strip() + "\n" + inside)


def _files(message: Fields, assets: Assets) -> list[Part]:
    parts: list[Part] = []
    for item in objects_of(message, "files"):
        file = fields_of(item, "file")
        name = named_file(item, "name", "filename") or named_file(file, "filename", "name")
        address = text_of(item, "url")
        inside = data_address(address)
        words = text_of(fields_of(file, "data"), "content") or text_of(item, "content")
        if inside is not None:
            parts.append(attachment(name, *inside))
        elif words:
            media_type = name_of(fields_of(file, "meta"), "content_type") or "text/plain"
            parts.append(FilePart(name or "file", media_type, words.encode(), words))
        else:
            label = name or ("Image" if text_of(item, "type") == "image" else "File")
            parts.append(assets.find(address, name) or assets.missing(label, item))
    # Older rows have the pictures of a prompt as bare base 64.
    for picture in list_of(message, "images"):
        if isinstance(picture, str):
            address = picture if picture.startswith("data:") else "data:image/png;base64," + picture
            inside = data_address(address)
            if inside is not None:
                parts.append(attachment("", *inside))
    return parts


def _usage(values: Fields) -> Usage | None:
    given = whole_of(values, "prompt_tokens")
    given = given if given is not None else whole_of(values, "prompt_eval_count")
    got = whole_of(values, "completion_tokens")
    got = got if got is not None else whole_of(values, "eval_count")
    if given is None and got is None:
        return None
    return Usage(input=given, output=got, total=whole_of(values, "total_tokens"))
