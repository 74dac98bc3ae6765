"""The corpus read by the vendors' own clients and by us: the same reply, or a difference with its reason."""

import importlib
import json
from collections.abc import Callable, Mapping
from math import inf
from pathlib import Path
from typing import Any, get_args

import pytest

from desktop.domain.endpoint import Endpoint
from desktop.providers.reading import read_records
from desktop.providers.registry import all_providers
from desktop.wire.answer import AnswerHead
from desktop.wire.records import Record
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
OURS = "Google gives a reason but no words; the sentence is ours."
NO_WORDS = "The client has words for errors under `error` alone."
UNTYPED = "The client passes over what is no chunk; it is an error, and the reply is none."
NOTHING: dict[str, Any] = {"text": "", "finish": "", "usage": {}}

DIFFERENCES: dict[str, tuple[str, dict[str, Any]]] = {
    "openai-chat/counts-that-are-none": (
        "The client hands every number through; no model reads that many tokens, or fewer than none.",
        {"usage": {"input": -1, "output": inf, "total": 99999999999999999999999, "cost": inf}},
    ),
    "openai-chat/cut": (CUT, {"error": ""}),
    "openai-chat/error-as-text": (
        "The client looks for the words in an object alone.",
        {"error": "An error occurred during streaming"},
    ),
    "openai-chat/error-in-a-list": (NO_STREAM, {"error": ""}),
    "openai-chat/error-in-plain-words": (
        "The client stumbles over plain words with an exception of the parser.",
        {"error": "JSONDecodeError"},
    ),
    "openai-chat/error-of-fastapi": (UNTYPED, {"error": ""}),
    "openai-chat/error-of-minimax": (UNTYPED, {"error": ""}),
    "openai-chat/error-of-vllm": (UNTYPED, {"error": ""}),
    "openai-chat/garbled": (
        "The client stumbles over broken JSON with an exception of the parser; we quote what was sent.",
        {"error": "JSONDecodeError"},
    ),
    "openai-chat/groq-usage": ("Groq's x_groq is known to Groq's own client alone.", {"usage": {}}),
    "openai-chat/id-without-data": (
        "The client makes an event of an id without data, which the standard does not, and can't parse it.",
        {"text": "", "finish": "", "error": "JSONDecodeError"},
    ),
    "openai-chat/no-blank-lines": (
        "By the standard it is one event that never ends, and the client drops it.",
        {"text": "", "finish": ""},
    ),
    "openai-chat/no-utf8": (
        "The client decodes strictly; the standard and we put U+FFFD.",
        {"text": "", "finish": "", "error": "UnicodeDecodeError"},
    ),
    "openai-chat/pings-in-words": (
        "The client parses every event, also one that only says that the server lives.",
        {"text": "", "finish": "", "error": "JSONDecodeError"},
    ),
    "openai-chat/reasoning-details": ("The details are OpenRouter's own.", {"reasoning": ""}),
    "openai-chat/surrogate-halves": (
        "The client leaves halves of characters as they came; neither UTF-8 nor a window could hold them.",
        {"text": "a\ud83d\ude00b\ud83d c \ude00"},
    ),
    "openai-chat/tool-calls-all-index-0": (
        "The client goes by the index alone and runs two calls into one.",
        {"tool_calls": [("clock", '{}{"city":"Oslo"}')]},
    ),
    "openai-chat/tool-calls-bare": (
        "The client goes by an index that is not there, and runs two calls into one.",
        {"tool_calls": [("clock", '{}{"city":"Oslo"}')]},
    ),
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
    "openai-chat/arvae-counts": (NO_STREAM, NOTHING),
    "openai-chat/whole-json": (NO_STREAM, NOTHING | {"reasoning": ""}),
    "openai-responses/arguments-only-when-done": (CUT, {"tool_calls": [], "error": ""}),
    "openai-responses/cut": (CUT, {"error": ""}),
    "openai-responses/cut-after-text-done": (
        "A program that reads deltas waits for the closing event with the rest, which never comes.",
        {"text": "", "reasoning": "", "error": ""},
    ),
    "openai-responses/error-without-type": (UNTYPED, {"error": ""}),
    "openai-responses/whole-json": (NO_STREAM, NOTHING | {"reasoning": ""}),
    "anthropic-messages/cut": (CUT, {"error": ""}),
    "anthropic-messages/data-only": (
        "The client goes by the names of the events, which gateways leave out, and skips those without.",
        NOTHING | {"error": "AssertionError"},
    ),
    "anthropic-messages/error-flat": (NO_WORDS, {"error": "APIStatusError"}),
    "anthropic-messages/error-in-plain-words": (NO_WORDS, {"error": "APIStatusError"}),
    "anthropic-messages/service-tools": (
        "The client tells the service's own tools from those of the program; we show both.",
        {"tool_calls": []},
    ),
    "anthropic-messages/whole-json": (NO_STREAM, NOTHING | {"error": "AssertionError"}),
    "gemini/array": (
        "The client always asks for events and can't read the array that comes without.",
        NOTHING | {"error": "UnknownApiResponseError"},
    ),
    "gemini/arguments-in-parts": (
        "The client hands the parts of arguments through and leaves it to the program to join them.",
        {"tool_calls": [("order", None), *[(None, None)] * 5, ("clock", {})]},
    ),
    "gemini/array-cut": (
        "The client can't read the array that comes without events.",
        {"text": "", "error": "UnknownApiResponseError"},
    ),
    "gemini/array-error": (
        "The client can't read the array that comes without events.",
        {"error": "UnknownApiResponseError"},
    ),
    "gemini/blocked-blocklist": (OURS, {"refusal": ""}),
    "gemini/blocked-image-safety": (OURS, {"refusal": ""}),
    "gemini/blocked-jailbreak": (OURS, {"refusal": ""}),
    "gemini/blocked-model-armor": (OURS, {"refusal": ""}),
    "gemini/blocked-other": (OURS, {"refusal": ""}),
    "gemini/blocked-prompt": (OURS, {"refusal": ""}),
    "gemini/blocked-safety": (OURS, {"refusal": ""}),
    "gemini/cut": (CUT, {"error": ""}),
    "ollama/blank-lines": (
        "The client parses every line, also an empty one.",
        NOTHING | {"error": "JSONDecodeError"},
    ),
    "gemini/usage-in-parts": (
        "The client hands each chunk's counts through; a program that keeps the last has one of them.",
        {"usage": {"output": 2}},
    ),
    "ollama/arguments-as-text": (
        "The client refuses arguments that are no object.",
        {"finish": "", "tool_calls": [], "error": "ValidationError"},
    ),
    "ollama/byte-order-mark": (
        "The client parses the mark with the line.",
        NOTHING | {"error": "JSONDecodeError"},
    ),
    "ollama/cut": (CUT, {"error": ""}),
    "ollama/events-labelled-as-lines": (
        "The client parses every line as JSON, whatever it says.",
        NOTHING | {"error": "JSONDecodeError"},
    ),
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


def _reasons_of_openai_chat() -> set[str]:
    from openai.types.chat.chat_completion_chunk import Choice

    return _literals(Choice.model_fields["finish_reason"].annotation)


def _reasons_of_openai_responses() -> set[str]:
    from openai.types.responses.response import IncompleteDetails
    from openai.types.responses.response_status import ResponseStatus

    reasons = _literals(IncompleteDetails.model_fields["reason"].annotation) | _literals(ResponseStatus)
    # The last two belong to sockets that stay open, which Weir does not use.
    return reasons - {"queued", "max_messages", "steered"}


def _reasons_of_anthropic() -> set[str]:
    from anthropic.types.beta import BetaStopReason

    return _literals(BetaStopReason)


def _reasons_of_gemini() -> set[str]:
    from google.genai.types import BlockedReason, FinishReason

    names = {reason.value for reason in (*FinishReason, *BlockedReason)}
    return {name for name in names if not name.endswith("UNSPECIFIED")}


def _literals(annotation: Any) -> set[str]:
    """Return the strings in a (nested) Literal."""
    found = set()
    for inner in get_args(annotation):
        found |= {inner} if isinstance(inner, str) else _literals(inner)
    return found


REASONS: dict[str, tuple[str, Callable[[], set[str]]]] = {
    "openai-chat": ("openai", _reasons_of_openai_chat),
    "openai-responses": ("openai", _reasons_of_openai_responses),
    "anthropic-messages": ("anthropic", _reasons_of_anthropic),
    "gemini": ("google.genai", _reasons_of_gemini),
}


@pytest.mark.parametrize("provider", REASONS)
def test_every_reason_that_a_vendor_names_has_a_case(provider: str) -> None:
    package, reasons = REASONS[provider]
    pytest.importorskip(package, reason=f"the vendor's client {package} is not installed")
    streams = "".join(file.read_text("utf-8", "replace") for file in (CORPUS / provider).glob("*/stream.*"))
    missing = {reason for reason in reasons() if f'"{reason}"' not in streams}
    assert missing == set()


@pytest.mark.parametrize(
    ("provider", "package", "union"),
    [
        ("openai-responses", "openai", "openai.types.responses.ResponseStreamEvent"),
        ("openai-responses", "openai", "openai.types.responses.ResponseOutputItem"),
        ("anthropic-messages", "anthropic", "anthropic.types.beta.BetaRawMessageStreamEvent"),
        ("anthropic-messages", "anthropic", "anthropic.types.beta.BetaContentBlock"),
        ("anthropic-messages", "anthropic", "anthropic.types.beta.BetaRawContentBlockDelta"),
    ],
)
def test_no_kind_that_a_vendor_names_is_trouble(provider: str, package: str, union: str) -> None:
    pytest.importorskip(package, reason=f"the vendor's client {package} is not installed")
    module, _, name = union.rpartition(".")
    kinds = _kinds(getattr(importlib.import_module(module), name))
    assert len(kinds) > 4
    for kind in sorted(kinds):
        reader = all_providers()[provider].reader(Endpoint(id="e", name="E"), AnswerHead())
        inner = {"type": kind, "id": "x", "name": "n"}
        events = [
            {"type": kind},
            {"type": "content_block_start", "index": 0, "content_block": inner},
            {"type": "content_block_delta", "index": 0, "delta": inner},
            {"type": "response.output_item.added", "output_index": 0, "item": inner},
            {"type": "response.output_item.done", "output_index": 0, "item": inner},
        ]
        for event in events:
            read_records(reader, [Record(json.dumps(event))])
        is_failure = kind in ("error", "response.failed")
        assert (reader.failure is not None) == is_failure, kind


def _kinds(union: Any) -> set[str]:
    """Return the values of `type` of a union's members."""
    found = set()
    for member in get_args(union):
        if hasattr(member, "model_fields"):
            found |= (
                _literals(member.model_fields["type"].annotation) if "type" in member.model_fields else set()
            )
        else:
            found |= _kinds(member)
    return found
