"""Options: what the user asks of a model beyond the text."""

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""How much a model may think, from not at all to as much as it can. No service knows all of them."""


class Option(StrEnum):
    """The options by the names of their fields in `Options`."""

    SYSTEM = "system"
    TEMPERATURE = "temperature"
    TOP_P = "top_p"
    MAX_TOKENS = "max_tokens"
    STOP = "stop"
    SEED = "seed"
    REASONING_EFFORT = "reasoning_effort"
    REASONING_BUDGET = "reasoning_budget"
    STREAM = "stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user asks of the model beyond the text; None or empty leaves it to the service.

    `max_tokens` and `reasoning_budget` are counts of tokens, `reasoning_effort` is one of EFFORTS.
    Without `stream` the whole reply is asked for at once.
    """

    system: str = ""
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    reasoning_effort: str | None = None
    reasoning_budget: int | None = None
    stream: bool = True

    @property
    def chosen(self) -> frozenset[Option]:
        """The options that are not left to the service."""
        return frozenset(
            Option(item.name) for item in fields(self) if getattr(self, item.name) not in (item.default, "")
        )

    def without(self, left: Collection[Option]) -> "Options":
        """Return the options with some left to the service."""
        defaults: dict[str, Any] = {item.name: item.default for item in fields(self) if item.name in left}
        return replace(self, **defaults) if defaults else self
