"""How far the sending of one request has come: still on the way to a proxy, or with the service itself."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from desktop.domain.network import DIRECT, SYSTEM
from desktop.wire.failures import Place
from desktop.wire.request import is_loopback

if TYPE_CHECKING:
    from desktop.wire.client import Patience


WATCHER: ContextVar[Callable[[str, Mapping[str, Any]], None] | None] = ContextVar("watcher", default=None)
"""What hears of the requests of this task. One that is looked at goes over a connection of its own."""


class Progress:
    """Hears from httpcore what happens to a request, by `note`.

    A proxy has the time of a connection to let a request through: httpcore sets no limit to that, and a
    dead proxy would otherwise be waited for as long as a service that thinks.
    """

    def __init__(self, url: str, place: Place, patience: "Patience") -> None:
        self.proxy = proxy_of(url, place.route.proxy)
        self.is_at_proxy = False
        self.is_reused = True
        self.scope: asyncio.Timeout | None = None
        self._patience = patience
        self._stream: Any = None
        self._tunnels = urlsplit(url).scheme == "https"

    async def note(self, name: str, info: Mapping[str, Any]) -> None:
        """Take one of httpcore's trace events."""
        if (watch := WATCHER.get()) is not None:
            watch(name, info)
        kind, _, event = name.partition(".")
        if name == "socks.connect_tcp.complete":
            self._stream = info.get("return_value")
        if event in ("connect_tcp.started", "connect_unix_socket.started"):
            self.is_reused = False
            self.is_at_proxy = bool(self.proxy)
        elif not self.is_at_proxy:
            return
        elif event == "connect_tcp.complete" and (kind == "socks" or self._tunnels):
            self._limit(self._patience.connect)
        elif self._is_through(kind, event):
            self.is_at_proxy = False
            self._limit(self._patience.begin)

    async def hang_up(self) -> None:
        """Close a connection that a SOCKS proxy did not let through, which httpcore leaves open."""
        if self.is_at_proxy and self._stream is not None:
            with contextlib.suppress(Exception):
                await self._stream.aclose()

    def _is_through(self, kind: str, event: str) -> bool:
        if kind == "socks":
            return event == "setup_socks5_connection.complete"
        if self._tunnels:
            return (kind, event) == ("proxy", "start_tls.started")
        # Without a tunnel the proxy passes the request on and answers in the service's place.
        return event == "send_request_headers.started"

    def _limit(self, seconds: float) -> None:
        if self.scope is not None:
            self.scope.reschedule(asyncio.get_running_loop().time() + seconds)


def proxy_of(url: str, proxy: str) -> str:
    """Return the address of the proxy that stands before `url`, without name and password, or nothing."""
    if is_loopback(url) or proxy == DIRECT:
        return ""
    if proxy != SYSTEM:
        return proxy
    parts = urlsplit(url)
    proxies = getproxies()
    found = proxies.get(parts.scheme) or proxies.get("all") or ""
    try:
        is_passed = bool(found) and bool(proxy_bypass(parts.hostname or ""))
    except OSError:
        is_passed = sys.platform == "win32"
    if not found or is_passed:
        return ""
    scheme, separator, rest = found.rpartition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"
