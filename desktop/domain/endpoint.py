"""Endpoint: a configured use of a provider, without any secret."""

import re
from dataclasses import dataclass, field
from typing import Any

from desktop.domain.network import Network

OWN_KEY = "{secret}"
"""A header's value that is a key of its own, kept in the keyring beside the endpoint's."""


@dataclass(frozen=True, slots=True)
class KeyRef:
    """The name of a key, never its value.

    `name` is the entry in the OS keyring; `variables` are environment variables that may hold the
    key for this run, in the order in which they are tried.
    """

    name: str
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelRef:
    """A model of an endpoint: the choice the user makes in the picker."""

    endpoint_id: str
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """What an endpoint says of one of its models; None where it does not say."""

    id: str
    name: str = ""
    context_tokens: int | None = None
    takes_images: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A configured use of a provider.

    `provider` names the wire protocol ("openai-chat"). `base_url` includes the version path
    (https://api.openai.com/v1). `key` is None where no key is used. `headers` and `body` are the
    user's additions to every request. `method` and `text_at`, a JSON pointer (RFC 6901) to the text in
    each record, count for endpoints of the user's own form alone. `models` are names known beforehand
    or typed by hand. `embedded` marks the model that Weir itself starts; `model_file` is then the
    GGUF file, empty for the demo model, and `base_url` is empty until it runs. `network` is what is
    set for this endpoint alone of how it is reached.
    """

    id: str
    name: str
    provider: str = "openai-chat"
    base_url: str = ""
    key: KeyRef | None = None
    models: tuple[str, ...] = ()
    default_model: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: dict[str, Any] = field(default_factory=dict)
    embedded: bool = False
    model_file: str = ""
    method: str = "POST"
    text_at: str = ""
    network: Network = field(default_factory=Network)

    @property
    def header_keys(self) -> tuple[tuple[str, KeyRef], ...]:
        """The headers whose values are keys of their own, and those keys' names.

        A key for `superAgentKey` may also stand in the environment variable SUPER_AGENT_KEY.
        """
        return tuple(
            (name, KeyRef(f"{self.id}/{name}", (_variable_of(name),)))
            for name, value in self.headers
            if value == OWN_KEY
        )


def _variable_of(header: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", header)
    return re.sub(r"[^A-Za-z0-9]+", "_", words).upper()
