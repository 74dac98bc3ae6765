"""A real input method: IBus on a bus and a screen of a test's own, with an engine that needs no settings."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

_SECONDS = 30.0
_LIBEXEC = Path("/usr/libexec")
_NAMES = {"libpinyin": "org.freedesktop.IBus.Libpinyin", "hangul": "org.freedesktop.IBus.Hangul"}


def missing() -> str:
    """Return why there can be no IBus here, or nothing if there can be one."""
    programs = ["ibus-daemon", "ibus", "dbus-daemon", "setpriv"]
    absent = [program for program in programs if shutil.which(program) is None]
    absent += [f"ibus-{name}" for name in _NAMES if not (_LIBEXEC / f"ibus-engine-{name}").exists()]
    return f"not installed: {', '.join(absent)}" if absent else ""


@dataclass
class Ibus:
    """The daemon. `environment` is what a program needs to compose with it; DISPLAY says on which screen."""

    environment: dict[str, str]
    _processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    _address: str = ""

    def start(self) -> None:
        """Start the daemon and what keeps the engines' settings, in memory."""
        options = ["--single", "--panel=disable", "--config=disable", "--emoji-extension=disable"]
        self._run("ibus-daemon", *options, "--cache=none")
        self._until(self._read_address, "IBus")
        self._run(str(_LIBEXEC / "ibus-memconf"))
        self._until(lambda: self._owns("org.freedesktop.IBus.Config"), "the settings of IBus")

    def use(self, engine: str) -> None:
        """Compose with an engine from now on: "libpinyin" or "hangul"."""
        self._run(str(_LIBEXEC / f"ibus-engine-{engine}"), "--ibus")
        self._until(lambda: self._owns(_NAMES[engine]), engine)
        self._until(lambda: self._turns_to(engine), f"{engine} in use")

    def stop(self) -> None:
        """End everything that was started."""
        while self._processes:
            process = self._processes.pop()
            process.kill()
            process.wait(_SECONDS)

    def _run(self, *command: str) -> None:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self._all,
        )
        self._processes.append(process)

    @property
    def _all(self) -> dict[str, str]:
        found = {**os.environ, **self.environment}
        return {**found, "IBUS_ADDRESS": self._address} if self._address else found

    def _read_address(self) -> bool:
        folder = Path(self.environment["XDG_CONFIG_HOME"]) / "ibus" / "bus"
        for file in folder.glob("*") if folder.exists() else ():
            for line in file.read_text("utf-8").splitlines():
                if line.startswith("IBUS_ADDRESS="):
                    self._address = line.partition("=")[2]
        return bool(self._address)

    def _owns(self, name: str) -> bool:
        from jeepney import DBusAddress, new_method_call
        from jeepney.io.blocking import open_dbus_connection

        bus = DBusAddress(
            "/org/freedesktop/DBus", bus_name="org.freedesktop.DBus", interface="org.freedesktop.DBus"
        )
        try:
            with open_dbus_connection(bus=self._address.partition(",")[0]) as connection:
                call = new_method_call(bus, "NameHasOwner", "s", (name,))
                answer: Any = connection.send_and_get_reply(call, timeout=5).body
                return answer == (True,)
        except (OSError, TimeoutError):
            return False

    def _turns_to(self, engine: str) -> bool:
        # Its status says whether there is a keyboard layout of the engine's own, too; what is in use counts.
        self._ask("engine", engine)
        return self._ask("engine") == engine

    def _ask(self, *words: str) -> str:
        """Return what the command says."""
        done = subprocess.run(
            ["ibus", *words], capture_output=True, text=True, check=False, env=self._all, timeout=_SECONDS
        )
        return done.stdout.strip()

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + _SECONDS
        while not condition():
            ended = [process.args for process in self._processes if process.poll() is not None]
            assert time.monotonic() < deadline, f"{what} did not come; ended: {ended}"
            time.sleep(0.05)


@pytest.fixture
def ibus(bus: dict[str, str], tmp_path: Path) -> Iterator[Ibus]:
    """IBus on the tests' screen. Programs started with its `environment` compose with it."""
    from tests.support.display import VirtualScreen

    if missing():
        pytest.skip(f"a real input method is needed; {missing()}")
    folder = tmp_path / "screen"
    folder.mkdir()
    screen = VirtualScreen(folder)
    home = Path(bus["XDG_RUNTIME_DIR"])
    environment = {
        "DISPLAY": screen.start(),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "GSETTINGS_BACKEND": "memory",
        "NO_AT_BRIDGE": "1",
        "QT_IM_MODULE": "ibus",
    }
    made = Ibus(environment)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        screen.stop()
