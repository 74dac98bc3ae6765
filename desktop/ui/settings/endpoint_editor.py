"""The form of one endpoint."""

from dataclasses import replace

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.chat.endpoints import Endpoints
from desktop.domain.endpoint import Endpoint, KeyRef
from desktop.domain.secret import Secret
from desktop.ui.checks import Checks
from desktop.ui.controls import Chooser, button, label, separator, set_look
from desktop.ui.key_field import KeyField
from desktop.ui.settings.endpoint_text import (
    TextProblemError,
    body_text,
    headers_text,
    read_address,
    read_body,
    read_headers,
    read_models,
)
from desktop.ui.settings.own_form import OWN, HeaderKeys, OwnForm, protocols
from desktop.ui.settings.own_way import OwnWay
from desktop.ui.settings.page import Page
from desktop.ui.theme import Theme
from desktop.ui.trial_lines import TrialLines
from desktop.ui.wrapping import WrapRow


class TextBox(QPlainTextEdit):
    """A few lines of plain text, in the monospace font; Tab leads on to the next field."""

    def __init__(self, theme: Theme, name: str, lines: int, placeholder: str = "") -> None:
        super().__init__()
        self._theme = theme
        self._lines = lines
        self.setProperty("kind", "field")
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setTabChangesFocus(True)
        theme.changed.connect(self._restyle)
        self._restyle()

    def changeEvent(self, event: QEvent) -> None:
        """Keep the height in step with the font."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._fit()

    def _restyle(self) -> None:
        self.setFont(self._theme.code_font())
        self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(self.fontMetrics().lineSpacing() * self._lines + self._theme.px(22))


class EndpointEditor(QWidget):
    """Edits an endpoint, or a new one. `closed` follows saving, removing and leaving."""

    closed = Signal()

    def __init__(self, theme: Theme, endpoints: Endpoints) -> None:
        super().__init__()
        self._theme = theme
        self.page = Page(theme)
        self._endpoints = endpoints
        self._endpoint = Endpoint(id="", name="")
        self._is_new = True
        self.title = label(size="title")
        self.name = QLineEdit()
        self.address = QLineEdit()
        self.address.setPlaceholderText("https://example.com/v1")
        self.protocol = Chooser(theme, self.tr("Protocol"))
        for name, title in protocols().items():
            self.protocol.addItem(title, name)
        self.own_form = OwnForm(theme)
        self.header_keys = HeaderKeys(theme)
        self.key = KeyField(self.tr("Paste a key"))
        self.key_words = label(size="small", tone="muted", wraps=True)
        self.key_words.setMinimumWidth(1)
        #: On a button: enter another key
        self.replace_key = button(self.tr("Replace"))
        #: On a button: remove the key
        self.remove_key = button(self.tr("Remove"))
        self.models = TextBox(theme, self.tr("Models, one a line"), 3)
        self.headers = TextBox(theme, self.tr("Headers, one a line"), 2, "X-Title: Weir")
        self.body = TextBox(theme, self.tr("Extra body, as JSON"), 3, '{"temperature": 0.7}')
        self.own_way = OwnWay(theme, endpoints.network)
        self.problem = label(size="small", tone="bad", wraps=True)
        self.checks = Checks(theme)
        self.lines = TrialLines(self.checks, endpoints)
        #: What is done, on a button: try whether the endpoint works
        self.test = button(self.tr("Test"))
        self.save = button(self.tr("Save"), "primary")
        self.back = button(self.tr("Cancel"))
        self.remove = button(self.tr("Remove endpoint"), "danger")
        self._lay_out()
        self._connect()

    def edit(self, endpoint: Endpoint, *, is_new: bool) -> None:
        """Show an endpoint's values."""
        self._endpoint = endpoint
        self._is_new = is_new
        self.title.setText(self.tr("New endpoint") if is_new else endpoint.name)
        self.name.setText(endpoint.name)
        self.address.setText(endpoint.base_url)
        self.protocol.setCurrentIndex(self.protocol.findData(endpoint.provider))
        self.own_form.show_endpoint(endpoint)
        self.key.forget()
        self.header_keys.forget(are_stored=not is_new)
        self.models.setPlainText("\n".join(endpoint.models))
        self.headers.setPlainText(headers_text(endpoint.headers))
        self.body.setPlainText(body_text(endpoint.body))
        self._on_protocol_changed()
        self.own_way.show_network(endpoint.network)
        self.remove.setVisible(not is_new)
        self.problem.hide()
        self.lines.clear()
        self.test.setEnabled(True)
        self._show_key(asks=is_new or self._endpoints.key_source(endpoint.id) is None)
        if not is_new:
            self._endpoints.read_key(endpoint.id)
        self.page.verticalScrollBar().setValue(0)
        self.name.setFocus()

    def _lay_out(self) -> None:
        px = self._theme.px
        self.page.column.setSpacing(px(14))
        self.page.column.addWidget(self.title)
        self._field(self.tr("Name"), self.name)
        self._field(self.tr("Address"), self.address)
        self._field(
            self.tr("Protocol"), self.protocol, self.tr("Most servers speak OpenAI Chat Completions.")
        )
        self.page.column.addWidget(self.own_form)
        row = QHBoxLayout()
        row.setSpacing(px(8))
        row.addWidget(self.key, 1)
        row.addWidget(self.replace_key)
        row.addWidget(self.remove_key)
        row.addStretch(0)
        column = QVBoxLayout()
        column.setSpacing(px(6))
        #: An API key
        caption = label(self.tr("Key"), size="strong")
        caption.setBuddy(self.key)
        column.addWidget(caption)
        column.addWidget(self.key_words)
        column.addLayout(row)
        self.page.column.addLayout(column)
        self._field(
            self.tr("Models"), self.models, self.tr("One a line, for services that do not list theirs.")
        )
        words = self.tr(
            "Sent with every request, and kept in a readable file. Write {key} where the key belongs, or "
            "{secret} as the whole value for a key of its own."
        )
        self._field(self.tr("Headers"), self.headers, words)
        self.page.column.addWidget(self.header_keys)
        self.body_caption = self._field(self.tr("Extra body"), self.body)
        self.body_words = label("", size="small", tone="muted", wraps=True)
        self.page.column.addWidget(self.body_words)
        self.page.column.addWidget(self.own_way)
        self.page.column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.page, 1)
        whole.addWidget(separator())
        below = QVBoxLayout()
        below.setContentsMargins(px(28), px(12), px(28), px(14))
        below.setSpacing(px(8))
        below.addWidget(self.problem)
        below.addWidget(self.checks)
        foot = WrapRow(px(8))
        for widget in (self.save, self.test, self.back):
            foot.addWidget(widget)
        foot.add_spring()
        foot.addWidget(self.remove)
        below.addLayout(foot)
        whole.addLayout(below)

    def _field(self, name: str, field: QWidget, words: str = "") -> QLabel:
        column = QVBoxLayout()
        column.setSpacing(self._theme.px(6))
        caption = label(name, size="strong")
        caption.setBuddy(field)
        if not field.accessibleName():
            field.setAccessibleName(name)
        column.addWidget(caption)
        column.addWidget(field)
        if words:
            column.addWidget(label(words, size="small", tone="muted", wraps=True))
        self.page.column.addLayout(column)
        return caption

    def _connect(self) -> None:
        self.protocol.currentIndexChanged.connect(self._on_protocol_changed)
        self.headers.textChanged.connect(lambda: self.header_keys.follow(self.headers.toPlainText()))
        self.save.clicked.connect(self._on_save)
        self.back.clicked.connect(self.closed)
        self.remove.clicked.connect(self._on_remove)
        self.test.clicked.connect(self._on_test)
        self.replace_key.clicked.connect(self._on_replace_key)
        self.remove_key.clicked.connect(self._on_remove_key)
        self._endpoints.tested.connect(self._on_tested)
        self._endpoints.key_changed.connect(self._on_key_changed)

    def _read(self) -> tuple[Endpoint, Secret | None] | None:
        """Return the endpoint and its proxy's new login as typed, or None after saying what is wrong."""
        is_own = self._is_own
        try:
            address = read_address(self.address.text(), is_own=is_own)
            method, text_at = self.own_form.read() if is_own else ("POST", "")
            network, login = self.own_way.read()
            endpoint = replace(
                self._endpoint,
                provider=str(self.protocol.currentData() or self._endpoint.provider),
                method=method,
                text_at=text_at,
                name=self.name.text().strip() or self._host_name(address.url),
                base_url=address.url,
                models=read_models(self.models.toPlainText()),
                headers=read_headers(self.headers.toPlainText()),
                body=read_body(self.body.toPlainText(), is_own=is_own),
                network=network,
            )
        except TextProblemError as problem:
            self._say(str(problem), "bad")
            return None
        secret = self.key.secret
        if secret is not None and not secret.is_sendable:
            self._say(self.tr("This key holds characters that no key has."), "bad")
            return None
        self._say(address.warning, "warn")
        if is_own and not endpoint.models:
            # There is a model to choose in every endpoint, also where the service knows no such thing.
            endpoint = replace(endpoint, models=("default",), default_model="default")
        if self._is_new and not endpoint.id:
            endpoint = replace(endpoint, id=_id_from(endpoint.name))
        if endpoint.key is None and (secret is not None or self._is_new):
            endpoint = replace(endpoint, key=KeyRef(endpoint.id) if secret is not None else None)
        return endpoint, login

    def _host_name(self, url: str) -> str:
        return url.split("//", 1)[-1].split("/", 1)[0]

    def _say(self, words: str, tone: str) -> None:
        self.problem.setText(words)
        set_look(self.problem, tone=tone)
        self.problem.setVisible(bool(words))

    def _on_save(self) -> None:
        read = self._read()
        if read is None:
            return
        endpoint, login = read
        self.own_way.keep(endpoint, login)
        secret = self.key.secret
        this_run_only = self._endpoints.is_ready and self._endpoints.keyring_name is None
        if self._is_new:
            endpoint_id = self._endpoints.add(endpoint, secret, this_run_only=this_run_only)
            endpoint = replace(endpoint, id=endpoint_id)
            self._store_header_keys(endpoint, this_run_only)
            self._endpoints.refresh_models(endpoint_id)
        else:
            self._endpoints.replace(endpoint)
            self._store_header_keys(endpoint, this_run_only)
            if secret is not None:
                self._endpoints.store_key(endpoint.id, secret, this_run_only=this_run_only)
        self.key.forget()
        self.closed.emit()

    def _store_header_keys(self, endpoint: Endpoint, this_run_only: bool) -> None:
        for ref, secret in self.header_keys.secrets(endpoint).items():
            self._endpoints.store_header_key(ref, secret, this_run_only=this_run_only)

    def _on_protocol_changed(self) -> None:
        is_own = self._is_own
        self.own_form.setVisible(is_own)
        if is_own:
            name = self.tr("Body")
            words = self.tr(
                "A JSON object, sent as it is, with {{prompt}}, {{messages}}, {{system}}, {{model}} or "
                "{{conversation}} where they belong. Left empty, a form that most services take is sent."
            )
            self.body.setPlaceholderText('{"question": "{{prompt}}", "history": {{messages}}}')
        else:
            name = self.tr("Extra body")
            words = self.tr("A JSON object that goes with every request.")
            self.body.setPlaceholderText('{"temperature": 0.7}')
        self.body_caption.setText(name)
        self.body.setAccessibleName(name)
        self.body_words.setText(words)

    @property
    def _is_own(self) -> bool:
        return bool(self.protocol.currentData() == OWN)

    def _on_remove(self) -> None:
        self._endpoints.remove(self._endpoint.id)
        self.closed.emit()

    def _on_test(self) -> None:
        read = self._read()
        if read is None:
            return
        endpoint, login = read
        self.own_way.hold(endpoint, login)
        self.test.setEnabled(False)
        self.lines.begin(endpoint)
        self._endpoints.test(endpoint, self.key.secret)

    def _on_tested(self) -> None:
        self.test.setEnabled(True)

    def _on_replace_key(self) -> None:
        self._show_key(asks=True)
        self.key.setFocus()

    def _on_remove_key(self) -> None:
        self._endpoints.delete_key(self._endpoint.id)

    def _on_key_changed(self, endpoint_id: str) -> None:
        if not self._is_new and endpoint_id in ("", self._endpoint.id) and self.key.secret is None:
            self._endpoint = self._endpoints.endpoint(self._endpoint.id) or self._endpoint
            self._show_key(asks=self._endpoints.key_source(self._endpoint.id) is None)

    def _show_key(self, *, asks: bool) -> None:
        has_key = not self._is_new and self._endpoints.key_source(self._endpoint.id) is not None
        self.key.setVisible(asks)
        self.replace_key.setVisible(has_key and not asks)
        self.remove_key.setVisible(has_key)
        if has_key:
            words = self._endpoints.key_words(self._endpoint.id)
        elif self._endpoints.is_ready and self._endpoints.keyring_name is None:
            words = self.tr(
                "This computer has no keyring that Weir can use: a key is kept in memory for this run only."
            )
        else:
            keyring = self._endpoints.keyring_name
            words = self.tr("Goes into the keyring. Leave it empty where none is needed.")
            if keyring:
                words = self.tr("Goes into {keyring}. Leave it empty where none is needed.")
                words = words.format(keyring=keyring)
        self.key_words.setText(words)


def _id_from(name: str) -> str:
    """Return an id made of a name: lower-case letters, digits and hyphens."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name.casefold())
    return "-".join(filter(None, kept.split("-"))) or "endpoint"
