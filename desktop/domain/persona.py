"""Persona: a named system prompt with the model and the options that go with it."""

from dataclasses import dataclass, field

from desktop.domain.endpoint import ModelRef
from desktop.domain.options import Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """Who answers: `options` hold the system prompt and what else goes with every prompt.

    Without `model` the chosen one answers. A conversation takes these values over when it is given the
    persona; it keeps them when the persona changes.
    """

    id: str
    name: str
    options: Options = field(default_factory=Options)
    model: ModelRef | None = None
