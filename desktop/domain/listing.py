"""Listing: the models that an endpoint named when it was last asked."""

from dataclasses import dataclass

from desktop.domain.endpoint import ModelInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The models of the service at `address`, as it listed them at `at`, Unix milliseconds.

    A listing counts as long as its endpoint has that address.
    """

    address: str
    models: tuple[ModelInfo, ...]
    at: int
