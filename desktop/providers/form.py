"""Forms: JSON of the user's own with placeholders in double braces.

`{{prompt}}` is the newest prompt, `{{system}}`, `{{model}}`, `{{conversation}}` the conversation's id; a
value that is `{{messages}}` alone becomes the list of messages with role and content, `{{ui_messages}}`
that list in the form of the Vercel AI SDK, with its images and files.

A value that is the name of an option alone, as `{{temperature}}`, `{{top_p}}`, `{{max_tokens}}`, `{{stop}}`,
`{{seed}}`, `{{reasoning_effort}}` or `{{reasoning_budget}}`, becomes that option's value, and is left out
where it is left to the service; `{{stream}}` is true or false.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from desktop.domain.endpoint import Endpoint
from desktop.domain.message import FilePart, ImagePart, Message, Part, Role
from desktop.domain.options import Option
from desktop.domain.prompt import Prompt
from desktop.providers.base import context_of, data_url, text_alone

_PLACEHOLDER = re.compile(r"\{\{\s*(prompt|messages|ui_messages|model|system|conversation)\s*\}\}")
_OPTION = re.compile(
    rf"\{{\{{\s*({'|'.join(option for option in Option if option != Option.SYSTEM)})\s*\}}\}}"
)
_WITH_SYSTEM = ("system", "messages")


def has_placeholder(value: Any) -> bool:
    """Whether a form's value, or one within it, names a placeholder."""
    if isinstance(value, str):
        return _PLACEHOLDER.search(value) is not None
    if isinstance(value, Mapping):
        return any(map(has_placeholder, value.values()))
    return isinstance(value, list) and any(map(has_placeholder, value))


def options_in(form: Any) -> frozenset[Option]:
    """Return the options that a form has a place for."""
    if isinstance(form, str):
        found = {Option(match[1]) for match in [_OPTION.fullmatch(form.strip())] if match is not None}
        if any(match[1] in _WITH_SYSTEM for match in _PLACEHOLDER.finditer(form)):
            found.add(Option.SYSTEM)
        return frozenset(found)
    values = form.values() if isinstance(form, Mapping) else form if isinstance(form, list) else ()
    return frozenset[Option]().union(*map(options_in, values))


def takes_files(form: Any) -> bool:
    """Whether a form has a place for images and files: the messages of the AI SDK."""
    if isinstance(form, str):
        whole = _PLACEHOLDER.fullmatch(form.strip())
        return whole is not None and whole[1] == "ui_messages"
    values = form.values() if isinstance(form, Mapping) else form if isinstance(form, list) else ()
    return any(map(takes_files, values))


def fill(form: Mapping[str, Any], prompt: Prompt) -> dict[str, Any]:
    """Return a copy of a form, filled in once, so that no prompt fills itself in."""
    texts, lists = _fillings(prompt)
    filled: dict[str, Any] = _filled(_with_options(form, prompt), texts, lists)
    return filled


def _with_options(form: Mapping[str, Any], prompt: Prompt) -> dict[str, Any]:
    """Return a copy of a form with its options, without those that are left to the service."""
    filled: dict[str, Any] = {}
    for name, value in form.items():
        match = _OPTION.fullmatch(value.strip()) if isinstance(value, str) else None
        if isinstance(value, Mapping):
            filled[name] = _with_options(value, prompt)
        elif match is None:
            filled[name] = value
        elif match[1] == Option.STREAM or match[1] in prompt.options.chosen:
            chosen = getattr(prompt.options, match[1])
            filled[name] = list(chosen) if isinstance(chosen, tuple) else chosen
    return filled


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
    turns = [(role.value, text) for role, messages in context_of(prompt) if (text := text_alone(messages))]
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
    parted = [
        {"id": messages[0].id, "role": role.value, "parts": parts}
        for role, messages in context_of(prompt)
        if (parts := _parts(messages))
    ]
    return texts, {"messages": plain, "ui_messages": parted}


def _parts(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Return the parts of a UI message: what holds text as text, the rest as files."""
    texts = [replace(message, parts=tuple(filter(_is_text, message.parts))) for message in messages]
    files = [part for message in messages for part in message.parts if not _is_text(part)]
    sent: list[dict[str, Any]] = [
        {"type": "file", "mediaType": part.media_type, "filename": part.name, "url": data_url(part)}
        for part in files
        if isinstance(part, ImagePart | FilePart)
    ]
    if text := text_alone(texts):
        sent.append({"type": "text", "text": text})
    return sent


def _is_text(part: Part) -> bool:
    return not isinstance(part, ImagePart) and not (isinstance(part, FilePart) and not part.text)
