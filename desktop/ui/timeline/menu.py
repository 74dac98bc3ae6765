"""The menus of a timeline: what can be done with what is under the pointer, and with a message."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QMetaMethod, QPoint, SignalInstance
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QMenu

from desktop.domain.message import MessageState, Role
from desktop.ui.timeline import acts, words
from desktop.ui.timeline.under import Under

if TYPE_CHECKING:
    from desktop.ui.timeline.view import Timeline


class TimelineMenu:
    """Makes a fresh menu each time one is wanted, and does what is chosen in it."""

    def __init__(self, timeline: "Timeline") -> None:
        self._timeline = timeline
        self._menu: QMenu | None = None

    def open_at(self, event: QContextMenuEvent, found: Under) -> None:
        """Open the menu for what was found at the event's place, or for the message that has the keyboard."""
        timeline = self._timeline
        at = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            spot = timeline.page.spot_of(timeline.marker.message_id)
            place = QPoint(timeline.page.left, max(0, spot.y) if spot is not None else 0)
            found = Under()
            found.spot = spot
            at = timeline.viewport().mapToGlobal(place)
        menu = self._fresh_menu()
        if timeline.selection.bounds is not None:
            #: What is done, in a menu
            menu.addAction(words.tr("Copy"), timeline.copying.selection)
            menu.addAction(words.tr("Copy as plain text"), timeline.copying.plain_selection)
            menu.addSeparator()
        if found.picture and not timeline.inlays.is_shown(found.picture):
            menu.addAction(words.tr("Load picture"), partial(timeline.inlays.load, found.picture))
        if found.link:
            link = found.link
            menu.addAction(words.tr("Copy link address"), lambda: QGuiApplication.clipboard().setText(link))
        if found.code is not None:
            code = found.code.text
            menu.addAction(words.tr("Copy code"), lambda: QGuiApplication.clipboard().setText(code))
        if found.spot is not None:
            self._add_message_actions(menu, found.spot.item.message.id)
        menu.addSeparator()
        menu.addAction(words.tr("Select all"), timeline.select_all)
        menu.addAction(words.tr("Find…"), timeline.open_find)
        menu.popup(at)

    def open_more(self, message_id: str, at: QPoint) -> None:
        """Open the menu with the rarer actions of a message."""
        menu = self._fresh_menu()
        self._add_message_actions(menu, message_id)
        menu.popup(at)

    def _fresh_menu(self) -> QMenu:
        if self._menu is not None:
            self._menu.deleteLater()
        self._menu = QMenu(self._timeline)
        return self._menu

    def _is_wanted(self, signal: SignalInstance) -> bool:
        return self._timeline.isSignalConnected(QMetaMethod.fromSignal(signal))

    def _add_message_actions(self, menu: QMenu, message_id: str) -> None:
        timeline = self._timeline
        page = timeline.page
        index = page.index_of(message_id)
        if index is None:
            return
        message = page.messages[index]
        names = ["copy_message", "copy_plain", "copy_rich"]
        if message.reasoning:
            names.append("copy_thoughts")
        is_reply = message.role is Role.ASSISTANT
        place, number = page.siblings(message_id)
        if page.growing is None:
            names.append("retry" if is_reply else "edit")
            if is_reply and self._is_wanted(timeline.retry_with_requested):
                names.append("retry_with")
            if is_reply and message.text and words.ending(message) is not None:
                names.append("continue")
            if message.state is MessageState.FAILED:
                names += [name for name in words.failure_actions(message) if name not in names]
            names += ["previous"] if place > 0 else []
            names += ["next"] if place + 1 < number else []
            if self._is_wanted(timeline.delete_requested):
                names.append("delete")
            names.append("fork")
        if is_reply and number > 1 and self._is_wanted(timeline.compare_requested):
            names.append("compare")
        if is_reply and self._is_wanted(timeline.inspect_requested):
            names.append("inspect")
        for name in names:
            chosen = partial(timeline.marker.act, "copy" if name == "copy_message" else name, message_id)
            menu.addAction(words.action(name)).triggered.connect(chosen)
        acts.offer(menu, timeline, message_id)
