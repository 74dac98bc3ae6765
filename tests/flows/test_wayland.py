"""The program on a Wayland compositor, without X: it starts, streams a reply, and ends as it should."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.place import configure, messages
from tests.support.program import ROOT
from tests.support.server import LoopbackServer, openai_stream

SOCKET = "weir-wayland"
START_SECONDS = 30.0
# The headless compositor has no keyboard: the prompt is put in by hand, everything else is the program.
_PLANTED = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from desktop.ui.warm_up import WarmUp

def ask(window):
    def on_over(live, turn):
        print(QGuiApplication.platformName(), live.transcript[-1].text, flush=True)
        window.close_window()
    window.desk.turn_over.connect(on_over)
    window.page.composer.edit.insertPlainText("What is a weir?")

    def send():
        # It is taken once the endpoints are read.
        if window.desk.current.is_empty:
            window.page.composer.request_send()
            QTimer.singleShot(100, window, send)

    send()

WarmUp._on_shown = lambda warm_up: ask(warm_up._window)
from desktop.__main__ import main
sys.exit(main())
"""


@pytest.fixture
def compositor() -> Iterator[dict[str, str]]:
    """Start weston without a screen; yield the variables by which programs find it."""
    assert shutil.which("weston"), "weston is not installed"
    folder = Path(tempfile.mkdtemp(prefix="weir-wl-"))
    folder.chmod(0o700)
    found = {"XDG_RUNTIME_DIR": str(folder), "WAYLAND_DISPLAY": SOCKET, "QT_QPA_PLATFORM": "wayland"}
    log = (folder / "weston.log").open("wb")
    process = subprocess.Popen(
        ["weston", "--backend=headless-backend.so", f"--socket={SOCKET}", "--idle-time=0", "--no-config"],
        env={**os.environ, **found},
        stdout=log,
        stderr=log,
    )
    deadline = time.monotonic() + START_SECONDS
    while not (folder / SOCKET).exists():
        assert process.poll() is None, (folder / "weston.log").read_text(encoding="utf-8")
        assert time.monotonic() < deadline, "weston did not start"
        time.sleep(0.05)
    yield found
    process.terminate()
    process.wait(20)
    log.close()
    shutil.rmtree(folder)


def test_a_reply_streams_on_wayland_and_the_program_ends(tmp_path: Path, compositor: dict[str, str]):
    with LoopbackServer(default=openai_stream(["A weir ", "is a low dam."])) as server:
        data = configure(tmp_path / "weir", server.base_url)
        env = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "XAUTHORITY")}
        done = subprocess.run(
            [sys.executable, "-c", _PLANTED],
            cwd=ROOT,
            env={**env, **compositor, "WEIR_DATA_DIR": str(data), "WAYLAND_DEBUG": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
    assert (done.returncode, done.stdout) == (0, "wayland A weir is a low dam.\n"), done.stderr[-2000:]
    assert messages(data)[-1].text == "A weir is a low dam."
    # What it told the compositor aside, there is nothing to complain of.
    said = [line for line in done.stderr.splitlines() if not re.match(r"\[ *\d+\.\d+\]", line)]
    assert said == []
    # One window, by the name of the desktop file: nothing else flashes up at the start.
    assert re.findall(r'set_app_id\("(.*)"\)', done.stderr) == ["chat.weir.Weir"]
