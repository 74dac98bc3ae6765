"""Keyboard: every action with its keys, which can be changed by pressing others."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QFont, QFontMetrics, QKeyEvent, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from desktop.ui.actions import Action, Actions, Group
from desktop.ui.controls import announce, button, label
from desktop.ui.keymap import objection, pressed, shown
from desktop.ui.palette.match import match
from desktop.ui.settings.page import Page, card
from desktop.ui.theme import GROUP_PX, RADIUS_CONTROL, SMALL_PX, Theme
from desktop.ui.wording import parts
from desktop.ui.wrapping import WrapRow

_Index = QModelIndex | QPersistentModelIndex
_ROLE = Qt.ItemDataRole.UserRole
_ROW_HEIGHT = 32
_GROUP_HEIGHT = 32
_ROW_PX = 13.3
_LEAST_LIST = 180


class _Model(QAbstractListModel):
    """Groups' names and actions, as far as they fit what is looked for."""

    def __init__(self, actions: Actions, parent: QObject) -> None:
        super().__init__(parent)
        self._actions = actions
        self.rows: list[Group | Action] = []

    def look_for(self, text: str) -> None:
        """Show what fits: by its words, its group, or its keys."""
        self.beginResetModel()
        self.rows = []
        for group in Group:
            found = [action for action in self._actions if action.group is group and self._fits(action, text)]
            if found:
                self.rows += [group, *found]
        self.endResetModel()

    def refresh(self) -> None:
        """Have every row drawn anew."""
        self.dataChanged.emit(self.index(0), self.index(len(self.rows) - 1))

    def _fits(self, action: Action, text: str) -> bool:
        keys = self._actions.keys(action.name)
        typed = text.strip().casefold()
        if "+" in typed:
            return any(shown([each]).casefold().startswith(typed) for each in keys)
        words = f"{action.words} {action.also} {action.group.words} {shown(keys, 9)}"
        return match(typed, words) is not None

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not 0 <= index.row() < len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == _ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.words
        if role == Qt.ItemDataRole.AccessibleTextRole and isinstance(row, Action):
            keys = shown(self._actions.keys(row.name), 9) or self.tr("no keys")
            return parts(row.words, keys)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        is_action = index.isValid() and isinstance(self.rows[index.row()], Action)
        return (
            Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable if is_action else Qt.ItemFlag.NoItemFlags
        )


