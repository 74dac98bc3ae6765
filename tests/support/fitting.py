"""Whether every text of a window can be read whole: nothing cut, squeezed, overlapping or sticking out."""

import re
from collections.abc import Iterator
from itertools import combinations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QAccessible, QAction, QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QCheckBox,
    QComboBox,
    QGroupBox,
    QHeaderView,
    QLabel,
    QLayout,
    QLineEdit,
    QListView,
    QMenu,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QScrollBar,
    QSizeGrip,
    QStackedLayout,
    QStyle,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QStyleOptionFrame,
    QTabBar,
    QToolButton,
    QWidget,
)

from desktop.ui.controls import Chooser, ElidedLabel
from tests.support.painting import Painting

SLACK = 1
"""Pixels that rounding may take."""

_TAGS = re.compile(r"<[^>]*>")
_CONTROLS = (QAbstractButton, QComboBox, QLineEdit, QLabel, QPlainTextEdit, QAbstractSlider, QProgressBar)


def faults(window: QWidget) -> list[str]:
    """Return what cannot be read whole in a shown window or menu: one line each, empty if all is well.

    Text that is elided on purpose counts as whole where its tool tip or accessible name says all of it.
    """
    if isinstance(window, QMenu):
        return [*_menu_faults(window)]
    # First of all: what is painted brings its tool tip up to date.
    found = [f"{_place(window)}: {words}" for words in _painted_faults(window)]
    for widget in [window, *window.findChildren(QWidget)]:
        if widget.window() is window.window() and widget.isVisible() and _has_room_at_all(widget):
            found += [f"{_place(widget)}: {words}" for words in _faults_of(widget)]
    return list(dict.fromkeys(found))


def _has_room_at_all(widget: QWidget) -> bool:
    """Whether no parent hides the widget by being folded to nothing, as closed drawers do."""
    parent = widget.parentWidget()
    while parent is not None and not widget.isWindow():
        if min(parent.width(), parent.height()) <= 1:
            return False
        parent = parent.parentWidget()
    return True


def _place(widget: QWidget) -> str:
    names = []
    at: QWidget | None = widget
    while at is not None and len(names) < 4:
        if not names or type(at) is not QWidget:
            names.append(type(at).__name__)
        at = at.parentWidget()
    return " < ".join(names)


def _faults_of(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, QLabel):
        yield from _label_faults(widget)
    elif isinstance(widget, QPushButton | QCheckBox | QRadioButton):
        yield from _button_faults(widget)
    elif isinstance(widget, QToolButton):
        yield from _tool_faults(widget)
    elif isinstance(widget, QComboBox):
        yield from _combo_faults(widget)
    elif isinstance(widget, QLineEdit):
        yield from _line_edit_faults(widget)
    elif isinstance(widget, QPlainTextEdit):
        yield from _text_edit_faults(widget)
    elif isinstance(widget, QTabBar):
        yield from _tab_faults(widget)
    elif isinstance(widget, QHeaderView):
        yield from _header_faults(widget)
    elif isinstance(widget, QGroupBox):
        yield from _group_faults(widget)
    elif isinstance(widget, QListView):
        yield from _list_faults(widget)
    yield from _place_faults(widget)
    yield from _overlaps(widget)


def told(widget: QWidget) -> str:
    """Return what a widget says of itself beside what it shows: tool tip, name and description."""
    parts = (widget.toolTip(), widget.accessibleName(), widget.accessibleDescription())
    return _plain("\n".join(parts))


