"""Endings: what is said of a reply that ended for another reason than being done."""

from desktop.base.tongue import QT_TRANSLATE_NOOP, translate
from desktop.domain.delta import StopReason
from desktop.domain.message import Message, MessageState

ENDINGS: dict[StopReason, str] = {
    StopReason.LENGTH: QT_TRANSLATE_NOOP("Ending", "The reply reached its length limit"),
    StopReason.CONTENT_FILTER: QT_TRANSLATE_NOOP("Ending", "The service’s content filter ended the reply"),
    StopReason.REFUSAL: QT_TRANSLATE_NOOP("Ending", "The model declined to answer"),
    StopReason.TOOL_USE: QT_TRANSLATE_NOOP("Ending", "The model asked for a tool; Weir has none to offer"),
    StopReason.PAUSE: QT_TRANSLATE_NOOP("Ending", "The service paused the reply"),
    StopReason.OTHER: QT_TRANSLATE_NOOP("Ending", "The service ended the reply for a reason of its own"),
}
NO_ROOM = QT_TRANSLATE_NOOP("Ending", "The length limit was reached before there was any text")


def ending_words(message: Message) -> str:
    """Return why a finished reply ended where that matters, in the user's language, else nothing."""
    if message.state is not MessageState.FINISHED or message.stop_reason is None:
        return ""
    if message.stop_reason is StopReason.LENGTH and not message.text:
        return translate("Ending", NO_ROOM)
    words = ENDINGS.get(message.stop_reason, "")
    return translate("Ending", words) if words else ""
