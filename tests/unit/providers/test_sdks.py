"""The corpus read by the vendors' own clients and by us: the same reply, or a difference with its reason."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from desktop.domain.endpoint import Endpoint
from desktop.providers.registry import all_providers
from tests.support import vendors
from tests.support.reading import CORPUS, read_answer, split
from tests.support.vendors import Told, arguments_in

READERS: dict[str, tuple[str, Callable[[bytes, Mapping[str, str]], Told]]] = {
    "openai-chat": ("openai", vendors.read_with_openai_chat),
    "openai-responses": ("openai", vendors.read_with_openai_responses),
    "anthropic-messages": ("anthropic", vendors.read_with_anthropic),
    "gemini": ("google.genai", vendors.read_with_gemini),
    "ollama": ("ollama", vendors.read_with_ollama),
}
CASES = {
    f"{name}/{file.parent.name}": file.parent
    for name in READERS
    for file in sorted((CORPUS / name).glob("*/expected.json"))
}
CUT = "The client ends a stream that was cut like one that was finished."
NO_STREAM = "The client reads nothing but events, and finds none in an answer that comes at once."
NOTHING: dict[str, Any] = {"text": "", "finish": "", "usage": {}}

DIFFERENCES: dict[str, tuple[str, dict[str, Any]]] = {
    "openai-chat/cut": (CUT, {"error": ""}),
    "openai-chat/garbled": (
        "The client stumbles over broken JSON with an exception of the parser; we quote what was sent.",
        {"error": "JSONDecodeError"},
    ),
    "openai-chat/groq-usage": ("Groq's x_groq is known to Groq's own client alone.", {"usage": {}}),
    "openai-chat/mistral-thinking": (
        "The client hands Mistral's list through where a string was promised.",
        {"text": "four", "reasoning": ""},
    ),
    "openai-chat/odd-line-ends-in-text": (
        "The client takes a byte order mark for part of the first field's name, and so loses that event.",
        {"text": ""},
    ),
    "openai-chat/reasoning-content": (
        "DeepSeek has a name of its own for the count of cached tokens.",
        {"usage": {"input": 5, "output": 8, "total": 13}},
    ),
    "openai-chat/think-tags": (
        "The client knows no reasoning, and leaves the tags in the text.",
        {"text": "\n<think>\nFirst this.\n</think>\n\nThen <think> that.", "reasoning": ""},
    ),
    "openai-chat/tool-call-without-index": (
        "The client tells calls apart by an index that is not there, and expects arguments as a string.",
        {"tool_calls": [("f", {})]},
    ),
    "openai-chat/whole-json": (NO_STREAM, NOTHING | {"reasoning": ""}),
    "openai-responses/cut": (CUT, {"error": ""}),
    "openai-responses/whole-json": (NO_STREAM, NOTHING | {"reasoning": ""}),
    "anthropic-messages/cut": (CUT, {"error": ""}),
    "anthropic-messages/data-only": (
        "The client goes by the names of the events, which gateways leave out, and skips those without.",
        NOTHING | {"error": "AssertionError"},
    ),
    "anthropic-messages/whole-json": (NO_STREAM, NOTHING | {"error": "AssertionError"}),
    "gemini/array": (
        "The client always asks for events and can't read the array that comes without.",
        NOTHING | {"error": "UnknownApiResponseError"},
    ),
    "gemini/blocked-prompt": (
        "Google gives a reason but no words; the sentence is ours.",
        {"refusal": ""},
    ),
    "gemini/cut": (CUT, {"error": ""}),
    "ollama/blank-lines": (
        "The client parses every line, also an empty one.",
        NOTHING | {"error": "JSONDecodeError"},
    ),
    "ollama/cut": (CUT, {"error": ""}),
    "ollama/separators-in-text": (
        "The client splits with httpx's iter_lines, which takes U+2028 and U+0085 for line ends.",
        NOTHING | {"error": "JSONDecodeError"},
    ),
}
"""By case: why the vendor's client tells something else than we do, and what."""


def read_by_us(folder: Path, body: bytes, case: dict[str, Any]) -> Told:
    """Return what our reader makes of a case. Our own words for a cut are the failure's kind."""
    provider = all_providers()[folder.parent.name]
    endpoint = Endpoint(id="e", name="E", provider=provider.name, **case.get("endpoint", {}))
    found = read_answer(provider, endpoint, split(body, 4096), headers=case["headers"])
    told = Told(text=found.text, reasoning=found.reasoning, refusal=found.refusal)
    told.finish = found.finishes[-1] if found.finishes else ""
    told.tool_calls = [(call["name"], arguments_in(call["arguments"])) for call in found.tool_calls]
    if usage := found.buffer.usage:
        told.count(**{name: getattr(usage, name) for name in usage.__slots__})
    if found.failure is not None:
        told.error = found.failure.words or found.failure.kind
    return told


@pytest.mark.parametrize("name", CASES)
def test_the_vendors_client_tells_the_same(name: str) -> None:
    folder = CASES[name]
    package, read_by_them = READERS[folder.parent.name]
    pytest.importorskip(package, reason=f"the vendor's client {package} is not installed")
    case = json.loads((folder / "expected.json").read_text("utf-8"))
    (stream,) = folder.glob("stream.*")
    body = stream.read_bytes()
    ours = read_by_us(folder, body, case)
    theirs = read_by_them(body, case["headers"])
    reason, expected = DIFFERENCES.get(name, ("", {}))
    assert ours.differences(theirs) == expected, reason


def test_each_difference_belongs_to_a_case() -> None:
    assert DIFFERENCES.keys() <= CASES.keys()
