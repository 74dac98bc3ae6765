"""The bundle as someone meets it who has no Python and cannot write where the program is."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUNDLE_VARIABLE = "WEIR_BUNDLE"
SECONDS = 30.0
# Spaces and letters of several scripts, in the home as in the place of the program.
AWKWARD = "Größe ünd 河 weir"
_PASSWORD = b"testpass"
_PERSON = "nobody"
_BUS = (
    "<!DOCTYPE busconfig PUBLIC '-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN' "
    "'http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd'>\n"
    "<busconfig><type>session</type><listen>unix:path={folder}/bus</listen>"
    "<policy context='default'><allow user='*'/><allow send_destination='*' eavesdrop='true'/>"
    "<allow eavesdrop='true'/><allow own='*'/></policy></busconfig>"
)


def built_bundle() -> Path:
    """Return a bundle of the present sources: the one that WEIR_BUNDLE names, else one built now."""
    named = os.environ.get(BUNDLE_VARIABLE)
    if named:
        return Path(named).resolve()
    # The tests' own home has neither the settings of the package index nor what was fetched before.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "QT_"))}
    environment["HOME"] = pwd.getpwuid(os.getuid()).pw_dir
    command = [sys.executable, str(ROOT / "packaging" / "build.py"), "--no-archive"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return ROOT / "dist" / "weir"


class Person:
    """Someone at this computer: another user where the tests may become one, else this one.

    `folder` is theirs and short enough for sockets; `home` lies in it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / AWKWARD
        self.home.mkdir()
        self.is_another = os.geteuid() == 0 and shutil.which("setpriv") is not None
        self._processes: list[subprocess.Popen[bytes]] = []
        self.environment = {
            "HOME": str(self.home),
            "PATH": str(folder / "bin"),
            "DISPLAY": os.environ["DISPLAY"],
            "XDG_RUNTIME_DIR": str(folder),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder}/bus",
            "LC_ALL": "C.UTF-8",
            "QT_NO_XDG_DESKTOP_PORTAL": "1",
            "QT_QPA_PLATFORM": "xcb",
            # Nothing is listening there: a request that would leave this computer ends at once.
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "LD_LIBRARY_PATH": "/the/users/own",
        }
        (folder / "bin").mkdir()
        self.own(folder)

    @property
    def data(self) -> Path:
        """Where their history is."""
        return self.home / ".local" / "share" / "weir"

    @property
    def config(self) -> Path:
        """Where their settings are."""
        return self.home / ".config" / "weir"

    def own(self, folder: Path) -> None:
        """Give them a folder and what is in it."""
        if self.is_another:
            user = pwd.getpwnam(_PERSON)
            for file in (folder, *folder.rglob("*")):
                os.chown(file, user.pw_uid, user.pw_gid, follow_symlinks=False)
        folder.chmod(0o700 if not self.is_another else 0o755)

    def command(self, *command: str) -> list[str]:
        """Return a command that they run."""
        if not self.is_another:
            return list(command)
        user = pwd.getpwnam(_PERSON)
        become = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]
        return [shutil.which("setpriv") or "setpriv", *become[1:], *command]

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command of theirs to its end."""
        return subprocess.run(
            self.command(*command),
            env={**self.environment, **more},
            cwd="/",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def open_keyring(self) -> None:
        """Start a message bus and an unlocked GNOME Keyring of theirs."""
        (self.folder / "bus.conf").write_text(_BUS.format(folder=self.folder), encoding="utf-8")
        bus, keyring = shutil.which("dbus-daemon"), shutil.which("gnome-keyring-daemon")
        if bus is None or keyring is None:
            pytest.skip(
                "a real Secret Service is needed; dbus-daemon or gnome-keyring-daemon is not installed"
            )
        self._start(bus, f"--config-file={self.folder}/bus.conf", "--nofork")
        wait_for((self.folder / "bus").exists, "the message bus")
        self._start(keyring, "--foreground", "--unlock", "--components=secrets", given=_PASSWORD)
        # Whoever asks for the default keyring before it is there starts the making of another one.
        login = self.home / ".local" / "share" / "keyrings" / "login.keyring"
        wait_for(login.exists, "the file of the keyring")
        wait_for(lambda: self.keys() is not None, "the keyring")

    def keys(self) -> dict[str, str] | None:
        """Return Weir's entries in their keyring by name, None while it is not there."""
        import jeepney.io.blocking
        import secretstorage

        try:
            connection = jeepney.io.blocking.open_dbus_connection(
                self.environment["DBUS_SESSION_BUS_ADDRESS"]
            )
            with closing(connection):
                collection = secretstorage.get_default_collection(connection)
                if collection.is_locked():
                    return None
                found = collection.search_items({"service": "weir"})
                return {item.get_attributes()["username"]: item.get_secret().decode() for item in found}
        except (secretstorage.SecretStorageException, OSError):
            return None

    def leave(self) -> None:
        """End their bus and keyring."""
        for process in reversed(self._processes):
            process.kill()
            process.wait(SECONDS)

    def _start(self, *command: str, given: bytes = b"") -> None:
        process = subprocess.Popen(
            self.command(*command),
            env={**self.environment, "PATH": os.environ["PATH"]},
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._processes.append(process)
        assert process.stdin is not None
        process.stdin.write(given)
        process.stdin.close()


@contextlib.contextmanager
def person() -> Iterator[Person]:
    """Someone with an empty home, for one test."""
    folder = Path(tempfile.mkdtemp(prefix="weir-p-"))
    someone = Person(folder)
    try:
        yield someone
    finally:
        someone.leave()
        shutil.rmtree(folder, ignore_errors=True)


class Running:
    """The bundle's window, worked with the X server's own pointer and keys. Nobody looks inside."""

    def __init__(self, someone: Person, program: Path, *, before: Sequence[str] = (), **more: str) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the program
        self.process = subprocess.Popen(
            [*before, *someone.command(str(program))],
            env={**someone.environment, **more},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
        )
        self.window = wait_for(self._window, "the window of the bundle")

    @property
    def errors(self) -> str:
        """What it wrote to standard error."""
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace")

    @property
    def place(self) -> tuple[int, int]:
        """The window's corner on the screen."""
        return window_place(self.window)

    def click(self, dx: int, dy: int) -> None:
        """Click at a place within the window."""
        x, y = self.place
        xdo("mousemove", "--sync", str(x + dx), str(y + dy))
        xdo("click", "1")

    def write(self, text: str) -> None:
        """Type text into whatever has the focus."""
        xdo("windowfocus", "--sync", self.window)
        xdo("type", "--delay", "8", text)

    def key(self, *keys: str) -> None:
        """Press keys."""
        xdo("key", *keys)

    def end(self) -> int:
        """End it as a logout does; return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and shutil.which("import") is not None:
            # Nobody looks inside, so that this is all there is to see of a failure.
            shown = Path(tempfile.gettempdir()) / "weir-bundle-failure.png"
            subprocess.run(["import", "-window", "root", str(shown)], check=False, capture_output=True)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(SECONDS)
        self._errors.close()

    def _window(self) -> str:
        assert self.process.poll() is None, f"the bundle ended with {self.process.returncode}: {self.errors}"
        return shown_window(self.process.pid)


def shown_window(process: int) -> str:
    """Return the X window that a process shows, empty while there is none."""
    found = subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--pid", str(process)],
        check=False,
        capture_output=True,
        text=True,
    )
    return found.stdout.split()[0] if found.stdout.split() else ""


def window_place(window: str) -> tuple[int, int]:
    """Return the corner of an X window on the screen."""
    told = dict(line.split("=") for line in xdo("getwindowgeometry", "--shell", window).split())
    return int(told["X"]), int(told["Y"])


def xdo(*command: str) -> str:
    """Work the pointer and the keys."""
    done = subprocess.run(["xdotool", *command], check=False, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout


def wait_for(condition: Callable[[], Any], what: str, seconds: float = SECONDS) -> Any:
    """Ask until a condition holds; return what it gave."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"{what} did not come within {seconds:g} seconds"
        time.sleep(0.05)
    return value
