"""What the records of each protocol may be called and look like, as far as the inspector judges it.

Sources: the event lists of Anthropic's and OpenAI's streaming references, and the fields of the Chat
Completions chunk. A name that is not listed is passed over by Weir, as the vendors ask.
"""

import json

from desktop.providers.reading import SIGNS_OF_LIFE

_JSON_PROTOCOLS = frozenset({"openai-chat", "openai-responses", "anthropic-messages", "gemini", "ollama"})
_ANTHROPIC = frozenset(
    {
        "message_start",
        "message_delta",
        "message_stop",
        "message",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "error",
    }
)
_CHAT_FIELDS = frozenset(
    {"choices", "usage", "error", "token_metrics", "x_groq", "prompt_progress", "object", "model", "created"}
)
_GEMINI_FIELDS = frozenset({"candidates", "promptFeedback", "usageMetadata", "error", "modelVersion"})
_OLLAMA_FIELDS = frozenset({"message", "response", "done", "error", "model"})
_PLAIN_NAMES = frozenset({"", "message", "error", "data", "delta"})
_FIELDS = {"openai-chat": _CHAT_FIELDS, "gemini": _GEMINI_FIELDS, "ollama": _OLLAMA_FIELDS}


def speaks_json(protocol: str) -> bool:
    """Whether every record of a protocol is JSON, but for the end mark and signs of life."""
    return protocol in _JSON_PROTOCOLS


def is_json(text: str) -> bool:
    """Whether a text is JSON."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def is_sign_of_life(event: str, data: str) -> bool:
    """Whether a record only keeps the connection open."""
    return event in SIGNS_OF_LIFE or data.strip().lower() in SIGNS_OF_LIFE


def unknown_name(protocol: str, event: str, data: str) -> str:
    """Return the name of a record that became nothing and is not known, empty where it is known.

    For protocols whose records have no names this is the name of a field.
    """
    if is_sign_of_life(event, data):
        return ""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return ""
    kind = value.get("type") if isinstance(value, dict) else None
    kind = kind if isinstance(kind, str) else ""
    if kind in SIGNS_OF_LIFE:
        return ""
    if protocol == "anthropic-messages":
        return "" if kind in _ANTHROPIC else kind or event
    if protocol == "openai-responses":
        return "" if kind.startswith("response.") or kind == "error" else kind or event
    fields = _FIELDS.get(protocol)
    if fields is None or not isinstance(value, dict):
        return ""
    if event not in _PLAIN_NAMES:
        return event
    return "" if not value or fields & value.keys() else next(iter(value))
