"""Windows: the main windows that are open, the one in front, and the way to another."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from desktop.ui import preferences as names
from desktop.ui.actions import Group
from desktop.ui.kept_place import KeptPlace, keep_size, place_of, within_screens
from desktop.ui.preferences import Preferences
from desktop.ui.shell import Shell
from desktop.ui.window import MainWindow

MOST_KEPT = 12
"""How many windows are opened again at the next start."""

_STEP = 32
_OWN = (names.GEOMETRY, names.SHELF_WIDTH, names.SHELF_HIDDEN)


class OwnPreferences:
    """What is each window's own, over the preferences that all share; `on_written` hears of the first."""

    def __init__(self, shared: Preferences, own: dict[str, str], on_written: Callable[[], object]) -> None:
        self._shared = shared
        self._on_written = on_written
        self.own = own

    def read(self, name: str, otherwise: str) -> str:
        """Return a preference, the window's own before the others."""
        return self.own[name] if name in self.own else self._shared.read(name, otherwise)

    def write(self, name: str, value: str) -> None:
        """Change a preference."""
        if name in _OWN:
            self.own[name] = value
            self._on_written()
        else:
            self._shared.write(name, value)

    def ports(self) -> Preferences:
        """Return these as a window takes them."""
        return Preferences(self.read, self.write)


@dataclass(frozen=True, slots=True)
class Opened:
    """A window as it was made, the one of the system that it fills, and what ends what was made with it."""

    window: MainWindow
    shell: QWidget
    end: Callable[[], object]


Make = Callable[[Preferences], Opened]


@dataclass(slots=True, eq=False)
class _Entry:
    window: MainWindow
    shell: QWidget
    kept: OwnPreferences
    end: Callable[[], object] = lambda: None
    is_first: bool = False
    links: list[tuple[Any, Any]] = field(default_factory=list)

    def state(self) -> dict[str, str]:
        desk = self.window.desk
        shown = "" if desk.current.is_empty else desk.current.conversation.id
        return {**self.kept.own, names.CONVERSATION: desk.restoring_id or shown}


