"""Desktop: what Weir does while another program is in front, and the question in passing."""

import sys

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout

from desktop.base.frozen import own_command
from desktop.chat.endpoints import Endpoints
from desktop.chat.entries import Entries
from desktop.chat.quick import MODEL, PERSONA
from desktop.domain.persona import Persona
from desktop.ui.controls import Chooser, button, label, set_look
from desktop.ui.outside.tray import Tray
from desktop.ui.preferences import NOTIFIES, NOTIFIES_TEXT, Preferences
from desktop.ui.settings.page import Page, card
from desktop.ui.theme import Theme


class DesktopPage(Page):
    """Notifications, the icon among those of the system, who answers quick questions. It counts at once."""

    def __init__(
        self,
        theme: Theme,
        preferences: Preferences,
        tray: Tray,
        endpoints: Endpoints,
        personas: Entries[Persona],
    ) -> None:
        super().__init__(theme)
        self._preferences = preferences
        self._tray = tray
        self._endpoints = endpoints
        self._personas = personas
        self.head(self.tr("Desktop"))
        self._add_notifications()
        self._add_tray()
        self._add_quick()
        self.column.addStretch(1)
        self._show_tray()
        self._fill_models()
        self._fill_personas()
        self.notifies.toggled.connect(self._on_notifies)
        self.shows_text.toggled.connect(self._on_shows_text)
        self.has_icon.toggled.connect(tray.want)
        self.keeps.toggled.connect(tray.keep)
        self.model.activated.connect(self._on_model)
        self.persona.activated.connect(self._on_persona)
        tray.changed.connect(self._show_tray)
        endpoints.changed.connect(self._fill_models)
        endpoints.models_changed.connect(self._fill_models)
        personas.changed.connect(self._fill_personas)
        tray.look()
        personas.load()

    def _section(self, title: str) -> QVBoxLayout:
        frame, column = card(self.theme)
        column.addWidget(label(title, size="strong"))
        self.column.addWidget(frame)
        return column

    def _explain(self, column: QVBoxLayout, words: str) -> None:
        column.addWidget(label(words, size="small", tone="muted", wraps=True))

    def _add_notifications(self) -> None:
        column = self._section(self.tr("Notifications"))
        self.notifies = QCheckBox(self.tr("Tell me when a long reply is there"))
        self.notifies.setChecked(self._preferences.read(NOTIFIES, "yes") == "yes")
        column.addWidget(self.notifies)
        self._explain(
            column,
            self.tr(
                "For replies that took longer than five seconds and came, or failed, while another program "
                "was in front. The notification names the conversation and the model; a click opens it."
            ),
        )
        self.shows_text = QCheckBox(self.tr("Show the beginning of the reply in it"))
        self.shows_text.setChecked(self._preferences.read(NOTIFIES_TEXT, "") == "yes")
        self.shows_text.setEnabled(self.notifies.isChecked())
        column.addWidget(self.shows_text)
        self._explain(column, self.tr("It may then be read on a locked screen."))

    def _add_tray(self) -> None:
        column = self._section(self.tr("Icon in the notification area"))
        self.has_icon = QCheckBox(self.tr("Show an icon of Weir"))
        column.addWidget(self.has_icon)
        self.keeps = QCheckBox(self.tr("Keep Weir running when its window is closed"))
        column.addWidget(self.keeps)
        self.tray_words = label(size="small", tone="muted", wraps=True)
        column.addWidget(self.tray_words)

    def _add_quick(self) -> None:
        column = self._section(self.tr("Quick question"))
        self._explain(
            column,
            self.tr(
                "This command opens a small window for one question. Give it a key in your desktop’s "
                "keyboard settings; Weir itself hears no keys while another program is in front."
            ),
        )
        row = QHBoxLayout()
        self.command = QLineEdit(f"{own_command()} quick")
        self.command.setReadOnly(True)
        self.command.setAccessibleName(self.tr("Command for a quick question"))
        row.addWidget(self.command, 1)
        self.copy = button(self.tr("Copy"))
        self.copy.clicked.connect(self._on_copy)
        row.addWidget(self.copy)
        column.addLayout(row)
        self.model = Chooser(self.theme, self.tr("Model for quick questions"))
        self.persona = Chooser(self.theme, self.tr("Persona for quick questions"))
        for words, chooser in ((self.tr("Model"), self.model), (self.tr("Persona"), self.persona)):
            column.addWidget(label(words, size="small", tone="muted"))
            column.addWidget(chooser)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.command.text())
        self.command.selectAll()

    def _show_tray(self) -> None:
        tray = self._tray
        for box, is_on in ((self.has_icon, tray.is_wanted), (self.keeps, tray.wants_to_keep)):
            box.blockSignals(True)
            box.setChecked(is_on)
            box.blockSignals(False)
        self.keeps.setEnabled(tray.is_wanted and tray.has_place)
        if tray.has_place:
            words = self.tr(
                "Its menu leads to the window, a quick question and a new conversation, and ends Weir."
            )
            tone = "muted"
        elif tray.is_wanted:
            words = self.tr(
                "This desktop shows no such icons at the moment, and closing the window ends Weir as usual."
            )
            tone = "warn"
        elif sys.platform.startswith("linux"):
            words = self.tr(
                "This desktop shows no such icons at the moment; some need an extension for them."
            )
            tone = "muted"
        else:
            words, tone = self.tr("There is no place for such icons at the moment."), "muted"
        set_look(self.tray_words, tone=tone)
        self.tray_words.setText(words)

    def _fill_models(self) -> None:
        chosen = self._preferences.read(MODEL, "")
        self.model.clear()
        self.model.addItem(self.tr("The one used last"), "")
        for endpoint in self._endpoints.endpoints:
            for model in self._endpoints.models(endpoint.id):
                self.model.addItem(
                    f"{model.name or model.id} · {endpoint.name}", f"{endpoint.id}\t{model.id}"
                )
        if chosen and self.model.findData(chosen) < 0:
            self.model.addItem(chosen.partition("\t")[2], chosen)
        self.model.setCurrentIndex(max(0, self.model.findData(chosen)))

    def _fill_personas(self) -> None:
        self.persona.clear()
        self.persona.addItem(self.tr("None", "persona"), "")
        for persona in self._personas.items:
            self.persona.addItem(persona.name, persona.id)
        self.persona.setCurrentIndex(max(0, self.persona.findData(self._preferences.read(PERSONA, ""))))

    def _on_notifies(self, is_on: bool) -> None:
        self._preferences.write(NOTIFIES, "yes" if is_on else "no")
        self.shows_text.setEnabled(is_on)

    def _on_shows_text(self, is_on: bool) -> None:
        self._preferences.write(NOTIFIES_TEXT, "yes" if is_on else "")

    def _on_model(self, row: int) -> None:
        self._preferences.write(MODEL, str(self.model.itemData(row)))

    def _on_persona(self, row: int) -> None:
        self._preferences.write(PERSONA, str(self.persona.itemData(row)))
