import pickle
import time
import traceback

import pytest

from desktop.domain.delta import Timing
from desktop.domain.failure import SENTENCES, Failure, FailureKind, TurnFailedError
from desktop.domain.identity import new_id
from desktop.domain.secret import Secret

KEY = "sk-proj-0123456789abcdefghij"


def test_ids_are_unique_and_sort_as_they_were_made():
    ids = [new_id() for _ in range(10_000)]
    assert len(set(ids)) == 10_000
    assert ids == sorted(ids)
    assert abs(int(ids[0][:12], 16) - time.time() * 1000) < 60_000
    assert all(len(name) == 32 and name[12] == "7" and name[16] in "89ab" for name in ids)


def test_a_secret_is_never_shown():
    secret = Secret(f" {KEY}\n")
    assert secret.reveal() == KEY
    shown = f"{secret} {secret!r} {[secret]}"
    try:
        raise RuntimeError(secret)
    except RuntimeError:
        shown += traceback.format_exc()
    assert KEY not in shown
    assert secret.masked == "sk-pro••••••••ghij"
    assert Secret("short").masked == "••••••••"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


@pytest.mark.parametrize("value", ["", "   ", "sk-“quoted”", "two\nlines", "with\ttab"])
def test_a_key_that_cannot_stand_in_a_header_is_known_before_it_is_sent(value: str):
    assert not Secret(value).is_sendable
    assert Secret(KEY).is_sendable


@pytest.mark.parametrize("kind", FailureKind)
def test_every_failure_has_a_sentence_even_without_names(kind: FailureKind):
    sentence = Failure(kind=kind).sentence
    assert sentence[0].isupper() or sentence[0] == "“"
    assert sentence.endswith((".", "?"))
    assert "{" not in sentence
    assert SENTENCES[kind] == Failure(kind=kind).template


def test_a_failure_names_what_it_knows():
    failure = Failure(kind=FailureKind.NO_MODEL, endpoint="Groq", model="llama-9")
    assert failure.sentence == "Groq has no model named “llama-9”. Choose another model above."
    assert "Groq" in str(TurnFailedError(failure))


def test_braces_in_a_name_are_only_text():
    assert "{x}" in Failure(kind=FailureKind.NO_MODEL, model="{x}").sentence


@pytest.mark.parametrize(
    ("timing", "tokens", "speed"),
    [
        (Timing(first_ms=500, total_ms=2500), 100, 50.0),
        (Timing(first_ms=500, total_ms=500), 100, None),
        (Timing(first_ms=None, total_ms=500), 100, None),
        (Timing(first_ms=1, total_ms=2), None, None),
    ],
)
def test_speed_is_counted_from_the_first_delta(timing: Timing, tokens: int | None, speed: float | None):
    assert timing.tokens_per_second(tokens) == speed


PASSING = [
    Failure(kind=FailureKind.RATE_LIMIT, status=429),
    Failure(kind=FailureKind.BAD_REQUEST, status=408),
    *(Failure(kind=FailureKind.SERVER, status=status) for status in (500, 502, 503, 504, 529)),
    Failure(kind=FailureKind.BAD_REQUEST, status=409, may_retry=True),
    Failure(kind=FailureKind.SERVER, status=520, may_retry=True),
    # Reported inside a stream, before any word of it.
    Failure(kind=FailureKind.OVERLOADED),
    Failure(kind=FailureKind.CONNECT_TIMEOUT, host="api.example.com"),
    Failure(kind=FailureKind.REFUSED_CONNECTION, host="192.168.1.4"),
    Failure(kind=FailureKind.CUT, host="api.example.com"),
]
LASTING = [
    *(Failure(kind=FailureKind.BAD_REQUEST, status=status) for status in (400, 404, 409, 418, 422)),
    Failure(kind=FailureKind.OVERLOADED, status=498),
    Failure(kind=FailureKind.BAD_REQUEST, status=400, may_retry=True),
    Failure(kind=FailureKind.PAYMENT, status=429),
    Failure(kind=FailureKind.PAYMENT, status=429, may_retry=True),
    Failure(kind=FailureKind.TOO_LONG, status=500),
    Failure(kind=FailureKind.RATE_LIMIT, status=429, may_retry=False),
    Failure(kind=FailureKind.SERVER, status=501),
    Failure(kind=FailureKind.NOT_A_STREAM, status=200),
    Failure(kind=FailureKind.REFUSED_CONNECTION, host="127.0.0.1"),
    Failure(kind=FailureKind.REFUSED_CONNECTION, host="localhost"),
    Failure(kind=FailureKind.DNS, host="api.example.com"),
    Failure(kind=FailureKind.TLS, host="api.example.com"),
    Failure(kind=FailureKind.STALLED),
    Failure(kind=FailureKind.PROVIDER),
    Failure(kind=FailureKind.INTERNAL),
]


@pytest.mark.parametrize("failure", PASSING, ids=lambda item: f"{item.kind} {item.status}")
def test_a_fault_that_passes_is_known(failure: Failure):
    assert failure.is_passing


@pytest.mark.parametrize("failure", LASTING, ids=lambda item: f"{item.kind} {item.status}")
def test_a_cause_that_lasts_is_known(failure: Failure):
    assert not failure.is_passing
