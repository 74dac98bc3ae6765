"""An endpoint's own way through the network, in its form: shown when it is wanted or set."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.chat.network import NetworkSettings, new_proxy_key
from desktop.domain.endpoint import Endpoint
from desktop.domain.network import DIRECT, LIMITS, SYSTEM, Network
from desktop.domain.secret import Secret
from desktop.ui.controls import button, label
from desktop.ui.settings.endpoint_text import TextProblemError
from desktop.ui.settings.network_fields import BY_HAND, CertificateField, ProxyFields, TimeFields
from desktop.ui.settings.network_text import read_address, read_seconds
from desktop.ui.theme import Theme


class OwnWay(QWidget):
    """Proxy, certificates and waits of one endpoint; what is left empty is as for all of them."""

    def __init__(self, theme: Theme, settings: NetworkSettings) -> None:
        super().__init__()
        self._settings = settings
        self._before = Network()
        self._has_login = False
        self._file_problem = ""
        self.open = button(self.tr("Network…"))
        self.open.setAccessibleDescription(self.tr("Shows proxy, certificates and waits of this endpoint"))
        self.inside = QWidget()
        self.proxy = ProxyFields(theme, inherits=True)
        self.certificates = CertificateField(
            theme, self.tr("A PEM file that is trusted for this endpoint, in place of the one under Network.")
        )
        self.times = TimeFields(theme)
        column = QVBoxLayout(self.inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        words = self.tr("What is left empty is as under Settings, Network.")
        column.addWidget(label(words, size="small", tone="muted", wraps=True))
        for name, fields in (
            (self.tr("Proxy"), self.proxy),
            (self.tr("File of certificates"), self.certificates),
            (self.tr("How long to wait"), self.times),
        ):
            column.addSpacing(theme.px(6))
            column.addWidget(label(name, size="strong"))
            column.addWidget(fields)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.addWidget(self.open)
        row.addStretch(1)
        whole.addLayout(row)
        whole.addWidget(self.inside)
        self.open.clicked.connect(self._on_open)
        self.proxy.login_dropped.connect(self._on_login_dropped)
        self.proxy.chosen.connect(self._on_chosen)
        self.certificates.typed.connect(self._on_file)
        settings.ca_file_checked.connect(self._on_checked)

    def show_network(self, network: Network) -> None:
        """Show what is set for an endpoint."""
        self._before = network
        self._has_login = bool(network.proxy_key)
        self._file_problem = ""
        by_hand = network.proxy not in ("", SYSTEM, DIRECT)
        mode, address = (BY_HAND, network.proxy) if by_hand else (network.proxy, "")
        self.proxy.show_way(mode, address, has_login=self._has_login)
        self._show_login()
        self.certificates.show_path(network.ca_file)
        shared = self._settings.network
        normal = {name: getattr(shared, name) or float(limit.normal) for name, limit in LIMITS.items()}
        self.times.show_times({name: getattr(network, name) for name in LIMITS}, normal)
        is_set = network != Network()
        self.inside.setVisible(is_set)
        self.open.setVisible(not is_set)

    def read(self) -> tuple[Network, Secret | None]:
        """Return what was typed, and a new login of the proxy. Raises TextProblemError."""
        proxy, key, login = self.proxy.choice, "", None
        if proxy == BY_HAND:
            found = read_address(self.proxy.address.text())
            proxy, login = found.url, found.login
            if login is not None:
                key = new_proxy_key()
            elif self._has_login and proxy == self._before.proxy:
                key = self._before.proxy_key
        if self.certificates.text and self._file_problem:
            raise TextProblemError(self._file_problem)
        times = {name: read_seconds(field.text(), name) for name, field in self.times.fields.items()}
        return Network(proxy=proxy, proxy_key=key, ca_file=self.certificates.text, **times), login

    def keep(self, endpoint: Endpoint, login: Secret | None) -> None:
        """Put a new login into the keyring, and take an old one that is not used any more out of it."""
        before, key = self._before.proxy_key, endpoint.network.proxy_key
        if login is not None:
            self._settings.keep_login(key, login)
        if before and before != key:
            self._settings.drop_login(before)

    def hold(self, endpoint: Endpoint, login: Secret | None) -> None:
        """Have a login that is not stored at hand, to try the endpoint with it."""
        if login is not None:
            self._settings.hold_login(endpoint.network.proxy_key, login)

    def _on_open(self) -> None:
        self.open.hide()
        self.inside.show()
        self.proxy.mode.setFocus()

    def _on_chosen(self, _mode: str) -> None:
        self._show_login()

    def _on_login_dropped(self) -> None:
        self._has_login = False
        self._show_login()

    def _show_login(self) -> None:
        for_this_run = self._settings.is_for_this_run(self._before.proxy_key)
        self.proxy.show_login(self._has_login, for_this_run=for_this_run)

    def _on_file(self, path: str) -> None:
        self._file_problem = ""
        self._settings.check_ca_file(path)

    def _on_checked(self, path: str, problem: str) -> None:
        if path == self.certificates.text:
            self._file_problem = problem
            self.certificates.say(problem)
