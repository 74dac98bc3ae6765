"""The file with the models that services listed."""

import stat
import sys
from pathlib import Path

import pytest

from desktop.base.paths import user_paths
from desktop.domain.endpoint import ModelInfo
from desktop.domain.failure import StorageError
from desktop.domain.listing import Listing
from desktop.store.models import ModelsFile
from desktop.store.settings import DiskSettings

LISTED = {
    "openrouter": Listing(
        address="https://openrouter.ai/api/v1",
        at=1_790_000_000_000,
        models=(
            ModelInfo(id="a/b", name="A: B", context_tokens=128_000, takes_images=True),
            ModelInfo(id="plain"),
            ModelInfo(id="blind", takes_images=False),
            ModelInfo(id="ünicode – 模型"),
        ),
    ),
    "empty": Listing(address="http://127.0.0.1:1234/v1", at=5, models=()),
}


async def test_what_was_listed_comes_back_at_the_next_start(tmp_path: Path) -> None:
    settings = DiskSettings(user_paths(tmp_path))
    assert await settings.read_models() == {}
    await settings.write_models(LISTED)
    settings.close().result(10)
    again = DiskSettings(user_paths(tmp_path))
    assert await again.read_models() == LISTED
    again.close().result(10)
    file = tmp_path / "cache" / "models.json"
    assert [item.name for item in file.parent.iterdir()] == ["models.json"]
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "7", '{"version": 2, "endpoints": {}}', '{"version": 1}',
     '{"version": 1, "endpoints": 3}',
     '{"version": 1, "endpoints": {"a": {"at": 1}}}', '{"version": 1, "endpoints": {"a": {"models": [{}]}}}',
     "[" * 100_000],
)  # fmt: skip
def test_a_broken_file_counts_as_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "models.json"
    file.write_text(text, encoding="utf-8")
    kept = ModelsFile(file)
    assert kept.read() == {}
    kept.write(LISTED)
    assert kept.read() == LISTED


def test_odd_values_are_unknown(tmp_path: Path) -> None:
    file = tmp_path / "models.json"
    file.write_text(
        '{"version": 1, "endpoints": {"a": {"address": "x", "at": 1, '
        '"models": [{"id": "m", "context_tokens": true, "takes_images": "yes"}]}}}',
        encoding="utf-8",
    )
    assert ModelsFile(file).read()["a"].models == (ModelInfo(id="m"),)


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "models.json").mkdir()
    with pytest.raises(StorageError):
        ModelsFile(tmp_path / "models.json").write(LISTED)
