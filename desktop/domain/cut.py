"""What a conversation leaves out of its prompts, and what stands in its place."""

from dataclasses import dataclass, field
from enum import StrEnum

from desktop.domain.delta import Timing, Usage


class Overflow(StrEnum):
    """What is to happen when a prompt does not fit into the model's context window."""

    ASK = "ask"
    OLDEST = "oldest"
    SUMMARY = "summary"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A line below a message: prompts that follow it on its branch hold nothing of what is above.

    `after_id` is the last message left out and `count` how many there are above the line; `at` is when
    the line was drawn, Unix milliseconds. `summary` goes in their place where it is not empty; it was
    written by `model` at `endpoint` for `usage` in `timing`, and knows nothing of the `missed` oldest ones.
    """

    after_id: str
    at: int = 0
    count: int = 0
    summary: str = ""
    missed: int = 0
    model: str = ""
    endpoint: str = ""
    usage: Usage | None = None
    timing: Timing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextChoice:
    """What was chosen for a conversation: its window in tokens if set by hand, and what overflows.

    `cuts` are on any of its branches, in the order in which they were made.
    """

    window: int | None = None
    overflow: Overflow = Overflow.ASK
    cuts: tuple[Cut, ...] = field(default_factory=tuple)
