"""What a message says about itself: who, when, how long, what went wrong, what can be done."""

import re
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, Qt

from desktop.base.tongue import QT_TRANSLATE_NOOP, number, sentences
from desktop.domain.delta import StopReason
from desktop.domain.ending import ending_words
from desktop.domain.failure import Failure, FailureKind
from desktop.domain.message import Message, MessageState, Role
from desktop.ui import wording
from desktop.ui.controls import first_words
from desktop.ui.used import used_lines

# A rest can be asked for at once after these.
_IN_MID_REPLY = frozenset(
    {
        FailureKind.CUT,
        FailureKind.STALLED,
        FailureKind.GARBLED,
        FailureKind.PROVIDER,
        FailureKind.OVERLOADED,
        FailureKind.SERVER,
        FailureKind.LOCAL_MODEL,
        FailureKind.INTERNAL,
    }
)
NETWORK_KINDS = frozenset({FailureKind.PROXY, FailureKind.TLS})
"""What is set right under Settings, Network."""
_SETTINGS = NETWORK_KINDS | frozenset(
    {
        FailureKind.NO_KEY,
        FailureKind.KEY_REFUSED,
        FailureKind.BAD_ADDRESS,
        FailureKind.WRONG_ADDRESS,
        FailureKind.NOT_A_STREAM,
        FailureKind.NO_ENDPOINT,
    }
)
_GO_ON = (StopReason.LENGTH, StopReason.PAUSE, StopReason.OTHER)
_MARKS = re.compile(r"([!-/:-@\[-`{-~])")


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """Return a text of the timeline in the user's language."""
    return QCoreApplication.translate("Timeline", text, comment, n)


def literal(text: str) -> str:
    """Return Markdown that shows `text` as it is; leading and trailing space of a line is dropped."""
    return "\n".join(_MARKS.sub(r"\\\1", line.strip()) for line in text.strip().splitlines())


def who(message: Message) -> str:
    """Return the name over a message."""
    if message.role is Role.ASSISTANT:
        #: Over a message whose model is not known
        return message.model or message.endpoint or tr("Reply")
    #: Over a message: who wrote it
    return tr("Instructions") if message.role is Role.SYSTEM else tr("You")


def when(created_ms: int, today: datetime | None = None) -> str:
    """Return a time of Unix milliseconds in short words: today's time alone, else with the day."""
    if not created_ms:
        return ""
    moment = datetime.fromtimestamp(created_ms / 1000).astimezone()
    now = (today or datetime.now().astimezone()).date()
    locale = QLocale()
    stamp = QDateTime.fromMSecsSinceEpoch(created_ms)
    clock = locale.toString(stamp.time(), QLocale.FormatType.ShortFormat)
    if moment.date() == now:
        return clock
    day = wording.day(stamp.date(), has_year=moment.year != now.year)
    return tr("{day}, {time}").format(day=day, time=clock)


def full_when(created_ms: int) -> str:
    """Return the whole date and time, for a tool tip."""
    stamp = QDateTime.fromMSecsSinceEpoch(created_ms, Qt.TimeSpec.LocalTime)
    return QLocale().toString(stamp, QLocale.FormatType.LongFormat) if created_ms else ""


def seconds(milliseconds: float) -> str:
    """Return a duration in words as short as its size allows."""
    if milliseconds < 950:
        return wording.seconds(milliseconds / 1000, 2)
    if milliseconds < 9950:
        tenths = round(milliseconds / 100)
        return wording.seconds(tenths / 10, 1 if tenths % 10 else 0)
    whole = round(milliseconds / 1000)
    return wording.seconds(whole) if whole < 60 else wording.minutes(whole)


def thought(duration_ms: int | None, is_open_end: bool) -> str:
    """Return the head of a reasoning part."""
    if is_open_end:
        return tr("Thinking…")
    if duration_ms is None:
        #: Over the reasoning of a model
        return tr("Thoughts")
    whole = max(1, round(duration_ms / 1000))
    return tr("Thought for {time}").format(time=seconds(whole * 1000))


def meters(message: Message) -> str:
    """Return what is known of a reply's speed and price, or an empty text."""
    found = []
    usage, timing = message.usage, message.timing
    if timing is not None and timing.first_ms is not None:
        found.append(tr("first token {time}").format(time=seconds(timing.first_ms)))
    if usage is not None and usage.output is not None:
        speed = timing.tokens_per_second(usage.output) if timing is not None else None
        if speed is not None:
            #: Tokens per second, in short
            words = tr("{speed} tok/s")
            found.append(words.format(speed=number(speed, 0 if speed >= 10 else 1)))
        found.append(tr("%n token(s)", "", usage.output))
    if usage is not None and usage.cost is not None:
        found.append(wording.dollars(usage.cost, 4))
    if not found and timing is not None and timing.total_ms is not None:
        found.append(seconds(timing.total_ms))
    return " · ".join(found)