class Windows(QObject):
    """Holds the open windows in the order in which they were opened, and keeps them for the next start.

    `changed` follows every window that opens or closes, and another one in front. `last_closed` is
    emitted when the last one is closed, or all are: the owner ends the program then. The first window
    is only hidden while there are others, and is the next one that is opened.
    """

    changed = Signal()
    last_closed = Signal()

    def __init__(
        self,
        first: MainWindow,
        preferences: Preferences,
        make: Make | None = None,
        parent: QObject | None = None,
    ) -> None:
        """`make` makes another window over preferences of its own; without it there is one alone."""
        super().__init__(parent)
        self._preferences = preferences
        self._make = make
        self._is_ending = False
        self._is_restored = False
        self.stays: Callable[[], bool] = lambda: False
        """Whether the program goes on without a window: the last one is only hidden then."""
        own = {name: preferences.read(name, "") for name in _OWN}
        self._first = _Entry(
            first, first.window(), OwnPreferences(preferences, own, self.keep), is_first=True
        )
        self._entries: list[_Entry] = []
        self._closed: list[QWidget] = []
        self._front = self._first
        self._fit_out(self._first)
        self._enter(self._first)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusWindowChanged.connect(self._on_window_turned_to)

    @property
    def all(self) -> tuple[MainWindow, ...]:
        """The open windows."""
        return tuple(entry.window for entry in self._entries)

    @property
    def can_open(self) -> bool:
        """Whether there may be another window."""
        return self._make is not None or self._first not in self._entries

    def are_seen(self) -> bool:
        """Whether somebody can see one of them."""
        shown = (entry.shell for entry in self._entries)
        return any(each.isVisible() and not each.isMinimized() for each in shown)

    def front(self) -> MainWindow:
        """Return the window that was used last, whether another program is before it or not."""
        return self._front.window

    def new(self) -> MainWindow:
        """Open another window with an empty conversation, and bring it forward."""
        away = next((each for each in self._entries if not each.shell.isVisible()), None)
        own = {names.GEOMETRY: "", names.SHELF_HIDDEN: self._front.kept.own[names.SHELF_HIDDEN]}
        entry = away or self._open(own)
        entry.window.start_new()
        self._bring(entry)
        return entry.window

    def show(self, conversation_id: str, message_id: str = "") -> MainWindow:
        """Bring the window with a conversation forward, else show it in the one in front.

        With the id of a message that one is brought into view.
        """
        entry = self._with(conversation_id) or self._front
        entry.window.open_conversation(conversation_id, message_id)
        self._bring(entry)
        return entry.window

    def show_apart(self, conversation_id: str) -> MainWindow:
        """Show a conversation in a window of its own, which is in front then.

        What the window in front shows moves out of it; what another one shows stays there.
        """
        entry = self._with(conversation_id)
        if entry is self._front and self.can_open:
            entry.window.desk.start_new()
            entry = None
        if entry is None:
            entry = self._open({names.GEOMETRY: "", names.SHELF_HIDDEN: "yes"})
            entry.window.open_conversation(conversation_id)
        self._bring(entry)
        return entry.window

    def restore(self) -> int:
        """Open the windows of the last start beside the first one; return how many."""
        try:
            kept = json.loads(self._preferences.read(names.MORE_WINDOWS, "") or "[]")
        except ValueError:
            kept = []
        states = [each for each in kept if isinstance(each, dict)] if isinstance(kept, list) else []
        front = self._front
        for state in states[: MOST_KEPT - 1]:
            entry = self._open({name: str(state.get(name, "")) for name in _OWN})
            conversation_id = str(state.get(names.CONVERSATION, ""))
            if conversation_id:
                entry.window.desk.restore(conversation_id)
            shell = entry.shell
            shell.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
            shell.show()
            shell.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, False)
        self._is_restored = True
        if states:
            self._bring(front)
        return len(states)

    def keep(self) -> None:
        """Keep what is open, and where, for the next start."""
        if self._is_ending or not self._is_restored or not self._entries:
            return
        states = [entry.state() for entry in self._entries]
        write, read = self._preferences.write, self._preferences.read
        more = json.dumps(states[1:MOST_KEPT]) if len(states) > 1 else ""
        for name, value in (*states[0].items(), (names.MORE_WINDOWS, more)):
            if value != read(name, ""):
                write(name, value)

    def quit(self) -> None:
        """Close all windows; they are there again at the next start."""
        self.keep()
        self._is_ending = True
        for entry in tuple(self._entries):
            entry.window.leave()
        self.last_closed.emit()

    def close(self) -> None:
        """End what was made with the windows beside the first one."""
        self._is_ending = True
        for entry in self._entries:
            self._unlink(entry)
            if entry.window.page.reading is not None:
                entry.window.page.reading.keep()
            if not entry.is_first:
                entry.shell.hide()
                entry.end()
                self._closed.append(entry.shell)

    def delete(self) -> None:
        """Delete the windows beside the first one; to be called when nothing runs for them any more."""
        for shell in self._closed:
            if shiboken6.isValid(shell):
                shiboken6.delete(shell)

    # Opening

    def _open(self, own: dict[str, str]) -> _Entry:
        beside = self._front.shell
        if not self._front.kept.own[names.GEOMETRY] and beside.isVisible():
            # Of several windows each has its place, also one that was never moved.
            self._front.kept.write(names.GEOMETRY, place_of(beside))
        own.setdefault(names.SHELF_WIDTH, self._front.kept.own[names.SHELF_WIDTH])
        if self._first not in self._entries or self._make is None:
            entry = self._first
            entry.window.desk.join()
        else:
            kept = OwnPreferences(self._preferences, own, self.keep)
            made = self._make(kept.ports())
            entry = _Entry(made.window, made.shell, kept, made.end)
            self._fit_out(entry)
        if entry not in self._entries:
            self._enter(entry)
        if not own[names.GEOMETRY] and not entry.is_first:
            frame = beside.geometry().translated(_STEP, _STEP)
            entry.shell.setGeometry(within_screens(frame))
        return entry

    def _enter(self, entry: _Entry) -> None:
        desk = entry.window.desk
        self._entries.append(entry)
        entry.links = [
            (desk.wanted, partial(self._bring, entry)),
            (desk.current_changed, self.keep),
            (desk.streaming_changed, self.keep),
        ]
        for signal, slot in entry.links:
            signal.connect(slot)
        self.keep()
        self.changed.emit()

    def _fit_out(self, entry: _Entry) -> None:
        """Let a window open others, and have its place kept, for as long as it is there."""
        window = entry.window
        window.on_quit = self.quit
        window.preferences = entry.kept.ports()
        if isinstance(entry.shell, Shell):
            entry.shell.preferences = window.preferences
        window.closed.connect(lambda: self._on_closed(entry))
        window.actions_.keys_changed.connect(partial(self._on_keys_changed, window))
        KeptPlace(entry.shell, lambda place: entry.kept.write(names.GEOMETRY, place))
        for name in _OWN:
            entry.kept.own.setdefault(name, "")
        window.settings_made.connect(lambda made: keep_size(made, window.preferences, "settings"))
        if self._make is None:
            return
        add, group = window.actions_.add, Group.CONVERSATION
        add("new_window", self.tr("New window"), self.new, "Ctrl+Shift+N", group=group)
        add(
            "open_apart",
            self.tr("Open in a window of its own"),
            lambda: self.show_apart(window.desk.current.conversation.id),
            group=group,
            when=lambda: not window.desk.current.is_empty,
            also=self.tr("new window detach"),
        )
        add("close_window", self.tr("Close the window"), window.close_window, "Ctrl+W", group=Group.PROGRAM)
        window.sidebar.view.row_menu.additions.append(self._add_to_menu)
        window.sidebar.view.opened_apart.connect(self.show_apart)
        window.actions_.refresh()

    def _add_to_menu(self, menu: QMenu, ids: tuple[str, ...]) -> None:
        if len(ids) == 1:
            action = menu.addAction(self.tr("Open in new window"))
            action.triggered.connect(lambda _checked=False: self.show_apart(ids[0]))

    # Closing

    def _on_closed(self, entry: _Entry) -> None:
        if self._is_ending or entry not in self._entries:
            return
        others = [each for each in self._entries if each is not entry]
        if not any(each.shell.isVisible() for each in others):
            self.keep()
            if not self.stays():
                self._is_ending = True
                self.last_closed.emit()
                return
            if not others:
                return
        self._entries.remove(entry)
        self._unlink(entry)
        if self._front is entry:
            self._turn_to(self._entries[-1])
        if entry.is_first:
            entry.window.desk.leave()
            entry.window.desk.current_changed.emit()
        else:
            entry.end()
            entry.shell.deleteLater()
        self.keep()
        self.changed.emit()

    def _unlink(self, entry: _Entry) -> None:
        for signal, slot in entry.links:
            signal.disconnect(slot)
        entry.links = []

    def _on_keys_changed(self, changed: MainWindow) -> None:
        for window in self.all:
            if window is not changed:
                window.actions_.read_keys()

    # The one in front

    def _with(self, conversation_id: str) -> _Entry | None:
        at = (each for each in self._entries if each.window.desk.current.conversation.id == conversation_id)
        return next(at, None)

    def _bring(self, entry: _Entry) -> None:
        self._turn_to(entry)
        entry.window.come_forward()

    def _turn_to(self, entry: _Entry) -> None:
        before, self._front = self._front, entry
        if before is not entry:
            before.window.desk.set_front(False)
            entry.window.desk.set_front(True)
            self.changed.emit()

    def _on_window_turned_to(self) -> None:
        shown: QWidget | None = QApplication.activeWindow()
        while shown is not None:
            entry = next((each for each in self._entries if each.shell is shown), None)
            if entry is not None:
                self._turn_to(entry)
                return
            shown = shown.parentWidget()
