"""Keys: how they are written and stored, and which ones no action may have.

A shortcut is kept in the preferences under `keys.` and the action's name, as Qt writes it on every
system ("Ctrl+N"); several are parted by "; ", "none" is none, and an empty text stands for the default.
"""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from desktop.ui.wording import parts

PREFERENCE = "keys."
NO_KEYS = "none"

_Format = QKeySequence.SequenceFormat
_Key = Qt.Key
_Held = Qt.KeyboardModifier
_COMMANDS = _Held.ControlModifier | _Held.AltModifier | _Held.MetaModifier

# Keys that mean nothing by themselves, or are an input method's on some keyboard.
_HELD = frozenset(
    {_Key.Key_Control, _Key.Key_Shift, _Key.Key_Alt, _Key.Key_Meta, _Key.Key_AltGr, _Key.Key_CapsLock,
     _Key.Key_NumLock, _Key.Key_ScrollLock, _Key.Key_Super_L, _Key.Key_Super_R, _Key.Key_Hyper_L,
     _Key.Key_Hyper_R, _Key.Key_unknown}
)  # fmt: skip
_INPUT_METHOD = frozenset({"Ctrl+Space", "Shift+Space", "Ctrl+Shift+U", "Alt+`", "Meta+Space"})
# Keys that move or delete within a text, or lead from control to control, with or without Shift and Ctrl.
_MOVING = frozenset(
    {_Key.Key_Left, _Key.Key_Right, _Key.Key_Up, _Key.Key_Down, _Key.Key_Home, _Key.Key_End,
     _Key.Key_Return, _Key.Key_Enter, _Key.Key_Backspace, _Key.Key_Delete, _Key.Key_Tab, _Key.Key_Backtab,
     _Key.Key_PageUp, _Key.Key_PageDown, _Key.Key_Space, _Key.Key_Insert}
)  # fmt: skip
_BY_CONTROL = _MOVING - {_Key.Key_Tab, _Key.Key_Backtab, _Key.Key_PageUp, _Key.Key_PageDown}
# What text fields claim for themselves (qtbase, QInputControl::isCommonTextEditShortcut).
_Standard = QKeySequence.StandardKey
_EDITING = (
    _Standard.Copy, _Standard.Cut, _Standard.Paste, _Standard.Undo, _Standard.Redo, _Standard.SelectAll,
    _Standard.DeleteCompleteLine, _Standard.DeleteStartOfWord, _Standard.DeleteEndOfWord,
    _Standard.MoveToNextWord, _Standard.MoveToPreviousWord, _Standard.MoveToStartOfDocument,
    _Standard.MoveToEndOfDocument, _Standard.SelectNextWord, _Standard.SelectPreviousWord,
    _Standard.SelectStartOfDocument, _Standard.SelectEndOfDocument,
)  # fmt: skip


# What counts in one place only, while that has the focus, and so is asked there.
LOCAL: dict[str, tuple[str, ...]] = {
    "shelf_rename": ("F2",),
    "shelf_delete": ("Del",),
    "message_delete": ("Del",),
    "message_earlier": ("Alt+Left",),
    "message_later": ("Alt+Right",),
}


def matches_default(name: str, event: QKeyEvent) -> bool:
    """Whether a pressed key asks for an action of one place, by the keys that it came with."""
    return pressed(event) in default_keys(name)


def default_keys(name: str) -> tuple[QKeySequence, ...]:
    """Return the keys that an action of one place came with."""
    return tuple(map(QKeySequence, LOCAL.get(name, ())))


def keys_of(text: str) -> tuple[QKeySequence, ...]:
    """Return the shortcuts that a text names; what Qt does not know is left out."""
    if text.strip() in ("", NO_KEYS):
        return ()
    made = (QKeySequence(part.strip(), _Format.PortableText) for part in text.split("; "))
    return tuple(keys for keys in made if not keys.isEmpty() and not _is_unknown(keys))


def kept_text(keys: Sequence[QKeySequence]) -> str:
    """Return shortcuts as the preferences keep them."""
    return "; ".join(each.toString(_Format.PortableText) for each in keys) or NO_KEYS


def shown(keys: Sequence[QKeySequence], most: int = 2) -> str:
    """Return shortcuts as they are written on this system, the first `most` of them."""
    return parts(*(each.toString(_Format.NativeText) for each in keys[:most]))


def native(text: str) -> str:
    """Return a shortcut, named as Qt writes it on every system, as it is written on this one."""
    return QKeySequence(text, _Format.PortableText).toString(_Format.NativeText)


def with_keys(words: str, keys: str) -> str:
    """Return what a button does, with the keys that do the same."""
    #: What a button does, and its keys: Stop (Esc)
    return tr("{words} ({keys})").format(words=words, keys=keys) if keys else words


def pressed(event: QKeyEvent) -> QKeySequence:
    """Return the keys that are pressed, empty while only Shift, Ctrl and their kin are held."""
    if event.key() in _HELD or event.key() == 0:
        return QKeySequence()
    held = event.modifiers() & ~_Held.KeypadModifier
    key = _Key(event.key())
    if key is _Key.Key_Backtab:
        key, held = _Key.Key_Tab, held | _Held.ShiftModifier
    return QKeySequence(QKeyCombination(held, key))


def objection(keys: QKeySequence, *, is_local: bool = False) -> str:
    """Return in words why no action may have these keys, empty where one may.

    `is_local` allows single keys: where they count, nothing is written.
    """
    combination = _combinations(keys)[0]
    key, held = combination.key(), combination.keyboardModifiers()
    shift_only = not held & _COMMANDS
    portable = keys.toString(_Format.PortableText)
    if portable in _INPUT_METHOD:
        return tr("{keys} belongs to input methods on many systems.").format(keys=shown([keys]))
    if key is _Key.Key_Escape and shift_only:
        return tr("Escape stops a reply and closes what is open.")
    if any(keys in QKeySequence.keyBindings(each) for each in _EDITING):
        return tr("{keys} is needed for writing.").format(keys=shown([keys]))
    if is_local and key in (_Key.Key_Delete, _Key.Key_Backspace):
        return ""
    by_control = held & ~_Held.ShiftModifier == _Held.ControlModifier
    if (key in _MOVING and shift_only) or (key in _BY_CONTROL and by_control):
        return tr("{keys} is needed for writing and moving about.").format(keys=shown([keys]))
    if shift_only and not is_local and not _Key.Key_F1 <= key <= _Key.Key_F35:
        return tr("{keys} alone writes a character. Hold Ctrl or Alt with it.").format(keys=shown([keys]))
    if held & ~_Held.ShiftModifier == _Held.AltModifier | _Held.ControlModifier and key < 0x100:
        return tr("{keys} writes a character on many keyboards, where it is AltGr.").format(
            keys=shown([keys])
        )
    return ""


def _is_unknown(keys: QKeySequence) -> bool:
    return any(each.key() is _Key.Key_unknown for each in _combinations(keys))


def _combinations(keys: QKeySequence) -> list[QKeyCombination]:
    return [keys[at] for at in range(keys.count())]  # type: ignore[index]


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """Return a text in the user's language."""
    return QCoreApplication.translate("Keys", text, comment, n)
