"""What is being written: a text with attachments for each conversation, and earlier prompts being changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFileDialog

from desktop.chat.attachments import Attachments
from desktop.chat.conversation import LiveConversation
from desktop.chat.desk import Desk
from desktop.domain.message import Message, Role
from desktop.ui.composer import Composer
from desktop.ui.last_folder import open_in_last_folder

_AGAIN_MS = 50


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the composer."""

    text: str
    attachments: Attachments


class Writing(QObject):
    """Puts into the composer what belongs there, and sends it.

    `refused` says in words why something can't be attached.
    """

    refused = Signal(str)

    def __init__(self, composer: Composer, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._composer = composer
        self._desk = desk
        self._attachments: dict[str, Attachments] = {}
        self._edited_id = ""
        self._before_edit: Draft | None = None
        self._key = desk.draft_key
        self._put("", self._new_attachments())
        composer.text_changed.connect(self._on_text_changed)
        desk.drafts.loaded.connect(self._on_drafts_loaded)
        composer.send_requested.connect(self.send)
        composer.cancelled.connect(self.leave_edit)
        composer.attach_requested.connect(self.choose_files)
        composer.recall_requested.connect(self.edit_last)

    @property
    def edited_id(self) -> str:
        """The earlier prompt that is being changed, empty where none is."""
        return self._edited_id

    def turn_to(self, before: LiveConversation | None, live: LiveConversation) -> None:
        """Keep what was written for a conversation, and show what was written for another."""
        self._composer.edit.commit_preedit()
        self.leave_edit()
        drafts = self._desk.drafts
        if self._desk.is_restoring and not self._composer.is_empty:
            # What is typed while the last conversation is still on its way is meant for it.
            typed = self._composer.text()
            drafts.keep(self._key, "")
            self._key = self._key_of(live)
            kept = drafts.text(self._key)
            if kept:
                self._composer.set_text(f"{kept}\n{typed}")
            else:
                drafts.keep(self._key, typed)
            return
        if before is not None:
            self._attachments[self._key] = self._composer.attachments
        self._composer.set_once(None)
        self._key = self._key_of(live)
        attachments = self._attachments.pop(self._key, None) or self._new_attachments()
        self._put(drafts.text(self._key), attachments)

    def send(self, text: str) -> None:
        """Send a prompt; its text and attachments leave the composer once it was taken."""
        parts, once = self._composer.attachments.parts, self._composer.once
        if self._edited_id:
            if self._desk.edit(self._edited_id, text, parts, once=once):
                self.leave_edit()
                self._composer.set_once(None)
            return
        key = self._key
        if self._desk.send(text, parts, once=once):
            self._desk.drafts.keep(key, "")
            self._key = self._key_of(self._desk.current)
            self._put("", self._new_attachments())
            self._composer.set_once(None)

    def edit(self, message: Message) -> None:
        """Put an earlier prompt into the composer; what was being written comes back afterwards."""
        self._composer.edit.commit_preedit()
        if not self._edited_id:
            self._before_edit = Draft(self._composer.text(), self._composer.attachments)
        self._edited_id = message.id
        self._put(message.text, self._new_attachments())
        self._composer.set_editing(True)
        self._composer.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def edit_last(self) -> None:
        """Put the last prompt of the branch on screen into the composer, if there is one."""
        transcript = self._desk.current.transcript
        last = next((message for message in reversed(transcript) if message.role is Role.USER), None)
        if last is not None:
            self.edit(last)

    def leave_edit(self) -> None:
        """Leave the earlier prompt as it was."""
        if not self._edited_id:
            return
        self._composer.set_editing(False)
        before, self._before_edit = self._before_edit, None
        if before is not None:
            self._put(before.text, before.attachments)
        self._edited_id = ""

    def choose_files(self) -> None:
        """Ask for files to attach."""
        dialog = QFileDialog(self._composer.window(), self.tr("Attach files"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        open_in_last_folder(dialog, "attach")
        dialog.filesSelected.connect(self._on_files)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_text_changed(self) -> None:
        if not self._edited_id:
            self._desk.drafts.keep(self._key, self._composer.text())

    def _on_drafts_loaded(self) -> None:
        if self._desk.is_restoring:
            # The draft of the conversation on its way is shown with it.
            QTimer.singleShot(_AGAIN_MS, self, self._on_drafts_loaded)
            return
        kept = self._desk.drafts.text(self._key)
        if kept != self._composer.text() and not self._edited_id:
            self._composer.set_text(kept)

    def _on_files(self, paths: Sequence[str]) -> None:
        self._composer.attachments.add_files([Path(path) for path in paths])
        self._composer.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _put(self, text: str, attachments: Attachments) -> None:
        self._composer.set_text(text)
        self._composer.set_attachments(attachments)

    def _new_attachments(self) -> Attachments:
        attachments = self._desk.new_attachments()
        attachments.setParent(self)
        attachments.refused.connect(self.refused)
        return attachments

    def _key_of(self, live: LiveConversation) -> str:
        """Return what a conversation's draft goes by: all new ones of a window share one."""
        return self._desk.draft_key if live.is_empty else live.conversation.id
