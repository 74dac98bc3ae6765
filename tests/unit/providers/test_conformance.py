"""What real services sent, read by our providers, against what their own clients make of it.

The recordings belong to other projects and lie outside this one: WEIR_STREAMS names their folder,
whose manifest says per file what a client must get out of it.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from desktop.domain.endpoint import Endpoint
from desktop.domain.failure import FailureKind
from desktop.providers.base import Provider
from desktop.providers.gemini import BLOCKED
from desktop.providers.registry import all_providers
from desktop.wire.failures import Place, failed_answer
from tests.support.reading import Outcome, read_answer, split, streams_folder

FOLDER = streams_folder()
PROVIDERS = {
    "openai-chat": "openai-chat",
    "openai-responses": "openai-responses",
    "anthropic": "anthropic-messages",
    "gemini": "gemini",
    "gemini-array": "gemini",
    "ollama": "ollama",
    "replicate": "replicate",
    "stackai": "stackai",
    "generic": "custom",
    "vercel-ui": "custom",
    "vercel-data": "custom",
}
REASONS = {"stop": "stop", "length": "length", "tool_calls": "tool_use", "content_filter": "content_filter"}
REASONS |= {"refusal": "refusal", "other": "other", "cancelled": "other"}

_FILTERED = ("content_filter", "refusal")

pytestmark = pytest.mark.skipif(FOLDER is None, reason="WEIR_STREAMS names no folder of recorded streams")


def manifest() -> list[dict[str, Any]]:
    if FOLDER is None:
        return []
    return list(json.loads((FOLDER / "manifest.json").read_text("utf-8")))


def http_errors() -> list[dict[str, Any]]:
    if FOLDER is None:
        return []
    return list(json.loads((FOLDER / "errors.json").read_text("utf-8")))


def provider_for(protocol: str) -> Provider:
    name = PROVIDERS[protocol]
    return all_providers()[name]


def read(case: dict[str, Any], size: int) -> Outcome:
    assert FOLDER is not None
    provider = provider_for(case["protocol"])
    # Stack AI's address says in which form the texts come.
    query = "?delta=false" if "delta=false" in str(case.get("note")) + str(case.get("request")) else ""
    endpoint = Endpoint(id="e", name="E", provider=provider.name, base_url=f"https://service.test/v1{query}")
    headers = {"content-type": case["content_type"]}
    if case["protocol"] == "vercel-data":
        headers["x-vercel-ai-data-stream"] = "v1"
    body = (FOLDER / case["file"]).read_bytes()
    return read_answer(
        provider, endpoint, split(body, size), headers=headers, accepts_text=provider.accepts_text
    )


def differences(found: Outcome, wanted: dict[str, Any]) -> Iterator[str]:
    """Yield what is not as the manifest says, in words for the report."""
    for name in ("text", "reasoning", "refusal"):
        got, expected = getattr(found, name), wanted[f"expected_{name}"]
        if name == "reasoning":
            # Summaries of reasoning come in parts, between which we put a blank line.
            got, expected = "".join(got.split()), "".join(expected.split())
        if name == "refusal" and not expected and _is_explained(got, wanted):
            continue
        if got != expected:
            yield f"{name}: {got!r} instead of {expected!r}"
    yield from ending_differences(found, wanted)
    usage = found.buffer.usage
    for name, count in (wanted["expected_usage"] or {}).items():
        # The manifest keeps the services' own sums: some leave reasoning or the cache out of them.
        if count is not None and (usage is None or not _is_same_count(name, usage, wanted)):
            yield f"usage {name}: {usage} instead of {wanted['expected_usage']}"
    yield from call_differences(found, wanted["expected_tool_calls"])


def call_differences(found: Outcome, wanted: list[dict[str, Any]]) -> Iterator[str]:
    """Yield what is wrong with the tool calls, which come in their order.

    Anthropic's own tools, which its client tells apart, have ids of their own, and a message that begins
    anew leaves a call half told. Where the vendor's client lost the arguments, ours may have them.
    """
    asked = [call for call in found.tool_calls if not call["id"].startswith(("srvtoolu_", "mcptoolu_"))]
    calls = [(call["name"], _json(call["arguments"])) for call in asked]
    calls = [call for call in calls if not (isinstance(call[1], str) and call[1].startswith("{"))]
    expected = [(call["name"], _json(call["arguments"])) for call in wanted]
    if [name for name, _ in calls] != [name for name, _ in expected]:
        yield f"tool calls: {calls} instead of {expected}"
        return
    for (name, arguments), (_, told) in zip(calls, expected, strict=True):
        if told and arguments != told:
            yield f"tool call {name}: {arguments} instead of {told}"


def _is_explained(refusal: str, wanted: dict[str, Any]) -> bool:
    """Whether words of a refusal are the service's explanation, or ours for a prompt that was blocked.

    The manifest has no place for either.
    """
    if refusal == BLOCKED.format(reason=wanted["expected_finish"]):
        return True
    words = json.dumps(refusal)[1:-1]
    return bool(words) and words in _stream_of(wanted) and wanted["expected_finish_norm"] in _FILTERED


def _stream_of(case: dict[str, Any]) -> str:
    assert FOLDER is not None
    return (FOLDER / case["file"]).read_text("utf-8", "replace")


def ending_differences(found: Outcome, wanted: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with how the reply ended."""
    error = wanted["expected_error"]
    if error is not None:
        message = error.get("message") or "" if isinstance(error, dict) else str(error)
        words = " ".join(found.failure.words.split()) if found.failure is not None else None
        if words is None or " ".join(message.split())[:500] not in words:
            yield f"failure: {found.failure} instead of {error}"
        return
    if found.is_complete != wanted["complete"]:
        yield f"complete: {found.is_complete}"
    if wanted["complete"] and found.failure is not None:
        yield f"failure: {found.failure}"
    if not wanted["complete"] and found.failure is None:
        yield "an unfinished reply passed as finished"
    normal = wanted["expected_finish_norm"]
    if normal in REASONS and found.buffer.stop_reason != REASONS[normal]:
        yield f"stop reason: {found.buffer.stop_reason} instead of {normal}"
    if wanted["expected_finish"] and (found.finishes or ("",))[-1] != wanted["expected_finish"]:
        yield f"finish: {found.finishes} instead of {wanted['expected_finish']}"


