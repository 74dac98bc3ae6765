"""Deltas: the only words that cross from providers to chat.

The delta classes are not frozen although nothing may change one: a frozen dataclass costs four
times as much to make, and one is made for every token.
"""

from dataclasses import dataclass
from enum import StrEnum


class StopReason(StrEnum):
    """Why a model ended its reply, in one vocabulary for all providers."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_USE = "tool_use"
    CONTENT_FILTER = "content_filter"
    REFUSAL = "refusal"
    PAUSE = "pause"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one turn as the provider counted them; None where it did not say.

    `input` includes `cached`, and `output` includes `reasoning`.
    `cost` is in US dollars: what the provider states, else what a list of prices makes of the counts.
    """

    input: int | None = None
    output: int | None = None
    cached: int | None = None
    reasoning: int | None = None
    total: int | None = None
    cost: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long a turn took, in milliseconds from the moment of sending; None where not reached.

    `first_ms` is the wait until the first text or reasoning, `total_ms` the whole turn.
    """

    first_ms: int | None = None
    total_ms: int | None = None

    def tokens_per_second(self, output_tokens: int | None) -> float | None:
        """Return the speed between the first delta and the end, or None where it can't be told."""
        if output_tokens is None or self.first_ms is None or self.total_ms is None:
            return None
        seconds = (self.total_ms - self.first_ms) / 1000
        return output_tokens / seconds if seconds > 0 else None


@dataclass(slots=True)
class TextDelta:
    """More of the reply's text."""

    text: str


@dataclass(slots=True)
class ReasoningDelta:
    """More of the reasoning. `signature` is set by providers that seal it, usually with empty text."""

    text: str
    signature: str = ""


@dataclass(slots=True)
class RefusalDelta:
    """More of the words with which the model refuses."""

    text: str


@dataclass(slots=True)
class ToolCallDelta:
    """A piece of a tool call. Pieces of one call share `index`; the first has the name."""

    index: int
    name: str = ""
    arguments: str = ""
    call_id: str = ""


@dataclass(slots=True)
class PlaceholderDelta:
    """Content of a kind that Weir can't show."""

    label: str
    raw: str = ""


@dataclass(slots=True)
class UsageDelta:
    """The usage known so far; the last one counts."""

    usage: Usage


@dataclass(slots=True)
class FinishDelta:
    """The model ended its reply. `raw` is the provider's own word for the reason."""

    reason: StopReason
    raw: str = ""


@dataclass(slots=True)
class ProgressDelta:
    """How much of the prompt the model has read, from 0 to 1."""

    fraction: float


Delta = (
    TextDelta
    | ReasoningDelta
    | RefusalDelta
    | ToolCallDelta
    | PlaceholderDelta
    | UsageDelta
    | FinishDelta
    | ProgressDelta
)
