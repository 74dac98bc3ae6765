"""What stands in the transcript's place before anything was said."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from desktop.domain.endpoint import Endpoint
from desktop.ui.controls import label
from desktop.ui.theme import Theme


class EmptyPage(QScrollArea):
    """A question, and where the answer will come from."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        inside.setProperty("surface", "page")
        self.setWidget(inside)
        self._words = label(tone="muted", wraps=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        title = label(self.tr("What do you want to know?"), size="big", wraps=True)
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(inside)
        column.setContentsMargins(theme.px(24), 0, theme.px(24), 0)
        column.setSpacing(theme.px(8))
        column.addStretch(4)
        column.addWidget(title)
        column.addWidget(self._words)
        column.addStretch(5)
        self._column = column

    def add_below(self, widget: QWidget) -> None:
        """Show a small widget below the words."""
        self._column.insertWidget(self._column.count() - 1, widget)

    def show_choice(self, endpoint: Endpoint | None, model: str, count: int = 0) -> None:
        """Say where the answer will come from: None where nothing is chosen yet, or `count` models."""
        if count:
            words = self.tr("%n model(s) answer side by side.", "", count)
        elif endpoint is None:
            words = self.tr("Choose a model above, then ask.")
        elif endpoint.embedded and not endpoint.model_file:
            words = self.tr("The demo model answers here, offline. It is small, and often wrong.")
        elif endpoint.embedded:
            words = self.tr("{model} answers on this computer.").format(model=model)
        else:
            words = self.tr("{model} at {endpoint} answers.").format(model=model, endpoint=endpoint.name)
        self._words.setText(words)
