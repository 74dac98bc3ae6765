"""OptionsDoor: opens the options of the conversation on screen below their button, and counts them there."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.chat.conversation import LiveConversation
from desktop.chat.endpoints import Endpoints
from desktop.ui.header import Header
from desktop.ui.theme import Theme

if TYPE_CHECKING:
    from desktop.ui.options.panel import OptionsPanel


class OptionsDoor(QObject):
    """The button in the header and the sheet that it opens.

    `made` carries the sheet when it is first wanted, `closed` follows when it is put away.
    """

    made = Signal(object)
    closed = Signal()

    def __init__(self, theme: Theme, endpoints: Endpoints, header: Header, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._endpoints = endpoints
        self._button = header.tune
        self._over = parent
        self._live: LiveConversation | None = None
        self._panel: OptionsPanel | None = None
        self._button.clicked.connect(self.toggle)

    @property
    def panel(self) -> "OptionsPanel":
        """The sheet with the conversation's options, made when it is first wanted."""
        if self._panel is None:
            from desktop.ui.options.panel import OptionsPanel

            self._panel = OptionsPanel(self._theme, self._endpoints, self._over)
            self._panel.closed.connect(self._on_closed)
            self.made.emit(self._panel)
        return self._panel

    def turn_to(self, live: LiveConversation) -> None:
        """Be about another conversation."""
        if self._panel is not None:
            self._panel.close_panel()
        self._live = live
        self.show_count()

    def show_count(self) -> None:
        """Show at the button how many options are chosen."""
        self._button.show_count(len(self._live.options.chosen) if self._live is not None else 0)

    def toggle(self) -> None:
        """Open the sheet, or put it away."""
        if self._panel is not None and self._panel.isVisible():
            self._panel.close_panel()
        elif self._live is not None:
            self._button.setChecked(True)
            self.panel.open_under(self._button, self._live)

    def open_context(self) -> None:
        """Open the sheet at what is set of the context."""
        if self._live is not None and not self.panel.isVisible():
            self.toggle()
        self.panel.show_context()

    def _on_closed(self) -> None:
        self._button.setChecked(False)
        self.closed.emit()
