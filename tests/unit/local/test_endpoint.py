"""The endpoint of the embedded model."""

from desktop.domain.failure import FailureKind
from desktop.local.endpoint import embedded_endpoint, unusable


def test_the_demo_model_gets_calm_sampling() -> None:
    endpoint = embedded_endpoint()
    assert (endpoint.id, endpoint.name, endpoint.provider) == ("local", "On this computer", "openai-chat")
    assert endpoint.embedded
    assert endpoint.base_url == ""
    assert endpoint.key is None
    assert endpoint.models == (endpoint.default_model,) == ("SmolLM2 135M (demo)",)
    assert endpoint.body == {"temperature": 0.2, "top_p": 0.9, "max_tokens": 512, "return_progress": True}


def test_a_model_of_ones_own_keeps_its_sampling() -> None:
    endpoint = embedded_endpoint("/models/Qwen 3.Q4_K_M.gguf")
    assert endpoint.model_file == "/models/Qwen 3.Q4_K_M.gguf"
    assert endpoint.default_model == "Qwen 3.Q4_K_M"
    assert endpoint.body == {"return_progress": True}


def test_bodies_are_not_shared() -> None:
    embedded_endpoint().body["temperature"] = 2
    assert embedded_endpoint().body["temperature"] == 0.2


def test_a_failure_names_the_endpoint_and_says_why() -> None:
    failure = unusable("No room.", model="tiny", retry_after=3).failure
    assert failure.kind is FailureKind.LOCAL_MODEL
    assert (failure.endpoint, failure.model, failure.words, failure.retry_after) == (
        "On this computer",
        "tiny",
        "No room.",
        3,
    )
