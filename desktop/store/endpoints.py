"""endpoints.toml: the configured endpoints as text that people may read and edit. Never a key in it."""

import dataclasses
import datetime
import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from desktop.base.tongue import sentences, translate
from desktop.domain.endpoint import Endpoint, KeyRef
from desktop.domain.failure import StorageError
from desktop.domain.network import DIRECT, LIMITS, SYSTEM, Network, ProxyAddressError, read_proxy
from desktop.store.endpoints_text import edited, line_of, slug
from desktop.store.secrets_guard import secret_fields
from desktop.store.toml_file import SettingsFileError, parse, read_text, write_text

_LOG = logging.getLogger(__name__)

HEADER = """\
# The endpoints of Weir. Edit this file while Weir is closed, or use Settings, Endpoints.
# Comments and fields that Weir does not know are kept.
#
# Each [[endpoint]] is one service or server:
#   id             a name that never changes; conversations remember it. Made from the name if left out.
#   name           what the window shows
#   provider       how it is spoken to, for instance openai-chat (most services), openai-responses,
#                  anthropic-messages, gemini, ollama
#   base_url       its address with the version path, for instance https://api.openai.com/v1
#   key            the NAME of its key in the system's keyring. Leave it out if it needs no key.
#   key_variables  environment variables that may hold the key, the first that is set counts
#   models         model names to offer beside those that the service lists itself
#   default_model  the model to begin with
#   embedded       true for the model that Weir starts itself
#   model_file     the GGUF file of an embedded model; empty for the demo model
#   method         how an endpoint with provider = "custom" is asked: POST, PUT or GET
#   text_at        a JSON pointer to the text in what a custom endpoint sends, for instance /data/text
#   proxy          "system", "none", or an address like http://proxy.example:8080, without name and password
#   proxy_key      the NAME of the proxy's name and password in the keyring
#   ca_file        a PEM file of certificates to trust beside the system's
#   connect_seconds        how long to wait for a connection
#   first_byte_seconds     how long to wait for the first words
#   between_bytes_seconds  how long a silence after them may last; what is left out is as in Settings, Network
#   [endpoint.headers]  more HTTP headers for every request; {key} in one stands for the key,
#                       "{secret}" for a key of its own in the keyring
#   [endpoint.body]     more fields for the body of every request; for a custom endpoint all of them, with
#                       {{prompt}}, {{messages}}, {{system}}, {{model}} or {{conversation}} where they belong
#
# Keys never belong in this file. Weir keeps them in the system's keyring: Settings, Endpoints.
"""


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _is_method(value: object) -> bool:
    return value in ("POST", "PUT", "GET")


def _is_pointer(value: object) -> bool:
    return isinstance(value, str) and value[:1] in ("", "/")


def _is_proxy(value: object) -> bool:
    if value in ("", SYSTEM, DIRECT):
        return True
    try:
        return isinstance(value, str) and read_proxy(value).url == value.rstrip("/")
    except ProxyAddressError:
        return False


def _is_time(name: str) -> tuple[Callable[[object], bool], Callable[[], str]]:
    limit = LIMITS[name]

    def is_right(value: object) -> bool:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and limit.least <= value <= limit.most  # type: ignore[operator]

    def words() -> str:
        said = translate("Store", "a number of seconds from {least} to {most}")
        return said.format(least=limit.least, most=limit.most)

    return is_right, words


