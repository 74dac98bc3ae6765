"""Windows: how many tokens each model can read at once, and who says so."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from desktop.chat.endpoints import Endpoints
from desktop.chat.keys import read_keys
from desktop.chat.ports import Vault, VaultError
from desktop.chat.tasks import TaskOwner
from desktop.domain.cut import ContextChoice
from desktop.domain.endpoint import Endpoint, ModelRef
from desktop.domain.failure import Failure, TurnFailedError
from desktop.domain.secret import Secret

# "maximum context length is 8192 tokens", "context size (4096 tokens)", "context window of 200,000".
_STATED = re.compile(
    r"(?:context|prompt) (?:length|size|window)[^0-9\n]{0,24}([0-9][0-9,_]{2,11})", re.IGNORECASE
)
_MOST = 100_000_000


class WindowSource(StrEnum):
    """Who says how large a context window is."""

    NOBODY = ""
    HAND = "hand"
    SERVICE = "service"
    COMPUTER = "computer"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Window:
    """The size of a context window in tokens, None where nobody knows it, and who says so."""

    tokens: int | None = None
    source: WindowSource = WindowSource.NOBODY


@dataclass(frozen=True, slots=True)
class WindowSources:
    """Where the sizes of context windows come from, beside the lists of models. None is unknown.

    `listed` returns what the kept list says of a model and asks nobody, `embedded` the tokens with which the
    model file on this computer is started, `running` those with which a server runs a model now, asked
    with a key of `vault`; it raises TurnFailedError.
    """

    listed: Callable[[Endpoint, str], Awaitable[int | None]]
    embedded: Callable[[str], Awaitable[int | None]]
    running: Callable[[Endpoint, str, Secret | None], Awaitable[int | None]]
    vault: Vault


class Windows(QObject):
    """Knows the context windows. `changed` says that another one is known now.

    What was set by hand for a conversation counts before what the service says, and that before the kept
    list. Nothing is guessed.
    """

    changed = Signal()

    def __init__(
        self, endpoints: Endpoints, sources: WindowSources, tasks: TaskOwner, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._endpoints = endpoints
        self._sources = sources
        self._tasks = tasks
        self._found: dict[tuple[str, str, str], Window] = {}
        self._told: dict[tuple[str, str, str], Window] = {}
        endpoints.models_changed.connect(self.changed)

    def window(self, ref: ModelRef, choice: ContextChoice) -> Window:
        """Return a model's window in a conversation; what has to be looked up follows by `changed`."""
        if choice.window is not None:
            return Window(choice.window, WindowSource.HAND)
        endpoint = self._endpoints.endpoint(ref.endpoint_id)
        if endpoint is None:
            return Window()
        key = _key(endpoint, ref.model)
        if (told := self._told.get(key)) is not None:
            return told
        info = self._endpoints.model(ref)
        if info is not None and info.context_tokens:
            return Window(info.context_tokens, WindowSource.SERVICE)
        found = self._found.get(key)
        if found is None and self._tasks.can_start:
            found = self._found[key] = Window()
            self._tasks.start(self._look_up(endpoint, ref.model))
        return found or Window()

    def learn(self, endpoint: Endpoint, failure: Failure) -> None:
        """Take the window that a service states when it refuses a prompt as too long."""
        stated = _STATED.search(failure.words)
        if stated is None:
            return
        tokens = int(re.sub(r"\D", "", stated[1]))
        if 0 < tokens < _MOST:
            self._take(_key(endpoint, failure.model), tokens)

    def ask_running(self, endpoint: Endpoint, model: str) -> None:
        """Ask a server that has just answered with which window it runs the model, if it tells that."""
        if endpoint.provider == "ollama" and _key(endpoint, model) not in self._told:
            self._tasks.start(self._ask_running(endpoint, model))

    async def _look_up(self, endpoint: Endpoint, model: str) -> None:
        if endpoint.embedded:
            tokens = await self._sources.embedded(endpoint.model_file)
            window = Window(tokens, WindowSource.COMPUTER)
        else:
            tokens = await self._sources.listed(endpoint, model)
            window = Window(tokens, WindowSource.LIST)
        if tokens:
            self._found[_key(endpoint, model)] = window
            self.changed.emit()

    async def _ask_running(self, endpoint: Endpoint, model: str) -> None:
        try:
            found = await read_keys(self._sources.vault, endpoint)
            tokens = await self._sources.running(endpoint, model, found.secret if found else None)
        except (TurnFailedError, VaultError):
            return
        if tokens:
            self._take(_key(endpoint, model), tokens)

    def _take(self, key: tuple[str, str, str], tokens: int) -> None:
        self._told[key] = Window(tokens, WindowSource.SERVICE)
        self.changed.emit()


def _key(endpoint: Endpoint, model: str) -> tuple[str, str, str]:
    return endpoint.id, endpoint.model_file or endpoint.base_url, model