class _Delegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, actions: Actions, view: QListView) -> None:
        super().__init__(view)
        self._theme = theme
        self._actions = actions
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        is_group = isinstance(index.data(_ROLE), Group)
        return QSize(10, self._theme.px(_GROUP_HEIGHT if is_group else _ROW_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        theme = self._theme
        row = index.data(_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room: QRect = option.rect.adjusted(theme.px(10), 0, -theme.px(10), 0)
        if isinstance(row, Group):
            painter.setFont(theme.font(GROUP_PX, QFont.Weight.DemiBold))
            painter.setPen(theme.color("faint"))
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
            painter.drawText(room.adjusted(0, 0, 0, -theme.px(5)), flags, row.words)
        elif isinstance(row, Action):
            if index == self._view.currentIndex():
                self._paint_current(painter, QRectF(option.rect))
            self._paint_action(painter, row, room)
        painter.restore()

    def _paint_current(self, painter: QPainter, box: QRectF) -> None:
        theme = self._theme
        radius = theme.px(RADIUS_CONTROL)
        painter.setPen(theme.edge())
        painter.setBrush(theme.color("accent_soft"))
        painter.drawRoundedRect(box, radius, radius)
        if self._view.hasFocus():
            painter.setPen(QPen(theme.color("accent"), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), radius - 1, radius - 1)

    def _paint_action(self, painter: QPainter, action: Action, room: QRect) -> None:
        theme = self._theme
        keys = shown(self._actions.keys(action.name), 3)
        is_own = not self._actions.is_default(action.name)
        weight = QFont.Weight.DemiBold if is_own else QFont.Weight.Normal
        font = theme.number_font(SMALL_PX, weight)
        painter.setFont(font)
        painter.setPen(theme.color("accent" if is_own else "muted"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room, right, keys or ("–" if is_own else ""))
        taken = QFontMetrics(font).horizontalAdvance(keys) + theme.px(12)
        font = theme.font(_ROW_PX)
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        words = QFontMetrics(font).elidedText(action.words, Qt.TextElideMode.ElideRight, room.width() - taken)
        painter.drawText(room, left, words)


class Recorder(QFrame):
    """Takes the next keys that are pressed. `tried` carries them, `cancelled` follows Escape and leaving."""

    tried = Signal(object)
    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("kind", "recorder")
        self.words = label(self.tr("Press the new keys. Escape leaves them as they are."), wraps=True)
        self.setAccessibleName(self.words.text())
        row = QHBoxLayout(self)
        row.addWidget(self.words, 1)

    def event(self, event: QEvent) -> bool:
        """Take every key, before it is a shortcut or moves the focus."""
        if isinstance(event, QKeyEvent):
            if event.type() is QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress:
                self._on_key(event)
                return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leave everything as it was."""
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.ActiveWindowFocusReason:
            self.cancelled.emit()

    def _on_key(self, event: QKeyEvent) -> None:
        event.accept()
        keys = pressed(event)
        if event.key() == Qt.Key.Key_Escape and not event.modifiers():
            self.cancelled.emit()
        elif not keys.isEmpty() and not event.isAutoRepeat():
            self.tried.emit(keys)


class KeyboardPage(Page):
    """Lists the actions by what they are about. Enter or a double click takes new keys for one."""

    def __init__(self, theme: Theme, actions: Actions) -> None:
        super().__init__(theme)
        self._actions = actions
        self._adds = False
        self._tried: QKeySequence | None = None
        self.head(self.tr("Keyboard"))
        self._build_top()
        self._build_list()
        self._build_card()
        actions.keys_changed.connect(self._on_keys_changed)
        self._model.look_for("")
        self._select(0)

    @property
    def action(self) -> Action | None:
        """The action that is chosen in the list."""
        row = self.list.currentIndex().data(_ROLE)
        return row if isinstance(row, Action) else None

    def choose(self, name: str) -> None:
        """Choose an action in the list."""
        for at, row in enumerate(self._model.rows):
            if isinstance(row, Action) and row.name == name:
                self._select(at)

    def _build_top(self) -> None:
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Find an action or its keys"))
        self.search.setAccessibleName(self.tr("Find an action or its keys"))
        self.search.textChanged.connect(self._on_search)
        self.reset_all = button(self.tr("Reset all"))
        self.reset_all.clicked.connect(self._on_reset_all)
        row = QHBoxLayout()
        row.setSpacing(self.theme.px(8))
        row.addWidget(self.search, 1)
        row.addWidget(self.reset_all)
        self.column.addLayout(row)

    def _build_list(self) -> None:
        self.list = QListView()
        self.list.setAccessibleName(self.tr("Actions and their keys"))
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setMinimumHeight(self.theme.px(_LEAST_LIST))
        self._model = _Model(self._actions, self)
        self.list.setModel(self._model)
        self.list.setItemDelegate(_Delegate(self.theme, self._actions, self.list))
        self.list.activated.connect(lambda _index: self.record())
        self.list.selectionModel().currentChanged.connect(self._on_current)
        self.column.addWidget(self.list, 1)

    def _build_card(self) -> None:
        frame, column = card(self.theme)
        self.name = label(size="strong", wraps=True)
        self.keys = label(tone="muted", wraps=True)
        column.addWidget(self.name)
        column.addWidget(self.keys)
        self.recorder = Recorder()
        self.recorder.hide()
        self.recorder.tried.connect(self._on_tried)
        self.recorder.cancelled.connect(self._on_cancelled)
        column.addWidget(self.recorder)
        self.problem = label(tone="warn", wraps=True)
        self.problem.hide()
        column.addWidget(self.problem)
        self.change = self._button(self.tr("Change…"), self.record)
        #: On a button: add another shortcut
        self.more = self._button(self.tr("Add…"), partial(self.record, adds=True))
        self.more.setAccessibleName(self.tr("Add other keys"))
        #: On a button: an action then has no keys
        self.clear = self._button(self.tr("Take keys away"), self._on_clear)
        #: On a button: give an action its first keys again
        self.reset = self._button(self.tr("Reset"), self._on_reset)
        self.take = self._button(self.tr("Take them over"), self._on_take)
        #: On a button: press other keys instead
        self.other = self._button(self.tr("Press others"), self._record_again)
        row = WrapRow(self.theme.px(6))
        for each in (self.change, self.more, self.clear, self.reset, self.take, self.other):
            row.addWidget(each)
        column.addLayout(row)
        self.column.addWidget(frame)

    def _button(self, words: str, do: Callable[[], object]) -> QPushButton:
        made = button(words)
        made.clicked.connect(lambda _checked=False: do())
        return made

    def record(self, *, adds: bool = False) -> None:
        """Take new keys for the chosen action: in place of those that it has, or with `adds` beside them."""
        if self.action is not None:
            self._adds = adds
            self._record_again()

    def _record_again(self) -> None:
        self._tried = None
        self._show_problem("")
        self._show_buttons(is_recording=True)
        self.recorder.show()
        self.recorder.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_tried(self, keys: QKeySequence) -> None:
        action = self.action
        if action is None:
            return
        if keys not in action.defaults:
            words = objection(keys, is_local=bool(action.place))
            if words:
                self._show_problem(words)
                return
        owner = self._actions.owner_of(keys, action.name)
        if owner is None:
            self._put(action, keys)
            return
        self._tried = keys
        self._end_recording()
        self._show_buttons(is_asking=True)
        words = self.tr("{keys} is for “{action}”. Taken over, that has these keys no longer.")
        self._show_problem(words.format(keys=shown([keys]), action=owner.words))
        self.take.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_take(self) -> None:
        if self.action is not None and self._tried is not None:
            self._put(self.action, self._tried)

    def _put(self, action: Action, keys: QKeySequence) -> None:
        self._end_recording()
        kept = self._actions.keys(action.name) if self._adds else ()
        self._actions.set_keys(action.name, tuple(dict.fromkeys((*kept, keys))))
        self._show_current()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, self.tr("{action}: {keys}").format(action=action.words, keys=self._keys_words(action)))

    def _on_clear(self) -> None:
        if self.action is not None:
            self._actions.set_keys(self.action.name, ())

    def _on_reset(self) -> None:
        if self.action is not None:
            self._actions.reset_keys(self.action.name)

    def _on_reset_all(self) -> None:
        self._actions.reset_all()
        announce(self, self.tr("Every action has its first keys again."))

    def _on_cancelled(self) -> None:
        if self.recorder.isVisible():
            had_focus = self.recorder.hasFocus()
            self._end_recording()
            self._show_current()
            if had_focus:
                self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _end_recording(self) -> None:
        # Hiding what has the focus moves it, which must not count as a second answer.
        self.recorder.blockSignals(True)
        self.recorder.hide()
        self.recorder.blockSignals(False)

    def _on_search(self, text: str) -> None:
        self._model.look_for(text)
        self._select(0)

    def _select(self, row: int) -> None:
        row = next(
            (at for at in range(row, len(self._model.rows)) if isinstance(self._model.rows[at], Action)), -1
        )
        self.list.setCurrentIndex(self._model.index(row) if row >= 0 else QModelIndex())
        self._show_current()

    def _on_current(self) -> None:
        self._end_recording()
        self._show_current()

    def _on_keys_changed(self) -> None:
        self._model.refresh()
        self._show_current()

    def _show_current(self) -> None:
        action = self.action
        self._tried = None
        self._show_problem("")
        self._show_buttons()
        self.name.setText(action.words if action is not None else self.tr("Nothing is called that."))
        self.keys.setText(self._keys_words(action) if action is not None else "")

    def _keys_words(self, action: Action) -> str:
        keys = shown(self._actions.keys(action.name), 9) or self.tr("No keys")
        places = {"shelf": self.tr("while the list has the keyboard"),
                  "transcript": self.tr("while a message has the keyboard")}  # fmt: skip
        return parts(keys, places.get(action.place, ""))

    def _show_buttons(self, *, is_recording: bool = False, is_asking: bool = False) -> None:
        action = self.action
        is_free = action is not None and not is_recording and not is_asking
        has_keys = action is not None and bool(self._actions.keys(action.name))
        self.change.setVisible(is_free)
        self.more.setVisible(is_free and has_keys)
        self.clear.setVisible(is_free and has_keys)
        self.reset.setVisible(is_free and action is not None and not self._actions.is_default(action.name))
        self.take.setVisible(is_asking)
        self.other.setVisible(is_asking)

    def _show_problem(self, words: str) -> None:
        self.problem.setText(words)
        self.problem.setVisible(bool(words))
        if words:
            announce(self, words)
