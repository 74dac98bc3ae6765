"""Recognises keys that were put into a settings file, where none may ever be."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from desktop.domain.endpoint import OWN_KEY

# Compared without case, hyphens and underscores; "max_tokens" and "token_limit" are no secrets.
_NAMES = frozenset(
    {
        "authorization", "proxyauthorization", "auth", "authtoken", "accesstoken", "refreshtoken",
        "bearertoken", "bearer", "token", "apitoken", "sessiontoken", "cookie", "password", "passwd",
        "passphrase", "secret", "secretkey", "clientsecret", "privatekey", "accesskey", "credentials",
    }
)  # fmt: skip
_ENDINGS = ("apikey", "accesstoken", "authtoken", "apitoken", "secretkey", "password", "clientsecret")

# The beginnings that the services themselves give to their keys.
_SHAPE = re.compile(
    r"""(?x)
    (?i:bearer|basic)\ +\S{8,}
    | (?:sk|pk|rk|gsk|xai|r8|hf|tgp|csk|pplx|nvapi|fw)[-_][A-Za-z0-9_-]{16,}
    | AIza[0-9A-Za-z_-]{30,}
    """
)


def is_secret_name(name: str) -> bool:
    """Whether a field of this name holds a secret in some service's API."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return plain in _NAMES or plain.endswith(_ENDINGS)


def is_secret_value(value: object) -> bool:
    """Whether a value has the shape of a key, or is a web address that carries one."""
    if not isinstance(value, str):
        return False
    text = value.strip()
    return bool(_SHAPE.fullmatch(text)) or ("://" in text and _has_credentials(text))


def _has_credentials(address: str) -> bool:
    try:
        parts = urlsplit(address)
        if parts.password:
            return True
        query = parse_qsl(parts.query)
    except ValueError:
        return False
    return any(
        name.lower() == "key" or is_secret_name(name) or is_secret_value(value) for name, value in query
    )


def _can_be_secret(value: object) -> bool:
    """Whether a value could be a key: not where "{key}" or "{secret}" stands for one in the keyring."""
    if isinstance(value, str):
        return bool(value) and "{key}" not in value and value != OWN_KEY
    return value is not None and not isinstance(value, bool | int | float)


def secret_fields(fields: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of fields, at any depth, that look like secrets."""
    for name, value in fields.items():
        if is_secret_name(name) and _can_be_secret(value):
            yield name
            continue
        for item in value if isinstance(value, list | tuple) else (value,):
            if isinstance(item, Mapping):
                yield from secret_fields(item)
            elif is_secret_value(item):
                yield name
                break
