"""The outside world of chat, kept in memory: small, real enough to fail, with nothing patched."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from desktop.chat.ports import (
    FoundKey,
    FoundServer,
    KeySource,
    LocalAddress,
    StorageError,
    VaultError,
)
from desktop.domain.abilities import Abilities
from desktop.domain.delta import Delta, FinishDelta, StopReason, TextDelta
from desktop.domain.endpoint import Endpoint, KeyRef, ModelInfo
from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from desktop.domain.listing import Listing
from desktop.domain.message import Conversation, Message
from desktop.domain.options import Options
from desktop.domain.order import SHELF, Folder, Place, Scope, Tag
from desktop.domain.prompt import Prompt
from desktop.domain.reply import ReplyBuffer
from desktop.domain.search import Found, Hit, Query
from desktop.domain.secret import Secret

Step = Sequence[Delta] | TurnFailedError | asyncio.Event | float


class MemorySender:
    """Plays steps: a batch of deltas is yielded, an Event or a number of seconds is waited for,
    a TurnFailedError raised. Each of `refusals` is raised once instead, before anything else.
    Of `by_model` a model has steps of its own. Records the prompts, keys, and how each stream was
    closed."""

    def __init__(self, *steps: Step) -> None:
        self.steps: list[Step] = list(steps) or [[TextDelta("Hello.")], [FinishDelta(StopReason.STOP)]]
        self.by_model: dict[str, list[Step]] = {}
        self.prompts: list[Prompt] = []
        self.endpoints: list[Endpoint] = []
        self.keys: list[Secret | None] = []
        self.refusals: list[Failure] = []
        self.closed = 0
        self.models: tuple[ModelInfo, ...] | None = (ModelInfo(id="model-a"), ModelInfo(id="model-b"))
        self.failure: Failure | None = None
        self.wants_key = False
        self.takes = Abilities(title="Test protocol")

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
            for step in self.by_model.get(prompt.model, self.steps):
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

    async def fetch_models(self, endpoint: Endpoint, key: Secret | None) -> tuple[ModelInfo, ...] | None:
        if self.wants_key and not key:
            raise TurnFailedError(Failure(kind=FailureKind.KEY_REFUSED, endpoint=endpoint.name))
        self.keys.append(key)
        if self.failure is not None:
            raise TurnFailedError(self.failure)
        return self.models

    def abilities(self, endpoint: Endpoint, model: str, options: Options) -> Abilities:
        return self.takes


class MemoryHistory:
    """Conversations in dictionaries. With `is_full` set every write raises StorageError."""

    def __init__(self) -> None:
        self.conversations: dict[str, Conversation] = {}
        self.messages: dict[str, Message] = {}
        self.progress: dict[str, list[Delta]] = {}
        self.deleted: set[str] = set()
        self.folders: dict[str, str] = {}
        self.end_only = 0
        """How many messages `read_end` gives of a longer conversation; 0 for all."""
        self.hidden: set[str] = set()
        self.drafts: dict[str, str] = {}
        self.is_full = False
        self.is_changed_elsewhere = False
        self.writes: list[str] = []

    def _write(self, what: str) -> None:
        if self.is_full:
            raise StorageError("The disk is full. Make room, then try again.")
        self.writes.append(what)

    async def list_conversations(
        self, limit: int, offset: int = 0, scope: Scope = SHELF
    ) -> Sequence[Conversation]:
        rows = [row for row in self.conversations.values() if self._is_in(row, scope)]
        rows.sort(key=lambda row: (not row.pinned, -row.updated))
        return rows[offset : offset + limit]

    def _is_in(self, row: Conversation, scope: Scope) -> bool:
        if row.id in self.deleted or scope.place is Place.BIN:
            return row.id in self.deleted and scope.place is Place.BIN
        if scope.place is Place.ARCHIVE or row.archived:
            return row.archived and scope.place is Place.ARCHIVE
        if scope.place is Place.FOLDER:
            return row.folder_id == scope.value
        return scope.place is not Place.TAG or scope.value in row.tags

    async def read_rows(self, conversation_ids: Sequence[str]) -> Sequence[Conversation]:
        return [
            self.conversations[name]
            for name in conversation_ids
            if name in self.conversations and name not in self.deleted
        ]

    async def list_folders(self) -> Sequence[Folder]:
        listed = await self.list_conversations(10_000)
        return [
            Folder(name, words, sum(row.folder_id == name for row in listed))
            for name, words in sorted(self.folders.items(), key=lambda item: item[1].casefold())
        ]

    async def list_tags(self) -> Sequence[Tag]:
        listed = await self.list_conversations(10_000)
        names = sorted({tag for row in listed for tag in row.tags}, key=str.casefold)
        return [Tag(name, sum(name in row.tags for row in listed)) for name in names]

    async def write_folder(self, folder_id: str, name: str) -> None:
        self._write("folder")
        self.folders[folder_id] = name

    async def delete_folder(self, folder_id: str) -> Sequence[str]:
        self._write("folder deleted")
        self.folders.pop(folder_id, None)
        inside = [row.id for row in self.conversations.values() if row.folder_id == folder_id]
        self._change(inside, folder_id=None)
        return inside

    async def set_folder(self, conversation_ids: Sequence[str], folder_id: str | None) -> None:
        self._write("into folder")
        self._change(conversation_ids, folder_id=folder_id)

    async def set_tag(self, conversation_ids: Sequence[str], name: str, is_on: bool) -> None:
        self._write("tag")
        for each in conversation_ids:
            tags = set(self.conversations[each].tags) - {name} | ({name} if is_on else set())
            self._change((each,), tags=tuple(sorted(tags, key=str.casefold)))

    async def set_archived(self, conversation_ids: Sequence[str], is_archived: bool) -> None:
        self._write("archive")
        self._change(conversation_ids, archived=is_archived)

    def _change(self, conversation_ids: Sequence[str], **changes: object) -> None:
        for name in conversation_ids:
            self.conversations[name] = replace(self.conversations[name], **changes)  # type: ignore[arg-type]

    async def read_conversation(self, conversation_id: str) -> tuple[Conversation, Sequence[Message]] | None:
        row = self.conversations.get(conversation_id)
        if row is None or conversation_id in self.deleted:
            return None
        messages = (item for item in self.messages.values() if item.id not in self.hidden)
        return row, [item for item in messages if item.conversation_id == conversation_id]

    async def read_end(self, conversation_id: str) -> tuple[Conversation, Sequence[Message], bool] | None:
        found = await self.read_conversation(conversation_id)
        if found is None:
            return None
        count = self.end_only
        if not count or len(found[1]) <= count:
            return *found, True
        return found[0], found[1][-count:], False

    async def write_conversation(self, conversation: Conversation) -> None:
        self._write("conversation")
        old = self.conversations.get(conversation.id, conversation)
        self.conversations[conversation.id] = replace(
            conversation, folder_id=old.folder_id, archived=old.archived, tags=old.tags
        )

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

    async def read_drafts(self) -> dict[str, str]:
        return dict(self.drafts)

    async def write_draft(self, conversation_id: str, text: str) -> None:
        self._write("draft")
        self.drafts = {**self.drafts, conversation_id: text}
        if not text:
            del self.drafts[conversation_id]

    async def set_head(self, conversation_id: str, head_id: str | None) -> None:
        self._write("head")
        row = self.conversations[conversation_id]
        self.conversations[conversation_id] = replace(row, head_id=head_id)

    async def delete_conversations(self, conversation_ids: Sequence[str]) -> None:
        self._write("delete")
        self.deleted.update(conversation_ids)

    async def erase_conversations(self, conversation_ids: Sequence[str]) -> None:
        self._write("erase")
        for name in conversation_ids:
            if name in self.deleted:
                self.deleted.discard(name)
                del self.conversations[name]

    async def purge(self, before_ms: int | None = None) -> int:
        self._write("purge")
        gone = tuple(self.deleted)
        await self.erase_conversations(gone)
        return len(gone)

    async def restore_conversation(self, conversation_id: str) -> None:
        self._write("restore")
        self.deleted.discard(conversation_id)

    async def search(self, query: Query, limit: int) -> Found:
        words = [word.text.casefold() for word in query.words]
        hits: list[Hit] = []
        for row in await self.list_conversations(10_000):
            if words and all(word in row.title.casefold() for word in words):
                hits.append(Hit(conversation=row, created=row.updated))
            hits += [
                Hit(
                    conversation=row,
                    message_id=message.id,
                    role=message.role,
                    created=message.created,
                    excerpt=message.text,
                )
                for message in self.messages.values()
                if message.conversation_id == row.id
                and all(word in message.text.casefold() for word in words)
            ]
        hits.sort(key=lambda hit: bool(hit.message_id))
        return Found(tuple(hits[:limit]), len(hits) <= limit)

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
        self.listings: dict[str, Listing] = {}
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

    async def read_models(self) -> Mapping[str, Listing]:
        return dict(self.listings)

    async def write_models(self, listings: Mapping[str, Listing]) -> None:
        self.listings = dict(listings)
