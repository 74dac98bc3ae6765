"""Failures of the wire: what broke between this computer and the service, in the user's words."""

import errno
import os
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from desktop.base.log import redact
from desktop.base.tongue import QT_TRANSLATE_NOOP, sentences, translate
from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from desktop.domain.network import Route, split_login
from desktop.domain.recording import Recording
from desktop.domain.secret import Secret
from desktop.wire.problem import (
    Problem,
    is_page,
    kind_of,
    may_retry,
    problem_in_body,
    retry_after,
    status_phrase,
)

_UNREACHABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL)

_NO_TLS = QT_TRANSLATE_NOOP(
    "Network", "The server does not speak TLS at this port. Perhaps the address should start with http://."
)
# Parts of OpenSSL's texts (crypto/x509/x509_txt.c) and of the systems', in lower case.
_CERTIFICATE_ADVICE: tuple[tuple[str, str], ...] = (
    (
        "expired",
        QT_TRANSLATE_NOOP(
            "Network",
            "Check this computer’s clock; if it is right, the service has to renew its certificate.",
        ),
    ),
    ("not yet valid", QT_TRANSLATE_NOOP("Network", "Check this computer’s clock.")),
    (
        "self-signed certificate in",
        QT_TRANSLATE_NOOP(
            "Network",
            "Something on the way shows its own: name its authority’s file under Settings, Network.",
        ),
    ),
    (
        "self-signed",
        QT_TRANSLATE_NOOP(
            "Network", "If the server is yours, name its certificate’s file under Settings, Network."
        ),
    ),
    (
        "self signed",
        QT_TRANSLATE_NOOP(
            "Network", "If the server is yours, name its certificate’s file under Settings, Network."
        ),
    ),
    (
        "issuer",
        QT_TRANSLATE_NOOP(
            "Network", "If you trust who issued it, name the file of that authority under Settings, Network."
        ),
    ),
    ("mismatch", QT_TRANSLATE_NOOP("Network", "The certificate is for another name: check the address.")),
    (
        "is not valid for",
        QT_TRANSLATE_NOOP("Network", "The certificate is for another name: check the address."),
    ),
)
# By name, so that this module does not import httpx, which costs 45 ms. Where an exception's own
# text could quote a header, it is left out.
_BY_NAME: tuple[tuple[frozenset[str], FailureKind, str], ...] = (
    (frozenset({"ProxyError", "SOCKSError"}), FailureKind.PROXY, ""),
    (frozenset({"ConnectTimeout", "PoolTimeout"}), FailureKind.CONNECT_TIMEOUT, ""),
    (frozenset({"WriteTimeout", "ReadTimeout"}), FailureKind.STALLED, ""),
    (frozenset({"InvalidURL", "UnsupportedProtocol"}), FailureKind.BAD_ADDRESS, ""),
    (
        frozenset({"UnpackError"}),
        FailureKind.GARBLED,
        QT_TRANSLATE_NOOP("Network", "The answer could not be unpacked."),
    ),
    (frozenset({"ConnectError"}), FailureKind.REFUSED_CONNECTION, ""),
    (
        frozenset({"LocalProtocolError"}),
        FailureKind.BAD_REQUEST,
        QT_TRANSLATE_NOOP("Network", "The request could not be put into HTTP."),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a request goes, on which route and with which key, so that a failure can name and hide them.

    What is sent and answered is noted in `recording`, if there is one.
    """

    endpoint: str = ""
    model: str = ""
    url: str = ""
    key: Secret | None = None
    secrets: tuple[Secret, ...] = field(default=(), repr=False)
    route: Route = field(default_factory=Route)
    recording: Recording | None = field(default=None, repr=False, compare=False)

    @property
    def address(self) -> str:
        """Scheme, host, port and path: no user name, no query."""
        try:
            parts = urlsplit(self.url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return re.split(r"[?#]", self.url)[0].rpartition("@")[2]
        if not parts.scheme or not host:
            return re.split(r"[?#]", self.url)[0].rpartition("@")[2]
        host = f"[{host}]" if ":" in host else host
        return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path}"

    @property
    def host(self) -> str:
        """The name of the server."""
        try:
            return urlsplit(self.url).hostname or ""
        except ValueError:
            return ""

    def hide(self, words: str) -> str:
        """Return `words` without the key and without anything that looks like one."""
        beside = self.key.beside.values() if self.key is not None else ()
        login = self.route.login
        password = Secret((split_login(login) or ("", ""))[1])
        for secret in (self.key, *beside, *self.secrets, login, password):
            value = secret.reveal() if secret is not None else ""
            if len(value) > 3:
                words = words.replace(value, "•••")
            elif value:
                words = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", "•••", words)
        return redact(words)


class AnswerFailedError(TurnFailedError):
    """An HTTP error. `body` is what came with it, for a provider to see what it may do differently."""

    def __init__(self, failure: Failure, body: str) -> None:
        super().__init__(failure)
        self.body = body


def failed(
    kind: FailureKind,
    place: Place,
    *,
    words: str = "",
    status: int | None = None,
    retry_after: float | None = None,
) -> TurnFailedError:
    """Return the exception to raise for a failure at `place`."""
    return TurnFailedError(
        Failure(
            kind=kind,
            endpoint=place.endpoint,
            model=place.model,
            address=place.address,
            host=place.host,
            status=status,
            words=place.hide(words),
            retry_after=retry_after,
        )
    )


def completed(failure: Failure, place: Place) -> TurnFailedError:
    """Return the exception for a failure that a reader found, which knows of no place and no key."""
    return TurnFailedError(
        replace(
            failure,
            endpoint=failure.endpoint or place.endpoint,
            model=failure.model or place.model,
            address=failure.address or place.address,
            host=failure.host or place.host,
            words=place.hide(failure.words),
        )
    )


def failed_answer(status: int, headers: Mapping[str, str], body: bytes, place: Place) -> TurnFailedError:
    """Return the exception for an HTTP error."""
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return failed(FailureKind.PROXY, place, words=_login_words(place), status=status)
    content_type = headers.get("content-type", "")
    problem = problem_in_body(body, content_type)
    kind = kind_of(status, problem)
    if kind is FailureKind.KEY_REFUSED and not place.key and status == 401:
        kind = FailureKind.NO_KEY
    page = is_page(body[:400].decode(errors="replace"), content_type)
    if page and kind in (FailureKind.BAD_REQUEST, FailureKind.FORBIDDEN):
        kind = FailureKind.NOT_A_STREAM
    error = failed(
        kind,
        place,
        words=problem.words or status_phrase(status),
        status=status,
        retry_after=retry_after(headers, problem),
    )
    failure = replace(error.failure, may_retry=may_retry(headers))
    return AnswerFailedError(failure, body.decode(errors="replace"))


def failed_redirect(status: int, target: str, place: Place) -> TurnFailedError:
    """Return the exception for an answer that points to another server, to which no key is sent."""
    host = Place(url=target).address
    return failed(
        FailureKind.WRONG_ADDRESS,
        place,
        words=translate(
            "Network", "The server sends on to {host}. Put that address into the endpoint if you trust it."
        ).format(host=host),
        status=status,
    )


def failed_page(place: Place, body: str, status: int) -> TurnFailedError:
    """Return the exception for a web page where a reply should be."""
    problem: Problem = problem_in_body(body.encode(), "text/html")
    return failed(FailureKind.NOT_A_STREAM, place, words=problem.words, status=status)


def failed_proxy(error: BaseException, place: Place, proxy: str) -> TurnFailedError:
    """Return the exception for what broke between this computer and the service, at the proxy."""
    chain = list(_chain(error))
    kind, words = _classify(chain)
    at = Place(url=proxy)
    name = at.address.removesuffix("/") or proxy
    said = next((str(item) for item in chain if type(item).__name__ == "ProxyError" and str(item)), "")
    if kind is FailureKind.TLS:
        return failed(
            kind,
            replace(place, url=proxy),
            words=translate("Network", "This is the certificate of the proxy. {words}").format(words=words),
        )
    if kind is FailureKind.DNS:
        return failed(
            FailureKind.PROXY,
            place,
            words=translate("Network", "The proxy’s name {host} was not found.").format(host=at.host or name),
        )
    if kind is FailureKind.REFUSED_CONNECTION:
        return failed(
            FailureKind.PROXY,
            place,
            words=translate("Network", "Nothing is listening at {name}.").format(name=name),
        )
    if kind is FailureKind.CONNECT_TIMEOUT or isinstance(error, TimeoutError):
        return failed(
            FailureKind.PROXY,
            place,
            words=translate("Network", "{name} did not answer in time.").format(name=name),
        )
    if said:
        words, status = _proxy_words(said, place)
        return failed(FailureKind.PROXY, place, words=words, status=status)
    # It closed the connection, or answered in another protocol, whatever the library makes of that.
    scheme = urlsplit(proxy).scheme.upper() or "HTTP"
    words = translate(
        "Network", "What answers at {name} is no {scheme} proxy, or it closed the connection."
    ).format(name=name, scheme=scheme)
    return failed(FailureKind.PROXY, place, words=words)


def _proxy_words(said: str, place: Place) -> tuple[str, int | None]:
    """Return what httpcore heard from a proxy in words, and the HTTP status if there was one."""
    if found := re.match(r"([1-9]\d\d) ", said):
        status = int(found[1])
        if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            return _login_words(place), status
        return translate("Network", "The proxy answered {status}.").format(
            status=status_phrase(status)
        ), status
    if said.startswith(("Invalid username", "Requested ")):
        return _login_words(place), None
    reason = said.rpartition(": ")[2].rstrip(".").lower()
    return translate("Network", "The proxy could not reach {host}: {reason}.").format(
        host=place.host, reason=reason
    ), None


def _login_words(place: Place) -> str:
    if place.route.login:
        return translate(
            "Network",
            "The proxy did not accept the name and password. Enter them again under Settings, Network.",
        )
    return translate(
        "Network",
        "The proxy asks for a name and password. Put them into its address under Settings, Network: http://name:password@…",
    )


def failed_connection(error: BaseException, place: Place) -> TurnFailedError:
    """Return the exception for a transport's exception; none of its text can hold a header."""
    kind, words = _classify(list(_chain(error)))
    if kind is FailureKind.TLS:
        words = sentences(words, _certificate_variable())
    return failed(kind, place, words=words)


def _classify(chain: list[BaseException]) -> tuple[FailureKind, str]:
    for error in chain:
        if isinstance(error, ssl.SSLCertVerificationError):
            return FailureKind.TLS, _certificate_words(str(getattr(error, "verify_message", "")))
        if isinstance(error, ssl.SSLError):
            reason = str(getattr(error, "reason", None) or "").replace("_", " ").lower()
            return FailureKind.TLS, translate("Network", _NO_TLS) if reason in (
                "wrong version number",
                "http request",
            ) else reason
        if isinstance(error, socket.gaierror):
            return FailureKind.DNS, ""
        if isinstance(error, OSError) and error.errno in _UNREACHABLE:
            return FailureKind.CONNECT_TIMEOUT, translate("Network", "The network is unreachable.")
    names = {type(error).__name__ for error in chain}
    for wanted, kind, words in _BY_NAME:
        if names & wanted:
            return kind, translate("Network", words) if words else ""
    return FailureKind.CUT, ""


def _certificate_words(said: str) -> str:
    """Return what OpenSSL, or the system, says of a certificate, with what can be done about it."""
    said = said.strip().rstrip(".")
    lower = said.lower()
    advice = next((translate("Network", words) for sign, words in _CERTIFICATE_ADVICE if sign in lower), "")
    return sentences(f"{said[:1].upper()}{said[1:]}." if said else "", advice)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception, its causes, and the members of groups among them."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        current = waiting.pop(0)
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            waiting.extend(current.exceptions)
        waiting += [current.__cause__, current.__context__]


def _certificate_variable() -> str:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        value = os.environ.get(name)
        if value and not Path(value).exists():
            return translate("Network", "{name} names {value}, which does not exist.").format(
                name=name, value=value
            )
    return ""
