"""ReadingPlaces: a conversation that is opened again is where its reader left it."""

import json
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from desktop.ui import preferences as names
from desktop.ui.preferences import Preferences

if TYPE_CHECKING:
    from desktop.ui.timeline.view import Timeline

MOST_KEPT = 60
"""Of so many conversations the place is kept, of those that were read last. The others open at their end."""

KEEP_AFTER_MS = 1_000

Place = tuple[str, float]
"""A message and where in it the view begins: a share of its height, or pixels above it below zero."""


class ReadingPlaces(QObject):
    """Keeps which line of each conversation was at the top of the view; one read at its end has no place.

    Whoever shows a conversation says `leave` before it shows another one, and `come_back` when its
    messages are there, again when more of them have come.
    """

    def __init__(self, preferences: Preferences, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._timeline: Timeline | None = None
        self._conversation_id = ""
        self._due: Place | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(KEEP_AFTER_MS)
        self._timer.timeout.connect(self.keep)

    def come_back(self, timeline: "Timeline", conversation_id: str) -> None:
        """Bring a conversation's transcript to where its reader was."""
        if self._timeline is None:
            timeline.verticalScrollBar().valueChanged.connect(self._on_moved)
        is_new = conversation_id != self._conversation_id
        self._timeline, self._conversation_id = timeline, conversation_id
        if is_new:
            self._due = self._read().get(conversation_id)
        self._put_back()

    def leave(self) -> None:
        """Keep where the reader is: another conversation comes on screen."""
        self.keep()
        self._conversation_id, self._due = "", None

    def keep(self) -> None:
        """Keep where the reader is now."""
        self._timer.stop()
        if not self._conversation_id or self._timeline is None or self._due is not None:
            return
        kept = self._read()
        before = kept.pop(self._conversation_id, None)
        place = self._place(self._timeline)
        if place is not None:
            kept[self._conversation_id] = place
        if place != before:
            newest = list(kept.items())[-MOST_KEPT:]
            rows = [[name, message_id, share] for name, (message_id, share) in newest]
            self._preferences.write(names.READING, json.dumps(rows, separators=(",", ":")) if rows else "")

    def _place(self, timeline: "Timeline") -> Place | None:
        page = timeline.page
        if page.is_pinned or page.is_at_end or not page.spots:
            return None
        spot = page.spots[0]
        share = -spot.y / max(1, spot.item.height) if spot.y <= 0 else float(-spot.y)
        return spot.item.message.id, round(share, 4)

    def _put_back(self) -> None:
        timeline, due = self._timeline, self._due
        if timeline is None or due is None:
            return
        page = timeline.page
        if not page.width:
            # It is not laid out yet; nothing of it was painted either.
            QTimer.singleShot(0, self, self._put_back)
            return
        if not page.is_pinned:
            # The reader has moved meanwhile.
            self._due = None
            return
        index = page.index_of(due[0])
        if index is None:
            return
        self._due = None
        height = page.item(index).height
        page.show(index, round(-due[1] * height) if due[1] >= 0 else round(-due[1]))
        timeline.refresh()

    def _on_moved(self) -> None:
        if self._conversation_id and not self._timer.isActive():
            self._timer.start()

    def _read(self) -> dict[str, Place]:
        try:
            rows = json.loads(self._preferences.read(names.READING, "") or "[]")
            return {str(name): (str(message_id), float(share)) for name, message_id, share in rows}
        except (ValueError, TypeError):
            return {}
