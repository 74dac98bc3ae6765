"""The doors of a window: what leads from it to the other parts of the program, each built on first use."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.base.tongue import translate
from desktop.chat.personas import Personas
from desktop.chat.turn import Ports
from desktop.domain.failure import StorageError, TurnFailedError
from desktop.domain.transfer import ArchiveError

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from desktop.app import Core
    from desktop.chat.usage import UsageBook
    from desktop.ui.compose.door import ComposeDoor
    from desktop.ui.context.door import ContextDoor
    from desktop.ui.inspector.door import InspectorDoor
    from desktop.ui.outside.door import Outside
    from desktop.ui.preferences import Preferences
    from desktop.ui.settings.window import SettingsWindow
    from desktop.ui.theme import Theme
    from desktop.ui.usage.door import UsageDoor
    from desktop.ui.window import MainWindow
    from desktop.ui.windows import Windows

logger = logging.getLogger(__name__)


def help_writing(
    core: "Core", window: "MainWindow", theme: "Theme", preferences: "Preferences"
) -> "ComposeDoor":
    """Have kept prompts, models named by the way and personas at hand where prompts are written."""
    from desktop.ui.compose.door import ComposeDoor

    door = ComposeDoor(theme, window.page, core.desk, core.endpoints, preferences, window)
    door.offer_prompts(core.prompts)
    personas = Personas(core.personas, core.desk, core.endpoints, preferences, window)
    door.offer_personas(personas)
    add_pages(core, window, theme, personas, door)
    personas.load()
    return door


def add_pages(
    core: "Core", window: "MainWindow", theme: "Theme", personas: Personas, door: "ComposeDoor"
) -> None:
    """Have prompts and personas managed in the settings."""

    def make_prompts() -> "QWidget":
        from desktop.ui.settings.prompts import prompts_page

        return prompts_page(theme, core.prompts)

    def make_personas() -> "QWidget":
        from desktop.ui.settings.personas import personas_page

        return personas_page(theme, personas, core.endpoints)

    def add(settings: "SettingsWindow") -> None:
        settings.add_page(
            "prompts", translate("SettingsWindow", "Prompts"), "prompts", make_prompts, before="appearance"
        )
        settings.add_page(
            "personas", translate("SettingsWindow", "Personas"), "persona", make_personas, before="appearance"
        )

    window.settings_made.connect(add)
    door.prompts_wanted.connect(lambda: window.settings.show_page("prompts"))
    door.personas_wanted.connect(lambda: window.settings.show_page("personas"))


def open_doors(core: "Core", window: "MainWindow") -> None:
    """Let archives come in and go out by the window, and weigh there what is about to be sent."""
    from desktop.ui.transfer import TransferDoor
    from desktop.ui.works import WorkDoor

    menu = window.sidebar.view.row_menu
    door = TransferDoor(core.transfer, core.shelf, window.notices, menu, lambda: window.settings, window)
    door.is_front = lambda: core.desk.is_front
    window.settings_made.connect(lambda settings: door.adopt(settings.data))
    WorkDoor(window.page.theme, core.works, window, window)
    window.sidebar.view.row_drag.write = lambda *drag: core.tasks.start(_write_dragged(core, *drag))
    window.commands.add_works(core.works)
    open_inspector(core, window)
    open_context(core, window)
    open_usage(core, window)


def open_outside(core: "Core", windows: "Windows", theme: "Theme", preferences: "Preferences") -> "Outside":
    """Let starts of the program, the desktop and the tray have something done in the windows."""
    from desktop.ui.outside.door import Inside, Outside

    inside = Inside(
        core.desk,
        core.endpoints,
        core.personas,
        core.tasks,
        core.transfer.import_file,
        preferences,
        theme,
        windows.front().page.manner,
    )
    return Outside(inside, windows, windows)


async def _write_dragged(core: "Core", ids: Sequence[str], done: Callable[[Sequence[Path]], None]) -> None:
    """Write conversations that are dragged as files, and hand their paths over, none where that fails."""
    rows = [row for each in ids if (row := core.shelf.conversation(each)) is not None]
    files: Sequence[Path] = ()
    try:
        files = await core.archives.write_dragged(rows)
    except (ArchiveError, StorageError, OSError) as error:
        logger.info("what is dragged was not written: %s", type(error).__name__)
    done(files)


def open_inspector(core: "Core", window: "MainWindow") -> "InspectorDoor | None":
    """Let streams be inspected, where they are recorded."""
    from desktop.inspection.late import LateInspection
    from desktop.ui.inspector.door import InspectorDoor

    recorder = core.sender.recorder
    return InspectorDoor(LateInspection(recorder), core.desk, window) if recorder is not None else None


def open_context(core: "Core", window: "MainWindow") -> "ContextDoor":
    """Show how full the model's window is, and hold back what does not fit until the user has chosen."""
    from desktop.chat.fitting import Fitting
    from desktop.chat.windows import Windows, WindowSources
    from desktop.ui.context.door import ContextDoor

    ports = Ports(core.sender, core.store.history, core.vault, core.local)
    sources = WindowSources(
        core.sender.listed_window, core.local.window, core.sender.fetch_window, core.vault
    )
    windows = Windows(core.endpoints, sources, core.tasks, window)
    fitting = Fitting(ports, core.desk, core.endpoints, windows, core.tasks)
    return ContextDoor(window.page, core.desk, core.endpoints, fitting, window.page.theme)


def open_usage(core: "Core", window: "MainWindow") -> "UsageDoor":
    """Let the window show what was used."""
    from desktop.ui.usage.door import UsageDoor

    return UsageDoor(window, lambda: _usage_book(core))


def _usage_book(core: "Core") -> "UsageBook":
    from desktop.chat.usage import UsageBook

    return UsageBook(core.store.usage, core.tasks)


def fetch_picture(core: "Core", address: str, put: Callable[[bytes, str], None]) -> None:
    """Fetch a picture for the transcript, and hand over its bytes or why there are none."""

    async def fetch() -> None:
        from desktop.wire.pictures import PictureRefusedError

        try:
            put(await core.sender.fetch_picture(address), "")
        except PictureRefusedError as error:
            put(b"", str(error))
        except TurnFailedError as error:
            put(b"", error.failure.sentence)

    core.tasks.start(fetch())
