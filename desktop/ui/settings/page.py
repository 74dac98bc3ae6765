"""What the pages of the settings have in common."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from desktop.ui.controls import is_document, label
from desktop.ui.theme import Theme


class Page(QScrollArea):
    """A page that scrolls; `column` holds what it shows."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QWidget()
        inside.setProperty("surface", "page")
        px = theme.px
        self.column = QVBoxLayout(inside)
        self.column.setContentsMargins(px(28), px(22), px(28), px(22))
        self.column.setSpacing(px(12))
        self.setWidget(inside)

    def let_scroll(self) -> None:
        """Let the keyboard come to the page itself and scroll it: for pages without much to operate."""
        self.setProperty("kind", "reading")
        is_document(self)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def head(self, title: str) -> None:
        """Add the page's title."""
        self.column.addWidget(label(title, size="title"))
        self.setAccessibleName(title)

    def say(self, words: str, tone: str = "muted") -> QLabel:
        """Add a paragraph and return it."""
        made = label(words, tone=tone, wraps=True)
        self.column.addWidget(made)
        return made


def card(theme: Theme) -> tuple[QFrame, QVBoxLayout]:
    """Return an empty card and the column within it."""
    made = QFrame()
    made.setProperty("kind", "card")
    column = QVBoxLayout(made)
    column.setContentsMargins(theme.px(16), theme.px(14), theme.px(16), theme.px(14))
    column.setSpacing(theme.px(6))
    return made, column
