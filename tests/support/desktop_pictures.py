"""Pictures of the quick window and of the settings' page about the desktop."""

import asyncio
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.domain.endpoint import Endpoint, ModelRef
from desktop.doors import open_outside
from desktop.ui.preferences import Preferences
from desktop.ui.windows import Windows
from tests.support.answers import Answer, Send, Stall
from tests.support.chatting import until
from tests.support.server import LoopbackServer, openai_chunks
from tests.support.stage import Stage

QUESTION = "What is a weir, and why would a river need one?"
REPLY = """A **weir** is a low wall across a river. Water flows over its crest, so that

- the level above it stays *steady*, for mills and boats,
- its height tells how much water passes: for a sharp crest `Q = 1.84 · b · h^1.5`.

Unlike a dam it holds nothing back for long"""


async def take_desktop(folder: Path, target: Path) -> None:
    """Take the pictures, light and dark, into `target`."""
    stage = Stage.open(folder, size=(1240, 820))
    core, window = stage.core, stage.window
    kept: dict[str, str] = {}
    preferences = Preferences(kept.get, kept.__setitem__)
    windows = Windows(window, preferences)
    outside = open_outside(core, windows, stage.theme, preferences)
    core.endpoints.load()
    await until(lambda: core.endpoints.is_ready)
    chunks = list(openai_chunks([REPLY], finish=None, done=False))
    with LoopbackServer(default=Answer(steps=[*map(Send, chunks), Stall()])) as server:
        core.endpoints.add(
            Endpoint(id="example", name="Example", base_url=server.base_url, models=("gpt-5.2",))
        )
        core.endpoints.choose(ModelRef("example", "gpt-5.2"))
        quick = outside.wishes.quick
        for scheme in ("light", "dark"):
            stage.theme.choose(scheme)
            quick.come_up(QUESTION)
            await asyncio.sleep(0.4)
            quick.grab().save(str(target / f"quick-field-{scheme}.png"))
            QTest.keyClick(quick.composer.edit, Qt.Key.Key_Return)
            await asyncio.sleep(1.5)
            quick.grab().save(str(target / f"quick-{scheme}.png"))
            quick.close()
            await until(lambda: not quick.isVisible())
            window.settings.show_page("desktop")
            await asyncio.sleep(0.5)
            window.settings.grab().save(str(target / f"settings-desktop-{scheme}.png"))
            window.settings.hide()
    await outside.close()
    await stage.close()
