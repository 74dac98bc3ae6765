"""`weir diagnostics`: what a report of a problem needs to say about this computer, and nothing secret.

No conversation, no key and no name of an endpoint is read; nobody is asked over the network.
"""

import json
import os
import platform
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies

from desktop import __version__
from desktop.base.crash import reports
from desktop.base.frozen import is_frozen
from desktop.base.log import redact
from desktop.base.paths import DATA_DIR_VARIABLE, Paths
from desktop.store.library import describe_library

KEYRING_SECONDS = 5.0
_PACKAGES = ("PySide6-Essentials", "qasync", "httpx", "keyring", "truststore", "xllamacpp")
# What decides how a window comes to be; none of these holds a secret.
_VARIABLES = (
    "QT_QPA_PLATFORM", "QT_IM_MODULE", "QT_SCALE_FACTOR", "XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP",
    "WAYLAND_DISPLAY", "DISPLAY", "LANG", "LC_ALL", DATA_DIR_VARIABLE,
)  # fmt: skip
_NONE = "none"

Facts = dict[str, dict[str, str]]


def run(paths: Paths, *, as_json: bool) -> int:
    """Write what is known to standard output; return the exit status."""
    facts = collect(paths, os.environ)
    if as_json:
        print(json.dumps(facts, ensure_ascii=False, indent=2))
        return 0
    for title, section in facts.items():
        print(title)
        width = max(map(len, section), default=0)
        for name, value in section.items():
            print(f"  {name:{width}}  {value}")
    return 0


def collect(paths: Paths, environment: Mapping[str, str]) -> Facts:
    """Return the facts by section; every value has been through the log's filter for keys."""
    facts: Facts = {
        "Versions": _versions(),
        "Folders": _folders(paths),
        "Keyring": {"keys are kept in": _keyring()},
        "Window": _window(environment),
        "Network": _proxies(),
    }
    return {
        title: {name: redact(value) for name, value in section.items()} for title, section in facts.items()
    }


def _versions() -> dict[str, str]:
    found = {
        "Weir": f"{__version__} ({'bundle' if is_frozen() else 'Python package'})",
        "Python": platform.python_version(),
        "system": platform.platform(),
        "Qt": _qt_version(),
        "SQLite": describe_library(),
    }
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _qt_version() -> str:
    try:
        from PySide6.QtCore import qVersion
    except ImportError as error:
        return f"not loadable: {error}"
    return qVersion()


def _folders(paths: Paths) -> dict[str, str]:
    return {
        "settings": _state(paths.config),
        "data": _state(paths.data),
        "cache": _state(paths.cache),
        "log": _state(paths.log),
        "history": _size(paths.history),
        "crash reports": str(len(reports(paths.crashes))),
    }


def _state(folder: Path) -> str:
    if not folder.exists():
        return f"{folder} (not there yet)"
    return f"{folder}{'' if os.access(folder, os.W_OK) else ' (cannot be written)'}"


def _size(file: Path) -> str:
    try:
        return f"{file.stat().st_size / 1e6:.1f} MB"
    except OSError:
        return "not there yet"


def _keyring() -> str:
    """Ask for the name of the keyring alone: no key is read, so that nothing has to be unlocked."""
    import asyncio

    from desktop.vault import KeyringVault

    async def ask() -> str | None:
        vault = KeyringVault(seconds=KEYRING_SECONDS)
        try:
            return await vault.describe()
        finally:
            vault.close()

    return asyncio.run(ask()) or "no keyring that can be used; keys are kept for a run only"


def _window(environment: Mapping[str, str]) -> dict[str, str]:
    from desktop.base.system import obstacle_to_window

    obstacle = obstacle_to_window()
    found = {"Qt platform": os.environ.get("QT_QPA_PLATFORM") or _usual_platform()}
    if obstacle is not None:
        found = {"Qt platform": _NONE, "obstacle": obstacle}
    return found | {name: environment[name] for name in _VARIABLES if environment.get(name)}


def _usual_platform() -> str:
    return {"win32": "windows", "darwin": "cocoa"}.get(sys.platform, "xcb")


def _proxies() -> dict[str, str]:
    """Return the system's proxies without name and password."""
    found = {
        f"{name} proxy": _bare(address) for name, address in sorted(getproxies().items()) if name != "no"
    }
    exceptions = getproxies().get("no")
    if exceptions:
        found["no proxy for"] = exceptions
    return found or {"proxies": _NONE}


def _bare(address: str) -> str:
    """Return scheme, host and port; what cannot be read is not shown."""
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "unreadable"
    if not host:
        return "unreadable"
    place = f"{host}:{port}" if port else host
    return f"{parts.scheme}://{place}" if parts.scheme else place
