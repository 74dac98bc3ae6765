"""Values of the domain as rows and back. Reading never fails: what is not understood is replaced."""

import dataclasses
import json
import logging
from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from desktop.base.utf16 import well_formed
from desktop.domain.cut import ContextChoice, Cut, Overflow
from desktop.domain.delta import StopReason, Timing, Usage
from desktop.domain.failure import Failure, FailureKind
from desktop.domain.message import (
    Conversation,
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
from desktop.domain.options import EFFORTS, Options

_LOG = logging.getLogger(__name__)

E = TypeVar("E", bound=StrEnum)
V = TypeVar("V", Usage, Timing)

CONVERSATION_COLUMNS = "id, title, created, updated, head_id, endpoint_id, model, pinned, meta"
READ_CONVERSATION_COLUMNS = (
    f"{CONVERSATION_COLUMNS}, archived, folder_id, "
    "(SELECT json_group_array(name) FROM tag WHERE conversation_id = conversation.id)"
)
MESSAGE_COLUMNS = (
    "id, conversation_id, parent_id, role, state, created, model, endpoint, "
    "usage, timing, stop_reason, failure"
)

# Shared by all conversations without any, of which a long shelf holds many.
_NO_OPTIONS = Options()
_NO_CHOICE = ContextChoice()

# kind, text, meta as JSON, data
PartRow = tuple[str, str, str, bytes | None]


def _to_json(values: dict[str, Any]) -> str:
    kept = {
        name: well_formed(value) if isinstance(value, str) else value
        for name, value in values.items()
        if value is not None and value != ""
    }
    return json.dumps(kept, separators=(",", ":"))


def _from_json(text: str | None, whose: str) -> dict[str, Any]:
    if not text:
        return {}
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        _LOG.warning("Unreadable JSON in %s is left out", whose)
        return {}
    return values


def _text(values: dict[str, Any], name: str) -> str:
    value = values.get(name, "")
    return well_formed(value) if isinstance(value, str) else ""


def _whole(values: dict[str, Any], name: str) -> int | None:
    value = values.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(values: dict[str, Any], name: str) -> float | None:
    value = values.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _member(kind: type[E], value: Any, instead: E, whose: str) -> E:
    try:
        return kind(value)
    except ValueError:
        _LOG.warning("Unknown %s %r in %s is taken as %s", kind.__name__, value, whose, instead)
        return instead


# Parts


def part_row(part: Part) -> PartRow:
    """Return the columns of a part."""
    match part:
        case TextPart() | RefusalPart():
            return part.kind, well_formed(part.text), "{}", None
        case ReasoningPart():
            meta = {"duration_ms": part.duration_ms, "signature": part.signature}
            return part.kind, well_formed(part.text), _to_json(meta), None
        case ImagePart():
            return part.kind, "", _to_json({"media_type": part.media_type, "name": part.name}), part.data
        case FilePart():
            meta = {"media_type": part.media_type, "name": part.name}
            return part.kind, well_formed(part.text), _to_json(meta), part.data
        case ToolCallPart():
            meta = {"name": part.name, "call_id": part.call_id}
            return part.kind, well_formed(part.arguments), _to_json(meta), None
        case PlaceholderPart():
            return part.kind, well_formed(part.raw), _to_json({"label": part.label}), None


def read_part(message_id: str, kind: str, text: str, meta: str, data: bytes | None) -> Part:
    """Return the part of a row; a kind of a later version becomes a placeholder that names it."""
    values = _from_json(meta, f"a part of message {message_id}")
    match kind:
        case TextPart.kind:
            return TextPart(text)
        case ReasoningPart.kind:
            return ReasoningPart(text, _whole(values, "duration_ms"), _text(values, "signature"))
        case RefusalPart.kind:
            return RefusalPart(text)
        case ImagePart.kind:
            return ImagePart(_text(values, "media_type"), data or b"", _text(values, "name"))
        case FilePart.kind:
            return FilePart(_text(values, "name"), _text(values, "media_type"), data or b"", text)
        case ToolCallPart.kind:
            return ToolCallPart(_text(values, "name"), text, _text(values, "call_id"))
        case PlaceholderPart.kind:
            return PlaceholderPart(_text(values, "label"), text)
        case _:
            _LOG.warning("Unknown kind of part %r in message %s is shown as a placeholder", kind, message_id)
            return PlaceholderPart(kind, text or meta)


# Messages


def message_row(message: Message) -> tuple[Any, ...]:
    """Return the values of MESSAGE_COLUMNS."""
    failure = message.failure
    return (
        message.id,
        message.conversation_id,
        message.parent_id,
        message.role.value,
        message.state.value,
        message.created,
        well_formed(message.model),
        well_formed(message.endpoint),
        _to_json(dataclasses.asdict(message.usage)) if message.usage is not None else None,
        _to_json(dataclasses.asdict(message.timing)) if message.timing is not None else None,
        message.stop_reason.value if message.stop_reason is not None else None,
        _to_json(dataclasses.asdict(failure)) if failure is not None else None,
    )


def read_message(row: tuple[Any, ...], parts: tuple[Part, ...]) -> Message:
    """Return the message of a row in the order of MESSAGE_COLUMNS."""
    message_id, stop = row[0], row[10]
    whose = f"message {message_id}"
    return Message(
        id=message_id,
        conversation_id=row[1],
        parent_id=row[2],
        role=_member(Role, row[3], Role.ASSISTANT, whose),
        parts=parts,
        state=_member(MessageState, row[4], MessageState.FINISHED, whose),
        created=row[5],
        model=row[6],
        endpoint=row[7],
        usage=_optional(row[8], read_usage, whose),
        timing=_optional(row[9], _read_timing, whose),
        stop_reason=_member(StopReason, stop, StopReason.OTHER, whose) if stop is not None else None,
        failure=_read_failure(row[11], whose) if row[11] is not None else None,
    )


def _optional(text: str | None, read: Callable[[dict[str, Any]], V], whose: str) -> V | None:
    return read(_from_json(text, whose)) if text is not None else None


def usage_json(usage: Usage) -> str:
    """Return a usage as JSON text."""
    return _to_json(dataclasses.asdict(usage))


def read_usage(values: dict[str, Any]) -> Usage:
    """Return the usage that a JSON object holds; what is no number is unknown."""
    return Usage(
        input=_whole(values, "input"),
        output=_whole(values, "output"),
        cached=_whole(values, "cached"),
        reasoning=_whole(values, "reasoning"),
        total=_whole(values, "total"),
        cost=_number(values, "cost"),
    )


def _read_timing(values: dict[str, Any]) -> Timing:
    return Timing(first_ms=_whole(values, "first_ms"), total_ms=_whole(values, "total_ms"))


def _read_failure(text: str, whose: str) -> Failure:
    values = _from_json(text, whose)
    return Failure(
        kind=_member(FailureKind, values.get("kind"), FailureKind.INTERNAL, whose),
        endpoint=_text(values, "endpoint"),
        model=_text(values, "model"),
        address=_text(values, "address"),
        host=_text(values, "host"),
        status=_whole(values, "status"),
        words=_text(values, "words"),
        retry_after=_number(values, "retry_after"),
    )


# Conversations


def conversation_row(conversation: Conversation) -> tuple[Any, ...]:
    """Return the values of CONVERSATION_COLUMNS."""
    return (
        conversation.id,
        well_formed(conversation.title),
        conversation.created,
        conversation.updated,
        conversation.head_id,
        well_formed(conversation.endpoint_id),
        well_formed(conversation.model),
        int(conversation.pinned),
        _conversation_meta(conversation),
    )


def read_conversation(row: tuple[Any, ...]) -> Conversation:
    """Return the conversation of a row in the order of READ_CONVERSATION_COLUMNS."""
    return Conversation(
        id=row[0],
        title=row[1],
        created=row[2],
        updated=row[3],
        head_id=row[4],
        endpoint_id=row[5],
        model=row[6],
        pinned=bool(row[7]),
        options=_read_options(row[8], row[0]) if row[8] != "{}" else _NO_OPTIONS,
        context=_read_context(row[8], row[0]) if '"context"' in row[8] else _NO_CHOICE,
        persona=_read_persona(row[8], row[0]) if '"persona"' in row[8] else "",
        archived=bool(row[9]),
        folder_id=row[10],
        tags=tuple(sorted(json.loads(row[11]), key=str.casefold)) if row[11] != "[]" else (),
    )


def _conversation_meta(conversation: Conversation) -> str:
    options = conversation.options
    chosen = {name.value: getattr(options, name) for name in sorted(options.chosen)}
    if "system" in chosen:
        chosen["system"] = well_formed(chosen["system"])
    if "stop" in chosen:
        chosen["stop"] = [well_formed(word) for word in chosen["stop"]]
    kept: dict[str, Any] = {"options": chosen, "context": _context_values(conversation.context)}
    kept["persona"] = well_formed(conversation.persona)
    return json.dumps({name: values for name, values in kept.items() if values}, separators=(",", ":"))


def _context_values(choice: ContextChoice) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if choice.window is not None:
        values["window"] = choice.window
    if choice.overflow is not Overflow.ASK:
        values["overflow"] = choice.overflow.value
    if choice.cuts:
        values["cuts"] = [_cut_values(cut) for cut in choice.cuts]
    return values


def _cut_values(cut: Cut) -> dict[str, Any]:
    values = dataclasses.asdict(cut)
    return {
        name: well_formed(value) if isinstance(value, str) else value
        for name, value in values.items()
        if value not in (None, "", 0)
    }


def _read_context(meta: str, conversation_id: str) -> ContextChoice:
    """Return what a conversation's meta says of its context; what is none is as if it were not there."""
    whose = f"conversation {conversation_id}"
    values = _from_json(meta, whose).get("context")
    if not isinstance(values, dict):
        return _NO_CHOICE
    cuts = values.get("cuts")
    return ContextChoice(
        window=_whole(values, "window"),
        overflow=_member(Overflow, values.get("overflow", Overflow.ASK), Overflow.ASK, whose),
        cuts=tuple(_read_cut(cut) for cut in cuts if isinstance(cut, dict)) if isinstance(cuts, list) else (),
    )


def _read_cut(values: dict[str, Any]) -> Cut:
    usage, timing = values.get("usage"), values.get("timing")
    return Cut(
        after_id=_text(values, "after_id"),
        at=_whole(values, "at") or 0,
        count=_whole(values, "count") or 0,
        summary=_text(values, "summary"),
        missed=_whole(values, "missed") or 0,
        model=_text(values, "model"),
        endpoint=_text(values, "endpoint"),
        usage=read_usage(usage) if isinstance(usage, dict) else None,
        timing=_read_timing(timing) if isinstance(timing, dict) else None,
    )


def _read_persona(meta: str, conversation_id: str) -> str:
    return _text(_from_json(meta, f"conversation {conversation_id}"), "persona")


def _read_options(meta: str, conversation_id: str) -> Options:
    """Return the options in a conversation's meta; what is none is left to the service."""
    values = _from_json(meta, f"conversation {conversation_id}").get("options")
    if not isinstance(values, dict):
        return Options()
    stop = values.get("stop")
    effort = _text(values, "reasoning_effort")
    return Options(
        system=_text(values, "system"),
        temperature=_number(values, "temperature"),
        top_p=_number(values, "top_p"),
        max_tokens=_whole(values, "max_tokens"),
        stop=tuple(word for word in stop if isinstance(word, str)) if isinstance(stop, list) else (),
        seed=_whole(values, "seed"),
        reasoning_effort=effort if effort in EFFORTS else None,
        reasoning_budget=_whole(values, "reasoning_budget"),
        stream=values.get("stream") is not False,
    )
