"""Whether this computer can show a window, asked before Qt is loaded, because Qt would abort the program.

Only Linux is asked: elsewhere Qt brings or finds everything. Nothing here imports Qt.
"""

import ctypes
import importlib.util
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

NO_SCREEN = (
    "There is no screen here for Weir's window. Weir also answers in the terminal: "
    'weir ask "…" (from a checkout: python3 packaging/run.py ask "…").'
)


@dataclass(frozen=True, slots=True)
class Library:
    """A shared library that the Qt wheels leave to the system, and the packages that bring it.

    `debian` lists the names over the releases, newest first.
    """

    soname: str
    debian: tuple[str, ...]
    fedora: str


# As read by `objdump -p` from the Qt 6.11 wheels for Linux.
CORE = (
    Library("libEGL.so.1", ("libegl1",), "libglvnd-egl"),
    Library("libGL.so.1", ("libgl1",), "libglvnd-glx"),
    Library("libX11.so.6", ("libx11-6",), "libX11"),
    Library("libbrotlidec.so.1", ("libbrotli1",), "libbrotli"),
    Library("libdbus-1.so.3", ("libdbus-1-3",), "dbus-libs"),
    Library("libfontconfig.so.1", ("libfontconfig1",), "fontconfig"),
    Library("libfreetype.so.6", ("libfreetype6",), "freetype"),
    Library("libglib-2.0.so.0", ("libglib2.0-0t64", "libglib2.0-0"), "glib2"),
    Library("libgssapi_krb5.so.2", ("libgssapi-krb5-2",), "krb5-libs"),
    Library("libxkbcommon.so.0", ("libxkbcommon0",), "libxkbcommon"),
    Library("libz.so.1", ("zlib1g",), "zlib-ng-compat"),
    Library("libzstd.so.1", ("libzstd1",), "libzstd"),
)
XCB = (
    Library("libX11-xcb.so.1", ("libx11-xcb1",), "libX11-xcb"),
    Library("libxcb-cursor.so.0", ("libxcb-cursor0",), "xcb-util-cursor"),
    Library("libxcb-glx.so.0", ("libxcb-glx0",), "libxcb"),
    Library("libxcb-icccm.so.4", ("libxcb-icccm4",), "xcb-util-wm"),
    Library("libxcb-image.so.0", ("libxcb-image0",), "xcb-util-image"),
    Library("libxcb-keysyms.so.1", ("libxcb-keysyms1",), "xcb-util-keysyms"),
    Library("libxcb-randr.so.0", ("libxcb-randr0",), "libxcb"),
    Library("libxcb-render-util.so.0", ("libxcb-render-util0",), "xcb-util-renderutil"),
    Library("libxcb-render.so.0", ("libxcb-render0",), "libxcb"),
    Library("libxcb-shape.so.0", ("libxcb-shape0",), "libxcb"),
    Library("libxcb-shm.so.0", ("libxcb-shm0",), "libxcb"),
    Library("libxcb-sync.so.1", ("libxcb-sync1",), "libxcb"),
    Library("libxcb-util.so.1", ("libxcb-util1",), "xcb-util"),
    Library("libxcb-xfixes.so.0", ("libxcb-xfixes0",), "libxcb"),
    Library("libxcb-xkb.so.1", ("libxcb-xkb1",), "libxcb"),
    Library("libxcb.so.1", ("libxcb1",), "libxcb"),
    Library("libxkbcommon-x11.so.0", ("libxkbcommon-x11-0",), "libxkbcommon-x11"),
)
WAYLAND = (
    Library("libwayland-client.so.0", ("libwayland-client0",), "libwayland-client"),
    Library("libwayland-cursor.so.0", ("libwayland-cursor0",), "libwayland-cursor"),
    Library("libwayland-egl.so.1", ("libwayland-egl1",), "libwayland-egl"),
)
# The engine of the embedded model.
ENGINE = (Library("libgomp.so.1", ("libgomp1",), "libgomp"),)


def missing_libraries(needed: Iterable[Library]) -> tuple[Library, ...]:
    """Return those of `needed` that the dynamic linker does not find."""
    return tuple(library for library in needed if not _loads(library.soname))


