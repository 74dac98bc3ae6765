"""A store in a folder of its own, opened and closed like the program's."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from desktop.base.paths import Paths, user_paths
from desktop.store import Store, open_store


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return user_paths(tmp_path / "data")


@pytest.fixture
async def store(aioloop: object, paths: Paths) -> AsyncGenerator[Store, None]:
    opened = open_store(paths)
    yield opened
    await opened.close()
