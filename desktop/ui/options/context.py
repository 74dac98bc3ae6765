"""ContextFields: how much the model can read, and what happens to a conversation that becomes longer."""

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from desktop.base.tongue import sentences
from desktop.chat.conversation import LiveConversation
from desktop.domain.cut import ContextChoice, Overflow
from desktop.ui.context.words import overflow_names, tr
from desktop.ui.controls import Chooser
from desktop.ui.options.field import lay_out_field, say
from desktop.ui.options.text import OptionTextError, read_count
from desktop.ui.theme import Theme

LEAST_WINDOW = 256


class ContextFields(QWidget):
    """The two fields. A change counts at once; `changed` follows it."""

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._live: LiveConversation | None = None
        self._unusable: dict[str, str] = {}
        self.window_edit = QLineEdit()
        self.window_edit.setPlaceholderText(tr("What the service says"))
        self.window_edit.setToolTip(self.window_edit.placeholderText())
        self.window_edit.setAccessibleName(tr("Context window, in tokens"))
        self.overflow_edit = Chooser(theme, tr("When it does not fit"))
        left, right = QWidget(), QWidget()
        self.window_note = lay_out_field(left, tr("Context window, in tokens"), self.window_edit)
        lay_out_field(right, tr("When it does not fit"), self.overflow_edit)
        for words, value in overflow_names():
            self.overflow_edit.addItem(words, value)
        # As wide as the sheet, however long its words are.
        self.overflow_edit.setSizeAdjustPolicy(Chooser.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        for column, widget in enumerate((left, right)):
            self._grid.addWidget(widget, 0, column)
            self._grid.setColumnStretch(column, 1)
        self.window_edit.editingFinished.connect(self.take)
        self.overflow_edit.activated.connect(self._on_chosen)

    @property
    def is_set(self) -> bool:
        """Whether anything is set or written."""
        kept = self._live.conversation.context if self._live is not None else ContextChoice()
        is_chosen = replace(kept, cuts=()) != ContextChoice()
        return is_chosen or bool(self.window_edit.text().strip())

    def space(self, gap: int) -> None:
        """Set the distance between the fields."""
        self._grid.setHorizontalSpacing(gap)

    def follow(self, live: LiveConversation | None) -> None:
        """Show what is set for a conversation, and change it there."""
        if self._live is not None:
            self._live.context_changed.disconnect(self._show)
        self._live = live
        if live is not None:
            live.context_changed.connect(self._show)
            self._show()

    def take(self) -> None:
        """Have the window that is written count; what can't be used stays as written and does not count."""
        live = self._live
        if live is None:
            return
        text = self.window_edit.text()
        self._unusable.pop(live.conversation.id, None)
        try:
            window = read_count(text, LEAST_WINDOW)
        except OptionTextError as problem:
            self._unusable[live.conversation.id] = text
            window = None
            say(
                self.window_note,
                self.window_edit,
                "",
                sentences(str(problem), tr("Until then it is as it was.")),
            )
        else:
            say(self.window_note, self.window_edit, "", "")
            live.set_context(replace(live.conversation.context, window=window))
        self.changed.emit()

    def reset(self) -> None:
        """Leave both to the service and to a question; the lines that were drawn stay."""
        live = self._live
        if live is not None:
            self._unusable.pop(live.conversation.id, None)
            self.window_edit.clear()
            say(self.window_note, self.window_edit, "", "")
            live.set_context(ContextChoice(cuts=live.conversation.context.cuts))
            self._show()

    def _show(self) -> None:
        live = self._live
        if live is None:
            return
        context = live.conversation.context
        kept = self._unusable.get(live.conversation.id)
        text = kept if kept is not None else "" if context.window is None else str(context.window)
        if text != self.window_edit.text():
            self.window_edit.setText(text)
        self.overflow_edit.setCurrentIndex(max(0, self.overflow_edit.findData(context.overflow)))

    def _on_chosen(self) -> None:
        live = self._live
        if live is not None:
            # Qt gives back the text that the value also is.
            overflow = Overflow(self.overflow_edit.currentData())
            live.set_context(replace(live.conversation.context, overflow=overflow))
            self.changed.emit()