def _plain(text: str) -> str:
    bare = _TAGS.sub("", text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return " ".join(bare.split())


def _is_told(widget: QWidget, text: str) -> bool:
    return " ".join(text.split()) in told(widget)


def _width(metrics: QFontMetrics, text: str) -> int:
    return metrics.size(Qt.TextFlag.TextShowMnemonic.value, text).width()


def _short(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= 60 else f"{line[:59]}…")


def _label_faults(widget: QLabel) -> Iterator[str]:
    text = _plain(widget.text()) if widget.textFormat() is Qt.TextFormat.RichText else widget.text()
    if not text.strip() or not widget.pixmap().isNull():
        return
    room = widget.contentsRect()
    metrics = widget.fontMetrics()
    if isinstance(widget, ElidedLabel):
        if metrics.horizontalAdvance(text) > room.width() + SLACK and not _is_told(widget, text):
            yield f"{_short(text)} is elided and nothing says it whole"
    elif widget.wordWrap():
        longest = max(text.split(), key=metrics.horizontalAdvance)
        need = widget.heightForWidth(widget.width())
        if need > widget.height() + SLACK:
            yield f"{_short(text)} needs {need} px of height and has {widget.height()}"
        if metrics.horizontalAdvance(longest) > room.width() + SLACK and not _is_broken(longest):
            yield f"the word {longest!r} is wider than its line of {room.width()} px"
    else:
        size = metrics.size(0, text)
        if size.width() > room.width() + SLACK and not _is_told(widget, text):
            yield f"{_short(text)} needs {size.width()} px of width and has {room.width()}"
    if metrics.height() > room.height() + 2 * SLACK:
        yield f"{_short(text)} needs {metrics.height()} px of height and has {room.height()}"


def _is_broken(word: str) -> bool:
    """Whether Qt breaks a line within this word: between ideographs, after slashes and hyphens."""
    return any(letter in "/-–\u200b" or ord(letter) > 0x2E80 for letter in word)


def _button_faults(widget: QPushButton | QCheckBox | QRadioButton) -> Iterator[str]:
    text = widget.text()
    if not text:
        return
    option = QStyleOptionButton()
    option.initFrom(widget)
    option.text = text  # type: ignore[attr-defined]
    element = QStyle.SubElement.SE_PushButtonContents
    if isinstance(widget, QCheckBox):
        element = QStyle.SubElement.SE_CheckBoxContents
    elif isinstance(widget, QRadioButton):
        element = QStyle.SubElement.SE_RadioButtonContents
    room = widget.style().subElementRect(element, option, widget)
    icon = 0 if widget.icon().isNull() else widget.iconSize().width() + 4
    yield from _one_line(widget, text, room, icon)


def _one_line(widget: QWidget, text: str, room: QRect, beside: int = 0) -> Iterator[str]:
    metrics = widget.fontMetrics()
    need = _width(metrics, text) + beside
    if need > room.width() + SLACK and not _is_told(widget, text):
        yield f"{_short(text)} needs {need} px of width and has {room.width()}"
    if metrics.height() > room.height() + 2 * SLACK:
        yield f"{_short(text)} needs {metrics.height()} px of height and has {room.height()}"


def _tool_faults(widget: QToolButton) -> Iterator[str]:
    shows_text = bool(widget.text()) and (
        widget.icon().isNull() or widget.toolButtonStyle() is not Qt.ToolButtonStyle.ToolButtonIconOnly
    )
    if shows_text and type(widget).paintEvent is QToolButton.paintEvent:
        icon = 0 if widget.icon().isNull() else widget.iconSize().width() + 4
        yield from _one_line(widget, widget.text(), widget.contentsRect(), icon)
    elif not shows_text and not told(widget):
        yield "a button without words says nothing of itself"
    if not widget.icon().isNull():
        icon_size = widget.iconSize()
        if icon_size.width() > widget.width() or icon_size.height() > widget.height():
            yield f"its icon of {icon_size.width()} px has {widget.width()} by {widget.height()}"


def _combo_faults(widget: QComboBox) -> Iterator[str]:
    if isinstance(widget, Chooser):
        # Out of sight it was not painted yet, and painting brings its tool tip up to date.
        widget.grab()
    option = QStyleOptionComboBox()
    option.initFrom(widget)
    room = widget.style().subControlRect(
        QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, widget
    )
    text = widget.currentText()
    yield from _one_line(widget, text, room)
    # The list is as wide as the box, or as its own least width; it elides what is longer.
    view = widget.view()
    list_room = widget.list_width if isinstance(widget, Chooser) else max(widget.width(), view.minimumWidth())
    for row in range(widget.count()):
        item = widget.itemText(row)
        tip = str(widget.itemData(row, Qt.ItemDataRole.ToolTipRole) or "")
        need = view.sizeHintForIndex(widget.model().index(row, widget.modelColumn())).width()
        if need > list_room + SLACK and _plain(item) not in _plain(tip):
            yield f"{_short(item)} needs {need} px in the open list and has {list_room}"


def _line_edit_faults(widget: QLineEdit) -> Iterator[str]:
    option = QStyleOptionFrame()
    option.initFrom(widget)
    room = widget.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, widget)
    margins = widget.textMargins()
    width = room.width() - margins.left() - margins.right() - 4
    metrics = widget.fontMetrics()
    if not widget.text() and widget.placeholderText():
        need = _width(metrics, widget.placeholderText())
        if need > width + SLACK and not _is_told(widget, widget.placeholderText()):
            yield f"the placeholder {_short(widget.placeholderText())} needs {need} px and has {width}"
    if metrics.height() > room.height() + 2 * SLACK:
        yield f"its text needs {metrics.height()} px of height and has {room.height()}"


