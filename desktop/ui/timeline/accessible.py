"""The timeline for screen readers: a list of messages, each with its text.

What is painted is invisible to assistive programs; this says the same in their terms.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAccessibleEvent,
    QAccessibleInterface,
    QColor,
    QWindow,
)
from PySide6.QtWidgets import QAccessibleWidget

from desktop.domain.message import Message, MessageState, ReasoningPart
from desktop.markup import inline
from desktop.ui.timeline import words
from desktop.ui.timeline.cut import cut_words
from desktop.ui.timeline.plain import plain_text, shown_sources
from desktop.ui.timeline.section import AFTER
from desktop.ui.wording import pair

if TYPE_CHECKING:
    from desktop.ui.timeline.view import Timeline

_MOST_TEXT = 20_000
# Behind the mark that ends a sentence and what closes with it; Chinese and Japanese leave no space.
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+|(?<=[。！？])|\n")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})\s*([\w+#-]*)")
_BLOCK_MARKS = re.compile(r"^\s*(?:(?:#{1,6}|>|[-*+]|\d{1,9}[.)]|\|)\s+)*")
_is_installed = False
# Qt keeps no Python reference to an interface, and one that is collected takes the process with it.
_interfaces: dict[int, list["TranscriptInterface"]] = {}
# Of a timeline that is gone Qt deletes the interface itself, after it has told us: until then it is here.
_gone: list["TranscriptInterface"] = []


def install() -> None:
    """Let Qt ask here for the timeline's interface. Has to come before a timeline is first shown."""
    global _is_installed
    if not _is_installed:
        _is_installed = True
        QAccessible.installFactory(_make)


def _make(class_name: str, watched: QObject | None) -> QAccessibleInterface | None:
    from desktop.ui.timeline.view import Timeline

    del class_name
    if not isinstance(watched, Timeline):
        return None
    key = id(watched)
    _gone.clear()
    if key not in _interfaces:
        _interfaces[key] = []
        watched.destroyed.connect(lambda: _forget(key))
    # Qt finds an interface by the object and its meta object, of which PySide makes another one with every
    # new kind of connection. It asks again then, and would delete twice what it is given twice.
    _interfaces[key].append(TranscriptInterface(watched))
    return _interfaces[key][-1]


def _forget(key: int) -> None:
    for made in _interfaces.pop(key, ()):
        made.drop_messages()
        _gone.append(made)


def changed(timeline: "Timeline") -> None:
    """Say that messages came or went."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleEvent(timeline, QAccessible.Event.ObjectReorder))


def announce(timeline: "Timeline", text: str) -> None:
    """Have something said without moving the focus."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(timeline, text))


class Voice:
    """Has the sentences of a growing reply said, each once, as soon as it is whole.

    Marks of Markdown are left out; of code only that it is there, since nobody can follow it by ear.
    """

    def __init__(self, say: Callable[[str], None], is_heard: Callable[[], bool]) -> None:
        """`say` has something said, `is_heard` tells whether anybody listens."""
        self._say = say
        self._is_heard = is_heard
        self._text = ""
        self._fence = ""
        self._is_line_start = True

    def hear(self, kind: str, text: str) -> None:
        """Take a delta."""
        if kind == "reasoning" or not self._is_heard():
            return
        self._text += text
        start = 0
        for end in _SENTENCE.finditer(self._text):
            is_line = end.group() == "\n" or "\n" in end.group()
            if not is_line and (self._fence or self._begins_fence(self._text[start:])):
                continue
            self._take(self._text[start : end.end()])
            start = end.end()
            self._is_line_start = is_line
        self._text = self._text[start:]

    def _begins_fence(self, text: str) -> bool:
        return self._is_line_start and text.lstrip().startswith(("```", "~~~"))

    def _take(self, piece: str) -> None:
        fence = _FENCE.match(piece) if self._is_line_start else None
        if self._fence:
            if fence is not None and fence.group(1).startswith(self._fence) and not fence.group(2):
                self._fence = ""
            return
        if fence is not None:
            self._fence, language = fence.groups()
            self._say(
                words.tr("Code in {language}").format(language=language) if language else words.tr("Code")
            )
            return
        bare = inline.parse(_BLOCK_MARKS.sub("", piece).strip(" |\n"), {}).text
        bare = " ".join(bare.replace("|", ", ").split())
        if any(char.isalnum() for char in bare):
            self._say(bare)

    def end(self, ending: str) -> None:
        """Say what is left, and how the reply ended."""
        if self._text and not self._fence:
            self._take(self._text)
        self._say(ending)
        self.forget()

    def forget(self) -> None:
        """Say nothing of what came."""
        self._text, self._fence, self._is_line_start = "", "", True


