"""The list of messages for screen readers, and each message with what it is made of."""

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget

from desktop.domain.message import Message, MessageState, ReasoningPart
from desktop.ui.access import NOTHING, Deed, Deeds, Is, Parent, Part
from desktop.ui.timeline import words
from desktop.ui.timeline.accessible_node import NodeInterface
from desktop.ui.timeline.acts import nodes_of
from desktop.ui.timeline.cut import cut_words, summary_words
from desktop.ui.timeline.marker import actions_of
from desktop.ui.timeline.plain import plain_text, shown_sources
from desktop.ui.timeline.reading import Node
from desktop.ui.timeline.section import AFTER
from desktop.ui.wording import pair

if TYPE_CHECKING:
    from desktop.ui.timeline.view import Timeline

_MOST_TEXT = 20_000


class TranscriptInterface(Parent, QAccessibleWidget):
    """The list of messages. Its parts are known by (message,) and (message, place of a node)."""

    def __init__(self, timeline: "Timeline") -> None:
        QAccessibleWidget.__init__(self, timeline, QAccessible.Role.List, timeline.accessibleName())
        Parent.__init__(self)
        self._timeline = timeline

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
            return self.message(messages[index].id)
        widgets = self._widgets()
        rest = index - len(messages)
        return QAccessible.queryAccessibleInterface(widgets[rest]) if 0 <= rest < len(widgets) else None

    def message(self, message_id: str) -> "MessageInterface":
        """Return the interface of a message."""
        made = self.part((message_id,), lambda: MessageInterface(self, message_id))
        assert isinstance(made, MessageInterface)  # noqa: S101 (for the type checker)
        return made

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
        return self.message(spot.item.message.id) if spot is not None else None

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        """Return the message that the keyboard is at."""
        timeline = self._timeline
        marker = timeline.marker
        if not (marker.is_keyboard and timeline.hasFocus()):
            return None
        is_here = timeline.page.index_of(marker.message_id) is not None
        return self.message(marker.message_id) if is_here else None


class MessageInterface(Part):
    """One message: who said it and what it says."""

    def __init__(self, transcript: TranscriptInterface, message_id: str) -> None:
        super().__init__()
        self.transcript = transcript
        self.message_id = message_id
        self._nodes: list[Node] = []
        self._seen: object = None
        self._deeds = Deeds(self._offered)

    @property
    def timeline(self) -> "Timeline":
        """The widget that shows it."""
        return self.transcript.timeline

    @property
    def _message(self) -> Message | None:
        page = self.timeline.page
        index = page.index_of(self.message_id)
        return page.messages[index] if index is not None else None

    def isValid(self) -> bool:
        """Whether the message is still here."""
        return self._message is not None

    def parent(self) -> QAccessibleInterface:
        """Return the list."""
        return self.transcript

    # What is inside

    def nodes(self) -> list[Node]:
        """Return what the message is made of now."""
        page = self.timeline.page
        message = self._message
        if message is None:
            return []
        growing = page.growing
        if growing is not None and growing.message.id == self.message_id:
            grown: object = tuple((section.key, len(section.source)) for section in growing.sections)
        else:
            grown = None
        folds = tuple(sorted(page.folds.get(self.message_id, {}).items()))
        seen = (id(message), grown, folds, page.siblings(self.message_id), id(page.cut))
        if seen != self._seen:
            self._seen = seen
            self._nodes = nodes_of(self.timeline, self.message_id)
        return self._nodes

    def node(self, path: tuple[int, ...]) -> Node | None:
        """Return the node at a place: its number, and those of what it is inside of before."""
        inside, found = self.nodes(), None
        for number in path:
            if number >= len(inside):
                return None
            found = inside[number]
            inside = found.children
        return found

    def part_at(self, path: tuple[int, ...]) -> NodeInterface:
        """Return the interface of the node at a place."""
        made = self.transcript.part((self.message_id, path), lambda: NodeInterface(self, path))
        assert isinstance(made, NodeInterface)  # noqa: S101 (for the type checker)
        return made

    def childCount(self) -> int:
        """Return of how many things the message is made."""
        return len(self.nodes())

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """Return one of them."""
        return self.part_at((index,)) if 0 <= index < len(self.nodes()) else None

    # What it is

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
        page = self.timeline.page
        growing = page.growing
        if growing is not None and growing.message.id == message.id:
            return "\n\n".join(plain_text(section.source) for section in growing.text_sections())
        texts = [
            plain_text(source, keep_breaks)
            for key, source, keep_breaks in shown_sources(message)
            if key < AFTER and not isinstance(message.parts[key], ReasoningPart)
        ]
        index = page.index_of(message.id)
        if page.cut is not None and index and page.messages[index - 1].id == page.cut.after_id:
            texts.insert(0, cut_words(page.cut))
            if page.cut.summary:
                texts.insert(1, summary_words(page.cut))
        ending = words.ending(message)
        if message.state is MessageState.FAILED and message.failure is not None:
            texts += [words.failure_text(message.failure), message.failure.words.strip()]
        elif ending is not None:
            texts.append(ending[0])
        return "\n\n".join(filter(None, texts))

    def rect(self) -> QRect:
        """Return where it is on the screen; empty while it is out of sight."""
        timeline = self.timeline
        spot = timeline.page.spot_of(self.message_id)
        if spot is None:
            return QRect()
        corner = timeline.viewport().mapToGlobal(QPoint(timeline.page.left, spot.y))
        return QRect(corner.x(), corner.y(), timeline.page.column_width, spot.item.height)

    def state(self) -> QAccessible.State:
        """Return that it is read-only, and whether it grows, is out of sight or has the keyboard."""
        timeline = self.timeline
        state = QAccessible.State()
        state.readOnly = True
        state.multiLine = True
        state.selectableText = True
        state.focusable = True
        message = self._message
        state.busy = message is not None and message.state is MessageState.STREAMING
        marker = timeline.marker
        is_marked = marker.is_keyboard and marker.message_id == self.message_id
        state.focused = is_marked and timeline.hasFocus()
        if timeline.page.spot_of(self.message_id) is None:
            state.offscreen = True
        return state

    # What can be done

    def interface_cast(self, kind: QAccessible.InterfaceType) -> Any:
        """Return what else it can do: the actions that its row of buttons has."""
        return self._deeds if kind is Is.ActionInterface else NOTHING

    def _offered(self) -> list[Deed]:
        message = self._message
        if message is None:
            return []
        timeline, message_id = self.timeline, self.message_id

        def point_out() -> None:
            timeline.show_message(message_id)
            timeline.setFocus()
            timeline.marker.point_out(message_id)

        def open_menu() -> None:
            at = self.rect().topLeft() if self.isValid() else QPoint()
            timeline.pointer.menu.open_more(message_id, at)

        deeds = [
            Deed(name, words.action(name), partial(timeline.marker.act, name, message_id))
            for name in actions_of(message)
            if name != "more"
        ]
        deeds.append(Deed("SetFocus", words.tr("Go to this message"), point_out))
        deeds.append(Deed("ShowMenu", words.tr("More actions"), open_menu))
        return deeds
