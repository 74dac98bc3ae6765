"""What chat needs of the outside world, so that a conversation runs in tests without any of it."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from desktop.domain.abilities import Abilities
from desktop.domain.delta import Delta
from desktop.domain.endpoint import Endpoint, KeyRef, ModelInfo
from desktop.domain.failure import StorageError, VaultError
from desktop.domain.listing import Listing
from desktop.domain.local import FoundServer, LocalAddress
from desktop.domain.message import Conversation, FilePart, ImagePart, Message
from desktop.domain.options import Options
from desktop.domain.order import SHELF, Folder, Scope, Tag
from desktop.domain.prompt import Prompt
from desktop.domain.release import Release
from desktop.domain.search import Found, Query
from desktop.domain.secret import FoundKey, KeySource, Secret

__all__ = [
    "Finder",
    "FoundKey",
    "FoundServer",
    "History",
    "KeySource",
    "LocalAddress",
    "LocalModel",
    "Opener",
    "Preferred",
    "Releases",
    "Sender",
    "Settings",
    "StorageError",
    "Vault",
    "VaultError",
]


class Sender(Protocol):
    """Sends a prompt to an endpoint and gives what comes back."""

    def send(
        self, prompt: Prompt, endpoint: Endpoint, key: Secret | None
    ) -> AsyncGenerator[Sequence[Delta], None]:
        """Yield the deltas of each chunk as it arrives.

        The first batch is empty: the service has accepted the request. The generator returns when
        the protocol's own end was seen and raises TurnFailedError in every other case. It is used
        under `contextlib.aclosing`; closing or cancelling it closes the connection.
        """
        ...

    async def fetch_models(self, endpoint: Endpoint, key: Secret | None) -> tuple[ModelInfo, ...] | None:
        """Ask the endpoint for its models; None where its protocol has no such question.

        Raises TurnFailedError.
        """
        ...

    def abilities(self, endpoint: Endpoint, model: str, options: Options) -> Abilities:
        """Return what an endpoint takes for a model beside these options. Asks nobody."""
        ...


class History(Protocol):
    """The conversations on disk. Every call returns once the disk has it; all raise StorageError."""

    async def list_conversations(
        self, limit: int, offset: int = 0, scope: Scope = SHELF
    ) -> Sequence[Conversation]:
        """Return conversations of a place, pinned first, then the most recently updated first.

        Of the bin the last deleted come first.
        """
        ...

    async def read_rows(self, conversation_ids: Sequence[str]) -> Sequence[Conversation]:
        """Return the own rows of conversations that are there and not in the bin."""
        ...

    async def list_folders(self) -> Sequence[Folder]:
        """Return the folders by name."""
        ...

    async def list_tags(self) -> Sequence[Tag]:
        """Return the tags in use by name."""
        ...

    async def write_folder(self, folder_id: str, name: str) -> None:
        """Make a folder, or give it another name."""
        ...

    async def delete_folder(self, folder_id: str) -> Sequence[str]:
        """Take a folder away; its conversations stay, in none. Returns their ids."""
        ...

    async def set_folder(self, conversation_ids: Sequence[str], folder_id: str | None) -> None:
        """Put conversations into a folder, or into none."""
        ...

    async def set_tag(self, conversation_ids: Sequence[str], name: str, is_on: bool) -> None:
        """Give conversations a tag, or take it from them."""
        ...

    async def set_archived(self, conversation_ids: Sequence[str], is_archived: bool) -> None:
        """Put conversations into the archive, or take them out."""
        ...

    async def read_conversation(self, conversation_id: str) -> tuple[Conversation, Sequence[Message]] | None:
        """Return a conversation and all its messages in order of creation, or None."""
        ...

    async def read_end(self, conversation_id: str) -> tuple[Conversation, Sequence[Message], bool] | None:
        """Return a conversation, the end of its branch, and whether these are all messages, or None."""
        ...

    async def write_conversation(self, conversation: Conversation) -> None:
        """Insert or update a conversation's own row."""
        ...

    async def write_message(self, message: Message) -> None:
        """Insert or replace a message and its parts, make it its conversation's head if it is new."""
        ...

    def write_progress(self, message_id: str, deltas: Sequence[Delta]) -> Awaitable[None]:
        """Append what came of a streaming reply since the last call."""
        ...

    async def read_drafts(self) -> Mapping[str, str]:
        """Return what was typed and not sent, by conversation; the empty id is for new ones."""
        ...

    async def write_draft(self, conversation_id: str, text: str) -> None:
        """Keep what is typed for a conversation; an empty text drops it."""
        ...

    async def set_head(self, conversation_id: str, head_id: str | None) -> None:
        """Remember the leaf of the branch on screen; None where every message is deleted."""
        ...

    async def delete_messages(self, message_ids: Sequence[str]) -> None:
        """Hide messages; they are kept for a while."""
        ...

    async def restore_messages(self, message_ids: Sequence[str]) -> None:
        """Show hidden messages again."""
        ...

    async def delete_conversations(self, conversation_ids: Sequence[str]) -> None:
        """Move conversations to the bin."""
        ...

    async def restore_conversation(self, conversation_id: str) -> None:
        """Take a conversation out of the bin."""
        ...

    async def erase_conversations(self, conversation_ids: Sequence[str]) -> None:
        """Delete conversations for good that are in the bin."""
        ...

    async def purge(self, before_ms: int | None = None) -> int:
        """Delete for good what went into the bin before a time, else 30 days ago; return how many."""
        ...

    async def search(self, query: Query, limit: int) -> Found:
        """Return the titles and messages with the words of a query; cancelling it stops it at once."""
        ...

    async def has_changed_elsewhere(self) -> bool:
        """Say whether another run has written since the last call, or since the opening.

        The answer comes when all that was written here before is on disk.
        """
        ...


