"""Lists of models for more than the next prompt: which to compare, and which to ask once more."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from desktop.base import tongue
from desktop.chat.endpoints import Endpoints
from desktop.chat.lineup import LEAST, MOST, Lineup
from desktop.domain.endpoint import ModelRef
from desktop.ui.compare.bar import LineupBar
from desktop.ui.controls import button, label
from desktop.ui.picker import ModelPopup
from desktop.ui.theme import Theme


class ModelQuestion(ModelPopup):
    """Asks for one model; `chosen` carries the ModelRef."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, endpoints: Endpoints, parent: QWidget) -> None:
        super().__init__(theme, endpoints, parent)
        self.filter.setPlaceholderText(self.tr("Try again with which model?"))
        self.filter.setToolTip(self.filter.placeholderText())

    def take(self, ref: ModelRef) -> None:
        """Name the model."""
        self.close_list()
        self.chosen.emit(ref)


class LineupPopup(ModelPopup):
    """Asks for the models to compare and stays open: each choice is one more column.

    Enter or a click adds a model, also a second time; Backspace in the empty field takes the last one
    out, and so do the chips. Closed with fewer than two nothing is compared.
    """

    def __init__(self, theme: Theme, endpoints: Endpoints, lineup: Lineup, parent: QWidget) -> None:
        super().__init__(theme, endpoints, parent)
        self._lineup = lineup
        self.filter.setPlaceholderText(self.tr("Compare which models? Up to four"))
        self.filter.setToolTip(self.filter.placeholderText())
        self.chips = LineupBar(theme, lineup, endpoints, is_whole=False)
        self._layout.insertWidget(0, self.chips)
        self._count = label(size="small", tone="muted")
        self._layout.insertWidget(3, self._count)
        #: On a button that closes the list
        self.done = button(self.tr("Done"), "action")
        self.done.clicked.connect(self.close_list)
        self._foot.addWidget(self.done)
        lineup.changed.connect(self._on_lineup)

    def open_under(self, opener: QWidget) -> None:
        """Show the list below `opener`, with what was compared last, else with the chosen model."""
        if not self._lineup.refs:
            self._lineup.take(self._lineup.last or super().ticked())
        super().open_under(opener)
        self._on_lineup()

    def close_list(self) -> None:
        """Put the list away."""
        was_open = self.isVisible()
        super().close_list()
        if was_open and len(self._lineup.refs) < LEAST:
            self._lineup.clear()

    def take(self, ref: ModelRef) -> None:
        """Add a model, or say that there is no further column."""
        if self._lineup.add(ref) and self.filter.text():
            self.filter.clear()

    def ticked(self) -> tuple[ModelRef, ...]:
        """Return the models that are chosen so far."""
        return self._lineup.refs

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the last model out by Backspace where nothing is typed."""
        if (
            watched is self.filter
            and isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Backspace
            and not self.filter.text()
        ):
            self._lineup.remove(len(self._lineup.refs) - 1)
            return True
        return super().eventFilter(watched, event)

    def _on_lineup(self) -> None:
        if not self.isVisible():
            return
        number = len(self._lineup.refs)
        words = self.tr("{number} of {most} chosen").format(
            number=tongue.number(number), most=tongue.number(MOST)
        )
        if number < LEAST:
            words = self.tr("Choose at least two. The same model may be there twice.")
        elif self._lineup.is_full:
            words = self.tr("Four are chosen, and there is no room for more.")
        self._count.setText(words)
        self.done.setEnabled(number >= LEAST)
        self.mark()
        self.fit()
