"""The parts of the packages that need no bundle: icons, entries, the AppImage's layout, the recipes."""

import ast
import plistlib
import re
import shutil
import struct
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGING = ROOT / "packaging"


@pytest.fixture
def packaging(monkeypatch: pytest.MonkeyPatch):
    """Import a module of the packaging folder by name."""
    monkeypatch.syspath_prepend(str(PACKAGING))

    def load(name: str) -> ModuleType:
        for known in ("deb", "appimage", "icons", "slim"):
            monkeypatch.delitem(sys.modules, known, raising=False)
        return __import__(name)

    return load


@pytest.fixture
def icons(packaging, tmp_path: Path) -> Path:
    packaging("icons").main(tmp_path / "icons")
    return tmp_path / "icons"


def png_size(data: bytes) -> tuple[int, int]:
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def test_the_icon_is_drawn_in_every_form(icons: Path):
    from PySide6.QtGui import QImage

    for file in icons.rglob("*.png"):
        size = int(file.parts[-3].partition("x")[0])
        assert png_size(file.read_bytes()) == (size, size)
    image = QImage(str(icons / "hicolor/64x64/apps/chat.weir.Weir.png"))
    assert image.pixelColor(32, 6).name() == "#1a6fb5"
    assert image.pixelColor(0, 0).alpha() == 0
    ico = (icons / "weir.ico").read_bytes()
    reserved, kind, count = struct.unpack("<HHH", ico[:6])
    assert (reserved, kind, count) == (0, 1, 7)
    for index in range(count):
        width, _, _, _, _, bits, length, at = struct.unpack(
            "<BBBBHHII", ico[6 + 16 * index : 22 + 16 * index]
        )
        assert (png_size(ico[at : at + length])[0] % 256, bits) == (width, 32)
    icns = (icons / "weir.icns").read_bytes()
    assert icns[:4] == b"icns"
    assert struct.unpack(">I", icns[4:8])[0] == len(icns)
    at, names = 8, []
    while at < len(icns):
        (length,) = struct.unpack(">I", icns[at + 4 : at + 8])
        png_size(icns[at + 8 : at + length])
        names.append(icns[at : at + 4])
        at += length
    assert names == [b"ic11", b"ic12", b"ic07", b"ic08", b"ic09", b"ic10"]


def test_an_appimage_is_laid_out_as_desktops_look_for_it(packaging, icons: Path, tmp_path: Path):
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "weir").write_text('#!/bin/sh\necho "$0: $*"\n', encoding="utf-8")
    (bundle / "weir").chmod(0o755)
    folder = tmp_path / "Größe App"
    packaging("appimage").fill(folder, bundle, icons, "1.2.3")
    assert (folder / "chat.weir.Weir.desktop").read_text(encoding="utf-8").startswith("[Desktop Entry]")
    assert png_size((folder / ".DirIcon").read_bytes()) == (256, 256)
    told = subprocess.run([folder / "AppRun", "ask", "a b"], capture_output=True, text=True, check=True)
    assert told.stdout == f"{folder}/usr/lib/weir/weir: ask a b\n"
    text = (folder / "usr/share/metainfo/chat.weir.Weir.metainfo.xml").read_text(encoding="utf-8")
    assert '<release version="1.2.3"' in text
    assert "@" not in text


def test_only_a_static_runtime_of_type_2_is_taken(packaging, tmp_path: Path):
    appimage = packaging("appimage")
    runtime = tmp_path / "runtime"
    for content, words in (
        (b"#!/bin/sh", "not an AppImage runtime of type 2"),
        (b"\x7fELF\x02\x01\x01\x00AI\x01", "not an AppImage runtime of type 2"),
        (b"\x7fELF\x02\x01\x01\x00AI\x02...libfuse.so.2", "needs FUSE 2"),
    ):
        runtime.write_bytes(content)
        with pytest.raises(appimage.PackageError, match=words):
            appimage.check_runtime(runtime)
    runtime.write_bytes(b"\x7fELF\x02\x01\x01\x00AI\x02static")
    appimage.check_runtime(runtime)
    with pytest.raises(appimage.PackageError, match="can't be read"):
        appimage.check_runtime(tmp_path / "none")


@pytest.mark.skipif(shutil.which("mksquashfs") is None, reason="mksquashfs is not installed")
def test_an_appimage_is_the_runtime_and_an_image_behind_it(packaging, icons: Path, tmp_path: Path):
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "weir").write_text("program", encoding="utf-8")
    runtime = tmp_path / "runtime"
    runtime.write_bytes(b"\x7fELF\x02\x01\x01\x00AI\x02static")
    made = packaging("appimage").make(bundle, icons, tmp_path / "weir.AppImage", "1.2.3", runtime)
    data = made.read_bytes()
    assert data.startswith(runtime.read_bytes() + b"hsqs")
    assert made.stat().st_mode & 0o111


def test_the_desktop_entry_is_the_windows_own():
    from desktop.start import APP_ID

    entry = (PACKAGING / "linux" / f"{APP_ID}.desktop").read_text(encoding="utf-8")
    assert f"StartupWMClass={APP_ID}\n" in entry
    assert f"Icon={APP_ID}\n" in entry
    assert "Exec=weir %F\n" in entry
    plist = plistlib.loads((PACKAGING / "macos" / "Info.plist").read_bytes())
    assert plist["NSHighResolutionCapable"] is True
    entitlements = plistlib.loads((PACKAGING / "macos" / "entitlements.plist").read_bytes())
    assert "com.apple.security.cs.disable-library-validation" not in entitlements


