from pathlib import Path

import pytest

from desktop.base.paths import resources, user_paths


def test_one_folder_holds_everything(tmp_path: Path):
    paths = user_paths(tmp_path / "w")
    paths.create()
    for path in (
        paths.endpoints,
        paths.preferences,
        paths.history,
        paths.backups,
        paths.log_file,
        paths.cache,
    ):
        assert path.is_relative_to(tmp_path / "w")
    assert all(folder.is_dir() for folder in paths.folders)
    assert (tmp_path / "w").stat().st_mode & 0o077 == 0


def test_the_variable_names_the_folder_and_the_argument_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WEIR_DATA_DIR", str(tmp_path / "variable"))
    assert user_paths().data == tmp_path / "variable"
    assert user_paths(tmp_path / "argument").data == tmp_path / "argument"


def test_without_either_the_platform_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("WEIR_DATA_DIR", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert user_paths().history == tmp_path / "data" / "weir" / "history.db"


def test_the_resources_are_found():
    assert resources().is_dir()
