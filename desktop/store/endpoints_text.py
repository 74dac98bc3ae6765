"""The text of endpoints.toml, changed field by field: comments and unknown fields stay where they are."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from desktop.domain.endpoint import Endpoint
from desktop.domain.network import LIMITS
from desktop.store import sections

_KIND = "endpoint"


def edited(text: str, endpoints: Sequence[Endpoint]) -> str:
    """Return `text` with its endpoints replaced by `endpoints`, in their order.

    Works on the usual way of writing, one [[endpoint]] after the other; see `sections.rearranged`.
    """
    entries = [(endpoint.id, partial(_section, endpoint=endpoint)) for endpoint in endpoints]
    return sections.rearranged(text, _KIND, entries, _id_of)


def line_of(text: str, number: int | None, name: str) -> int:
    """Return the line where a field of the endpoint `number` is set; see `sections.line_of`."""
    return sections.line_of(text, _KIND, number, name)


def slug(name: str) -> str:
    """Return an id made of a name: small letters, digits and hyphens."""
    return sections.slug(name, _KIND)


def _id_of(table: Mapping[str, Any]) -> str:
    return str(table.get("id") or slug(str(table.get("name", ""))))


def _section(before: str | None, endpoint: Endpoint) -> str:
    fields = _fields(endpoint)
    is_usual = endpoint.provider == "openai-chat"
    if before is not None and is_usual and "provider" not in sections.table_of(before, _KIND):
        del fields["provider"]
    return sections.section_with(before, _KIND, fields, _NAMES)


_NAMES = (
    "id", "name", "provider", "base_url", "key", "key_variables", "models", "default_model",
    "embedded", "model_file", "method", "text_at", "proxy", "proxy_key", "ca_file", *LIMITS,
    "headers", "body", "body_json",
)  # fmt: skip


def _fields(endpoint: Endpoint) -> dict[str, Any]:
    """Return the fields that have to stand in the file, in the order of _NAMES."""
    fields: dict[str, Any] = {"id": endpoint.id, "name": endpoint.name, "provider": endpoint.provider}
    optional = {
        "base_url": endpoint.base_url,
        "key": endpoint.key.name if endpoint.key is not None else "",
        "key_variables": list(endpoint.key.variables) if endpoint.key is not None else [],
        "models": list(endpoint.models),
        "default_model": endpoint.default_model,
        "embedded": endpoint.embedded,
        "model_file": endpoint.model_file,
        "method": endpoint.method if endpoint.method != "POST" else "",
        "text_at": endpoint.text_at,
        "proxy": endpoint.network.proxy,
        "proxy_key": endpoint.network.proxy_key,
        "ca_file": endpoint.network.ca_file,
        **{name: _short(getattr(endpoint.network, name)) for name in LIMITS},
        "headers": dict(endpoint.headers),
    }
    fields |= {name: value for name, value in optional.items() if value}
    if _has_null(endpoint.body):
        # TOML has no null, and leaving a field out means something else to a service.
        fields["body_json"] = json.dumps(endpoint.body)
    elif endpoint.body:
        fields["body"] = endpoint.body
    return fields


def _short(seconds: float | None) -> int | float | None:
    return int(seconds) if seconds is not None and seconds == int(seconds) else seconds


def _has_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_null(inner) for inner in value.values())
    if isinstance(value, list | tuple):
        return any(_has_null(inner) for inner in value)
    return value is None
