"""Updates: a card that asks for a newer version when its button is pressed."""

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.base.tongue import sentences
from desktop.chat.updates import Updates, UpdateState
from desktop.domain.failure import Failure, FailureKind
from desktop.ui.controls import announce, button, label
from desktop.ui.settings.page import card
from desktop.ui.theme import Theme

_NO_CONNECTION = frozenset(
    {FailureKind.DNS, FailureKind.CONNECT_TIMEOUT, FailureKind.REFUSED_CONNECTION, FailureKind.CUT}
)
_OF_THE_NETWORK = frozenset({FailureKind.TLS, FailureKind.PROXY})


class UpdatesCard(QWidget):
    """Says which version this is, asks for a newer one, and opens its page in the browser."""

    def __init__(self, theme: Theme, updates: Updates) -> None:
        super().__init__()
        self._updates = updates
        frame, column = card(theme)
        column.addWidget(label(self.tr("Updates"), size="strong"))
        self.words = label(tone="muted", wraps=True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.words)
        self.check = button(self.tr("Check for updates"))
        self.page = button(self.tr("Open its page"), "primary")
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(self.check)
        row.addWidget(self.page)
        row.addStretch(1)
        column.addLayout(row)
        self.automatic = QCheckBox(self.tr("Check once a day when Weir starts"))
        column.addWidget(self.automatic)
        self._fill(frame)
        self.check.clicked.connect(updates.check)
        self.page.clicked.connect(self._on_page)
        self.automatic.toggled.connect(updates.set_automatic)
        updates.changed.connect(self._on_changed)
        self._show()

    def _fill(self, frame: QFrame) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(frame)

    def _on_page(self) -> None:
        if self._updates.release is not None:
            QDesktopServices.openUrl(QUrl(self._updates.release.page, QUrl.ParsingMode.StrictMode))

    def _on_changed(self) -> None:
        self._show()
        if self._updates.state is not UpdateState.UNASKED:
            announce(self, self.words.text())

    def _show(self) -> None:
        updates = self._updates
        self.words.setText(self._sentence())
        self.check.setEnabled(updates.is_known and updates.state is not UpdateState.ASKING)
        self.page.setVisible(updates.state is UpdateState.NEWER)
        self.automatic.setVisible(updates.is_known)
        self.automatic.blockSignals(True)
        self.automatic.setChecked(updates.is_automatic)
        self.automatic.blockSignals(False)

    def _sentence(self) -> str:
        updates = self._updates
        here = self.tr("This is Weir {version}.").format(version=updates.version)
        if not updates.is_known:
            more = self.tr(
                "It was not made from a published release, so it does not know where newer ones would be."
            )
        elif updates.state is UpdateState.ASKING:
            #: While the newest version is asked for
            more = self.tr("Asking…")
        elif updates.state is UpdateState.NEWEST:
            more = self.tr("There is no newer one.")
        elif updates.state is UpdateState.NEWER and updates.release is not None:
            more = self.tr("Version {version} is there. Conversations and settings stay as they are.").format(
                version=updates.release.version
            )
        elif updates.state is UpdateState.FAILED and updates.failure is not None:
            more = self._failure_words(updates.failure)
        else:
            more = self.tr("Nothing is asked until you press the button.")
        return sentences(here, more)

    def _failure_words(self, failure: Failure) -> str:
        host = failure.host
        if failure.kind in _OF_THE_NETWORK:
            return failure.sentence
        if failure.kind in _NO_CONNECTION:
            if not host:
                return self.tr(
                    "The list of releases can’t be reached. You may be offline; try again when you are not."
                )
            words = self.tr("{host} can’t be reached. You may be offline; try again when you are not.")
        elif not host:
            return self.tr("The list of releases does not say what the newest version is. Try again later.")
        else:
            words = self.tr("{host} did not say what the newest version is. Try again later.")
        return words.format(host=host)
