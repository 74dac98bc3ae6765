"""The few real widgets over the page: one row of message actions, and the way back to the end."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QWidget

from desktop.ui.keymap import matches_default
from desktop.ui.theme import SMALL_PX, Theme
from desktop.ui.timeline import words


class ActionRow(QWidget):
    """The actions of one message, shown under it on hover and for the keyboard.

    There is one row for all messages: a row per message would cost more memory than the messages.
    `chosen` carries an action's name; `left` says that the keyboard went elsewhere; `moved` asks for
    the row of the message before (-1) or after (1); `left_back` asks for the focus to return.
    """

    chosen = Signal(str)
    left = Signal()
    left_back = Signal()
    moved = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.message_id = ""
        self.matches: Callable[[str, QKeyEvent], bool] = matches_default
        self._names: tuple[str, ...] = ()
        self._buttons: list[QToolButton] = []
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        self._box = box
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setAccessibleName(words.tr("Message actions"))
        self.restyle()
        self.hide()

    @property
    def buttons(self) -> list[QToolButton]:
        """The buttons in use, from the left."""
        return self._buttons[: len(self._names)]

    @property
    def has_focus(self) -> bool:
        """Whether one of the buttons has the keyboard."""
        return any(button.hasFocus() for button in self._buttons)

    def restyle(self) -> None:
        """Take the theme's colours and sizes."""
        theme, colors = self._theme, self._theme.colors
        ring = f"{theme.look.focus_px}px"
        self.setStyleSheet(
            f"ActionRow {{ background: {colors.bg}; }}"
            f"QToolButton {{ color: {colors.muted}; background: transparent;"
            f" border: {ring} solid transparent; border-radius: {theme.px(7)}px;"
            f" padding: 0 {theme.px(3)}px; }}"
            f"QToolButton:hover {{ color: {colors.text}; background: {colors.prompt}; }}"
            f"QToolButton:pressed {{ background: {colors.pressed}; }}"
            f"QToolButton:focus {{ color: {colors.text}; border: {ring} solid {colors.accent}; }}"
        )
        for button in self._buttons:
            self._size(button)

    def _size(self, button: QToolButton) -> None:
        button.setFont(self._theme.font(SMALL_PX))
        button.setFixedHeight(self._theme.px(24))

    def offer(self, message_id: str, names: Sequence[str], beginning: Callable[[], str]) -> None:
        """Show the actions of a message, whose first words `beginning` tells.

        "more" is the button with three dots.
        """
        if message_id != self.message_id:
            self.setAccessibleName(words.tr("Actions of: {message}").format(message=beginning()))
        self.message_id = message_id
        if tuple(names) != self._names:
            self._names = tuple(names)
            while len(self._buttons) < len(names):
                self._buttons.append(self._button())
            for number, button in enumerate(self._buttons):
                if number < len(names):
                    name = names[number]
                    label = words.action(name) if name in words.ACTION_WORDS else "···"
                    button.setText(label)
                    button.setAccessibleName(words.tr("More actions") if label == "···" else label)
                button.setVisible(number < len(names))
        self.adjustSize()

    def _button(self) -> QToolButton:
        made = QToolButton(self)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.clicked.connect(self._on_clicked)
        made.installEventFilter(self)
        self._size(made)
        self._box.addWidget(made)
        # Made late, it would be the last of the window by Tab.
        view = self.parentWidget()
        before = self._buttons[-1] if self._buttons else view.parentWidget() if view is not None else None
        if before is not None:
            QWidget.setTabOrder(before, made)
        return made

    def button(self, name: str) -> QToolButton | None:
        """Return the button of an action, if it is offered."""
        return self._buttons[self._names.index(name)] if name in self._names else None

    def _on_clicked(self) -> None:
        sender = self.sender()
        for name, button in zip(self._names, self._buttons, strict=False):
            if button is sender:
                self.chosen.emit(name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrows move between buttons and messages, and Escape go back to the text."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._on_key(watched, event)
        if isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut and not self.has_focus:
            self.left.emit()
        return False

    def _on_key(self, watched: QObject, event: QKeyEvent) -> bool:
        key = event.key()
        if self.matches("message_earlier", event):
            self.chosen.emit("previous")
        elif self.matches("message_later", event):
            self.chosen.emit("next")
        elif self.matches("message_delete", event):
            self.chosen.emit("delete")
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.moved.emit(-1 if key == Qt.Key.Key_Up else 1)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            shown = self.buttons
            number = next((n for n, button in enumerate(shown) if button is watched), 0)
            by = 1 if (key == Qt.Key.Key_Right) == self.isLeftToRight() else -1
            shown[(number + by) % len(shown)].setFocus(Qt.FocusReason.TabFocusReason)
        elif key == Qt.Key.Key_Escape:
            self.left_back.emit()
        else:
            return False
        return True


class EndButton(QPushButton):
    """Goes back to the end, and says what has come there in the meantime."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._words = 0
        self._has_message = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.restyle()
        self.hide()

    def restyle(self) -> None:
        """Take the theme's colours and sizes."""
        theme, colors = self._theme, self._theme.colors
        height, line_px, ring_px = theme.px(32), theme.look.line_px, theme.look.focus_px
        less, inner = ring_px - line_px, height - 2 * ring_px
        self.setFont(theme.font(SMALL_PX))
        self.setStyleSheet(
            f"QPushButton {{ color: {colors.text}; background: {colors.card};"
            f" border: {line_px}px solid {colors.line}; border-radius: {height // 2}px;"
            f" padding: 0 {theme.px(14)}px; font-weight: 500;"
            f" min-height: {height - 2 * line_px}px; max-height: {height - 2 * line_px}px; }}"
            f"QPushButton:hover {{ background: {colors.prompt}; }}"
            f"QPushButton:focus {{ border: {ring_px}px solid {colors.accent};"
            f" padding: 0 {theme.px(14) - less}px; min-height: {inner}px; max-height: {inner}px; }}"
        )
        self._say()
        self.place()

    def forget(self) -> None:
        """Nothing is new any more."""
        if self._words or self._has_message:
            self._words, self._has_message = 0, False
            self._say()

    def add(self, text: str = "") -> None:
        """Count text, or a whole message if there is none, that came out of sight."""
        self._words += len(text.split())
        self._has_message = self._has_message or not text
        self._say()

    def _say(self) -> None:
        label = f"↓  {words.new_text(self._words, self._has_message)}"
        if label != self.text():
            self.setText(label)
            self.setAccessibleName(label.strip("↓ "))
            self.place()

    def place(self) -> None:
        """Stand in the middle above the lower edge."""
        parent = self.parentWidget()
        if parent is None:
            return
        self.ensurePolished()
        self.adjustSize()
        self.move((parent.width() - self.width()) // 2, parent.height() - self.height() - self._theme.px(12))
