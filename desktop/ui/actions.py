"""The registry of actions: everything that can be done, what it is called, its keys, and when it can be done.

To add one, call `add` once, wherever the parts that it needs are known:

    actions.add("usage", tr("Usage"), window.show_usage, "Ctrl+Shift+G", group=Group.PROGRAM)

It then stands in the command palette, in Settings, Keyboard, and on the sheet of shortcuts, and its keys
can be changed. The name stays: the user's keys are kept under it. `actions["usage"]` is its QAction, for
menus; `show_keys(button, "usage")` writes the keys into a tool tip and keeps them true. A key that counts
only in one widget while that has the focus (Delete in a list) is added with `place=`; the widget is told of
it by `matches`. Nothing else makes shortcuts of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from desktop.ui.keymap import PREFERENCE, kept_text, keys_of, pressed, shown, with_keys
from desktop.ui.preferences import Preferences


class Group(Enum):
    """What an action is about, in the order in which groups are listed."""

    CONVERSATION = "conversation"
    REPLY = "reply"
    WRITING = "writing"
    SHELF = "shelf"
    READING = "reading"
    VIEW = "view"
    PROGRAM = "program"

    @property
    def words(self) -> str:
        """The group's name."""
        return {
            Group.CONVERSATION: tr("Conversation"),
            Group.REPLY: tr("Replies"),
            #: A group of actions: those about writing a prompt
            Group.WRITING: tr("Writing"),
            #: A group of actions: those about the list of conversations
            Group.SHELF: tr("Shelf"),
            #: A group of actions: those about reading a conversation
            Group.READING: tr("Reading"),
            #: A group of actions: how the window looks
            Group.VIEW: tr("View"),
            #: A group of actions: those about Weir itself
            Group.PROGRAM: tr("Program"),
        }[self]


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be done. `also` are other words to find it by; `place` is where its keys count.

    An empty place is the whole window; "shelf" and "transcript" are the two lists.
    """

    name: str
    words: str
    group: Group
    do: Callable[[], object]
    defaults: tuple[QKeySequence, ...]
    trigger: QAction
    when: Callable[[], bool] | None = None
    also: str = ""
    place: str = ""
    in_palette: bool = True

    @property
    def is_possible(self) -> bool:
        """Whether it can be done now."""
        return self.when is None or self.when()


class Actions(QObject):
    """All actions of a window, by name. `keys_changed` follows every change of a shortcut."""

    keys_changed = Signal()

    def __init__(self, owner: QWidget, preferences: Preferences | None = None) -> None:
        """Without `preferences` the keys last as long as this object."""
        super().__init__(owner)
        self._owner = owner
        self._preferences = preferences
        self._actions: dict[str, Action] = {}
        self._keys: dict[str, tuple[QKeySequence, ...]] = {}
        self._tips: list[tuple[QWidget, str, str]] = []
        self.keys_changed.connect(self._show_tips)

    def add(
        self,
        name: str,
        words: str,
        do: Callable[[], object],
        *keys: str,
        group: Group,
        when: Callable[[], bool] | None = None,
        also: str = "",
        place: str = "",
        in_palette: bool = True,
    ) -> QAction:
        """Add an action and return it as Qt has it. Raises ValueError for a name that is taken.

        `keys` are its shortcuts unless the user chose others. Where `when` is given, it is done only
        while that returns True; see `refresh`.
        """
        if name in self._actions:
            raise ValueError(f"there is an action {name} already")
        made = QAction(words, self._owner)
        made.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        made.setShortcutVisibleInContextMenu(True)
        defaults = tuple(map(QKeySequence, keys))
        action = Action(name, words, group, do, defaults, made, when, also, place, in_palette)
        made.triggered.connect(lambda _checked=False: self.run(name))
        self._actions[name] = action
        self._owner.addAction(made)
        kept = self._kept(name)
        chosen = keys_of(kept)
        if chosen:
            self._yield_to(action, chosen)
        self._put(action, chosen if kept else self._free(action))
        return made

    def __getitem__(self, name: str) -> QAction:
        """Return an action as Qt has it, for menus and buttons. Raises KeyError."""
        return self._actions[name].trigger

    def __getattr__(self, name: str) -> QAction:
        found: Action | None = self.__dict__.get("_actions", {}).get(name)
        if found is None:
            raise AttributeError(name)
        return found.trigger

    def __iter__(self) -> Iterator[Action]:
        """Return all actions in the order in which they were added."""
        return iter(tuple(self._actions.values()))

    def __contains__(self, name: object) -> bool:
        """Whether there is an action of this name."""
        return name in self._actions

    def action(self, name: str) -> Action:
        """Return an action. Raises KeyError."""
        return self._actions[name]

    def run(self, name: str) -> bool:
        """Do what an action does, if it can be done now. Returns whether it was."""
        action = self._actions[name]
        if action.is_possible:
            action.do()
            return True
        return False

    def refresh(self) -> None:
        """Show what can be done now and what can't; a key that can do nothing goes on to the widgets."""
        for action in self._actions.values():
            if action.when is not None:
                action.trigger.setEnabled(action.when())

    # Keys

    def keys(self, name: str) -> tuple[QKeySequence, ...]:
        """Return the shortcuts of an action as they are now."""
        return self._keys[name]

    def matches(self, name: str, event: QKeyEvent) -> bool:
        """Whether a pressed key asks for an action whose keys count in one place only."""
        return name in self._keys and pressed(event) in self._keys[name]

    def is_default(self, name: str) -> bool:
        """Whether an action has the keys that it came with."""
        return self._keys[name] == self._actions[name].defaults

    def owner_of(self, keys: QKeySequence, name: str) -> Action | None:
        """Return another action than `name` that has these keys, where the two would meet."""
        mine = self._actions[name].place
        for other in self._actions.values():
            if other.name != name and _meet(mine, other.place) and keys in self._keys[other.name]:
                return other
        return None

    def set_keys(self, name: str, keys: Sequence[QKeySequence]) -> None:
        """Give an action these shortcuts and keep them; whoever had one of them loses it."""
        action = self._actions[name]
        for other in self._yield_to(action, keys):
            self._keep(other)
        self._put(action, tuple(keys))
        self._keep(action)
        self.keys_changed.emit()

    def read_keys(self) -> None:
        """Take the shortcuts as they are kept: another window may have changed them."""
        kept = {action: self._kept(action.name) for action in self._actions.values()}
        for action, text in kept.items():
            self._put(action, keys_of(text))
        for action, text in kept.items():
            if not text:
                self._put(action, self._free(action))
        self._show_tips()

    def reset_keys(self, name: str) -> None:
        """Give an action the shortcuts that it came with; whoever has one of them loses it."""
        self.set_keys(name, self._actions[name].defaults)

    def reset_all(self) -> None:
        """Give every action the shortcuts that it came with."""
        for action in self._actions.values():
            self._put(action, action.defaults)
            self._keep(action)
        self.keys_changed.emit()

    def show_keys(self, widget: QWidget, name: str, words: str = "") -> None:
        """Write an action's keys into a widget's tool tip after `words`, and keep them true."""
        self._tips.append((widget, name, words or widget.toolTip() or self._actions[name].words))
        self._show_tips()

    def _show_tips(self) -> None:
        self._tips = [tip for tip in self._tips if shiboken6.isValid(tip[0])]
        for widget, name, words in self._tips:
            keys = shown(self._keys[name], 1)
            widget.setToolTip(with_keys(words, keys))

    def _kept(self, name: str) -> str:
        return self._preferences.read(PREFERENCE + name, "") if self._preferences is not None else ""

    def _keep(self, action: Action) -> None:
        if self._preferences is not None:
            text = "" if self.is_default(action.name) else kept_text(self._keys[action.name])
            if text != self._kept(action.name):
                self._preferences.write(PREFERENCE + action.name, text)

    def _put(self, action: Action, keys: tuple[QKeySequence, ...]) -> None:
        self._keys[action.name] = keys
        # Where keys count in one place only, that place asks with `matches`.
        if not action.place:
            action.trigger.setShortcuts(keys)

    def _free(self, action: Action) -> tuple[QKeySequence, ...]:
        """Return the default keys that the user has not given to another action."""
        return tuple(keys for keys in action.defaults if self.owner_of(keys, action.name) is None)

    def _yield_to(self, action: Action, keys: Sequence[QKeySequence]) -> list[Action]:
        """Take these keys from the actions that have them; return those."""
        changed = []
        for other in self._actions.values():
            had = self._keys.get(other.name, ())
            left = tuple(each for each in had if each not in keys)
            if other is not action and left != had and _meet(action.place, other.place):
                self._put(other, left)
                changed.append(other)
        return changed


def _meet(one: str, other: str) -> bool:
    return not one or not other or one == other


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """Return a text in the user's language."""
    return QCoreApplication.translate("Actions", text, comment, n)
