"""Endpoints: the list of them, and the form of the one that is edited."""

from dataclasses import replace

from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.chat.endpoints import Endpoints
from desktop.domain.endpoint import Endpoint
from desktop.ui.controls import Chooser, ElidedLabel, button
from desktop.ui.settings.about import keys_words
from desktop.ui.settings.endpoint_editor import EndpointEditor
from desktop.ui.settings.page import Page, card
from desktop.ui.theme import Theme


class EndpointList(Page):
    """The endpoints as cards, and what can be added."""

    def __init__(self, theme: Theme, endpoints: Endpoints) -> None:
        super().__init__(theme)
        self.head(self.tr("Endpoints"))
        self._endpoints = endpoints
        self.say(
            self.tr("An endpoint is a service or a server that Weir can ask, with its address and its key.")
        )
        self.words: dict[str, ElidedLabel] = {}
        self.edits: dict[str, QWidget] = {}
        self.cards = QVBoxLayout()
        self.cards.setSpacing(theme.px(10))
        self.column.addLayout(self.cards)
        self.presets = Chooser(theme, self.tr("Service to add"))
        self.presets.setSizeAdjustPolicy(Chooser.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.presets.setMinimumContentsLength(14)
        for preset in endpoints.presets:
            self.presets.addItem(preset.name, preset.id)
        self.presets.addItem(self.tr("Another server or your own"), "")
        #: On a button: add an endpoint
        self.add = button(self.tr("Add…"))
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(self.presets, 2)
        row.addWidget(self.add)
        row.addStretch(3)
        self.column.addLayout(row)
        self.keys = self.say("")
        self.column.addStretch(1)
        endpoints.changed.connect(self.fill)
        endpoints.key_changed.connect(self._on_key_changed)
        self.fill()

    def fill(self) -> None:
        """Show the endpoints as they are."""
        while (item := self.cards.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.words.clear()
        self.edits.clear()
        for endpoint in self._endpoints.endpoints:
            self.cards.addWidget(self._card(endpoint))
        self._on_key_changed("")

    def _card(self, endpoint: Endpoint) -> QFrame:
        frame, column = card(self.theme)
        row = QHBoxLayout()
        row.setSpacing(self.theme.px(12))
        texts = QVBoxLayout()
        texts.setSpacing(self.theme.px(2))
        texts.addWidget(ElidedLabel(endpoint.name, size="strong"))
        address = endpoint.base_url or self.tr("started by Weir, no address needed")
        texts.addWidget(ElidedLabel(address, size="small", tone="muted"))
        words = ElidedLabel(size="small", tone="muted")
        texts.addWidget(words)
        self.words[endpoint.id] = words
        row.addLayout(texts, 1)
        if not endpoint.embedded:
            edit = button(self.tr("Edit"))
            edit.setAccessibleName(self.tr("Edit {name}").format(name=endpoint.name))
            edit.setProperty("endpoint", endpoint.id)
            edit.clicked.connect(self._on_edit)
            self.edits[endpoint.id] = edit
            row.addWidget(edit)
        column.addLayout(row)
        return frame

    def _on_edit(self) -> None:
        page = self.parent()
        while page is not None and not isinstance(page, EndpointsPage):
            page = page.parent()
        if page is not None:
            page.edit(str(self.sender().property("endpoint")))

    def _on_key_changed(self, _endpoint_id: str) -> None:
        for endpoint_id, words in self.words.items():
            words.setText(self._endpoints.key_words(endpoint_id))
        self.keys.setText(keys_words(self._endpoints))


class EndpointsPage(QStackedWidget):
    """The list, or the form in its place."""

    def __init__(self, theme: Theme, endpoints: Endpoints) -> None:
        super().__init__()
        self._endpoints = endpoints
        self.list = EndpointList(theme, endpoints)
        self.editor = EndpointEditor(theme, endpoints)
        self.addWidget(self.list)
        self.addWidget(self.editor)
        self.list.add.clicked.connect(self._on_add)
        self.editor.closed.connect(self.show_list)

    def show_list(self) -> None:
        """Show the list."""
        self.setCurrentWidget(self.list)

    def edit(self, endpoint_id: str) -> None:
        """Show the form of an endpoint."""
        endpoint = self._endpoints.endpoint(endpoint_id)
        if endpoint is not None:
            self.setCurrentWidget(self.editor)
            self.editor.edit(endpoint, is_new=False)

    def add_new(self, preset_id: str = "") -> None:
        """Show the form of a new endpoint, made from a preset or empty."""
        preset = next(
            (item for item in self._endpoints.presets if item.id == preset_id), Endpoint(id="", name="")
        )
        self.setCurrentWidget(self.editor)
        self.editor.edit(replace(preset), is_new=True)

    def _on_add(self) -> None:
        self.add_new(str(self.list.presets.currentData() or ""))