_TEXT = (_is_text, lambda: translate("Store", "text in quotation marks"))
_TEXTS = (_is_list_of_texts, lambda: translate("Store", 'a list of texts, like ["one", "two"]'))
_RULES: dict[str, tuple[Callable[[object], bool], Callable[[], str]]] = {
    "id": _TEXT,
    "name": _TEXT,
    "provider": _TEXT,
    "base_url": _TEXT,
    "key": (_is_text, lambda: translate("Store", "the name of a key in the keyring, in quotation marks")),
    "key_variables": _TEXTS,
    "models": _TEXTS,
    "default_model": _TEXT,
    "embedded": (_is_bool, lambda: translate("Store", "true or false")),
    "model_file": _TEXT,
    "method": (_is_method, lambda: translate("Store", '"POST", "PUT" or "GET"')),
    "text_at": (_is_pointer, lambda: translate("Store", "a JSON pointer, like /data/text")),
    "proxy": (
        _is_proxy,
        lambda: translate("Store", '"system", "none" or an address like http://proxy.example:8080'),
    ),
    "proxy_key": (
        _is_text,
        lambda: translate("Store", "the name of an entry in the keyring, in quotation marks"),
    ),
    "ca_file": (_is_text, lambda: translate("Store", "the path of a file, in quotation marks")),
    **{name: _is_time(name) for name in LIMITS},
    "headers": (_is_table, lambda: translate("Store", "a table, like [endpoint.headers]")),
    "body": (_is_table, lambda: translate("Store", "a table, like [endpoint.body]")),
    "body_json": (_is_text, lambda: translate("Store", "a JSON object in quotation marks")),
}


