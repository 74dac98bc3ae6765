"""The gauge beside the composer: how full the model's context window will be."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from desktop.chat.fitting import Measure
from desktop.ui.context.words import about, measure_words, tr
from desktop.ui.controls import plain_tip
from desktop.ui.sides import flipped, is_mirrored
from desktop.ui.theme import SMALL_PX, Theme
from desktop.ui.wording import percent

NEARLY = 0.8
_RING = 13
_GAP = 6
_HEIGHT = 24
_FULL = 5760


class Gauge(QAbstractButton):
    """A ring and a number. A click leads to where the limit can be set; the tool tip has the numbers."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._share: float | None = None
        self._tone = "muted"
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Context window"))
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    @property
    def tone(self) -> str:
        """The colour in force: muted, warn when nearly full, bad when it does not fit."""
        return self._tone

    def show_measure(self, measure: Measure | None) -> None:
        """Show how full the window will be; nothing where there is nothing to weigh."""
        if measure is None or measure.load.tokens == 0:
            self.hide()
            return
        load = measure.load
        share = self._share = load.share
        self._tone = "bad" if not load.fits else "warn" if share is not None and share >= NEARLY else "muted"
        if share is None:
            text = tr("%n token(s)", "", about(load.tokens) if load.estimated else load.tokens)
        else:
            text = percent(max(0.01, share))
        if text != self.text():
            self.setText(text)
            self.updateGeometry()
        words = measure_words(measure)
        self.setToolTip(plain_tip(words))
        self.setAccessibleDescription(words)
        self.show()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room for the ring and the number."""
        px = self._theme.px
        ring = px(_RING) + px(_GAP) if self._share is not None else 0
        return QSize(ring + self.fontMetrics().horizontalAdvance(self.text()) + 2 * px(6), px(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ring, filled as far as the window, and the number."""
        del event
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        if self.hasFocus() or self.underMouse():
            pen = QPen(theme.color("accent"), 2) if self.hasFocus() else QPen(Qt.PenStyle.NoPen)
            painter.setPen(pen)
            painter.setBrush(theme.color("prompt") if self.underMouse() else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), px(7), px(7))
        left = px(6)
        color = theme.color("faint" if self._tone == "muted" else self._tone)
        if self._share is not None:
            wide = max(2.0, px(_RING) * 0.19)
            ring = QRectF(left, (box.height() - px(_RING)) / 2, px(_RING), px(_RING))
            ring = flipped(ring, box.width()) if is_mirrored(painter) else ring
            ring.adjust(wide / 2, wide / 2, -wide / 2, -wide / 2)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("line"), wide))
            painter.drawEllipse(ring)
            arc = color if self._tone != "muted" else theme.color("accent")
            painter.setPen(QPen(arc, wide, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            painter.drawArc(ring, 1440, -round(_FULL * min(1.0, self._share)))
            left += px(_RING) + px(_GAP)
        painter.setPen(theme.color("muted") if self._tone == "muted" else color)
        painter.setFont(self.font())
        rest = QRectF(left, 0, box.width() - left, box.height())
        rest = flipped(rest, box.width()) if is_mirrored(painter) else rest
        painter.drawText(rest, int(Qt.AlignmentFlag.AlignVCenter.value), self.text())

    def _restyle(self) -> None:
        self.setFont(self._theme.number_font(SMALL_PX))
        self.updateGeometry()
        self.update()
