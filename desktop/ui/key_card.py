"""The card of the first start that takes a key: it knows the service by the key's shape, and tests it."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QFrame,
    QVBoxLayout,
)

from desktop.chat.endpoints import Endpoints
from desktop.domain.endpoint import Endpoint, ModelInfo, ModelRef
from desktop.domain.failure import Failure
from desktop.ui.checks import Checks
from desktop.ui.controls import Chooser, button, label, set_look, turn
from desktop.ui.key_field import KeyField
from desktop.ui.key_shapes import Service, service_of
from desktop.ui.theme import Theme
from desktop.ui.trial_lines import TrialLines

_TIGHT = 520
_TIGHTEST = 320


class KeyCard(QFrame):
    """Takes a key, names its service, tests it, and adds the endpoint. `done` follows the choice."""

    done = Signal()

    def __init__(self, theme: Theme, endpoints: Endpoints) -> None:
        super().__init__()
        self._theme = theme
        self._endpoints = endpoints
        self._tested: tuple[str, tuple[ModelInfo, ...]] | None = None
        self._wants_use = False
        self._has_failed = False
        self.setProperty("kind", "card")
        self.field = KeyField(self.tr("Paste a key"))
        self.service = Chooser(theme, self.tr("Service"))
        self.service.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.service.setMinimumContentsLength(9)
        for preset in endpoints.presets:
            # What needs no key, or more than one, is added where there is room for it: in the settings.
            if preset.key is not None and not preset.header_keys:
                self.service.addItem(preset.name, preset.id)
        self.service.setCurrentIndex(-1)
        self.service.setPlaceholderText(self.tr("Service"))
        #: What is done, on a button: try whether the key works
        self.test = button(self.tr("Test"))
        self.use = button(self.tr("Use it"), "primary")
        self.use.hide()
        self.checks = Checks(theme)
        self.lines = TrialLines(self.checks, endpoints)
        self.words = label(size="small", tone="muted", wraps=True)
        self._lay_out()
        self.field.secret_changed.connect(self._on_secret_changed)
        self.field.returnPressed.connect(self.use_key)
        self.service.currentIndexChanged.connect(self._on_service_changed)
        self.test.clicked.connect(self.test_key)
        self.use.clicked.connect(self.use_key)
        endpoints.tested.connect(self._on_tested)
        endpoints.key_changed.connect(self._on_key_changed)
        self._update()

    def showEvent(self, event: QShowEvent) -> None:
        """Say anew where the key goes: the keyring may have become known."""
        super().showEvent(event)
        self._update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the key a line of its own where there is little room."""
        super().resizeEvent(event)
        turn(self._row, self.width() < self._theme.px(_TIGHT))
        turn(self._choices, self.width() < self._theme.px(_TIGHTEST))

    def test_key(self) -> None:
        """Ask the service for its models with this key, which is stored nowhere yet."""
        endpoint, secret = self._endpoint(), self.field.secret
        if endpoint is None or secret is None:
            return
        if not secret.is_sendable:
            self.lines.refuse(self.tr("This key holds characters that no key has."))
            return
        self._tested = None
        self.test.setEnabled(False)
        self.lines.begin(endpoint)
        self._endpoints.test(endpoint, secret)

    def use_key(self) -> None:
        """Add the service and choose its model, once the key was seen to work or the user insists."""
        endpoint, secret = self._endpoint(), self.field.secret
        if endpoint is None or secret is None:
            return
        if (self._tested is not None and self._tested[0] == endpoint.id) or self._has_failed:
            self._add(endpoint)
        else:
            self._wants_use = True
            self.test_key()

    def _lay_out(self) -> None:
        px = self._theme.px
        title = label(self.tr("A service you have a key for"), size="strong")
        self._choices = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._choices.setSpacing(px(8))
        self._choices.addWidget(self.service, 1)
        self._choices.addWidget(self.test)
        self._choices.addWidget(self.use)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(px(8))
        self._row.addWidget(self.field, 1)
        self._row.addLayout(self._choices)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(18), px(16), px(18), px(16))
        column.setSpacing(px(10))
        column.addWidget(title)
        column.addLayout(self._row)
        column.addWidget(self.checks)
        column.addWidget(self.words)

    def _endpoint(self) -> Endpoint | None:
        wanted = self.service.currentData()
        return next((preset for preset in self._endpoints.presets if preset.id == wanted), None)

    def _add(self, endpoint: Endpoint) -> None:
        secret = self.field.secret
        models = self._tested[1] if self._tested is not None else ()
        names = [item.id for item in models]
        first = endpoint.default_model if endpoint.default_model in names or not names else names[0]
        this_run_only = self._endpoints.is_ready and self._endpoints.keyring_name is None
        endpoint_id = self._endpoints.add(endpoint, secret, this_run_only=this_run_only)
        self._endpoints.choose(ModelRef(endpoint_id, first))
        self._endpoints.refresh_models(endpoint_id)
        self.field.forget()
        self.done.emit()

    def _on_secret_changed(self) -> None:
        secret = self.field.secret
        found = service_of(secret.reveal()) if secret is not None else None
        if found is not None:
            self.service.setCurrentIndex(self.service.findData(found.id))
        self._start_over()

    def _on_service_changed(self) -> None:
        self._start_over()

    def _start_over(self) -> None:
        self._tested = None
        self._wants_use = False
        self._has_failed = False
        self.test.setEnabled(True)
        self.lines.clear()
        self._update()

    def _on_tested(self, endpoint_id: str, outcome: object) -> None:
        endpoint = self._endpoint()
        if endpoint is None or endpoint.id != endpoint_id or self.test.isEnabled():
            return
        self.test.setEnabled(True)
        if isinstance(outcome, Failure):
            self._has_failed = True
            self._wants_use = False
            self._update()
            return
        self._tested = (endpoint_id, outcome if isinstance(outcome, tuple) else ())
        self._update()
        if self._wants_use:
            self._add(endpoint)

    def _on_key_changed(self, endpoint_id: str) -> None:
        if not endpoint_id:
            self._update()

    def _update(self) -> None:
        has_key = self.field.secret is not None
        endpoint = self._endpoint()
        self.service.setVisible(has_key)
        can = has_key and endpoint is not None
        self.use.setVisible(has_key)
        self.use.setEnabled(can)
        self.use.setText(self.tr("Use it anyway") if self._has_failed else self.tr("Use it"))
        self.test.setEnabled(can)
        set_look(self, tone="accent" if has_key else "")
        self.words.setText(self._where_words(self._service()))

    def _service(self) -> Service | None:
        secret = self.field.secret
        return service_of(secret.reveal()) if secret is not None else None

    def _where_words(self, found: Service | None) -> str:
        if found is not None and self.service.findData(found.id) < 0:
            return self.tr(
                "This looks like a key for {service}, which Weir can’t talk to yet. "
                "If it is for another service, choose that one."
            ).format(service=found.name)
        if self.field.secret is not None and found is None and self._endpoint() is None:
            return self.tr("Which service is this key for? Choose it beside the key.")
        if not self._endpoints.is_ready:
            return self.tr("Keys are kept in this computer’s keyring and nowhere else.")
        if (keyring := self._endpoints.keyring_name) is not None:
            return self.tr("The key goes into {keyring} and nowhere else.").format(keyring=keyring)
        return self.tr(
            "This computer has no keyring that Weir can use. The key is kept in memory "
            "and forgotten when Weir ends."
        )
