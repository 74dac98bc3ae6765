"""How much a model can read, where the list of models does not say it."""

from typing import Any

import pytest

from desktop.domain.endpoint import Endpoint, ModelInfo
from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from desktop.providers.prices import context_tokens
from desktop.providers.send import WireSender
from desktop.providers.windows import running_window, with_windows
from desktop.wire.client import WireClient
from desktop.wire.request import WireRequest
from tests.support.server import LoopbackServer, json_answer

HERE = "http://127.0.0.1:11434"


class Server:
    """Answers by address and body, and remembers what was asked."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def fetch(self, request: WireRequest) -> Any:
        name = request.url.removeprefix(HERE).strip("/")
        model = request.body["model"] if request.body is not None else ""
        self.asked.append(f"{request.method} {name} {model}".strip())
        answer = self.answers.get(f"{name}_{model}".strip("_").replace("/", "_"))
        if answer is None:
            raise TurnFailedError(Failure(kind=FailureKind.WRONG_ADDRESS))
        return answer


def endpoint(provider: str = "openai-chat", base_url: str = f"{HERE}/v1") -> Endpoint:
    return Endpoint(id="e", name="E", provider=provider, base_url=base_url)


def named(*names: str) -> tuple[ModelInfo, ...]:
    return tuple(ModelInfo(id=name) for name in names)


async def found(server: Server, listed: Any, where: Endpoint, *names: str) -> dict[str, int | None]:
    models = await with_windows(named(*names), listed, where, None, server.fetch)
    return {model.id: model.context_tokens for model in models}


@pytest.mark.parametrize("base_url", [HERE, f"{HERE}/api", f"{HERE}/"])
async def test_ollama_tells_of_what_runs_and_of_what_has_a_window_of_its_own(base_url: str) -> None:
    server = Server(
        api_ps={"models": [{"model": "a:1b", "context_length": 8192}]},
        api_show_b={"parameters": 'temperature 1\nnum_ctx                        16384\nstop "x"'},
        api_show_c={"parameters": "temperature 1", "model_info": {"c.context_length": 131072}},
    )
    told = await found(server, {"models": []}, endpoint("ollama", base_url), "a:1b", "b", "c", "d")
    # What "c" was made for is not what it is given.
    assert told == {"a:1b": 8192, "b": 16384, "c": None, "d": None}
    assert server.asked == ["GET api/ps", *(f"POST api/show {name}" for name in "bcd")]


async def test_llama_cpp_tells_it_for_its_one_model() -> None:
    server = Server(props={"default_generation_settings": {"n_ctx": 4096}})
    listed = {"data": [{"id": "m", "owned_by": "llamacpp", "meta": {"n_ctx_train": 131072}}]}
    assert await found(server, listed, endpoint(), "m") == {"m": 4096}
    assert server.asked == ["GET props"]


async def test_lm_studio_tells_what_is_loaded_before_what_could_be() -> None:
    rows = [{"id": "m", "loaded_context_length": 4096, "max_context_length": 32768}]
    rows.append({"id": "n", "max_context_length": 32768})
    server = Server(api_v0_models={"data": rows})
    listed = {"data": [{"id": "m", "owned_by": "organization_owner"}]}
    assert await found(server, listed, endpoint(), "m", "n", "o") == {"m": 4096, "n": 32768, "o": None}


@pytest.mark.parametrize(
    "listed",
    [{"data": [{"id": "m", "owned_by": "openai"}]}, {"data": []}, {"data": "x"}, [{"id": "m"}], None],
)
async def test_nobody_else_is_asked(listed: Any) -> None:
    server = Server()
    assert await found(server, listed, endpoint(), "m") == {"m": None}
    assert server.asked == []


async def test_what_the_list_said_is_not_asked_again() -> None:
    server = Server()
    models = (ModelInfo(id="m", context_tokens=9),)
    assert await with_windows(models, {}, endpoint("ollama", HERE), None, server.fetch) == models
    assert server.asked == []


@pytest.mark.parametrize("answer", [None, {}, {"models": 3}, {"models": [{"model": 3}]}, {"models": [7]}])
async def test_a_server_that_says_nothing_of_use_leaves_it_unknown(answer: Any) -> None:
    server = Server() if answer is None else Server(api_ps=answer)
    assert await found(server, {}, endpoint("ollama", HERE), "m") == {"m": None}
    assert await running_window("m", endpoint("ollama", HERE), None, server.fetch) is None


async def test_ollama_is_asked_what_runs_now() -> None:
    server = Server(api_ps={"models": [{"model": "m:latest", "context_length": 32768}]})
    assert await running_window("m", endpoint("ollama", HERE), None, server.fetch) == 32768
    assert await running_window("m", endpoint(), None, server.fetch) is None
    assert server.asked == ["GET api/ps"]


@pytest.mark.parametrize(
    ("base_url", "model", "tokens"),
    [
        ("https://api.openai.com/v1", "gpt-4o", 128_000),
        ("https://api.anthropic.com/v1", "claude-haiku-4-5", 200_000),
        ("https://api.openai.com/v1", "no-such-model", None),
        ("https://nobody.example/v1", "gpt-4o", None),
        ("http://127.0.0.1:8080/v1", "gpt-4o", None),
    ],
)
def test_the_kept_list_knows_what_known_services_offer(base_url: str, model: str, tokens: int | None) -> None:
    assert context_tokens(endpoint(base_url=base_url), model) == tokens


async def test_a_list_of_models_comes_with_their_windows() -> None:
    with LoopbackServer() as server:
        here = Endpoint(id="e", name="E", provider="ollama", base_url=server.url)
        server.answer(json_answer({"models": [{"model": "a"}, {"model": "b"}]}), path="/api/tags")
        server.answer(json_answer({"models": [{"model": "a", "context_length": 8192}]}), path="/api/ps")
        server.answer(json_answer({"parameters": "num_ctx 2048"}), path="/api/show")
        client = WireClient()
        sender = WireSender(client)
        models = await sender.fetch_models(here, None)
        assert models is not None
        assert {model.id: model.context_tokens for model in models} == {"a": 8192, "b": 2048}
        server.answer(json_answer({"models": [{"model": "b", "context_length": 4096}]}), path="/api/ps")
        assert await sender.fetch_window(here, "b", None) == 4096
        await client.aclose()
