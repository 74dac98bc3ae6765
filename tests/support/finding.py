"""What a search finds, as the conversations it is found in."""

from desktop.domain.message import Conversation
from desktop.domain.search import parse_query
from desktop.store import DiskHistory


async def find(history: DiskHistory, typed: str, limit: int = 10) -> list[Conversation]:
    """Return the conversations of the hits for what is typed, each once, in the order found."""
    found = await history.search(parse_query(typed), limit)
    return list({hit.conversation.id: hit.conversation for hit in found.hits}.values())
