"""The companion of the composer: opens its lists, fills in places, and names a model for one prompt."""

from PySide6.QtCore import QDate, QEvent, QLocale, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QWidget

from desktop.base import utf16
from desktop.chat.endpoints import Endpoints
from desktop.chat.entries import Entries
from desktop.chat.habits import Habits
from desktop.domain.endpoint import ModelRef
from desktop.domain.template import Template, fill
from desktop.ui.compose.offers import model_rows, prompt_rows
from desktop.ui.compose.once import OnceChip
from desktop.ui.compose.places import Places
from desktop.ui.compose.signs import Asked, Sign, asked
from desktop.ui.compose.suggestions import Suggestion, Suggestions
from desktop.ui.composer import Composer
from desktop.ui.theme import Theme
from desktop.ui.wording import listed

_PAGE = 6
_NONE = Qt.KeyboardModifier.NoModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class Companion(QObject):
    """Works on a composer from outside, by the keys that reach its text.

    A list opens only for a sign that was typed, never for one that was pasted or stood there already.
    `told` says something in words, `manage_requested` asks for the page of the prompts.
    """

    told = Signal(str)
    manage_requested = Signal()

    def __init__(
        self, theme: Theme, composer: Composer, endpoints: Endpoints, habits: Habits, over: QWidget
    ) -> None:
        super().__init__(over)
        self._theme = theme
        self._composer = composer
        self._endpoints = endpoints
        self._habits = habits
        self._prompts: Entries[Template] | None = None
        self._chip: OnceChip | None = None
        self._watched = self._left = -1
        self._asked: Asked | None = None
        self._warned = ""
        self._waits = False
        self.popup = Suggestions(theme, composer, over)
        self.places = Places(composer.edit, theme)
        self.popup.taken.connect(self._on_taken)
        self.popup.starred.connect(self._on_starred)
        self.popup.left.connect(self._leave)
        self.popup.manage_requested.connect(self._on_manage)
        edit = composer.edit
        edit.installEventFilter(self)
        edit.typed.connect(self._on_typed)
        edit.cursorPositionChanged.connect(self._on_moved)
        edit.textChanged.connect(self._on_text_changed)
        composer.once_changed.connect(self._show_once)
        composer.replaced.connect(self._on_replaced)
        endpoints.models_changed.connect(self._on_offers_changed)
        theme.changed.connect(self.places.mark)

    @property
    def chip(self) -> OnceChip | None:
        """The chip of the model that answers once, None before there was any."""
        return self._chip

    def set_prompts(self, prompts: Entries[Template]) -> None:
        """Offer these prompts."""
        self._prompts = prompts
        prompts.changed.connect(self._on_offers_changed)

    def note(self, typed: str) -> None:
        """Take what was typed before there was a companion."""
        self._on_typed(typed)

    def may_send(self, text: str) -> bool:
        """Whether a prompt may go; one with an open place is held back once, and that is said."""
        self.places.finish()
        if self._prompts is not None and not self._prompts.is_read:
            # Which places there are is known once they have been read; the prompt goes then.
            if not self._waits:
                self._waits = True
                self._prompts.changed.connect(self._send_again)
                self._prompts.load()
            return False
        if self._prompts is not None:
            self.places.adopt(name for item in self._prompts.items for name in item.variables)
        names = self.places.open_names
        now = self._composer.text()
        if not names or now == self._warned:
            self._warned = ""
            return True
        self._warned = now
        self.places.go_to_open()
        #: A name in quotation marks
        quoted = self.tr("“{name}”")
        shown = listed(quoted.format(name=name) for name in names)
        words = self.tr("Not filled in yet: {names}. Send once more to send it as it is.")
        self.told.emit(words.format(names=shown))
        return False

    def _send_again(self) -> None:
        self._waits = False
        if self._prompts is not None:
            self._prompts.changed.disconnect(self._send_again)
        self._composer.request_send()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keys of the text that lead a list, the places or the chip."""
        if isinstance(event, QKeyEvent):
            if event.type() is QEvent.Type.ShortcutOverride:
                if event.key() == Qt.Key.Key_Escape and self._holds_escape:
                    # Escape is for the list then; the window would stop a reply with it.
                    event.accept()
                    return True
            elif event.type() is QEvent.Type.KeyPress and not self._composer.edit.is_composing:
                return self._takes(event)
        elif event.type() is QEvent.Type.FocusOut and self._is_open:
            self._close()
        return False

    @property
    def _is_open(self) -> bool:
        return not self.popup.isHidden()

    @property
    def _holds_escape(self) -> bool:
        return (self._is_open or self.places.is_active) and not self._composer.edit.is_composing

    def _takes(self, event: QKeyEvent) -> bool:
        key, held = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if self._is_open and held == _NONE and self._leads_list(key):
            return True
        if self.places.is_active and key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            is_led = self.places.step(-1 if key == Qt.Key.Key_Backtab or held == _SHIFT else 1)
            self._guide()
            return is_led
        if self.places.is_active and key == Qt.Key.Key_Escape and held == _NONE:
            self.places.forget()
            self._guide()
            return True
        caret = self._composer.edit.textCursor()
        is_first = caret.atStart() and not caret.hasSelection()
        if key == Qt.Key.Key_Backspace and is_first and self._composer.once is not None:
            self._composer.set_once(None)
            return True
        return False

    def _leads_list(self, key: int) -> bool:
        match key:
            case Qt.Key.Key_Down:
                self.popup.step(1)
            case Qt.Key.Key_Up:
                self.popup.step(-1)
            case Qt.Key.Key_PageDown:
                self.popup.step(_PAGE)
            case Qt.Key.Key_PageUp:
                self.popup.step(-_PAGE)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Tab:
                return self.popup.take()
            case Qt.Key.Key_Escape:
                self._leave()
            case _:
                return False
        return True

    def _on_typed(self, text: str) -> None:
        if text.endswith(("/", "@")):
            self._watched = self._composer.edit.textCursor().position() - 1
            self._left = -1
        self._warned = ""
        self._look()

    def _on_moved(self) -> None:
        if self._is_open:
            self._look()

    def _on_text_changed(self) -> None:
        if self.places.is_active:
            self.places.mark()
        self._guide()

    def _guide(self) -> None:
        words = self.tr("Tab leads to the next place to fill in") if self.places.is_active else ""
        self._composer.set_guidance(words)

    def _on_replaced(self) -> None:
        self._watched = self._left = -1
        self._close()
        self.places.forget()
        self._guide()

    def _on_offers_changed(self) -> None:
        if self._is_open or self._asked is not None:
            self._look()

    def _look(self) -> None:
        """Open, fill or close the list as the text around the caret asks for it."""
        edit = self._composer.edit
        caret = edit.textCursor()
        line, at = caret.block().text(), caret.positionInBlock()
        units = line.encode("utf-16-le", "surrogatepass")
        before = units[: 2 * at].decode("utf-16-le", "surrogatepass")
        after = units[2 * at :].decode("utf-16-le", "surrogatepass")
        found = asked(before, after) if not caret.hasSelection() else None
        if found is None or edit.is_composing:
            self._asked = None
            self._close()
            return
        sign_at = caret.position() - utf16.length(found.query) - 1
        if sign_at != self._watched or sign_at == self._left:
            self._close()
            return
        self._asked = found
        self._offer(found)

    def _offer(self, found: Asked) -> None:
        hint = self.tr("Enter takes it, Esc leaves the text")
        rows: list[Suggestion] = []
        manage = ""
        if found.sign is Sign.PROMPTS and self._prompts is not None:
            if not self._prompts.is_read:
                # What was typed is looked at again when they have come.
                self._prompts.load()
                return
            if not self._is_open and not found.query:
                self._prompts.load()
            rows = prompt_rows(self._prompts, found.query)
            manage = self.tr("Manage…")
        elif found.sign is Sign.MODELS:
            rows = model_rows(self._endpoints, self._habits, found.query)
            hint = self.tr("Answers this prompt alone")
        if rows:
            self.popup.show_rows(rows, hint, manage)
        else:
            self._close()

    def _close(self) -> None:
        self.popup.close_list()

    def _leave(self) -> None:
        """Close the list; this sign opens it no more."""
        self._left = self._watched
        self._asked = None
        self._close()

    def _on_taken(self, value: object) -> None:
        found = self._asked
        self._asked = None
        self._close()
        if found is None:
            return
        caret = self._composer.edit.textCursor()
        caret.setPosition(self._watched)
        end = self._composer.edit.textCursor().position()
        caret.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        self._watched = -1
        if isinstance(value, Template):
            date = QLocale().toString(QDate.currentDate(), QLocale.FormatType.LongFormat)
            copied = QGuiApplication.clipboard().text()
            self.places.insert(caret, fill(value, copied, date))
            self._guide()
            self._composer.edit.ensureCursorVisible()
        elif isinstance(value, ModelRef):
            caret.removeSelectedText()
            self._composer.set_once(value)
        self._composer.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_starred(self, value: object) -> None:
        if isinstance(value, ModelRef):
            self._habits.toggle_favourite(value)
            self._look()

    def _on_manage(self) -> None:
        self._leave()
        self.manage_requested.emit()

    def _show_once(self) -> None:
        ref = self._composer.once
        endpoint = self._endpoints.endpoint(ref.endpoint_id) if ref is not None else None
        if self._chip is None and ref is not None:
            self._chip = OnceChip(self._theme)
            self._chip.dropped.connect(self._on_dropped)
            self._composer.add_above(self._chip)
        if self._chip is not None:
            if ref is not None and endpoint is not None:
                self._chip.show_model(ref.model, endpoint.name)
            self._chip.setVisible(ref is not None)

    def _on_dropped(self) -> None:
        self._composer.set_once(None)
        self._composer.edit.setFocus(Qt.FocusReason.OtherFocusReason)