class Opener(Protocol):
    """Reads files that go with a prompt, away from the window's thread. Both calls raise AttachError."""

    async def open_file(self, path: Path) -> ImagePart | FilePart:
        """Return the file at `path` as a part of a message."""
        ...

    async def open_data(self, name: str, data: bytes) -> ImagePart | FilePart:
        """Return the bytes of a file as a part of a message."""
        ...


class Vault(Protocol):
    """The OS keyring, behind a thread of its own, with this run's memory and environment beside it."""

    async def read(self, ref: KeyRef) -> FoundKey | None:
        """Return the key from memory, the keyring or the environment, in this order. Raises VaultError."""
        ...

    async def write(self, ref: KeyRef, secret: Secret) -> None:
        """Store a key in the keyring and read it back. Raises VaultError."""
        ...

    def hold(self, ref: KeyRef, secret: Secret) -> None:
        """Keep a key in memory for this run only."""
        ...

    async def delete(self, ref: KeyRef) -> None:
        """Remove a key from the keyring and from memory. Raises VaultError."""
        ...

    async def describe(self) -> str | None:
        """Return the name of the keyring in the user's words ("GNOME Keyring"), or None without one."""
        ...


class LocalModel(Protocol):
    """The embedded model in its own process."""

    async def start(self, model_file: str, report: Callable[[str, float | None], None]) -> LocalAddress:
        """Start the model, or return the running one. Raises TurnFailedError.

        `model_file` is empty for the demo model. `report` hears what happens, in words fit for the
        user, and how far it is from 0 to 1, or None where that is unknown.
        """
        ...

    def stop(self) -> Awaitable[None]:
        """End the model's process."""
        ...


class Finder(Protocol):
    """Looks for model servers on this computer. Sends no key and no prompt."""

    async def find(self) -> tuple[FoundServer, ...]:
        """Return the servers that answer, within about a second; the answer is kept for this run."""
        ...

    async def find_again(self) -> tuple[FoundServer, ...]:
        """Look anew."""
        ...


class Settings(Protocol):
    """Endpoints and preferences on disk."""

    async def read_endpoints(self) -> tuple[Endpoint, ...]:
        """Return the configured endpoints in the user's order. Raises StorageError naming the line."""
        ...

    async def write_endpoints(self, endpoints: Sequence[Endpoint]) -> None:
        """Write the endpoints, keeping the user's comments. Raises StorageError."""
        ...

    def preference(self, name: str, default: str = "") -> str:
        """Return a preference read at start."""
        ...

    async def write_preference(self, name: str, value: str) -> None:
        """Change a preference on disk. Raises StorageError."""
        ...

    async def read_models(self) -> Mapping[str, Listing]:
        """Return the models that services listed earlier, by their endpoints' ids."""
        ...

    async def write_models(self, listings: Mapping[str, Listing]) -> None:
        """Keep the models that services listed. Raises StorageError."""
        ...


class Preferred(Protocol):
    """A few small choices, kept beside the others; neither call waits for the disk."""

    def read(self, name: str, otherwise: str) -> str:
        """Return a preference, or `otherwise`."""
        ...

    def write(self, name: str, value: str) -> None:
        """Change a preference."""
        ...


class Releases(Protocol):
    """Where newer versions are published."""

    @property
    def is_known(self) -> bool:
        """Whether there is an address to ask."""
        ...

    async def fetch_newest(self) -> Release:
        """Ask for the newest release. Raises TurnFailedError."""
        ...
