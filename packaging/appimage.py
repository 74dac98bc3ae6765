"""Make the AppImage out of the bundle: one file that runs where it lies.

An AppImage is a small program, the runtime, with a SquashFS image behind it. The runtime has to be the
static "type 2" one (github.com/AppImage/type2-runtime), which brings its own FUSE and needs no libfuse.so.2
of the system; where there is no FUSE at all it unpacks itself with --appimage-extract-and-run.
The runtime is not part of this repository: name its file with --appimage-runtime.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

from deb import LINUX, PackageError, put_metadata

NAME = "chat.weir.Weir"


def make(bundle: Path, icons: Path, target: Path, version: str, runtime: Path) -> Path:
    """Write the AppImage of `bundle` to `target` and return it. Raises PackageError."""
    check_runtime(runtime)
    if shutil.which("mksquashfs") is None:
        raise PackageError("An AppImage needs mksquashfs (apt-get install squashfs-tools).")
    with tempfile.TemporaryDirectory(prefix="weir-appimage-") as name:
        folder = Path(name) / "AppDir"
        fill(folder, bundle, icons, version)
        image = Path(name) / "image"
        command = [
            "mksquashfs",
            str(folder),
            str(image),
            "-root-owned",
            "-noappend",
            "-quiet",
            "-comp",
            "zstd",
        ]
        if subprocess.call(command, stdout=subprocess.DEVNULL) != 0:
            raise PackageError("mksquashfs failed; the lines above say why.")
        with target.open("wb") as out:
            for part in (runtime, image):
                with part.open("rb") as stream:
                    shutil.copyfileobj(stream, out)
    target.chmod(0o755)
    return target


def fill(folder: Path, bundle: Path, icons: Path, version: str) -> None:
    """Lay out the AppDir: AppRun, the program, and the entry and icon that desktops read at its top."""
    shutil.copytree(bundle, folder / "usr" / "lib" / "weir", symlinks=True)
    put_metadata(folder, icons, version, is_package=False)
    shutil.copy(LINUX / "AppRun", folder / "AppRun")
    (folder / f"{NAME}.desktop").symlink_to(f"usr/share/applications/{NAME}.desktop")
    (folder / f"{NAME}.png").symlink_to(f"usr/share/icons/hicolor/256x256/apps/{NAME}.png")
    (folder / ".DirIcon").symlink_to(f"{NAME}.png")


def check_runtime(runtime: Path) -> None:
    """Raise PackageError unless a file is a static runtime of type 2."""
    try:
        head = runtime.read_bytes()
    except OSError as error:
        raise PackageError(f"The AppImage runtime {runtime} can't be read: {error.strerror}.") from None
    # The three bytes after the ELF identity say which type an AppImage is.
    if head[:4] != b"\x7fELF" or head[8:11] != b"AI\x02":
        raise PackageError(f"{runtime} is not an AppImage runtime of type 2.")
    if b"libfuse.so.2" in head:
        raise PackageError(f"{runtime} needs FUSE 2 of the system. Take the static type 2 runtime.")
