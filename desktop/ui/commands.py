"""Which actions the window has. Other parts add theirs to the same registry; see `actions`."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QAction

from desktop.base import tongue
from desktop.chat.desk import Desk
from desktop.chat.shelf import Shelf
from desktop.chat.works import Works
from desktop.domain.message import Role
from desktop.ui.actions import Actions, Group
from desktop.ui.doing import Doing
from desktop.ui.keymap import LOCAL, shown
from desktop.ui.preferences import Preferences

if TYPE_CHECKING:
    from desktop.ui.window import MainWindow

NUMBERED = 9
"""How many conversations of the shelf have a key of their own."""


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """Return a text in the user's language."""
    return QCoreApplication.translate("Actions", text, comment, n)


def settings_pages() -> tuple[tuple[str, str, str], ...]:
    """Return each page of the settings: its name, its words in the palette, and other words to find it by."""
    return (
        (
            "endpoints",
            tr("Settings: Endpoints"),
            #: Other words to find the page by, not shown
            tr("services keys API"),
        ),
        (
            "local",
            tr("Settings: On this computer"),
            #: Other words to find the page by, not shown
            tr("local model GGUF"),
        ),
        (
            "network",
            tr("Settings: Network"),
            #: Other words to find the page by, not shown
            tr("proxy certificates timeout"),
        ),
        (
            "prompts",
            tr("Settings: Prompts"),
            #: Other words to find the page by, not shown
            tr("templates snippets library slash"),
        ),
        (
            "personas",
            tr("Settings: Personas"),
            #: Other words to find the page by, not shown
            tr("system prompt assistant role"),
        ),
        (
            "appearance",
            tr("Settings: Appearance"),
            #: Other words to find the page by, not shown
            tr("colours theme motion titles"),
        ),
        (
            "keyboard",
            tr("Settings: Keyboard"),
            #: Other words to find the page by, not shown
            tr("shortcuts keys"),
        ),
        (
            "data",
            tr("Settings: Data"),
            #: Other words to find the page by, not shown
            tr("import export backup archive"),
        ),
        (
            "about",
            tr("Settings: About"),
            #: Other words to find the page by, not shown
            tr("version updates licences where files"),
        ),
    )


