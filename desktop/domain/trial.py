"""Trial: what the test of an endpoint found, step by step."""

from dataclasses import dataclass
from enum import StrEnum

from desktop.domain.failure import Failure, FailureKind


class Step(StrEnum):
    """The steps from this computer to an answer, in their order."""

    NAME = "name"
    PROXY = "proxy"
    CONNECTION = "connection"
    TLS = "tls"
    KEY = "key"
    ANSWER = "answer"


class Mark(StrEnum):
    """How a step went. `OPEN` is what could not be told."""

    RUNNING = "running"
    GOOD = "good"
    BAD = "bad"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a step found. `fact` is what there is to say of it, such as an address or a TLS version.

    `milliseconds` is how long it took, None where that was not measured.
    """

    step: Step
    mark: Mark
    fact: str = ""
    milliseconds: int | None = None
    failure: Failure | None = None


_STEPS = {
    FailureKind.DNS: Step.NAME,
    FailureKind.BAD_ADDRESS: Step.NAME,
    FailureKind.PROXY: Step.PROXY,
    FailureKind.CONNECT_TIMEOUT: Step.CONNECTION,
    FailureKind.REFUSED_CONNECTION: Step.CONNECTION,
    FailureKind.TLS: Step.TLS,
    FailureKind.NO_KEY: Step.KEY,
    FailureKind.KEY_REFUSED: Step.KEY,
    FailureKind.FORBIDDEN: Step.KEY,
    FailureKind.PAYMENT: Step.KEY,
}


def step_of(kind: FailureKind) -> Step:
    """Return the step at which a failure of this kind happens."""
    return _STEPS.get(kind, Step.ANSWER)
