"""DiskSettings: endpoints and preferences, asked for from coroutines and written by a thread of their own."""

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from desktop.base.paths import Paths, resources
from desktop.base.tongue import translate
from desktop.base.worker import Worker
from desktop.domain.endpoint import Endpoint
from desktop.domain.failure import StorageError
from desktop.domain.kept import Entry, Kept
from desktop.domain.listing import Listing
from desktop.domain.persona import Persona
from desktop.domain.template import Template
from desktop.store.endpoints import EndpointsFile
from desktop.store.entries import EntriesStore
from desktop.store.faults import storage_error
from desktop.store.models import ModelsFile
from desktop.store.preferences import PreferencesFile

_LOG = logging.getLogger(__name__)

T = TypeVar("T")
E = TypeVar("E", bound=Entry)


class DiskSettings:
    """The settings files. Every call raises StorageError, with a sentence for the user.

    `preferences` are those already read, where the first frame was painted by them.
    """

    def __init__(self, paths: Paths, preferences: PreferencesFile | None = None) -> None:
        self._worker = Worker("weir-settings")
        self._endpoints = EndpointsFile(paths.endpoints)
        self._models = ModelsFile(paths.models)
        if preferences is None:
            preferences = PreferencesFile(paths.preferences)
            preferences.read()
        self._preferences = preferences
        self._paths = paths
        if preferences.problem is not None:
            _LOG.warning("The preferences are not used: %s", preferences.problem)

    @property
    def problem(self) -> StorageError | None:
        """Why the preferences could not be read at the start, or None."""
        return self._preferences.problem

    async def read_endpoints(self) -> tuple[Endpoint, ...]:
        """Return the configured endpoints in the user's order. Raises StorageError naming the line."""
        return await self._run(self._endpoints.read)

    async def write_endpoints(self, endpoints: Sequence[Endpoint]) -> None:
        """Write the endpoints, keeping the user's comments. Raises StorageError, also for a key in them."""
        kept = tuple(endpoints)
        await self._run(lambda: self._endpoints.write(kept))

    def preference(self, name: str, default: str = "") -> str:
        """Return a preference as read at start or written since."""
        return self._preferences.get(name, default)

    async def write_preference(self, name: str, value: str) -> None:
        """Change a preference at once in memory and then on disk; the last value counts."""
        self._preferences.put(name, value)
        await self._run(self._preferences.write)

    async def read_models(self) -> Mapping[str, Listing]:
        """Return the models that services listed earlier, by their endpoints' ids."""
        return await self._run(self._models.read)

    async def write_models(self, listings: Mapping[str, Listing]) -> None:
        """Keep the models that services listed."""
        kept = dict(listings)
        await self._run(lambda: self._models.write(kept))

    @functools.cached_property
    def prompts(self) -> "DiskEntries[Template]":
        """The prompts that are kept to be used again."""
        from desktop.store.entry_forms import PROMPTS

        return DiskEntries(
            EntriesStore(self._paths.prompts, resources() / "prompts.toml", PROMPTS), self._run
        )

    @functools.cached_property
    def personas(self) -> "DiskEntries[Persona]":
        """The personas."""
        from desktop.store.entry_forms import PERSONAS

        return DiskEntries(
            EntriesStore(self._paths.personas, resources() / "personas.toml", PERSONAS), self._run
        )

    def close(self) -> "Future[None]":
        """Take no more work; the future is done once all that was asked for is on disk."""
        return self._worker.close()

    async def _run(self, call: Callable[[], T]) -> T:
        def guarded() -> T:
            try:
                return call()
            except Exception as problem:
                failure = storage_error(problem) if not isinstance(problem, StorageError) else problem
            raise failure

        try:
            future = self._worker.submit(guarded)
        except RuntimeError:
            raise StorageError(translate("Store", "Weir is closing; this was not saved.")) from None
        # What was asked for is done even if the one who asked is cancelled.
        return await asyncio.shield(asyncio.wrap_future(future))


class _Run(Protocol):
    def __call__(self, call: Callable[[], T]) -> Awaitable[T]: ...


class DiskEntries(Generic[E]):
    """What the user keeps in a file of entries, asked for from coroutines. Every call raises StorageError."""

    def __init__(self, store: EntriesStore[E], run: _Run) -> None:
        self._store = store
        self._run = run

    async def read_builtin(self) -> tuple[E, ...]:
        """Return the entries that come with the program."""
        return await self._run(self._store.read_builtin)

    async def read(self) -> Kept[E]:
        """Return what the file holds. Raises StorageError naming the line; the file is left alone."""
        return await self._run(self._store.read)

    async def write(self, kept: Kept[E]) -> None:
        """Write it, keeping the user's comments. Raises StorageError, also for a broken file."""
        await self._run(lambda: self._store.write(kept))

    async def read_from(self, file: Path) -> tuple[E, ...]:
        """Return the entries of another file of this kind."""
        return await self._run(lambda: self._store.read_from(file))

    async def write_to(self, file: Path, entries: Sequence[E]) -> None:
        """Write entries into another file."""
        await self._run(lambda: self._store.write_to(file, entries))
