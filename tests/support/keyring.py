"""A real Secret Service for a test: a message bus and a GNOME Keyring of its own, never the user's."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

_NEEDED = ("dbus-daemon", "gnome-keyring-daemon")
_SECONDS = 10.0
_PASSWORD = b"testpass"


@dataclass
class SecretService:
    """The running service. `environment` is what another process needs to reach it."""

    environment: dict[str, str]
    daemon: "subprocess.Popen[bytes]"

    def lock(self) -> None:
        """Lock the keyring; without a screen nothing can ask for its password."""
        import secretstorage

        with closing(secretstorage.dbus_init()) as bus:
            collection = secretstorage.get_default_collection(bus)
            collection.lock()
            assert collection.is_locked()

    def freeze(self) -> None:
        """Let the service take calls and never answer, as one that waits for the user does."""
        self.daemon.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let the service go on."""
        self.daemon.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End the service; the bus stays."""
        self.thaw()
        self.daemon.kill()
        self.daemon.wait(_SECONDS)

    def entries(self) -> dict[str, str]:
        """Return what is stored for Weir: names and values."""
        import secretstorage

        with closing(secretstorage.dbus_init()) as bus:
            found = secretstorage.get_default_collection(bus).search_items({"service": "weir"})
            return {item.get_attributes()["username"]: item.get_secret().decode() for item in found}


def missing() -> str:
    """Return why there can be no Secret Service here, or nothing if there can be one."""
    absent = [program for program in _NEEDED if shutil.which(program) is None]
    return f"not installed: {', '.join(absent)}" if absent else ""


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """A message bus for this test alone, with nobody on it. Yields what a process needs to reach it."""
    if missing():
        pytest.skip(f"a real Secret Service is needed; {missing()}")
    # Socket names may have about 100 characters, which pytest's folders use up.
    folder = Path(tempfile.mkdtemp(prefix="weir-bus-"))
    config = folder / "bus.conf"
    # The system's own configuration would start services of the desktop on demand.
    config.write_text(
        "<!DOCTYPE busconfig PUBLIC '-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN' "
        "'http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd'>\n"
        f"<busconfig><type>session</type><listen>unix:path={folder}/bus</listen>"
        "<policy context='default'><allow send_destination='*' eavesdrop='true'/>"
        "<allow eavesdrop='true'/><allow own='*'/></policy></busconfig>",
        encoding="utf-8",
    )
    changes = {
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder}/bus",
        "XDG_RUNTIME_DIR": str(folder),
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder / "share"),
    }
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    daemon = subprocess.Popen(
        ["dbus-daemon", f"--config-file={config}", "--nofork"],
        stderr=subprocess.DEVNULL,
        env=dict(os.environ),
    )
    try:
        _wait_for(lambda: _listens(folder / "bus"), "the message bus")
        yield dict(os.environ)
    finally:
        daemon.kill()
        daemon.wait(_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def secret_service(bus: dict[str, str]) -> Iterator[SecretService]:
    """A GNOME Keyring that is unlocked and empty."""
    daemon = subprocess.Popen(
        ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=bus,
    )
    assert daemon.stdin is not None
    daemon.stdin.write(_PASSWORD)
    daemon.stdin.close()
    service = SecretService(bus, daemon)
    try:
        _wait_for(_is_unlocked, "the keyring")
        yield service
    finally:
        service.stop()


def _listens(file: Path) -> bool:
    """Whether somebody takes calls at a socket: its file is there a moment before."""
    with socket.socket(socket.AF_UNIX) as caller:
        try:
            caller.connect(str(file))
        except OSError:
            return False
    return True


def _is_unlocked() -> bool:
    import secretstorage

    try:
        with closing(secretstorage.dbus_init()) as connection:
            return not secretstorage.get_default_collection(connection).is_locked()
    except secretstorage.SecretStorageException:
        return False


def _wait_for(condition: "object", what: str) -> None:
    end = time.monotonic() + _SECONDS
    while not condition():  # type: ignore[operator]
        if time.monotonic() > end:
            pytest.fail(f"{what} did not start within {_SECONDS:g} seconds")
        time.sleep(0.02)
