"""Windows for the widget tests."""

import pytest

from tests.support.chatting import ChatRoom
from tests.support.windows import add_conversation, open_window


@pytest.fixture
def room():
    return ChatRoom()


@pytest.fixture
async def opened(qloop, room):
    """A shown window with two conversations of today and one of yesterday."""
    add_conversation(room, "First of all", age_ms=3000)
    add_conversation(room, "Second thoughts", age_ms=2000)
    add_conversation(room, "Old news", age_ms=86_400_000)
    async for window in open_window(room):
        yield window
