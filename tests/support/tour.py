"""A tour of the program: every window, page, dialog, menu and notice, with real content in it.

`visit` goes round once and shows each stop to a visitor. What speaks, how large the text is, which look is
in force and how large the windows are is up to the caller, so that the same tour serves tests of the look,
of translations and of pictures.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QSize
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget

from desktop import __version__
from desktop.app import Core, _places, build_core
from desktop.base.paths import user_paths
from desktop.beside import window_maker
from desktop.chat.updates import Updates
from desktop.domain.recording import Recorder
from desktop.doors import help_writing, open_doors, open_outside
from desktop.providers.late import LateReleases
from desktop.ui import preferences as names
from desktop.ui.compose.door import ComposeDoor
from desktop.ui.language import WRITTEN, Language
from desktop.ui.outside.door import Outside
from desktop.ui.preferences import Preferences
from desktop.ui.shell import LEAST_HEIGHT, LEAST_WIDTH, Shell
from desktop.ui.theme import Theme
from desktop.ui.window import MainWindow
from desktop.ui.windows import Windows
from tests.support.chatting import until
from tests.support.server import LoopbackServer

See = Callable[[str, QWidget], None]
"""Is shown a stop: its name, and the window, page or menu that is on screen."""

USUAL = QSize(1240, 820)
LEAST = QSize(LEAST_WIDTH, LEAST_HEIGHT)
SMALL_SCREEN = QSize(1366, 740)
"""What a small laptop leaves to windows; a window need not be larger than nine tenths of it."""


@dataclass
class Place:
    """A running program and who is shown round."""

    core: Core
    window: MainWindow
    theme: Theme
    door: ComposeDoor
    outside: Outside
    see: See
    sizes: tuple[str, ...]
    only: tuple[str, ...] = ()

    def wants(self, name: str) -> bool:
        """Whether this stop, or those below a name, are on the way."""
        return not self.only or any(name.startswith(each) or each.startswith(name) for each in self.only)

    def show(self, name: str, widget: QWidget | None = None) -> None:
        """Show what is on screen, as it is."""
        if self.wants(name):
            shown = widget or self.window
            settle(shown)
            self.see(name, shown)

    def stop(self, name: str, *, has_shelf: bool = False) -> None:
        """Show the main window at each of the sizes; where it is about the shelf, that is on screen."""
        if self.wants(name):
            for size in self.sizes:
                self.resize(size)
                is_away = has_shelf and self.window.sidebar.isHidden()
                if is_away:
                    self.window.toggle_shelf()
                self.show(f"{name} ({size})")
                if is_away:
                    self.window.toggle_shelf()
            self.resize(self.sizes[0])

    def resize(self, size: str) -> None:
        """Give the main window one of the sizes: it stands in a larger one, so no window manager is asked."""
        least = (LEAST * self.theme.zoom).boundedTo(SMALL_SCREEN * 0.9)
        self.window.resize(least if size == "least" else USUAL)
        settle(self.window)

    async def window_stop(self, name: str, window: QWidget) -> None:
        """Show a window of its own at each of the sizes."""
        if not self.wants(name):
            return
        usual = window.size()
        for size in self.sizes:
            wanted = usual if size == "usual" else window.minimumSize()
            await resized(window, wanted)
            self.show(f"{name} ({size})", window)
        await resized(window, usual)

    async def menu_stop(self, name: str, menu: QMenu | None = None) -> None:
        """Show a menu that was opened, and those within it, then close it."""
        if menu is None:
            await until(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
            menu = QApplication.activePopupWidget()  # type: ignore[assignment]
        elif not menu.isVisible():
            menu.popup(self.window.mapToGlobal(QPoint(20, 20)))
        assert menu is not None
        await until(menu.isVisible)
        self.show(name, menu)
        for action in menu.actions():
            inner = action.menu()
            if isinstance(inner, QMenu) and not inner.isEmpty():
                inner.popup(menu.pos())
                await until(inner.isVisible)
                self.show(f"{name}, {action.text()}", inner)
                inner.close()
        if shiboken6.isValid(menu):
            menu.close()

    async def dialog_stop(self, name: str) -> None:
        """Show the dialog that was opened over the main window, then close it."""
        dialogs = self.window.findChildren(QDialog)
        await until(lambda: any(dialog.isVisible() for dialog in self.window.findChildren(QDialog)))
        dialogs = [dialog for dialog in self.window.findChildren(QDialog) if dialog.isVisible()]
        self.show(name, dialogs[0])
        dialogs[0].reject()


async def resized(window: QWidget, size: QSize) -> None:
    """Give a window of its own a size, and wait until it and the screen agree."""
    window.resize(size)
    for _ in range(3):
        # What the screen said of an earlier size may still be on its way.
        await asyncio.sleep(0.01)
        if window.size() != size:
            window.resize(size)


def settle(widget: QWidget) -> None:
    """Have every layout of a window done now."""
    for _ in range(4):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.Polish)
        for each in (widget, *widget.findChildren(QWidget)):
            layout = each.layout()
            if layout is not None and each.isVisible():
                layout.activate()


@contextmanager
def spoken(language: str) -> Iterator[None]:
    """Have the program speak a language for a while; empty leaves it as it is."""
    application = QApplication.instance()
    if not language or application is None:
        yield
        return
    speaker = Language(language)
    speaker.put_in_force(application)
    try:
        yield
    finally:
        speaker.take_back(application)
        # What the tests stand on, formats included.
        Language(WRITTEN).put_in_force(None)


@asynccontextmanager
async def program(
    folder: Path, see: See, *, zoom: float, theme: str, sizes: tuple[str, ...], only: tuple[str, ...]
) -> AsyncIterator[Place]:
    """Build the program as `desktop.app` does, with its data in `folder`."""
    core = build_core(user_paths(folder), recorder=Recorder())
    core.paths.create()
    places = _places(core.paths)
    kept = {names.SCHEME: theme, names.ZOOM: str(zoom)}
    preferences = Preferences(kept.get, kept.__setitem__)
    look = Theme()
    shell = Shell(look, preferences)
    shell.resize(USUAL)
    shell.show()
    window = MainWindow(core.desk, core.shelf, core.endpoints, look, preferences, places, shell)
    window.updates = Updates(LateReleases(core.sender), preferences, core.tasks, __version__)
    make = window_maker(core, look, places, window.updates, window.page.manner)
    windows = Windows(window, preferences, make, window)
    outside = open_outside(core, windows, look, preferences)
    shell.fill(window)
    open_doors(core, window)
    door = help_writing(core, window, look, preferences)
    window.settings_made.connect(lambda made: door.add_spelling_card(made.appearance))
    try:
        yield Place(core, window, look, door, outside, see, sizes, only)
    finally:
        await outside.close()
        door.close()
        windows.close()
        shell.hide()
        await core.close()
        windows.delete()
        shiboken6.delete(shell)


async def visit(
    folder: Path,
    see: See,
    *,
    language: str = "",
    zoom: float = 1.0,
    theme: str = "light",
    sizes: tuple[str, ...] = ("usual", "least"),
    only: tuple[str, ...] = (),
) -> None:
    """Go round once, in an empty `folder`, and show each stop to `see`.

    `language` is one of `desktop.ui.language.LANGUAGES`, empty for whatever is in force. `sizes` are those
    of the windows at each stop. With `only` the stops whose names begin so are shown, and no others.
    """
    from tests.support.tour_first import first_start
    from tests.support.tour_main import main_window
    from tests.support.tour_windows import other_windows

    with spoken(language), LoopbackServer() as server:
        options = {"zoom": zoom, "theme": theme, "sizes": sizes, "only": only}
        async with program(folder / "first", see, **options) as place:  # type: ignore[arg-type]
            await first_start(place)
        async with program(folder / "used", see, **options) as place:  # type: ignore[arg-type]
            await main_window(place, server)
            await other_windows(place, server)
