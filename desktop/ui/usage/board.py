"""The board: totals in tiles, a legend, four charts, and what is to be said of them."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from desktop.domain.usage import Step, UsageReport
from desktop.ui.controls import ElidedLabel, label
from desktop.ui.sides import Room, draw_line, placed
from desktop.ui.theme import SMALL_PX, Theme
from desktop.ui.usage import words
from desktop.ui.usage.chart import Chart, Plot
from desktop.ui.usage.figures import Figures, Tile, notes_of, plot_words, tiles_of
from desktop.ui.usage.words import tr
from desktop.ui.wording import listed, pair, parts

_TILE = 138
_BESIDE = 720


class TileCard(QFrame):
    """One figure in a card, read as one sentence."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("kind", "card")
        self.caption = label(size="small", tone="muted")
        self.value = label(size="big")
        self.note = label(size="small", tone="faint", wraps=True)
        self._column = QVBoxLayout(self)
        for made in (self.caption, self.value, self.note):
            self._column.addWidget(made)
        self._column.addStretch(1)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_tile(self, tile: Tile) -> None:
        """Show a figure."""
        self.caption.setText(tile.caption)
        self.value.setText(tile.value)
        self.note.setText(tile.note or " ")
        self.setAccessibleName(parts(pair(tile.caption, tile.value), tile.note))

    def _restyle(self) -> None:
        px = self._theme.px
        self._column.setContentsMargins(px(14), px(10), px(12), px(10))
        self._column.setSpacing(px(1))


class Legend(QWidget):
    """The names of the models by their colours, in as many lines as they need."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._entries: tuple[tuple[str, str], ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_entries(self, entries: tuple[tuple[str, str], ...]) -> None:
        """Show names and colours."""
        self._entries = entries
        self.setAccessibleName(tr("Models: {names}").format(names=listed(name for name, _ in entries)))
        self.setVisible(bool(entries))
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Return that a narrow one is higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of the lines."""
        places = self._places(width)
        return places[-1].bottom() + 1 if places else 0

    def sizeHint(self) -> QSize:
        """Return the size of one line."""
        return QSize(self._theme.px(300), self.heightForWidth(max(1, self.width())))

    def _places(self, width: int) -> list[QRect]:
        theme = self._theme
        metrics, high = self.fontMetrics(), theme.px(22)
        x = y = 0
        places: list[QRect] = []
        for name, _ in self._entries:
            wide = min(width, metrics.horizontalAdvance(name) + theme.px(16))
            if x and x + wide > width:
                x, y = 0, y + high
            places.append(QRect(x, y, wide, high))
            x += wide + theme.px(18)
        return places

    def _restyle(self) -> None:
        self.setFont(self._theme.font(SMALL_PX))
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the names, each beside its colour."""
        del event
        theme, painter = self._theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for (name, color), place in zip(self._entries, self._places(self.width()), strict=True):
            room = Room(painter, placed(painter, self.rect(), place))
            box = room.from_start(theme.px(9), theme.px(6))
            chip = QRect(box.left(), box.center().y() - theme.px(4), theme.px(9), theme.px(9))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawRoundedRect(chip, theme.px(2.5), theme.px(2.5))
            painter.setPen(theme.color("muted"))
            draw_line(painter, room.rect, name, elide=Qt.TextElideMode.ElideMiddle)


class ChartCard(QFrame):
    """A chart with its title."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._name = name
        self.setProperty("kind", "card")
        self._title = label(size="strong")
        self._about = ElidedLabel(size="small", tone="faint")
        self.chart = Chart(theme, name)
        self._head = QGridLayout()
        self._head.addWidget(self._title, 0, 0)
        self._head.addWidget(self._about, 0, 1)
        self._head.setColumnStretch(1, 1)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._head)
        self._column.addWidget(self.chart)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_plot(self, plot: Plot, about: str, step: Step | None = None) -> None:
        """Show a plot under its name, and what each of its steps is where it is counted over that."""
        title = words.per_step(self._name, step) if step is not None else self._name
        self._title.setText(title)
        self._about.setText(about)
        self.chart.show_plot(plot, plot_words(plot, title))

    def _restyle(self) -> None:
        px = self._theme.px
        self._column.setContentsMargins(px(14), px(10), px(12), px(8))
        self._column.setSpacing(px(6))
        self._head.setHorizontalSpacing(px(8))


class Board(QScrollArea):
    """Shows a report in charts."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._report = UsageReport()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QWidget()
        inside.setProperty("surface", "page")
        self._column = QVBoxLayout(inside)
        self._tiles = QGridLayout()
        self.tiles = tuple(TileCard(theme) for _ in tiles_of(self._report))
        self.legend = Legend(theme)
        self._grid = QGridLayout()
        self.cost = ChartCard(theme, tr("Cost"))
        self.tokens = ChartCard(theme, tr("Tokens"))
        self.first_token = ChartCard(theme, tr("Time to first token"))
        self.speed = ChartCard(theme, tr("Tokens per second"))
        self.notes = label(size="small", tone="muted", wraps=True)
        self._column.addLayout(self._tiles)
        self._column.addWidget(self.legend)
        self._column.addLayout(self._grid)
        self._column.addWidget(self.notes)
        self._column.addStretch(1)
        self.setWidget(inside)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def _cards(self) -> tuple[ChartCard, ...]:
        return self.cost, self.tokens, self.first_token, self.speed

    def show_report(self, report: UsageReport) -> None:
        """Show a report."""
        self._report = report
        figures = Figures.of(report, self._theme.series)
        for card, tile in zip(self.tiles, tiles_of(report), strict=True):
            card.show_tile(tile)
        self.legend.show_entries(tuple(zip(figures.names, figures.colors, strict=True)))
        step, mean = figures.step, words.mean_per_step(figures.step)
        self.cost.show_plot(figures.cost(), "", step)
        self.tokens.show_plot(figures.tokens(), tr("in and out"), step)
        self.first_token.show_plot(figures.first_token(), mean)
        self.speed.show_plot(figures.speed(), mean)
        self.notes.setText("\n".join(notes_of(report)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put as much side by side as there is room for."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        px = self._theme.px
        width = self.viewport().width() - 2 * px(24)
        fit = max(1, width // px(_TILE))
        columns = next(count for count in (6, 3, 2, 1) if count <= fit)
        across = 2 if width >= px(_BESIDE) else 1
        for grid, widgets, count in ((self._tiles, self.tiles, columns), (self._grid, self._cards, across)):
            for number, widget in enumerate(widgets):
                grid.addWidget(widget, number // count, number % count)
            for column in range(6):
                grid.setColumnStretch(column, 1 if column < count else 0)

    def _restyle(self) -> None:
        px = self._theme.px
        self._column.setContentsMargins(px(24), px(4), px(24), px(20))
        self._column.setSpacing(px(12))
        for grid in (self._tiles, self._grid):
            grid.setSpacing(px(12))
        self.show_report(self._report)
        self._arrange()
