"""Starting the program: twice, into trouble, and closed before it is there."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.program import ROOT, Program

# The program as it is, but held when its first frame is on the screen until a line comes in.
_HELD = """
import sys
from desktop.ui.shell import Shell
paints = Shell.show_at_once
def hold(shell):
    paints(shell)
    assert shell.is_painted
    print("painted", flush=True)
    sys.stdin.readline()
Shell.show_at_once = hold
"""
# Says when the window has been there for a while, and what stands in the composer when it is closed.
_TELLS = """
from desktop.ui.window import MainWindow
leaves = MainWindow.leave
def tell(window):
    print(window.page.composer.text(), flush=True)
    leaves(window)
MainWindow.leave = tell
from desktop.ui.warm_up import WarmUp
WarmUp._on_shown = lambda warm_up: print("ready", flush=True)
"""
_BROKEN = """
import desktop.app
def fail(*_, **__):
    raise RuntimeError("no \\n such part, key=sk-aaaaaaaaaaaaaaaaaaaa")
desktop.app.{part} = fail
"""
_MAIN = "import sys\nfrom desktop.__main__ import main\nsys.exit(main())\n"


class Start:
    """A start of the program with something planted in it."""

    def __init__(self, data: Path, planted: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", planted + _MAIN],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "WEIR_DATA_DIR": str(data)},
        )

    def wait_painted(self) -> None:
        assert self.hear() == "painted"

    def hear(self) -> str:
        """Return the next line of its standard output."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def go_on(self) -> tuple[int, str]:
        """Let it go on; return its exit status and what it wrote to standard error."""
        try:
            _, errors = self.process.communicate("\n", timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise
        return self.process.returncode, errors


def windows_of(process: int) -> list[str]:
    found = subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--pid", str(process)],
        check=False,
        capture_output=True,
        text=True,
    )
    return found.stdout.split()


def test_a_window_closed_before_it_is_filled_ends_the_program(tmp_path: Path):
    start = Start(tmp_path / "weir", _HELD)
    start.wait_painted()
    (window,) = windows_of(start.process.pid)
    subprocess.run(["wmctrl", "-i", "-c", window], check=True)
    assert start.go_on() == (0, "")


def test_what_is_typed_before_the_window_is_filled_is_not_lost(tmp_path: Path):
    data = tmp_path / "weir"
    data.mkdir()
    (data / "preferences.toml").write_text('model = "gone\\tmodel"\n', encoding="utf-8")
    start = Start(data, _HELD + _TELLS)
    start.wait_painted()
    windows = windows_of(start.process.pid)
    subprocess.run(["xdotool", "windowfocus", "--sync", *windows], check=True)
    subprocess.run(["xdotool", "type", "Early bird"], check=True)
    start.say("")
    assert start.hear() == "ready"
    subprocess.run(["wmctrl", "-i", "-c", *windows], check=True)
    assert start.hear() == "Early bird"
    assert start.go_on() == (0, "")


@pytest.mark.parametrize("part", ["build_core", "Watch"])
def test_a_failure_while_building_ends_with_one_line_and_a_log_entry(tmp_path: Path, part: str):
    data = tmp_path / "weir"
    start = Start(data, _BROKEN.format(part=part))
    status, errors = start.go_on()
    assert status == 1
    log = data / "log" / "weir.log"
    assert errors == f"Weir had to end: RuntimeError: no such part, key=•••. The log says more: {log}\n"
    text = log.read_text(encoding="utf-8")
    assert re.search(r"CRITICAL +desktop\.start: Weir had to end\nTraceback", text)
    assert "sk-aaaa" not in text


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path):
    (tmp_path / "weir").write_text("a file", encoding="utf-8")
    status, errors = Start(tmp_path / "weir", "").go_on()
    assert status == 1
    assert errors.count("\n") == 1
    assert errors.startswith(f"Weir can't write to its folder {tmp_path / 'weir'}")


def test_a_second_start_shows_the_first_ones_window(tmp_path: Path):
    data = tmp_path / "weir"
    with Program(data) as weir:
        weir.click("Settings")
        weir.until(lambda: weir.widget("SettingsWindow"), "the settings")
        assert Start(data, "").go_on() == (0, "")
        weir.until(lambda: (weir.ask("active") or [""])[0] == "Weir", "the window in front")
        weir.close_window()
        assert weir.wait() == 0
        assert weir.errors == ""


def test_what_a_killed_run_left_stops_no_start(tmp_path: Path):
    data = tmp_path / "weir"
    with Program(data) as weir:
        weir.widget("MainWindow")
        weir.kill()
    with Program(data) as again:
        again.widget("MainWindow")
        assert Start(data, "").go_on() == (0, "")
        again.close_window()
        assert again.wait() == 0


def test_a_signal_ends_the_program_in_order(tmp_path: Path):
    with Program(tmp_path / "weir") as weir:
        weir.widget("MainWindow")
        weir.settle()
        weir.process.send_signal(signal.SIGTERM)
        assert weir.wait() == 0
        assert weir.errors == ""


_FALLS = """
import threading, desktop.app
run = desktop.app.run
def fail(*given):
    import os
    error = ValueError("key=sk-aaaaaaaaaaaaaaaaaaaa")
    threading.excepthook(threading.ExceptHookArgs((ValueError, error, None, None)))
    os.abort()
desktop.app.run = fail
"""


def test_a_crash_is_offered_once_at_the_next_start_and_sent_nowhere(tmp_path: Path):
    data = tmp_path / "weir"
    status, _ = Start(data, _FALLS).go_on()
    assert status == -signal.SIGABRT
    with Program(data) as weir:
        notice = weir.widget("Notice")
        assert notice["visible"]
        assert weir.widget("Show the report")["enabled"]
        (report,) = (data / "log" / "crashes").glob("crash-*.txt")
        text = report.read_text(encoding="utf-8")
        assert "ValueError: key=•••" in text
        assert "Fatal Python error: Aborted" in text
        assert "in fail" in text
        weir.close_window()
        assert weir.wait() == 0
    with Program(data) as again:
        again.widget("MainWindow")
        again.settle()
        assert not [item for item in again.ask("widgets", name="Notice") if item["visible"]]
        again.close_window()
        assert again.wait() == 0
    assert list((data / "log" / "crashes").iterdir()) == [report]


def test_a_second_start_before_the_first_is_built_is_one_program_all_the_same(tmp_path: Path):
    data = tmp_path / "weir"
    first = Start(data, _HELD + _TELLS)
    first.wait_painted()
    # Both have shown a frame, and neither has heard of the other.
    second = Start(data, _HELD + _TELLS)
    second.wait_painted()
    first.say("")
    assert first.hear() == "ready"
    assert second.go_on() == (0, "")
    windows = windows_of(first.process.pid)
    subprocess.run(["wmctrl", "-i", "-c", *windows], check=True)
    assert first.go_on() == (0, "")
