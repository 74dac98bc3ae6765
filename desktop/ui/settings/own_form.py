"""What endpoints of the user's own form, and headers with keys of their own, add to an endpoint's form."""

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFormLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.domain.endpoint import Endpoint, KeyRef
from desktop.domain.secret import Secret
from desktop.ui.controls import Chooser, label
from desktop.ui.key_field import KeyField
from desktop.ui.settings.endpoint_text import TextProblemError, read_headers, read_pointer
from desktop.ui.theme import Theme

OWN = "custom"
METHODS = ("POST", "PUT", "GET")


def protocols() -> dict[str, str]:
    """Return what the protocols are called, by the names that endpoints use."""
    return {
        "openai-chat": "OpenAI Chat Completions",
        "openai-responses": "OpenAI Responses",
        "anthropic-messages": "Anthropic Messages",
        "gemini": "Google Gemini",
        "ollama": "Ollama",
        "replicate": "Replicate",
        "stackai": "Stack AI",
        OWN: QCoreApplication.translate("OwnForm", "A form of your own"),
    }


class OwnForm(QWidget):
    """How a request of the user's own form is sent, and where the text is in what comes back."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.method = Chooser(theme, self.tr("Method"))
        for method in METHODS:
            self.method.addItem(method, method)
        self.text_at = QLineEdit()
        self.text_at.setPlaceholderText("/choices/0/delta/content")
        self.text_at.setAccessibleName(self.tr("Where the text is"))
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(theme.px(6))
        rows.addWidget(label(self.tr("Method"), size="strong"))
        rows.addWidget(self.method)
        rows.addSpacing(theme.px(8))
        rows.addWidget(label(self.tr("Where the text is"), size="strong"))
        rows.addWidget(self.text_at)
        words = self.tr(
            "A JSON pointer to the text in each record that comes back. Leave it empty where Weir finds the "
            "text by itself, as in the usual forms."
        )
        rows.addWidget(label(words, size="small", tone="muted", wraps=True))

    def show_endpoint(self, endpoint: Endpoint) -> None:
        """Show an endpoint's values."""
        self.method.setCurrentIndex(max(0, self.method.findData(endpoint.method)))
        self.text_at.setText(endpoint.text_at)

    def read(self) -> tuple[str, str]:
        """Return the method and the pointer as typed. Raises TextProblemError."""
        return str(self.method.currentData()), read_pointer(self.text_at.text())


class HeaderKeys(QWidget):
    """A field for each header whose value is "{secret}"; what is typed in one survives other changes."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.fields: dict[str, KeyField] = {}
        self._are_stored = False
        self._rows = QFormLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setHorizontalSpacing(theme.px(12))
        self._rows.setVerticalSpacing(theme.px(6))
        self._rows.setLabelAlignment(Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    def forget(self, *, are_stored: bool) -> None:
        """Empty all fields; `are_stored` says that an empty one keeps what the keyring has."""
        self._are_stored = are_stored
        self._show(())

    def follow(self, headers: str) -> None:
        """Show the fields that the headers, as typed, ask for; headers half typed change nothing."""
        try:
            endpoint = Endpoint(id="", name="", headers=read_headers(headers))
        except TextProblemError:
            return
        self._show(tuple(name for name, _ in endpoint.header_keys))

    def secrets(self, endpoint: Endpoint) -> Mapping[KeyRef, Secret]:
        """Return the keys typed for an endpoint's headers."""
        typed = ((ref, self.fields[name].secret) for name, ref in endpoint.header_keys if name in self.fields)
        return {ref: secret for ref, secret in typed if secret is not None}

    def _show(self, names: tuple[str, ...]) -> None:
        for name in [name for name in self.fields if name not in names]:
            self._rows.removeRow(self.fields.pop(name))
        for name in names:
            if name not in self.fields:
                kept = self.tr("Leave it empty to keep the key")
                field = KeyField(kept if self._are_stored else self.tr("Paste a key"))
                field.setAccessibleName(self.tr("Key for {header}").format(header=name))
                self.fields[name] = field
                self._rows.addRow(label(name, size="small"), field)
        self.setVisible(bool(self.fields))
