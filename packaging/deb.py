"""Make the Debian package out of the bundle.

The program goes to /usr/lib/weir, its start to /usr/bin/weir. Libraries that the distribution has itself
are left out and become dependencies, with the least versions that `dpkg-shlibdeps` reads from the bundle;
what remains is Python, Qt and the Python packages. Build on the oldest release that is to be served.
"""

import datetime
import gzip
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINUX = ROOT / "packaging" / "linux"
MAINTAINER = os.environ.get("WEIR_MAINTAINER", "The Weir authors <weir@users.noreply.github.com>")
INSIDE = Path("usr/lib/weir")
# Of these the distributions change the package's name with every release, so that they stay inside.
KEPT_INSIDE = ("libicu", "libpython", "libbrotli", "libpng")
RECOMMENDED = "gnome-keyring | kwalletmanager | keepassxc, xdg-utils, fonts-noto-color-emoji"
DESCRIPTION = """chat with language models, online and on this computer
 A native window for conversations with large language models. It streams
 from services and from the model on this computer, keeps conversations in
 a file on your own disk, and keeps keys in the system's keyring.
 .
 There is no account and no telemetry."""


class PackageError(Exception):
    """The package cannot be made; its text is one line for the terminal."""


def make(bundle: Path, icons: Path, folder: Path, version: str, *, compression: str = "xz") -> Path:
    """Make the package of `bundle` in `folder` and return it. Raises PackageError."""
    missing = [tool for tool in ("dpkg-deb", "dpkg-shlibdeps", "ldd") if shutil.which(tool) is None]
    if missing:
        raise PackageError(f"A Debian package needs {', '.join(missing)} (apt-get install dpkg-dev).")
    machine = _output(["dpkg", "--print-architecture"]).strip()
    with tempfile.TemporaryDirectory(prefix="weir-deb-") as name:
        tree = Path(name) / "weir"
        # The folder that holds everything may be closed to others, the package's own may not.
        tree.mkdir(mode=0o755)
        shutil.copytree(bundle, tree / INSIDE, symlinks=True)
        leave_to_system(tree / INSIDE / "_internal")
        put_metadata(tree, icons, version)
        depends = dependencies(tree / INSIDE)
        _write_control(tree, version, machine, depends)
        _set_modes(tree)
        package = folder / f"weir_{version}_{machine}.deb"
        command = ["dpkg-deb", "--root-owner-group", f"-Z{compression}", "--build", str(tree), str(package)]
        _output(command)
    return package


def leave_to_system(inside: Path) -> list[str]:
    """Delete the libraries from `inside` that a package of this system brings; return their names."""
    left = []
    for file in sorted(inside.glob("lib*.so*")):
        if file.is_symlink() or file.name.startswith(("libQt6", "libpyside", "libshiboken", *KEPT_INSIDE)):
            continue
        if _is_systems(file.name):
            file.unlink()
            left.append(file.name)
    return left


def _is_systems(name: str) -> bool:
    """Whether the dynamic linker finds a library, and it belongs to a Debian package."""
    for line in _output(["/sbin/ldconfig", "-p"]).splitlines():
        soname, _, path = line.strip().partition(" ")
        if soname == name and "=>" in path and "64" in path:
            file = Path(path.rpartition("=> ")[2]).resolve()
            # Where /lib is a link to /usr/lib, the package may know the file by either name.
            names = (str(file), str(file).removeprefix("/usr"))
            done = [subprocess.run(["dpkg", "-S", one], capture_output=True, check=False) for one in names]
            if any(one.returncode == 0 for one in done):
                return True
    return False


def put_metadata(root: Path, icons: Path, version: str, *, is_package: bool = True) -> None:
    """Put the desktop entry, metainfo, types of files and icons below `root`/usr, with a package's papers."""
    share = root / "usr" / "share"
    date = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d")
    for name, place in (
        ("chat.weir.Weir.desktop", "applications"),
        ("chat.weir.Weir.metainfo.xml", "metainfo"),
    ):
        text = (LINUX / name).read_text(encoding="utf-8")
        target = share / place / name
        target.parent.mkdir(parents=True)
        target.write_text(text.replace("@VERSION@", version).replace("@DATE@", date), encoding="utf-8")
    types = share / "mime" / "packages" / "chat.weir.Weir.xml"
    types.parent.mkdir(parents=True)
    shutil.copyfile(LINUX / "chat.weir.Weir.mime.xml", types)
    shutil.copytree(icons / "hicolor", share / "icons" / "hicolor")
    if is_package:
        _put_papers(root, share, version, date)


