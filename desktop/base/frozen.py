"""The bundle's own environment, put away before another program inherits it.

A bundle made by PyInstaller starts with a library path, and places for Qt's plugins, that point into
itself. The dynamic linker and Qt's own configuration have read what they need by the time Python runs;
a browser or another program started from here would load the bundle's libraries instead of its own.
"""

import os
import sys
from collections.abc import MutableMapping

_LIBRARY_PATHS = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LIBPATH")
_QT_PATHS = ("QT_PLUGIN_PATH", "QML2_IMPORT_PATH")
# What the bootloader tells itself; a program of the same kind started from here must not hear it.
_BOOTLOADER = "_PYI_"


def is_frozen() -> bool:
    """Whether this is the program out of a bundle."""
    return bool(getattr(sys, "frozen", False))


def own_command() -> str:
    """Return how a shell, or a key of the desktop, starts this very program."""
    import shlex
    import shutil

    flatpak, image = os.environ.get("FLATPAK_ID", ""), os.environ.get("APPIMAGE", "")
    if flatpak:
        return f"flatpak run {flatpak}"
    if not is_frozen():
        return "weir"
    found = shutil.which("weir")
    if found is not None and os.path.realpath(found) == os.path.realpath(sys.executable):
        return "weir"
    program = image or sys.executable
    return f'"{program}"' if os.name == "nt" else shlex.quote(program)


def give_back_environment(environment: MutableMapping[str, str] | None = None) -> None:
    """Put the user's own library path back into `environment`, else into the process's. Out of a bundle only.

    PyInstaller keeps the user's value under the name with `_ORIG`; without that there was none.
    """
    if not is_frozen():
        return
    found = os.environ if environment is None else environment
    inside = os.path.normpath(getattr(sys, "_MEIPASS", "") or os.path.dirname(sys.executable))  # noqa: PTH120
    for name in _LIBRARY_PATHS:
        original = found.pop(f"{name}_ORIG", None)
        if original is not None:
            _put(found, name, original)
        elif name in found:
            _put(found, name, _without(found[name], inside))
    for name in _QT_PATHS:
        if name in found:
            _put(found, name, _without(found[name], inside))
    for name in [name for name in found if name.startswith(_BOOTLOADER)]:
        del found[name]


def _put(environment: MutableMapping[str, str], name: str, value: str) -> None:
    if value:
        environment[name] = value
    else:
        environment.pop(name, None)


def _without(value: str, inside: str) -> str:
    """Return a list of folders without those within the bundle."""
    folders = [folder for folder in value.split(os.pathsep) if folder]
    return os.pathsep.join(
        folder
        for folder in folders
        if os.path.normpath(folder) != inside and not os.path.normpath(folder).startswith(inside + os.sep)
    )
