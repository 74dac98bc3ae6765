"""Hostile texts in a real timeline: nothing is read, nothing is fetched, and the work stays bounded."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from desktop.markup.machine import MOST_BLOCKS
from tests.support.hostile import hostile
from tests.support.transcript import WatchedTimeline, prompt, reply, shown_timeline

# What a page of 200 KB needs several times over; unbounded work needs hundreds of millions.
MOST_CALLS = 6_000_000

_NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.sendto", "urllib.Request", "subprocess.Popen")


class Watch:
    """Notes, while it is on, every file that is opened other than Python's own, and every way out."""

    def __init__(self) -> None:
        self.is_on = False
        self.seen: list[str] = []

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.is_on:
            return
        if event == "open" and not _is_python(str(arguments[0])):
            self.seen.append(f"open {arguments[0]!r}")
        elif event in _NETWORK:
            self.seen.append(f"{event} {arguments!r}")


def _is_python(path: str) -> bool:
    return path.endswith((".py", ".pyc")) or "site-packages" in path or path.startswith(sys.base_prefix)


_WATCH = Watch()
sys.addaudithook(_WATCH)


@pytest.fixture
def watch() -> Iterator[Watch]:
    """What is opened and reached for, from here to the end of the test."""
    _WATCH.seen.clear()
    _WATCH.is_on = True
    yield _WATCH
    _WATCH.is_on = False


@pytest.fixture
def timeline(qtbot: QtBot) -> WatchedTimeline:
    return shown_timeline(qtbot)


@pytest.fixture
def pipe(tmp_path: Path) -> str:
    """A FIFO that nobody writes to: opening it for reading would wait for ever."""
    path = tmp_path / "pipe"
    if sys.platform == "win32":
        return str(path)
    os.mkfifo(path)
    return str(path)


@pytest.mark.parametrize("name", hostile())
def test_a_hostile_text_reads_nothing_fetches_nothing_and_costs_little(
    timeline: WatchedTimeline, pipe: str, watch: Watch, name: str
) -> None:
    text = hostile(pipe)[name]
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        timeline.open([prompt(0), reply(0, text)])
        timeline.wheel(400)
        timeline.picture()
        timeline.go_to_top()
        timeline.picture()
        timeline.resize(timeline.width() - 60, timeline.height())
        timeline.settle()
    finally:
        sys.setprofile(None)
    timeline.select_all()
    assert timeline.copying.selection()
    watch.is_on = False
    assert watch.seen == []
    assert calls < MOST_CALLS
    sections = [section for spot in timeline.page.spots for section in spot.item.text_sections()]
    assert all(
        section.flow is not None and section.flow.block_count <= MOST_BLOCKS + 1 for section in sections
    )


@pytest.mark.parametrize("name", ["files", "data", "script", "unc", "html", "ansi", "bidi"])
def test_no_address_of_a_hostile_text_is_a_link(timeline: WatchedTimeline, pipe: str, name: str) -> None:
    timeline.open([prompt(0), reply(0, hostile(pipe)[name])])
    found = set()
    view = timeline.viewport()
    for y in range(0, view.height(), 7):
        for x in range(0, view.width(), 9):
            link = timeline.pointer.under(view.rect().topLeft().toPointF() + _point(x, y)).link
            found.add(link.partition(":")[0])
    assert found <= {"", "http", "https"}


def _point(x: int, y: int) -> Any:
    from PySide6.QtCore import QPointF

    return QPointF(x, y)


def test_marks_that_turn_text_around_are_shown_instead_of_obeyed(timeline: WatchedTimeline) -> None:
    timeline.open([prompt(0), reply(0, "pay \u202eevil\u202c now `\u202ex`\n\n```\n\u202ecode\n```")])
    spot = timeline.page.spots[-1]
    (section,) = spot.item.text_sections()
    assert section.flow is not None
    left = [section.flow.rect_of(section.flow.find(word)[0][0]).left() for word in ("pay", "evil", "now")]
    assert left == sorted(left)
