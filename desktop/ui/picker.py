"""The model picker: a pill that names the model, and the list that it opens."""

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop.base.tongue import number
from desktop.chat.endpoints import Endpoints
from desktop.domain.endpoint import Endpoint, ModelInfo, ModelRef
from desktop.ui.controls import button, label, opens_something, plain_tip, separator
from desktop.ui.field_keys import is_composing
from desktop.ui.icons import pixmap
from desktop.ui.sides import Room, draw_line
from desktop.ui.theme import GROUP_PX, RADIUS_CONTROL, SMALL_PX, Theme
from desktop.ui.wording import short

_Index = QModelIndex | QPersistentModelIndex

ROW_HEIGHT = 32
GROUP_HEIGHT = 30
WIDTH = 380
MOST_HEIGHT = 520
PILL_WIDTH = 260
_ROW_PX = 13.0


class _Kind(Enum):
    GROUP = 0
    MODEL = 1
    TYPED = 2
    NOTE = 3


@dataclass(frozen=True, slots=True)
class _Row:
    kind: _Kind
    words: str
    ref: ModelRef | None = None
    note: str = ""


def context_words(tokens: int | None) -> str:
    """Return a context size as the services write it, "128k", or nothing."""
    if not tokens:
        return ""
    if tokens >= 1_000_000:
        return short(tokens, 2)
    # Services call 8192 tokens 8k.
    return short(tokens // 1_000 * 1_000) if tokens >= 1_000 else short(tokens)


class PickerButton(QPushButton):
    """The pill in the header. A long name is elided; the whole is its tool tip."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._name = ""
        self.setProperty("kind", "pill")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setCheckable(True)
        opens_something(self)
        theme.changed.connect(self._refit)

    def show_model(self, name: str) -> None:
        """Name the model."""
        self._name = name or self.tr("Choose a model")
        self.setAccessibleName(self.tr("Model: {name}").format(name=self._name))
        self.setToolTip(plain_tip(self._name))
        self._refit()

    def minimumSizeHint(self) -> QSize:
        """Return the least size: a few letters and the arrow."""
        return QSize(self._theme.px(72), super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """Return the size that the name asks for, up to a limit."""
        theme = self._theme
        wide = QFontMetrics(theme.font(SMALL_PX)).horizontalAdvance(self._name) + theme.px(46)
        return QSize(min(theme.px(PILL_WIDTH), wide), super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the name and the arrow over the pill."""
        super().paintEvent(event)
        theme = self._theme
        painter = QPainter(self)
        font = theme.font(SMALL_PX)
        painter.setFont(font)
        is_lit = self.underMouse() or self.isChecked()
        painter.setPen(theme.color("text" if is_lit else "muted"))
        size = theme.px(12)
        room = Room(painter, self.rect())
        room.from_start(theme.px(13))
        room.from_end(theme.px(12))
        place = room.from_end(size, theme.px(6))
        draw_line(painter, room.rect, self._name, elide=Qt.TextElideMode.ElideMiddle)
        arrow = pixmap("chevron-down", theme.colors.muted, size, self.devicePixelRatioF())
        painter.drawPixmap(QPoint(place.left(), (self.height() - size) // 2 + 1), arrow)

    def _refit(self) -> None:
        self.updateGeometry()
        self.update()


class _RowDelegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, view: QListView) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view
        self.chosen: tuple[ModelRef, ...] = ()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        row: _Row = index.data(Qt.ItemDataRole.UserRole)
        return QSize(10, self._theme.px(GROUP_HEIGHT if row.kind is _Kind.GROUP else ROW_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        theme = self._theme
        row: _Row = index.data(Qt.ItemDataRole.UserRole)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = option.rect
        room = Room(painter, box.adjusted(theme.px(10), 0, -theme.px(10), 0))
        if row.kind in (_Kind.GROUP, _Kind.NOTE):
            is_group = row.kind is _Kind.GROUP
            font = theme.font(GROUP_PX, QFont.Weight.DemiBold) if is_group else theme.font(SMALL_PX)
            painter.setPen(theme.color("faint"))
        else:
            if index == self._view.currentIndex():
                painter.setPen(theme.edge())
                painter.setBrush(theme.color("accent_soft"))
                radius = theme.px(RADIUS_CONTROL)
                painter.drawRoundedRect(QRectF(box), radius, radius)
            if row.ref is not None and row.ref in self.chosen:
                size = theme.px(15)
                tick = pixmap("check", theme.colors.accent, size, self._view.devicePixelRatioF())
                place = room.from_end(size, theme.px(6))
                painter.drawPixmap(QPoint(place.left(), box.center().y() - size // 2), tick)
            times = self.chosen.count(row.ref) if row.ref is not None else 0
            if row.note or times > 1:
                #: How many times a model was chosen
                often = self.tr("{count} ×").format(count=number(times))
                self._paint_note(painter, often if times > 1 else row.note, room)
            font = theme.font(_ROW_PX)
            painter.setPen(theme.color("text"))
        painter.setFont(font)
        draw_line(painter, room.rect, row.words, elide=Qt.TextElideMode.ElideMiddle)
        painter.restore()

    def _paint_note(self, painter: QPainter, note: str, room: Room) -> None:
        theme = self._theme
        font = theme.number_font(SMALL_PX)
        painter.setFont(font)
        painter.setPen(theme.color("muted"))
        wide = QFontMetrics(font).horizontalAdvance(note) + 1
        draw_line(painter, room.from_end(wide, theme.px(7)), note, at_end=True)


class ModelPopup(QFrame):
    """The list of models, grouped by endpoint, over the window; typing narrows it or names a model.

    `add_requested` asks for the page where endpoints are added, `closed` follows every way out.
    """

    add_requested = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, endpoints: Endpoints, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self._opener = parent
        self._theme = theme
        self._endpoints = endpoints
        self.setProperty("kind", "float")
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Find a model, or type its name"))
        self.filter.setToolTip(self.filter.placeholderText())
        self.filter.setAccessibleName(self.tr("Find a model, or type its name"))
        self.filter.textChanged.connect(self._fill)
        self.filter.installEventFilter(self)
        self.list = QListView()
        self.list.setAccessibleName(self.tr("Models"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._model = QStandardItemModel(self)
        self.list.setModel(self._model)
        # Wanted with the list alone, which most starts never open.
        from desktop.ui.access_widgets import speak_rows

        speak_rows(self.list, self.filter)
        self._delegate = _RowDelegate(theme, self.list)
        self.list.setItemDelegate(self._delegate)
        self.list.entered.connect(self._on_entered)
        self.list.clicked.connect(self._choose)
        self._words = label(size="small", tone="bad", wraps=True)
        self._words.hide()
        #: On a button: ask for the list of models again
        self.refresh = button(self.tr("Refresh"), "text")
        self.refresh.clicked.connect(self._on_refresh)
        self.add = button(self.tr("Add an endpoint…"), "text")
        self.add.clicked.connect(self._on_add)
        self._foot = QHBoxLayout()
        self._foot.addWidget(self.refresh)
        self._foot.addStretch(1)
        self._foot.addWidget(self.add)
        self._layout = QVBoxLayout(self)
        self._layout.addWidget(self.filter)
        self._layout.addWidget(self.list, 1)
        self._layout.addWidget(self._words)
        self._layout.addWidget(separator())
        self._layout.addLayout(self._foot)
        endpoints.models_changed.connect(self._on_models_changed)
        endpoints.changed.connect(self._on_models_changed)
        self.hide()

    def open_under(self, opener: QWidget) -> None:
        """Show the list below `opener`, right edges together, within the parent."""
        self._opener = opener
        self._words.hide()
        self.filter.clear()
        self._fill()
        self.fit()
        self.show()
        self.raise_()
        self.filter.setFocus(Qt.FocusReason.PopupFocusReason)
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]
        for endpoint in self._endpoints.endpoints:
            self._endpoints.freshen_models(endpoint.id)

    def fit(self) -> None:
        """Take the place below the opener, as high as the list needs and the window allows."""
        theme, opener = self._theme, self._opener
        self._layout.setContentsMargins(theme.px(10), theme.px(10), theme.px(10), theme.px(6))
        self._layout.setSpacing(theme.px(6))
        parent = self._over
        corner = opener.mapTo(parent, QPoint(opener.width(), opener.height() + theme.px(6)))
        width = min(theme.px(WIDTH), parent.width() - theme.px(16))
        height = min(theme.px(MOST_HEIGHT), parent.height() - corner.y() - theme.px(12))
        left = min(max(theme.px(8), corner.x() - width), parent.width() - width - theme.px(8))
        self.setGeometry(left, corner.y(), width, min(height, self._wanted_height()))

    def mark(self) -> None:
        """Show the ticks anew."""
        self._delegate.chosen = self.ticked()
        self.list.viewport().update()

    def close_list(self) -> None:
        """Put the list away."""
        if self.isVisible():
            QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
            self.hide()
            self.closed.emit()

    def take(self, ref: ModelRef) -> None:
        """Do what choosing a model does: send the next prompts to it."""
        self.close_list()
        self._endpoints.choose(ref)

    def ticked(self) -> tuple[ModelRef, ...]:
        """Return the models that are marked as chosen."""
        choice = self._endpoints.choice
        return (choice,) if choice is not None else ()

    def show_failure(self, words: str) -> None:
        """Say why the models could not be listed."""
        self._words.setText(words)
        self._words.show()

    def rows(self) -> tuple[str, ...]:
        """Return the words of all rows, for reading aloud and for tests."""
        return tuple(self._row(number).words for number in range(self._model.rowCount()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Lead the list by the filter's keys, and close on a press elsewhere."""
        if watched is self.filter and isinstance(event, QKeyEvent) and not is_composing():
            if event.type() is QEvent.Type.KeyPress:
                return self._on_key(event)
            if event.type() is QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
                # Escape closes this list; the window would stop a reply with it.
                event.accept()
                return True
        if event.type() is QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            # The opener closes the list itself: it would open it again with the click that follows.
            inside = watched in (self, self._opener) or self.isAncestorOf(watched)
            if not inside and watched.window() is self.window():
                self.close_list()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Escape wherever the focus is."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_list()
        else:
            super().keyPressEvent(event)

    def _on_key(self, event: QKeyEvent) -> bool:
        match event.key():
            case Qt.Key.Key_Escape:
                self.close_list()
            case Qt.Key.Key_Down:
                self._step(1)
            case Qt.Key.Key_Up:
                self._step(-1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._choose(self.list.currentIndex())
            case _:
                return False
        return True

    def _step(self, by: int) -> None:
        row = self.list.currentIndex().row() + by
        while 0 <= row < self._model.rowCount():
            if self._row(row).ref is not None:
                self.list.setCurrentIndex(self._model.index(row, 0))
                return
            row += by

    def _row(self, number: int) -> _Row:
        row: _Row = self._model.index(number, 0).data(Qt.ItemDataRole.UserRole)
        return row

    def _fill(self) -> None:
        wanted = self.filter.text().strip()
        self._delegate.chosen = self.ticked()
        rows: list[_Row] = []
        for endpoint in self._endpoints.endpoints:
            rows.extend(self._rows_of(endpoint, wanted))
        if wanted:
            rows.extend(self._typed_rows(wanted, {row.ref for row in rows}))
        self._model.clear()
        for row in rows:
            item = QStandardItem(row.words)
            item.setData(row, Qt.ItemDataRole.UserRole)
            item.setFlags(
                Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
                if row.ref is not None
                else Qt.ItemFlag.NoItemFlags
            )
            self._model.appendRow(item)
        self._point_at(rows, bool(wanted))

    def _point_at(self, rows: list[_Row], is_filtered: bool) -> None:
        refs = [row.ref for row in rows]
        chosen = self._delegate.chosen
        at = next((refs.index(ref) for ref in chosen if ref in refs and not is_filtered), -1)
        if at < 0:
            at = next((number for number, ref in enumerate(refs) if ref is not None), -1)
        if at >= 0:
            index = self._model.index(at, 0)
            self.list.setCurrentIndex(index)
            self.list.scrollTo(index)

    def _rows_of(self, endpoint: Endpoint, wanted: str) -> list[_Row]:
        words = wanted.casefold().split()
        models = self._endpoints.models(endpoint.id)
        fitting = [item for item in models if self._fits(item, endpoint, words)]
        if not fitting and (wanted or endpoint.embedded):
            return []
        rows = [_Row(_Kind.GROUP, endpoint.name)]
        rows.extend(
            _Row(
                _Kind.MODEL,
                item.name or item.id,
                ModelRef(endpoint.id, item.id),
                context_words(item.context_tokens),
            )
            for item in fitting
        )
        problem = self._endpoints.listing_problem(endpoint.id)
        if not fitting:
            note = problem or self.tr("No models listed yet. Type a name, or refresh.")
            rows.append(_Row(_Kind.NOTE, note))
        elif problem and not wanted:
            rows.append(_Row(_Kind.NOTE, self.tr("Not refreshed. {why}").format(why=problem)))
        return rows

    def _fits(self, model: ModelInfo, endpoint: Endpoint, words: list[str]) -> bool:
        text = f"{model.id} {model.name} {endpoint.name}".casefold()
        return all(word in text for word in words)

    def _typed_rows(self, name: str, known: set[ModelRef | None]) -> list[_Row]:
        rows = [
            _Row(
                _Kind.TYPED,
                self.tr("Use “{model}” at {endpoint}").format(model=name, endpoint=endpoint.name),
                ModelRef(endpoint.id, name),
            )
            for endpoint in self._endpoints.endpoints
            if not endpoint.embedded and ModelRef(endpoint.id, name) not in known
        ]
        return [_Row(_Kind.GROUP, self.tr("By its name")), *rows] if rows else rows

    def _wanted_height(self) -> int:
        theme = self._theme
        content = sum(
            theme.px(GROUP_HEIGHT if self._row(number).kind is _Kind.GROUP else ROW_HEIGHT)
            for number in range(self._model.rowCount())
        )
        around = self._layout.sizeHint().height() - self.list.sizeHint().height()
        return max(content, theme.px(ROW_HEIGHT)) + around + 4

    def _choose(self, index: _Index) -> None:
        row: _Row | None = index.data(Qt.ItemDataRole.UserRole) if index.isValid() else None
        if row is not None and row.ref is not None:
            self.take(row.ref)

    def _on_entered(self, index: QModelIndex) -> None:
        if self._row(index.row()).ref is not None:
            self.list.setCurrentIndex(index)

    def _on_models_changed(self) -> None:
        if self.isVisible():
            self._fill()

    def _on_refresh(self) -> None:
        self._words.hide()
        for endpoint in self._endpoints.endpoints:
            self._endpoints.refresh_models(endpoint.id)

    def _on_add(self) -> None:
        self.close_list()
        self.add_requested.emit()