def _text_edit_faults(widget: QPlainTextEdit) -> Iterator[str]:
    room = widget.viewport().rect().adjusted(4, 4, -4, -4)
    text = widget.placeholderText()
    if text and not widget.toPlainText():
        flags = int(Qt.TextFlag.TextWordWrap.value)
        need = widget.fontMetrics().boundingRect(QRect(0, 0, room.width(), 10_000), flags, text)
        if need.height() > room.height() + 8 and not _is_told(widget, text):
            yield f"the placeholder {_short(text)} needs {need.height()} px and has {room.height()}"


def _tab_faults(widget: QTabBar) -> Iterator[str]:
    for at in range(widget.count()):
        need, has = widget.tabSizeHint(at).width(), widget.tabRect(at)
        is_cut = need > has.width() + SLACK or not widget.rect().contains(has.adjusted(1, 1, -1, -1))
        if is_cut and _plain(widget.tabText(at)) not in _plain(widget.tabToolTip(at)):
            yield f"the tab {_short(widget.tabText(at))} needs {need} px and has {has.width()}"


def _header_faults(widget: QHeaderView) -> Iterator[str]:
    if widget.orientation() is not Qt.Orientation.Horizontal:
        return
    model = widget.model()
    for section in range(widget.count()):
        if widget.isSectionHidden(section):
            continue
        text = str(model.headerData(section, Qt.Orientation.Horizontal) or "")
        tip = str(model.headerData(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole) or "")
        need = _width(widget.fontMetrics(), text)
        if need > widget.sectionSize(section) and _plain(text) not in _plain(tip):
            yield f"the column {_short(text)} needs {need} px and has {widget.sectionSize(section)}"


def _group_faults(widget: QGroupBox) -> Iterator[str]:
    if widget.title() and _width(widget.fontMetrics(), widget.title()) > widget.width():
        yield f"its title {_short(widget.title())} has {widget.width()} px"


def _list_faults(widget: QListView) -> Iterator[str]:
    """Look at rows that Qt paints itself; what a delegate of ours paints is looked at while it paints."""
    if type(widget.itemDelegate()).__module__.startswith(("desktop.", "tests.")):
        return
    model = widget.model()
    for row in range(model.rowCount() if model is not None else 0):
        index = model.index(row, widget.modelColumn())
        need, has = widget.sizeHintForIndex(index).width(), widget.viewport().width()
        text = str(index.data() or "")
        tip = _plain(str(index.data(Qt.ItemDataRole.ToolTipRole) or ""))
        if need > has + SLACK and not _scrolls(widget)[0] and _plain(text) not in tip:
            yield f"the row {_short(text)} needs {need} px and has {has}"


def _menu_faults(menu: QMenu) -> Iterator[str]:
    screen = menu.screen().availableGeometry()
    if not screen.contains(menu.geometry()):
        yield f"{_place(menu)}: stands at {menu.geometry()} on a screen of {screen}"
    need = menu.sizeHint()
    if need.width() > menu.width() + SLACK:
        yield f"{_place(menu)}: needs {need.width()} px of width and has {menu.width()}"
    for action in menu.actions():
        if not action.isSeparator() and not _is_in(menu, action):
            yield f"{_place(menu)}: the entry {_short(action.text())} is out of sight"


def _is_in(menu: QMenu, action: QAction) -> bool:
    return not action.isVisible() or menu.rect().contains(menu.actionGeometry(action).center())


def _scrolls(area: QAbstractScrollArea) -> tuple[bool, bool]:
    """Return whether a user can bring what lies beyond the right and the lower edge into view."""
    off = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    return area.horizontalScrollBarPolicy() is not off, area.verticalScrollBarPolicy() is not off


def _least(area: QScrollArea) -> QSize:
    """Return the least size of what a scroll area shows, or the size that it has where it keeps one."""
    inside = area.widget()
    if not area.widgetResizable():
        return inside.size()
    least = inside.minimumSizeHint().expandedTo(inside.minimumSize())
    if inside.hasHeightForWidth():
        least.setHeight(max(least.height(), inside.heightForWidth(area.viewport().width())))
    return least


