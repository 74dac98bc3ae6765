"""Weir's own archive: every conversation as its values are, so that nothing is lost on the way out and in.

The members of an object are the fields of the value; one with its default value is left out. The
same conversations always give the same bytes.
"""

import base64
import binascii
import dataclasses
import json
import math
import re
import types
import typing
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cache
from typing import Any

from desktop.archive.draft import Found, NotOneError, tags_of
from desktop.archive.fields import Fields, clean, objects_of, one_line, raw_of, text_of
from desktop.archive.limits import (
    LATEST_MS,
    LONGEST_NAME,
    LONGEST_TITLE,
    MOST_ATTACHMENT_BYTES,
    MOST_FOLDERS,
    MOST_MESSAGES,
)
from desktop.base.tongue import translate
from desktop.domain.message import Conversation, Message, MessageState, Part, PlaceholderPart
from desktop.domain.order import Folder

NAME = "Weir"
FORMAT = "weir-archive"
VERSION = 1

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NOTHING = object()
_KINDS: dict[str, type] = {kind.kind: kind for kind in typing.get_args(Part)}
_NAMES = {known: name for name, known in _KINDS.items()}


class NewerArchiveError(NotOneError):
    """The archive was written by a newer Weir."""


def begin(folders: Iterable[Folder] = ()) -> str:
    """Return what an archive starts with, the names of the folders that its conversations are in among it."""
    named = [{"id": folder.id, "name": folder.name} for folder in sorted(folders, key=lambda each: each.id)]
    head = f'{{"format":"{FORMAT}","version":{VERSION},'
    return head + (f'"folders":{_json(named)},' if named else "") + '"conversations":['


def end() -> str:
    """Return what an archive ends with."""
    return "\n]}\n"


def written(conversation: Conversation, messages: Iterable[Message]) -> str:
    """Return one conversation as a line of JSON without its end.

    A reply that still grows is written as one that was interrupted: in the archive it grows no more.
    """
    value = _encoded(conversation)
    value["messages"] = []
    for message in messages:
        encoded = _encoded(_ended(message))
        del encoded["conversation_id"]
        value["messages"].append(encoded)
    return _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _ended(message: Message) -> Message:
    if message.state is MessageState.STREAMING:
        return dataclasses.replace(message, state=MessageState.INTERRUPTED)
    return message


def _encoded(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, tuple | list):
        return [_encoded(item) for item in value]
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    found: Fields = {"kind": _NAMES[type(value)]} if type(value) in _NAMES else {}
    for field in dataclasses.fields(value):
        member = getattr(value, field.name)
        if member != _default(field):
            found[field.name] = _encoded(member)
    return found


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def is_archive(head: Fields) -> bool:
    """Whether these are the first members of such an archive. Raises NewerArchiveError."""
    if head.get("format") != FORMAT:
        return False
    if head.get("version") != VERSION:
        raise NewerArchiveError(
            translate(
                "Archive", "It was written by a newer version of Weir. Install that version to read it."
            )
        )
    return True


def folders_of(head: Fields) -> tuple[Folder, ...]:
    """Return the folders that the first members of an archive name."""
    found: dict[str, Folder] = {}
    for item in objects_of(head, "folders"):
        folder_id, name = text_of(item, "id"), one_line(text_of(item, "name"), LONGEST_NAME)
        if _ID.fullmatch(folder_id) and name and len(found) < MOST_FOLDERS:
            found[folder_id] = Folder(folder_id, name)
    return tuple(found.values())


