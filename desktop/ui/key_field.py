"""A field for a key: typed out of sight, then shown by its first and last characters alone."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit

from desktop.domain.secret import Secret

_LEAST = 16


class KeyField(QLineEdit):
    """Takes a key. What was pasted, or typed and left, is kept as a Secret and shown masked.

    The first key press after that starts anew. `secret_changed` follows every change.
    """

    secret_changed = Signal()

    def __init__(self, placeholder: str = "") -> None:
        super().__init__()
        self._secret: Secret | None = None
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setPlaceholderText(placeholder)
        #: An API key
        self.setAccessibleName(self.tr("Key"))
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase
        )
        self.textEdited.connect(self._on_edited)

    @property
    def secret(self) -> Secret | None:
        """The key as typed or pasted, None while there is none."""
        if self._secret is not None:
            return self._secret
        typed = Secret(self.text())
        return typed or None

    @property
    def is_masked(self) -> bool:
        """Whether the field shows the mask of a key instead of its bullets."""
        return self._secret is not None

    def forget(self) -> None:
        """Empty the field."""
        self._unmask()
        self.clear()
        self.secret_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Start anew when a masked key is typed into."""
        if self._secret is not None and self._would_change(event):
            self.forget()
        super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Start anew when a masked key is composed into."""
        if self._secret is not None and (event.preeditString() or event.commitString()):
            self.forget()
        super().inputMethodEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Mask what was typed once the field is left."""
        super().focusOutEvent(event)
        if len(self.text()) >= _LEAST:
            self._mask()

    def insert(self, text: str) -> None:
        """Insert a text in place of a masked key."""
        if self._secret is not None:
            self.forget()
        super().insert(text)

    def paste(self) -> None:
        """Take the clipboard's text as the key."""
        if self._secret is not None:
            self.forget()
        super().paste()

    def _would_change(self, event: QKeyEvent) -> bool:
        if event.matches(QKeySequence.StandardKey.Paste) or event.matches(QKeySequence.StandardKey.Cut):
            return True
        return event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete) or bool(
            event.text() and event.text().isprintable()
        )

    def _on_edited(self, text: str) -> None:
        # A key comes in one piece, from the clipboard; typed ones are masked when the field is left.
        if self._secret is None and len(text) >= _LEAST and len(text) - self._before >= _LEAST:
            self._mask()
        self._before = len(text) if self._secret is None else 0
        self.secret_changed.emit()

    _before = 0

    def _mask(self) -> None:
        if self._secret is None:
            self._secret = Secret(self.text())
            self.setEchoMode(QLineEdit.EchoMode.Normal)
            self.setText(self._secret.masked)

    def _unmask(self) -> None:
        self._secret = None
        self._before = 0
        self.setEchoMode(QLineEdit.EchoMode.Password)
