"""Serving: does what the timelines of a page ask for, in the middle or in a column."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from desktop.chat.desk import Desk
from desktop.chat.endpoints import Endpoints
from desktop.ui.code_file import CodeFile
from desktop.ui.keymap import matches_default
from desktop.ui.links import open_link

if TYPE_CHECKING:
    from desktop.ui.timeline.remote import PictureSource
    from desktop.ui.timeline.view import Timeline


class Serving(QObject):
    """Connects timelines with what deletes, forks, saves, opens and explains what is in them.

    What is asked for is about the desk's current conversation. `failed` says in words why code could
    not be saved, `undo_offered` carries a key, words and what undoes it. `settings_requested` carries
    the id of the endpoint that wants looking after, empty where it is gone; `network_requested` follows
    where the way to it does.
    """

    failed = Signal(str)
    undo_offered = Signal(str, str, object)
    settings_requested = Signal(str)
    network_requested = Signal()

    def __init__(self, desk: Desk, endpoints: Endpoints, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self._endpoints = endpoints
        self.code_file = CodeFile(parent)
        self.code_file.failed.connect(self.failed)
        self.key_test: Callable[[str, QKeyEvent], bool] = matches_default
        self.on_inspect: Callable[[str], None] | None = None
        self.picture_source: PictureSource | None = None

    def serve(self, timeline: "Timeline") -> None:
        """Do from now on what a timeline asks for."""
        timeline.inlays.source = self.picture_source
        timeline.marker.row.matches = self.key_test
        timeline.settings_requested.connect(self._on_settings)
        timeline.code_save_requested.connect(self.code_file.save)
        timeline.delete_requested.connect(self._on_delete)
        timeline.fork_requested.connect(self._desk.fork)
        if self.on_inspect is not None:
            timeline.inspect_requested.connect(self.on_inspect)
        timeline.link_activated.connect(open_link)

    def _on_settings(self, message_id: str) -> None:
        from desktop.ui.timeline.words import NETWORK_KINDS

        message = self._desk.current.message(message_id)
        name = message.endpoint if message is not None else ""
        named = (item for item in self._endpoints.endpoints if item.name == name and not item.embedded)
        endpoint = next(named, None)
        kind = message.failure.kind if message is not None and message.failure is not None else None
        if kind in NETWORK_KINDS and (endpoint is None or not endpoint.network.proxy):
            self.network_requested.emit()
        else:
            self.settings_requested.emit(endpoint.id if endpoint is not None else "")

    def _on_delete(self, message_id: str) -> None:
        live = self._desk.current
        removed = self._desk.delete_message(message_id)
        if removed is None:
            return
        number = len(removed.messages)
        words = (
            self.tr("The message was deleted.")
            if number == 1
            else self.tr("The message and what follows it were deleted.")
        )
        undo = partial(self._desk.restore_messages, live.conversation.id, removed)
        self.undo_offered.emit(f"deleted {message_id}", words, undo)
