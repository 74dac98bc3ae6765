"""httpx's clients: one for each way to reach a server, made when it is first wanted.

Only when the first request is made is httpx imported: that costs 45 ms, which would delay the first paint.
"""

import asyncio
import functools
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.base.tongue import translate
from desktop.domain.failure import FailureKind
from desktop.domain.network import DIRECT, SYSTEM, ProxyAddressError, Route, read_proxy, split_login
from desktop.domain.secret import Secret
from desktop.wire.failures import Place, failed
from desktop.wire.request import is_loopback

if TYPE_CHECKING:
    import httpx

_KEEP_ALIVE_SECONDS = 60.0
_Way = tuple[bool, str, Secret | None, tuple[str, int, int]]
_NO_FILE = ("", 0, 0)


class CertificateFileError(ValueError):
    """A file of certificates can't be used; its text says why, for the user."""


class Clients:
    """Keeps an httpx client for every distinct proxy, file of certificates, and this computer itself.

    `make_context` gives a TLS context that trusts the system's certificates. A file of certificates
    that was replaced on the disk counts as another one. A server on this computer is never asked
    through a proxy.
    """

    def __init__(self, make_context: Callable[[], ssl.SSLContext] | None = None) -> None:
        self._make_context = make_context or _system_context
        self._contexts: dict[tuple[str, int, int], ssl.SSLContext] = {}
        self._clients: dict[_Way, httpx.AsyncClient] = {}

    def prepare(self) -> None:
        """Import what the first request needs. For a worker thread."""
        import httpx  # noqa: F401

        if _NO_FILE not in self._contexts:
            self._contexts[_NO_FILE] = self._make_context()

    async def client_for(self, url: str, place: Place) -> "httpx.AsyncClient":
        """Return the client for a URL on the place's route. Raises TurnFailedError."""
        route = place.route.past_no_proxy() if is_loopback(url) else place.route
        way = (is_loopback(url), route.proxy, route.login, _stamp(route.ca_file))
        client = self._clients.get(way)
        if client is None:
            made = await self.new_client(url, place)
            # Another request may have made it meanwhile.
            client = self._clients.setdefault(way, made)
            if client is not made:
                await made.aclose()
        return client

    async def new_client(self, url: str, place: Place) -> "httpx.AsyncClient":
        """Return a client of its own for one request, to be closed by the caller. Raises TurnFailedError."""
        route = place.route.past_no_proxy() if is_loopback(url) else place.route
        context = await self._context_for(route.ca_file, place)
        return _client(route, context, place)

    async def aclose(self) -> None:
        """Close all connections."""
        clients = list(self._clients.values())
        self._clients.clear()
        for client in clients:
            await client.aclose()

    async def _context_for(self, ca_file: str, place: Place) -> ssl.SSLContext:
        stamp = _stamp(ca_file)
        context = self._contexts.get(stamp)
        if context is not None:
            return context
        try:
            if ca_file:
                # A large file takes longer to read than a frame lasts.
                context = await asyncio.to_thread(_with_file, self._make_context, ca_file)
            else:
                context = self._make_context()
        except CertificateFileError as error:
            raise failed(FailureKind.TLS, place, words=str(error)) from None
        except OSError as error:
            words = translate(
                "Network", "The certificates of this system could not be read: {reason}"
            ).format(reason=error.strerror or error)
            raise failed(FailureKind.TLS, place, words=words) from None
        return self._contexts.setdefault(stamp, context)


def read_certificates(ca_file: str) -> bytes:
    """Return what is in a file of certificates. For a worker thread. Raises CertificateFileError."""
    path = Path(ca_file).expanduser()
    try:
        data = path.read_bytes()
    except IsADirectoryError:
        words = translate("Network", "{ca_file} is a folder. Choose the file of certificates in it.").format(
            ca_file=ca_file
        )
    except FileNotFoundError:
        words = translate(
            "Network", "There is no file {ca_file}. Choose the file of certificates again."
        ).format(ca_file=ca_file)
    except OSError as error:
        words = translate("Network", "{ca_file} can’t be read ({reason}). Check its permissions.").format(
            ca_file=ca_file, reason=error.strerror
        )
    else:
        if b"-----BEGIN CERTIFICATE-----" in data:
            return data
        words = translate(
            "Network",
            "{ca_file} holds no certificates in PEM form, which begin with “-----BEGIN CERTIFICATE-----”.",
        ).format(ca_file=ca_file)
        if b"PRIVATE KEY-----" in data:
            words = translate(
                "Network",
                "{ca_file} holds a private key, not certificates. Choose the certificate of the authority.",
            ).format(ca_file=ca_file)
    raise CertificateFileError(words)


def check_certificates(ca_file: str) -> str:
    """Return why a file of certificates can't be used, in words, or nothing. For a worker thread."""
    try:
        _with_file(lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ca_file)
    except CertificateFileError as error:
        return str(error)
    return ""


def _with_file(make: Callable[[], ssl.SSLContext], ca_file: str) -> ssl.SSLContext:
    text = read_certificates(ca_file).decode("ascii", "ignore")
    context = make()
    try:
        context.load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError):
        words = translate(
            "Network", "The certificates in {ca_file} are damaged. Ask for the file again."
        ).format(ca_file=ca_file)
    else:
        return context
    raise CertificateFileError(words)


def _stamp(ca_file: str) -> tuple[str, int, int]:
    if not ca_file:
        return _NO_FILE
    try:
        found = Path(ca_file).expanduser().stat()
    except OSError:
        return ca_file, 0, 0
    return ca_file, found.st_mtime_ns, found.st_size


def _client(route: Route, context: ssl.SSLContext, place: Place) -> "httpx.AsyncClient":
    import httpx

    make = functools.partial(
        httpx.AsyncClient,
        verify=context,
        http1=True,
        http2=False,
        follow_redirects=False,
        # A cancelled connect can lose its slot in a small pool, so that there is no limit.
        limits=httpx.Limits(
            max_connections=None, max_keepalive_connections=16, keepalive_expiry=_KEEP_ALIVE_SECONDS
        ),
    )
    try:
        if route.proxy in (SYSTEM, DIRECT):
            return make(trust_env=route.proxy == SYSTEM)
        url = read_proxy(route.proxy).url
        own_context = context if url.startswith("https://") else None
        proxy = httpx.Proxy(url, ssl_context=own_context, auth=split_login(route.login))
        return make(trust_env=False, proxy=proxy)
    except ProxyAddressError as error:
        raise failed(FailureKind.PROXY, place, words=str(error)) from None
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        words = translate("Network", "The proxy named in the environment can’t be used: {error}").format(
            error=error
        )
        raise failed(FailureKind.PROXY, place, words=words) from None


def _system_context() -> ssl.SSLContext:
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
