"""Network: how requests reach a service: past which proxy, trusting whom, and how long to wait."""

import re
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from desktop.base.tongue import translate
from desktop.domain.secret import Secret

SYSTEM = "system"
"""The proxy that the environment or the system names."""
DIRECT = "none"
"""No proxy at all."""

_SCHEMES = ("http", "https", "socks5", "socks5h")
# RFC 1929: one byte holds the length of each.
_SOCKS_LIMIT = 255


@dataclass(frozen=True, slots=True)
class Limit:
    """The range of a time limit and its normal value, in seconds."""

    least: int
    most: int
    normal: int


CONNECT = Limit(1, 120, 10)
FIRST_BYTE = Limit(5, 3600, 600)
BETWEEN_BYTES = Limit(5, 3600, 120)
LIMITS = {
    "connect_seconds": CONNECT,
    "first_byte_seconds": FIRST_BYTE,
    "between_bytes_seconds": BETWEEN_BYTES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What is set for all endpoints, or for one. What is empty or None is not set here.

    `proxy` is SYSTEM, DIRECT or an address without name and password; `proxy_key` names the entry in
    the keyring that holds them, empty where the proxy wants none. `ca_file` is a file of certificates
    that are trusted beside the system's. Times are in seconds.
    """

    proxy: str = ""
    proxy_key: str = ""
    ca_file: str = ""
    connect_seconds: float | None = None
    first_byte_seconds: float | None = None
    between_bytes_seconds: float | None = None

    def over(self, base: "Network") -> "Network":
        """Return these settings, with those of `base` wherever nothing is set."""

        def first(own: float | None, other: float | None) -> float | None:
            return own if own is not None else other

        return Network(
            proxy=self.proxy or base.proxy,
            # A name and password belong to one proxy and are never given to another.
            proxy_key=self.proxy_key if self.proxy else base.proxy_key,
            ca_file=self.ca_file or base.ca_file,
            connect_seconds=first(self.connect_seconds, base.connect_seconds),
            first_byte_seconds=first(self.first_byte_seconds, base.first_byte_seconds),
            between_bytes_seconds=first(self.between_bytes_seconds, base.between_bytes_seconds),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How one request goes: a Network with everything looked up. None stands for the normal time.

    `login` is the proxy's “name:password”, as it stands in the keyring.
    """

    proxy: str = SYSTEM
    login: Secret | None = None
    ca_file: str = ""
    connect_seconds: float | None = None
    first_byte_seconds: float | None = None
    between_bytes_seconds: float | None = None

    def past_no_proxy(self) -> "Route":
        """Return the same route without a proxy."""
        return replace(self, proxy=DIRECT, login=None)


def split_login(login: Secret | None) -> tuple[str, str] | None:
    """Return the name and the password of a proxy's login, None without one."""
    if login is None:
        return None
    name, _, password = login.reveal().partition(":")
    return name, password


class ProxyAddressError(ValueError):
    """What was given is no proxy's address; its text says why, for the user, and quotes no password."""


@dataclass(frozen=True, slots=True)
class ProxyAddress:
    """A proxy's address without name and password, and the two as “name:password” if it had them."""

    url: str
    login: Secret | None = None


def read_proxy(text: str) -> ProxyAddress:
    """Return the proxy that `text` names. Raises ProxyAddressError.

    Without a scheme it is an HTTP proxy, as everywhere. Name and password may hold any character,
    plain or percent-encoded: they end at the last “@”.
    """
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]*)://", text.strip())
    scheme = found[1].lower() if found else "http"
    rest = text.strip()[found.end() :] if found else text.strip()
    if not rest:
        raise ProxyAddressError(
            translate("Network", "Enter the proxy’s address, like http://proxy.example:8080.")
        )
    if scheme in ("socks", "socks4", "socks4a"):
        raise ProxyAddressError(
            translate(
                "Network",
                "Begin the address with socks5:// if the proxy speaks SOCKS 5; SOCKS 4 can’t be used.",
            )
        )
    if scheme not in _SCHEMES:
        raise ProxyAddressError(
            translate("Network", "A proxy’s address begins with http://, https://, socks5:// or socks5h://.")
        )
    userinfo, at, place = rest.rpartition("@")
    login = _login(userinfo, scheme) if at else None
    return ProxyAddress(f"{scheme}://{_place(place)}", login)


def _place(text: str) -> str:
    """Return host and port, checked."""
    place, slash, path = text.partition("/")
    if path.lower().endswith(".pac"):
        raise ProxyAddressError(
            translate(
                "Network",
                "This is an automatic configuration file (PAC), which can’t be used. Enter the proxy "
                "it names.",
            )
        )
    if (slash and path) or "?" in text or "#" in text:
        raise ProxyAddressError(
            translate("Network", "Leave out what follows the port in the proxy’s address.")
        )
    if re.search(r"[\s\x00-\x1f\x7f\\]", place):
        raise ProxyAddressError(translate("Network", "There is a space in the proxy’s address."))
    try:
        parts = urlsplit(f"//{place}")
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if not host or (":" in host and "[" not in place):
        raise ProxyAddressError(
            translate("Network", "The proxy’s address has to look like http://proxy.example:8080.")
        )
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port is None:
        raise ProxyAddressError(
            translate("Network", "The port is missing: a proxy’s address ends like :8080.")
        )
    if not 1 <= port <= 65535:
        raise ProxyAddressError(
            translate("Network", "The port in the proxy’s address has to be a number from 1 to 65535.")
        )
    try:
        name = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        raise ProxyAddressError(
            translate("Network", "The name in the proxy’s address can’t be that of a computer.")
        ) from None
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


def _login(userinfo: str, scheme: str) -> Secret | None:
    name, _, password = userinfo.partition(":")
    name, password = unquote(name), unquote(password)
    if not name and not password:
        return None
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in name + password) or ":" in name:
        raise ProxyAddressError(
            translate("Network", "The proxy’s name or password holds characters that can’t be sent.")
        )
    if scheme.startswith("socks") and max(len(name.encode()), len(password.encode())) > _SOCKS_LIMIT:
        raise ProxyAddressError(
            translate("Network", "A SOCKS proxy takes names and passwords of at most 255 letters.")
        )
    return Secret(f"{name}:{password}")
