"""A growing reply on disk: deltas as appended rows, and the rows folded back into parts."""

import json
import logging
import sqlite3
from collections.abc import Iterable, Sequence

from desktop.base.clock import now_ms
from desktop.base.tongue import translate
from desktop.domain.delta import (
    Delta,
    FinishDelta,
    PlaceholderDelta,
    ReasoningDelta,
    RefusalDelta,
    StopReason,
    TextDelta,
    ToolCallDelta,
    UsageDelta,
)
from desktop.domain.failure import StorageError
from desktop.domain.message import MessageState, Part
from desktop.domain.reply import ReplyBuffer
from desktop.store.rows import read_usage, usage_json

_LOG = logging.getLogger(__name__)

# kind, text, meta as JSON
_Row = tuple[str, bytes, str]


def write_progress(connection: sqlite3.Connection, message_id: str, deltas: Sequence[Delta]) -> None:
    """Append deltas of a streaming message. Deltas of a message that has ended change nothing.

    Raises StorageError if there is no such message.
    """
    found = connection.execute("SELECT state FROM message WHERE id = ?", (message_id,)).fetchone()
    if found is None:
        raise StorageError(translate("Store", "This conversation is no longer in the history."))
    if found[0] != MessageState.STREAMING:
        _LOG.debug("Late progress of message %s is left out", message_id)
        return
    at = now_ms()
    connection.executemany(
        "INSERT INTO progress (message_id, kind, text, meta, at) VALUES (?, ?, ?, ?, ?)",
        [(message_id, kind, text, meta, at) for kind, text, meta in _rows(deltas)],
    )


def read_progress(connection: sqlite3.Connection, message_id: str, parts: Sequence[Part] = ()) -> ReplyBuffer:
    """Return what the progress rows of a message amount to, after the parts it already had."""
    buffer = ReplyBuffer(parts)
    at = 0
    for kind, text, meta, at in connection.execute(
        "SELECT kind, text, meta, at FROM progress WHERE message_id = ? ORDER BY seq", (message_id,)
    ):
        delta = _delta(kind, _text(text), meta, message_id)
        if delta is not None:
            buffer.add(delta, at)
    buffer.close(at)
    return buffer


def _rows(deltas: Iterable[Delta]) -> list[_Row]:
    """Return one row for each run of neighbouring deltas of one kind and tool call."""
    rows: list[_Row] = []
    for delta in deltas:
        row = _row(delta)
        if row is None:
            continue
        kind, text, meta = row
        if rows and rows[-1][0] == kind and kind in {"text", "refusal", "reasoning", "tool_call"}:
            joined = _join_meta(kind, rows[-1][2], meta)
            if joined is not None:
                rows[-1] = (kind, rows[-1][1] + text, joined)
                continue
        rows.append(row)
    return rows


def _row(delta: Delta) -> _Row | None:
    match delta:
        case TextDelta():
            return "text", _bytes(delta.text), "{}"
        case ReasoningDelta():
            meta = {"signature": delta.signature} if delta.signature else {}
            return "reasoning", _bytes(delta.text), json.dumps(meta)
        case RefusalDelta():
            return "refusal", _bytes(delta.text), "{}"
        case ToolCallDelta():
            meta = {"index": delta.index, "name": delta.name, "call_id": delta.call_id}  # type: ignore[dict-item]
            return "tool_call", _bytes(delta.arguments), json.dumps(meta)
        case PlaceholderDelta():
            return "placeholder", _bytes(delta.raw), json.dumps({"label": delta.label})
        case UsageDelta():
            return "usage", b"", usage_json(delta.usage)
        case FinishDelta():
            return "finish", b"", json.dumps({"reason": delta.reason.value, "raw": delta.raw})
        case _:
            return None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return raw.decode("utf-8", "replace")


def _join_meta(kind: str, first: str, second: str) -> str | None:
    """Return the meta of two neighbouring rows as one, or None if they are not of one part."""
    if second == "{}" or kind in {"text", "refusal"}:
        return first
    ours, theirs = json.loads(first), json.loads(second)
    if kind == "reasoning":
        return json.dumps({"signature": ours.get("signature", "") + theirs.get("signature", "")})
    if ours["index"] != theirs["index"]:
        return None
    return json.dumps(
        {
            "index": ours["index"],
            "name": ours["name"] + theirs["name"],
            "call_id": ours["call_id"] or theirs["call_id"],
        }
    )


def _delta(kind: str, text: str, meta: str, message_id: str) -> Delta | None:
    try:
        values = json.loads(meta)
        match kind:
            case "text":
                return TextDelta(text)
            case "reasoning":
                return ReasoningDelta(text, str(values.get("signature", "")))
            case "refusal":
                return RefusalDelta(text)
            case "tool_call":
                return ToolCallDelta(int(values["index"]), str(values["name"]), text, str(values["call_id"]))
            case "placeholder":
                return PlaceholderDelta(str(values["label"]), text)
            case "usage":
                return UsageDelta(read_usage(values))
            case "finish":
                return FinishDelta(StopReason(values["reason"]), str(values["raw"]))
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        _LOG.warning("Progress of message %s can't be read: %s", message_id, type(problem).__name__)
    # Whatever it was, its text is better shown as text than lost.
    return TextDelta(text) if text else None
