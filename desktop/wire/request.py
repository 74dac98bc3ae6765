"""What is sent and where to, before it is HTTP."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from desktop.base.host import is_this_computer
from desktop.base.tongue import translate
from desktop.domain.failure import FailureKind
from desktop.wire.failures import Place, failed

_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class WireRequest:
    """One HTTP request. Headers and body may hold secrets and text, so that no repr shows them.

    `body` goes out as JSON; None sends no body. `accepts_text` allows an answer in plain text,
    which for most protocols means that something other than the service answered.
    """

    url: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    accepts_text: bool = False

    def encode_body(self) -> bytes:
        """Return the body as JSON in UTF-8, empty where there is none. Raises ValueError, TypeError."""
        if self.body is None:
            return b""
        text = json.dumps(self.body, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=str)
        # Half of a surrogate pair can be typed or pasted, but no server takes it.
        return text.encode("utf-8", "replace")


def check_url(url: str, place: Place) -> str:
    """Return `url` with its host in lower case. Raises TurnFailedError where it is no web address."""
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise failed(FailureKind.BAD_ADDRESS, place) from None
    if parts.scheme not in ("http", "https") or not host or re.search(r"\s", url.strip()):
        raise failed(FailureKind.BAD_ADDRESS, place)
    return urlunsplit(parts)


def check_headers(headers: Mapping[str, str], place: Place) -> None:
    """Raise TurnFailedError for a header that HTTP can't carry, without quoting its value."""
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            words = translate(
                "Network", "The name of one of the endpoint's headers has characters that can't be sent."
            )
        elif not (value.isascii() and (value.isprintable() or value.replace("\t", " ").isprintable())):
            words = translate(
                "Network", "The value of the header {name} has characters that can't be sent."
            ).format(name=name)
        else:
            continue
        raise failed(FailureKind.BAD_REQUEST, place, words=words)


def is_loopback(url: str) -> bool:
    """Whether `url` names this computer, so that no proxy and no other network stands between."""
    return is_this_computer(urlsplit(url).hostname or "")
