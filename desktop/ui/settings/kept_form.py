"""What the forms of prompts and personas have in common: fields above, buttons below."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.domain.kept import Entry
from desktop.ui.controls import button, label, separator
from desktop.ui.settings.page import Page
from desktop.ui.theme import Theme


class KeptForm(QWidget):
    """A page with a name and what else belongs to an entry. `closed` follows every way out."""

    closed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.page = Page(theme)
        self.page.column.setSpacing(theme.px(14))
        self.title = label(size="title")
        self.name = QLineEdit()
        self.problem = label(size="small", tone="bad", wraps=True)
        self.save = button(self.tr("Save"), "primary")
        self.back = button(self.tr("Cancel"))
        self.original = button(self.tr("As it came with Weir"), "text")
        self.page.column.addWidget(self.title)
        self.add_field(self.tr("Name"), self.name)
        foot = QHBoxLayout()
        foot.setSpacing(theme.px(8))
        for widget in (self.save, self.back):
            foot.addWidget(widget)
        foot.addStretch(1)
        foot.addWidget(self.original)
        below = QVBoxLayout()
        below.setContentsMargins(theme.px(28), theme.px(12), theme.px(28), theme.px(14))
        below.setSpacing(theme.px(8))
        below.addWidget(self.problem)
        below.addLayout(foot)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.page, 1)
        whole.addWidget(separator())
        whole.addLayout(below)
        self.back.clicked.connect(self.closed)
        self.name.returnPressed.connect(self.save.click)
        self.say("")

    def edit(self, entry: Entry | None) -> None:
        """Show an entry's values, or those of a new one."""
        raise NotImplementedError

    def add_field(self, name: str, field: QWidget, words: str = "") -> None:
        """Add a field below the others, with its caption and what is to be known of it."""
        column = QVBoxLayout()
        column.setSpacing(self._theme.px(6))
        caption = label(name, size="strong")
        caption.setBuddy(field)
        field.setAccessibleName(name)
        column.addWidget(caption)
        column.addWidget(field)
        if words:
            column.addWidget(label(words, size="small", tone="muted", wraps=True))
        self.page.column.addLayout(column)

    def say(self, words: str) -> None:
        """Say what is wrong, or nothing."""
        self.problem.setText(words)
        self.problem.setVisible(bool(words))
