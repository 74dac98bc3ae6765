"""The way to a server, looked at step by step while a request is sent: name, proxy, connection, TLS."""

import asyncio
import contextlib
import ipaddress
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from desktop.domain.failure import FailureKind
from desktop.domain.trial import Finding, Mark, Step
from desktop.wire.failures import Place, failed, failed_connection, failed_proxy
from desktop.wire.progress import WATCHER, proxy_of

_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


@contextlib.asynccontextmanager
async def watched_way(
    url: str, place: Place, report: Callable[[Finding], None], seconds: float
) -> AsyncIterator[None]:
    """Report the steps of the requests that this task sends within, the lookup of the name first.

    `seconds` is how long that may take. Raises TurnFailedError where the name is not found.
    """
    proxy = proxy_of(url, place.route.proxy)
    way = _Way(url, proxy, report)
    await _look_up(proxy or url, proxy, place, report, seconds)
    token = WATCHER.set(way.note)
    try:
        yield
    finally:
        WATCHER.reset(token)


async def _look_up(
    url: str, proxy: str, place: Place, report: Callable[[Finding], None], seconds: float
) -> None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 443)
    except ValueError:
        raise failed(FailureKind.BAD_ADDRESS, place) from None
    if not host or _is_address(host):
        return
    report(Finding(Step.NAME, Mark.RUNNING, host))
    begun = time.monotonic()
    try:
        async with asyncio.timeout(seconds):
            found = await asyncio.get_running_loop().getaddrinfo(host, port)
    except TimeoutError as error:
        raise failed_proxy(error, place, proxy) if proxy else failed(FailureKind.DNS, place) from None
    except OSError as error:
        raise failed_proxy(error, place, proxy) if proxy else failed_connection(error, place) from None
    addresses = tuple(dict.fromkeys(str(item[4][0]) for item in found))
    report(Finding(Step.NAME, Mark.GOOD, f"{host}\n{addresses[0]}\n{len(addresses) - 1}", _since(begun)))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _since(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)


class _Way:
    """Turns httpcore's trace events into findings (httpcore, docs/extensions.md, "trace")."""

    def __init__(self, url: str, proxy: str, report: Callable[[Finding], None]) -> None:
        self._report = report
        self._proxy = proxy
        self._tunnels = urlsplit(url).scheme == "https"
        self._is_through = not proxy
        self._begun = time.monotonic()

    def note(self, name: str, info: Mapping[str, Any]) -> None:
        kind, _, event = name.partition(".")
        if event == "connect_tcp.started":
            self._begin(Step.PROXY if self._proxy else Step.CONNECTION, _target(info))
        elif event == "connect_tcp.complete" and not self._proxy:
            self._done(Step.CONNECTION, "")
        elif event == "setup_socks5_connection.complete":
            self._pass()
        elif event == "start_tls.started":
            if kind in ("proxy", "http_proxy", "socks") or not self._proxy:
                self._pass()
                self._begin(Step.TLS, "")
        elif event == "start_tls.complete" and self._is_through:
            self._done(Step.TLS, _tls_of(info.get("return_value")))
        elif event == "send_request_headers.started" and not self._tunnels:
            self._pass()

    def _pass(self) -> None:
        """The proxy lets the request through."""
        if not self._is_through:
            self._is_through = True
            self._done(Step.PROXY, self._proxy)

    def _begin(self, step: Step, fact: str) -> None:
        self._begun = time.monotonic()
        self._report(Finding(step, Mark.RUNNING, fact))

    def _done(self, step: Step, fact: str) -> None:
        self._report(Finding(step, Mark.GOOD, fact, _since(self._begun)))


def _target(info: Mapping[str, Any]) -> str:
    host, port = info.get("host", ""), info.get("port", "")
    host = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    return f"{host}:{port}"


def _tls_of(stream: Any) -> str:
    """Return the version of TLS that a connection speaks, or nothing where it does not tell."""
    try:
        return str(stream.get_extra_info("ssl_object").version() or "").replace("TLSv", "TLS ")
    except Exception:
        return ""
