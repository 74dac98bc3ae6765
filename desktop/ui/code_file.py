"""Code of a reply as a file."""

from functools import partial

from PySide6.QtCore import QIODevice, QObject, QSaveFile, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.ui.last_folder import open_in_last_folder

_ENDINGS = {
    "python": "py", "py": "py", "javascript": "js", "typescript": "ts", "bash": "sh", "shell": "sh",
    "rust": "rs", "markdown": "md", "ruby": "rb", "csharp": "cs", "kotlin": "kt", "yaml": "yml",
}  # fmt: skip


def code_file_name(language: str) -> str:
    """Return a name for a file with code in a language, as a fence names it."""
    language = language.strip().casefold()
    plain = language if language.isascii() and language.isalnum() and len(language) <= 5 else "txt"
    return f"code.{_ENDINGS.get(language, plain)}"


class CodeFile(QObject):
    """Asks where code is to go and writes it there; `failed` says in words why it could not."""

    failed = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent

    def save(self, code: str, language: str) -> None:
        """Ask for a file, and write it when the answer comes."""
        dialog = QFileDialog(self._over, self.tr("Save code"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        open_in_last_folder(dialog, "code")
        dialog.selectFile(code_file_name(language))
        dialog.fileSelected.connect(partial(self._write, code))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _write(self, code: str, path: str) -> None:
        file = QSaveFile(path)
        is_written = file.open(QIODevice.OpenModeFlag.WriteOnly) and file.write(code.encode()) >= 0
        if not (is_written and file.commit()):
            words = self.tr("The file could not be written: {reason}.")
            self.failed.emit(words.format(reason=file.errorString()))