class TranscriptInterface(QAccessibleWidget):
    """The list of messages."""

    def __init__(self, timeline: "Timeline") -> None:
        super().__init__(timeline, QAccessible.Role.List, timeline.accessibleName())
        self._timeline = timeline
        self._messages: dict[str, MessageInterface] = {}
        self._ids: list[int] = []

    @property
    def timeline(self) -> "Timeline":
        """The widget."""
        return self._timeline

    def childCount(self) -> int:
        """Return how many messages and buttons there are."""
        return len(self._timeline.page.messages) + len(self._widgets())

    def _widgets(self) -> list[Any]:
        timeline = self._timeline
        shown = [timeline.marker.row, timeline.end_button, timeline.verticalScrollBar()]
        bar = timeline.open_find_bar
        return [widget for widget in (*shown, bar) if widget is not None and widget.isVisible()]

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """Return a message's interface, or that of a button."""
        messages = self._timeline.page.messages
        if 0 <= index < len(messages):
            return self._message(messages[index].id)
        widgets = self._widgets()
        rest = index - len(messages)
        return QAccessible.queryAccessibleInterface(widgets[rest]) if 0 <= rest < len(widgets) else None

    def _message(self, message_id: str) -> "MessageInterface":
        made = self._messages.get(message_id)
        if made is None:
            made = self._messages[message_id] = MessageInterface(self, message_id)
            self._ids.append(QAccessible.registerAccessibleInterface(made))
        return made

    def drop_messages(self) -> None:
        """Have Qt delete the messages' interfaces: nobody else would, and it still knows them."""
        for number in self._ids:
            QAccessible.deleteAccessibleInterface(number)
        self._ids.clear()
        self._messages.clear()

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """Return the place of a child, or -1."""
        if isinstance(child, MessageInterface):
            found = self._timeline.page.index_of(child.message_id)
            return -1 if found is None else found
        for number, widget in enumerate(self._widgets()):
            if child.object() is widget:
                return len(self._timeline.page.messages) + number
        return -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """Return what is at a point of the screen."""
        page = self._timeline.page
        at = self._timeline.viewport().mapFromGlobal(QPoint(x, y))
        for number, widget in enumerate(self._widgets()):
            if QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size()).contains(x, y):
                return self.child(len(page.messages) + number)
        spot = page.spot_at(at.y())
        return self._message(spot.item.message.id) if spot is not None else None


class MessageInterface(QAccessibleInterface):
    """One message: who said it and what it says."""

    def __init__(self, transcript: TranscriptInterface, message_id: str) -> None:
        super().__init__()
        self._transcript = transcript
        self.message_id = message_id

    @property
    def _message(self) -> Message | None:
        page = self._transcript.timeline.page
        index = page.index_of(self.message_id)
        return page.messages[index] if index is not None else None

    def isValid(self) -> bool:
        """Whether the message is still here."""
        return self._message is not None

    def object(self) -> QObject | None:  # type: ignore[override]
        """Return nothing: a message is no widget."""
        return None

    def window(self) -> QWindow | None:  # type: ignore[override]
        """Return the window it is in."""
        return self._transcript.timeline.window().windowHandle()

    def parent(self) -> QAccessibleInterface:
        """Return the list."""
        return self._transcript

    def childCount(self) -> int:
        """Return 0: the text is the message's own."""
        return 0

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """Return nothing."""
        del index
        return None

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """Return nothing."""
        del x, y
        return None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """Return -1: there is none."""
        del child
        return -1

    def role(self) -> QAccessible.Role:
        """Return what it is."""
        return QAccessible.Role.ListItem

    def text(self, kind: QAccessible.Text) -> str:
        """Return who and what as the name, and when and how fast as the description."""
        message = self._message
        if message is None:
            return ""
        if kind == QAccessible.Text.Name:
            return pair(words.who(message), self._words(message))[:_MOST_TEXT]
        if kind == QAccessible.Text.Value:
            return self._words(message)[:_MOST_TEXT]
        if kind == QAccessible.Text.Description:
            return ". ".join(filter(None, (words.when(message.created), *words.used(message))))
        return ""

    def _words(self, message: Message) -> str:
        growing = self._transcript.timeline.page.growing
        if growing is not None and growing.message.id == self.message_id:
            return "\n\n".join(plain_text(section.source) for section in growing.text_sections())
        texts = [
            plain_text(source, keep_breaks)
            for key, source, keep_breaks in shown_sources(message)
            if key < AFTER and not isinstance(message.parts[key], ReasoningPart)
        ]
        page = self._transcript.timeline.page
        index = page.index_of(message.id)
        if page.cut is not None and index and page.messages[index - 1].id == page.cut.after_id:
            texts.insert(0, cut_words(page.cut))
        ending = words.ending(message)
        if message.state is MessageState.FAILED and message.failure is not None:
            texts += [words.failure_text(message.failure), message.failure.words.strip()]
        elif ending is not None:
            texts.append(ending[0])
        return "\n\n".join(filter(None, texts))

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Change nothing: messages are read-only."""

    def rect(self) -> QRect:
        """Return where it is on the screen; empty while it is out of sight."""
        timeline = self._transcript.timeline
        spot = timeline.page.spot_of(self.message_id)
        if spot is None:
            return QRect()
        corner = timeline.viewport().mapToGlobal(QPoint(timeline.page.left, spot.y))
        return QRect(corner.x(), corner.y(), timeline.page.column_width, spot.item.height)

    def state(self) -> QAccessible.State:
        """Return that it is read-only, and whether it is out of sight."""
        state = QAccessible.State()
        state.readOnly = True
        state.multiLine = True
        state.selectableText = True
        if self._transcript.timeline.page.spot_of(self.message_id) is None:
            state.offscreen = True
        return state

    def backgroundColor(self) -> QColor:
        """Return the page's colour."""
        return self._transcript.timeline.page.look.color("bg")

    def foregroundColor(self) -> QColor:
        """Return the text's colour."""
        return self._transcript.timeline.page.look.color("text")
