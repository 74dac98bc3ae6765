"""The recording of a reply: opened before its first request, told of the failure, closed at the end."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from desktop.base.tongue import sentences
from desktop.domain.endpoint import Endpoint
from desktop.domain.failure import TurnFailedError
from desktop.domain.network import split_login
from desktop.domain.prompt import Prompt
from desktop.domain.recording import Recorder, Recording, Veil, variable_of
from desktop.wire.failures import Place

_VARIABLES = {
    "openai-chat": "OPENAI_API_KEY",
    "openai-responses": "OPENAI_API_KEY",
    "anthropic-messages": "ANTHROPIC_API_KEY",
    "gemini": "GEMINI_API_KEY",
    "replicate": "REPLICATE_API_TOKEN",
}


def recorded(place: Place, prompt: Prompt, endpoint: Endpoint, recorder: Recorder | None) -> Place:
    """Return the place with the recording of the prompt's reply, where there is one to be made."""
    if recorder is None or not prompt.reply_id:
        return place
    opened = recorder.open(prompt.reply_id, prompt.model, endpoint, _veil(place, endpoint))
    return replace(place, recording=opened)


@contextmanager
def noted(recording: Recording | None) -> Iterator[None]:
    """Note in a recording that what is done within has failed or is over."""
    try:
        yield
    except TurnFailedError as error:
        if recording is not None:
            failure = error.failure
            recording.fail(sentences(failure.sentence, failure.words))
        raise
    finally:
        if recording is not None:
            recording.close()


def _veil(place: Place, endpoint: Endpoint) -> Veil:
    """Return what knows every key that may cross the wire on this way."""
    secrets: list[tuple[str, str]] = []
    key = place.key
    if key is not None:
        named = endpoint.key.variables[:1] if endpoint.key is not None else ()
        variable = named[0] if named else _VARIABLES.get(endpoint.provider, "API_KEY")
        secrets.append((key.reveal(), variable))
        secrets += [(secret.reveal(), variable_of(name)) for name, secret in key.beside.items()]
    secrets += [(secret.reveal(), "API_KEY") for secret in place.secrets]
    login = place.route.login
    if login is not None:
        name, password = split_login(login) or ("", "")
        both = base64.b64encode(f"{name}:{password}".encode()).decode()
        secrets += [(login.reveal(), "PROXY_LOGIN"), (password, "PROXY_PASSWORD"), (both, "PROXY_LOGIN")]
    return Veil(secrets)
