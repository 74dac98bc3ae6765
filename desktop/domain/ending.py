"""Endings: what is said of a reply that ended for another reason than being done."""

from desktop.domain.delta import StopReason
from desktop.domain.message import Message, MessageState

ENDINGS: dict[StopReason, str] = {
    StopReason.LENGTH: "The reply reached its length limit",
    StopReason.CONTENT_FILTER: "The service’s content filter ended the reply",
    StopReason.REFUSAL: "The model declined to answer",
    StopReason.TOOL_USE: "The model asked for a tool; Weir has none to offer",
    StopReason.PAUSE: "The service paused the reply",
    StopReason.OTHER: "The service ended the reply for a reason of its own",
}
NO_ROOM = "The length limit was reached before there was any text"


def ending_words(message: Message) -> str:
    """Return why a finished reply ended where that matters, the source text for translation, else nothing."""
    if message.state is not MessageState.FINISHED or message.stop_reason is None:
        return ""
    if message.stop_reason is StopReason.LENGTH and not message.text:
        return NO_ROOM
    return ENDINGS.get(message.stop_reason, "")
