"""A list that the user keeps, as a page: new, change, order, delete with a way back, in and out of a file."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.base import tongue
from desktop.chat.entries import Entries
from desktop.domain.kept import Entry
from desktop.ui.controls import ElidedLabel, IconButton, announce, badge, button, label
from desktop.ui.last_folder import open_in_last_folder
from desktop.ui.settings.kept_form import KeptForm
from desktop.ui.settings.page import Page, card
from desktop.ui.theme import Theme

_TIGHT = 520


class Words(Protocol):
    """What a list of one kind says."""

    @property
    def title(self) -> str:
        """The page's title."""
        ...

    @property
    def about(self) -> str:
        """What these are for."""
        ...

    @property
    def new(self) -> str:
        """The button for another one."""
        ...

    @property
    def file(self) -> str:
        """The name of a file that they go out to."""
        ...

    def detail(self, entry: Any) -> str:
        """Return the second line of an entry."""
        ...


class KeptList(Page):
    """The entries in order, each with what can be done to it. `edit_requested` carries one, or None."""

    edit_requested = Signal(object)

    def __init__(self, theme: Theme, entries: Entries[Any], words: Words) -> None:
        super().__init__(theme)
        self._entries = entries
        self._words = words
        self._undo: Callable[[], None] | None = None
        self.rows: dict[str, QFrame] = {}
        self._badges: list[QLabel] = []
        self.head(words.title)
        self.say(words.about)
        self.problem = self.say("", "warn")
        self.cards = QVBoxLayout()
        self.cards.setSpacing(theme.px(8))
        self.column.addLayout(self.cards)
        self._told = QFrame()
        self._told.setProperty("kind", "notice")
        self.words = label(wraps=True)
        self.undo = button(self.tr("Undo"), "action")
        row = QHBoxLayout(self._told)
        row.setContentsMargins(theme.px(12), theme.px(6), theme.px(6), theme.px(6))
        row.addWidget(self.words, 1)
        row.addWidget(self.undo)
        self.column.addWidget(self._told)
        self.new = button(words.new, "primary")
        self.bring = button(self.tr("Import…"))
        self.save = button(self.tr("Export…"))
        self.unhide = button("", "text")
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        for widget in (self.new, self.bring, self.save):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.unhide)
        self.column.addLayout(row)
        self.column.addStretch(1)
        self._tell("")
        self._connect()
        self.fill()

    def fill(self) -> None:
        """Show the entries as they are, the keyboard where it was."""
        focused = self._focused()
        while (item := self.cards.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.rows = {}
        self._badges = []
        items = self._entries.items
        for number, entry in enumerate(items):
            row = self._row(entry, number, len(items))
            self.rows[entry.id] = row
            self.cards.addWidget(row)
        problem = self._entries.problem
        words = self.tr("{problem} Until then nothing can be changed here.")
        self.problem.setText(words.format(problem=problem) if problem else "")
        self.problem.setVisible(bool(problem))
        for widget in (self.new, self.bring):
            widget.setEnabled(not problem)
        hidden = len(self._entries.hidden)
        self.unhide.setText(self.tr("Show what is hidden ({count})").format(count=tongue.number(hidden)))
        self.unhide.setVisible(hidden > 0)
        self._focus(*focused)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the room to the names where there is little."""
        super().resizeEvent(event)
        for mark in self._badges:
            mark.setVisible(not self._is_tight)

    @property
    def _is_tight(self) -> bool:
        return self.width() < self.theme.px(_TIGHT)

    def button(self, entry_id: str, what: str) -> QWidget:
        """Return a button of a row: "up", "down", "edit" or "delete"."""
        return next(made for made in self.rows[entry_id].findChildren(QWidget) if made.objectName() == what)

    def import_file(self, path: str) -> None:
        """Bring in what a file has."""
        self._entries.import_from(Path(path))

    def export_file(self, path: str) -> None:
        """Write all into a file."""
        self._entries.export_to(Path(path))

    def remove(self, entry_id: str) -> None:
        """Take an entry away, and offer a way back."""
        entry = self._entries.entry(entry_id)
        if entry is None:
            return
        is_hidden = self._entries.comes_with_program(entry_id)
        self._undo = self._entries.remove(entry_id)
        words = self.tr("“{name}” is hidden.") if is_hidden else self.tr("“{name}” was deleted.")
        self._tell(words.format(name=entry.name), can_undo=True)

    def _connect(self) -> None:
        entries = self._entries
        entries.changed.connect(self.fill)
        entries.failed.connect(self._tell)
        entries.imported.connect(self._on_imported)
        entries.exported.connect(self._on_exported)
        self.new.clicked.connect(lambda: self.edit_requested.emit(None))
        self.undo.clicked.connect(self._on_undo)
        self.unhide.clicked.connect(entries.show_hidden)
        self.bring.clicked.connect(self._on_import)
        self.save.clicked.connect(self._on_export)

    def _row(self, entry: Entry, number: int, count: int) -> QFrame:
        frame, column = card(self.theme)
        row = QHBoxLayout()
        row.setSpacing(self.theme.px(4))
        texts = QVBoxLayout()
        texts.setSpacing(self.theme.px(2))
        head = QHBoxLayout()
        head.setSpacing(self.theme.px(8))
        head.addWidget(ElidedLabel(entry.name, size="strong"))
        if mark := self._mark(entry):
            shown = badge(mark)
            shown.setVisible(not self._is_tight)
            self._badges.append(shown)
            head.addWidget(shown)
        head.addStretch(1)
        texts.addLayout(head)
        texts.addWidget(ElidedLabel(self._words.detail(entry), size="small", tone="muted"))
        row.addLayout(texts, 1)
        is_builtin = self._entries.comes_with_program(entry.id)
        leave = self.tr("Hide {name}") if is_builtin else self.tr("Delete {name}")
        actions: tuple[tuple[str, str, str, Callable[[], None]], ...] = (
            ("up", "chevron-up", self.tr("Move {name} up"), partial(self._entries.move, entry.id, -1)),
            ("down", "chevron-down", self.tr("Move {name} down"), partial(self._entries.move, entry.id, 1)),
            ("edit", "rename", self.tr("Edit {name}"), partial(self.edit_requested.emit, entry)),
            ("delete", "trash", leave, partial(self.remove, entry.id)),
        )
        for what, icon_name, words, do in actions:
            made = IconButton(self.theme, icon_name, words.format(name=entry.name), size=16)
            made.setObjectName(what)
            made.setProperty("entry", entry.id)
            made.clicked.connect(do)
            is_end = (what, number) in (("up", 0), ("down", count - 1))
            made.setEnabled(not is_end and not self._entries.problem)
            row.addWidget(made, 0, Qt.AlignmentFlag.AlignVCenter)
        column.addLayout(row)
        return frame

    def _mark(self, entry: Entry) -> str:
        if not self._entries.comes_with_program(entry.id):
            return ""
        #: A prompt or persona that comes with Weir and was changed
        return self.tr("changed") if self._entries.is_own(entry.id) else self.tr("comes with Weir")

    def _focused(self) -> tuple[str, str]:
        now = QApplication.focusWidget()
        if now is None or not self.isAncestorOf(now):
            return "", ""
        return str(now.property("entry") or ""), now.objectName()

    def _focus(self, entry_id: str, what: str) -> None:
        if entry_id in self.rows:
            wanted = self.button(entry_id, what)
            if not wanted.isEnabled():
                wanted = self.button(entry_id, "down" if what == "up" else "up")
            wanted.setFocus(Qt.FocusReason.OtherFocusReason)

    def _tell(self, words: str, *, can_undo: bool = False) -> None:
        if not can_undo:
            self._undo = None
        self.words.setText(words)
        self.undo.setVisible(can_undo)
        self._told.setVisible(bool(words))
        if words:
            announce(self, words)

    def _on_undo(self) -> None:
        undo, self._undo = self._undo, None
        if undo is not None:
            undo()
        self._tell("")

    def _on_imported(self, count: int, known: int) -> None:
        #: Prompts or personas came in from a file
        words = self.tr("%n came in.", "", count)
        if known:
            #: Prompts or personas of the file that were here before
            words = tongue.sentences(words, self.tr("%n were here already.", "", known))
        self._tell(words)

    def _on_exported(self, name: str, count: int) -> None:
        #: Prompts or personas were written to a file
        self._tell(self.tr("%n were written to {file}.", "", count).format(file=name))

    def _on_import(self) -> None:
        dialog = QFileDialog(self, self.tr("Import"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        open_in_last_folder(dialog, "entries")
        dialog.setNameFilters([self.tr("Readable files (*.toml)"), self.tr("All files (*)")])
        dialog.fileSelected.connect(self.import_file)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_export(self) -> None:
        dialog = QFileDialog(self, self.tr("Export"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        open_in_last_folder(dialog, "entries")
        dialog.setDefaultSuffix("toml")
        dialog.selectFile(self._words.file)
        dialog.fileSelected.connect(self.export_file)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


class KeptPage(QStackedWidget):
    """The list, or the form of one entry in its place."""

    def __init__(self, theme: Theme, entries: Entries[Any], words: Words, editor: KeptForm) -> None:
        super().__init__()
        self._entries = entries
        self.list = KeptList(theme, entries, words)
        self.editor = editor
        self.addWidget(self.list)
        self.addWidget(self.editor)
        self.list.edit_requested.connect(self.edit)
        self.editor.closed.connect(self.show_list)
        # The file may have been edited by hand since it was read.
        entries.load()

    def show_list(self) -> None:
        """Show the list."""
        self.setCurrentWidget(self.list)
        self.list.new.setFocus(Qt.FocusReason.OtherFocusReason)

    def edit(self, entry: Entry | None) -> None:
        """Show the form of an entry, or of a new one."""
        self.setCurrentWidget(self.editor)
        self.editor.edit(entry)
