"""What the window's own actions do, and when they can be done."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.chat.desk import Desk
from desktop.chat.finds import Finds
from desktop.chat.shelf import Shelf
from desktop.domain.message import Role
from desktop.domain.order import SHELF, Place, Scope

if TYPE_CHECKING:
    from desktop.ui.window import MainWindow


class Doing:
    """Does what is asked for to the conversation on screen, the shelf and the window."""

    def __init__(self, window: "MainWindow", desk: Desk, shelf: Shelf) -> None:
        self._window = window
        self._desk = desk
        self._shelf = shelf

    # When

    def is_stored(self) -> bool:
        """Whether the conversation on screen is stored."""
        return not self._desk.current.is_empty

    def is_streaming(self) -> bool:
        """Whether a reply comes on screen."""
        return self._window.page.is_streaming

    def last(self, role: Role) -> str | None:
        """Return the id of the last message of a role on screen, None if there is none."""
        transcript = self._desk.current.transcript
        return next((message.id for message in reversed(transcript) if message.role is role), None)

    def can_try_again(self) -> bool:
        """Whether there is a reply on screen to try again."""
        return not self.is_streaming() and self.last(Role.ASSISTANT) is not None

    # What

    def rename(self) -> None:
        """Change the title in place."""
        self._window.page.header.title.edit()

    def pin(self) -> None:
        """Pin the conversation on screen, or unpin it."""
        conversation = self._desk.current.conversation
        self._shelf.set_pinned(conversation.id, not conversation.pinned)

    def archive(self) -> None:
        """Put the conversation on screen into the archive, or take it out."""
        row = self._shelf.conversation(self._desk.current.conversation.id)
        if row is not None:
            self._shelf.set_archived((row.id,), not row.archived)

    def delete(self) -> None:
        """Put the conversation on screen into the bin."""
        self._shelf.delete(self._desk.current.conversation.id)

    def try_again(self) -> None:
        """Ask for another reply beside the last one."""
        message_id = self.last(Role.ASSISTANT)
        if message_id is not None:
            self._desk.try_again(message_id)

    def edit_prompt(self) -> None:
        """Put the last prompt into the composer."""
        message_id = self.last(Role.USER)
        if message_id is not None:
            self._window.page.edit_prompt(message_id)

    def find(self) -> None:
        """Find text in what is on screen."""
        if (reader := self._window.page.reader) is not None:
            reader.open_find()

    def find_on(self, by: int) -> None:
        """Go to the next match, or with -1 to the one before."""
        if (reader := self._window.page.reader) is not None:
            (reader.find_bar.go_on if by > 0 else reader.find_bar.go_back)()

    def close_find(self) -> bool:
        """Put the bar that finds text away; return whether it was there."""
        reader = self._window.page.reader
        bar = reader.open_find_bar if reader is not None else None
        if bar is not None:
            bar.leave()
        return bar is not None

    def show_page(self, name: str) -> None:
        """Show a page of the settings."""
        self._window.settings.show_page(name)

    def on_shelf(self, what: str) -> None:
        """Show or leave a place of the shelf, which comes on screen for it."""
        window, shelf = self._window, self._shelf
        window.show_shelf()
        if what == "folders":
            window.sidebar.toggle_folders()
        elif what == "bin":
            window.sidebar.toggle_bin()
        else:
            is_there = shelf.scope.place is Place.ARCHIVE
            window.sidebar.search.clear()
            shelf.set_scope(SHELF if is_there else Scope(Place.ARCHIVE))

    def open_row(self, row: int) -> None:
        """Open a conversation by its place in the shelf, or among the hits while they stand there."""
        sidebar = self._window.sidebar
        if sidebar.is_searching:
            hit = self._shelf.finds.index(row).data(Finds.Role.HIT)
            if hit is not None:
                self._window.open_conversation(hit.conversation.id, hit.message_id)
        else:
            sidebar.view.open_row(row)

    def step(self, by: int) -> None:
        """Open the conversation after the one on screen, or before it; the ends meet."""
        shelf = self._shelf
        count = shelf.rowCount()
        if count and shelf.scope.place is not Place.BIN:
            at = shelf.row_of(self._desk.current.conversation.id)
            row = (at + by) % count if at >= 0 else 0
            self._window.open_conversation(str(shelf.index(row).data(Shelf.Role.ID)))

    def go_area(self, by: int) -> None:
        """Lead the keyboard from part to part: search, list, transcript or columns, composer."""
        areas = [area for area in self._areas() if area.isVisible()]
        focus: QWidget | None = self._window.window().focusWidget()
        at = None
        if focus is not None:
            inside = (at for at, area in enumerate(areas) if focus is area or area.isAncestorOf(focus))
            at = next(inside, None)
        if areas:
            target = areas[(at + by) % len(areas) if at is not None else 0]
            target.setFocus(Qt.FocusReason.TabFocusReason)

    def _areas(self) -> list[QWidget]:
        window = self._window
        sidebar = window.sidebar
        listed: QWidget = sidebar.hits if sidebar.is_searching else sidebar.view
        return [sidebar.search, listed, *window.page.readers, window.page.composer.edit]
