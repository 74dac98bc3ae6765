"""The models that are to be compared, as chips with a way to take each out."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from desktop.chat.endpoints import Endpoints
from desktop.chat.lineup import Lineup
from desktop.domain.endpoint import ModelRef
from desktop.ui.composer import SHADOW
from desktop.ui.controls import ElidedLabel, IconButton, button, label
from desktop.ui.theme import Theme
from desktop.ui.wording import parts
from desktop.ui.wrapping import WrapRow

CHIP_HEIGHT = 28
_NAME_WIDTH = 190


class ModelChip(QFrame):
    """One model; `removed` follows its button."""

    removed = Signal()

    def __init__(self, theme: Theme, ref: ModelRef, name: str, endpoint: str) -> None:
        super().__init__()
        px = theme.px
        self.ref = ref
        self.setProperty("kind", "chip")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.name = ElidedLabel(name, size="small")
        self.name.setMaximumWidth(px(_NAME_WIDTH))
        self.remove = IconButton(theme, "close", self.tr("Remove {name}").format(name=name), size=12)
        self.remove.clicked.connect(self.removed)
        spoken = parts(name, endpoint)
        self.setAccessibleName(spoken)
        self.setToolTip(spoken if "<" not in spoken else "")
        self.setFixedHeight(px(CHIP_HEIGHT))
        row = QHBoxLayout(self)
        row.setContentsMargins(px(7), 0, px(7), 0)
        row.setSpacing(px(2))
        row.addWidget(self.name)
        row.addWidget(self.remove)


class LineupBar(QWidget):
    """The chips of a lineup, over the composer or in the list; not there while it is empty.

    `add_requested` asks for the list of models. Without `is_whole` there are the chips alone.
    """

    add_requested = Signal()

    def __init__(self, theme: Theme, lineup: Lineup, endpoints: Endpoints, *, is_whole: bool = True) -> None:
        super().__init__()
        self._theme = theme
        self._lineup = lineup
        self._endpoints = endpoints
        self._is_whole = is_whole
        self.chips: list[ModelChip] = []
        self.setAccessibleName(self.tr("Models to compare"))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._head = label(self.tr("Compare"), size="small", tone="muted")
        self.add = button("", "text")
        self.add.clicked.connect(self.add_requested)
        self.clear = button(self.tr("One model again"), "text")
        self.clear.clicked.connect(lineup.clear)
        self._ground = QWidget()
        self._ground.setSizePolicy(policy)
        self.add.setParent(self._ground)
        self.clear.setParent(self._ground)
        self._rows = WrapRow(theme.px(6), self._ground)
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self._head, 0, Qt.AlignmentFlag.AlignTop)
        self._layout.addWidget(self._ground, 1)
        lineup.changed.connect(self._fill)
        theme.changed.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        px = self._theme.px
        had = next((at for at, chip in enumerate(self.chips) if chip.remove.hasFocus()), None)
        while self._rows.count():
            self._rows.takeAt(0)
        for chip in self.chips:
            chip.hide()
            chip.setParent(None)
            chip.deleteLater()
        refs = self._lineup.refs
        self.chips = [self._chip(at, ref) for at, ref in enumerate(refs)]
        shown: list[QWidget] = [*self.chips]
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(px(8))
        if self._is_whole:
            self._layout.setContentsMargins(SHADOW + px(2), px(6), SHADOW, 0)
            #: On a button: add a model
            self.add.setText(self.tr("Choose one more…") if len(refs) == 1 else self.tr("Add…"))
            self.add.setAccessibleName(self.tr("Add a model to compare"))
            shown += [*([] if self._lineup.is_full else [self.add]), self.clear]
        self._head.setVisible(self._is_whole)
        self._head.setFixedHeight(px(CHIP_HEIGHT))
        for part in (self.add, self.clear):
            part.setVisible(part in shown)
        for widget in shown:
            self._rows.addWidget(widget)
            widget.show()
        self.setVisible(bool(refs))
        for layout in (self._rows, self._layout):
            layout.invalidate()
            layout.activate()
        if had is not None and self.chips:
            # The next chip takes the keyboard, when it is in its place.
            heir = self.chips[min(had, len(self.chips) - 1)].remove
            QTimer.singleShot(0, heir, lambda: heir.setFocus(Qt.FocusReason.OtherFocusReason))

    def _chip(self, at: int, ref: ModelRef) -> ModelChip:
        endpoint = self._endpoints.endpoint(ref.endpoint_id)
        info = self._endpoints.model(ref)
        name = info.name or ref.model if info is not None else ref.model
        chip = ModelChip(self._theme, ref, name, endpoint.name if endpoint is not None else "")
        chip.setParent(self._ground)
        chip.removed.connect(lambda: self._lineup.remove(at))
        return chip
