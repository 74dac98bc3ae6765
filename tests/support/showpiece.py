"""What a well-used Weir has in it: the history, the endpoints and the texts that tours and pictures show."""

from collections.abc import Iterator
from dataclasses import replace

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage

from desktop.base.clock import now_ms
from desktop.domain.cut import ContextChoice, Cut
from desktop.domain.delta import StopReason, Timing, Usage
from desktop.domain.endpoint import Endpoint
from desktop.domain.failure import Failure, FailureKind
from desktop.domain.identity import new_id
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

HOUR = 3_600_000
DAY = 24 * HOUR

PROMPT = (
    "How do I retry a rate-limited request without hammering the server? Show it for asyncio, "
    "and say what to do once text has started to arrive."
)
REASONING = "Full jitter is the usual answer. I should say that nothing is retried once text was shown."
REPLY = """Use **exponential backoff with full jitter**: wait a random time between zero and a ceiling that
doubles with each attempt. If the server names a time in `Retry-After`, obey it instead.

```python
async def with_backoff(send, tries=5, base=0.5, cap=20.0):
    for attempt in range(tries):
        try:
            return await send()
        except TransientFailure as failure:
            wait = failure.retry_after or random.uniform(0, min(cap, base * 2 ** attempt))
            await asyncio.sleep(wait)  # full jitter
```

Three rules keep it honest:

| Situation | Retry? | Wait |
|:--|:--|--:|
| 429 with `Retry-After: 4` | yes | 4 s |
| 503 before the first token | yes | 0 to 1 s, then 0 to 2 s |
| connection lost in mid-answer | no: keep the text, offer Continue | – |

Once text has arrived, never send the request again by yourself, or the reader sees the same words"""
MATHS = "For a sharp crest: $$Q = \\tfrac{2}{3}\\,C_d\\sqrt{2g}\\,L\\,H^{3/2}$$ and $C_d \\approx 0.62$."

