"""The header: the conversation's title, the model, the options, and the menu."""

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QSizePolicy, QStackedLayout, QWidget

from desktop.ui.controls import ElidedLabel, IconButton, opens_something
from desktop.ui.picker import PickerButton
from desktop.ui.theme import Theme

HEIGHT = 47
_TIGHT = 340
_LEAVING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class TitleField(QWidget):
    """The title; a double click or `edit` turns it into a field. Enter keeps the change, Escape does not."""

    renamed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._is_open = False
        self.label = ElidedLabel(size="title")
        self.field = QLineEdit()
        self.field.setProperty("kind", "title")
        self.field.setAccessibleName(self.tr("Title of the conversation"))
        self.field.installEventFilter(self)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.label)
        self._stack.addWidget(self.field)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(40)

    def show_title(self, title: str) -> None:
        """Show a title."""
        self.label.setText(title)

    def edit(self) -> None:
        """Change the title in place."""
        self._is_open = True
        self.field.setText(self.label.text())
        self._stack.setCurrentWidget(self.field)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.field.selectAll()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Change the title in place."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.edit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep or drop what was typed."""
        if event.type() is QEvent.Type.FocusOut:
            self._finish(keeps=True)
        elif isinstance(event, QKeyEvent) and event.key() in _LEAVING:
            if event.type() is QEvent.Type.ShortcutOverride:
                # Escape is this field's own while it is open; the window would stop a reply with it.
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress:
                self._finish(keeps=event.key() != Qt.Key.Key_Escape)
                return True
        return super().eventFilter(watched, event)

    def _finish(self, *, keeps: bool) -> None:
        # Hiding the field takes its focus, which must not count as a second answer.
        if not self._is_open:
            return
        self._is_open = False
        self._stack.setCurrentWidget(self.label)
        title = " ".join(self.field.text().split())
        if keeps and title and title != self.label.text():
            self.renamed.emit(title)


class TuneButton(IconButton):
    """Opens the options of the conversation; a dot says that some are set."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "tune", "")
        self._count = -1
        self.setCheckable(True)
        opens_something(self)
        self.show_count(0)

    def show_count(self, count: int) -> None:
        """Show whether options are set, and say how many."""
        if count == self._count:
            return
        self._count = count
        words = self.tr("Options of this conversation")
        self.setToolTip(words)
        self.setAccessibleName(self.tr("Options of this conversation: %n set", "", count) if count else words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the dot over the icon."""
        super().paintEvent(event)
        if not self._count:
            return
        theme = self._theme
        size = theme.px(8)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("bg"), theme.px(2)))
        painter.setBrush(theme.color("accent"))
        left = self.width() - size - theme.px(2) if self.isLeftToRight() else theme.px(2)
        painter.drawEllipse(left, theme.px(2), size, size)


class Header(QWidget):
    """The row above the transcript."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shows_shelf_buttons = False
        self.shelf = IconButton(theme, "shelf", self.tr("Show the shelf"))
        self.new = IconButton(theme, "plus", self.tr("New conversation"))
        self.title = TitleField()
        self.picker = PickerButton(theme)
        self.compare = IconButton(theme, "compare", self.tr("Compare models"))
        self.tune = TuneButton(theme)
        #: On a button: more actions
        self.more = IconButton(theme, "more", self.tr("More"))
        opens_something(self.more)
        self._layout = QHBoxLayout(self)
        for widget in (self.shelf, self.new):
            self._layout.addWidget(widget)
            widget.hide()
        self._layout.addWidget(self.title, 1)
        self._layout.addStretch(0)
        self._layout.addWidget(self.picker)
        self._layout.addWidget(self.compare)
        self._layout.addWidget(self.tune)
        self._layout.addWidget(self.more)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_shelf_buttons(self, shows: bool) -> None:
        """Show what stands in for the shelf while it is away."""
        self._shows_shelf_buttons = shows
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what there is no room for."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        is_tight = self.width() < self._theme.px(_TIGHT)
        self.shelf.setVisible(self._shows_shelf_buttons)
        self.new.setVisible(self._shows_shelf_buttons and not is_tight)
        self.title.setVisible(not is_tight)

    def open_menu(self, actions: list[QAction | None]) -> QMenu:
        """Open the menu with these actions, None for a line between them."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in actions:
            if action is None:
                menu.addSeparator()
            else:
                menu.addAction(action)
        menu.ensurePolished()
        below = self.more.height() + 2
        if self.isLeftToRight():
            corner = self.more.mapToGlobal(QPoint(self.more.width(), below))
            menu.popup(corner - QPoint(menu.sizeHint().width(), 0))
        else:
            menu.popup(self.more.mapToGlobal(QPoint(0, below)))
        return menu

    def _restyle(self) -> None:
        px = self._theme.px
        self.setFixedHeight(px(HEIGHT))
        self._layout.setContentsMargins(px(18), 0, px(14), 0)
        self._layout.setSpacing(px(8))
