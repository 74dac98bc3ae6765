"""The sheet of shortcuts: all keys by what they are about, as they are now."""

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.ui.actions import Actions, Group
from desktop.ui.controls import button, is_document, label, turn
from desktop.ui.forward import come_forward
from desktop.ui.keymap import native, shown
from desktop.ui.palette.match import match
from desktop.ui.style import style_sheet
from desktop.ui.theme import Theme
from desktop.ui.wording import parts
from desktop.ui.wrapping import hold_least

SIZE = QSize(860, 640)
LEAST_SIZE = QSize(360, 320)
_TWO_COLUMNS = 640
_COLUMNS = 2


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """Return a text in the user's language."""
    return QCoreApplication.translate("ShortcutSheet", text, comment, n)


def fixed_keys() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Return what can't be changed: keys of the system's own that lists, texts and fields go by."""
    #: The four arrow keys
    arrows = tr("Arrows")
    return (
        (
            tr("Always so: writing"),
            (
                #: What a key does
                (tr("Send"), native("Return")),
                (tr("New line"), native("Shift+Return")),
                (tr("Stop, else close what is open"), native("Esc")),
                (tr("To the next control, and back"), parts(native("Tab"), native("Shift+Tab"))),
            ),
        ),
        (
            tr("Always so: the transcript"),
            (
                #: What keys do
                (tr("Scroll"), parts(arrows, *map(native, ("PgUp", "PgDown", "Home", "End")))),
                (tr("Extend the selection"), tr("Shift and arrows")),
                (tr("Copy, select all"), parts(native("Ctrl+C"), native("Ctrl+A"))),
                (tr("To a message’s actions, and the next message’s"), parts(native("Tab"), arrows)),
            ),
        ),
        (
            tr("Always so: the list of conversations"),
            (
                #: Open the conversation
                (tr("Open"), native("Return")),
                (tr("Choose several"), tr("Shift or Ctrl and arrows, Space")),
                #: What a key does: open the menu
                (tr("Menu"), native("Menu")),
            ),
        ),
    )


class ShortcutSheet(QWidget):
    """A window of its own, never modal. `change_wanted` asks for the settings of the keyboard."""

    change_wanted = Signal()

    def __init__(self, theme: Theme, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._theme = theme
        self._actions = actions
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.setProperty("surface", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Find a shortcut"))
        self.search.setAccessibleName(self.tr("Find a shortcut"))
        self.search.textChanged.connect(self._fill)
        self.change = button(self.tr("Change…"))
        self.change.clicked.connect(self.change_wanted)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setProperty("kind", "reading")
        self._area.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._area.setAccessibleName(self.tr("Keyboard shortcuts"))
        is_document(self._area)
        self._top = QHBoxLayout()
        self._top.addWidget(self.search, 1)
        self._top.addWidget(self.change)
        self._layout = QVBoxLayout(self)
        self._layout.addLayout(self._top)
        self._layout.addWidget(self._area, 1)
        self._columns: QHBoxLayout | None = None
        actions.keys_changed.connect(self._fill)
        theme.changed.connect(self._restyle)
        hold_least(self, theme, LEAST_SIZE)
        self._restyle()
        self.resize((SIZE * theme.zoom).boundedTo(self.screen().availableSize() * 0.9))

    def open(self) -> None:
        """Show the sheet, with what can be done by now."""
        self._fill()
        come_forward(self)
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def rows(self) -> list[tuple[str, str]]:
        """Return what is on the sheet: each action's words and its keys."""
        found = [
            (action.words, shown(self._actions.keys(action.name), 9))
            for group in Group
            for action in self._actions
            if action.group is group and self._actions.keys(action.name)
        ]
        return found + [row for _, rows in fixed_keys() for row in rows]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close with Escape, with the keys that open it, or with the system's keys for that."""
        if (
            event.key() == Qt.Key.Key_Escape
            or event.matches(QKeySequence.StandardKey.Close)
            or self._actions.matches("shortcuts", event)
        ):
            self.close()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the columns below each other where there is little room."""
        super().resizeEvent(event)
        if self._columns is not None:
            turn(self._columns, self.width() < self._theme.px(_TWO_COLUMNS))

    def _sections(self) -> list[tuple[str, list[tuple[str, str]]]]:
        typed = self.search.text()
        sections = [
            (
                group.words,
                [
                    (action.words, shown(self._actions.keys(action.name), 9))
                    for action in self._actions
                    if action.group is group and self._actions.keys(action.name)
                ],
            )
            for group in Group
        ]
        sections += [(words, list(rows)) for words, rows in fixed_keys()]
        fitting = [
            (words, [row for row in rows if match(typed, f"{row[0]} {row[1]} {words}") is not None])
            for words, rows in sections
        ]
        return [(words, rows) for words, rows in fitting if rows]

    def _fill(self) -> None:
        theme = self._theme
        inside = QWidget()
        inside.setProperty("surface", "page")
        self._columns = QHBoxLayout(inside)
        self._columns.setContentsMargins(theme.px(4), 0, theme.px(16), theme.px(16))
        self._columns.setSpacing(theme.px(36))
        columns = [QVBoxLayout() for _ in range(_COLUMNS)]
        for column in columns:
            column.setSpacing(theme.px(4))
        heights = [0] * _COLUMNS
        for words, rows in self._sections():
            # The shorter column takes the next group.
            at = 0 if heights[0] <= heights[1] else 1
            heights[at] += len(rows) + 2
            self._add_section(columns[at], words, rows)
        for column in columns:
            column.addStretch(1)
            self._columns.addLayout(column, 1)
        if not any(heights):
            columns[0].insertWidget(0, label(self.tr("Nothing is called that."), tone="muted"))
        turn(self._columns, self.width() < theme.px(_TWO_COLUMNS))
        self._area.setWidget(inside)

    def _add_section(self, column: QBoxLayout, words: str, rows: list[tuple[str, str]]) -> None:
        theme = self._theme
        head = label(words, size="group")
        head.setContentsMargins(0, theme.px(14), 0, theme.px(2))
        head.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        column.addWidget(head)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(12))
        grid.setVerticalSpacing(theme.px(6))
        grid.setColumnStretch(0, 1)
        for at, (does, keys) in enumerate(rows):
            grid.addWidget(label(does, wraps=True), at, 0, Qt.AlignmentFlag.AlignTop)
            made = label(keys, tone="muted", wraps=" " in keys)
            grid.addWidget(made, at, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        column.addLayout(grid)

    def _restyle(self) -> None:
        px = self._theme.px
        self.setStyleSheet(style_sheet(self._theme))
        self._layout.setContentsMargins(px(24), px(20), px(8), 0)
        self._layout.setSpacing(px(8))
        self._top.setContentsMargins(0, 0, px(16), 0)
        self._top.setSpacing(px(8))
        if self.isVisible():
            self._fill()
