"""The list of records: a model that grows in batches, and a view that paints only the rows on screen."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from desktop.base.tongue import number, size
from desktop.domain.inspection import RecordKind, ShownRecord, became_words
from desktop.ui.controls import announce, set_look
from desktop.ui.inspector import words
from desktop.ui.sides import draw_line
from desktop.ui.theme import GROUP_PX, SMALL_PX, Theme

_Index = QModelIndex | QPersistentModelIndex
NUMBER, TIME, GAP, SIZE, EVENT, BECAME = range(6)
_WIDTHS = (52, 78, 74, 66, 116)
_AROUND = 24
_ROW = 26
_LONG_GAP_S = 5.0
_TONES = {
    RecordKind.COMMENT: "faint",
    RecordKind.EMPTY: "faint",
    RecordKind.END: "ok",
    RecordKind.ERROR: "bad",
    RecordKind.GARBLED: "bad",
}


class RecordModel(QAbstractTableModel):
    """The records of one exchange, oldest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.records: list[ShownRecord] = []
        self.has_events = False
        """Whether any record has a name; without one there need be no column for it."""

    def clear(self) -> None:
        """Hold nothing."""
        self.beginResetModel()
        self.records = []
        self.has_events = False
        self.endResetModel()

    def add(self, records: Sequence[ShownRecord]) -> None:
        """Take more records at the end, all in one step."""
        first = len(self.records)
        self.beginInsertRows(QModelIndex(), first, first + len(records) - 1)
        self.records += records
        self.has_events = self.has_events or any(record.event for record in records)
        self.endInsertRows()

    def show_end(self) -> None:
        """Show the last record anew, which the end may have changed."""
        if self.records:
            row = len(self.records) - 1
            self.dataChanged.emit(self.index(row, 0), self.index(row, BECAME))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - as Qt has it
        """Return the number of records."""
        return 0 if parent.isValid() else len(self.records)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of columns."""
        return 0 if parent.isValid() else BECAME + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return a column's name."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            names = (
                "#",
                #: Over a column: when a record came, after the request
                self.tr("Time"),
                #: Over a column: the time between a record and the one before
                self.tr("Gap"),
                self.tr("Size"),
                self.tr("Event"),
                #: Over a column: what Weir made of a record
                self.tr("Became"),
            )
            return names[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(section)
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what a cell shows, and what a screen reader says of its row."""
        record = self.records[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(record, index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(index.column())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            if index.column() != NUMBER:
                return self._text(record, index.column())
            sentence = self.tr("Record {number} after {time}, {size}: {became}")
            return sentence.format(
                number=number(record.number),
                time=words.seconds(record.at),
                size=size(record.size),
                became=self._text(record, BECAME),
            )
        return None

    def _text(self, record: ShownRecord, column: int) -> str:
        match column:
            case 0:
                return number(record.number)
            case 1:
                return words.seconds(record.at)
            case 2:
                return words.gap(record.gap)
            case 3:
                return size(record.size)
            case 4:
                return words.one_line(record.event, 40)
        if record.became:
            return "  ".join(
                words.one_line(text)
                if kind == "text"
                else f"{became_words(kind)}: {words.one_line(text, 80)}"
                for kind, text in record.became[:6]
            )
        if record.kind is RecordKind.COMMENT:
            return words.one_line(words.raw_text(record.raw[:400]).strip())
        return words.one_line(record.remark or record.data)


class RecordView(QTableView):
    """Shows the records; stays at the end while more come, unless one is chosen or scrolled to."""

    def __init__(self, theme: Theme, model: RecordModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._records = model
        self._follows = True
        self.setModel(model)
        self.setAccessibleName(self.tr("Records"))
        self.setItemDelegate(_Cell(theme, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        # Every row has one height, so that no row is asked for its own.
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalScrollBar().actionTriggered.connect(self._on_scrolled)
        self.verticalScrollBar().rangeChanged.connect(self._on_range_changed)
        theme.changed.connect(self._restyle)
        self._restyle()
        model.rowsInserted.connect(self._on_added)
        model.modelReset.connect(self._share)

    @property
    def chosen(self) -> ShownRecord | None:
        """The record that is chosen, if one is."""
        row = self.currentIndex().row()
        return self._records.records[row] if 0 <= row < len(self._records.records) else None

    def follow(self) -> None:
        """Stay at the end from now on."""
        self._follows = True
        self.scrollToBottom()

    def choose(self, number: int) -> None:
        """Choose a record by its number and bring it into view."""
        if 0 < number <= len(self._records.records):
            self._follows = False
            self.setCurrentIndex(self._records.index(number - 1, 0))
            self.scrollTo(self.currentIndex(), QAbstractItemView.ScrollHint.PositionAtCenter)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the chosen record's bytes as text; go on as any list does."""
        record = self.chosen
        if event.matches(QKeySequence.StandardKey.Copy) and record is not None:
            from PySide6.QtGui import QGuiApplication

            QGuiApplication.clipboard().setText(record.raw.decode("utf-8", "backslashreplace"))
            announce(self, self.tr("The record was copied."))
            return
        super().keyPressEvent(event)
        self._follows = self._is_at_end()

    def mousePressEvent(self, event: object) -> None:
        """Choose a record: the list no longer runs on under it."""
        super().mousePressEvent(event)  # type: ignore[arg-type]
        self._follows = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the last column the room that is left."""
        super().resizeEvent(event)
        self._share()

    def wheelEvent(self, event: object) -> None:
        """Scroll, and follow the end again once it is reached."""
        super().wheelEvent(event)  # type: ignore[arg-type]
        self._follows = self._is_at_end()

    def _on_added(self) -> None:
        if self._records.has_events and self.isColumnHidden(EVENT):
            self._share()

    def _share(self) -> None:
        left = self.viewport().width()
        is_wide = left > self._theme.px(460)
        for column, width in enumerate(_WIDTHS):
            # Where there is little room the size and the name can be read beside the record.
            is_shown = column < SIZE or (is_wide and (column != EVENT or self._records.has_events))
            self.setColumnHidden(column, not is_shown)
            if is_shown:
                room = self._theme.px(width)
                if column == SIZE:
                    # Some languages write the whole word for bytes.
                    longest = self.fontMetrics().horizontalAdvance(size(999))
                    room = max(room, longest + self._theme.px(_AROUND))
                self.setColumnWidth(column, room)
                left -= room
        self.setColumnWidth(BECAME, max(self._theme.px(120), left))

    def _is_at_end(self) -> bool:
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum() - self._theme.px(_ROW)

    def _on_scrolled(self, _action: int) -> None:
        bar = self.verticalScrollBar()
        self._follows = bar.sliderPosition() >= bar.maximum() - self._theme.px(_ROW)

    def _on_range_changed(self, least: int, most: int) -> None:
        set_look(self.verticalScrollBar(), idle="yes" if most <= least else "")
        if self._follows:
            self.verticalScrollBar().setValue(most)

    def _restyle(self) -> None:
        theme = self._theme
        self.verticalHeader().setDefaultSectionSize(theme.px(_ROW))
        self.verticalHeader().setMinimumSectionSize(theme.px(_ROW))
        self.horizontalHeader().setFixedHeight(theme.px(28))
        self.setStyleSheet(
            f"QTableView {{ background: transparent; border: 0; }}"
            f"QHeaderView {{ background: {theme.colors.bg}; border: 0; }}"
            f"QHeaderView::section {{ background: {theme.colors.bg}; color: {theme.colors.faint}; border: 0;"
            f" border-bottom: 1px solid {theme.colors.line}; padding: 0 {theme.px(6)}px;"
            f" font-size: {theme.points(GROUP_PX):.2f}pt; font-weight: 600; }}"
        )
        self._share()


class _Cell(QStyledItemDelegate):
    """Draws a cell in the theme's colours; what went wrong is red, what says nothing faint."""

    def __init__(self, theme: Theme, view: RecordView) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw a cell."""
        theme = self._theme
        model = index.model()
        if not isinstance(model, RecordModel):
            return
        record = model.records[index.row()]
        column = index.column()
        box = option.rect
        is_chosen = self._view.currentIndex().row() == index.row()
        if is_chosen:
            painter.fillRect(box, theme.color("accent_soft"))
        if is_chosen and self._view.hasFocus():
            painter.setPen(QPen(theme.color("accent"), 2))
            y = box.bottom()
            painter.drawLine(box.left(), box.top() + 1, box.right(), box.top() + 1)
            painter.drawLine(box.left(), y, box.right(), y)
        is_number = column in (NUMBER, TIME, GAP, SIZE)
        font = theme.kept("inspector-number", lambda: theme.number_font(SMALL_PX))
        if column == BECAME and record.became:
            font = theme.kept("inspector-code", lambda: theme.code_font(SMALL_PX - 0.4))
        painter.setFont(font)
        painter.setPen(theme.color(self._tone(record, column, is_number=is_number)))
        room = box.adjusted(theme.px(6), 0, -theme.px(6), 0)
        draw_line(painter, room, str(index.data() or ""), at_end=is_number)

    def _tone(self, record: ShownRecord, column: int, *, is_number: bool) -> str:
        if column == GAP and record.gap >= _LONG_GAP_S and record.number > 1:
            return "warn"
        if is_number:
            return "faint" if column == NUMBER else "muted"
        if record.kind in _TONES:
            return _TONES[record.kind]
        return "text" if column == BECAME and record.became else "muted"


def _side(column: int) -> Qt.AlignmentFlag:
    left = column in (EVENT, BECAME)
    return (
        Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
    ) | Qt.AlignmentFlag.AlignVCenter
