"""How many tokens each model can read, by who says so."""

import pytest

from desktop.chat.windows import Window, Windows, WindowSource, WindowSources
from desktop.domain.cut import ContextChoice
from desktop.domain.endpoint import Endpoint, ModelInfo, ModelRef
from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from desktop.domain.secret import Secret
from tests.support.chatting import EMBEDDED, SERVICE, ChatRoom, until

REF = ModelRef("service", "model-x")
LOCAL = ModelRef("local", EMBEDDED.default_model)


class Room(ChatRoom):
    """A chat room with windows, and what is told of them."""

    def __init__(self) -> None:
        super().__init__()
        self.list_says: int | None = None
        self.file_says: int | None = None
        self.server_says: int | None = None
        self.asked: list[str] = []
        sources = WindowSources(self._listed, self._embedded, self._running, self.vault)
        self.windows = Windows(self.endpoints, sources, self.tasks)
        self.changes: list[None] = []
        self.windows.changed.connect(lambda: self.changes.append(None))

    async def _listed(self, endpoint: Endpoint, model: str) -> int | None:
        self.asked.append(f"list {model}")
        return self.list_says

    async def _embedded(self, model_file: str) -> int | None:
        self.asked.append(f"file {model_file}")
        return self.file_says

    async def _running(self, endpoint: Endpoint, model: str, key: Secret | None) -> int | None:
        self.asked.append(f"server {model}")
        if self.server_says is None:
            raise TurnFailedError(Failure(kind=FailureKind.SERVER))
        return self.server_says

    def window(self, ref: ModelRef = REF, **choice: int) -> Window:
        return self.windows.window(ref, ContextChoice(**choice))  # type: ignore[arg-type]


async def test_what_was_set_counts_before_the_service_and_that_before_the_list(qapp) -> None:
    room = Room()
    room.list_says = 32_000
    await room.endpoints.read()
    assert room.window() == Window()
    await until(lambda: bool(room.changes))
    assert room.window() == Window(32_000, WindowSource.LIST)
    room.sender.models = (ModelInfo(id="model-x", context_tokens=64_000),)
    room.vault.environment["SERVICE_API_KEY"] = "key"
    room.endpoints.refresh_models("service")
    await until(lambda: room.window().tokens == 64_000)
    assert room.window().source is WindowSource.SERVICE
    assert room.window(window=2_000) == Window(2_000, WindowSource.HAND)
    assert room.asked == ["list model-x"]
    await room.close()


async def test_the_model_here_has_what_it_is_started_with(qapp) -> None:
    room = Room()
    room.file_says = 4_096
    await room.endpoints.read()
    room.window(LOCAL)
    await until(lambda: room.window(LOCAL) == Window(4_096, WindowSource.COMPUTER))
    assert room.asked == ["file "]
    await room.close()


async def test_nothing_is_guessed(qapp) -> None:
    room = Room()
    await room.endpoints.read()
    assert room.window() == Window()
    await until(lambda: not room.tasks._all)
    assert room.window() == Window()
    assert room.asked == ["list model-x"]
    assert room.window(ModelRef("gone", "m")) == Window()
    await room.close()


@pytest.mark.parametrize(
    ("words", "tokens"),
    [
        ("This model's maximum context length is 8192 tokens. You requested 9000.", 8_192),
        ("request (8889 tokens) exceeds the available context size (4096 tokens), try increasing it", 4_096),
        ("prompt exceeds the context window of 200,000 tokens", 200_000),
        ("prompt is too long", None),
        ("context length 0", None),
    ],
)
async def test_a_refusal_that_states_it_is_believed(qapp, words: str, tokens: int | None) -> None:
    room = Room()
    await room.endpoints.read()
    room.windows.learn(SERVICE, Failure(kind=FailureKind.TOO_LONG, model="model-x", words=words))
    assert room.window().tokens == tokens
    await room.close()


async def test_only_ollama_is_asked_what_runs(qapp) -> None:
    room = Room()
    await room.endpoints.read()
    room.windows.ask_running(SERVICE, "model-x")
    here = Endpoint(id="here", name="Ollama", provider="ollama", base_url="http://127.0.0.1:1")
    room.endpoints.add(here)
    room.windows.ask_running(here, "m")
    await until(lambda: not room.tasks._all)
    assert room.asked == ["server m"]
    room.server_says = 8_192
    room.windows.ask_running(here, "m")
    await until(lambda: room.window(ModelRef("here", "m")).tokens == 8_192)
    await room.close()