def _put_papers(root: Path, share: Path, version: str, date: str) -> None:
    binary = root / "usr" / "bin"
    binary.mkdir(parents=True)
    (binary / "weir").symlink_to("../lib/weir/weir")
    manual = (LINUX / "weir.1").read_text(encoding="utf-8").replace("@VERSION@", version)
    _write_gzip(share / "man" / "man1" / "weir.1.gz", manual.replace("@DATE@", date))
    papers = share / "doc" / "weir"
    papers.mkdir(parents=True)
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    indented = "\n".join(f" {line}" if line.strip() else " ." for line in licence.strip().splitlines())
    copyright_text = (LINUX / "copyright").read_text(encoding="utf-8").replace("@MIT@", indented)
    (papers / "copyright").write_text(copyright_text, encoding="utf-8")
    stamp = datetime.datetime.now(datetime.UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
    _write_gzip(
        papers / "changelog.gz",
        f"weir ({version}) stable; urgency=medium\n\n  * See CHANGELOG.md of the project.\n\n"
        f" -- {MAINTAINER}  {stamp}\n",
    )
    overrides = share / "lintian" / "overrides" / "weir"
    overrides.parent.mkdir(parents=True)
    shutil.copyfile(LINUX / "lintian-overrides", overrides)


def dependencies(program: Path) -> str:
    """Return what the files below `program` need of the system, as dpkg-shlibdeps reads it from them."""
    binaries = [file for file in sorted(program.rglob("*")) if _is_elf(file)]
    inside = {str(file.parent) for file in binaries}
    with tempfile.TemporaryDirectory(prefix="weir-shlibs-") as name:
        (Path(name) / "debian").mkdir()
        (Path(name) / "debian" / "control").write_text("Source: weir\n\nPackage: weir\nArchitecture: any\n")
        command = ["dpkg-shlibdeps", "-O", "--ignore-missing-info", "--warnings=0"]
        command += [f"-l{folder}" for folder in sorted(inside)]
        told = _output([*command, *(f"-e{file}" for file in binaries)], cwd=name)
    return told.strip().partition("shlibs:Depends=")[2]


def _is_elf(file: Path) -> bool:
    if not file.is_file() or file.is_symlink():
        return False
    with file.open("rb") as stream:
        return stream.read(4) == b"\x7fELF"


def _write_control(tree: Path, version: str, machine: str, depends: str) -> None:
    size = sum(file.lstat().st_size for file in tree.rglob("*") if not file.is_dir()) // 1024
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN" / "control").write_text(
        f"Package: weir\nVersion: {version}\nArchitecture: {machine}\nMaintainer: {MAINTAINER}\n"
        f"Installed-Size: {size}\nDepends: {depends}\nRecommends: {RECOMMENDED}\n"
        f"Section: net\nPriority: optional\nDescription: {DESCRIPTION}\n",
        encoding="utf-8",
    )
    sums = subprocess.run(
        "find usr -type f -print0 | sort -z | xargs -0 md5sum",
        shell=True,
        cwd=tree,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (tree / "DEBIAN" / "md5sums").write_text(sums, encoding="utf-8")


def _set_modes(tree: Path) -> None:
    """Folders and programs 755, all else 644, whatever this user's umask made them."""
    for file in tree.rglob("*"):
        if not file.is_symlink():
            is_program = file.is_dir() or file == tree / INSIDE / "weir"
            file.chmod(0o755 if is_program else 0o644)


def _write_gzip(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def _output(command: list[str], cwd: "str | None" = None) -> str:
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"}
    )
    if done.returncode != 0:
        raise PackageError(f"{command[0]} failed: {done.stderr.strip()[-2000:]}")
    return done.stdout
