"""The model on this computer and the search for servers, imported when they are first wanted."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from desktop.base.paths import Paths
from desktop.domain.local import FoundServer, LocalAddress

if TYPE_CHECKING:
    from desktop.local.finder import ServerFinder
    from desktop.local.server import LocalServer


class LateModel:
    """The embedded model's keeper, imported when the model is first wanted."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._server: LocalServer | None = None

    async def start(self, model_file: str, report: Callable[[str, float | None], None]) -> LocalAddress:
        """Start the model; see `LocalModel`."""
        if self._server is None:
            from desktop.local.server import LocalServer

            self._server = LocalServer(self._paths.data, self._paths.cache)
        return await self._server.start(model_file, report)

    async def window(self, model_file: str) -> int | None:
        """Return the tokens with which a model file is started, None where that can't be told."""

        def look() -> int | None:
            from desktop.local.choice import context_of_file

            return context_of_file(model_file, self._paths.data)

        return await asyncio.to_thread(look)

    async def stop(self) -> None:
        """End the model's process."""
        if self._server is not None:
            await self._server.stop()


class LateFinder:
    """Looks for model servers, imported when someone looks."""

    def __init__(self) -> None:
        self._finder: ServerFinder | None = None

    async def find(self) -> tuple[FoundServer, ...]:
        """Return the servers that answer; see `Finder`."""
        return await self._built().find()

    async def find_again(self) -> tuple[FoundServer, ...]:
        """Look anew."""
        return await self._built().find_again()

    def _built(self) -> "ServerFinder":
        if self._finder is None:
            from desktop.local.finder import ServerFinder

            self._finder = ServerFinder()
        return self._finder
