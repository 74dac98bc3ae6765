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
