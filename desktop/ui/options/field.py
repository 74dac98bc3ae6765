"""OptionField: one option in the panel, with what is to be said about it."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.base.tongue import sentences
from desktop.domain.options import Option
from desktop.ui.controls import Chooser, label, set_look
from desktop.ui.options.text import OptionTextError
from desktop.ui.paragraphs import set_by_paragraph
from desktop.ui.theme import Theme


class Lines(QPlainTextEdit):
    """A few lines of text; Tab leads on to the next field. `left` follows the loss of the focus."""

    left = Signal()

    def __init__(self, theme: Theme, lines: int) -> None:
        super().__init__()
        self._theme = theme
        self._lines = lines
        set_by_paragraph(self)
        self.setProperty("kind", "field")
        self.setTabChangesFocus(True)
        theme.changed.connect(self._fit)
        self._fit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Say that the text is finished."""
        super().focusOutEvent(event)
        self.left.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Keep the height in step with the font."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(self.fontMetrics().lineSpacing() * self._lines + self._theme.px(22))


class OptionField(QWidget):
    """A caption, a field, and a line of words: why the value can't be used, or why it is not sent.

    `read` makes a value of the text, None or empty where the option is left to the service, and raises
    OptionTextError; `write` makes the text of a value. `changed` follows every finished change.
    """

    changed = Signal()

    def __init__(
        self,
        option: Option,
        caption: str,
        edit: QLineEdit | Lines,
        read: Callable[[str], object],
        write: Callable[[object], str],
    ) -> None:
        super().__init__()
        self.option = option
        self.edit = edit
        #: No system prompt
        self._nothing = (
            self.tr("None", "system prompt") if option is Option.SYSTEM else self.tr("Left to the service")
        )
        self._read = read
        self._write = write
        edit.setAccessibleName(caption)
        # What stands in an empty field may be longer than a narrow one shows.
        edit.setToolTip(self._nothing)
        self.note = lay_out_field(self, caption, edit)
        if isinstance(edit, QLineEdit):
            edit.editingFinished.connect(self._on_finished)
            edit.textEdited.connect(self._on_edited)
        else:
            edit.left.connect(self._on_finished)
            edit.textChanged.connect(self._on_edited)

    @property
    def text(self) -> str:
        """What stands in the field."""
        return self.edit.text() if isinstance(self.edit, QLineEdit) else self.edit.toPlainText()

    @property
    def value(self) -> object:
        """The value written; None where there is none that can be used."""
        try:
            return self._read(self.text)
        except OptionTextError:
            return None

    @property
    def problem(self) -> str:
        """Why what is written can't be used, empty where it can."""
        try:
            self._read(self.text)
        except OptionTextError as problem:
            return str(problem)
        return ""

    def shows(self, value: object) -> bool:
        """Whether what stands in the field is the text of a value."""
        return self.text == self._write(value)

    def show_value(self, value: object) -> None:
        """Write a value into the field."""
        self.show_text(self._write(value))

    def show_text(self, text: str) -> None:
        """Put a text into the field as it is, with the reason where it can't be used."""
        if text != self.text:
            self.edit.blockSignals(True)
            if isinstance(self.edit, QLineEdit):
                self.edit.setText(text)
            else:
                self.edit.setPlainText(text)
            self.edit.blockSignals(False)

    def show_taken(self, is_taken: bool, words: str) -> None:
        """Grey the field where its option is not sent, and say why."""
        self.edit.setEnabled(is_taken)
        self.edit.setPlaceholderText(self._nothing if is_taken else self.tr("Not sent"))
        problem = self.problem if is_taken else ""
        if problem:
            problem = sentences(problem, self.tr("Until then it is left to the service."))
        say(self.note, self.edit, words, problem)

    def _on_edited(self) -> None:
        if self.note.isVisible() and not self.problem:
            self.note.hide()

    def _on_finished(self) -> None:
        self.changed.emit()


class ChoiceField(QWidget):
    """An option with a few values to choose from; the first one leaves it to the service."""

    changed = Signal()

    def __init__(self, theme: Theme, option: Option, caption: str) -> None:
        super().__init__()
        self.option = option
        self.edit: QComboBox = Chooser(theme, caption)
        self.note = lay_out_field(self, caption, self.edit)
        self.edit.activated.connect(self._on_activated)

    @property
    def value(self) -> object:
        """The chosen value."""
        return self.edit.currentData()

    def offer(self, values: list[tuple[str, object]], chosen: object) -> None:
        """Show words and their values, one of them chosen."""
        self.edit.blockSignals(True)
        self.edit.clear()
        for words, value in values:
            self.edit.addItem(words, value)
        self.edit.setCurrentIndex(max(0, self.edit.findData(chosen)))
        self.edit.blockSignals(False)

    def show_taken(self, is_taken: bool, words: str) -> None:
        """Grey the field where its option is not sent, and say why."""
        self.edit.setEnabled(is_taken)
        say(self.note, self.edit, words, "")

    def _on_activated(self) -> None:
        self.changed.emit()


def lay_out_field(field: QWidget, caption: str, edit: QWidget) -> QLabel:
    """Lay out a caption, a field and its note, which is returned."""
    name = label(caption, size="strong", wraps=True)
    name.setMinimumWidth(1)
    name.setBuddy(edit)
    note = label(size="small", tone="muted", wraps=True)
    note.setMinimumWidth(1)
    note.hide()
    column = QVBoxLayout(field)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    for widget in (name, edit, note):
        column.addWidget(widget)
    column.addStretch(1)
    return note


def say(note: QLabel, edit: QWidget, words: str, problem: str) -> None:
    """Show a problem, else other words, else nothing; a screen reader hears it with the field."""
    note.setText(problem or words)
    set_look(note, tone="bad" if problem else "muted")
    note.setVisible(bool(problem or words))
    edit.setAccessibleDescription(problem or words)
