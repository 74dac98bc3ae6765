"""The settings window: pages at the right of their names. It is never modal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QStackedWidget, QWidget

from desktop.chat.endpoints import Endpoints
from desktop.ui.actions import Actions
from desktop.ui.forward import come_forward
from desktop.ui.icons import icon
from desktop.ui.manner import Manner
from desktop.ui.notices import Notices
from desktop.ui.settings.about import AboutPage
from desktop.ui.settings.appearance import AppearancePage
from desktop.ui.settings.data import DataPage
from desktop.ui.settings.endpoints import EndpointsPage
from desktop.ui.settings.local import LocalPage
from desktop.ui.settings.network import NetworkPage
from desktop.ui.style import style_sheet
from desktop.ui.theme import Theme
from desktop.ui.wrapping import hold_least

SIZE = QSize(880, 660)
LEAST_SIZE = QSize(480, 420)
NAV_WIDTH = 196
NAV_FOLDED = 60
_FOLDS_BELOW = 640


@dataclass(slots=True)
class _Entry:
    name: str
    words: str
    icon: str
    make: Callable[[], QWidget] | None


class PageList(QListWidget):
    """The names of the pages.

    A class of its own: of Qt's, what is told of it is settled while it is made, before Python knows it.
    """


class SettingsWindow(QWidget):
    """Endpoints, the model on this computer, the network, appearance, archives, and where everything is.

    Another page is added with `add_page` and shown with `show_page`; give it a line in
    `commands.settings_pages`, too, so that the command palette leads there. `look_changed` asks that the
    choice of appearance be kept.
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
        actions: Actions | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._theme = theme
        self._zoom = theme.zoom
        self.setWindowTitle(self.tr("Settings"))
        self.setProperty("surface", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.endpoints = EndpointsPage(theme, endpoints)
        self.local = LocalPage(theme, endpoints)
        self.network = NetworkPage(theme, endpoints.network)
        self.appearance = AppearancePage(theme, manner or Manner(parent=self))
        self.data = DataPage(theme)
        self.about = AboutPage(theme, endpoints, places)
        self._entries: list[_Entry] = []
        self.nav = PageList()
        self.nav.setProperty("kind", "nav")
        self.nav.setAccessibleName(self.tr("Pages"))
        self.nav.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._pages = QStackedWidget()
        self.add_page("endpoints", self.tr("Endpoints"), "endpoint", self.endpoints)
        self.add_page("local", self.tr("On this computer"), "computer", self.local)
        self.add_page("network", self.tr("Network"), "network", self.network)
        self.add_page("appearance", self.tr("Appearance"), "appearance", self.appearance)
        if actions is not None:
            self.add_page("keyboard", self.tr("Keyboard"), "keyboard", lambda: self._make_keyboard(actions))
        self.add_page("data", self.tr("Data"), "archive", self.data)
        self.add_page("about", self.tr("About"), "info", self.about)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.nav)
        row.addWidget(self._pages, 1)
        foot = QWidget(self._pages)
        foot.hide()
        self.notices = Notices(theme, self._pages, foot)
        self.nav.currentRowChanged.connect(self._on_row_changed)
        self.nav.setCurrentRow(0)
        self.appearance.changed.connect(self.look_changed)
        theme.changed.connect(self._restyle)
        hold_least(self, theme, LEAST_SIZE)
        self._restyle()
        self._fit()

    def add_page(
        self, name: str, words: str, icon_name: str, page: QWidget | Callable[[], QWidget], before: str = ""
    ) -> None:
        """Add a page, or what makes it when it is first shown; `before` names the one that it precedes."""
        at = next((at for at, entry in enumerate(self._entries) if entry.name == before), len(self._entries))
        shown, make = (page, None) if isinstance(page, QWidget) else (QWidget(), page)
        self._entries.insert(at, _Entry(name, words, icon_name, make))
        item = QListWidgetItem(words)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, words)
        item.setIcon(self._icon(icon_name))
        self._pages.insertWidget(at, shown)
        self.nav.insertItem(at, item)

    def show_page(self, name: str) -> QWidget | None:
        """Show a page and return it. Raises ValueError for an unknown one."""
        names = [entry.name for entry in self._entries]
        self.nav.setCurrentRow(names.index(name))
        come_forward(self)
        return self._pages.currentWidget()

    def show_endpoints(self, endpoint_id: str = "") -> None:
        """Show the list of endpoints, or the form of one."""
        self.nav.setCurrentRow(0)
        self.endpoints.show_list()
        if endpoint_id:
            self.endpoints.edit(endpoint_id)
        come_forward(self)

    def show_new_endpoint(self) -> None:
        """Show the form of a new endpoint."""
        self.nav.setCurrentRow(0)
        self.endpoints.add_new()
        come_forward(self)

    def show_data(self) -> None:
        """Show the page where conversations come in and go out."""
        self.show_page("data")

    def show_about(self) -> None:
        """Show where everything is, and the updates."""
        self.show_page("about")

    def show_local(self) -> None:
        """Show the page of the model on this computer."""
        self.show_page("local")

    def show_network(self) -> None:
        """Show the page of proxy, certificates and waits."""
        self.show_page("network")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the pages' icons alone where there is little room."""
        super().resizeEvent(event)
        self._fold()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close with Escape, or with the system's keys for that."""
        if event.key() == Qt.Key.Key_Escape or event.matches(QKeySequence.StandardKey.Close):
            self.close()
        else:
            super().keyPressEvent(event)

    def _make_keyboard(self, actions: Actions) -> QWidget:
        from desktop.ui.settings.keyboard import KeyboardPage

        return KeyboardPage(self._theme, actions)

    def _on_row_changed(self, row: int) -> None:
        entry = self._entries[row]
        if entry.make is not None:
            made, entry.make = entry.make(), None
            empty = self._pages.widget(row)
            if empty is not None:
                self._pages.removeWidget(empty)
                empty.deleteLater()
            self._pages.insertWidget(row, made)
        self._pages.setCurrentIndex(row)

    def _icon(self, name: str) -> QIcon:
        theme = self._theme
        return icon(name, theme.color("muted"), theme.px(18))

    def _fit(self) -> None:
        room = self.screen().availableSize() * 0.9
        self.resize((SIZE * self._theme.zoom).boundedTo(room))

    def _fold(self) -> None:
        is_folded = self.width() < self._theme.px(_FOLDS_BELOW)
        for row, entry in enumerate(self._entries):
            item = self.nav.item(row)
            item.setText("" if is_folded else entry.words)
            item.setToolTip(entry.words if is_folded else "")
        px = self._theme.px
        # Another language may need more.
        wide = max(px(NAV_WIDTH), self.nav.sizeHintForColumn(0) + px(28))
        self.nav.setFixedWidth(px(NAV_FOLDED) if is_folded else wide)

    def _restyle(self) -> None:
        theme = self._theme
        self.setStyleSheet(style_sheet(theme))
        self.nav.setIconSize(QSize(theme.px(18), theme.px(18)))
        for row, entry in enumerate(self._entries):
            self.nav.item(row).setIcon(self._icon(entry.icon))
        if theme.zoom != self._zoom:
            self._zoom = theme.zoom
            self._fit()
        self._fold()
