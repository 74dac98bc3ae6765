"""Settings files made of tables in double brackets, changed table by table: comments stay where they are."""

import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]#=]+?)\s*\]\]?\s*(?:#.*)?$")
_MULTILINE = ('"""', "'''")


def rearranged(
    text: str,
    kind: str,
    entries: Sequence[tuple[str, Callable[[str | None], str]]],
    name_of: Callable[..., str],
) -> str:
    """Return `text` with its [[kind]] tables replaced by `entries`, in their order.

    An entry is its id and what makes its section, given the section as it was or None; `name_of` returns
    the id of a table as read. The caller reads the result back, so that a file written in another way is
    noticed instead of spoilt.
    """
    preamble, sections, others = split(text, kind)
    known = {name_of(table_of(section, kind)): section for section in sections}
    parts = [preamble.rstrip("\n")]
    parts += [make(known.get(name)).strip("\n") for name, make in entries]
    parts += [other.strip("\n") for other in others]
    return "\n\n".join(part for part in parts if part) + "\n"


def line_of(text: str, kind: str, number: int | None, name: str) -> int:
    """Return the line, from 1, where a field of the [[kind]] table `number` (from 0) is set.

    The table's own first line where the field can't be seen, 0 without any.
    """
    wanted = re.compile(rf"""(?:^|[\s{{,.])["']?{re.escape(name)}["']?\s*=""")
    current, start = -1, 0
    for index, line in enumerate(text.split("\n"), 1):
        if _is_header(line, kind):
            current += 1
            start = index if current == number else start
        if (number is None or current == number) and (
            wanted.search(line) or (number is None and name in line)
        ):
            return index
    return start


def slug(name: str, otherwise: str) -> str:
    """Return an id made of a name: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or otherwise


def split(text: str, kind: str) -> tuple[str, list[str], list[str]]:
    """Return what comes before the first [[kind]] table, the text of each, and of other tables.

    Comment lines that stand directly above a header go with that header.
    """
    groups: list[tuple[str, list[str]]] = [("preamble", [])]
    inside = ""
    # Not splitlines(): for TOML, U+0085 and its like end no line.
    for line in text.split("\n"):
        header = None if inside else _header(line)
        inside = _multiline_after(line, inside)
        if header is None or header[1].startswith(f"{kind}."):
            groups[-1][1].append(line)
            continue
        above: list[str] = []
        lines = groups[-1][1]
        while lines and lines[-1].lstrip().startswith("#"):
            above.insert(0, lines.pop())
        groups.append((kind if _is_header(line, kind) else "", [*above, line]))
    texts = [(group, "\n".join(lines)) for group, lines in groups]
    return (
        texts[0][1],
        [text for group, text in texts[1:] if group == kind],
        [text for group, text in texts[1:] if group != kind],
    )


def table_of(section: str, kind: str) -> Any:
    """Return the table that the text of a section holds."""
    import tomlkit

    return tomlkit.parse(section)[kind][0]


def section_with(before: str | None, kind: str, fields: Mapping[str, Any], names: Sequence[str]) -> str:
    """Return a section that holds `fields`; of the fields in `names` those left out are taken away."""
    import tomlkit

    document = tomlkit.parse((before or f"[[{kind}]]") + "\n")
    table: Any = document[kind][0]
    for name in names:
        if name not in fields:
            table.pop(name, None)
        elif name not in table:
            table[name] = fields[name]
        elif isinstance(fields[name], dict) and isinstance(table[name], Mapping):
            _merge(table, name, fields[name])
        elif table[name] != fields[name]:
            table[name] = fields[name]
    return tomlkit.dumps(document)


def _header(line: str) -> tuple[bool, str] | None:
    """Return whether a table's header is in double brackets and its name, or None for other lines."""
    found = _HEADER.match(line)
    if found is None:
        return None
    return found[1] == "[[", found[2].replace('"', "").replace("'", "").replace(" ", "")


def _is_header(line: str, kind: str) -> bool:
    return _header(line) == (True, kind)


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
