"""Lines of what a test found."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from desktop.ui.controls import label
from desktop.ui.icons import pixmap
from desktop.ui.theme import SMALL_PX, Theme

_ICONS = {"ok": "check", "bad": "close", "run": "more"}
_NAMES = {"ok": "✓", "bad": "✗", "run": "…"}


class Checks(QWidget):
    """Lines of what a test found, each with a mark and, where measured, a time."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._lines: list[tuple[str, str, str]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        theme.changed.connect(self._draw)
        self.hide()

    @property
    def words(self) -> tuple[str, ...]:
        """The lines as shown."""
        return tuple(line[1] for line in self._lines)

    @property
    def lines(self) -> tuple[tuple[str, str, str], ...]:
        """The lines as shown, each with its mark and its time."""
        return tuple(self._lines)

    def show_lines(self, lines: list[tuple[str, str, str]]) -> None:
        """Show lines of mark ("ok", "bad", "run" for what goes on, or "muted"), words and time."""
        if lines != self._lines:
            self._lines = lines
            self._draw()

    def _draw(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        theme = self._theme
        self._grid.setVerticalSpacing(theme.px(6))
        self._grid.setHorizontalSpacing(theme.px(12))
        for row, (tone, words, time) in enumerate(self._lines):
            mark = QLabel()
            if tone != "muted":
                name = _ICONS[tone]
                color = theme.color("muted" if tone == "run" else tone).name()
                mark.setPixmap(pixmap(name, color, theme.px(14), self.devicePixelRatioF()))
                mark.setAccessibleName(_NAMES[tone])
            text = label(words, size="small", tone="bad" if tone == "bad" else "muted", wraps=True)
            took = label(time, tone="muted")
            took.setFont(theme.number_font(SMALL_PX))
            self._grid.addWidget(mark, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(text, row, 1)
            self._grid.addWidget(took, row, 2, Qt.AlignmentFlag.AlignRight)
        self.setVisible(bool(self._lines))