def _place_faults(widget: QWidget) -> Iterator[str]:
    """Look whether the widget sticks out of what holds it, or is smaller than it can be used at."""
    parent = widget.parentWidget()
    if parent is None or widget.isWindow() or isinstance(widget, QSizeGrip | QScrollBar):
        return
    area = parent.parentWidget()
    if isinstance(area, QAbstractScrollArea) and parent is area.viewport():
        across, down = _scrolls(area)
        if isinstance(area, QScrollArea):
            # Its size may still be that from before a scroll bar came; what it needs at least counts as well.
            wide, high = widget.size().boundedTo(_least(area)).toTuple()
            if not across and wide > parent.width() + SLACK:
                yield f"is {wide} px wide in a view of {parent.width()} that does not scroll so"
            if not down and high > parent.height() + SLACK:
                yield f"is {high} px high in a view of {parent.height()} that does not scroll so"
        return
    if widget.geometry().isEmpty() and not isinstance(widget, _CONTROLS):
        return
    room = parent.rect().adjusted(-SLACK, -SLACK, SLACK, SLACK)
    if isinstance(widget, _CONTROLS) and not room.contains(widget.geometry()):
        yield f"{_name(widget)} at {_shape(widget.geometry())} sticks out of {_shape(parent.rect())}"
    elif not isinstance(widget, _CONTROLS) and _is_laid_out(widget) and not room.contains(widget.geometry()):
        yield f"at {_shape(widget.geometry())} sticks out of {_shape(parent.rect())}"
    if isinstance(widget, QAbstractButton | QComboBox | QLineEdit):
        least = widget.minimumSizeHint()
        if widget.height() < least.height() - 2 * SLACK:
            yield f"{_name(widget)} is {widget.height()} px high and needs {least.height()}"


def _name(widget: QWidget) -> str:
    shown = getattr(widget, "text", str)
    return _short(str(shown()) if callable(shown) else widget.accessibleName())


def _shape(rect: QRect) -> str:
    return f"{rect.x()},{rect.y()} {rect.width()}×{rect.height()}"


def _is_laid_out(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    layout = parent.layout() if parent is not None else None
    return layout is not None and widget in _widgets_of(layout)


def _widgets_of(layout: QLayout) -> list[QWidget]:
    """Return the visible widgets that a layout and those within it place, none of them over another."""
    found: list[QWidget] = []
    for at in range(layout.count()):
        item = layout.itemAt(at)
        widget, inner = item.widget(), item.layout()
        if widget is not None and widget.isVisible():
            found.append(widget)
        elif isinstance(inner, QStackedLayout):
            current = inner.currentWidget()
            found += [current] if current is not None and current.isVisible() else []
        elif inner is not None:
            found += _widgets_of(inner)
    return found


def _overlaps(parent: QWidget) -> Iterator[str]:
    layout = parent.layout()
    if layout is None or isinstance(layout, QStackedLayout):
        return
    for one, other in combinations(_widgets_of(layout), 2):
        common = one.geometry().intersected(other.geometry())
        if common.width() > SLACK and common.height() > SLACK:
            yield (
                f"{type(one).__name__} {_name(one)} and {type(other).__name__} {_name(other)} "
                f"have {common.width()}×{common.height()} px in common"
            )


def _painted_faults(window: QWidget) -> Iterator[str]:
    """Have the window painted and look at every text that our own code paints, or elides to paint it."""
    with Painting() as painting:
        window.grab()
    for text, need, has in painting.cut:
        yield f"{_short(text)} is painted {need:.0f} px wide where {has:.0f} are"
    if painting.elided:
        said = _all_said(window)
        for text in painting.elided:
            if " ".join(text.split()) not in said:
                yield f"{_short(text)} is elided and nothing says it whole"


def _all_said(window: QWidget) -> str:
    """Return everything that tool tips and a screen reader can say of a window and its rows."""
    said: list[str] = []
    for widget in [window, *window.findChildren(QWidget)]:
        if not widget.isVisible():
            continue
        said.append(told(widget))
        if isinstance(widget, QLabel | QAbstractButton):
            said.append(_plain(widget.text()))
        elif isinstance(widget, QAbstractItemView) and widget.model() is not None:
            said += _rows_said(widget)
        said += _children_said(widget)
    return "\n".join(said)


_ROLES = (
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.AccessibleDescriptionRole,
    Qt.ItemDataRole.ToolTipRole,
)


def _rows_said(view: QAbstractItemView) -> Iterator[str]:
    model, root = view.model(), view.rootIndex()
    columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount(root)
    for row in range(min(model.rowCount(root), 400)):
        for column in range(columns):
            index: QModelIndex = model.index(row, column, root)
            texts = [index.data(role) for role in _ROLES]
            # A row without a text for screen readers is read by what it shows.
            texts += [] if texts[0] else [index.data()]
            yield from (_plain(str(text)) for text in texts if text)


def _children_said(widget: QWidget) -> Iterator[str]:
    """Return what a screen reader is told of parts that are no widgets, such as messages and chips."""
    interface = QAccessible.queryAccessibleInterface(widget)
    if interface is None or isinstance(widget, QAbstractItemView):
        return
    for at in range(interface.childCount()):
        child = interface.child(at)
        if child is not None and child.object() is None:
            for kind in (QAccessible.Text.Name, QAccessible.Text.Description, QAccessible.Text.Value):
                yield _plain(child.text(kind))
