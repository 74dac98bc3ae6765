"""What narrows a search, as a menu that types it."""

import datetime
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMenu, QWidget

from desktop.chat.shelf import Shelf

MOST_NAMES = 20


def typed(kind: str, name: str) -> str:
    """Return a filter as it is typed, with marks around a name of several words."""
    name = name.replace('"', "")
    return f'{kind}:"{name}"' if " " in name else f"{kind}:{name}"


class FilterMenu(QObject):
    """Builds the menu of filters; `choose` is called with what is to be typed."""

    def __init__(self, shelf: Shelf, choose: Callable[[str], object], parent: QWidget) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._choose = choose
        self._owner = parent

    def build(self) -> QMenu:
        """Return the menu; it deletes itself when it is closed."""
        menu = QMenu(self._owner)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._add_names(menu, self.tr("Model"), "model", self._shelf.model_names())
        self._add_dates(menu.addMenu(self.tr("Date")))
        who = menu.addMenu(self.tr("Written by"))
        #: Who wrote a message
        self._add(who, self.tr("Me"), "role:me")
        #: Who wrote a message
        self._add(who, self.tr("The model"), "role:reply")
        order = self._shelf.order
        self._add_names(menu, self.tr("Folder"), "folder", [folder.name for folder in order.folders])
        self._add_names(menu, self.tr("Tag"), "tag", [tag.name for tag in order.tags])
        self._add(menu, self.tr("Has code"), "has:code")
        return menu

    def _add(self, menu: QMenu, words: str, filtered: str) -> None:
        menu.addAction(words.replace("&", "&&")).triggered.connect(lambda: self._choose(filtered))

    def _add_names(self, menu: QMenu, words: str, kind: str, names: list[str]) -> None:
        inside = menu.addMenu(words)
        inside.setEnabled(bool(names))
        for name in names[:MOST_NAMES]:
            self._add(inside, name, typed(kind, name))

    def _add_dates(self, menu: QMenu) -> None:
        today = datetime.datetime.now().astimezone().date()
        self._add(menu, self.tr("Today"), f"after:{today}")
        self._add(menu, self.tr("The last seven days"), f"after:{today - datetime.timedelta(days=6)}")
        self._add(menu, self.tr("The last thirty days"), f"after:{today - datetime.timedelta(days=29)}")
        self._add(menu, self.tr("This year"), f"date:{today.year}")
        self._add(menu, self.tr("Last year"), f"date:{today.year - 1}")
