"""The way to the network, imported when it is first wanted: that takes longer than a first paint may."""

import asyncio
import functools
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

from desktop.base.paths import resources
from desktop.domain.abilities import Abilities
from desktop.domain.delta import Delta
from desktop.domain.endpoint import Endpoint, ModelInfo
from desktop.domain.options import Options
from desktop.domain.prompt import Prompt
from desktop.domain.recording import Recorder
from desktop.domain.release import Release
from desktop.domain.secret import Secret
from desktop.domain.trial import Finding

if TYPE_CHECKING:
    from desktop.providers.send import RouteFinder, WireSender
    from desktop.wire.client import WireClient


class LateSender:
    """The way to the network, imported on a worker thread: that takes longer than a first paint may."""

    def __init__(
        self,
        find_route: "RouteFinder",
        client: "WireClient | None" = None,
        recorder: Recorder | None = None,
    ) -> None:
        self.recorder = recorder
        self._find_route = find_route
        self._client = client
        self._sender: WireSender | None = None
        self._building = threading.Lock()
        self._is_prepared = False

    def prepare(self) -> None:
        """Import and build what the first request needs. For a worker thread."""
        _, client = self._built()
        client.prepare()
        self._is_prepared = True

    async def send(
        self, prompt: Prompt, endpoint: Endpoint, key: Secret | None
    ) -> AsyncGenerator[Sequence[Delta], None]:
        """Send a prompt; see `Sender`."""
        sender, _ = await self._ready()
        async with aclosing(sender.send(prompt, endpoint, key)) as batches:
            async for batch in batches:
                yield batch

    async def fetch_models(self, endpoint: Endpoint, key: Secret | None) -> tuple[ModelInfo, ...] | None:
        """Ask for an endpoint's models; see `Sender`."""
        sender, _ = await self._ready()
        return await sender.fetch_models(endpoint, key)

    @asynccontextmanager
    async def watched(self, endpoint: Endpoint, report: Callable[[Finding], None]) -> AsyncIterator[None]:
        """Report the way to an endpoint while requests are sent to it; see `WireSender.watched`."""
        sender, _ = await self._ready()
        async with sender.watched(endpoint, report):
            yield

    def abilities(self, endpoint: Endpoint, model: str, options: Options) -> Abilities:
        """Return what an endpoint takes; see `Sender`."""
        return self._built()[0].abilities(endpoint, model, options)

    async def listed_window(self, endpoint: Endpoint, model: str) -> int | None:
        """Return the size of a model's context window by the kept list, None where it is not there."""

        def look() -> int | None:
            from desktop.providers.prices import context_tokens

            return context_tokens(endpoint, model)

        return await asyncio.to_thread(look)

    async def fetch_window(self, endpoint: Endpoint, model: str, key: Secret | None) -> int | None:
        """Ask a server with which context window it runs a model now. Raises TurnFailedError."""
        sender, _ = await self._ready()
        return await sender.fetch_window(endpoint, model, key)

    async def fetch_release(self, address: str) -> Release:
        """Ask an address for the newest release. Raises TurnFailedError."""
        from desktop.providers.releases import fetch_release

        _, client = await self._ready()
        route = await self._find_route(Endpoint(id="", name="", base_url=address))
        return await fetch_release(client, address, route)

    async def fetch_picture(self, address: str) -> bytes:
        """Fetch a picture that the reader asked for. Raises PictureRefusedError."""
        from desktop.wire.pictures import fetch_picture

        _, client = await self._ready()
        route = await self._find_route(Endpoint(id="", name="", base_url=address))
        return await fetch_picture(client, address, route)

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.aclose()

    async def _ready(self) -> "tuple[WireSender, WireClient]":
        if not self._is_prepared:
            await asyncio.to_thread(self.prepare)
        return self._built()

    def _built(self) -> "tuple[WireSender, WireClient]":
        from desktop.providers.send import WireSender
        from desktop.wire.client import WireClient

        with self._building:
            client = self._client = self._client or WireClient()
            if self._sender is None:
                self._sender = WireSender(client, find_route=self._find_route, recorder=self.recorder)
            return self._sender, client


class LateReleases:
    """Where newer versions are published; the address is read when someone looks."""

    def __init__(self, sender: LateSender) -> None:
        self._sender = sender

    @functools.cached_property
    def address(self) -> str:
        """The address that this build was given, empty where it was given none."""
        from desktop.providers.releases import releases_address

        return releases_address(resources())

    @property
    def is_known(self) -> bool:
        """Whether this build was given an address."""
        return bool(self.address)

    async def fetch_newest(self) -> Release:
        """Ask for the newest release; see `Releases`."""
        return await self._sender.fetch_release(self.address)
