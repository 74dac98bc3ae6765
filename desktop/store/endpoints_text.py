"""The text of endpoints.toml, changed field by field: comments and unknown fields stay where they are."""

import json
import re
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

from desktop.domain.endpoint import Endpoint
from desktop.domain.network import LIMITS

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]#=]+?)\s*\]\]?\s*(?:#.*)?$")
_MULTILINE = ('"""', "'''")


def edited(text: str, endpoints: Sequence[Endpoint]) -> str:
    """Return `text` with its endpoints replaced by `endpoints`, in their order.

    Works on the usual way of writing, one [[endpoint]] after the other. The caller reads the
    result back, so that a file written in another way is noticed instead of spoilt.
    """
    preamble, sections, others = _split(text)
    known = {}
    for section in sections:
        table = _table(section)
        known[str(table.get("id") or _slug_of(table))] = section
    parts = [preamble.rstrip("\n")]
    parts += [_section(known.get(endpoint.id), endpoint).strip("\n") for endpoint in endpoints]
    parts += [other.strip("\n") for other in others]
    return "\n\n".join(part for part in parts if part) + "\n"


def line_of(text: str, number: int | None, name: str) -> int:
    """Return the line, from 1, where a field of the endpoint `number` (from 0) is set.

    The endpoint's own first line where the field can't be seen, 0 without any.
    """
    wanted = re.compile(rf"""(?:^|[\s{{,.])["']?{re.escape(name)}["']?\s*=""")
    current, start = -1, 0
    for index, line in enumerate(text.split("\n"), 1):
        if _is_endpoint(line):
            current += 1
            start = index if current == number else start
        if (number is None or current == number) and (
            wanted.search(line) or (number is None and name in line)
        ):
            return index
    return start


def slug(name: str) -> str:
    """Return an id made of a name: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "endpoint"


def _slug_of(table: Mapping[str, Any]) -> str:
    return slug(str(table.get("name", "")))


def _header(line: str) -> tuple[bool, str] | None:
    """Return whether a table's header is in double brackets and its name, or None for other lines."""
    found = _HEADER.match(line)
    if found is None:
        return None
    return found[1] == "[[", found[2].replace('"', "").replace("'", "").replace(" ", "")


def _is_endpoint(line: str) -> bool:
    return _header(line) == (True, "endpoint")


def _split(text: str) -> tuple[str, list[str], list[str]]:
    """Return what comes before the first endpoint, the text of each endpoint, and of other tables.

    Comment lines that stand directly above a header go with that header.
    """
    groups: list[tuple[str, list[str]]] = [("preamble", [])]
    inside = ""
    # Not splitlines(): for TOML, U+0085 and its like end no line.
    for line in text.split("\n"):
        header = None if inside else _header(line)
        inside = _multiline_after(line, inside)
        if header is None or header[1].startswith("endpoint."):
            groups[-1][1].append(line)
            continue
        above: list[str] = []
        lines = groups[-1][1]
        while lines and lines[-1].lstrip().startswith("#"):
            above.insert(0, lines.pop())
        groups.append(("endpoint" if _is_endpoint(line) else "other", [*above, line]))
    texts = [(kind, "\n".join(lines)) for kind, lines in groups]
    return (
        texts[0][1],
        [text for kind, text in texts if kind == "endpoint"],
        [text for kind, text in texts if kind == "other"],
    )


def _multiline_after(line: str, inside: str) -> str:
    """Return the quotes of the multi-line string that is open after a line, or nothing."""
    rest = line
    while True:
        if inside:
            _, quotes, rest = rest.partition(inside)
            if not quotes:
                return inside
            inside = ""
        else:
            opened = [(rest.find(quotes), quotes) for quotes in _MULTILINE if quotes in rest]
            if not opened:
                return ""
            position, inside = min(opened)
            rest = rest[position + 3 :]


def _table(section: str) -> Any:
    import tomlkit

    return tomlkit.parse(section)["endpoint"][0]


def _section(before: str | None, endpoint: Endpoint) -> str:
    import tomlkit

    document = tomlkit.parse((before or "[[endpoint]]") + "\n")
    table: Any = document["endpoint"][0]
    fields = _fields(endpoint)
    if before is not None and "provider" not in table and endpoint.provider == "openai-chat":
        del fields["provider"]
    for name in _NAMES:
        if name not in fields:
            table.pop(name, None)
        elif name not in table:
            table[name] = fields[name]
        elif isinstance(fields[name], dict) and isinstance(table[name], Mapping):
            _merge(table, name, fields[name])
        elif table[name] != fields[name]:
            table[name] = fields[name]
    return tomlkit.dumps(document)


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


def _merge(owner: MutableMapping[str, Any], name: str, wanted: dict[str, Any]) -> None:
    """Make a table hold what is wanted and touch only the lines that differ."""
    table: Any = owner[name]
    for field in [field for field in table if field not in wanted]:
        del table[field]
    for field, value in wanted.items():
        if isinstance(value, dict) and isinstance(table.get(field), Mapping):
            _merge(table, field, value)
        elif field not in table or table[field] != value:
            table[field] = value
    if list(table) != list(wanted):
        owner[name] = wanted
