"""A screen of the tests' own: Xvfb with a window manager, gone when the tests are.

A real X server and window manager are used, not Qt's offscreen platform: focus, activation, pop-ups and
the clipboard behave there as they do for the user.
"""

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import pytest

START_SECONDS = 30.0
"""How long the X server and the window manager may take; a machine may be busy."""

SIZE = "1600x1000x24"

# Keys and mouse buttons belong to the tests: openbox's defaults would take Alt+Left or Alt+F4 away.
_OPENBOX = """<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew><followMouse>no</followMouse></focus>
  <placement><policy>Smart</policy><center>yes</center></placement>
  <desktops><number>1</number></desktops>
  <keyboard></keyboard>
  <mouse>
    <context name="Client">
      <mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
    </context>
  </mouse>
</openbox_config>
"""


class NoScreenError(Exception):
    """A screen cannot be had; its text says what to install."""


class VirtualScreen:
    """An Xvfb on a free display number with openbox on it.

    Both programs die with this process, however it ends: the kernel tells them.
    """

    def __init__(self, folder: Path) -> None:
        """`folder` exists and is empty; logs and the window manager's settings are written there."""
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self.name = ""

    def start(self) -> str:
        """Start both and return the display's name, such as ":7". Raises NoScreenError."""
        missing = [program for program in ("Xvfb", "openbox") if shutil.which(program) is None]
        if missing:
            raise NoScreenError(
                f"The tests need a virtual screen; not installed: {', '.join(missing)}. "
                "`python3 packaging/run.py tests` installs it on Debian; elsewhere install Xvfb and openbox."
            )
        try:
            self.name = self._start_server()
            self._start_window_manager()
        except NoScreenError:
            self.stop()
            raise
        return self.name

    def stop(self) -> None:
        """End both, the window manager first."""
        while self._processes:
            process = self._processes.pop()
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start_server(self) -> str:
        read_end, write_end = os.pipe()
        try:
            options = ["-screen", "0", SIZE, "-dpi", "96", "-nolisten", "tcp", "-noreset"]
            server = self._spawn(["Xvfb", "-displayfd", str(write_end), *options], pass_fds=(write_end,))
        finally:
            os.close(write_end)
        with open(read_end, "rb", buffering=0) as pipe:  # noqa: PTH123 (a descriptor, not a path)
            number = _read_line(pipe, time.monotonic() + START_SECONDS)
        if not number:
            raise NoScreenError(f"Xvfb did not start (status {server.poll()}): {self._log('Xvfb')}")
        return f":{number}"

    def _start_window_manager(self) -> None:
        settings = self._folder / "openbox.xml"
        settings.write_text(_OPENBOX, encoding="utf-8")
        ready = self._folder / "ready"
        command = ["openbox", "--sm-disable", "--config-file", str(settings), "--startup", f"touch {ready}"]
        manager = self._spawn(command, env={**os.environ, "DISPLAY": self.name})
        deadline = time.monotonic() + START_SECONDS
        while not ready.exists():
            if manager.poll() is not None or time.monotonic() > deadline:
                raise NoScreenError(f"openbox did not start: {self._log('openbox')}")
            time.sleep(0.01)

    def _spawn(
        self, command: Sequence[str], *, pass_fds: tuple[int, ...] = (), env: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        tied = ["setpriv", "--pdeathsig", "TERM", "--"] if shutil.which("setpriv") else []
        with (self._folder / f"{command[0]}.log").open("wb") as log:
            process = subprocess.Popen(
                [*tied, *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=pass_fds,
                env=env,
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def _log(self, program: str) -> str:
        return (self._folder / f"{program}.log").read_text(encoding="utf-8", errors="replace")[-2000:].strip()


def _read_line(pipe: IO[bytes], deadline: float) -> str:
    """Return the first line, or nothing when the other end closes or the time is up."""
    text = b""
    while not text.endswith(b"\n"):
        if not select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
            return ""
        piece = pipe.read(16)
        if not piece:
            return ""
        text += piece
    return text.decode().strip()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--real-screen",
        action="store_true",
        help="show the tests' windows on this desktop instead of a virtual screen of their own",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Give the whole run its screen before anything imports Qt."""
    if not sys.platform.startswith("linux") or config.getoption("--real-screen"):
        return
    folder = tempfile.TemporaryDirectory(prefix="weir-screen-")
    config.add_cleanup(folder.cleanup)
    screen = VirtualScreen(Path(folder.name))
    try:
        os.environ["DISPLAY"] = screen.start()
    except NoScreenError as error:
        pytest.exit(str(error), returncode=1)
    config.add_cleanup(screen.stop)
    os.environ["QT_QPA_PLATFORM"] = "xcb"
    for name in ("WAYLAND_DISPLAY", "XAUTHORITY"):
        os.environ.pop(name, None)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Let a polite end of pytest clean up as Ctrl-C does."""

    def stop(_signum: int, _frame: object) -> None:
        # A SystemExit would count as one failed test. Where even this exception is swallowed, as in a
        # slot or a weak reference's callback, the run ends after the present test.
        session.shouldstop = "told to end by SIGTERM"
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stop)


@pytest.fixture
def virtual_screen(tmp_path: Path) -> Iterator[VirtualScreen]:
    """A second screen, not started, for tests of programs that bring their own."""
    screen = VirtualScreen(tmp_path)
    yield screen
    screen.stop()
