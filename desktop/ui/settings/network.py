"""Network: proxy, certificates and waits for all endpoints that say nothing else."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.chat.network import NetworkSettings
from desktop.domain.network import LIMITS
from desktop.ui.controls import label
from desktop.ui.settings.endpoint_text import TextProblemError
from desktop.ui.settings.network_fields import BY_HAND, CertificateField, ProxyFields, TimeFields
from desktop.ui.settings.network_text import read_address, read_seconds
from desktop.ui.settings.page import Page, card
from desktop.ui.theme import Theme


class NetworkPage(Page):
    """Changes count for the next request. What can't be used stays as typed, and the old value counts on."""

    def __init__(self, theme: Theme, settings: NetworkSettings) -> None:
        super().__init__(theme)
        self._settings = settings
        self.head(self.tr("Network"))
        self.say(
            self.tr(
                "How services are reached. Servers on this computer are always asked directly, and an "
                "endpoint can have a way of its own."
            )
        )
        self.proxy = ProxyFields(theme, inherits=False)
        self.certificates = CertificateField(
            theme,
            self.tr(
                "A file of certificates (PEM) that are trusted beside the system’s, for instance your "
                "company’s. Leave it empty where none is needed."
            ),
        )
        self.times = TimeFields(theme)
        self._card(self.tr("Proxy"), self.proxy)
        self._card(self.tr("Certificates"), self.certificates)
        self._card(self.tr("How long to wait"), self.times)
        self.column.addStretch(1)
        self.proxy.chosen.connect(self._on_mode)
        self.proxy.typed.connect(self._on_address)
        self.proxy.login_dropped.connect(self._on_login_dropped)
        self.certificates.typed.connect(self._on_file)
        self.times.typed.connect(self._on_time)
        settings.ca_file_checked.connect(self._on_checked)
        settings.changed.connect(self._show_login)
        self._fill()

    def _card(self, title: str, fields: QWidget) -> None:
        frame, column = card(self.theme)
        column.addWidget(label(title, size="strong"))
        inner = QVBoxLayout()
        inner.addWidget(fields)
        column.addLayout(inner)
        self.column.addWidget(frame)

    def _fill(self) -> None:
        settings = self._settings
        network = settings.network
        self.proxy.show_way(settings.mode, settings.address, has_login=settings.has_login)
        self.certificates.show_path(network.ca_file)
        times = {name: getattr(network, name) for name in LIMITS}
        self.times.show_times(times, {name: float(limit.normal) for name, limit in LIMITS.items()})

    def _on_mode(self, mode: str) -> None:
        self.proxy.say("")
        if mode != BY_HAND:
            self._settings.choose_mode(mode)
            return
        self.proxy.address.setFocus()
        if self.proxy.address.text().strip():
            self._on_address()
        else:
            self.proxy.say(self.tr("Not used yet: enter its address."), "muted")

    def _on_address(self) -> None:
        if self.proxy.choice != BY_HAND:
            return
        try:
            read_address(self.proxy.address.text())
        except TextProblemError as problem:
            words = self.tr("{problem} Until then requests go as before.").format(problem=problem)
            self.proxy.say(words)
            return
        self.proxy.address.setText(self._settings.set_proxy(self.proxy.address.text()))
        self.proxy.say("")
        self._show_login()

    def _show_login(self) -> None:
        settings = self._settings
        self.proxy.show_login(settings.has_login, for_this_run=settings.is_for_this_run())

    def _on_login_dropped(self) -> None:
        self._settings.forget_login()
        self.proxy.address.setFocus()

    def _on_file(self, path: str) -> None:
        self._settings.check_ca_file(path, uses=True)

    def _on_checked(self, path: str, problem: str) -> None:
        if path == self.certificates.text:
            self.certificates.say(problem)

    def _on_time(self, name: str) -> None:
        self.times.say("")
        for each, field in self.times.fields.items():
            try:
                seconds = read_seconds(field.text(), each)
            except TextProblemError as problem:
                self.times.say(str(problem))
                continue
            if each == name:
                self._settings.set_seconds(name, seconds)
