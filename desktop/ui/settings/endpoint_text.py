"""An endpoint's fields as the user types them: read into values, with what is wrong said in words."""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from PySide6.QtCore import QCoreApplication

from desktop.base import tongue
from desktop.domain.endpoint import OWN_KEY

_KEY_HEADERS = frozenset({"authorization", "x-api-key", "api-key", "x-goog-api-key", "proxy-authorization"})
# What the reply hangs on; the provider sets these itself.
_OWN_FIELDS = frozenset({"messages", "model", "stream"})
_STRING_OR_PLACEHOLDER = re.compile(r'"(?:[^"\\]|\\.)*"|(\{\{\s*\w+\s*\}\})')


class TextProblemError(ValueError):
    """What was typed can't be used; its text says why, for the user."""


@dataclass(frozen=True, slots=True)
class Address:
    """A checked address. `warning` is empty where nothing needs saying."""

    url: str
    warning: str = ""


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """Return a text in the user's language."""
    return QCoreApplication.translate("EndpointText", text, comment, n)


def read_address(text: str, *, is_own: bool = False) -> Address:
    """Return the address in `text`; with `is_own` it is asked as it is. Raises TextProblemError."""
    url = text.strip() if is_own else text.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        host = None
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not host or any(letter.isspace() for letter in url):
        raise TextProblemError(tr("The address has to look like https://example.com/v1."))
    if parts.username or parts.password:
        raise TextProblemError(tr("Leave name and password out of the address; the key has its own field."))
    if (parts.query and not is_own) or parts.fragment:
        raise TextProblemError(tr("Leave out what follows “?” or “#” in the address."))
    if url.endswith("/chat/completions") and not is_own:
        raise TextProblemError(
            tr("Leave out “/chat/completions”: the address ends before it, usually in /v1.")
        )
    is_near = host in ("localhost", "::1") or host.startswith("127.")
    warning = ""
    if parts.scheme == "http" and not is_near:
        warning = tr("Without https, what you send and the key can be read on the way.")
    return Address(url, warning)


def read_headers(text: str) -> tuple[tuple[str, str], ...]:
    """Return the headers in `text`, one a line as “Name: value”. Raises TextProblemError."""
    headers: list[tuple[str, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        name, colon, value = line.partition(":")
        name, value = name.strip(), value.strip()
        if (
            not colon
            or not name
            or not name.isascii()
            or any(letter in name for letter in ' \t"(),/;<=>?@[]{}')
        ):
            raise TextProblemError(
                tr("Line {number} of the headers has to look like “Name: value”.").format(
                    number=tongue.number(number)
                )
            )
        if name.casefold() in _KEY_HEADERS and "{key}" not in value and value != OWN_KEY:
            raise TextProblemError(
                tr(
                    "“{name}” would put the key into a readable file. Write “{{key}}” in its place and use "
                    "the key’s own field."
                ).format(name=name)
            )
        if not value.isascii() or not value.isprintable():
            raise TextProblemError(
                tr("The value in line {number} of the headers may hold plain ASCII letters only.").format(
                    number=tongue.number(number)
                )
            )
        headers.append((name, value))
    return tuple(headers)


def headers_text(headers: tuple[tuple[str, str], ...]) -> str:
    """Return headers as they are typed."""
    return "\n".join(f"{name}: {value}" for name, value in headers)


def read_body(text: str, *, is_own: bool = False) -> dict[str, Any]:
    """Return the JSON object in `text`, empty for no text; with `is_own` all of it is the user's.

    Placeholders in double braces may stand without quotes. Raises TextProblemError.
    """
    if not text.strip():
        return {}
    text = _STRING_OR_PLACEHOLDER.sub(lambda found: f'"{found[1]}"' if found[1] else found[0], text)
    try:
        value = json.loads(text)
    except RecursionError:
        raise TextProblemError(tr("The extra body is nested too deeply.")) from None
    except json.JSONDecodeError as error:
        raise TextProblemError(
            tr("The extra body is not JSON: line {line}, column {column}: {reason}.").format(
                line=tongue.number(error.lineno), column=tongue.number(error.colno), reason=_reason(error.msg)
            )
        ) from None
    if not isinstance(value, dict):
        raise TextProblemError(tr("The extra body has to be a JSON object, in braces: { … }."))
    if not is_own and (taken := sorted(_OWN_FIELDS & value.keys())):
        raise TextProblemError(tr("“{name}” is set by Weir itself; leave it out.").format(name=taken[0]))
    return value


def _reason(message: str) -> str:
    known = {
        "Expecting property name enclosed in double quotes": tr(
            "a name in double quotes is missing, or a comma is too many"
        ),
        "Illegal trailing comma before end of object": tr("there is a comma too many"),
        "Illegal trailing comma before end of array": tr("there is a comma too many"),
        "Expecting ',' delimiter": tr("a comma is missing"),
        "Expecting ':' delimiter": tr("a colon is missing"),
        "Expecting value": tr("a value is missing"),
        "Extra data": tr("there is something after the end"),
        "Unterminated string starting at": tr("a text is not closed by a quote"),
        "Invalid control character at": tr("a text holds a line break or a tab"),
    }
    return known.get(message, message)


def body_text(body: dict[str, Any]) -> str:
    """Return an extra body as it is typed."""
    return json.dumps(body, indent=2, ensure_ascii=False) if body else ""


def read_pointer(text: str) -> str:
    """Return the JSON pointer in `text`, empty for none. Raises TextProblemError."""
    pointer = text.strip()
    if pointer and not pointer.startswith("/"):
        raise TextProblemError(tr("Where the text is has to look like /data/text, or be empty."))
    if re.search("~(?![01])", pointer):
        raise TextProblemError(tr("In a JSON pointer, write “~0” for “~” and “~1” for a “/” in a name."))
    return pointer


def read_models(text: str) -> tuple[str, ...]:
    """Return the model names in `text`, one a line, each once."""
    return tuple(dict.fromkeys(filter(None, (line.strip() for line in text.splitlines()))))
