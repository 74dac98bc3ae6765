"""The main window: the shelf at the left, the conversation or the first start at the right."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QIcon, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QStackedWidget, QWidget

from desktop.base.paths import resources
from desktop.chat.desk import Desk
from desktop.chat.endpoints import Endpoints
from desktop.chat.shelf import Shelf
from desktop.ui import preferences as names
from desktop.ui.commands import Commands
from desktop.ui.dropping import DropCatcher
from desktop.ui.field_keys import commit_composed
from desktop.ui.kept_place import place_of
from desktop.ui.manner import Manner
from desktop.ui.notices import Notices
from desktop.ui.page import ConversationPage
from desktop.ui.preferences import Preferences
from desktop.ui.reading_places import ReadingPlaces
from desktop.ui.shelf.place import ShelfPlace
from desktop.ui.shell import dress, fit
from desktop.ui.sidebar import Sidebar
from desktop.ui.style import style_sheet
from desktop.ui.telling import Telling
from desktop.ui.theme import Theme

if TYPE_CHECKING:
    from desktop.chat.updates import Updates
    from desktop.ui.first_start import FirstStart
    from desktop.ui.palette.view import Palette
    from desktop.ui.picker import ModelPopup
    from desktop.ui.settings.window import SettingsWindow
    from desktop.ui.shortcut_sheet import ShortcutSheet


class MainWindow(QWidget):
    """The window of the program. `closed` is emitted when it is closed: the owner ends the program then.

    `places` are names and folders for the page “About”. `settings_made` carries the settings
    window when it is first wanted.
    """

    closed = Signal()
    settings_made = Signal(object)
    foot_changed = Signal()
    usage_wanted = Signal()

    def __init__(
        self,
        desk: Desk,
        shelf: Shelf,
        endpoints: Endpoints,
        theme: Theme,
        preferences: Preferences,
        places: Sequence[tuple[str, str]] = (),
        parent: QWidget | None = None,
        manner: Manner | None = None,
    ) -> None:
        dress(theme, preferences)
        super().__init__(parent)
        self._desk = desk
        self._shelf = shelf
        self._endpoints = endpoints
        self._theme = theme
        self.preferences = preferences
        self._places = places
        self._manner = manner
        self.updates: Updates | None = None
        self.on_quit: Callable[[], object] | None = None
        self._is_loaded = False
        self._settings: SettingsWindow | None = None
        self._first_start: FirstStart | None = None
        self._popup: ModelPopup | None = None
        self._palette: Palette | None = None
        self._sheet: ShortcutSheet | None = None
        self.window().setWindowIcon(QIcon(str(resources() / "icons" / "weir.svg")))
        self.setProperty("surface", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        # Before there are children: each is then polished once.
        self.setStyleSheet(style_sheet(theme))
        self._build()
        self._connect()
        self._watch_arrivals()
        self._show_page()
        self._show_title()
        if self.isWindow():
            fit(self, theme, preferences)
        self._place()

    @property
    def desk(self) -> Desk:
        """The desk whose conversation this window shows."""
        return self._desk

    @property
    def settings(self) -> "SettingsWindow":
        """The settings window, made when it is first wanted."""
        if self._settings is None:
            from desktop.ui.settings.window import SettingsWindow

            self._settings = SettingsWindow(
                self._theme,
                self._endpoints,
                self._places,
                self,
                manner=self.page.manner,
                actions=self.actions_,
            )
            self._settings.look_changed.connect(self._keep_look)
            if self.updates is not None:
                self._settings.about.show_updates(self.updates)
            self._settings.local.done.connect(self._on_chosen)
            self._settings.appearance.offer_languages(self.preferences)
            self.settings_made.emit(self._settings)
        return self._settings

    @property
    def first_start(self) -> "FirstStart":
        """The page of the first start, made when it is first wanted."""
        if self._first_start is None:
            from desktop.ui.first_start import FirstStart

            page = self._first_start = FirstStart(self._theme, self._endpoints)
            self._stack.addWidget(page)
            page.done.connect(self._on_chosen)
            page.endpoint_requested.connect(self._on_endpoint_wanted)
            page.file_requested.connect(self._on_file_wanted)
        return self._first_start

    @property
    def popup(self) -> "ModelPopup":
        """The list of models, made when it is first wanted."""
        if self._popup is None:
            from desktop.ui.picker import ModelPopup

            self._popup = ModelPopup(self._theme, self._endpoints, self)
            self._popup.closed.connect(self._on_popup_closed)
            self._popup.add_requested.connect(self._on_endpoint_wanted)
        return self._popup

    @property
    def is_first_start(self) -> bool:
        """Whether the page of the first start is shown."""
        return self._stack.currentWidget() is self._first_start is not None

    def prepare(self) -> None:
        """Make the transcript, if there is none yet, so that the first prompt need not wait for it."""
        self.page.timeline.ensurePolished()

    def come_forward(self) -> None:
        """Show the window before the others."""
        window = self.window()
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()

    def start_new(self) -> None:
        """Put an empty conversation on screen, ready to write."""
        self._desk.start_new()
        self._put_shelf_away()
        self.page.focus_composer()

    def toggle_shelf(self) -> None:
        """Show the shelf or put it away."""
        self.shelf_place.toggle()
        self._place()
        if self.sidebar.isHidden():
            self.page.focus_composer()
        elif self.shelf_place.is_over:
            self.sidebar.focus_search()

    def foot_layout(self) -> QBoxLayout:
        """Return where what takes long is shown: the shelf's foot, or the page's while the shelf is away."""
        return self.page.foot_slot if self.sidebar.isHidden() else self.sidebar.foot_slot

    def show_shelf(self) -> None:
        """Show the shelf, if it is away."""
        if self.sidebar.isHidden():
            self.toggle_shelf()

    def search_everything(self) -> None:
        """Put the caret where everything is searched."""
        self.show_shelf()
        self.sidebar.focus_search()

    def open_conversation(self, conversation_id: str, message_id: str = "") -> None:
        """Put a conversation on screen, at a message if one is given."""
        self._stack.setCurrentWidget(self.page)
        self._desk.open(conversation_id, message_id)
        self._put_shelf_away()
        self.page.focus_composer()

    def toggle_models(self) -> None:
        """Open the list of models, or put it away."""
        if self._popup is not None and self._popup.isVisible():
            self._popup.close_list()
        elif not self.is_first_start:
            self.page.header.picker.setChecked(True)
            self.popup.open_under(self.page.header.picker)

    def toggle_comparing(self) -> None:
        """Open the list of models to compare, or put it away."""
        if not self.is_first_start:
            self.page.compare.open_list()

    def open_palette(self) -> None:
        """Open the command palette, or put it away."""
        if self._palette is None:
            from desktop.ui.palette.rows import Rows
            from desktop.ui.palette.view import Palette

            rows = Rows(self.actions_, self._shelf, self._endpoints, self.preferences, self.open_conversation)
            self._palette = Palette(self._theme, rows, self._shelf.jumps, self)
        if self._palette.isVisible():
            self._palette.close_palette()
        else:
            self._palette.open()

    def show_shortcuts(self) -> None:
        """Show all keys and what they do."""
        if self._sheet is None:
            from desktop.ui.shortcut_sheet import ShortcutSheet

            self._sheet = ShortcutSheet(self._theme, self.actions_, self)
            self._sheet.change_wanted.connect(lambda: self.settings.show_page("keyboard"))
        self._sheet.open()

    def show_settings(self) -> None:
        """Show the settings."""
        self.settings.show_endpoints()

    def zoom_by(self, step: float) -> None:
        """Make text and controls larger or smaller, by a step of the zoom; 0 is back to normal."""
        self._theme.set_zoom(round(self._theme.zoom + step, 1) if step else 1.0)
        self._keep_look()

    def choose_scheme(self, scheme: str) -> None:
        """Choose "light", "dark", or an empty text for the system's colours."""
        self._theme.choose(scheme)
        self._keep_look()

    def close_window(self) -> None:
        """Close the window; the last one takes the program with it."""
        self.window().close()

    def close_all(self) -> None:
        """End the program."""
        (self.on_quit or self.close_window)()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leave; see `leave`."""
        event.ignore()
        self.leave()

    def leave(self) -> None:
        """Hide, keep the window's place, and say so: what is under way ends before the program does."""
        commit_composed(self)
        window = self.window()
        self.preferences.write(names.GEOMETRY, place_of(window))
        if self.page.reading is not None:
            self.page.reading.keep()
        if self._settings is not None:
            self._settings.hide()
        if self._sheet is not None:
            self._sheet.hide()
        if self._popup is not None:
            self._popup.close_list()
        window.hide()
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close the innermost thing by Escape; begin the first prompt by typing."""
        if event.key() == Qt.Key.Key_Escape:
            self._close_innermost()
        elif self.is_first_start and self.first_start.begins(event):
            self.page.composer.edit.insertPlainText(event.text())
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Be ready to write."""
        super().showEvent(event)
        if self.is_first_start:
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.page.focus_composer()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the parts their places."""
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        """Give the parts their places when the window is turned to read the other way."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.LayoutDirectionChange and hasattr(self, "commands"):
            self._place()

    def _build(self) -> None:
        self._stack = QStackedWidget(self)
        manner = self._manner or Manner(self.preferences, self)
        self.page = ConversationPage(self._theme, self._desk, self._endpoints, manner)
        self.page.reading = ReadingPlaces(self.preferences, self.page)
        self._stack.addWidget(self.page)
        self.sidebar = Sidebar(self._theme, self._shelf)
        self.shelf_place = ShelfPlace(self._theme, self.preferences, self, self._stack, self.sidebar)
        DropCatcher(self, self.page.composer)
        self.notices = Notices(self._theme, self._stack, self.page.foot)
        self.telling = Telling(
            self.notices, self._desk, self._shelf, self._endpoints, lambda: self._popup, self
        )
        self.commands = Commands(self, self._desk, self._shelf, self.preferences)
        self.actions_ = self.commands.actions

    def _connect(self) -> None:
        self._theme.changed.connect(self._restyle)
        self.sidebar.opened.connect(self.open_conversation)
        self.sidebar.found.connect(self.open_conversation)
        self.sidebar.new_requested.connect(self.start_new)
        self.sidebar.settings_requested.connect(self.show_settings)
        self.shelf_place.pressed.connect(self._put_shelf_away)
        self.shelf_place.changed.connect(self._place)
        self.shelf_place.chosen.connect(self._on_shelf_chosen)
        header = self.page.header
        header.shelf.clicked.connect(self.toggle_shelf)
        header.new.clicked.connect(self.start_new)
        header.more.clicked.connect(self.commands.open_menu)
        header.picker.clicked.connect(self.toggle_models)
        self.page.notice_wanted.connect(self.telling.tell)
        self.page.undo_offered.connect(self.telling.offer_undo)
        self.telling.settings_notices = self._settings_notices
        self.telling.settings_wanted.connect(self.show_settings)
        self.page.settings_requested.connect(self._on_settings_wanted)
        self.page.network_requested.connect(self._on_network_wanted)
        self.page.compare.endpoint_wanted.connect(self._on_endpoint_wanted)
        self._desk.current_changed.connect(self._on_current_changed)
        self._desk.conversation_changed.connect(self._show_title)
        self._endpoints.choice_changed.connect(self._on_choice_changed)
        self._endpoints.loaded.connect(self._on_loaded)

    def _settings_notices(self) -> Notices | None:
        settings = self._settings
        return settings.notices if settings is not None and settings.isVisible() else None

    def _watch_arrivals(self) -> None:
        arrivals, manner = self._shelf.arrivals, self.page.manner
        self._desk.is_seen = self._is_seen
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusWindowChanged.connect(self._on_window_turned_to)
        arrivals.keep_in(self.preferences)
        arrivals.arrived.connect(self.telling.tell_of_arrival)
        manner.changed.connect(self._take_manner)
        self._take_manner()

    def _take_manner(self) -> None:
        self.sidebar.view.breath.set_still(self.page.manner.is_reduced)

    def _on_window_turned_to(self) -> None:
        self._shelf.arrivals.look()

    def _is_seen(self) -> bool:
        # Beside an open Settings window it is seen, behind another program's perhaps not.
        return self.isVisible() and not self.isMinimized() and QApplication.activeWindow() is not None

    def _place(self) -> None:
        self.shelf_place.arrange()
        self.foot_changed.emit()
        self.page.header.show_shelf_buttons(not self.shelf_place.is_beside)
        if self._popup is not None and self._popup.isVisible():
            self._popup.open_under(self.page.header.picker)

    def _close_innermost(self) -> None:
        """Close what lies on top: the shelf over the page, what is found in the page, the newest notice."""
        if self.shelf_place.is_over:
            self._put_shelf_away()
        elif not self.commands.does.close_find():
            self.notices.dismiss_newest()

    def _put_shelf_away(self) -> None:
        if self.shelf_place.is_over:
            self.shelf_place.is_over = False
            self._place()
            self.page.focus_composer()

    def _on_shelf_chosen(self, name: str, value: str) -> None:
        # Asked for late: a window may be given preferences of its own after it was made.
        self.preferences.write(name, value)

    def _restyle(self) -> None:
        self.setStyleSheet(style_sheet(self._theme))
        self._place()

    def _keep_look(self) -> None:
        self.preferences.write(names.SCHEME, self._theme.choice)
        self.preferences.write(names.ZOOM, f"{self._theme.zoom:.1f}")

    def _show_page(self) -> None:
        is_first = not self._endpoints.has_choice_on_disk and self._desk.current.is_empty
        self._stack.setCurrentWidget(self.first_start if is_first else self.page)

    def _on_current_changed(self) -> None:
        self._show_title()
        if self.is_first_start and not self._desk.current.is_empty:
            self._on_chosen()

    def _show_title(self) -> None:
        conversation = self._desk.current.conversation
        self.sidebar.view.show_current(conversation.id)
        title = self.tr("{title} – Weir").format(title=conversation.title) if conversation.title else "Weir"
        self.window().setWindowTitle(title)

    def _on_loaded(self) -> None:
        self._is_loaded = True
        if self.is_first_start:
            self.first_start.look()

    def _on_choice_changed(self) -> None:
        if self._is_loaded and self.is_first_start:
            self._on_chosen()

    def _on_chosen(self) -> None:
        self._stack.setCurrentWidget(self.page)
        self.page.focus_composer()

    def _on_popup_closed(self) -> None:
        self.page.header.picker.setChecked(False)
        self.page.focus_composer()

    def _on_settings_wanted(self, endpoint_id: str) -> None:
        self.settings.show_endpoints(endpoint_id)

    def _on_network_wanted(self) -> None:
        self.settings.show_network()

    def _on_endpoint_wanted(self) -> None:
        self.settings.show_new_endpoint()

    def _on_file_wanted(self) -> None:
        self.settings.show_local()
        self.settings.local.choose_file()
