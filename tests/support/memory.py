"""The outside world of chat, kept in memory: small, real enough to fail, with nothing patched."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import replace

from desktop.chat.ports import (
    FoundKey,
    FoundServer,
    KeySource,
    LocalAddress,
    StorageError,
    VaultError,
)
from desktop.domain.delta import Delta, FinishDelta, StopReason, TextDelta
from desktop.domain.endpoint import Endpoint, KeyRef, ModelInfo
from desktop.domain.failure import Failure, TurnFailedError
from desktop.domain.message import Conversation, Message
from desktop.domain.prompt import Prompt
from desktop.domain.reply import ReplyBuffer
from desktop.domain.secret import Secret

Step = Sequence[Delta] | TurnFailedError | asyncio.Event | float


class MemorySender:
    """Plays steps: a batch of deltas is yielded, an Event or a number of seconds is waited for,
    a TurnFailedError raised. Each of `refusals` is raised once instead, before anything else.
    Records the prompts, keys, and how each stream was closed."""

    def __init__(self, *steps: Step) -> None:
        self.steps: list[Step] = list(steps) or [[TextDelta("Hello.")], [FinishDelta(StopReason.STOP)]]
        self.prompts: list[Prompt] = []
        self.endpoints: list[Endpoint] = []
        self.keys: list[Secret | None] = []
        self.refusals: list[Failure] = []
        self.closed = 0
        self.models: tuple[ModelInfo, ...] = (ModelInfo(id="model-a"), ModelInfo(id="model-b"))
        self.failure: Failure | None = None

    async def send(
        self, prompt: Prompt, endpoint: Endpoint, key: Secret | None
    ) -> AsyncGenerator[Sequence[Delta], None]:
        self.prompts.append(prompt)
        self.endpoints.append(endpoint)
        self.keys.append(key)
        try:
            if self.refusals:
                raise TurnFailedError(self.refusals.pop(0))
            yield ()
            for step in self.steps:
                if isinstance(step, TurnFailedError):
                    raise step
                if isinstance(step, asyncio.Event):
                    await step.wait()
                elif isinstance(step, float):
                    await asyncio.sleep(step)
                else:
                    yield step
        finally:
            self.closed += 1

    async def fetch_models(self, endpoint: Endpoint, key: Secret | None) -> tuple[ModelInfo, ...]:
        self.keys.append(key)
        if self.failure is not None:
            raise TurnFailedError(self.failure)
        return self.models


class MemoryHistory:
    """Conversations in dictionaries. With `is_full` set every write raises StorageError."""

    def __init__(self) -> None:
        self.conversations: dict[str, Conversation] = {}
        self.messages: dict[str, Message] = {}
        self.progress: dict[str, list[Delta]] = {}
        self.deleted: set[str] = set()
        self.hidden: set[str] = set()
        self.is_full = False
        self.is_changed_elsewhere = False
        self.writes: list[str] = []

    def _write(self, what: str) -> None:
        if self.is_full:
            raise StorageError("The disk is full. Make room, then try again.")
        self.writes.append(what)

    async def list_conversations(self, limit: int, offset: int = 0) -> Sequence[Conversation]:
        rows = [row for row in self.conversations.values() if row.id not in self.deleted]
        rows.sort(key=lambda row: (not row.pinned, -row.updated))
        return rows[offset : offset + limit]

    async def read_conversation(self, conversation_id: str) -> tuple[Conversation, Sequence[Message]] | None:
        row = self.conversations.get(conversation_id)
        if row is None or conversation_id in self.deleted:
            return None
        messages = (item for item in self.messages.values() if item.id not in self.hidden)
        return row, [item for item in messages if item.conversation_id == conversation_id]

    async def write_conversation(self, conversation: Conversation) -> None:
        self._write("conversation")
        self.conversations[conversation.id] = conversation

    async def write_message(self, message: Message) -> None:
        self._write(f"message {message.role} {message.state}")
        self.messages[message.id] = message
        self.progress.pop(message.id, None)

    async def write_progress(self, message_id: str, deltas: Sequence[Delta]) -> None:
        self._write("progress")
        self.progress.setdefault(message_id, []).extend(deltas)

    async def delete_messages(self, message_ids: Sequence[str]) -> None:
        self._write("delete messages")
        self.hidden.update(message_ids)

    async def restore_messages(self, message_ids: Sequence[str]) -> None:
        self._write("restore messages")
        self.hidden.difference_update(message_ids)

    async def set_head(self, conversation_id: str, head_id: str | None) -> None:
        self._write("head")
        row = self.conversations[conversation_id]
        self.conversations[conversation_id] = replace(row, head_id=head_id)

    async def delete_conversation(self, conversation_id: str) -> None:
        self._write("delete")
        self.deleted.add(conversation_id)

    async def restore_conversation(self, conversation_id: str) -> None:
        self._write("restore")
        self.deleted.discard(conversation_id)

    async def search(self, text: str, limit: int) -> Sequence[Conversation]:
        texts = {
            row.id: row.title + "".join(m.text for m in self.messages.values() if m.conversation_id == row.id)
            for row in await self.list_conversations(10_000)
        }
        return [
            self.conversations[name] for name, body in texts.items() if text.casefold() in body.casefold()
        ][:limit]

    async def has_changed_elsewhere(self) -> bool:
        changed, self.is_changed_elsewhere = self.is_changed_elsewhere, False
        return changed

    def text_in_progress(self, message_id: str) -> str:
        """Return the text of a reply as the disk would have it after a kill."""
        buffer = ReplyBuffer()
        buffer.add_all(self.progress.get(message_id, ()))
        return buffer.text()


class MemoryVault:
    """Keys in dictionaries. With `problem` set every call to the keyring raises VaultError."""

    def __init__(self, name: str | None = "Test keyring") -> None:
        self.name = name
        self.stored: dict[str, Secret] = {}
        self.held: dict[str, Secret] = {}
        self.environment: dict[str, str] = {}
        self.problem = ""

    def _check(self) -> None:
        if self.problem:
            raise VaultError(self.problem)

    async def read(self, ref: KeyRef) -> FoundKey | None:
        if ref.name in self.held:
            return FoundKey(self.held[ref.name], KeySource.MEMORY)
        if ref.name in self.stored:
            self._check()
            return FoundKey(self.stored[ref.name], KeySource.KEYRING)
        for variable in ref.variables:
            if variable in self.environment:
                return FoundKey(Secret(self.environment[variable]), KeySource.ENVIRONMENT, variable)
        self._check()
        return None

    async def write(self, ref: KeyRef, secret: Secret) -> None:
        self._check()
        self.stored[ref.name] = secret

    def hold(self, ref: KeyRef, secret: Secret) -> None:
        self.held[ref.name] = secret

    async def delete(self, ref: KeyRef) -> None:
        self._check()
        self.stored.pop(ref.name, None)
        self.held.pop(ref.name, None)

    async def describe(self) -> str | None:
        return self.name


class MemoryLocal:
    """An embedded model that reports two steps and then names its address."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.failure: Failure | None = None
        self.stopped = 0

    async def start(self, model_file: str, report: Callable[[str, float | None], None]) -> LocalAddress:
        self.started.append(model_file)
        report("Starting the model", None)
        if self.failure is not None:
            raise TurnFailedError(self.failure)
        await asyncio.sleep(0)
        report("Loading the model", 0.5)
        return LocalAddress("http://127.0.0.1:9/v1", Secret("local-key-for-tests"), "demo")

    def stop(self) -> Awaitable[None]:
        self.stopped += 1
        return asyncio.sleep(0)


class MemoryFinder:
    """Finds what it was given."""

    def __init__(self, *servers: FoundServer) -> None:
        self.servers = servers

    async def find(self) -> tuple[FoundServer, ...]:
        return self.servers

    async def find_again(self) -> tuple[FoundServer, ...]:
        return self.servers


class MemorySettings:
    """Endpoints and preferences in memory."""

    def __init__(self, *endpoints: Endpoint, **preferences: str) -> None:
        self.endpoints: tuple[Endpoint, ...] = endpoints
        self.preferences: dict[str, str] = dict(preferences)
        self.problem = ""

    async def read_endpoints(self) -> tuple[Endpoint, ...]:
        if self.problem:
            raise StorageError(self.problem)
        return self.endpoints

    async def write_endpoints(self, endpoints: Sequence[Endpoint]) -> None:
        self.endpoints = tuple(endpoints)

    def preference(self, name: str, default: str = "") -> str:
        return self.preferences.get(name, default)

    async def write_preference(self, name: str, value: str) -> None:
        self.preferences[name] = value