def used(message: Message) -> tuple[str, ...]:
    """Return every figure of a reply in words, what is unknown as such; none for what is no reply."""
    return used_lines(message.usage, message.timing) if message.role is Role.ASSISTANT else ()


def failure_text(failure: Failure) -> str:
    """Return what happened and what to do about it."""
    if failure.retry_after is None:
        return failure.sentence
    wait = seconds(max(1000, failure.retry_after * 1000))
    return sentences(failure.sentence, tr("It asks to wait {time}.").format(time=wait))


def failure_actions(message: Message) -> tuple[str, ...]:
    """Return which actions help after a failure, the likeliest first."""
    failure = message.failure
    if failure is None:
        return ("retry",)
    found = ["settings"] if failure.kind in _SETTINGS else []
    if message.text and failure.kind in _IN_MID_REPLY:
        found.append("continue")
    return (*found, "retry")


def ending(message: Message) -> tuple[str, tuple[str, ...]] | None:
    """Return the mark under a reply that ended before its end, and the actions beside it."""
    if message.role is not Role.ASSISTANT:
        return None
    can_continue = ("continue",) if message.text else ()
    if message.state is MessageState.STOPPED:
        #: Under a reply that the user stopped
        return tr("Stopped"), can_continue or ("retry",)
    if message.state is MessageState.INTERRUPTED:
        return tr("Interrupted when Weir ended"), can_continue or ("retry",)
    if words := ending_words(message):
        goes_on = message.stop_reason in _GO_ON
        return words, (can_continue or ("retry",)) if goes_on else ("retry",)
    return None


def beginning(message: Message) -> str:
    """Return whose a message is and its first words."""
    text = first_words(message.text)
    return wording.pair(who(message), text) if text else who(message)


def said_of_end(message: Message) -> str:
    """Return what is said aloud when a reply has ended."""
    if message.state is MessageState.FAILED and message.failure is not None:
        return failure_text(message.failure)
    ended = ending(message)
    return ended[0] if ended is not None else tr("Reply finished")


def new_text(words: int, has_message: bool) -> str:
    """Return the label of the button that goes to the end; the number is coarse so that it stays calm."""
    if words >= 1000:
        return tr("%n new word(s)", "", words // 500 * 500)
    if words >= 20:
        return tr("%n new word(s)", "", words // 50 * 50 or 20)
    return tr("New text") if words or has_message else tr("Go to the end")


ACTION_WORDS = {
    #: What is done, on a button
    "copy": QT_TRANSLATE_NOOP("Timeline", "Copy"),
    "copy_message": QT_TRANSLATE_NOOP("Timeline", "Copy message"),
    "copy_plain": QT_TRANSLATE_NOOP("Timeline", "Copy message as plain text"),
    "copy_rich": QT_TRANSLATE_NOOP("Timeline", "Copy message as rich text"),
    "copy_thoughts": QT_TRANSLATE_NOOP("Timeline", "Copy message with its reasoning"),
    #: What is done, on a button
    "edit": QT_TRANSLATE_NOOP("Timeline", "Edit"),
    "retry": QT_TRANSLATE_NOOP("Timeline", "Try again"),
    "retry_with": QT_TRANSLATE_NOOP("Timeline", "Try again with…"),
    "compare": QT_TRANSLATE_NOOP("Timeline", "Compare replies"),
    #: Have the model write on from where it stopped
    "continue": QT_TRANSLATE_NOOP("Timeline", "Continue"),
    "delete": QT_TRANSLATE_NOOP("Timeline", "Delete"),
    #: Go on from this message in a conversation of its own
    "fork": QT_TRANSLATE_NOOP("Timeline", "Fork from here"),
    "inspect": QT_TRANSLATE_NOOP("Timeline", "Inspect the stream"),
    "settings": QT_TRANSLATE_NOOP("Timeline", "Open settings"),
    "previous": QT_TRANSLATE_NOOP("Timeline", "Previous version"),
    "next": QT_TRANSLATE_NOOP("Timeline", "Next version"),
}


def action(name: str) -> str:
    """Return what an action of a message is called."""
    return QCoreApplication.translate("Timeline", ACTION_WORDS[name])