def _is_same_count(name: str, usage: Any, wanted: dict[str, Any]) -> bool:
    count = wanted["expected_usage"][name]
    raw = wanted["expected_usage_raw"] or {}
    found = getattr(usage, name)
    if wanted["protocol"] == "anthropic" and name == "input":
        cached = sum(raw.get(f"cache_{kind}_input_tokens") or 0 for kind in ("read", "creation"))
        return bool(found in (count, count + cached))
    if wanted["protocol"].startswith("gemini") and name == "output":
        return bool(found in (count, count + (raw.get("thoughtsTokenCount") or 0)))
    return bool(found == count)


def _json(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return text


@pytest.mark.parametrize("size", [1_000_000, 1, 61])
@pytest.mark.parametrize("case", manifest(), ids=lambda case: str(case["file"]))
def test_stream(case: dict[str, Any], size: int) -> None:
    found = read(case, size)
    also = case.get("also_accept") or []
    answers = [case, *({**case, **other} for other in (also if isinstance(also, list) else [also]))]
    reports = [list(differences(found, answer)) for answer in answers]
    assert [] in reports, "\n".join(reports[0])


@pytest.mark.parametrize("case", http_errors(), ids=lambda case: f"{case['provider']}-{case['status']}")
def test_http_error(case: dict[str, Any]) -> None:
    headers = {"content-type": case["content_type"], **case["headers"]}
    failure = failed_answer(case["status"], headers, case["body"].encode(), Place(model="m")).failure
    expected = " ".join(case["expected_message"].split())[:500]
    # Our words may say more: the field at fault, the words of the service behind, the status.
    assert expected in " ".join(failure.words.split())
    assert failure.status == case["status"]
    assert failure.kind not in (FailureKind.PROVIDER, FailureKind.INTERNAL, FailureKind.CUT)


KINDS = {
    "model_not_found": FailureKind.NO_MODEL,
    "DeploymentNotFound": FailureKind.NO_MODEL,
    "invalid_api_key": FailureKind.KEY_REFUSED,
    "API_KEY_INVALID": FailureKind.KEY_REFUSED,
    "context_length_exceeded": FailureKind.TOO_LONG,
    "too_many_prompt_tokens": FailureKind.TOO_LONG,
}


@pytest.mark.parametrize("case", http_errors(), ids=lambda case: f"{case['provider']}-{case['status']}")
def test_the_kind_of_an_http_error(case: dict[str, Any]) -> None:
    kind = next((kind for code, kind in KINDS.items() if f'"{code}"' in case["body"]), None)
    failure = failed_answer(case["status"], case["headers"], case["body"].encode(), Place()).failure
    if kind is FailureKind.KEY_REFUSED and case["status"] == 401:
        kind = FailureKind.NO_KEY
    if kind is not None:
        assert failure.kind is kind
    if case["status"] == 429:
        assert failure.kind is FailureKind.RATE_LIMIT
