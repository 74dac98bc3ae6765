"""JSON of any shape makes no reader stumble: known names in places where nobody expects them."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.domain.endpoint import Endpoint
from desktop.providers.registry import all_providers
from desktop.wire.answer import AnswerHead, Framing
from desktop.wire.records import Record

NAMES = [
    "type",
    "id",
    "index",
    "delta",
    "text",
    "content",
    "role",
    "choices",
    "message",
    "finish_reason",
    "reasoning",
    "reasoning_content",
    "refusal",
    "tool_calls",
    "function",
    "function_call",
    "name",
    "arguments",
    "usage",
    "prompt_tokens",
    "prompt_tokens_details",
    "cached_tokens",
    "cost",
    "x_groq",
    "error",
    "code",
    "metadata",
    "raw",
    "prompt_progress",
    "total",
    "processed",
    "object",
    "audio",
    "images",
    "content_block",
    "thinking",
    "signature",
    "input",
    "partial_json",
    "stop_reason",
    "stop_details",
    "explanation",
    "input_tokens",
    "output_index",
    "summary_index",
    "item",
    "call_id",
    "response",
    "status",
    "output",
    "incomplete_details",
    "reason",
    "summary",
    "candidates",
    "parts",
    "finishReason",
    "promptFeedback",
    "blockReason",
    "usageMetadata",
    "functionCall",
    "args",
    "inlineData",
    "mimeType",
    "executableCode",
    "codeExecutionResult",
    "thought",
    "done",
    "done_reason",
    "eval_count",
    "metrics",
    "urls",
    "outputs",
    "out-0",
    "token",
    "answer",
    "toolCallId",
    "toolName",
    "inputTextDelta",
    "errorText",
]
TYPES = [
    "content_block_delta",
    "content_block_start",
    "content_block_stop",
    "message_start",
    "message_delta",
    "message_stop",
    "message",
    "text_delta",
    "thinking_delta",
    "signature_delta",
    "input_json_delta",
    "tool_use",
    "text",
    "thinking",
    "redacted_thinking",
    "error",
    "response.output_text.delta",
    "response.output_item.added",
    "response.output_item.done",
    "response.completed",
    "response.reasoning_summary_text.delta",
    "response.function_call_arguments.delta",
    "response.failed",
    "function_call",
    "response.incomplete",
    "start",
    "text-delta",
    "reasoning-delta",
    "finish",
    "abort",
    "tool-input-start",
    "tool-input-delta",
    "response",
    "tool-input-available",
    "chat.completion.chunk",
]

leaves = st.none() | st.booleans() | st.integers(-2, 3) | st.floats(0, 1) | st.sampled_from(["", "x", *TYPES])
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=15,
)
typed = st.dictionaries(st.sampled_from(NAMES), values, max_size=6).flatmap(
    lambda fields: st.sampled_from(TYPES).map(lambda kind: {"type": kind, **fields})
)
events = st.sampled_from(["", "error", "output", "done", "message"])


@pytest.mark.parametrize("framing", list(Framing))
@pytest.mark.parametrize("provider", sorted(all_providers()))
@settings(max_examples=30, deadline=None)
@given(payloads=st.lists(st.tuples(events, values | typed), max_size=4))
def test_no_shape_makes_a_reader_stumble(
    provider: str, framing: Framing, payloads: list[tuple[str, Any]]
) -> None:
    endpoint = Endpoint(id="e", name="E", provider=provider, base_url="https://x.test/v1")
    reader = all_providers()[provider].reader(endpoint, AnswerHead(framing=framing))
    for event, payload in payloads:
        for delta in reader.read(Record(json.dumps(payload), event)):
            text = getattr(delta, "text", "")
            assert isinstance(text, str)
    reader.close()


@pytest.mark.parametrize("provider", sorted(all_providers()))
@settings(max_examples=30, deadline=None)
@given(payload=values)
def test_no_shape_of_a_list_of_models_is_trouble(provider: str, payload: Any) -> None:
    all_providers()[provider].models_from({"data": payload, "models": payload})
