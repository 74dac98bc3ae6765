"""The line between two starts of the program: where it is, and how one is called, without Qt.

Whoever is only to hand something over need not wait for the window's libraries.
"""

import os
import zlib
from pathlib import Path

_CONNECT_S = 0.5
_TAKEN_S = 3.0


def name(data: Path) -> str:
    """Return the name that goes with a data folder."""
    # Not a hash of hashlib's, which would load all of OpenSSL for it.
    place = os.fsencode(data.resolve())
    return f"weir-{zlib.crc32(place):08x}{zlib.adler32(place):08x}"


def address(data: Path) -> str:
    """Return where the program with this data folder listens: a socket's file, or a name on Windows."""
    if os.name != "posix":
        return name(data)
    # As Qt finds it, for both sides.
    return str(Path(os.environ.get("TMPDIR") or "/tmp", name(data)))  # noqa: S108


def is_ours(file: str) -> bool:
    """Whether a socket is this user's own: another one's may have taken the name to hear the texts."""
    try:
        return os.name == "posix" and Path(file).lstat().st_uid == os.getuid()
    except OSError:
        return False


def call(data: Path, line: bytes) -> bool:
    """Say a line to the program with this data folder; return whether there is one.

    It answers when it has read the line; that is waited for, but not for ever. Where local sockets are no
    files, on Windows, nobody is found in this way.
    """
    file = address(data)
    if not is_ours(file):
        return False
    # Not before: a program that is alone shows its window sooner.
    import socket

    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(_CONNECT_S)
        try:
            caller.connect(file)
        except OSError:
            return False
        caller.settimeout(_TAKEN_S)
        try:
            caller.sendall(line)
            caller.recv(16)
        except OSError:
            # There is somebody, who is busy or took it for garbage.
            pass
    return True