class Commands(QObject):
    """Adds the window's actions to `actions`, and does what they say."""

    def __init__(self, window: "MainWindow", desk: Desk, shelf: Shelf, preferences: Preferences) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._shelf = shelf
        self.does = Doing(window, desk, shelf)
        self.actions = Actions(window, preferences)
        self._add_conversation()
        self._add_replies()
        self._add_writing()
        self._add_shelf()
        self._add_reading()
        self._add_view()
        self._add_program()
        changes = (desk.current_changed, window.page.turn_changed, desk.conversation_changed)
        for signal in (*changes, window.notices.changed):
            signal.connect(self.actions.refresh)
        self.actions.refresh()
        self._name_keys()

    def _name_keys(self) -> None:
        """Write the keys into the tips of the buttons that do the same."""
        header, sidebar = self._window.page.header, self._window.sidebar
        for widget, name in (
            (header.shelf, "toggle_shelf"),
            (header.new, "new"),
            (sidebar.new, "new"),
            (sidebar.settings, "settings"),
        ):
            self.actions.show_keys(widget, name)

    def open_menu(self) -> None:
        """Open the menu behind the header's last button."""
        does, current = self.actions, self._desk.current
        does.refresh()
        #: What is done: keep a conversation at the top of the list
        words = tr("Pin")
        if current.conversation.pinned:
            #: What is done: no longer keep a conversation at the top of the list
            words = tr("Unpin")
        does["pin"].setText(words)
        names = (
            "palette",
            "new",
            "new_window",
            "quick",
            "find",
            "",
            "rename",
            "pin",
            "delete",
            "",
            "toggle_shelf",
            "zoom_in",
            "zoom_out",
            "zoom_reset",
            "",
            "usage",
            "shortcuts",
            "settings",
            "quit",
        )
        menu: list[QAction | None] = [
            does[name] if name else None for name in names if not name or name in does
        ]
        self._window.page.header.open_menu(menu)

    def add_works(self, works: Works) -> None:
        """Add what can be done about what takes long."""

        def can_cancel() -> bool:
            return any(work.cancel is not None and not work.is_ending for work in works.all)

        made = self.actions.add(
            "cancel_work",
            tr("Cancel what takes long"),
            works.cancel_newest,
            group=Group.PROGRAM,
            when=can_cancel,
            #: Other words to find an action by, not shown
            also=tr("import export stop"),
        )
        works.changed.connect(lambda: made.setEnabled(can_cancel()))
        made.setEnabled(can_cancel())

    # What there is

    def _add_conversation(self) -> None:
        add, window = self.actions.add, self._window
        group = Group.CONVERSATION
        add("new", tr("New conversation"), window.start_new, "Ctrl+N", group=group)
        add(
            "rename",
            tr("Rename the conversation…"),
            self.does.rename,
            "Ctrl+Shift+R",
            group=group,
            when=self.does.is_stored,
            #: Other words to find an action by, not shown
            also=tr("title"),
        )
        add(
            "pin",
            tr("Pin the conversation"),
            self.does.pin,
            "Ctrl+Shift+P",
            group=group,
            when=self.does.is_stored,
            #: Other words to find an action by, not shown
            also=tr("unpin"),
        )
        add(
            "archive",
            tr("Archive the conversation"),
            self.does.archive,
            group=group,
            when=self.does.is_stored,
        )
        add(
            "delete",
            tr("Delete the conversation"),
            self.does.delete,
            "Ctrl+Shift+Backspace",
            group=group,
            when=self.does.is_stored,
            #: Other words to find an action by, not shown
            also=tr("conversation bin"),
        )
        add(
            "options",
            tr("Options of this conversation"),
            window.page.header.tune.click,
            "Ctrl+Shift+O",
            group=group,
            #: Other words to find an action by, not shown
            also=tr("system prompt temperature reasoning"),
        )

    def _add_replies(self) -> None:
        add, window = self.actions.add, self._window
        group = Group.REPLY
        add("stop", tr("Stop the reply"), window.page.stop, "Esc", group=group, when=self.does.is_streaming)
        add(
            "try_again",
            tr("Try the last reply again"),
            self.does.try_again,
            "Ctrl+R",
            group=group,
            when=self.does.can_try_again,
            #: Other words to find an action by, not shown
            also=tr("regenerate"),
        )
        add("choose_model", tr("Choose a model…"), window.toggle_models, "Ctrl+M", group=group)
        add(
            "compare",
            tr("Compare models…"),
            window.toggle_comparing,
            "Ctrl+Shift+M",
            group=group,
            #: Other words to find an action by, not shown
            also=tr("side by side several"),
        )
        add(
            "compare_replies",
            tr("Show the last replies side by side"),
            window.page.compare.show_last,
            "Ctrl+Shift+S",
            group=group,
            when=lambda: window.page.compare.can_show_last,
            #: Other words to find an action by, not shown
            also=tr("compare"),
        )

    def _add_writing(self) -> None:
        add, page = self.actions.add, self._window.page
        group = Group.WRITING
        add(
            "focus_composer",
            tr("Write a prompt"),
            page.focus_composer,
            "Ctrl+L",
            group=group,
            #: Other words to find an action by, not shown
            also=tr("prompt"),
        )
        add(
            "edit_prompt",
            tr("Change the last prompt"),
            self.does.edit_prompt,
            "Alt+Up",
            group=group,
            when=lambda: self.does.last(Role.USER) is not None and not page.is_streaming,
        )
        add("attach", tr("Attach files…"), page.composer.attach_requested.emit, "Ctrl+Shift+A", group=group)

    def _add_shelf(self) -> None:
        add, window = self.actions.add, self._window
        group = Group.SHELF
        add("search", tr("Search everything"), window.search_everything, "Ctrl+Shift+F", group=group)
        add(
            "toggle_shelf",
            tr("Show or hide the shelf"),
            window.toggle_shelf,
            "Ctrl+B",
            group=group,
            #: Other words to find an action by, not shown
            also=tr("sidebar"),
        )
        add(
            "next",
            tr("Next conversation"),
            partial(self.does.step, 1),
            "Ctrl+Tab",
            "Ctrl+PgDown",
            group=group,
        )
        add(
            "previous",
            tr("Previous conversation"),
            partial(self.does.step, -1),
            "Ctrl+Shift+Tab",
            "Ctrl+PgUp",
            group=group,
        )
        for number in range(1, NUMBERED + 1):
            words = tr("Open conversation {number}").format(number=tongue.number(number))
            add(
                f"open_{number}",
                words,
                partial(self.does.open_row, number - 1),
                f"Ctrl+{number}",
                group=group,
                in_palette=False,
            )
        add("folders", tr("Show or hide the folders"), partial(self.does.on_shelf, "folders"), group=group)
        add("bin", tr("Show or leave the bin"), partial(self.does.on_shelf, "bin"), group=group)
        add("archived", tr("Show or leave the archive"), partial(self.does.on_shelf, "archive"), group=group)
        rename = window.sidebar.view.rename_current
        add(
            "shelf_rename",
            tr("Rename in the list"),
            rename,
            *LOCAL["shelf_rename"],
            group=group,
            place="shelf",
            in_palette=False,
        )
        add(
            "shelf_delete",
            tr("Delete what is chosen in the list"),
            window.sidebar.view.delete_chosen,
            *LOCAL["shelf_delete"],
            group=group,
            place="shelf",
            in_palette=False,
        )
        window.sidebar.view.matches = self.actions.matches
        window.sidebar.view.keys = self.actions.keys
        self.actions.keys_changed.connect(self._show_search_keys)
        self._show_search_keys()

    def _add_reading(self) -> None:
        add, page = self.actions.add, self._window.page
        group = Group.READING
        add("find", tr("Find in the conversation…"), self.does.find, "Ctrl+F", group=group)
        add("find_next", tr("Next match"), partial(self.does.find_on, 1), "F3", group=group)
        add("find_previous", tr("Previous match"), partial(self.does.find_on, -1), "Shift+F3", group=group)
        for name, words in (
            ("message_delete", tr("Delete the message that has the keyboard")),
            ("message_earlier", tr("Its version before")),
            ("message_later", tr("Its next version")),
        ):
            # The transcript knows which message that is.
            add(name, words, lambda: None, *LOCAL[name], group=group, place="transcript", in_palette=False)
        page.serving.key_test = self.actions.matches

    def _add_view(self) -> None:
        add, window = self.actions.add, self._window
        group = Group.VIEW
        add(
            "zoom_in",
            tr("Larger text and controls"),
            partial(window.zoom_by, 0.1),
            "Ctrl++",
            "Ctrl+=",
            group=group,
            #: Other words to find an action by, not shown
            also=tr("zoom"),
        )
        add(
            "zoom_out",
            tr("Smaller text and controls"),
            partial(window.zoom_by, -0.1),
            "Ctrl+-",
            group=group,
            #: Other words to find an action by, not shown
            also=tr("zoom"),
        )
        add(
            "zoom_reset",
            tr("Normal size"),
            partial(window.zoom_by, 0.0),
            "Ctrl+0",
            group=group,
            #: Other words to find an action by, not shown
            also=tr("zoom"),
        )
        for scheme, words in (
            ("", tr("Colours like the system")),
            ("light", tr("Light colours")),
            ("dark", tr("Dark colours")),
            ("contrast", tr("High contrast")),
        ):
            add(
                f"scheme_{scheme or 'system'}",
                words,
                partial(window.choose_scheme, scheme),
                group=group,
                #: Other words to find an action by, not shown
                also=tr("theme appearance"),
            )
        add(
            "next_area",
            tr("Keyboard to the next part of the window"),
            partial(self.does.go_area, 1),
            "F6",
            group=group,
        )
        add(
            "previous_area",
            tr("Keyboard to the part before"),
            partial(self.does.go_area, -1),
            "Shift+F6",
            group=group,
        )
        add(
            "answer",
            tr("Do what the newest notice offers, such as Undo"),
            window.notices.do_newest,
            "Alt+Z",
            group=group,
            when=lambda: window.notices.offers,
        )

    def _add_program(self) -> None:
        add, window = self.actions.add, self._window
        group = Group.PROGRAM
        add(
            "palette",
            tr("Do or open anything…"),
            window.open_palette,
            "Ctrl+K",
            group=group,
            in_palette=False,
        )
        add(
            "shortcuts",
            tr("Keyboard shortcuts"),
            window.show_shortcuts,
            "Ctrl+/",
            "F1",
            group=group,
            #: Other words to find an action by, not shown
            also=tr("help keys"),
        )
        add("usage", tr("Usage"), window.usage_wanted.emit, group=group, also=tr("cost tokens statistics"))
        add("settings", tr("Settings"), window.show_settings, "Ctrl+,", group=group, also=tr("preferences"))
        for name, words, also in settings_pages():
            add(
                f"settings_{name}",
                words,
                partial(self.does.show_page, name),
                group=group,
                also=also,
            )
        add("quit", tr("Quit"), window.close_all, "Ctrl+Q", group=group, also=tr("exit"))

    def _show_search_keys(self) -> None:
        self._window.sidebar.search.show_keys(shown(self.actions.keys("search"), 1))
