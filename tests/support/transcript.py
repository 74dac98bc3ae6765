"""Messages for a timeline, and a timeline that notes its frames."""

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QCursor, QImage, QMouseEvent, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

from desktop.domain.message import Message, MessageState, Part, Role, TextPart
from desktop.ui.theme import Theme
from desktop.ui.timeline.page import Siblings
from desktop.ui.timeline.view import Timeline

MARKDOWN = """\
Use **exponential backoff** with *full jitter*: wait a random time between zero and a ceiling.

## Why

1. The server named a time in `Retry-After`.
2. Nothing was named; see [the notes](https://example.com/notes).
   - a nested point
   - and another, 東京 🎉

```python
async def send(tries=5):
    for attempt in range(tries):
        await wait(2 ** attempt)  # seconds
```

| Situation | Retry? | Wait |
|---|---|---:|
| 429 | yes | 4 s |
| 503 | yes | 1 s |

> Once text has arrived, never send the request again by yourself.

That is all there is to it, in one last paragraph that is long enough to need more than one line of the page.
"""


def prompt(number: int, text: str = "How do I retry?", **fields: Any) -> Message:
    """Return a prompt with the id p<number>."""
    return Message(
        id=f"p{number}",
        conversation_id="c",
        parent_id=None,
        role=Role.USER,
        parts=(TextPart(text),),
        created=1_700_000_000_000,
        **fields,
    )


def reply(number: int, *parts: Part | str, **fields: Any) -> Message:
    """Return a reply with the id r<number>; a part given as text is a text part."""
    fields.setdefault("model", "alpha")
    return Message(
        id=f"r{number}",
        conversation_id="c",
        parent_id=f"p{number}",
        role=Role.ASSISTANT,
        parts=tuple(TextPart(part) if isinstance(part, str) else part for part in parts),
        created=1_700_000_000_000,
        **fields,
    )


def streaming(number: int, *parts: Part | str) -> Message:
    """Return a reply that has yet to come."""
    return reply(number, *parts, state=MessageState.STREAMING)


def conversation(count: int, seed: int = 1) -> list[Message]:
    """Return `count` messages, prompts and replies in turn, of uneven length."""
    chance = random.Random(seed)
    paragraphs = MARKDOWN.split("\n\n")
    made = []
    for number in range(count // 2):
        text = "\n\n".join(chance.choices(paragraphs, k=chance.randint(1, 6)))
        made.append(prompt(number, f"Question {number}: " + "why is that so? " * chance.randint(1, 12)))
        made.append(reply(number, f"Answer {number}.\n\n{text}"))
    return made


def cut(text: str, seed: int = 1) -> list[str]:
    """Cut a text into pieces of a token's size."""
    chance = random.Random(seed)
    pieces = []
    while text:
        size = chance.randint(1, 6)
        pieces.append(text[:size])
        text = text[size:]
    return pieces


class WatchedTimeline(Timeline):
    """Notes every paint: its rectangle's height, and how far the end was from the lower edge."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.paints: list[int] = []
        self.gaps: list[int] = []
        self.theme = theme
        self.pointed = QPoint(-1, -1)
        super().__init__(theme, parent)

    def paintEvent(self, event: QPaintEvent) -> None:
        self.paints.append(event.rect().height())
        last = self.page.spots[-1] if self.page.spots else None
        if last is not None and self.page.is_pinned and self.page.total > self.page.height:
            self.gaps.append(self.page.height - self.page.look.px(8) - last.y - last.item.height)
        super().paintEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            self.pointed = event.position().toPoint()
        return super().viewportEvent(event)

    def point_at(self, qtbot: "QtBot", place: QPoint) -> None:
        """Move the screen's own pointer to a point of the viewport, and wait until that was heard of."""
        view = self.viewport()

        def is_there() -> bool:
            if self.pointed == place and view.underMouse():
                return True
            # Again, because the window manager may still be moving the window.
            QCursor.setPos(view.mapToGlobal(place - QPoint(1, 0)))
            QCursor.setPos(view.mapToGlobal(place))
            return False

        qtbot.waitUntil(is_there)
        self.settle()

    def open(self, messages: Sequence[Message], siblings: Siblings | None = None) -> None:
        """Show messages and let them be painted."""
        self.set_messages(messages, siblings)
        self.settle()

    def settle(self) -> None:
        """Let everything that is due happen."""
        for _ in range(3):
            QApplication.processEvents()
        while self.pacer.is_waiting:
            self.pacer.flush()
        QApplication.processEvents()

    def stream(self, pieces: Sequence[str], kind: str = "text") -> None:
        """Feed pieces, a frame for each; more frames for one that is too long for a frame."""
        for piece in pieces:
            self.feed(kind, piece)
            self.pacer.flush()
            while self.pacer.is_waiting:
                self.pacer.flush()

    def wheel(self, pixels: int, at: QPoint | None = None) -> None:
        """Turn the wheel over the text; positive pixels move the page up, as the fingers do."""
        view = self.viewport()
        place = QPointF(at or view.rect().center())
        event = QWheelEvent(
            place,
            view.mapToGlobal(place),
            QPoint(0, pixels),
            QPoint(0, pixels * 2),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(view, event)

    def line_y(self, message_id: str, text: str) -> int:
        """Return the y on screen of the line in which a text of a message stands."""
        spot = self.page.spot_of(message_id)
        assert spot is not None, f"{message_id} is not on screen"
        for section in spot.item.text_sections():
            assert section.flow is not None
            found = section.flow.find(text)
            if found:
                return spot.y + int(spot.item.rect_of((section.key, found[0][0])).top())
        raise AssertionError(f"“{text}” is not in {message_id}")

    def picture(self) -> QImage:
        """Return what the X server shows of the text."""
        QApplication.processEvents()
        view = self.viewport()
        at = view.mapTo(self.window(), QPoint(0, 0))
        screen = self.screen()
        return screen.grabWindow(self.window().winId(), at.x(), at.y(), view.width(), view.height()).toImage()


def shown_timeline(qtbot: "QtBot", width: int = 800, height: int = 600) -> WatchedTimeline:
    """Return a timeline in a window of its own, on the screen, the pointer away from it."""
    QCursor.setPos(QPoint(1590, 990))
    made = WatchedTimeline(Theme())
    made.theme.choose("light")
    made.resize(width, height)
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.show()
    made.settle()
    return made
