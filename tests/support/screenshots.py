"""`python -m tests.support.screenshots`: take the README's pictures of the real window, streaming.

The window runs on a virtual screen over a loopback server and a history made for the pictures. With
`--languages FOLDER [language …]` the pictures of the languages are taken instead.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from desktop.domain.endpoint import Endpoint, ModelRef
from desktop.doors import help_writing, open_doors, open_inspector
from desktop.ui.preferences import Preferences
from desktop.ui.shortcut_sheet import ShortcutSheet
from tests.support.answers import Answer, Send, Stall, Step, Wait
from tests.support.chatting import until
from tests.support.comparing import take_compare
from tests.support.desktop_pictures import take_desktop
from tests.support.display import VirtualScreen
from tests.support.language_pictures import take_languages, take_mirrored
from tests.support.server import LoopbackServer, openai_chunks, openai_stream
from tests.support.showpiece import PROMPT, REASONING, REPLY, SHELF, shelf_rows
from tests.support.stage import Stage
from tests.support.usage_pictures import take_context, take_usage

TARGET = Path(__file__).resolve().parents[2] / "resources" / "screenshots"
SIZE = (1240, 820)
BURST = 37


async def _first_start(folder: Path) -> None:
    stage = Stage.open(folder, size=SIZE)
    stage.core.shelf.load()
    stage.core.endpoints.load()
    await asyncio.sleep(2)
    for scheme in ("light", "dark"):
        stage.theme.choose(scheme)
        await asyncio.sleep(0.5)
        _save(stage, f"first-start-{scheme}")
    await stage.close()


async def _pictures(folder: Path) -> None:
    stage = Stage.open(folder, size=SIZE)
    core = stage.core
    for row in shelf_rows():
        await core.store.history.write_conversation(row)
    core.shelf.load()
    core.endpoints.load()
    await asyncio.sleep(1)
    chunks = list(openai_chunks([REPLY], reasoning=[REASONING], finish=None, done=False))
    with LoopbackServer(default=Answer(steps=[*map(Send, chunks), Stall()])) as server:
        endpoint = Endpoint(id="example", name="Example", base_url=server.base_url, models=("gpt-5.2",))
        core.endpoints.add(endpoint)
        core.endpoints.choose(ModelRef("example", "gpt-5.2"))
        for scheme in ("light", "dark"):
            stage.theme.choose(scheme)
            core.desk.start_new()
            core.desk.send(PROMPT)
            live = core.desk.current
            live.rename("Backoff with jitter in Python")
            await asyncio.sleep(2.5)
            _save(stage, f"main-{scheme}")
            await live.close()
            core.desk.start_new()
            await core.store.history.delete_conversation(live.conversation.id)
            core.shelf.load()
    await stage.close()


async def _inspector(folder: Path) -> None:
    """A reply behind a proxy that lets it out in bursts, inspected."""
    stage = Stage.open(folder, size=SIZE)
    core = stage.core
    door = open_inspector(core, stage.window)
    assert door is not None
    core.endpoints.load()
    await asyncio.sleep(1)
    usage = {"prompt_tokens": 41, "completion_tokens": 268, "total_tokens": 309}
    chunks = list(openai_chunks(_pieces(REPLY), usage=usage, model="gpt-5.2"))
    steps: list[Step] = [Wait(0.3)]
    for first in range(0, len(chunks), BURST):
        steps += [Send(b"".join(chunks[first : first + BURST])), Send(b": keep-alive\n\n"), Wait(0.55)]
    answer = Answer(steps=steps, headers={"server": "nginx/1.27", "x-accel-buffering": "yes"})
    with LoopbackServer(default=answer) as server:
        endpoint = Endpoint(id="example", name="Example", base_url=server.base_url, models=("gpt-5.2",))
        core.endpoints.add(endpoint)
        core.endpoints.choose(ModelRef("example", "gpt-5.2"))
        core.desk.send(PROMPT)
        door.open_last()
        await core.desk.current.wait()
        await asyncio.sleep(1)
        for scheme in ("light", "dark"):
            stage.theme.choose(scheme)
            await asyncio.sleep(0.5)
            door.window.grab().save(str(TARGET / f"inspector-{scheme}.png"))
    door.close()
    await stage.close()


async def _settings(folder: Path) -> None:
    """The pages of the settings, the form of an endpoint, and the options of a conversation."""
    stage = Stage.open(folder, size=SIZE)
    core, window = stage.core, stage.window
    open_doors(core, window)
    core.endpoints.load()
    await until(lambda: core.endpoints.is_ready)
    core.endpoints.add(
        Endpoint(id="example", name="Example", base_url="https://api.example.com/v1", models=("gpt-5.2",))
    )
    core.endpoints.choose(ModelRef("example", "gpt-5.2"))
    for scheme in ("light", "dark"):
        stage.theme.choose(scheme)
        for page in ("endpoints", "local", "network", "appearance", "data", "about"):
            window.settings.show_page(page)
            await asyncio.sleep(0.5)
            window.settings.grab().save(str(TARGET / f"settings-{page}-{scheme}.png"))
        window.settings.show_endpoints("example")
        await asyncio.sleep(0.5)
        window.settings.grab().save(str(TARGET / f"settings-endpoint-{scheme}.png"))
        window.settings.hide()
        window.page.header.tune.click()
        await asyncio.sleep(0.5)
        _save(stage, f"options-{scheme}")
        window.page.header.tune.click()
    await stage.close()


async def _reading(folder: Path) -> None:
    """Searching everything, and finding in the conversation."""
    stage = Stage.open(folder, size=SIZE)
    core, window = stage.core, stage.window
    core.shelf.load()
    core.endpoints.load()
    await until(lambda: core.endpoints.is_ready)
    with LoopbackServer(default=openai_stream([REPLY])) as server:
        core.endpoints.add(
            Endpoint(id="example", name="Example", base_url=server.base_url, models=("gpt-5.2",))
        )
        core.endpoints.choose(ModelRef("example", "gpt-5.2"))
        core.desk.send(PROMPT)
        await core.desk.current.wait()
    for scheme in ("light", "dark"):
        stage.theme.choose(scheme)
        window.actions_.run("find")
        QTest.keyClicks(QApplication.focusWidget(), "retry")
        await asyncio.sleep(0.7)
        _save(stage, f"find-{scheme}")
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
        window.actions_.run("search")
        QTest.keyClicks(QApplication.focusWidget(), "jitter")
        await asyncio.sleep(0.7)
        _save(stage, f"search-{scheme}")
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    await stage.close()


def _pieces(text: str) -> list[str]:
    return [text[first : first + 6] for first in range(0, len(text), 6)]


async def _writing(folder: Path) -> None:
    """The list behind the slash, that of models, and the pages of prompts and personas."""
    stage = Stage.open(folder, size=SIZE)
    kept: dict[str, str] = {"models.favourites": "example\tgpt-5.2"}
    preferences = Preferences(kept.get, kept.__setitem__)
    stage.theme.choose("light")
    door = help_writing(stage.core, stage.window, stage.theme, preferences)
    stage.core.endpoints.load()
    await asyncio.sleep(1)
    endpoint = Endpoint(
        id="example", name="Example", base_url="http://127.0.0.1:9/v1", models=("gpt-5.2", "gpt-5.2-mini")
    )
    stage.core.endpoints.add(endpoint)
    stage.core.endpoints.choose(ModelRef("example", "gpt-5.2"))
    edit = stage.window.page.composer.edit
    for scheme in ("light", "dark"):
        stage.theme.choose(scheme)
        for sign, name in (("/", "prompts"), ("@", "models")):
            edit.setFocus()
            QTest.keyClicks(edit, sign)
            await until(door.companion.popup.isVisible)
            _save(stage, f"{name}-{scheme}")
            edit.clear()
        for page in ("prompts", "personas"):
            stage.window.settings.show_page(page)
            await asyncio.sleep(0.5)
            stage.window.settings.grab().save(str(TARGET / f"settings-{page}-{scheme}.png"))
            stage.window.settings.hide()
    await stage.close()


async def _keyboard(folder: Path) -> None:
    """The command palette, the page of the keyboard, and the sheet of shortcuts."""
    stage = Stage.open(folder, size=SIZE)
    core, window = stage.core, stage.window
    for row in shelf_rows():
        await core.store.history.write_conversation(row)
    core.shelf.load()
    core.endpoints.load()
    endpoint = Endpoint(id="example", name="Example", base_url="http://127.0.0.1:9/v1", models=("gpt-5.2",))
    await until(lambda: core.endpoints.is_ready and core.shelf.rowCount() == len(SHELF))
    core.endpoints.add(endpoint)
    core.endpoints.choose(ModelRef("example", "gpt-5.2"))
    for scheme in ("light", "dark"):
        stage.theme.choose(scheme)
        window.open_palette()
        await until(lambda: bool(core.shelf.jumps.recent))
        _save(stage, f"palette-{scheme}")
        window.open_palette()
        window.settings.show_page("keyboard")
        await asyncio.sleep(0.5)
        window.settings.grab().save(str(TARGET / f"settings-keyboard-{scheme}.png"))
        window.settings.hide()
        window.show_shortcuts()
        await asyncio.sleep(0.5)
        sheet = window.findChild(ShortcutSheet)
        sheet.grab().save(str(TARGET / f"shortcuts-{scheme}.png"))
        sheet.hide()
    await stage.close()


def _save(stage: Stage, name: str) -> None:
    stage.window.grab().save(str(TARGET / f"{name}.png"))


async def _take_all(folder: Path) -> None:
    """Take the README's pictures, each kind over a program of its own in `folder`."""
    TARGET.mkdir(parents=True, exist_ok=True)
    await _first_start(folder / "first")
    await _pictures(folder / "main")
    await _settings(folder / "settings")
    await _reading(folder / "reading")
    await _writing(folder / "writing")
    await _keyboard(folder / "keyboard")
    await _inspector(folder / "inspector")
    await take_desktop(folder / "desktop", TARGET)
    await take_usage(folder / "usage", TARGET)
    await take_context(folder / "context", TARGET)
    await take_compare(folder / "compare", TARGET)
    await take_mirrored(TARGET)


def main(arguments: Sequence[str]) -> int:
    """Take the README's pictures, or with --languages FOLDER [language …] those of the languages."""
    with tempfile.TemporaryDirectory(prefix="weir-pictures-") as folder:
        screen = VirtualScreen(Path(folder))
        os.environ["DISPLAY"] = screen.start()
        os.environ["QT_QPA_PLATFORM"] = "xcb"
        application = QApplication([])
        application.setQuitOnLastWindowClosed(False)
        loop = QEventLoop(application)
        asyncio.set_event_loop(loop)
        try:
            if arguments[:1] == ["--languages"]:
                loop.run_until_complete(take_languages(Path(arguments[1]), arguments[2:]))
            else:
                loop.run_until_complete(_take_all(Path(folder)))
        finally:
            loop.close()
            screen.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
