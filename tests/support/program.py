"""Program: the real Weir in a process of its own, worked with real keys and clicks."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
ANSWER_SECONDS = 20.0
_AGAIN_SECONDS = 3.0


class Program:
    """A running Weir with its data in one folder.

    `errors` is what it wrote to standard error. Waiting methods raise AssertionError with what was
    seen instead.
    """

    def __init__(
        self,
        data: Path,
        *arguments: str,
        env: dict[str, str] | None = None,
        before: Sequence[str] = (),
    ) -> None:
        """`before` is a command that the program is started through."""
        self.data = data
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the program
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [*before, sys.executable, "-m", "tests.support.probe", "--data-dir", str(data), *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", **(env or {})},
        )
        self._lock = threading.Lock()

    def ask(self, what: str, **details: Any) -> Any:
        """Ask the probe a question and return its answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with self._lock:
            self.process.stdin.write(json.dumps({"ask": what, **details}).encode() + b"\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        assert line, f"Weir ended with {self.process.wait(5)}: {self.errors}"
        reply = json.loads(line)
        assert "problem" not in reply, reply
        return reply["answer"]

    def until(self, condition: Callable[[], Any], what: str, seconds: float = ANSWER_SECONDS) -> Any:
        """Ask again and again until a condition holds; return what it gave."""
        deadline = time.monotonic() + seconds
        while True:
            value = condition()
            if value:
                return value
            assert time.monotonic() < deadline, f"{what} did not happen; heard {self.heard()}; {self.errors}"
            time.sleep(0.03)

    def widget(self, name: str) -> dict[str, Any]:
        """Wait for a visible widget by object name, accessible name or class; return what is known of it."""
        return self.until(
            lambda: next((item for item in self.ask("widgets", name=name) if item["visible"]), None),
            f"a visible {name}",
        )

    def heard(self) -> list[tuple[str, str]]:
        """Return what a screen reader finds in the transcript: for each message its name and text."""
        if self.process.poll() is not None:
            return []
        return [(name, text) for name, text in self.ask("heard")]

    def last_text(self) -> str:
        """Return the text of the last message on screen."""
        heard = self.heard()
        return heard[-1][1] if heard else ""

    def settle(self) -> None:
        """Wait until the window manager has placed a window and given it the keyboard."""
        places: list[Any] = []

        def is_still() -> bool:
            places.append(self.ask("active"))
            return len(places) > 4 and places[-1] is not None and places[-4:].count(places[-1]) == 4

        self.until(is_still, "a window at its place")

    def click(self, name: str, button: int = 1) -> None:
        """Click into the middle of a widget with the real pointer."""
        self.settle()
        left, top, width, height = self.widget(name)["box"]
        self._x("mousemove", "--sync", str(left + width // 2), str(top + height // 2))
        self._x("click", str(button))

    def write(self, text: str) -> None:
        """Type text on the real keyboard, into whatever has the focus."""
        self._x("type", "--delay", "4", text)

    def write_into(self, name: str, text: str) -> None:
        """Click into a field, as often as the window manager needs until it has the focus, and type."""

        def has_focus() -> bool:
            if not self.widget(name)["focused"]:
                self.click(name)
            return bool(self.widget(name)["focused"])

        self.until(has_focus, f"the focus on {name}")
        before = self.widget(name)["text"]
        self.write(text)
        self.until(lambda: self.widget(name)["text"] == before + text, f"{text!r} in {name}")

    def key(self, *keys: str) -> None:
        """Press keys such as "Return" or "ctrl+k"."""
        self._x("key", *keys)

    def tab_to(self, name: str, *, most: int = 60) -> None:
        """Press Tab until the keyboard is at what has this name; tells the way if it never comes there."""
        way = []
        for _ in range(most):
            before = self.ask("focus")
            if before is not None and name in before[2]:
                return
            way.append(before[2] if before is not None else None)
            self.press_until("Tab", lambda: self.ask("focus") != before, f"the next stop after {before}")  # noqa: B023
        raise AssertionError(f"Tab never came to {name!r}: {way}")

    def press_until(self, keys: str, is_done: Callable[[], bool], what: str) -> None:
        """Press keys until it is done: again where a press came while another window had the keyboard."""
        pressed = 0.0

        def is_over() -> bool:
            nonlocal pressed
            if pressed and is_done():
                return True
            if time.monotonic() - pressed > _AGAIN_SECONDS:
                self.key(keys)
                pressed = time.monotonic()
            return False

        self.until(is_over, what)

    def close_window(self) -> None:
        """Ask the window to close, as its title bar's button does."""
        windows = self.until(self._windows, "a visible window")
        for window in windows:
            subprocess.run(["wmctrl", "-i", "-c", window], check=True, capture_output=True)

    def _windows(self) -> list[str]:
        """Return the visible windows; none while one of them, such as a tool tip, just goes."""
        command = ["xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
        return done.stdout.split() if done.returncode == 0 else []

    def screenshot(self, file: Path) -> None:
        """Save what is on the screen."""
        subprocess.run(["import", "-window", "root", str(file)], check=True)

    def kill(self) -> None:
        """End the program without any warning."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def wait(self, seconds: float = 15.0) -> int:
        """Wait for the program's end and return its exit status."""
        return self.process.wait(seconds)

    @property
    def errors(self) -> str:
        """What the program wrote to standard error so far."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        self._log.close()

    def _x(self, *command: str) -> str:
        done = subprocess.run(["xdotool", *command], check=False, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        return done.stdout
