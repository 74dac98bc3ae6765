"""Conversations leave the window as files by a real drag, with the real pointer, into another program."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from PySide6.QtCore import QPoint

from desktop.chat.shelf import DRAGGED
from tests.flows.place import configure
from tests.support.chatting import until
from tests.support.house import House, write
from tests.support.program import ROOT
from tests.support.server import LoopbackServer, openai_stream


async def pointer(*command: str) -> None:
    """Move or press the real pointer."""
    await asyncio.to_thread(subprocess.run, ["xdotool", *command], check=True)


@pytest.fixture
async def house(qloop, tmp_path: Path) -> AsyncIterator[House]:
    with LoopbackServer(default=openai_stream(["It is a low dam."])) as server:
        made = House(configure(tmp_path / "weir", server.base_url), {})
        made.shell.setGeometry(20, 60, 900, 700)
        await made.open()
        for question in ("What is a weir/dam?", "And what is a sluice?"):
            made.first.start_new()
            write(made.first, question)
            await until(lambda: not made.first.desk.current.turns)
        yield made
        await made.close()


def is_there(file: Path) -> bool:
    return file.exists()


@pytest.fixture
def target() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.drop_target", "1100", "200"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == '"ready"\n'
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


async def test_a_conversation_is_dragged_into_another_program_as_a_file(house: House, target):
    view = house.first.sidebar.view
    view.setFocus()
    row = view.visualRect(view.shelf.index(1))
    start = view.viewport().mapToGlobal(QPoint(row.center().x(), row.bottom() - 8))
    await pointer("mousemove", "--sync", str(start.x()), str(start.y()), "mousedown", "1")
    begun = view.row_drag.turn
    # However busy the machine is, the files are waited for.
    view.row_drag.patience.setInterval(30_000)
    for step in range(1, 60):
        if view.row_drag.turn > begun:
            break
        await pointer("mousemove", str(start.x() + 3 * step), str(start.y() + step))
    await until(lambda: view.row_drag.turn == begun + 1)
    await until(lambda: not view.row_drag.is_waiting)
    over = asyncio.ensure_future(asyncio.to_thread(target.stdout.readline))
    x = 1000
    while not over.done():
        x = 1120 + (x + 7) % 250
        await pointer("mousemove", str(x), "350")
    assert over.result() == '"over"\n'
    for x in range(1200, 1300, 10):
        await pointer("mousemove", "--sync", str(x), "360")
    await pointer("mouseup", "1")
    formats, (url,), (text,) = json.loads(await asyncio.to_thread(target.stdout.readline))
    assert "text/uri-list" in formats
    assert DRAGGED in formats
    file = Path(unquote(urlparse(url).path))
    assert file.name == "What is a weir dam.md"
    assert "What is a weir/dam?" in text
    assert "It is a low dam." in text
    await house.core.archives.close()
    assert not is_there(file)
