"""Text in JSON of no known protocol: the field names that home-made services use, most telling first."""

import json
from typing import Any

_PATHS: tuple[tuple[str | int, ...], ...] = (
    ("text",),
    ("content",),
    ("delta",),
    ("delta", "text"),
    ("delta", "content"),
    ("token",),
    ("token", "text"),
    ("response",),
    ("output",),
    ("answer",),
    ("message",),
    ("message", "content"),
    ("choices", 0, "delta", "content"),
    ("choices", 0, "message", "content"),
    ("choices", 0, "text"),
    ("candidates", 0, "content", "parts", 0, "text"),
    ("chunk",),
    ("generated_text",),
    ("result",),
    ("data",),
    ("completion",),
    ("generation",),
    ("outputText",),
    ("reply",),
    ("value",),
    ("content", 0, "text"),
    ("delta", "message", "content", "text"),
    ("contentBlockDelta", "delta", "text"),
    ("output", "text"),
    ("output", "message", "content", 0, "text"),
    ("data", "text"),
    ("data", "content"),
    ("result", "response"),
    ("results", 0, "outputText"),
    ("results", 0, "generated_text"),
    ("text", 0),
    ("output", 0),
)
_REASONING: tuple[tuple[str | int, ...], ...] = (
    ("reasoning",),
    ("reasoning_content",),
    ("thinking",),
    ("choices", 0, "delta", "reasoning_content"),
    ("choices", 0, "delta", "reasoning"),
)


def text_in(payload: Any) -> str:
    """Return the first text of a JSON value, empty where there is none."""
    if isinstance(payload, str):
        return payload
    return _first(payload, _PATHS)


def reasoning_in(payload: Any) -> str:
    """Return the reasoning in a JSON value, empty where there is none."""
    return _first(payload, _REASONING)


def is_json_text(text: str) -> bool:
    """Whether a record is a JSON object or string; a number or a word may as well be text by itself."""
    try:
        return isinstance(json.loads(text), dict | str)
    except (ValueError, RecursionError):
        return False


def at_pointer(payload: Any, pointer: str) -> str:
    """Return the text at a JSON pointer (RFC 6901), empty where there is none."""
    value = payload
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list):
            value = value[int(name)] if name.isdecimal() and int(name) < len(value) else None
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def _first(payload: Any, paths: tuple[tuple[str | int, ...], ...]) -> str:
    for path in paths:
        value = payload
        for step in path:
            if isinstance(step, int):
                value = value[step] if isinstance(value, list) and len(value) > step else None
            else:
                value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, str):
            return value
    return ""
