"""The tests' own screen: on a free number, and gone with whoever started it."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.support.display import NoScreenError, VirtualScreen

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere the real screen is used"
)

STARTED = """
import sys, time
from pathlib import Path
from tests.support.display import VirtualScreen
screen = VirtualScreen(Path(sys.argv[1]))
screen.start()
print(*(process.pid for process in screen._processes), flush=True)
time.sleep(60)
"""


def _is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_two_screens_have_two_numbers(virtual_screen: VirtualScreen, tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    second = VirtualScreen(tmp_path / "second")
    try:
        assert virtual_screen.start() != second.start()
    finally:
        second.stop()


def test_stopping_leaves_no_process(virtual_screen: VirtualScreen) -> None:
    virtual_screen.start()
    pids = [process.pid for process in virtual_screen._processes]
    virtual_screen.stop()
    assert len(pids) == 2
    assert not any(_is_running(pid) for pid in pids)


def test_a_killed_run_leaves_no_screen(tmp_path: Path) -> None:
    run = subprocess.Popen([sys.executable, "-c", STARTED, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    pids = [int(word) for word in run.stdout.readline().split()]
    assert len(pids) == 2
    run.send_signal(signal.SIGKILL)
    run.wait()
    run.stdout.close()
    deadline = time.monotonic() + 20
    while any(_is_running(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [pid for pid in pids if _is_running(pid)] == []


def test_a_missing_program_is_named(
    virtual_screen: VirtualScreen, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoScreenError, match="not installed: Xvfb, openbox"):
        virtual_screen.start()
