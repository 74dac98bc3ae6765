"""Whether there is a session bus, told without the libraries that speak with one."""

import os
from pathlib import Path


def has_session_bus() -> bool:
    """Whether a session bus is named, and its socket is there where it is a file.

    Addresses: https://dbus.freedesktop.org/doc/dbus-specification.html#addresses; without one, libdbus looks
    for the socket that systemd makes.
    """
    address = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    if not address:
        runtime = os.environ.get("XDG_RUNTIME_DIR", "")
        return bool(runtime) and Path(runtime, "bus").exists()
    start, found, path = address.partition("unix:path=")
    if not found or start or ";" in path or "%" in path:
        # Several addresses, or one that is written in another way: whoever connects will see.
        return True
    return Path(path.partition(",")[0]).exists()
