"""Which protocol a recorded stream speaks, told by what its records look like."""

import json
from dataclasses import replace
from typing import Any

from desktop.base.tongue import row, translate
from desktop.domain.inspection import InspectionError
from desktop.inspection.tape import Tape
from desktop.providers.registry import TITLES, all_providers
from desktop.wire.answer import AnswerFramer, AnswerHead, Framing, NotAReplyError
from desktop.wire.records import Record, RecordTooLargeError

_FIRST = 20
_TYPES = {
    Framing.SSE: "text/event-stream",
    Framing.NDJSON: "application/x-ndjson",
    Framing.JSON: "application/json",
}


def settled(tape: Tape, protocol: str = "") -> Tape:
    """Return a tape with its protocol, `protocol` before all else, and with a media type.

    Raises InspectionError where it can't be told, or is not one that Weir knows.
    """
    known = row(sorted(TITLES))
    name = protocol or tape.protocol
    if name and name not in all_providers():
        raise InspectionError(
            translate("Inspection", "“{name}” is not a protocol that Weir knows. There are: {known}.").format(
                name=name, known=known
            )
        )
    records, framing = _records(tape)
    if not name:
        name = next((found for record in records if (found := _protocol_of(record, framing))), "")
    if not name and tape.status != 200:
        name = "openai-chat"
    if not name:
        words = translate(
            "Inspection",
            "The protocol of {name} can’t be told from its records. "
            "Name it with --protocol, one of: {known}.",
        )
        raise InspectionError(words.format(name=tape.name, known=known))
    headers = tape.headers
    if not tape.content_type and framing in _TYPES:
        headers = (*headers, ("content-type", _TYPES[framing]))
    return replace(tape, protocol=name, headers=headers)


def _records(tape: Tape) -> tuple[list[Record], Framing]:
    """Return the first records of a tape, and how they are framed."""
    headers = {"content-type": tape.content_type} if tape.content_type else {}
    framer = AnswerFramer(AnswerHead(headers=headers), accepts_text=True)
    records: list[Record] = []
    try:
        for _, chunk in tape.reads:
            records += framer.feed(chunk)
            if len(records) >= _FIRST:
                break
        else:
            records += framer.close()
    except (NotAReplyError, RecordTooLargeError):
        return [], framer.head.framing
    return records[:_FIRST], framer.head.framing


def _protocol_of(record: Record, framing: Framing) -> str:
    try:
        value: Any = json.loads(record.data)
    except (ValueError, RecursionError):
        return "replicate" if record.event in ("output", "done") else ""
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, dict)), None)
    if not isinstance(value, dict):
        return ""
    kind = value.get("type")
    if "choices" in value or value.get("object") == "chat.completion.chunk":
        return "openai-chat"
    if (isinstance(kind, str) and kind.startswith("response.")) or value.get("object") == "response":
        return "openai-responses"
    if kind in ("message_start", "content_block_start", "content_block_delta", "message"):
        return "anthropic-messages"
    if "candidates" in value or "promptFeedback" in value:
        return "gemini"
    if "done" in value and ("message" in value or "response" in value) and framing is not Framing.SSE:
        return "ollama"
    return ""
