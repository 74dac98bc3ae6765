"""The real window over the real parts in this process, for what has to be seen from inside."""

from dataclasses import dataclass
from pathlib import Path

from desktop.app import Core, build_core
from desktop.base.paths import user_paths
from desktop.domain.recording import Recorder
from desktop.ui.preferences import Preferences
from desktop.ui.theme import Theme
from desktop.ui.window import MainWindow
from desktop.wire.client import WireClient


@dataclass
class Stage:
    """A window that is shown, and what stands below it. Its preferences are forgotten at the end."""

    core: Core
    window: MainWindow
    theme: Theme

    @classmethod
    def open(
        cls, folder: Path, *, client: WireClient | None = None, size: tuple[int, int] = (900, 800)
    ) -> "Stage":
        """Build the program as `desktop.app` does, with its data in `folder`, and show its window."""
        # What crosses the wire is recorded, as it is in the program.
        core = build_core(user_paths(folder), client, recorder=Recorder())
        core.paths.create()
        kept: dict[str, str] = {}
        theme = Theme()
        preferences = Preferences(kept.get, kept.__setitem__)
        window = MainWindow(core.desk, core.shelf, core.endpoints, theme, preferences, ())
        window.resize(*size)
        window.show()
        return cls(core, window, theme)

    async def close(self) -> None:
        """End the program as `desktop.app` does."""
        self.window.hide()
        await self.core.close()
        self.window.deleteLater()
