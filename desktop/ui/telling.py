"""What the window says in passing: what went wrong, what can be undone, where keys come from."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from desktop.chat.arrivals import Mark
from desktop.chat.desk import Desk
from desktop.chat.endpoints import Endpoints
from desktop.chat.ports import KeySource
from desktop.chat.removed import Removed
from desktop.chat.shelf import Shelf
from desktop.domain.order import Folder
from desktop.ui.controls import announce
from desktop.ui.notices import UNDO_SECONDS, Notices

_REFUSED_SECONDS = 6


class ModelList(Protocol):
    """The list of models while it is open: it shows its own failures."""

    def isVisible(self) -> bool:
        """Whether it is open."""
        ...

    def show_failure(self, words: str) -> None:
        """Show why it is not what it should be."""
        ...


class Telling(QObject):
    """Turns what desk, shelf and endpoints report into notices; `settings_wanted` asks for the settings.

    What is no single window's matter is said in the one in front.
    """

    settings_wanted = Signal()

    def __init__(
        self,
        notices: Notices,
        desk: Desk,
        shelf: Shelf,
        endpoints: Endpoints,
        model_list: Callable[[], ModelList | None],
        parent: QObject,
    ) -> None:
        """`model_list` returns the list of models, or None while there is none."""
        super().__init__(parent)
        self._notices = notices
        self._desk = desk
        self._shelf = shelf
        self._endpoints = endpoints
        self._model_list = model_list
        self._told_variables: set[str] = set()
        self.settings_notices: Callable[[], Notices | None] = lambda: None
        """Where the settings window shows notices while it is open."""
        self._shown_id = self._left_id = self._wanted_id = ""
        desk.current_changed.connect(self._on_current_changed)
        desk.failed.connect(self._on_failed)
        shelf.failed.connect(self._on_failed)
        shelf.deleted.connect(self._on_deleted)
        shelf.order.folder_deleted.connect(self._on_folder_deleted)
        shelf.rowsInserted.connect(self._on_rows_inserted)
        endpoints.failed.connect(self._on_endpoints_failed)
        endpoints.key_changed.connect(self._on_key_changed)
        endpoints.removed.connect(self._on_endpoint_removed)

    def tell(self, key: str, words: str, tone: str) -> None:
        """Say something; see `Notices.show_notice`."""
        self._notices.show_notice(key, words, tone=tone, lasts=_REFUSED_SECONDS if key == "refused" else 0)

    def offer_undo(self, key: str, words: str, undo: Callable[[], object]) -> None:
        """Say what was done, and for a while offer to undo it."""
        self._notices.show_notice(key, words, action=self.tr("Undo"), do=undo, lasts=UNDO_SECONDS)

    def offer_report(self, report: Path) -> None:
        """Say that something went wrong in the run before, and offer what is known of it."""
        words = self.tr(
            "Something went wrong in Weir last time. A report of it is on this computer; it was sent nowhere."
        )
        show = partial(QDesktopServices.openUrl, QUrl.fromLocalFile(str(report)))
        self._notices.show_notice("report", words, action=self.tr("Show the report"), do=show)

    def _on_current_changed(self) -> None:
        self._left_id, self._shown_id = self._shown_id, self._desk.current.conversation.id

    def _on_failed(self, words: str) -> None:
        self._notices.show_notice("failed", words, tone="warn")

    def _on_endpoints_failed(self, words: str) -> None:
        if not self._desk.is_front:
            return
        shown = self._model_list()
        if shown is not None and shown.isVisible():
            shown.show_failure(words)
        else:
            self._notices.show_notice("endpoints", words, tone="warn")

    def _on_deleted(self, conversation_ids: tuple[str, ...], title: str) -> None:
        words = self.tr("“{title}” was deleted.").format(title=title or self.tr("New conversation"))
        if len(conversation_ids) > 1:
            words = self.tr("%n conversation(s) were deleted.", "", len(conversation_ids))
        shown_id = self._left_id if self._left_id in conversation_ids else ""
        undo = partial(self._restore, conversation_ids, shown_id)
        self.offer_undo(f"deleted {conversation_ids[0]}", words, undo)

    def _on_folder_deleted(self, folder: Folder, conversation_ids: tuple[str, ...]) -> None:
        words = self.tr("The folder “{name}” was deleted. What was in it is kept.").format(name=folder.name)
        undo = partial(self._shelf.restore_folder, folder, conversation_ids)
        self.offer_undo(f"folder {folder.id}", words, undo)

    def _on_endpoint_removed(self, removed: Removed) -> None:
        if not self._desk.is_front:
            return
        name = removed.endpoint.name
        words = self.tr("The endpoint “{name}” was removed.").format(name=name)
        # Where it was removed, if that is open: behind it nobody would see the way back.
        notices = self.settings_notices() or self._notices
        notices.show_notice(
            f"endpoint {removed.endpoint.id}",
            words,
            action=self.tr("Undo"),
            do=partial(self._endpoints.restore, removed),
            lasts=UNDO_SECONDS,
        )

    def _restore(self, conversation_ids: tuple[str, ...], shown_id: str) -> None:
        self._wanted_id = shown_id
        self._shelf.restore(*conversation_ids)

    def _on_rows_inserted(self) -> None:
        wanted = self._wanted_id
        if wanted and self._shelf.row_of(wanted) >= 0:
            self._wanted_id = ""
            if self._desk.current.is_empty:
                self._desk.open(wanted)

    def tell_of_arrival(self, conversation_id: str, mark: str) -> None:
        """Have a screen reader say that a reply came, or failed, out of sight; the shelf shows it."""
        if not self._desk.is_front:
            return
        row = self._shelf.conversation(conversation_id)
        title = row.title if row is not None else ""
        words = (
            self.tr("The reply in “{title}” failed.")
            if mark == Mark.FAILED
            else self.tr("A reply has come in “{title}”.")
        )
        announce(self._notices, words.format(title=title))

    def _on_key_changed(self, endpoint_id: str) -> None:
        if not self._desk.is_front:
            return
        endpoint = self._endpoints.endpoint(endpoint_id)
        if not endpoint_id:
            self._tell_of_keyring()
        elif endpoint is not None and self._endpoints.key_source(endpoint_id) is KeySource.ENVIRONMENT:
            self._tell_of_variable(endpoint_id, endpoint.name)

    def _tell_of_keyring(self) -> None:
        needs_keys = any(endpoint.key is not None for endpoint in self._endpoints.endpoints)
        if needs_keys and self._endpoints.is_ready and self._endpoints.keyring_name is None:
            self._notices.show_notice(
                "keyring",
                self.tr("This computer has no keyring that Weir can use. Keys are kept for this run only."),
                tone="warn",
                action=self.tr("Settings"),
                do=self.settings_wanted.emit,
            )

    def _tell_of_variable(self, endpoint_id: str, name: str) -> None:
        if endpoint_id not in self._told_variables:
            self._told_variables.add(endpoint_id)
            words = self.tr("{endpoint}: {key}.").format(
                endpoint=name, key=self._endpoints.key_words(endpoint_id)
            )
            self._notices.show_notice(f"variable {endpoint_id}", words, lasts=UNDO_SECONDS)
