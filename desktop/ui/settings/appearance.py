"""Appearance: light or dark, and how large."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QSlider

from desktop.ui.controls import button, label
from desktop.ui.settings.page import Page, card
from desktop.ui.theme import Theme


class AppearancePage(Page):
    """Changes the theme at once. `changed` asks that the choice be kept."""

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.head(self.tr("Appearance"))
        self.schemes = QButtonGroup(self)
        frame, column = card(theme)
        column.addWidget(label(self.tr("Colours"), size="strong"))
        row = QHBoxLayout()
        choices = (("", self.tr("Like the system")), ("light", self.tr("Light")), ("dark", self.tr("Dark")))
        for number, (scheme, words) in enumerate(choices):
            radio = QRadioButton(words)
            radio.setProperty("scheme", scheme)
            radio.setChecked(theme.choice == scheme)
            self.schemes.addButton(radio, number)
            row.addWidget(radio)
        row.addStretch(1)
        column.addLayout(row)
        self.column.addWidget(frame)
        frame, column = card(theme)
        column.addWidget(label(self.tr("Size of text and controls"), size="strong"))
        self.zoom = QSlider(Qt.Orientation.Horizontal)
        self.zoom.setAccessibleName(self.tr("Size of text and controls"))
        self.zoom.setRange(8, 20)
        self.zoom.setPageStep(1)
        self.percent = label(tone="muted")
        self.reset = button(self.tr("Normal size"))
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        row.addWidget(self.zoom, 1)
        row.addWidget(self.percent)
        row.addWidget(self.reset)
        column.addLayout(row)
        column.addWidget(
            label(
                self.tr("Ctrl and plus or minus do the same anywhere, Ctrl+0 brings it back."),
                size="small",
                tone="muted",
                wraps=True,
            )
        )
        self.column.addWidget(frame)
        self.column.addStretch(1)
        self._show_theme()
        self.schemes.idClicked.connect(self._on_scheme)
        self.zoom.valueChanged.connect(self._on_zoom)
        self.reset.clicked.connect(self._on_reset)
        theme.changed.connect(self._show_theme)

    def _on_scheme(self, number: int) -> None:
        self.theme.choose(str(self.schemes.button(number).property("scheme")))
        self.changed.emit()

    def _on_zoom(self, tenths: int) -> None:
        self.theme.set_zoom(tenths / 10)
        self.changed.emit()

    def _on_reset(self) -> None:
        self.zoom.setValue(10)

    def _show_theme(self) -> None:
        self.percent.setText(f"{round(self.theme.zoom * 100)} %")
        self.zoom.blockSignals(True)
        self.zoom.setValue(round(self.theme.zoom * 10))
        self.zoom.blockSignals(False)
        for radio in self.schemes.buttons():
            radio.setChecked(radio.property("scheme") == self.theme.choice)
