"""The usage window: a period, an endpoint, a model, and what was used of them, in charts or as a table."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.base.clock import today
from desktop.chat.usage import UsageBook
from desktop.domain.usage import Period, UsageReport
from desktop.ui.controls import Chooser, announce, button, is_tab, label, turn
from desktop.ui.forward import come_forward
from desktop.ui.last_folder import open_in_last_folder
from desktop.ui.style import style_sheet
from desktop.ui.theme import Theme
from desktop.ui.usage.board import Board
from desktop.ui.usage.table import TableView, UsageTable
from desktop.ui.usage.words import tr
from desktop.ui.wrapping import WrapRow, hold_least

SIZE = QSize(1120, 800)
LEAST_SIZE = QSize(420, 420)
_TIGHT = 860


class UsageWindow(QWidget):
    """Shows what was used. It reads anew whenever it is opened; it is never modal."""

    def __init__(self, theme: Theme, book: UsageBook, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._theme = theme
        self._book = book
        self._report = UsageReport()
        self.is_loaded = False
        """Whether what is shown has been read."""
        self.setWindowTitle(tr("Usage"))
        self.setProperty("surface", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.board = Board(theme)
        self.table = UsageTable()
        self.table_view = TableView(theme, self.table)
        self.said = label(size="small", tone="muted", wraps=True)
        self.said.hide()
        self._make_controls()
        self._lay_out()
        book.loaded.connect(self._on_loaded)
        book.failed.connect(self._say)
        book.exported.connect(self._on_exported)
        theme.changed.connect(self._restyle)
        hold_least(self, theme, LEAST_SIZE)
        self.resize(SIZE * theme.zoom)
        self._restyle()

    @property
    def period(self) -> Period:
        """The period that is shown."""
        return next(period for period, made in self.periods.items() if made.isChecked())

    @property
    def endpoint(self) -> str | None:
        """The endpoint that is shown alone, None for all."""
        return self._chosen(self.endpoints)

    @property
    def model(self) -> str | None:
        """The model that is shown alone, None for all."""
        return self._chosen(self.models)

    def open(self) -> None:
        """Show the window before the others, with what was used up to now."""
        self.reload()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        come_forward(self)

    def reload(self) -> None:
        """Read what was used in the period."""
        self._book.load(self.period)

    def choose_period(self, period: Period) -> None:
        """Show another period."""
        self.periods[period].setChecked(True)
        self.reload()

    def show_table(self, is_table: bool) -> None:
        """Show the table, or the charts."""
        self.as_table.setChecked(is_table)
        self.as_charts.setChecked(not is_table)
        self._stack.setCurrentIndex(1 if is_table else 0)

    def ask_for_export(self, *, with_titles: bool = False) -> QFileDialog:
        """Ask where the replies that are shown are to be saved, and save them."""
        dialog = QFileDialog(self, tr("Export usage"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        open_in_last_folder(dialog, "usage")
        dialog.setNameFilters([tr("Comma-separated values (*.csv)"), tr("All files (*)")])
        dialog.setDefaultSuffix("csv")
        dialog.selectFile(f"weir-usage-{today().isoformat()}.csv")
        dialog.fileSelected.connect(partial(self._export, with_titles))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the controls one under the other where there is little room."""
        super().resizeEvent(event)
        self._fold()

    def _make_controls(self) -> None:
        names = {
            Period.WEEK: tr("7 days"),
            Period.MONTH: tr("30 days"),
            Period.QUARTER: tr("90 days"),
            Period.YEAR: tr("A year"),
            #: A period: all the time
            Period.ALL: tr("All"),
        }
        self._period_group = QButtonGroup(self)
        self.periods: dict[Period, QPushButton] = {}
        for period, name in names.items():
            made = self.periods[period] = button(name, "pill")
            made.setCheckable(True)
            is_tab(made)
            self._period_group.addButton(made)
        self.periods[Period.MONTH].setChecked(True)
        self._period_group.buttonClicked.connect(lambda _button: self.reload())
        self.endpoints = Chooser(self._theme, tr("Endpoint"))
        self.models = Chooser(self._theme, tr("Model"))
        for chooser in (self.endpoints, self.models):
            chooser.setSizeAdjustPolicy(Chooser.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            chooser.setMinimumContentsLength(14)
            chooser.activated.connect(self._on_narrowed)
        self._view_group = QButtonGroup(self)
        self.as_charts, self.as_table = button(tr("Charts"), "pill"), button(tr("Table"), "pill")
        for made in (self.as_charts, self.as_table):
            made.setCheckable(True)
            is_tab(made)
            self._view_group.addButton(made)
        self.as_charts.setChecked(True)
        self.as_charts.clicked.connect(lambda: self.show_table(False))
        self.as_table.clicked.connect(lambda: self.show_table(True))
        self.export = button(tr("Export…"))
        menu = QMenu(self.export)
        menu.addAction(tr("As CSV…")).triggered.connect(lambda _checked: self.ask_for_export())
        with_titles = menu.addAction(tr("As CSV, with the conversations’ titles…"))
        with_titles.triggered.connect(lambda: self.ask_for_export(with_titles=True))
        self.export.setEnabled(False)
        self.export.clicked.connect(self._open_export_menu)
        self._export_menu = menu

    def _lay_out(self) -> None:
        self._periods = WrapRow(0)
        for made in self.periods.values():
            self._periods.addWidget(made)
        self._narrow = QHBoxLayout()
        self._narrow.addWidget(self.endpoints, 1)
        self._narrow.addWidget(self.models, 1)
        self._ways = QHBoxLayout()
        self._ways.addWidget(self.as_charts)
        self._ways.addWidget(self.as_table)
        self._ways.addStretch(1)
        self._ways.addWidget(self.export)
        self._bar = QHBoxLayout()
        self._bar.addLayout(self._periods)
        self._bar.addLayout(self._narrow, 1)
        self._bar.addLayout(self._ways)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.board)
        holder = QWidget()
        self._table_box = QVBoxLayout(holder)
        self._table_box.addWidget(self.table_view)
        self._stack.addWidget(holder)
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._head = QVBoxLayout()
        self._head.addLayout(self._bar)
        self._head.addWidget(self.said)
        self._whole.addLayout(self._head)
        self._whole.addWidget(self._stack, 1)

    def _open_export_menu(self) -> None:
        corner = self.export.mapToGlobal(self.export.rect().bottomRight())
        self._export_menu.popup(corner - QPoint(self._export_menu.sizeHint().width(), 0))

    def _on_loaded(self, report: UsageReport) -> None:
        self._report = report
        self.is_loaded = True
        self._offer(self.endpoints, tr("All endpoints"), {each.endpoint for each in report.used})
        endpoint = self.endpoint
        models = {each.model for each in report.used if endpoint in (None, each.endpoint)}
        self._offer(self.models, tr("All models"), models)
        self._show()

    def _on_narrowed(self) -> None:
        self._on_loaded(self._report)

    def _show(self) -> None:
        report = self._report.only(self.endpoint, self.model)
        self.board.show_report(report)
        self.table.show_report(report)
        self.export.setEnabled(bool(report.total.replies))
        self.said.hide()

    def _export(self, with_titles: bool, path: str) -> None:
        self._book.export(
            Path(path), self.period, endpoint=self.endpoint, model=self.model, with_titles=with_titles
        )

    def _on_exported(self, name: str, count: int) -> None:
        self._say(tr("%n row(s) were saved as {name}.", "", count).format(name=name))

    def _say(self, text: str) -> None:
        self.said.setText(text)
        self.said.show()
        announce(self, text)

    @staticmethod
    def _chosen(chooser: Chooser) -> str | None:
        value = chooser.currentData()
        return value if isinstance(value, str) else None

    def _offer(self, chooser: Chooser, all_of_them: str, names: set[str]) -> None:
        """Show what there is to choose from; what is chosen stays chosen while it is there."""
        chosen = self._chosen(chooser)
        chooser.blockSignals(True)
        chooser.clear()
        chooser.addItem(all_of_them, None)
        for name in sorted(names, key=str.casefold):
            chooser.addItem(name or tr("(without a name)"), name)
        chooser.setCurrentIndex(max(0, chooser.findData(chosen) if chosen is not None else 0))
        chooser.blockSignals(False)

    def _fold(self) -> None:
        is_tight = self.width() < self._theme.px(_TIGHT)
        turn(self._bar, is_tight)
        way = QBoxLayout.Direction.TopToBottom
        self._bar.setSpacing(self._theme.px(6 if self._bar.direction() is way else 14))

    def _restyle(self) -> None:
        theme = self._theme
        self.setStyleSheet(style_sheet(theme))
        px = theme.px
        self._head.setContentsMargins(px(24), px(16), px(24), px(12))
        self._head.setSpacing(px(8))
        self._table_box.setContentsMargins(px(24), px(4), px(24), px(20))
        for row in (self._periods, self._ways):
            row.setSpacing(px(2))
        self._narrow.setSpacing(px(8))
        self._fold()
