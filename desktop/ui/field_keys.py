"""Keys in text fields: what an input method composes is left to it, and Backspace takes whole characters."""

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from desktop.base import utf16
from desktop.base.graphemes import end_at, is_boundary, start_at

_Key = Qt.Key
_COMPOSERS = frozenset(
    {
        _Key.Key_Return, _Key.Key_Enter, _Key.Key_Tab, _Key.Key_Backtab, _Key.Key_Escape, _Key.Key_Backspace,
        _Key.Key_Delete, _Key.Key_Left, _Key.Key_Right, _Key.Key_Up, _Key.Key_Down, _Key.Key_Home,
        _Key.Key_End, _Key.Key_PageUp, _Key.Key_PageDown,
    }
)  # fmt: skip
"""The keys that choose, take or leave what is composed."""
_NONE = Qt.KeyboardModifier.NoModifier
_FLAG_HALF = "\ud83c"
"""The first UTF-16 unit of half a flag."""
_LOOK = 128
"""How many UTF-16 units on each side of the caret are looked at; no character is longer."""
_Field = QLineEdit | QTextEdit | QPlainTextEdit


class FieldKeys(QObject):
    """Stands before whichever text field has the keyboard, in every window of the program.

    While an input method composes there, the keys that choose among its offers reach neither the field, nor
    what watches the field's keys, nor a shortcut of the window: an input method that lets one through has
    not finished with it. What is composed when the field is left is put into it. Backspace, Delete and the
    caret take a character of several code points as one, also where Qt's own take it apart.
    """

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._field: QLineEdit | QTextEdit | QPlainTextEdit | None = None
        self._composed = ""
        self._dropped = ""
        self._is_committing = self._was_put_in = False
        self._caret = 0
        application.focusObjectChanged.connect(self._on_focus)
        self._on_focus(application.focusObject())

    @property
    def is_composing(self) -> bool:
        """Whether the field with the keyboard shows text that is not in it yet."""
        return bool(self._under_way())

    def commit(self) -> None:
        """Put what is composed into its field."""
        left, field = self._under_way(), self._field
        if not left or field is None:
            return
        self._was_put_in = False
        QGuiApplication.inputMethod().commit()
        if not self._was_put_in:
            # Some forget it when they are asked to commit (Pinyin under IBus), some answer later.
            _put_in(field, left)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the keys of an input method, and have Backspace and Delete take whole characters."""
        kind = event.type()
        if kind is QEvent.Type.KeyPress or kind is QEvent.Type.ShortcutOverride:
            return isinstance(event, QKeyEvent) and watched is self._field and self._keeps(event)
        if kind is QEvent.Type.InputMethod and isinstance(event, QInputMethodEvent):
            self._follow(event)
        elif kind is QEvent.Type.MouseButtonPress:
            # The caret goes elsewhere; what is composed stays where it is.
            self.commit()
        return False

    def _follow(self, event: QInputMethodEvent) -> None:
        composed, put = event.preeditString(), event.commitString()
        before = self._under_way()
        if before and not composed and not put:
            # Qt has an input method commit before a field is left, and not all of them do.
            self._dropped = before
            QTimer.singleShot(0, self, self._forget)
        self._was_put_in = self._was_put_in or bool(put)
        self._is_committing = bool(put) or event.replacementLength() > 0
        self._composed = composed

    def _forget(self) -> None:
        self._dropped = ""

    def _keeps(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key in _COMPOSERS and self._under_way():
            event.accept()
            return True
        if event.type() is QEvent.Type.KeyPress and self._field is not None:
            held = event.modifiers()
            is_back = key == _Key.Key_Backspace and held in (_NONE, Qt.KeyboardModifier.ShiftModifier)
            if is_back or (key == _Key.Key_Delete and held == _NONE):
                _select_whole(self._field, is_back=is_back)
        return False

    def _under_way(self) -> str:
        """Return what is composed and not yet in the field."""
        field = self._field
        if field is None or not shiboken6.isValid(field):
            return ""
        if isinstance(field, QLineEdit):
            return self._composed
        # Text that was put in place of another took what was composed there with it.
        return field.textCursor().block().layout().preeditAreaText()

    def _on_focus(self, focused: QObject | None) -> None:
        before = self._field
        if focused is before:
            return
        left = self._under_way() or self._dropped
        if before is not None and shiboken6.isValid(before):
            if focused is not None and left:
                # Before the field itself is told: it may be kept as it stands when it is left. While the
                # window is left for another program's, the input method decides what becomes of its text.
                _put_in(before, left)
            self._let_go(before)
        self._field = None
        self._composed = self._dropped = ""
        if isinstance(focused, _Field):
            self._take(focused)

    def _take(self, field: _Field) -> None:
        self._field = field
        self._caret = _caret_of(field)
        field.installEventFilter(self)
        field.cursorPositionChanged.connect(self._on_moved)
        if isinstance(field, QLineEdit):
            field.textChanged.connect(self._on_line_changed)
        else:
            field.viewport().installEventFilter(self)

    def _let_go(self, field: _Field) -> None:
        field.removeEventFilter(self)
        field.cursorPositionChanged.disconnect(self._on_moved)
        if isinstance(field, QLineEdit):
            field.textChanged.disconnect(self._on_line_changed)
        else:
            field.viewport().removeEventFilter(self)

    def _on_line_changed(self) -> None:
        # A line that is set anew forgets what was composed in it, and tells nobody.
        if not self._is_committing:
            self._composed = ""
        self._is_committing = False

    def _on_moved(self) -> None:
        field = self._field
        if field is None:
            return
        before, self._caret = self._caret, _caret_of(field)
        if _is_within_flag(field, self._caret):
            # Qt takes a flag apart that follows an emoji.
            _step_out(field, is_back=self._caret < before)


def _put_in(field: _Field, text: str) -> None:
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(field, event)


def _caret_of(field: _Field) -> int:
    return field.cursorPosition() if isinstance(field, QLineEdit) else field.textCursor().position()


def _sides(field: _Field) -> tuple[str, str]:
    """Return the text on both sides of the caret, in its paragraph and as far as it matters."""
    if isinstance(field, QLineEdit):
        text, at = field.text(), field.cursorPosition()
    else:
        cursor = field.textCursor()
        text, at = cursor.block().text(), cursor.positionInBlock()
    units = text.encode("utf-16-le", "surrogatepass")
    before, behind = units[max(0, 2 * (at - _LOOK)) : 2 * at], units[2 * at : 2 * (at + _LOOK)]
    return before.decode("utf-16-le", "surrogatepass"), behind.decode("utf-16-le", "surrogatepass")


def _is_within_flag(field: _Field, at: int) -> bool:
    if isinstance(field, QLineEdit):
        if field.text().isascii():
            return False
    elif field.document().characterAt(at) != _FLAG_HALF:
        return False
    before, behind = _sides(field)
    if not before or not "\U0001f1e6" <= behind[:1] <= "\U0001f1ff":
        return False
    return not is_boundary(before + behind, len(before))


def _step_out(field: _Field, *, is_back: bool) -> None:
    if isinstance(field, QLineEdit):
        marks = field.hasSelectedText()
        (field.cursorBackward if is_back else field.cursorForward)(marks)
        return
    cursor = field.textCursor()
    mode = QTextCursor.MoveMode
    step = QTextCursor.MoveOperation.PreviousCharacter if is_back else QTextCursor.MoveOperation.NextCharacter
    cursor.movePosition(step, mode.KeepAnchor if cursor.hasSelection() else mode.MoveAnchor)
    field.setTextCursor(cursor)


def _select_whole(field: _Field, *, is_back: bool) -> None:
    """Select the character beside the caret where Backspace or Delete would take a part of it."""
    if field.isReadOnly():
        return
    if isinstance(field, QLineEdit):
        if field.hasSelectedText() or field.echoMode() is not QLineEdit.EchoMode.Normal:
            return
    elif field.textCursor().hasSelection():
        return
    before, behind = _sides(field)
    character = before[start_at(before, len(before) - 1) :] if is_back else behind[: end_at(behind, 1)]
    if len(character) < 2 or (is_back and not _goes_whole(character)):
        return
    length = utf16.length(character)
    if isinstance(field, QLineEdit):
        at = field.cursorPosition()
        field.setSelection(at, -length if is_back else length)
        return
    cursor = field.textCursor()
    to = cursor.position() + (-length if is_back else length)
    cursor.setPosition(to, QTextCursor.MoveMode.KeepAnchor)
    field.setTextCursor(cursor)


def _goes_whole(character: str) -> bool:
    """Whether a character is deleted at once, not by its last sign.

    The syllables of India and its neighbours are written sign by sign, and so mended: taking the last sign
    alone is what Backspace does there on every system.
    """
    return not any(
        "\u0900" <= sign <= "\u0eff" or "\u1000" <= sign <= "\u109f" or "\u1780" <= sign <= "\u17ff"
        for sign in character
    )


def watch_fields(application: QApplication) -> FieldKeys:
    """Return the one that stands before the fields of this program; it is made when first asked for."""
    found = application.findChild(FieldKeys, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return found if isinstance(found, FieldKeys) else FieldKeys(application)


def is_composing() -> bool:
    """Whether an input method composes where the keyboard is; for what sees keys before their field does."""
    application = QApplication.instance()
    return isinstance(application, QApplication) and watch_fields(application).is_composing


def commit_composed(within: QWidget | None = None) -> None:
    """Put what an input method composes into its field, if that is `within` or stands in it."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        return
    focused = application.focusWidget()
    if focused is not None and (within is None or within is focused or within.isAncestorOf(focused)):
        watch_fields(application).commit()