def read(item: Any, folders: Iterable[Folder] = ()) -> Found:
    """Return a conversation of an archive; what its values can't be is refused or left at its default.

    One in a folder that is none of `folders` is in no folder. Raises NotOneError.
    """
    if not isinstance(item, dict) or not isinstance(item.get("messages"), list):
        raise NotOneError(translate("Archive", "It is no conversation."))
    if len(item["messages"]) > MOST_MESSAGES:
        raise NotOneError(translate("Archive", "It has too many messages."))
    try:
        conversation = _decoded(Conversation, item)
        messages = tuple(_messages(conversation.id, item["messages"]))
    except _MissingError as problem:
        raise NotOneError(translate("Archive", "It is not whole.")) from problem
    ids = {message.id for message in messages}
    if not ids:
        raise NotOneError(translate("Archive", "There is nothing in it."))
    head = conversation.head_id if conversation.head_id in ids else None
    folder = conversation.folder_id if conversation.folder_id in {each.id for each in folders} else None
    conversation = dataclasses.replace(
        conversation,
        title=one_line(conversation.title, LONGEST_TITLE),
        head_id=head,
        folder_id=folder,
        tags=tags_of(conversation.tags),
    )
    return Found(conversation, messages)


def _messages(conversation_id: str, items: list[Any]) -> Iterator[Message]:
    seen: set[str] = set()
    for item in items:
        if not isinstance(item, dict):
            raise _MissingError
        message = _ended(_decoded(Message, {**item, "conversation_id": conversation_id}))
        if message.id not in seen:
            seen.add(message.id)
            yield message


class _MissingError(Exception):
    """A member without a default is missing or of another type."""


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _decoded(kind: type, values: Fields) -> Any:
    members: Fields = {}
    for field in dataclasses.fields(kind):
        try:
            members[field.name] = _value(
                _hints(kind)[field.name], values.get(field.name, _NOTHING), field.name
            )
        except _MissingError:
            if _default(field) is dataclasses.MISSING:
                raise
    return kind(**members)


def _value(hint: Any, value: Any, name: str) -> Any:
    """Return `value` as what the hint says. Raises _MissingError for anything else."""
    origin = typing.get_origin(hint)
    if hint == Part:
        return _part(value)
    if origin is types.UnionType or origin is typing.Union:
        return _optional(hint, value, name)
    if origin is tuple:
        if not isinstance(value, list):
            raise _MissingError
        return tuple(_value(typing.get_args(hint)[0], item, name) for item in value)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _member(hint, value)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, dict):
            raise _MissingError
        return _decoded(hint, value)
    return _scalar(hint, value, name)


def _optional(hint: Any, value: Any, name: str) -> Any:
    if value is None:
        return None
    (inner,) = [each for each in typing.get_args(hint) if each is not type(None)]
    return _value(inner, value, name)


def _member(kind: type[StrEnum], value: Any) -> StrEnum:
    try:
        return kind(value)
    except ValueError:
        raise _MissingError from None


def _scalar(hint: Any, value: Any, name: str) -> Any:
    if hint is str and isinstance(value, str):
        if (name == "id" or name.endswith("_id")) and not _is_name(name, value):
            raise _MissingError
        return clean(value)
    if hint is bool and isinstance(value, bool):
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int and is_number and value == int(value) and abs(value) < 1 << 62:
        is_time = name in ("created", "updated")
        return min(max(int(value), 0), LATEST_MS) if is_time else int(value)
    if hint is float and is_number and abs(value) < 1e300 and math.isfinite(value):
        return float(value)
    if hint is bytes and isinstance(value, str) and len(value) <= 2 * MOST_ATTACHMENT_BYTES:
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise _MissingError from None
    raise _MissingError


def _is_name(name: str, value: str) -> bool:
    """Whether an id looks like one of ours; a service's ids of its calls may be anything short."""
    if name in ("id", "conversation_id", "parent_id", "head_id", "folder_id"):
        return _ID.fullmatch(value) is not None
    return len(value) <= 500


def _part(value: Any) -> Any:
    if not isinstance(value, dict):
        raise _MissingError
    kind = value.get("kind")
    known = _KINDS.get(kind) if isinstance(kind, str) else None
    if known is None:
        # Of a later version: it is named, and what can be kept of it is.
        return PlaceholderPart(one_line(str(kind), 60), raw_of(value))
    try:
        return _decoded(known, value)
    except _MissingError:
        return PlaceholderPart(one_line(str(kind), 60), raw_of(value))
