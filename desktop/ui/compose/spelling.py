"""Spelling: words that no dictionary of the system knows are marked while a prompt is written."""

import contextlib
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from PySide6.QtCore import QEvent, QLocale, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QGuiApplication,
    QSyntaxHighlighter,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QMenu

from desktop.base import utf16
from desktop.base.dictionaries import Dictionaries, open_dictionaries
from desktop.base.worker import Worker
from desktop.chat.ports import Preferred
from desktop.ui.compose.words import alphabet_of, is_fence, words_of
from desktop.ui.prompt_edit import PromptEdit
from desktop.ui.theme import Theme

SPELLING = "writing.spelling"
_MOST_KNOWN = 20_000
_LONGEST_LINE = 20_000
_WAIT_MS = 250
_IN_CODE = 1
_FOREIGN_FROM = 4
_FOREIGN_SHARE = 0.55


def wanted_languages() -> list[str]:
    """Return the languages of the keyboard and of the user, as ICU names them."""
    keyboard = QGuiApplication.inputMethod().locale()
    names = [keyboard.name()] if keyboard.language() is not QLocale.Language.C else []
    names += [name.replace("-", "_") for name in QLocale.system().uiLanguages()]
    return list(dict.fromkeys(name for name in names if name not in ("", "C")))


class Speller(QObject):
    """Asks the dictionaries on a thread of its own, and remembers what they said.

    `ready` follows the opening, `learned` answers about words that were not known before.
    """

    ready = Signal()
    learned = Signal()
    _opened = Signal(object)
    _answered = Signal(object, object)

    def __init__(
        self,
        parent: QObject,
        open_them: Callable[[list[str]], Dictionaries | None] = open_dictionaries,
    ) -> None:
        super().__init__(parent)
        self._worker = Worker("weir-spelling")
        self._open_them = open_them
        self._dictionaries: Dictionaries | None = None
        self._known: dict[str, bool] = {}
        self._asked: set[str] = set()
        self._ignored: set[str] = set()
        self._wanted: list[str] = []
        self._is_begun = self._is_closed = False
        self.is_open = False
        """Whether it is known by now which dictionaries there are."""
        self.languages: tuple[str, ...] = ()
        self.alphabets: frozenset[str] = frozenset()
        self._opened.connect(self._on_opened)
        self._answered.connect(self._on_answered)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)

    def begin(self) -> None:
        """Open the dictionaries, once."""
        if self._is_begun:
            return
        self._is_begun = True
        QGuiApplication.inputMethod().localeChanged.connect(self._on_locale)
        self._on_locale()

    def is_wrong(self, word: str) -> bool:
        """Whether a word is known to be wrong; one that is not known yet is asked about."""
        known = self._known.get(word)
        if known is None and word not in self._asked:
            self._asked.add(word)
            if not self._timer.isActive():
                self._timer.start(0)
        return known is False

    def suggest(self, word: str, put: Callable[[object], None]) -> None:
        """Have `put` called, on any thread, with the words that may have been meant."""
        dictionaries = self._dictionaries
        if dictionaries is not None:
            self._submit(lambda: dictionaries.suggestions(word), put)

    def add(self, word: str) -> None:
        """Add a word to the user's dictionary."""
        dictionaries = self._dictionaries
        if dictionaries is not None:
            self._submit(lambda: dictionaries.add(word), lambda _: None)
        self.ignore(word)

    def ignore(self, word: str) -> None:
        """Take a word for right in this run."""
        self._ignored.add(word)
        self._known[word] = True
        self.learned.emit()

    def close(self) -> None:
        """Let go of the dictionaries and end the thread."""
        self._is_closed = True
        self._timer.stop()
        if self._is_begun:
            QGuiApplication.inputMethod().localeChanged.disconnect(self._on_locale)
        dictionaries, self._dictionaries = self._dictionaries, None
        if dictionaries is not None:
            self._submit(dictionaries.close, lambda _: None)
        self._worker.close()

    def _submit(self, call: Callable[[], object], put: Callable[[object], None]) -> None:
        def done(future: "Future[object]") -> None:
            # What comes after the end has nobody left to tell.
            if not self._is_closed and not future.cancelled() and future.exception() is None:
                with contextlib.suppress(RuntimeError):
                    put(future.result())

        self._worker.submit(call).add_done_callback(done)

    def _ask(self) -> None:
        dictionaries, words = self._dictionaries, sorted(self._asked)
        if dictionaries is not None and words:
            told = partial(self._answered.emit, dictionaries)
            self._submit(lambda: {word: dictionaries.knows(word) for word in words}, told)

    def _on_locale(self) -> None:
        """Open the dictionaries of the languages that the keyboard and the user have now."""
        wanted = wanted_languages()
        if wanted != self._wanted or not self.is_open:
            self._wanted = wanted
            self._submit(lambda: self._open_them(wanted), self._opened.emit)

    def _on_opened(self, found: Dictionaries | None) -> None:
        before, self._dictionaries = self._dictionaries, found
        if before is not None:
            self._submit(before.close, lambda _: None)
        self._known = dict.fromkeys(self._ignored, True)
        self._asked.clear()
        self.is_open = True
        self.languages = found.languages if found is not None else ()
        self.alphabets = frozenset(map(alphabet_of, self.languages))
        self.ready.emit()
        self.learned.emit()

    def _on_answered(self, asked: Dictionaries, answers: dict[str, bool]) -> None:
        if asked is not self._dictionaries:
            return
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        self._known |= {word: known for word, known in answers.items() if word not in self._known}
        self._asked -= answers.keys()
        if not all(answers.values()):
            self.learned.emit()


