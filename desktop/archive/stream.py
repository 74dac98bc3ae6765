"""JSON read as a stream: one conversation in memory at a time, and none larger than the limits."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from math import isfinite
from typing import Any, BinaryIO

from ijson.common import JSONError

from desktop.archive.limits import (
    MOST_CONVERSATION_BYTES,
    MOST_DEPTH,
    MOST_VALUES,
)
from desktop.base.tongue import translate
from desktop.domain.transfer import ArchiveError

try:
    from ijson.backends.yajl2_c import basic_parse
except ImportError:  # where there is no wheel with the parser in C
    from ijson.backends.python import basic_parse

_CHUNK = 64 * 1024
_BOM = b"\xef\xbb\xbf"

LIST_NAME = "conversations"
"""The member of a top-level object that holds the conversations, where there is such an object."""

_Event = tuple[str, Any]


class Cut:
    """Stands for a value that is larger than the limits; `why` says so to the user."""

    def __init__(self, why: str) -> None:
        self.why = why


class _Source:
    """The bytes of a file for the parser, counted. A single token larger than the limits is refused."""

    def __init__(self, file: BinaryIO, on_bytes: Callable[[int], None]) -> None:
        self._file = file
        self._on_bytes = on_bytes
        self._is_first = True
        self.since_event = 0

    def read(self, size: int = -1) -> bytes:
        # The parser asks for nothing once, to see whether it gets bytes or text.
        chunk = self._file.read(size)
        self._on_bytes(len(chunk))
        self.since_event += len(chunk)
        if self.since_event > MOST_CONVERSATION_BYTES:
            raise ArchiveError(
                translate(
                    "Archive", "The file has a text in it that is too large to be one of a conversation."
                )
            )
        if self._is_first:
            self._is_first = False
            chunk = chunk.removeprefix(_BOM)
        return chunk


def read_values(
    file: BinaryIO, on_bytes: Callable[[int], None] = lambda _count: None
) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield the conversations of a JSON file one by one, each with the top level's other members so far.

    The top level is a list of conversations, an object with such a list in LIST_NAME, or an object
    that is itself a conversation. What is too large comes as a `Cut`. `on_bytes` hears how many
    bytes were read and may raise. Raises ArchiveError where the file is no JSON; what came before
    has been yielded then.
    """
    source = _Source(file, on_bytes)
    events = _events(source)
    try:
        kind, _ = next(events, ("", None))
        if kind == "start_array":
            yield from _items(events)
        elif kind == "start_map":
            yield from _members(events)
        else:
            raise ArchiveError(translate("Archive", "The file holds no conversations."))
    except JSONError as problem:
        raise ArchiveError(translate("Archive", "The file is not whole, or it is not JSON.")) from problem
    except (UnicodeError, ValueError, OverflowError) as problem:
        raise ArchiveError(
            translate("Archive", "The file has something in it that is not JSON.")
        ) from problem


def _events(source: _Source) -> Iterator[_Event]:
    for event in basic_parse(source, buf_size=_CHUNK):
        source.since_event = 0
        yield event


def _items(
    events: Iterator[_Event], head: dict[str, Any] | None = None
) -> Iterator[tuple[dict[str, Any], Any]]:
    for kind, value in events:
        if kind == "end_array":
            return
        yield head if head is not None else {}, _build(kind, value, events)


def _members(events: Iterator[_Event]) -> Iterator[tuple[dict[str, Any], Any]]:
    head: dict[str, Any] = {}
    has_list = False
    for what, name in events:
        if what == "end_map":
            break
        kind, value = next(events)
        if name == LIST_NAME and kind == "start_array":
            has_list = True
            yield from _items(events, head)
            continue
        built = _build(kind, value, events)
        if isinstance(built, Cut):
            raise ArchiveError(built.why)
        head[name] = built
    if not has_list and head:
        yield {}, head


def _build(kind: str, value: Any, events: Iterator[_Event]) -> Any:
    """Return the value that begins with an event, without recursion; a `Cut` where it is too large."""
    if kind not in ("start_map", "start_array"):
        return _scalar(kind, value)
    top: Any = {} if kind == "start_map" else []
    stack: list[Any] = [top]
    names: list[str] = [""]
    size, count = 0, 0
    why = ""
    depth = 1
    for kind, value in events:
        if kind in ("end_map", "end_array"):
            depth -= 1
            if depth == 0:
                break
            if not why:
                stack.pop()
                names.pop()
            continue
        is_container = kind in ("start_map", "start_array")
        depth += is_container
        if why:
            continue
        count += 1
        size += len(value) if isinstance(value, str) else 8
        why = _excess(size, count, depth)
        if why:
            stack, names = [], []
            top = None
        elif kind == "map_key":
            names[-1] = value
        else:
            made = ({} if kind == "start_map" else []) if is_container else _scalar(kind, value)
            holder = stack[-1]
            if isinstance(holder, dict):
                holder[names[-1]] = made
            else:
                holder.append(made)
            if is_container:
                stack.append(made)
                names.append("")
    return Cut(why) if why else top


def _excess(size: int, count: int, depth: int) -> str:
    if size > MOST_CONVERSATION_BYTES or count > MOST_VALUES:
        return translate("Archive", "It is too large.")
    return translate("Archive", "It is nested too deeply.") if depth > MOST_DEPTH else ""


def _scalar(kind: str, value: Any) -> Any:
    if isinstance(value, Decimal):
        number = float(value)
        return number if isfinite(number) else None
    return value