def test_the_entry_starts_what_the_command_line_knows():
    from desktop.cli import parser

    entry = (PACKAGING / "linux" / "chat.weir.Weir.desktop").read_text(encoding="utf-8")
    actions = re.findall(r"(?m)^\[Desktop Action (.+)\]$", entry)
    assert f"Actions={';'.join(actions)};\n" in entry
    commands = re.findall(r"(?m)^Exec=weir (?!%F)(.+)$", entry)
    assert len(commands) == len(actions)
    for command in commands:
        parser().parse_args(command.split())


def test_the_same_files_are_named_everywhere():
    root = ElementTree.parse(PACKAGING / "linux" / "chat.weir.Weir.mime.xml").getroot()
    space = "{http://www.freedesktop.org/standards/shared-mime-info}"
    types = [each.get("type") for each in root.findall(f"{space}mime-type")]
    entry = (PACKAGING / "linux" / "chat.weir.Weir.desktop").read_text(encoding="utf-8")
    assert f"MimeType={';'.join(map(str, types))};\n" in entry
    metainfo = (PACKAGING / "linux" / "chat.weir.Weir.metainfo.xml").read_text(encoding="utf-8")
    assert re.findall(r"<mediatype>(.+)</mediatype>", metainfo) == types
    plist = plistlib.loads((PACKAGING / "macos" / "Info.plist").read_bytes())
    declared = plist["UTExportedTypeDeclarations"] + plist["UTImportedTypeDeclarations"]
    endings = [
        one for each in declared for one in each["UTTypeTagSpecification"]["public.filename-extension"]
    ]
    inno = (PACKAGING / "windows" / "weir.iss").read_text(encoding="utf-8")
    globs = {each.get("pattern") for each in root.iter(f"{space}glob")}
    for ending in endings:
        assert f"*.{ending}" in globs
        assert f"Software\\Classes\\.{ending}\\OpenWithProgids" in inno
    names = {each["UTTypeIdentifier"] for each in declared}
    assert {one for each in plist["CFBundleDocumentTypes"] for one in each["LSItemContentTypes"]} == names


@pytest.mark.skipif(shutil.which("update-mime-database") is None, reason="shared-mime-info is not installed")
def test_the_types_of_files_are_known_by_their_names_and_their_beginnings(
    packaging, icons: Path, tmp_path: Path
):
    from desktop.archive.own import begin

    packaging("deb").put_metadata(tmp_path, icons, "1.2.3", is_package=False)
    mime = tmp_path / "usr/share/mime"
    subprocess.run(["update-mime-database", mime], check=True, capture_output=True)
    globs = (mime / "globs2").read_text(encoding="utf-8").splitlines()
    assert "50:application/x-gguf:*.gguf" in globs
    assert "60:application/vnd.weir.archive+json:*.weir.json" in globs
    magic = (mime / "magic").read_bytes()
    assert begin()[:24].encode() in magic
    assert b"GGUF" in magic


def test_the_recipes_name_files_that_are_there():
    flatpak = (PACKAGING / "flatpak" / "chat.weir.Weir.yml").read_text(encoding="utf-8")
    for name in re.findall(r"^ +path: (\S+)$", flatpak, re.MULTILINE):
        if "dist" not in name:
            assert (PACKAGING / "flatpak" / name).exists(), name
    inno = (PACKAGING / "windows" / "weir.iss").read_text(encoding="utf-8")
    assert "LicenseFile=LICENSE" in inno
    assert re.search(r"(?m)^PrivilegesRequired=lowest$", inno)
    for script in ("macos/dmg.sh", "linux/AppRun"):
        subprocess.run(["bash", "-n", str(PACKAGING / script)], check=True)


def test_every_job_signs_only_with_a_certificate():
    text = (ROOT / ".github" / "workflows" / "bundles.yml").read_text(encoding="utf-8")
    assert re.findall(r"(?m)^  (\w+):$", text.partition("jobs:")[2]) == ["linux", "windows", "macos"]
    assert text.count("if: env.CERTIFICATE != ''") == 2
    for name in ("packaging/build.py", "packaging/macos/dmg.sh", "packaging\\windows\\weir.iss"):
        assert name in text


def test_the_releases_address_is_put_into_a_copy(packaging, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    build = packaging("build")
    monkeypatch.setattr(build, "BUILD", tmp_path)
    folder = build.stage_resources("https://releases.test/latest")
    written = tomllib.loads((folder / "releases.toml").read_text(encoding="utf-8"))
    assert written == {"address": "https://releases.test/latest"}
    assert (folder / "icons" / "weir.svg").exists()
    assert not (folder / "screenshots").exists()


def test_nothing_that_the_program_imports_is_left_out_of_the_bundle() -> None:
    spec = ast.parse((ROOT / "packaging" / "weir.spec").read_text(encoding="utf-8"))
    (excluded,) = (
        set(ast.literal_eval(keyword.value))
        for call in ast.walk(spec)
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "excludes"
    )
    imported = set()
    for file in (ROOT / "desktop").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    assert "pydoc" in excluded
    assert "charset_normalizer" in imported
    parents = {".".join(name.split(".")[:depth]) for name in imported for depth in (1, 2, 3)}
    assert excluded & parents == set()
