from collections.abc import Iterator

import pytest

from tests.support.server import LoopbackServer


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    """A loopback server for one test."""
    with LoopbackServer() as running:
        yield running
