"""Secret: a key's value on its way from the keyring to a request."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Secret:
    """Holds a key so that no log, traceback or repr shows it. The value is stripped of white space.

    `beside` are further keys that go into headers of their own, by the headers' names.
    """

    __slots__ = ("_value", "beside")

    def __init__(self, value: str, beside: "Mapping[str, Secret] | None" = None) -> None:
        self._value = value.strip()
        self.beside: Mapping[str, Secret] = dict(beside or {})

    def reveal(self) -> str:
        """Return the value, for the one place that puts it into a request."""
        return self._value

    @property
    def masked(self) -> str:
        """The first six and last four characters around dots; only dots where the key is short."""
        if len(self._value) < 16:
            return "•" * 8
        return f"{self._value[:6]}{'•' * 8}{self._value[-4:]}"

    @property
    def is_sendable(self) -> bool:
        """Whether the value can stand in an HTTP header: printable ASCII, and something at all."""
        return bool(self._value) and self._value.isascii() and self._value.isprintable()

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret(•••)"

    __str__ = __repr__

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a secret is never pickled")


class KeySource(StrEnum):
    """Where a key came from."""

    KEYRING = "keyring"
    MEMORY = "memory"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A key, where it came from, and the name of the environment variable if it came from there."""

    secret: Secret
    source: KeySource
    variable: str = ""