class SpellingMarks(QSyntaxHighlighter):
    """Marks the wrong words of a prompt, but the one that is being written."""

    def __init__(self, edit: PromptEdit, speller: Speller, theme: Theme) -> None:
        super().__init__(edit.document())
        self._edit = edit
        self._speller = speller
        self._theme = theme
        self._caret = -1
        self._look = QTextCharFormat()
        self._restyle()
        speller.learned.connect(self.rehighlight)
        theme.changed.connect(self._on_theme)
        edit.cursorPositionChanged.connect(self._on_moved)

    def highlightBlock(self, text: str) -> None:
        """Mark a line."""
        was_code = self.previousBlockState() == _IN_CODE
        fence = is_fence(text)
        self.setCurrentBlockState(_IN_CODE if was_code != fence else 0)
        if was_code or fence or len(text) > _LONGEST_LINE:
            return
        block = self.currentBlock()
        caret = self._edit.textCursor().position() - block.position()
        wide = len(text) != block.length() - 1
        words = list(words_of(text, self._speller.alphabets))
        wrong = [(start, end) for start, end, word in words if self._speller.is_wrong(word)]
        if len(wrong) >= _FOREIGN_FROM and len(wrong) > _FOREIGN_SHARE * len(words):
            # So many are not mistakes, but another language.
            return
        for start, end in wrong:
            first, last = (utf16.length(text[:start]), utf16.length(text[:end])) if wide else (start, end)
            if last != caret:
                self.setFormat(first, last - first, self._look)

    def stop(self) -> None:
        """Take the marks away for good."""
        self._edit.cursorPositionChanged.disconnect(self._on_moved)
        self._speller.learned.disconnect(self.rehighlight)
        self._theme.changed.disconnect(self._on_theme)
        self.setDocument(None)

    def _on_moved(self) -> None:
        """Look anew at the word that was left, and at the one that is written now."""
        before, self._caret = self._caret, self._edit.textCursor().position()
        document = self._edit.document()
        blocks: list[QTextBlock] = [document.findBlock(self._caret)]
        if before >= 0 and document.findBlock(before) != blocks[0]:
            blocks.append(document.findBlock(before))
        for block in blocks:
            if block.isValid():
                self.rehighlightBlock(block)

    def _on_theme(self) -> None:
        self._restyle()
        self.rehighlight()

    def _restyle(self) -> None:
        self._look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        self._look.setUnderlineColor(self._theme.color("bad"))


