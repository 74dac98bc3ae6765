"""The usage page as a table: every number of every model, step by step, the newest first."""

import datetime
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from desktop.base.tongue import number
from desktop.domain.usage import Step, Sums, UsageReport, summed
from desktop.ui.theme import SMALL_PX, Theme
from desktop.ui.usage import words
from desktop.ui.usage.words import tr

_Row = tuple[datetime.date, str, str, Sums]
_Index = QModelIndex | QPersistentModelIndex


def rows_of(report: UsageReport) -> tuple[Step, list[_Row]]:
    """Return the step, and the sums by step, endpoint and model, the newest first."""
    step = Step.of(report.first_day, report.until)
    found: dict[tuple[datetime.date, str, str], list[Sums]] = {}
    for each in report.used:
        if each.sums.replies:
            found.setdefault((step.start(each.day), *each.name), []).append(each.sums)
    rows = [(*key, summed(sums)) for key, sums in found.items()]
    rows.sort(key=lambda row: (-row[0].toordinal(), -row[3].tokens, row[1], row[2]))
    return step, rows


class UsageTable(QAbstractTableModel):
    """The rows of a report."""

    def __init__(self) -> None:
        super().__init__()
        self._step = Step.DAY
        self._rows: list[_Row] = []
        self._columns: tuple[tuple[str, Callable[[Sums], str]], ...] = (
            (tr("Replies"), lambda sums: number(sums.replies)),
            (tr("Cost"), _cost),
            #: Tokens in, over a column
            (tr("In"), lambda sums: number(sums.input)),
            #: Tokens out, over a column
            (tr("Out"), lambda sums: number(sums.output)),
            #: Over a column: tokens that came from a cache
            (tr("Cached"), lambda sums: number(sums.cached)),
            (tr("Reasoning"), lambda sums: number(sums.reasoning)),
            (tr("First token"), lambda sums: words.seconds(sums.mean_first_ms)),
            (tr("Speed"), lambda sums: words.speed(sums.tokens_per_second)),
        )

    def show_report(self, report: UsageReport) -> None:
        """Show another report."""
        self.beginResetModel()
        self._step, self._rows = rows_of(report)
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        """Return how many rows there are."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        """Return how many columns there are."""
        return 0 if parent is not None and parent.isValid() else 3 + len(self._columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text and side."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if index.column() > 2 else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        start, endpoint, model, sums = self._rows[index.row()]
        if index.column() < 3:
            return (words.step_words(self._step, start), endpoint, model)[index.column()]
        return self._columns[index.column() - 3][1](sums)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the columns' names."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section > 2 else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        names = (
            #: Over a column: the day, the week or the month
            tr("When"),
            #: Over a column, and a choice in the usage window: which endpoint was asked
            tr("Endpoint"),
            #: Over a column, and a choice in the usage window: which model was asked
            tr("Model"),
            *(name for name, _ in self._columns),
        )
        return names[section]


def _cost(sums: Sums) -> str:
    said = words.cost(sums.known_cost)
    return f"{said} +?" if sums.priced and sums.unpriced else said


class TableView(QTableView):
    """Shows the table, a row at a time for the keyboard."""

    def __init__(self, theme: Theme, table: UsageTable) -> None:
        super().__init__()
        self._theme = theme
        self.setModel(table)
        self.setAccessibleName(tr("Usage as a table"))
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        table.modelReset.connect(self._fit)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _fit(self) -> None:
        # The first rows say enough of all of them.
        self.horizontalHeader().setResizeContentsPrecision(50)
        self.resizeColumnsToContents()

    def _restyle(self) -> None:
        theme, colors = self._theme, self._theme.colors
        self.setFont(theme.number_font(SMALL_PX))
        self.verticalHeader().setDefaultSectionSize(theme.px(28))
        self.setStyleSheet(
            f"QTableView {{ background: {colors.card}; alternate-background-color: {colors.side};"
            f" border: {theme.look.line_px}px solid {colors.line}; border-radius: {theme.px(8)}px; }}"
            f"QTableView:focus {{ border: {theme.look.focus_px}px solid {colors.accent}; }}"
            f"QTableView::item {{ padding: 0 {theme.px(6)}px; color: {colors.text}; }}"
            f"QTableView::item:selected {{ background: {colors.accent_soft}; color: {colors.text}; }}"
            f"QHeaderView::section {{ background: {colors.card}; color: {colors.muted}; border: 0;"
            f" border-bottom: 1px solid {colors.line}; padding: {theme.px(6)}px {theme.px(6) + 3}px; }}"
            "QAbstractScrollArea::corner { background: transparent; border: 0; }"
        )
        self.horizontalHeader().setFont(theme.font(SMALL_PX))
        self._fit()
