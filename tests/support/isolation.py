"""Nothing of the user's is read or written by a test, and nothing beyond this computer is reached."""

import ipaddress
import itertools
import os
import re
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

_FOLDERS = {
    "HOME": "",
    "USERPROFILE": "",
    "APPDATA": "AppData/Roaming",
    "LOCALAPPDATA": "AppData/Local",
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_STATE_HOME": ".local/state",
    "XDG_CACHE_HOME": ".cache",
}

# What a developer's shell may carry and a test must not feel: keys, proxies, looks, input methods.
_UNWANTED = re.compile(
    r"""(?x)
    .*(API_?KEY|API_?TOKEN|ACCESS_?TOKEN) | (?i:(http|https|all|no)_proxy) | WEIR_(?!(STREAMS|BUNDLE)$).*
    | SSL_CERT_(FILE|DIR) | QT_(?!QPA_PLATFORM$|LOGGING_RULES$).* | OLLAMA_HOST | XMODIFIERS
    | PYTHON_KEYRING_.* | LANGUAGE | LC_.* | DESKTOP_SESSION | DBUS_STARTER_.*
    | XDG_(CURRENT_DESKTOP|SESSION_.*)
    """
)

_beyond: list[str] = []
_is_guarding = False


class BeyondLoopbackError(ConnectionRefusedError):
    """A test tried to leave this computer."""


def _is_near(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if not isinstance(host, str):
        return host is None
    if host in {"", "localhost"} or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _refuse(what: str) -> BeyondLoopbackError:
    _beyond.append(f"{what}, from:\n" + "".join(traceback.format_stack(limit=12)[:-3]))
    return BeyondLoopbackError(f"The tests reach no other computer: {what}")


def _watch(event: str, args: tuple[object, ...]) -> None:
    """Audit hook: sees every socket of this process, whichever library opened it."""
    if not _is_guarding or not event.startswith("socket."):
        return
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = args[1]
        if isinstance(address, tuple) and not _is_near(address[0]):
            raise _refuse(f"{event} to {address[0]}")
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"} and not _is_near(args[0]):
        host = args[0].decode() if isinstance(args[0], bytes) else str(args[0])
        if host.endswith(".invalid"):
            # The name reserved for "no such host" (RFC 6761) may be tried; no resolver is asked.
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        try:
            ipaddress.ip_address(host)
        except ValueError:
            raise _refuse(f"{event} of {host}") from None


def pytest_configure(config: pytest.Config) -> None:
    """Replace the environment for the whole run, before anything reads it."""
    global _is_guarding
    session = tempfile.TemporaryDirectory(prefix="weir-tests-", ignore_cleanup_errors=True)
    config.add_cleanup(session.cleanup)
    config.stash[_ROOT] = Path(session.name)
    for name in list(os.environ):
        if _UNWANTED.fullmatch(name):
            del os.environ[name]
    _settle(Path(session.name) / "run", os.environ.__setitem__)
    runtime = Path(session.name) / "runtime"
    runtime.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    # An address that answers at once with no: neither the user's session nor one that libdbus would start.
    os.environ["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={runtime}/no-bus"
    os.environ["LC_ALL"] = "C.UTF-8"
    os.environ["TZ"] = "UTC"
    # Without a portal on the bus Qt would warn; tests look at windows, not at the desktop's settings.
    os.environ["QT_NO_XDG_DESKTOP_PORTAL"] = "1"
    sys.addaudithook(_watch)
    _is_guarding = True
    config.add_cleanup(_stop_guarding)


def _stop_guarding() -> None:
    global _is_guarding
    _is_guarding = False


_ROOT = pytest.StashKey[Path]()
_numbers = itertools.count(1)


def _settle(home: Path, put: Callable[[str, str], None]) -> None:
    home.mkdir(mode=0o700)
    for name, inside in _FOLDERS.items():
        put(name, str(home / inside) if inside else str(home))


@pytest.fixture(autouse=True)
def home(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder for this test alone; the platform's folders all point into it."""
    folder = pytestconfig.stash[_ROOT] / f"home{next(_numbers)}"
    _settle(folder, monkeypatch.setenv)
    return folder


@pytest.fixture(autouse=True)
def _loopback_only() -> Iterator[None]:
    """Fail a test that tried to reach another computer, even if the code took the refusal well."""
    _beyond.clear()
    yield
    if _beyond:
        tries = "\n".join(_beyond)
        _beyond.clear()
        pytest.fail(f"This test tried to leave this computer:\n{tries}", pytrace=False)
