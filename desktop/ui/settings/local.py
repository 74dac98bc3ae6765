"""On this computer: the demo model, and a model file of the user's own."""

from pathlib import Path

import shiboken6
from PySide6.QtCore import QObject, QThreadPool, Signal
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QWidget

from desktop.base.tongue import sentences, size
from desktop.chat.endpoints import Endpoints
from desktop.local.endpoint import embedded_endpoint
from desktop.local.gguf import GgufError, GgufModel, read_model
from desktop.ui.controls import ElidedLabel, badge, button, label
from desktop.ui.last_folder import open_in_last_folder
from desktop.ui.settings.page import Page, card
from desktop.ui.theme import Theme


class ModelFileReader(QObject):
    """Reads what a model file says of itself, off the window's thread.

    `read` carries a GgufModel, or words for the user.
    """

    read = Signal(object)

    def start(self, path: str) -> None:
        """Read the file at `path`; `read` follows."""

        def work() -> None:
            try:
                outcome: object = read_model(path)
            except GgufError as error:
                outcome = str(error)
            if shiboken6.isValid(self):
                self.read.emit(outcome)

        QThreadPool.globalInstance().start(work)


class LocalPage(Page):
    """Offers the demo model and a GGUF file. `done` follows a choice."""

    done = Signal()

    def __init__(self, theme: Theme, endpoints: Endpoints) -> None:
        super().__init__(theme)
        self.head(self.tr("On this computer"))
        self._endpoints = endpoints
        self._model: GgufModel | None = None
        self._reader = ModelFileReader(self)
        self.say(
            self.tr(
                "A model that runs here needs no key and no connection. Weir starts it when you first ask it."
            )
        )
        self._add_demo()
        self._add_file()
        self.column.addStretch(1)
        self._reader.read.connect(self._on_read)
        endpoints.changed.connect(self._show_current)
        endpoints.choice_changed.connect(self._show_current)
        self._show_current()

    def choose_file(self) -> None:
        """Ask for a model file."""
        dialog = QFileDialog(self.window(), self.tr("Choose a GGUF file"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        open_in_last_folder(dialog, "model")
        dialog.setNameFilters([self.tr("Models (*.gguf)"), self.tr("All files (*)")])
        dialog.fileSelected.connect(self.show_file)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def show_file(self, path: str) -> None:
        """Show what a model file says of itself, before it is used."""
        self._model = None
        self.name.setText(Path(path).name)
        self.name.show()
        self.words.setText(self.tr("Reading…"))
        self.words.show()
        self.use.hide()
        self._reader.start(path)

    def _add_demo(self) -> None:
        frame, column = card(self.theme)
        row = QHBoxLayout()
        row.addWidget(label(self.tr("Demo model"), size="strong"))
        row.addWidget(badge("SmolLM2 135M"))
        row.addStretch(1)
        self.demo = button(self.tr("Use it"))
        self.demo.clicked.connect(self._on_demo)
        row.addWidget(self.demo)
        column.addLayout(row)
        column.addWidget(
            label(
                self.tr("Small and fast, for trying things out. What it says is often wrong."),
                tone="muted",
                wraps=True,
            )
        )
        self.column.addWidget(frame)

    def _add_file(self) -> None:
        frame, column = card(self.theme)
        row = QHBoxLayout()
        row.addWidget(label(self.tr("A model file of your own"), size="strong"))
        row.addStretch(1)
        self.choose = button(self.tr("Choose a GGUF file…"))
        self.choose.clicked.connect(self.choose_file)
        row.addWidget(self.choose)
        column.addLayout(row)
        self.name = ElidedLabel()
        self.name.hide()
        column.addWidget(self.name)
        self.words = label(tone="muted", wraps=True)
        self.words.hide()
        column.addWidget(self.words)
        self.facts = QWidget()
        self._grid = QGridLayout(self.facts)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        self._grid.setHorizontalSpacing(self.theme.px(16))
        self._grid.setVerticalSpacing(self.theme.px(4))
        column.addWidget(self.facts)
        self.warning = label(tone="warn", wraps=True)
        self.warning.hide()
        column.addWidget(self.warning)
        foot = QHBoxLayout()
        self.use = button(self.tr("Use this model"), "primary")
        self.use.clicked.connect(self._on_use)
        self.use.hide()
        foot.addWidget(self.use)
        foot.addStretch(1)
        column.addLayout(foot)
        self.column.addWidget(frame)

    def _on_read(self, outcome: object) -> None:
        self._clear_facts()
        if not isinstance(outcome, GgufModel):
            self.words.setText(str(outcome))
            self.warning.hide()
            return
        self._model = outcome
        self.words.hide()
        self.name.setText(outcome.name or outcome.path.name)
        tokens = outcome.context_tokens
        facts = (
            (self.tr("File"), outcome.path.name),
            (
                self.tr("Size"),
                " · ".join(filter(None, (size(outcome.file_bytes), outcome.quantisation))),
            ),
            (
                self.tr("Context"),
                self.tr("%n token(s)", "", tokens) if tokens else self.tr("not stated"),
            ),
            (self.tr("Licence"), outcome.licence or self.tr("not stated")),
        )
        for row, (name, value) in enumerate(facts):
            self._grid.addWidget(label(name, size="small", tone="muted"), row, 0)
            self._grid.addWidget(ElidedLabel(value, size="small"), row, 1)
        self.warning.setText(sentences(*outcome.warnings))
        self.warning.setVisible(bool(outcome.warnings))
        self.use.show()
        self._show_current()

    def _clear_facts(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()

    def _on_use(self) -> None:
        if self._model is not None:
            self._endpoints.use_model_file(embedded_endpoint(str(self._model.path)))
            self.done.emit()

    def _on_demo(self) -> None:
        self._endpoints.use_demo()
        self.done.emit()

    def _show_current(self) -> None:
        embedded = next((item for item in self._endpoints.endpoints if item.embedded), None)
        choice = self._endpoints.choice
        is_chosen = embedded is not None and choice is not None and choice.endpoint_id == embedded.id
        is_demo = is_chosen and embedded is not None and not embedded.model_file
        self.demo.setEnabled(embedded is not None and not is_demo)
        #: A model that is in use now
        self.demo.setText(self.tr("In use") if is_demo else self.tr("Use it"))
        model_file = str(self._model.path) if self._model is not None else ""
        is_own = is_chosen and embedded is not None and bool(model_file) and embedded.model_file == model_file
        self.use.setEnabled(not is_own)
        self.use.setText(self.tr("In use") if is_own else self.tr("Use this model"))
        if self._model is None and embedded is not None and embedded.model_file:
            self.show_file(embedded.model_file)
