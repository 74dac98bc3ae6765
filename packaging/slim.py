"""What of Qt and of the system does not go into a bundle. Read by the specs that PyInstaller runs."""

import re
import zlib
from pathlib import Path

# Plugins that Qt would load for screens and looks that no desktop has, and all that only they need.
UNWANTED = (
    "egldeviceintegrations",
    "generic/libqevdev",
    "generic/libqtuio",
    "libqeglfs",
    "libqgtk3",
    "libqlinuxfb",
    "libqminimal",
    "libqvkkhrdisplay",
    "libqvnc",
    "platforminputcontexts/libqtvirtualkeyboard",
    "qmltooling",
    "sqldrivers",
    "libQt6EglF",
    "libQt6Qml",
    "libQt6Quick",
    "libQt6VirtualKeyboard",
)

SPOKEN = ("ar", "de", "es", "fr", "ja", "zh_CN")
"""The languages of the window beside English: Qt's own words in them go along."""

Entry = tuple[str, str, str]

_PIECE = 1 << 16


def is_wanted(entry: Entry, languages: tuple[str, ...] = ()) -> bool:
    """Tell whether a file of the analysis goes into a bundle that speaks these `languages`."""
    name = entry[0].replace("\\", "/")
    if "PySide6/" in name and "/translations/" in name:
        return name.rpartition("/")[2] in {f"qtbase_{language}.qm" for language in languages}
    return not any(part in name for part in UNWANTED)


def without_orphans(entries: list[Entry]) -> list[Entry]:
    """Leave out the system's libraries that only left-out plugins need, such as all of GTK."""
    from PyInstaller.depend.bindepend import get_imports

    by_name = {Path(entry[0]).name: entry for entry in entries}
    system = {
        name
        for name, entry in by_name.items()
        if entry[0] == name and name.startswith("lib") and "python" not in name
    }
    reached: set[str] = set()
    waiting = [entry for name, entry in by_name.items() if name not in system]
    while waiting:
        for library, _ in get_imports(waiting.pop()[1]):
            name = Path(library).name
            if name in system and name not in reached:
                reached.add(name)
                waiting.append(by_name[name])
    return [entry for entry in entries if Path(entry[0]).name not in system - reached]


def without_web_pages(library: bytes) -> bytes:
    """Return the engine's library with the web pages blanked that its server has within.

    They are 3 MB of gzip streams, which nobody is ever served: Weir starts the server without them. The
    length stays the same, and with it every place in the library.
    """
    blanked = bytearray(library)
    for found in re.finditer(rb"\x1f\x8b\x08[\x00-\x1f]", library):
        end = _end_of_gzip(library, found.start())
        blanked[found.start() : end] = bytes(end - found.start())
    return bytes(blanked)


def _end_of_gzip(data: bytes, start: int) -> int:
    """Return where the gzip stream at `start` ends; `start` itself where there is none."""
    stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    place = start
    try:
        while not stream.eof and place < len(data):
            stream.decompress(data[place : place + _PIECE])
            place += _PIECE
    except zlib.error:
        return start
    return min(place, len(data)) - len(stream.unused_data) if stream.eof else start
