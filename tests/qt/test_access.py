"""What the windows tell assistive programs beyond Qt's own widgets, and that it comes and goes with them."""

import gc
import subprocess
import sys
from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QApplication, QListWidget, QVBoxLayout, QWidget

from desktop.ui import access, assist
from desktop.ui.controls import button, is_tab, label, opens_something
from tests.support.chatting import until
from tests.support.program import ROOT
from tests.support.told import everything

NAME = QAccessible.Text.Name
Role = QAccessible.Role


@pytest.fixture
def page(listening: None, qapp: QApplication) -> "Iterator[Page]":
    """A window, not shown."""
    made = Page()
    yield made
    shiboken6.delete(made)


@pytest.fixture
def listening() -> Iterator[None]:
    """An assistive program is there."""
    assist.listen()
    QAccessible.setActive(True)
    yield
    QAccessible.setActive(False)


def told(widget: QWidget) -> QAccessibleInterface:
    found = QAccessible.queryAccessibleInterface(widget)
    assert found is not None
    return found


class Rows(QListWidget):
    """Of Qt's own class, what is told is settled while it is made."""


class Page(QWidget):
    """A window of ours with some of everything."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        self.words = label("Words & more")
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.menu = button("Open")
        self.menu.setCheckable(True)
        opens_something(self.menu)
        self.tab = button("Table && chart")
        self.tab.setCheckable(True)
        is_tab(self.tab)
        self.list = Rows()
        self.list.setAccessibleName("Rows")
        self.list.addItems(["one", "two", "three"])
        for widget in (self.words, self.menu, self.tab, self.list):
            column.addWidget(widget)


def test_windows_of_ours_are_windows_and_what_opens_something_says_so(page: Page) -> None:
    assert told(page).role() is Role.Window
    menu, tab = told(page.menu), told(page.tab)
    assert (menu.role(), menu.text(NAME)) == (Role.ButtonMenu, "Open")
    assert menu.state().hasPopup
    assert menu.state().collapsed
    page.menu.setChecked(True)
    assert menu.state().expanded
    assert (tab.role(), tab.text(NAME)) == (Role.PageTab, "Table & chart")
    assert not tab.state().selected
    tab.actionInterface().doAction("Press")
    QCoreApplication.processEvents()
    assert tab.state().selected
    words = told(page.words)
    assert words.textInterface().text(0, 5) == "Words"


def test_rows_can_be_chosen_and_pressed(page: Page) -> None:
    pressed: list[str] = []
    page.list.itemClicked.connect(lambda item: pressed.append(item.text()))
    rows = told(page.list)
    assert [rows.child(number).text(NAME) for number in range(3)] == ["one", "two", "three"]
    second = rows.child(1)
    assert rows.indexOfChild(second) == 1
    assert rows.selectionInterface().select(second)
    assert page.list.currentRow() == 1
    assert second.state().selected
    assert rows.selectionInterface().selectedItemCount() == 1
    rows.child(2).actionInterface().doAction("Press")
    QCoreApplication.processEvents()
    assert pressed == ["three"]
    page.list.takeItem(2)
    assert not rows.child(0).state().invalid
    assert rows.childCount() == 2


def test_nothing_is_left_of_windows_that_are_gone(listening: None, qapp: QApplication) -> None:
    before = len(access._kept)
    for number in range(30):
        page = Page()
        page.show()
        assert len(list(everything(told(page)))) >= 8
        rows = told(page.list)
        held = rows.child(0)
        if number % 2:
            page.close()
            page.deleteLater()
            QCoreApplication.sendPostedEvents(page, QEvent.Type.DeferredDelete)
        else:
            shiboken6.delete(page)
        # A program may still hold what is gone.
        assert not shiboken6.isValid(held) or not held.isValid()
        del page, rows, held
        gc.collect()
        QCoreApplication.processEvents()
    assert len(access._kept) == before


def test_a_window_that_nobody_wants_is_not_kept_alive(listening: None, qapp: QApplication) -> None:
    page = Page()
    assert [told(page).child(number).text(NAME) for number in range(4)][1:3] == ["Open", "Table & chart"]
    gone: list[int] = []
    page.destroyed.connect(lambda: gone.append(1))
    del page
    gc.collect()
    assert gone == [1]


async def test_the_shelf_is_a_list_of_conversations(listening: None, opened, room) -> None:
    view = opened.window.sidebar.view
    shelf = told(view)
    assert (shelf.role(), shelf.text(NAME)) == (Role.List, "Conversations")
    rows = [shelf.child(number) for number in range(shelf.childCount())]
    assert [row.text(NAME) for row in rows] == ["Second thoughts", "First of all", "Old news"]
    assert rows[2].text(QAccessible.Text.Description) == "Yesterday"
    assert [shelf.indexOfChild(row) for row in rows] == [0, 1, 2]
    assert shelf.childAt(rows[1].rect().center().x(), rows[1].rect().bottom() - 3) is rows[1]
    assert shelf.selectionInterface().select(rows[1])
    assert rows[1].state().selected
    rows[1].actionInterface().doAction("Press")
    await until(lambda: room.desk.current.conversation.title == "First of all")
    room.shelf.delete(str(room.shelf.index(1).data(room.shelf.Role.ID)))
    await until(lambda: shelf.childCount() == 2)
    assert not shiboken6.isValid(rows[1]) or not rows[1].isValid()


def test_nothing_of_it_is_loaded_before_somebody_asks() -> None:
    script = (
        "import sys, desktop.ui.window, desktop.ui.timeline.view\n"
        "print([name for name in sys.modules if name.startswith('desktop.ui') and "
        "name.rpartition('.')[2].startswith(('access', 'accessible_'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "['desktop.ui.shelf.accessible', 'desktop.ui.timeline.accessible']"
