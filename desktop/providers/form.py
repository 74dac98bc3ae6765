"""Forms: JSON of the user's own with placeholders in double braces.

`{{prompt}}` is the newest prompt, `{{system}}`, `{{model}}`, `{{conversation}}` the conversation's id; a
value that is `{{messages}}` alone becomes the list of messages with role and content, `{{ui_messages}}`
that list in the form of the Vercel AI SDK.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from desktop.domain.endpoint import Endpoint
from desktop.domain.message import FilePart, Message, Role
from desktop.domain.prompt import Prompt
from desktop.providers.base import context_of, file_as_text, joined_text

_PLACEHOLDER = re.compile(r"\{\{\s*(prompt|messages|ui_messages|model|system|conversation)\s*\}\}")


def has_placeholder(value: Any) -> bool:
    """Whether a form's value, or one within it, names a placeholder."""
    if isinstance(value, str):
        return _PLACEHOLDER.search(value) is not None
    if isinstance(value, Mapping):
        return any(map(has_placeholder, value.values()))
    return isinstance(value, list) and any(map(has_placeholder, value))


def fill(form: Mapping[str, Any], prompt: Prompt) -> dict[str, Any]:
    """Return a copy of a form, filled in once, so that no prompt fills itself in."""
    texts, lists = _fillings(prompt)
    return {name: _filled(value, texts, lists) for name, value in form.items()}


def fill_address(address: str, prompt: Prompt) -> str:
    """Return an address with its placeholders filled in, escaped as URLs want it."""
    texts, _ = _fillings(prompt)
    return _PLACEHOLDER.sub(lambda match: quote(texts.get(match[1], ""), safe=""), address)


def with_conversation(endpoint: Endpoint, conversation_id: str) -> Endpoint:
    """Return an endpoint whose extra fields name the conversation where they ask for it."""
    if not has_placeholder(endpoint.body):
        return endpoint
    texts = {"conversation": conversation_id}
    return replace(endpoint, body={name: _filled(value, texts, {}) for name, value in endpoint.body.items()})


def _filled(value: Any, texts: Mapping[str, str], lists: Mapping[str, list[Any]]) -> Any:
    if isinstance(value, str):
        whole = _PLACEHOLDER.fullmatch(value.strip())
        if whole is not None and whole[1] in lists:
            return lists[whole[1]]
        return _PLACEHOLDER.sub(lambda match: texts.get(match[1], match[0]), value)
    if isinstance(value, Mapping):
        return {name: _filled(inner, texts, lists) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, texts, lists) for inner in value]
    return value


def _fillings(prompt: Prompt) -> tuple[dict[str, str], dict[str, list[Any]]]:
    turns = [(role.value, text) for role, messages in context_of(prompt) if (text := _text(messages))]
    newest = next((text for role, text in reversed(turns) if role == Role.USER), "")
    texts = {
        "prompt": newest,
        "system": prompt.options.system,
        "model": prompt.model,
        "conversation": prompt.conversation_id,
    }
    plain: list[Any] = [{"role": role, "content": text} for role, text in turns]
    if prompt.options.system.strip():
        plain.insert(0, {"role": "system", "content": prompt.options.system})
    ids = [messages[0].id for _, messages in context_of(prompt) if _text(messages)]
    parted = [
        {"id": id_, "role": role, "parts": [{"type": "text", "text": text}]}
        for id_, (role, text) in zip(ids, turns, strict=True)
    ]
    return texts, {"messages": plain, "ui_messages": parted}


def _text(messages: Sequence[Message]) -> str:
    files = [p for m in messages for p in m.parts if isinstance(p, FilePart) and p.text]
    return "\n\n".join(filter(None, [joined_text(messages), *map(file_as_text, files)]))
