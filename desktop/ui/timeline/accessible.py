"""What the timeline tells screen readers by itself. Their view of it is in `accessible_list`."""

from typing import TYPE_CHECKING

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent, QAccessibleInterface

from desktop.ui import assist

if TYPE_CHECKING:
    from desktop.ui.timeline.accessible_list import TranscriptInterface
    from desktop.ui.timeline.view import Timeline

_Event = QAccessible.Event


def install() -> None:
    """Let Qt ask for the timeline's interface. Has to come before a timeline is first shown."""
    from desktop.ui.timeline.view import Timeline

    assist.offer(Timeline, _load)


def _load() -> assist.Maker:
    from desktop.ui.timeline.accessible_list import TranscriptInterface

    return TranscriptInterface


def changed(timeline: "Timeline") -> None:
    """Say that other messages are shown now, of which the last is named; the others are there to be read."""
    transcript = _transcript(timeline)
    if transcript is None:
        return
    known = {message.id for message in timeline.page.messages}
    transcript.drop_parts(lambda key: key[0] not in known)
    if timeline.page.messages:
        _tell(transcript.message(timeline.page.messages[-1].id), _Event.ObjectCreated)


def focused(timeline: "Timeline", message_id: str) -> None:
    """Say that the keyboard is at a message."""
    transcript = _transcript(timeline) if timeline.hasFocus() else None
    if transcript is not None and timeline.page.index_of(message_id) is not None:
        _tell(transcript.message(message_id), _Event.Focus)


def announce(timeline: "Timeline", text: str) -> None:
    """Have something said without moving the focus, once what is said now is over."""
    if QAccessible.isActive():
        event = QAccessibleAnnouncementEvent(timeline, text)
        event.setPoliteness(QAccessible.AnnouncementPoliteness.Polite)
        QAccessible.updateAccessibility(event)


def _transcript(timeline: "Timeline") -> "TranscriptInterface | None":
    """Return the timeline's interface while anybody may want it."""
    if not QAccessible.isActive():
        return None
    from desktop.ui.timeline.accessible_list import TranscriptInterface

    found = QAccessible.queryAccessibleInterface(timeline)
    return found if isinstance(found, TranscriptInterface) else None


def _tell(interface: QAccessibleInterface, event: QAccessible.Event) -> None:
    QAccessible.updateAccessibility(QAccessibleEvent(interface, event))
