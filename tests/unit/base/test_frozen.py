"""What a program started from the bundle inherits."""

import os
import sys
from pathlib import Path

import pytest

from desktop.base.frozen import give_back_environment, own_command


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path / "_internal"), raising=False)
    return str(tmp_path / "_internal")


def test_the_users_library_path_comes_back(bundle: str):
    environment = {"LD_LIBRARY_PATH": f"{bundle}:/own", "LD_LIBRARY_PATH_ORIG": "/own", "HOME": "/home/a"}
    give_back_environment(environment)
    assert environment == {"LD_LIBRARY_PATH": "/own", "HOME": "/home/a"}


@pytest.mark.parametrize("original", [{}, {"LD_LIBRARY_PATH_ORIG": ""}])
def test_who_had_none_has_none_again(bundle: str, original: dict[str, str]):
    environment = {"LD_LIBRARY_PATH": bundle, **original}
    give_back_environment(environment)
    assert environment == {}


def test_the_bundles_plugins_and_the_bootloaders_notes_stay_inside(bundle: str):
    own = os.pathsep.join((f"{bundle}/PySide6/Qt/plugins", "/usr/own/plugins"))
    environment = {
        "QT_PLUGIN_PATH": own,
        "QML2_IMPORT_PATH": f"{bundle}/PySide6/Qt/qml",
        "_PYI_APPLICATION_HOME_DIR": bundle,
        "_PYI_PARENT_PROCESS_LEVEL": "1",
        "PATH": "/usr/bin",
    }
    give_back_environment(environment)
    assert environment == {"QT_PLUGIN_PATH": "/usr/own/plugins", "PATH": "/usr/bin"}


def test_from_source_nothing_is_touched():
    environment = {"LD_LIBRARY_PATH": "/a", "LD_LIBRARY_PATH_ORIG": "/b"}
    give_back_environment(environment)
    assert environment == {"LD_LIBRARY_PATH": "/a", "LD_LIBRARY_PATH_ORIG": "/b"}


def test_the_command_is_that_of_this_very_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    for name in ("FLATPAK_ID", "APPIMAGE"):
        monkeypatch.delenv(name, raising=False)
    assert own_command() == "weir"
    program = tmp_path / "my programs" / "weir"
    program.parent.mkdir()
    program.write_text("", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert own_command() == f"'{program}'"
    (tmp_path / "weir").symlink_to(program)
    assert own_command() == "weir"
    (tmp_path / "weir").unlink()
    monkeypatch.setenv("APPIMAGE", "/opt/weir.AppImage")
    assert own_command() == "/opt/weir.AppImage"
    monkeypatch.setenv("FLATPAK_ID", "chat.weir.Weir")
    assert own_command() == "flatpak run chat.weir.Weir"
