"""A window beside the first one: built over the same core, with a desk, a shelf and tasks of its own."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop.app import Core
    from desktop.chat.updates import Updates
    from desktop.ui.manner import Manner
    from desktop.ui.preferences import Preferences
    from desktop.ui.theme import Theme
    from desktop.ui.windows import Make, Opened


def core_beside(core: "Core") -> "Core":
    """Return the core as another window needs it: what is live and what is on disk are shared."""
    tasks = core.tasks.beside()
    desk = core.desk.beside(tasks)
    return dataclasses.replace(core, tasks=tasks, desk=desk, shelf=core.shelf.beside(desk, tasks))


def window_maker(
    core: "Core",
    theme: "Theme",
    places: Sequence[tuple[str, str]],
    updates: "Updates | None" = None,
    manner: "Manner | None" = None,
) -> "Make":
    """Return what makes another window, with all its doors, over preferences of its own."""

    def make(preferences: "Preferences") -> "Opened":
        from desktop.doors import fetch_picture, help_writing, open_doors
        from desktop.ui.shell import Shell
        from desktop.ui.warm_up import WarmUp
        from desktop.ui.window import MainWindow
        from desktop.ui.windows import Opened

        own = core_beside(core)
        shell = Shell(theme, preferences)
        window = MainWindow(
            own.desk, own.shelf, own.endpoints, theme, preferences, places, shell, manner=manner
        )
        window.page.set_picture_source(lambda *wish: fetch_picture(core, *wish))
        window.updates = updates
        shell.close_requested.connect(window.leave)
        shell.fill(window)
        open_doors(own, window)
        writing = help_writing(own, window, theme, preferences)
        writing.offer_spelling()
        window.settings_made.connect(lambda made: writing.add_spelling_card(made.appearance))
        own.shelf.load()
        warm_up = WarmUp(window, own.desk, core.sender.prepare)

        def end() -> None:
            warm_up.close()
            writing.close()
            own.shelf.leave()
            own.desk.leave()
            if core.tasks.can_start:
                core.tasks.start(own.tasks.close())

        return Opened(window, shell, end)

    return make