class EndpointsFile:
    """Reads and writes endpoints.toml. To be used from one thread at a time."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> tuple[Endpoint, ...]:
        """Return the endpoints in the order of the file, none without a file.

        Raises SettingsFileError with the line that can't be used; the file is left alone.
        """
        text = read_text(self._file)
        return () if text is None else self._decode(text)

    def write(self, endpoints: Sequence[Endpoint]) -> None:
        """Put the endpoints into the file, keeping comments and unknown fields of those that stay.

        Raises SettingsFileError: also for a file that is broken, and for a key in a wrong place.
        """
        for endpoint in endpoints:
            self._refuse_secrets(endpoint)
        if len({endpoint.id for endpoint in endpoints}) < len(endpoints):
            raise SettingsFileError(
                self._file, 0, translate("Store", "two endpoints have the same id. Nothing was changed.")
            )
        before = read_text(self._file)
        wanted = tuple(_as_written(endpoint) for endpoint in endpoints)
        if before is not None:
            self._decode(before)
            text = _edited_or_none(before, wanted)
            if text is not None and self._holds(text, wanted):
                write_text(self._file, text)
                return
            # Written in a way that can't be edited piece by piece: begin anew, keep the old file.
            _LOG.info("%s is written anew; the old one is kept beside it", self._file.name)
            write_text(self._file.with_name(self._file.name + ".bak"), before)
        text = edited(HEADER, wanted)
        if not self._holds(text, wanted):
            raise SettingsFileError(
                self._file,
                0,
                translate("Store", "the endpoints can't be written as TOML. Nothing was changed."),
            )
        write_text(self._file, text)

    def _holds(self, text: str, wanted: tuple[Endpoint, ...]) -> bool:
        try:
            return self._decode(text) == wanted
        except StorageError:
            return False

    def _decode(self, text: str) -> tuple[Endpoint, ...]:
        tables = parse(self._file, text).get("endpoint", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            line = line_of(text, None, "endpoint")
            raise SettingsFileError(
                self._file, line, translate("Store", "endpoints begin with [[endpoint]], in double brackets.")
            )
        endpoints: list[Endpoint] = []
        for number, table in enumerate(tables):
            endpoint = self._endpoint(text, number, table)
            if any(known.id == endpoint.id for known in endpoints):
                words = translate(
                    "Store", "another endpoint has the id “{id}” already. Give this one another id."
                ).format(id=endpoint.id)
                raise SettingsFileError(self._file, line_of(text, number, "id"), words)
            endpoints.append(endpoint)
        return tuple(endpoints)

    def _endpoint(self, text: str, number: int, table: dict[str, Any]) -> Endpoint:
        def refuse(name: str, words: str) -> SettingsFileError:
            return SettingsFileError(self._file, line_of(text, number, name), words)

        for name in secret_fields(table):
            raise refuse(name, _secret_words(name))
        for name, (is_right, words) in _RULES.items():
            if name in table and not is_right(table[name]):
                raise refuse(
                    name, translate("Store", "“{name}” has to be {words}.").format(name=name, words=words())
                )
        for name, value in table.get("headers", {}).items():
            if not isinstance(value, str):
                raise refuse(
                    name,
                    translate("Store", "the header “{name}” has to be text in quotation marks.").format(
                        name=name
                    ),
                )
        if not table.get("name") and not table.get("id"):
            raise refuse("name", translate("Store", 'an endpoint needs a name: add name = "…".'))
        return self._made(table, refuse)

    def _made(self, table: dict[str, Any], refuse: Callable[[str, str], SettingsFileError]) -> Endpoint:
        body = _plain(table.get("body", {}))
        if "body_json" in table:
            try:
                body = json.loads(table["body_json"])
            except (ValueError, TypeError, RecursionError):
                body = None
            if not isinstance(body, dict):
                raise refuse(
                    "body_json", translate("Store", "“body_json” has to be a JSON object in quotation marks.")
                )
            for name in secret_fields(body):
                raise refuse("body_json", _secret_words(name))
        name = table.get("name") or table["id"]
        key = table.get("key", "")
        variables = tuple(table.get("key_variables", ()))
        return Endpoint(
            id=table.get("id") or slug(name),
            name=name,
            provider=table.get("provider", "") or "openai-chat",
            base_url=table.get("base_url", ""),
            key=KeyRef(key or table.get("id") or slug(name), variables) if key or variables else None,
            models=tuple(table.get("models", ())),
            default_model=table.get("default_model", ""),
            headers=tuple(table.get("headers", {}).items()),
            body=body,
            embedded=table.get("embedded", False),
            model_file=table.get("model_file", ""),
            method=table.get("method", "POST"),
            text_at=table.get("text_at", ""),
            network=_network(table),
        )

    def _refuse_secrets(self, endpoint: Endpoint) -> None:
        headers = dict(endpoint.headers)
        given = {"base_url": endpoint.base_url, "headers": headers, "body": endpoint.body}
        given |= {"proxy": endpoint.network.proxy, "proxy_key": endpoint.network.proxy_key}
        if endpoint.key is not None:
            given["key"] = endpoint.key.name
        for name in secret_fields(given):
            words = translate(
                "Store",
                "“{name}” of {endpoint} looks like a secret. Keys belong in the system's keyring: "
                "take it out here and add the key under Settings, Endpoints. Nothing was changed.",
            )
            words = words.format(name=name, endpoint=endpoint.name)
            raise SettingsFileError(self._file, 0, words)


def _network(table: dict[str, Any]) -> Network:
    """Return what a table says of the way to the endpoint; its fields have been checked."""
    times = {name: float(table[name]) for name in LIMITS if name in table}
    return Network(
        proxy=table.get("proxy", "").rstrip("/"),
        proxy_key=table.get("proxy_key", ""),
        ca_file=table.get("ca_file", ""),
        **times,
    )


def _edited_or_none(text: str, endpoints: tuple[Endpoint, ...]) -> str | None:
    try:
        return edited(text, endpoints)
    except Exception as problem:
        # Text that is good TOML as a whole need not be so piece by piece.
        _LOG.info("The endpoints can't be edited in place: %s", type(problem).__name__)
        return None


def _secret_words(name: str) -> str:
    words = translate(
        "Store",
        "“{name}” looks like a secret. Keys belong in the system's keyring: take it out here and add the key "
        "under Settings, Endpoints.",
    ).format(name=name)
    if name != "key":
        return words
    hint = translate("Store", "Here stands only the name of the key in the keyring.")
    return sentences(words, hint)


def _plain(value: Any) -> Any:
    """Return TOML values as JSON knows them: times become text."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    return value


def _as_written(endpoint: Endpoint) -> Endpoint:
    """Return the endpoint as it comes back from the file: headers of one name joined, lists for tuples."""
    headers: dict[str, str] = {}
    for name, value in endpoint.headers:
        # RFC 9110, 5.3: several lines of one header mean the same as one line with a comma.
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    key = endpoint.key
    if key is not None and not key.name:
        key = KeyRef(endpoint.id, key.variables)
    return dataclasses.replace(
        endpoint,
        name=endpoint.name or endpoint.id,
        provider=endpoint.provider or "openai-chat",
        key=key,
        headers=tuple(headers.items()),
        body=_plain(endpoint.body),
    )
