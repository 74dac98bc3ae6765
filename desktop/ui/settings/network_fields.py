"""The fields for proxy, certificates and waits: on the page for all endpoints, and in the form of one."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.domain.network import DIRECT, LIMITS, SYSTEM
from desktop.ui.controls import Chooser, button, label, set_look
from desktop.ui.last_folder import open_in_last_folder
from desktop.ui.settings.network_text import seconds_text
from desktop.ui.theme import Theme
from desktop.ui.wording import trimmed

BY_HAND = "manual"


class ProxyFields(QWidget):
    """A choice of the way, and the address that belongs to one of them.

    `chosen` carries the mode, `typed` follows an address that was finished, `login_dropped` the button
    that removes a stored name and password.
    """

    chosen = Signal(str)
    typed = Signal()
    login_dropped = Signal()

    def __init__(self, theme: Theme, *, inherits: bool) -> None:
        super().__init__()
        self.mode = Chooser(theme, self.tr("Proxy"))
        if inherits:
            self.mode.addItem(self.tr("As under Settings, Network"), "")
        self.mode.addItem(self.tr("Like the system"), SYSTEM)
        self.mode.addItem(self.tr("No proxy"), DIRECT)
        self.mode.addItem(self.tr("This proxy"), BY_HAND)
        self.address = QLineEdit()
        self.address.setAccessibleName(self.tr("Address of the proxy"))
        self.address.setPlaceholderText("http://proxy.example:8080")
        self.words = label(size="small", tone="muted", wraps=True)
        self.problem = label(size="small", tone="bad", wraps=True)
        self.forget = button(self.tr("Remove name and password"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        row = QHBoxLayout()
        row.addWidget(self.mode)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.address)
        column.addWidget(self.problem)
        column.addWidget(self.words)
        row = QHBoxLayout()
        row.addWidget(self.forget)
        row.addStretch(1)
        column.addLayout(row)
        self.problem.hide()
        self.mode.currentIndexChanged.connect(self._on_chosen)
        self.address.editingFinished.connect(self.typed)
        self.forget.clicked.connect(self.login_dropped)

    @property
    def choice(self) -> str:
        """The chosen mode: empty for that of all endpoints, SYSTEM, DIRECT or BY_HAND."""
        return str(self.mode.currentData() or "")

    def show_way(self, mode: str, address: str, *, has_login: bool) -> None:
        """Show what is set."""
        self.mode.blockSignals(True)
        self.mode.setCurrentIndex(self.mode.findData(mode))
        self.mode.blockSignals(False)
        self.address.setText(address)
        self.say("")
        self._follow()
        self.show_login(has_login)

    def show_login(self, has_login: bool, *, for_this_run: bool = False) -> None:
        """Say whether a name and password are there, and where, and offer to remove them."""
        by_hand = self.choice == BY_HAND
        self.forget.setVisible(has_login and by_hand)
        if not by_hand:
            words = {
                SYSTEM: self.tr(
                    "The variables HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, on macOS and Windows "
                    "the system’s settings too."
                ),
                DIRECT: self.tr("Straight to the service, whatever the system says."),
            }.get(self.choice, "")
        elif has_login and for_this_run:
            words = self.tr("Its name and password are in memory, for this run only.")
        elif has_login:
            words = self.tr(
                "Its name and password are in the keyring. Type the address with new ones to replace them."
            )
        else:
            words = self.tr(
                "Begins with http://, https://, socks5:// or socks5h:// and ends in the port. If it wants a "
                "login, type http://name:password@proxy.example:8080; name and password go into the keyring."
            )
        self.words.setText(words)
        self.words.setVisible(bool(words))

    def say(self, words: str, tone: str = "bad") -> None:
        """Say what is wrong with the address, or with no words that nothing is."""
        self.problem.setText(words)
        set_look(self.problem, tone=tone)
        self.problem.setVisible(bool(words))

    def _on_chosen(self) -> None:
        self._follow()
        self.chosen.emit(self.choice)

    def _follow(self) -> None:
        self.address.setVisible(self.choice == BY_HAND)
        self.show_login(has_login=False)


class CertificateField(QWidget):
    """The path of a file of certificates. `typed` carries it once it was typed or chosen."""

    typed = Signal(str)

    def __init__(self, theme: Theme, words: str) -> None:
        super().__init__()
        self._told = ""
        self.path = QLineEdit()
        self.path.setAccessibleName(self.tr("File of certificates"))
        self.choose = button(self.tr("Choose…"))
        self.problem = label(size="small", tone="bad", wraps=True)
        self.problem.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(self.path, 1)
        row.addWidget(self.choose)
        column.addLayout(row)
        column.addWidget(self.problem)
        column.addWidget(label(words, size="small", tone="muted", wraps=True))
        self.path.editingFinished.connect(self._on_typed)
        self.choose.clicked.connect(self._on_choose)

    @property
    def text(self) -> str:
        """The path as typed."""
        return self.path.text().strip()

    def show_path(self, path: str) -> None:
        """Show what is set."""
        self.path.setText(path)
        self._told = path
        self.say("")

    def say(self, words: str) -> None:
        """Say what is wrong with the file, or with no words that nothing is."""
        self.problem.setText(words)
        self.problem.setVisible(bool(words))

    def _on_typed(self) -> None:
        # Leaving the field finishes it too, though nothing may have been typed.
        if self.text != self._told:
            self._tell()

    def _tell(self) -> None:
        self._told = self.text
        self.typed.emit(self.text)

    def _on_choose(self) -> None:
        dialog = QFileDialog(self, self.tr("File of certificates"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        open_in_last_folder(dialog, "certificates")
        dialog.setNameFilters([self.tr("Certificates (*.pem *.crt *.cer)"), self.tr("All files (*)")])
        dialog.fileSelected.connect(self._on_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_chosen(self, path: str) -> None:
        self.path.setText(path)
        self._tell()


class TimeFields(QWidget):
    """How long to wait, in seconds; an empty field stands for `normal`. `typed` carries a field's name."""

    typed = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.fields: dict[str, QLineEdit] = {}
        self.problem = label(size="small", tone="bad", wraps=True)
        self.problem.hide()
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(12))
        grid.setVerticalSpacing(theme.px(8))
        grid.setColumnStretch(2, 1)
        names = {
            "connect_seconds": self.tr("For a connection"),
            "first_byte_seconds": self.tr("For the first words"),
            "between_bytes_seconds": self.tr("In a silence after them"),
        }
        for row, (name, words) in enumerate(names.items()):
            field = QLineEdit()
            field.setProperty("limit", name)
            field.setAccessibleName(words)
            field.setAccessibleDescription(self.tr("Seconds"))
            caption = label(words)
            caption.setBuddy(field)
            limit = LIMITS[name]
            #: After a field for seconds: the unit, and what may stand in it
            unit = self.tr("s, from {least} to {most}")
            unit = unit.format(least=trimmed(limit.least, 3), most=trimmed(limit.most, 3))
            grid.addWidget(caption, row, 0)
            grid.addWidget(field, row, 1)
            grid.addWidget(label(unit, size="small", tone="muted"), row, 2)
            field.editingFinished.connect(self._on_typed)
            self.fields[name] = field
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        column.addLayout(grid)
        column.addWidget(self.problem)
        theme.changed.connect(self._fit)
        self._fit()

    def show_times(self, times: dict[str, float | None], normal: dict[str, float]) -> None:
        """Show what is set, and what counts where nothing is."""
        for name, field in self.fields.items():
            field.setText(seconds_text(times[name]))
            field.setPlaceholderText(seconds_text(normal[name]))
        self.say("")

    def say(self, words: str) -> None:
        """Say what is wrong with a time, or with no words that nothing is."""
        self.problem.setText(words)
        self.problem.setVisible(bool(words))

    def _fit(self) -> None:
        for field in self.fields.values():
            field.setFixedWidth(self._theme.px(96))

    def _on_typed(self) -> None:
        self.typed.emit(str(self.sender().property("limit")))