class Spelling(QObject):
    """Marks wrong words in a composer's text and offers others in its menu, unless it is switched off."""

    _suggested = Signal(object, object)

    def __init__(
        self,
        theme: Theme,
        edit: PromptEdit,
        preferred: Preferred,
        parent: QObject,
        speller: Speller | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._edit = edit
        self.speller = speller or Speller(self)
        self._preferred = preferred
        self.marks: SpellingMarks | None = None
        self.menu: QMenu | None = None
        self._is_on = False
        self._waiting: tuple[str, QTextCursor, QPoint] | None = None
        self.speller.ready.connect(self._update)
        self._suggested.connect(self._on_suggested)
        edit.installEventFilter(self)
        edit.viewport().installEventFilter(self)

    @property
    def is_wanted(self) -> bool:
        """Whether wrong words are to be marked."""
        return self._preferred.read(SPELLING, "") != "no"

    def want(self, is_wanted: bool) -> None:
        """Begin to mark, or leave off, and remember that."""
        self._preferred.write(SPELLING, "" if is_wanted else "no")
        self.begin()

    def begin(self) -> None:
        """Open the dictionaries and mark, unless that is switched off."""
        self._is_on = self.is_wanted
        if self._is_on:
            self.speller.begin()
        self._update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Open the menu of a wrong word."""
        if isinstance(event, QContextMenuEvent) and self.marks is not None:
            return self._open_menu(event)
        return False

    def wrong_word(self, cursor: QTextCursor) -> tuple[str, QTextCursor] | None:
        """Return the wrong word at a cursor and a cursor that selects it, None where there is none."""
        block = cursor.block()
        text, at = block.text(), cursor.positionInBlock()
        if block.userState() == _IN_CODE:
            return None
        for start, end, word in words_of(text, self.speller.alphabets):
            first, last = utf16.length(text[:start]), utf16.length(text[:end])
            if first <= at <= last and self.speller.is_wrong(word):
                found = QTextCursor(block)
                found.setPosition(block.position() + first)
                found.setPosition(block.position() + last, QTextCursor.MoveMode.KeepAnchor)
                return word, found
        return None

    def close(self) -> None:
        """End what runs beside the window."""
        self.speller.close()

    def _update(self) -> None:
        wants = self._is_on and bool(self.speller.languages)
        if wants and self.marks is None:
            self.marks = SpellingMarks(self._edit, self.speller, self._theme)
        elif not wants and self.marks is not None:
            self.marks.stop()
            self.marks = None

    def _open_menu(self, event: QContextMenuEvent) -> bool:
        if event.reason() is QContextMenuEvent.Reason.Mouse:
            cursor, place = self._edit.cursorForPosition(event.pos()), event.globalPos()
        else:
            cursor = self._edit.textCursor()
            place = self._edit.viewport().mapToGlobal(self._edit.cursorRect().bottomLeft())
        found = self.wrong_word(cursor)
        if found is None or self._edit.is_composing:
            return False
        word, selected = found
        self._waiting = (word, selected, place)
        self.speller.suggest(word, partial(self._suggested.emit, word))
        # A dictionary that thinks for long must not keep the menu from its user.
        QTimer.singleShot(_WAIT_MS, self, partial(self._on_suggested, word, ()))
        return True

    def _on_suggested(self, word: str, words: tuple[str, ...]) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is None or waiting[0] != word:
            self._waiting = waiting
            return
        _, selected, place = waiting
        menu = self._edit.createStandardContextMenu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        first = menu.actions()[0]
        made = [self._action(menu, text, partial(self._replace, selected, text)) for text in words]
        if not made:
            none = QAction(self.tr("No suggestions"), menu)
            none.setEnabled(False)
            made = [none]
        rest = [
            self._action(menu, self.tr("Add to the dictionary"), partial(self.speller.add, word)),
            #: What is done: no longer mark a word
            self._action(menu, self.tr("Ignore"), partial(self.speller.ignore, word)),
        ]
        menu.insertActions(first, made)
        menu.insertSeparator(first)
        menu.insertActions(first, rest)
        menu.insertSeparator(first)
        self.menu = menu
        menu.destroyed.connect(self._on_gone)
        menu.popup(place)

    def _on_gone(self) -> None:
        self.menu = None

    def _action(self, menu: QMenu, words: str, do: Callable[[], None]) -> QAction:
        made = QAction(words.replace("&", "&&"), menu)
        made.triggered.connect(do)
        return made

    def _replace(self, selected: QTextCursor, text: str) -> None:
        selected.insertText(text)
        self._edit.setFocus(Qt.FocusReason.OtherFocusReason)