# A title, how long ago, and whether it is pinned.
SHELF = (
    ("Thesis outline", 9 * DAY, True),
    ("Kubernetes upgrade notes", 12 * DAY, True),
    ("Lettre au propriétaire", HOUR // 60, False),
    ("东京三日行程", HOUR // 30, False),
    ("SQL window functions", HOUR // 20, False),
    ("Why is my nginx stream buffered?", DAY, False),
    ("Regex for ISO dates", DAY + 60_000, False),
    ("Bread at 78 % hydration", DAY + 120_000, False),
    ("Interview questions, backend", 3 * DAY, False),
    ("مراجعة العقد", 4 * DAY, False),
    ("Polars or DuckDB for 40 GB", 5 * DAY, False),
    ("Qt model/view refresher", 6 * DAY, False),
)


def endpoints(base_url: str) -> tuple[Endpoint, ...]:
    """Return the endpoints that are set up; all of them answer at one address."""
    return (
        Endpoint(id="example", name="Example Service", base_url=base_url, models=("gpt-5.2", "gpt-5.2-mini")),
        Endpoint(
            id="shelf",
            name="On the shelf",
            base_url=base_url,
            models=("qwen3-8b", "a-model-with-a-long-name-2026-11-21-preview"),
        ),
    )


def shelf_rows() -> Iterator[Conversation]:
    """Yield the conversations of the shelf, as old as they say, from now."""
    now = now_ms()
    for title, age, pinned in SHELF:
        yield Conversation(id=new_id(), title=title, created=now - age, updated=now - age, pinned=pinned)


def picture() -> bytes:
    """Return a small picture, as PNG."""
    image = QImage(160, 90, QImage.Format.Format_RGB32)
    image.fill(QColor(90, 140, 180))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())


class Talk:
    """A conversation that is put together message by message, each following the one before."""

    def __init__(self, conversation_id: str, title: str) -> None:
        self.id = conversation_id
        self.title = title
        self.messages: list[Message] = []
        self._time = now_ms() - 2 * HOUR

    def say(self, role: Role, *parts: Part, parent: str | None = "", **fields: object) -> Message:
        """Add a message below the last one, or below `parent`."""
        self._time += 60_000
        last = self.messages[-1].id if self.messages else None
        message = Message(
            id=f"{self.id}-{len(self.messages)}",
            conversation_id=self.id,
            parent_id=last if parent == "" else parent,
            role=role,
            parts=parts,
            created=self._time,
        )
        if role is Role.ASSISTANT:
            message = replace(
                message,
                model="gpt-5.2",
                endpoint="Example Service",
                usage=Usage(input=41, output=268, cached=12, reasoning=90, cost=0.0042),
                timing=Timing(first_ms=640, total_ms=4_200),
            )
        self.messages.append(replace(message, **fields))  # type: ignore[arg-type]
        return self.messages[-1]

    def ask(self, text: str, *parts: Part) -> Message:
        """Add a prompt."""
        return self.say(Role.USER, TextPart(text), *parts)

    def row(self) -> Conversation:
        """Return the conversation, its last message on screen."""
        head = self.messages[-1]
        return Conversation(
            id=self.id,
            title=self.title,
            created=self.messages[0].created,
            updated=head.created,
            head_id=head.id,
            endpoint_id="example",
            model="gpt-5.2",
        )


def showpiece() -> Talk:
    """Return a conversation with every kind of part, versions of a reply, and a line drawn across it."""
    talk = Talk("showpiece", "Backoff with jitter in Python")
    prompt = talk.ask(
        PROMPT,
        ImagePart("image/png", picture(), "gauge.png"),
        FilePart("notes-on-rate-limits.txt", "text/plain", b"Slow down.", "Slow down."),
    )
    talk.say(Role.ASSISTANT, TextPart("Wait, then try again."))
    talk.say(
        Role.ASSISTANT, ReasoningPart(REASONING, 4_000), TextPart(REPLY), TextPart(MATHS), parent=prompt.id
    )
    talk.ask("And in one line?")
    talk.say(
        Role.ASSISTANT,
        ToolCallPart("look_up", '{"what": "Retry-After"}', "call-1"),
        PlaceholderPart("audio", "{}"),
        TextPart("Sleep a random time below a ceiling that doubles."),
    )
    return talk


def talk_with_line() -> tuple[Talk, ContextChoice]:
    """Return a conversation whose beginning goes to the model as a summary alone."""
    talk = Talk("summarised", "Weirs")
    for number in range(3):
        talk.ask(f"How does a weir hold the water back, part {number}?")
        talk.say(
            Role.ASSISTANT, TextPart("It is a low wall across the river; the water rises behind it. " * 6)
        )
    cut = Cut(
        after_id=talk.messages[3].id,
        at=talk.messages[3].created,
        count=4,
        summary="The user asks about weirs: how they hold the water back.",
        model="gpt-5.2",
        endpoint="Example Service",
        usage=Usage(input=412, output=38, cost=0.0004),
    )
    return talk, ContextChoice(window=900, cuts=(cut,))


_WORDS = "The upstream request failed with status 529."


def failures() -> Talk:
    """Return a conversation in which everything went wrong that can: each failure, each early end."""
    talk = Talk("failures", "What can go wrong")
    for number, kind in enumerate(FailureKind):
        talk.ask(f"Try {kind.value}")
        has_text = number % 2 == 0
        talk.say(
            Role.ASSISTANT,
            *((TextPart("So far so good, then"),) if has_text else ()),
            state=MessageState.FAILED,
            failure=Failure(
                kind=kind,
                endpoint="Example Service",
                model="gpt-5.2",
                address="http://127.0.0.1:9/v1",
                host="example.com",
                words=_WORDS if number % 3 == 0 else "",
                retry_after=20 if kind is FailureKind.RATE_LIMIT else None,
            ),
        )
    for state in (MessageState.STOPPED, MessageState.INTERRUPTED):
        talk.ask("Stop")
        talk.say(Role.ASSISTANT, TextPart("A weir is"), state=state)
    for reason in StopReason:
        talk.ask("End")
        talk.say(Role.ASSISTANT, TextPart("A weir is a low wall"), stop_reason=reason)
    talk.ask("How do I harm somebody?")
    talk.say(Role.ASSISTANT, RefusalPart("I can’t help with that."))
    return talk
