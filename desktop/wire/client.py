"""The HTTP client: the only module that imports httpx, and that only when the first request is made.

Importing httpx costs 45 ms, which would delay the first paint. HTTP/1.1 only: over HTTP/2 httpcore
never resets a cancelled stream, so that the service would go on generating.
"""

import asyncio
import contextlib
import functools
import json
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

from desktop.domain.failure import FailureKind, TurnFailedError
from desktop.wire.body import Body
from desktop.wire.failures import (
    Place,
    failed,
    failed_answer,
    failed_connection,
    failed_page,
    failed_redirect,
)
from desktop.wire.problem import is_page
from desktop.wire.records import MAX_RECORD
from desktop.wire.request import WireRequest, check_headers, check_url, is_loopback
from desktop.wire.stream import WireStream

if TYPE_CHECKING:
    import httpx

_MAX_ERROR_BODY = 64 * 1024
_MAX_REDIRECTS = 3
_PIECE = 64 * 1024
_KEEP_ALIVE_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long the client waits, in seconds.

    `begin` is the wait for the reply's first words: a service may queue or think for minutes.
    `between` is the silence allowed once they have come; comments and pings break the silence.
    `whole` limits an answer that is no stream, such as a list of models.
    """

    connect: float = 10.0
    write: float = 30.0
    begin: float = 600.0
    between: float = 120.0
    whole: float = 30.0


class WireClient:
    """Sends requests. One httpx client serves remote hosts, another this computer, past any proxy.

    `make_context` gives the TLS context; without it the system's own certificates are trusted.
    It belongs to the event loop of its first request. Close it with `aclose`.
    """

    def __init__(
        self,
        patience: Patience | None = None,
        make_context: Callable[[], ssl.SSLContext] | None = None,
    ) -> None:
        self.patience = patience or Patience()
        self._make_context = make_context or _system_context
        self._context: ssl.SSLContext | None = None
        self._clients: dict[bool, httpx.AsyncClient] = {}

    def prepare(self) -> None:
        """Import what the first request needs. For a worker thread, once the window is on screen."""
        import httpx  # noqa: F401

        if self._context is None:
            self._context = self._make_context()

    async def open(self, request: WireRequest, place: Place) -> WireStream:
        """Send a request; return once a successful answer's headers are there.

        Raises TurnFailedError for anything else. The caller closes the stream.
        """
        body = await self._accepted(request, place)
        return WireStream(body, request, place, self.patience.begin, self.patience.between)

    async def fetch_json(self, request: WireRequest, place: Place) -> Any:
        """Send a request and return the JSON of its answer. Raises TurnFailedError."""
        try:
            async with asyncio.timeout(self.patience.whole):
                answer = await self._accepted(request, place)
                try:
                    body = await answer.read_all(MAX_RECORD)
                finally:
                    await answer.aclose()
        except TimeoutError:
            raise failed(FailureKind.CONNECT_TIMEOUT, place) from None
        except TurnFailedError:
            raise
        except Exception as error:
            raise failed_connection(error, place) from None
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            text = body[:4096].decode(errors="replace")
            if is_page(text, answer.response.headers.get("content-type", "")):
                raise failed_page(place, text, answer.response.status_code) from None
            raise failed(FailureKind.GARBLED, place, words=text[:200]) from None

    async def aclose(self) -> None:
        """Close all connections."""
        clients = list(self._clients.values())
        self._clients.clear()
        for client in clients:
            await client.aclose()

    async def _accepted(self, request: WireRequest, place: Place) -> Body:
        """Return the body of a 2xx answer, unread."""
        url = check_url(request.url, place)
        check_headers(request.headers, place)
        try:
            body = request.encode_body()
        except (ValueError, TypeError):
            words = "The endpoint's extra fields hold something that JSON can't."
            raise failed(FailureKind.BAD_REQUEST, place, words=words) from None
        method = request.method
        for _ in range(_MAX_REDIRECTS + 1):
            answer = await self._exchange(method, url, request.headers, body, place)
            if 200 <= answer.response.status_code < 300:
                return answer
            try:
                url = await self._after_refusal(answer, url, place)
            finally:
                await answer.aclose()
        raise failed(FailureKind.WRONG_ADDRESS, place, words="It sends on in a circle.")

    async def _after_refusal(self, answer: Body, url: str, place: Place) -> str:
        """Return where an answer within the same server sends on to; raise for every other answer."""
        response = answer.response
        status = response.status_code
        location: str | None = response.headers.get("location")
        if 300 <= status < 400 and status not in (303, 304) and location:
            target = urljoin(url, location)
            if _is_same_server(url, target):
                return target
            raise failed_redirect(status, target, place)
        body = b""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(self.patience.connect):
                body = await answer.read_all(_MAX_ERROR_BODY)
        raise failed_answer(status, response.headers, body, place)

    async def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, place: Place
    ) -> Body:
        """Send once, and once more on a new connection if a kept one proved dead before any answer."""
        client = self._client_for(url, place)
        is_reused = True

        async def note(name: str, _: object) -> None:
            nonlocal is_reused
            if name.endswith(("connect_tcp.started", "connect_unix_socket.started")):
                is_reused = False

        try:
            return Body(await self._send(client, method, url, headers, body, place, note))
        except _LostError as lost:
            if not is_reused:
                raise lost.failure from None
        spare = self._new_client(is_loopback(url), place)
        try:
            return Body(await self._send(spare, method, url, headers, body, place, note), spare)
        except _LostError as lost:
            await spare.aclose()
            raise lost.failure from None
        except BaseException:
            await spare.aclose()
            raise

    async def _send(
        self,
        client: "httpx.AsyncClient",
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        place: Place,
        note: Callable[[str, object], Any],
    ) -> "httpx.Response":
        import httpx

        try:
            request = client.build_request(
                method, url, headers=_all_headers(headers, body), content=_content(body)
            )
            request.extensions["trace"] = note
            async with asyncio.timeout(self.patience.begin):
                return await client.send(request, stream=True)
        except TimeoutError:
            raise failed(FailureKind.STALLED, place) from None
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError) as error:
            raise _LostError(failed_connection(error, place)) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ssl.SSLError, ValueError) as error:
            raise failed_connection(error, place, has_proxy=_has_proxy(url)) from None

    def _client_for(self, url: str, place: Place) -> "httpx.AsyncClient":
        local = is_loopback(url)
        client = self._clients.get(local)
        if client is None:
            client = self._clients[local] = self._new_client(local, place)
        return client

    def _new_client(self, local: bool, place: Place) -> "httpx.AsyncClient":
        import httpx

        try:
            if self._context is None:
                self._context = self._make_context()
            return httpx.AsyncClient(
                verify=self._context,
                trust_env=not local,
                http1=True,
                http2=False,
                follow_redirects=False,
                timeout=httpx.Timeout(
                    connect=self.patience.connect, write=self.patience.write, read=None, pool=None
                ),
                # A cancelled connect can lose its slot in a small pool, so that there is no limit.
                limits=httpx.Limits(
                    max_connections=None, max_keepalive_connections=16, keepalive_expiry=_KEEP_ALIVE_SECONDS
                ),
            )
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            words = f"The proxy named in the environment can't be used: {error}"
            raise failed(FailureKind.PROXY, place, words=words) from None
        except OSError as error:
            words = f"The certificates of this system could not be read: {error.strerror or error}"
            raise failed(FailureKind.TLS, place, words=words) from None


class _LostError(Exception):
    """A connection that ended before any byte of the answer."""

    def __init__(self, failure: TurnFailedError) -> None:
        super().__init__()
        self.failure = failure


def _system_context() -> ssl.SSLContext:
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _all_headers(headers: Mapping[str, str], body: bytes) -> dict[str, str]:
    fixed = {"accept-encoding": "gzip, deflate", "user-agent": _user_agent()}
    if body:
        fixed |= {"content-type": "application/json", "content-length": str(len(body))}
    given = {name.lower(): value for name, value in headers.items()}
    given.pop("content-length", None)
    given.pop("transfer-encoding", None)
    return {**fixed, **given}


@functools.cache
def _user_agent() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"weir/{version('weir-chat')}"
    except PackageNotFoundError:
        return "weir"


def _content(body: bytes) -> "bytes | AsyncIterator[bytes] | None":
    """Large bodies go out in pieces: the write timeout counts for each piece, not for 20 MB at once."""
    if not body:
        return None
    return body if len(body) <= _PIECE else _pieces(body)


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    view = memoryview(body)
    for start in range(0, len(body), _PIECE):
        yield bytes(view[start : start + _PIECE])


def _is_same_server(url: str, target: str) -> bool:
    """Whether a redirect stays with the host, and leaves HTTPS neither for HTTP nor for another port."""
    old, new = urlsplit(url), urlsplit(target)
    if old.hostname != new.hostname or new.scheme not in ("http", "https"):
        return False
    if old.scheme == new.scheme:
        return old.port == new.port
    return new.scheme == "https"


def _has_proxy(url: str) -> bool:
    """Whether the environment or the system puts a proxy in front of `url`."""
    if is_loopback(url):
        return False
    parts = urlsplit(url)
    proxies = getproxies()
    if not (proxies.get(parts.scheme) or proxies.get("all")):
        return False
    try:
        return not proxy_bypass(parts.hostname or "")
    except OSError:
        return sys.platform != "win32"
