"""The chip that says which model answers the next prompt alone."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy

from desktop.ui.controls import ElidedLabel, IconButton
from desktop.ui.theme import Theme


class OnceChip(QFrame):
    """Names the model and drops it by its button; `dropped` follows the press."""

    dropped = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "chip")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.words = ElidedLabel(size="small")
        self.close_button = IconButton(
            theme, "close", self.tr("Back to the conversation’s own model"), size=13
        )
        self.close_button.clicked.connect(self.dropped)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(10), theme.px(2), theme.px(4), theme.px(2))
        row.setSpacing(theme.px(4))
        row.addWidget(self.words, 1)
        row.addWidget(self.close_button)

    def show_model(self, model: str, endpoint: str) -> None:
        """Name the model."""
        words = self.tr("@{model} at {endpoint} answers this once").format(model=model, endpoint=endpoint)
        self.words.setText(words)
        self.setAccessibleName(words)
