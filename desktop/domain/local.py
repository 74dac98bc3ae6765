"""Model servers on this computer: the one that Weir starts and those it finds."""

from dataclasses import dataclass

from desktop.domain.endpoint import Endpoint
from desktop.domain.secret import Secret


@dataclass(frozen=True, slots=True)
class LocalAddress:
    """Where the embedded model answers for this run.

    `base_url` includes the version path (http://127.0.0.1:40123/v1), `model` is the name it goes by.
    """

    base_url: str
    key: Secret
    model: str


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A model server that answers on this computer."""

    name: str
    endpoint: Endpoint
    models: tuple[str, ...]
