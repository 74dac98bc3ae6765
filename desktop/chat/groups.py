"""Which group of the shelf a conversation stands in, by its date."""

import datetime
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from desktop.domain.message import Conversation

PINNED = "pinned"


def order_of(conversation: Conversation) -> tuple[bool, int]:
    """Return what the shelf is sorted by: pinned first, then the latest first."""
    return not conversation.pinned, -conversation.updated


def group_of(conversation: Conversation, today: datetime.date) -> str:
    """Return the group a conversation stands in.

    "pinned", "today", "yesterday", "week" (the last seven days), else the month as "2026-11".
    """
    if conversation.pinned:
        return PINNED
    day = datetime.datetime.fromtimestamp(conversation.updated / 1000).astimezone().date()
    age = (today - day).days
    if age <= 0:
        return "today"
    if age == 1:
        return "yesterday"
    return "week" if age < 7 else f"{day:%Y-%m}"


def group_starts(rows: Sequence[Conversation], today: datetime.date) -> list[tuple[int, str]]:
    """Return where each group begins in rows that are sorted by `order_of`, looking at few of them."""
    starts: list[tuple[int, str]] = []
    row = 0
    while row < len(rows):
        group = group_of(rows[row], today)
        if not starts or starts[-1][1] != group:
            starts.append((row, group))
        if group == PINNED:
            after = bisect_left(rows, (True, -(2**63)), lo=row, key=order_of)
        else:
            begin = _begin_of(group, rows[row], today)
            after = bisect_right(rows, -begin, lo=row, key=lambda each: -each.updated)
        row = max(after, row + 1)
    return starts


def _begin_of(group: str, conversation: Conversation, today: datetime.date) -> int:
    """Return the first millisecond of a group; the later days of a month may belong to other groups."""
    if group in ("today", "yesterday", "week"):
        day = today - datetime.timedelta(days={"today": 0, "yesterday": 1, "week": 6}[group])
    else:
        day = datetime.datetime.fromtimestamp(conversation.updated / 1000).astimezone().date().replace(day=1)
    return int(datetime.datetime.combine(day, datetime.time()).astimezone().timestamp() * 1000)
