"""The page of the first start: where should answers come from?"""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.chat.endpoints import Endpoints
from desktop.domain.endpoint import ModelRef
from desktop.domain.local import FoundServer
from desktop.local.demo import offers_demo
from desktop.ui.controls import ElidedLabel, badge, button, label, turn
from desktop.ui.key_card import KeyCard
from desktop.ui.theme import Theme
from desktop.ui.wording import listed, parts
from desktop.ui.wrapping import WrapRow

WIDTH = 620
TIGHT = 340
_NAMED = 4


class Card(QFrame):
    """A card with a title, words below it, a mark where one is wanted, and a button at the right."""

    def __init__(self, theme: Theme, title: str, words: str, action: str, kind: str, mark: str = "") -> None:
        super().__init__()
        self.setProperty("kind", "card")
        px = theme.px
        self.title = ElidedLabel(title, size="strong")
        self.words = label(words, size="small", tone="muted", wraps=True)
        self.action = button(action, kind)
        self.action.setAccessibleDescription(title)
        if not action:
            self.action.setAccessibleName(title)
        head = QHBoxLayout()
        head.setSpacing(px(8))
        head.addWidget(self.title)
        if mark:
            head.addWidget(badge(mark))
        head.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(px(3))
        column.addLayout(head)
        column.addWidget(self.words)
        self._theme = theme
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(px(18), px(16), px(18), px(16))
        self._row.setSpacing(px(12))
        self._row.addLayout(column, 1)
        self._row.addWidget(self.action, 0, Qt.AlignmentFlag.AlignVCenter)
        self.action.setVisible(bool(action))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the button below the words where there is little room."""
        super().resizeEvent(event)
        turn(self._row, self.width() < self._theme.px(TIGHT))


class FirstStart(QScrollArea):
    """Offers the servers found here, a service by its key, and the demo model.

    `done` follows a choice. `endpoint_requested` asks for the page where an endpoint is typed in,
    `file_requested` for a model file.
    """

    done = Signal()
    endpoint_requested = Signal()
    file_requested = Signal()

    def __init__(self, theme: Theme, endpoints: Endpoints) -> None:
        super().__init__()
        self._theme = theme
        self._endpoints = endpoints
        self._has_looked = False
        self._known: frozenset[str] | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._page = QWidget()
        self._page.setProperty("surface", "page")
        self._column = QWidget()
        self.title = label(self.tr("Where should answers come from?"), size="big", wraps=True)
        self._lead = label(
            self.tr(
                "You can change this at any time. Nothing leaves this computer until you send a message."
            ),
            tone="muted",
            wraps=True,
        )
        self._servers = QVBoxLayout()
        self.server_cards: list[Card] = []
        self.key = KeyCard(theme, endpoints)
        self.demo = Card(
            theme,
            self.tr("Demo model, offline"),
            self.tr("Runs here at once, no key: try it, or just type. Small, and often wrong."),
            self.tr("Try it"),
            "plain",
            "SmolLM2 135M",
        )
        self.own = button(self.tr("Another server or your own endpoint…"), "text")
        self.file = button(self.tr("Choose a GGUF file…"), "text")
        self._lay_out()
        self._connect()
        self._fill_servers()
        self._update_demo()

    def look(self, *, again: bool = False) -> None:
        """Look for servers on this computer, once the page is wanted."""
        self._endpoints.find_servers(again=again)

    def begins(self, event: QKeyEvent) -> bool:
        """Return whether a key begins a prompt, and choose the demo model to answer it."""
        commands = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
        text = event.text()
        if not text.strip() or not text.isprintable() or event.modifiers() & commands:
            return False
        if not self.demo.isVisibleTo(self) or not self.demo.action.isEnabled():
            return False
        self._on_demo()
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say less of the other servers where there is little room."""
        super().resizeEvent(event)
        width = self.viewport().width()
        long = self.tr("Another server or your own endpoint…")
        self.own.setText(self.tr("Another endpoint…") if width < self._theme.px(TIGHT) else long)

    def _lay_out(self) -> None:
        px = self._theme.px
        self._servers.setSpacing(px(12))
        foot = WrapRow(px(12))
        foot.addWidget(self.own)
        foot.add_spring()
        foot.addWidget(self.file)
        column = QVBoxLayout(self._column)
        column.setContentsMargins(0, px(24), 0, px(24))
        column.setSpacing(px(12))
        column.addStretch(5)
        column.addWidget(self.title)
        column.addWidget(self._lead)
        column.addSpacing(px(8))
        column.addLayout(self._servers)
        column.addWidget(self.key)
        column.addWidget(self.demo)
        column.addLayout(foot)
        column.addStretch(7)
        row = QHBoxLayout(self._page)
        row.setContentsMargins(px(16), 0, px(16), 0)
        row.addStretch(1)
        row.addWidget(self._column, 1000)
        row.addStretch(1)
        self._restyle()
        self.setWidget(self._page)

    def _restyle(self) -> None:
        self._column.setMaximumWidth(self._theme.px(WIDTH))

    def _connect(self) -> None:
        self._theme.changed.connect(self._restyle)
        self._endpoints.found_changed.connect(self._on_found)
        self._endpoints.changed.connect(self._update_demo)
        self.demo.action.clicked.connect(self._on_demo)
        self.key.done.connect(self.done)
        self.own.clicked.connect(self._on_own)
        self._endpoints.changed.connect(self._take_added)
        self._endpoints.models_changed.connect(self._take_added)
        self.file.clicked.connect(self.file_requested)

    def _on_own(self) -> None:
        self._known = frozenset(endpoint.id for endpoint in self._endpoints.endpoints)
        self.endpoint_requested.emit()

    def _take_added(self) -> None:
        """Choose the first model of the endpoint that was added from here, once it has one."""
        if self._known is None:
            return
        for endpoint in self._endpoints.endpoints:
            models = self._endpoints.models(endpoint.id)
            if endpoint.id not in self._known and models:
                self._known = None
                self._endpoints.choose(ModelRef(endpoint.id, models[0].id))
                return

    def _on_found(self) -> None:
        self._has_looked = True
        self._fill_servers()

    def _fill_servers(self) -> None:
        while (item := self._servers.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.server_cards = []
        for server in self._endpoints.found:
            card = self._server_card(server)
            self.server_cards.append(card)
            self._servers.addWidget(card)
        if not self.server_cards:
            words = self.tr("Looking for Ollama, LM Studio and llama.cpp…")
            action = ""
            if self._has_looked:
                words = self.tr("None is running. Ollama, LM Studio and llama.cpp are found by themselves.")
                action = self.tr("Look again")
            card = Card(self._theme, self.tr("A model server on this computer"), words, action, "plain")
            card.action.clicked.connect(self._on_look_again)
            self._servers.addWidget(card)

    def _server_card(self, server: FoundServer) -> Card:
        count = len(server.models)
        if count == 0:
            words = self.tr("Found, but it has no model yet.")
        elif count <= _NAMED:
            words = self.tr("Found, %n model(s): {names}", "", count).format(names=listed(server.models))
        else:
            #: The names are the first few of the models
            words = self.tr("Found, %n model(s): {names}, …", "", count)
            words = words.format(names=parts(*server.models[:_NAMED]))
        title = self.tr("{name} on this computer").format(name=server.name)
        card = Card(self._theme, title, words, self.tr("Use it"), "primary")
        card.action.setEnabled(count > 0)
        card.action.setProperty("server", self._endpoints.found.index(server))
        card.action.clicked.connect(self._on_use_server)
        return card

    def _on_use_server(self) -> None:
        number = self.sender().property("server")
        self._endpoints.use_found(self._endpoints.found[number])
        self.done.emit()

    def _on_look_again(self) -> None:
        self._has_looked = False
        self._fill_servers()
        self.look(again=True)

    def _on_demo(self) -> None:
        self._endpoints.use_demo()
        self.done.emit()

    def _update_demo(self) -> None:
        has_engine = any(item.embedded for item in self._endpoints.endpoints)
        self.demo.setVisible(has_engine and offers_demo())
