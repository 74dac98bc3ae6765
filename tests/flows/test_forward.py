"""Coming forward under a window manager that lets no program take the keyboard by itself."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.flows.place import configure
from tests.flows.test_quick import call
from tests.support.display import NoScreenError, VirtualScreen
from tests.support.program import Program

SECONDS = 30.0
# Another program: its title is what was typed into it last.
_OTHER = """
from PySide6.QtWidgets import QApplication, QLineEdit
application = QApplication(["other"])
field = QLineEdit()
field.setWindowTitle("other")
field.textChanged.connect(field.setWindowTitle)
field.resize(300, 80)
field.show()
application.exec()
"""


class StrictScreen(VirtualScreen):
    """A screen with Metacity, which heeds when the user was last in a program."""

    def _start_window_manager(self) -> None:
        self._spawn(["metacity", "--no-composite"], env={**os.environ, "DISPLAY": self.name})
        deadline = time.monotonic() + SECONDS
        while not _is_managed(self.name):
            if time.monotonic() > deadline:
                raise NoScreenError("metacity did not start")
            time.sleep(0.05)


def _is_managed(display: str) -> bool:
    done = subprocess.run(
        ["wmctrl", "-m"], env={**os.environ, "DISPLAY": display}, capture_output=True, check=False
    )
    return done.returncode == 0 and b"Metacity" in done.stdout


@pytest.fixture
def strict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if shutil.which("metacity") is None:
        pytest.skip("not installed: metacity")
    folder = tmp_path / "screen"
    folder.mkdir()
    screen = StrictScreen(folder)
    monkeypatch.setenv("DISPLAY", screen.start())
    yield
    screen.stop()


def xdotool(*arguments: str) -> str:
    done = subprocess.run(["xdotool", *arguments], capture_output=True, text=True, check=False, timeout=30)
    return done.stdout.strip()


def wait_until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen; in front is {in_front()!r}"
        time.sleep(0.05)


def in_front() -> str:
    """Return the title of the window that the window manager gave the keyboard."""
    return xdotool("getactivewindow", "getwindowname")


def type_elsewhere(other: int, text: str) -> None:
    """Have the user click into the other program and type there."""
    window = xdotool("search", "--onlyvisible", "--pid", str(other)).split()[-1]

    def is_there() -> bool:
        xdotool("windowactivate", window, "mousemove", "--window", window, "50", "40", "click", "1")
        return xdotool("getactivewindow") == window

    wait_until(is_there, "the other program in front")
    xdotool("key", "ctrl+a")
    xdotool("type", text)
    wait_until(lambda: in_front() == text, "the typed text")


@pytest.mark.timeout(180)
def test_what_the_user_asks_for_comes_before_other_programs(strict, tmp_path: Path):
    data = configure(tmp_path / "weir", "http://127.0.0.1:9/v1")
    with Program(data) as weir:
        weir.widget("MainWindow")
        other = subprocess.Popen([sys.executable, "-c", _OTHER])
        try:
            wait_until(
                lambda: xdotool("search", "--onlyvisible", "--pid", str(other.pid)), "the other window"
            )
            type_elsewhere(other.pid, "one")
            call(data, "quick")
            wait_until(lambda: in_front().startswith("Quick question"), "the quick window in front")
            type_elsewhere(other.pid, "two")
            call(data, "quick")
            wait_until(lambda: in_front().startswith("Quick question"), "the quick window in front again")
            type_elsewhere(other.pid, "three")
            call(data)
            wait_until(lambda: in_front() == "Weir", "the main window in front")
        finally:
            other.kill()
            other.wait()
        weir.process.terminate()
        assert weir.wait() == 0
        assert weir.errors == ""