def obstacle_to_window() -> str | None:
    """Return, in one line fit for the terminal, why no window can open here, or None.

    Where one of X11 and Wayland works and Qt would try the other, Qt is told by QT_QPA_PLATFORM.
    """
    if not sys.platform.startswith("linux"):
        return None
    chosen = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0].partition(";")[0]
    if chosen and not chosen.startswith(("xcb", "wayland")):
        return _plugin_obstacle(chosen, CORE)
    obstacles = []
    for platform, libraries in _candidates(chosen):
        obstacle = _plugin_obstacle(platform, (*CORE, *libraries))
        if obstacle is None and _answers(platform):
            os.environ["QT_QPA_PLATFORM"] = chosen or platform
            return None
        obstacles.append(obstacle or NO_SCREEN)
    return obstacles[0] if obstacles else NO_SCREEN


def explain_import_error(error: ImportError) -> str | None:
    """Return one line for an import that a missing shared library stopped, or None for any other."""
    if not sys.platform.startswith("linux") or "cannot open shared object file" not in str(error):
        return None
    return _missing_line((*CORE, *XCB, *ENGINE), str(error))


def _candidates(chosen: str) -> list[tuple[str, tuple[Library, ...]]]:
    """Return the platforms that the environment offers, in the order Qt would try them."""
    found: list[tuple[str, tuple[Library, ...]]] = []
    if os.environ.get("WAYLAND_DISPLAY") and chosen in {"", "wayland"}:
        found.append(("wayland", WAYLAND))
    if os.environ.get("DISPLAY") and chosen in {"", "xcb"}:
        found.append(("xcb", XCB))
    if not chosen and os.environ.get("XDG_SESSION_TYPE") != "wayland":
        found.reverse()
    return found


def _plugin_obstacle(platform: str, libraries: tuple[Library, ...]) -> str | None:
    """Load Qt's platform plugin as Qt will, so that nothing is paid twice."""
    spec = importlib.util.find_spec("PySide6")
    if spec is None or not spec.submodule_search_locations:
        return "PySide6 is not installed; `python3 packaging/run.py` in a checkout of Weir installs it."
    package = Path(next(iter(spec.submodule_search_locations)))
    plugin = package / "Qt" / "plugins" / "platforms" / f"libq{platform}.so"
    if not plugin.exists():
        # A distribution's own build keeps plugins elsewhere and declares what it needs.
        return None
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return _missing_line(libraries, str(error))
    return None


def _missing_line(libraries: tuple[Library, ...], reason: str) -> str:
    missing = missing_libraries(libraries)
    if not missing:
        return f"A system library that Weir needs cannot be loaded: {reason}"
    names = ", ".join(library.soname for library in missing)
    family = _distribution()
    if "debian" in family or "ubuntu" in family:
        packages = " ".join(sorted({debian_name(library.debian) for library in missing}))
        return f"System libraries that Weir needs are missing ({names}): sudo apt-get install {packages}"
    packages = " ".join(sorted({library.fedora for library in missing}))
    if "fedora" in family or "rhel" in family:
        return f"System libraries that Weir needs are missing ({names}): sudo dnf install {packages}"
    return f"System libraries that Weir needs are missing: {names} (Fedora's names: {packages})"


def debian_name(names: tuple[str, ...]) -> str:
    """Return the name that this release of Debian or Ubuntu knows, else the newest."""
    lists = Path("/var/lib/dpkg/info")
    if len(names) > 1 and not any(lists.glob("*t64:*.list")):
        # The 64-bit time names came with Debian 13 and Ubuntu 24.04, on all of their machines.
        return names[-1]
    return names[0]


def _distribution() -> frozenset[str]:
    """Return the words by which /etc/os-release names this system and its relatives."""
    try:
        lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    except OSError:
        return frozenset()
    values = [line.partition("=")[2].strip("\"'") for line in lines if line.startswith(("ID=", "ID_LIKE="))]
    return frozenset(" ".join(values).split())


def _loads(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def _answers(platform: str) -> bool:
    """Connect to the screen and hang up again."""
    if platform == "wayland":
        wayland = ctypes.CDLL("libwayland-client.so.0")
        wayland.wl_display_connect.restype = ctypes.c_void_p
        wayland.wl_display_disconnect.argtypes = [ctypes.c_void_p]
        display = wayland.wl_display_connect(None)
        if display:
            wayland.wl_display_disconnect(display)
        return bool(display)
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    has_error = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not has_error
