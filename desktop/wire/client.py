"""The HTTP client: sends a request on its route and returns the answer, or raises a failure in words.

HTTP/1.1 only: over HTTP/2 httpcore never resets a cancelled stream, so that the service would go on
generating.
"""

import asyncio
import contextlib
import functools
import json
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from desktop.base.tongue import translate
from desktop.domain.failure import FailureKind, TurnFailedError
from desktop.domain.network import BETWEEN_BYTES, CONNECT, FIRST_BYTE
from desktop.domain.recording import Exchange
from desktop.wire.body import Body
from desktop.wire.clients import Clients
from desktop.wire.failures import (
    Place,
    failed,
    failed_answer,
    failed_connection,
    failed_page,
    failed_proxy,
    failed_redirect,
)
from desktop.wire.problem import is_page
from desktop.wire.progress import WATCHER, Progress
from desktop.wire.records import MAX_RECORD
from desktop.wire.request import WireRequest, check_headers, check_url
from desktop.wire.stream import WireStream

if TYPE_CHECKING:
    import httpx

_MAX_ERROR_BODY = 64 * 1024
_MAX_REDIRECTS = 3
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long the client waits, in seconds.

    `begin` is the wait for the reply's first words: a service may queue or think for minutes.
    `between` is the silence allowed once they have come; comments and pings break the silence.
    `whole` limits an answer that is no stream, such as a list of models. A request's route may set
    other times for the first three; see `at`.
    """

    connect: float = float(CONNECT.normal)
    begin: float = float(FIRST_BYTE.normal)
    between: float = float(BETWEEN_BYTES.normal)
    write: float = 30.0
    whole: float = 30.0

    def at(self, place: Place) -> "Patience":
        """Return the times that count for a place, whose route may name its own."""
        route = place.route
        named = {
            "connect": route.connect_seconds,
            "begin": route.first_byte_seconds,
            "between": route.between_bytes_seconds,
        }
        return replace(self, **{name: value for name, value in named.items() if value is not None})


class WireClient:
    """Sends requests, each on the route of its place.

    `make_context` gives the TLS context; without it the system's own certificates are trusted.
    It belongs to the event loop of its first request. Close it with `aclose`.
    """

    def __init__(
        self,
        patience: Patience | None = None,
        make_context: Callable[[], ssl.SSLContext] | None = None,
    ) -> None:
        self.patience = patience or Patience()
        self._clients = Clients(make_context)

    def prepare(self) -> None:
        """Import what the first request needs. For a worker thread, once the window is on screen."""
        self._clients.prepare()

    async def open(self, request: WireRequest, place: Place) -> WireStream:
        """Send a request; return once a successful answer's headers are there.

        Raises TurnFailedError for anything else. The caller closes the stream.
        """
        body = await self._accepted(request, place)
        patience = self.patience.at(place)
        return WireStream(body, request, place, patience.begin, patience.between)

    async def fetch_json(self, request: WireRequest, place: Place) -> Any:
        """Send a request and return the JSON of its answer. Raises TurnFailedError."""
        answer, body = await self._whole(request, place, MAX_RECORD)
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            text = body[:4096].decode(errors="replace")
            if is_page(text, answer.response.headers.get("content-type", "")):
                raise failed_page(place, text, answer.response.status_code) from None
            raise failed(FailureKind.GARBLED, place, words=text[:200]) from None

    async def fetch_bytes(self, request: WireRequest, place: Place, most: int) -> tuple[str, bytes]:
        """Send a request; return its answer's media type and body, cut after `most` bytes.

        Raises TurnFailedError.
        """
        answer, body = await self._whole(request, place, most)
        return answer.response.headers.get("content-type", "").partition(";")[0].strip().lower(), body

    async def _whole(self, request: WireRequest, place: Place, most: int) -> tuple[Body, bytes]:
        """Return an answer, closed, and as much of its body as is wanted."""
        try:
            async with asyncio.timeout(self.patience.whole):
                answer = await self._accepted(request, place)
                try:
                    return answer, await answer.read_all(most)
                finally:
                    await answer.aclose()
        except TimeoutError:
            raise failed(FailureKind.CONNECT_TIMEOUT, place) from None
        except TurnFailedError:
            raise
        except Exception as error:
            raise failed_connection(error, place) from None

    async def aclose(self) -> None:
        """Close all connections."""
        await self._clients.aclose()

    async def _accepted(self, request: WireRequest, place: Place) -> Body:
        """Return the body of a 2xx answer, unread."""
        url = check_url(request.url, place)
        check_headers(request.headers, place)
        try:
            body = request.encode_body()
        except (ValueError, TypeError):
            words = translate("Network", "The endpoint's extra fields hold something that JSON can't.")
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
        raise failed(
            FailureKind.WRONG_ADDRESS, place, words=translate("Network", "The server sends on in a circle.")
        )

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
            async with asyncio.timeout(self.patience.at(place).connect):
                body = await answer.read_all(_MAX_ERROR_BODY)
        raise failed_answer(status, response.headers, body, place)

    async def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, place: Place
    ) -> Body:
        """Send once, and once more on a new connection if a kept one proved dead before any answer.

        What somebody looks at step by step goes over a new connection in any case.
        """
        if WATCHER.get() is None:
            client = await self._clients.client_for(url, place)
            progress = Progress(url, place, self.patience.at(place))
            try:
                return Body(*await self._send(client, method, url, headers, body, place, progress))
            except _LostError as lost:
                if not progress.is_reused:
                    raise lost.failure from None
        spare = await self._clients.new_client(url, place)
        progress = Progress(url, place, self.patience.at(place))
        try:
            response, exchange = await self._send(spare, method, url, headers, body, place, progress)
            return Body(response, exchange, spare)
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
        progress: Progress,
    ) -> "tuple[httpx.Response, Exchange | None]":
        import httpx

        patience = self.patience.at(place)
        timeout = httpx.Timeout(connect=patience.connect, write=patience.write, read=None, pool=None)
        try:
            request = client.build_request(
                method, url, headers=_all_headers(headers, body), content=_content(body), timeout=timeout
            )
            request.extensions["trace"] = progress.note
            exchange = _begun(request, body, place)
            async with asyncio.timeout(patience.begin) as progress.scope:
                response = await client.send(request, stream=True)
            return response, _answered(exchange, response)
        except TimeoutError as error:
            if progress.is_at_proxy:
                raise failed_proxy(error, place, progress.proxy) from None
            raise failed(FailureKind.STALLED, place) from None
        except TurnFailedError:
            raise
        except Exception as error:
            if progress.is_at_proxy:
                raise failed_proxy(error, place, progress.proxy) from None
            if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError):
                raise _LostError(failed_connection(error, place)) from None
            known = (httpx.HTTPError, httpx.InvalidURL, OSError, ssl.SSLError, ValueError)
            if isinstance(error, known):
                raise failed_connection(error, place) from None
            raise
        finally:
            await progress.hang_up()


class _LostError(Exception):
    """A connection that ended before any byte of the answer."""

    def __init__(self, failure: TurnFailedError) -> None:
        super().__init__()
        self.failure = failure


def _begun(request: "httpx.Request", body: bytes, place: Place) -> Exchange | None:
    """Return where a request and its answer are noted, None where they are not."""
    if place.recording is None:
        return None
    return place.recording.begin(request.method, str(request.url), _pairs(request), body)


def _answered(exchange: Exchange | None, response: "httpx.Response") -> Exchange | None:
    if exchange is not None:
        version = response.http_version
        exchange.answer(response.status_code, response.reason_phrase, version, _pairs(response))
    return exchange


def _pairs(message: "httpx.Request | httpx.Response") -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message.headers.raw]


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
