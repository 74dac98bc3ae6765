"""What is being written: a text with attachments for each conversation, and earlier prompts being changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog

from desktop.chat.attachments import Attachments
from desktop.chat.conversation import LiveConversation
from desktop.chat.desk import Desk
from desktop.domain.message import Message
from desktop.ui.composer import Composer


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
        self._drafts: dict[str, Draft] = {}
        self._edited_id = ""
        self._before_edit: Draft | None = None
        self._put("", self._new_attachments())
        composer.send_requested.connect(self.send)
        composer.cancelled.connect(self.leave_edit)
        composer.attach_requested.connect(self.choose_files)

    def turn_to(self, before: LiveConversation | None, live: LiveConversation) -> None:
        """Keep what was written for a conversation, and show what was written for another."""
        self.leave_edit()
        if self._desk.is_restoring and not self._composer.is_empty:
            # What is typed while the last conversation is still on its way is meant for it.
            return
        if before is not None:
            self._drafts[_key(before)] = Draft(self._composer.text(), self._composer.attachments)
        kept = self._drafts.pop(_key(live), None)
        self._put(kept.text if kept else "", kept.attachments if kept else self._new_attachments())

    def send(self, text: str) -> None:
        """Send a prompt; its text and attachments leave the composer once it was taken."""
        parts = self._composer.attachments.parts
        if self._edited_id:
            if self._desk.edit(self._edited_id, text, parts):
                self.leave_edit()
        elif self._desk.send(text, parts):
            self._put("", self._new_attachments())

    def edit(self, message: Message) -> None:
        """Put an earlier prompt into the composer; what was being written comes back afterwards."""
        if not self._edited_id:
            self._before_edit = Draft(self._composer.text(), self._composer.attachments)
        self._edited_id = message.id
        self._put(message.text, self._new_attachments())
        self._composer.set_editing(True)
        self._composer.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def leave_edit(self) -> None:
        """Leave the earlier prompt as it was."""
        if not self._edited_id:
            return
        self._edited_id = ""
        self._composer.set_editing(False)
        before, self._before_edit = self._before_edit, None
        if before is not None:
            self._put(before.text, before.attachments)

    def choose_files(self) -> None:
        """Ask for files to attach."""
        dialog = QFileDialog(self._composer.window(), self.tr("Attach files"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(self._on_files)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

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


def _key(live: LiveConversation) -> str:
    """Return what a conversation's draft goes by: all new conversations share one."""
    return "" if live.is_empty else live.conversation.id
