"""The settings window: pages at the right of their names. It is never modal."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QStackedWidget, QWidget

from desktop.chat.endpoints import Endpoints
from desktop.ui.icons import icon
from desktop.ui.manner import Manner
from desktop.ui.settings.about import AboutPage
from desktop.ui.settings.appearance import AppearancePage
from desktop.ui.settings.data import DataPage
from desktop.ui.settings.endpoints import EndpointsPage
from desktop.ui.settings.local import LocalPage
from desktop.ui.settings.network import NetworkPage
from desktop.ui.style import style_sheet
from desktop.ui.theme import Theme

SIZE = QSize(880, 660)
LEAST_SIZE = QSize(480, 420)
NAV_WIDTH = 196
NAV_FOLDED = 60
_FOLDS_BELOW = 640
_ICONS = ("endpoint", "computer", "network", "appearance", "archive", "info")


class SettingsWindow(QWidget):
    """Endpoints, the model on this computer, the network, appearance, archives, and where everything is.

    `look_changed` asks that the choice of appearance be kept.
    """

    look_changed = Signal()

    def __init__(
        self,
        theme: Theme,
        endpoints: Endpoints,
        places: Sequence[tuple[str, str]],
        parent: QWidget | None = None,
        *,
        manner: Manner | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._theme = theme
        self._zoom = theme.zoom
        self._was_shown = False
        self.setWindowTitle(self.tr("Settings"))
        self.setProperty("surface", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.endpoints = EndpointsPage(theme, endpoints)
        self.local = LocalPage(theme, endpoints)
        self.network = NetworkPage(theme, endpoints.network)
        self.appearance = AppearancePage(theme, manner or Manner(parent=self))
        self.data = DataPage(theme)
        self.about = AboutPage(theme, endpoints, places)
        self.nav = QListWidget()
        self.nav.setProperty("kind", "nav")
        self.nav.setAccessibleName(self.tr("Pages"))
        self.nav.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._pages = QStackedWidget()
        self._names = (
            self.tr("Endpoints"),
            self.tr("On this computer"),
            self.tr("Network"),
            self.tr("Appearance"),
            self.tr("Data"),
            self.tr("About and data"),
        )
        pages = (self.endpoints, self.local, self.network, self.appearance, self.data, self.about)
        for name, page in zip(self._names, pages, strict=True):
            item = QListWidgetItem(name)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, name)
            self.nav.addItem(item)
            self._pages.addWidget(page)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.nav)
        row.addWidget(self._pages, 1)
        self.nav.currentRowChanged.connect(self._pages.setCurrentIndex)
        self.nav.setCurrentRow(0)
        self.appearance.changed.connect(self.look_changed)
        for keys in (QKeySequence(Qt.Key.Key_Escape), QKeySequence(QKeySequence.StandardKey.Close)):
            QShortcut(keys, self, self.close)
        theme.changed.connect(self._restyle)
        self.setMinimumSize(LEAST_SIZE)
        self._restyle()
        self._fit()

    def show_endpoints(self, endpoint_id: str = "") -> None:
        """Show the list of endpoints, or the form of one."""
        self.nav.setCurrentRow(0)
        self.endpoints.show_list()
        if endpoint_id:
            self.endpoints.edit(endpoint_id)
        self._come()

    def show_new_endpoint(self) -> None:
        """Show the form of a new endpoint."""
        self.nav.setCurrentRow(0)
        self.endpoints.add_new()
        self._come()

    def show_data(self) -> None:
        """Show the page where conversations come in and go out."""
        self.nav.setCurrentRow(self._pages.indexOf(self.data))
        self._come()

    def show_about(self) -> None:
        """Show where everything is, and the updates."""
        self.nav.setCurrentRow(self.nav.count() - 1)
        self._come()

    def show_local(self) -> None:
        """Show the page of the model on this computer."""
        self.nav.setCurrentRow(1)
        self._come()

    def show_network(self) -> None:
        """Show the page of proxy, certificates and waits."""
        self.nav.setCurrentRow(2)
        self._come()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the pages' icons alone where there is little room."""
        super().resizeEvent(event)
        self._fold()

    def _fit(self) -> None:
        room = self.screen().availableSize() * 0.9
        self.resize((SIZE * self._theme.zoom).boundedTo(room))

    def _fold(self) -> None:
        is_folded = self.width() < self._theme.px(_FOLDS_BELOW)
        self.nav.setFixedWidth(self._theme.px(NAV_FOLDED if is_folded else NAV_WIDTH))
        for row, name in enumerate(self._names):
            item = self.nav.item(row)
            item.setText("" if is_folded else name)
            item.setToolTip(name if is_folded else "")

    def _come(self) -> None:
        parent = self.parentWidget()
        if parent is not None and not self._was_shown:
            # Where the system lets a window choose its place.
            self._was_shown = True
            frame = self.geometry()
            frame.moveCenter(parent.window().geometry().center())
            self.setGeometry(frame)
        self.show()
        self.raise_()
        self.activateWindow()

    def _restyle(self) -> None:
        theme = self._theme
        self.setStyleSheet(style_sheet(theme))
        self.nav.setIconSize(QSize(theme.px(18), theme.px(18)))
        for row, name in enumerate(_ICONS):
            self.nav.item(row).setIcon(icon(name, theme.color("muted"), theme.px(18)))
        if theme.zoom != self._zoom:
            self._zoom = theme.zoom
            self._fit()
        self._fold()
