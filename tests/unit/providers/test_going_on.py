"""A reply that goes on after another: what each protocol is sent, and what is shown of the answer."""

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from desktop.domain.endpoint import Endpoint
from desktop.domain.failure import FailureKind, TurnFailedError
from desktop.domain.message import Message, MessageState, ReasoningPart, Role, TextPart
from desktop.domain.prompt import Options, Prompt
from desktop.domain.reply import ReplyBuffer
from desktop.providers.base import GO_ON
from desktop.providers.registry import all_providers
from desktop.providers.send import WireSender
from desktop.wire.client import WireClient
from tests.support.server import (
    Answer,
    LoopbackServer,
    Send,
    json_answer,
    openai_chunks,
    openai_error,
    openai_stream,
    sse,
)

QUESTION = Message(
    id="q", conversation_id="c", parent_id=None, role=Role.USER, parts=(TextPart("What is a weir?"),)
)
BEGINNING = Message(
    id="r",
    conversation_id="c",
    parent_id="q",
    role=Role.ASSISTANT,
    parts=(ReasoningPart("Hm"), TextPart("A weir is a low ")),
    state=MessageState.STOPPED,
)
PROMPT = Prompt(model="m", messages=(QUESTION,), continues=BEGINNING, conversation_id="c")


def body(provider: str, base_url: str, prompt: Prompt = PROMPT, **fields: Any) -> dict[str, Any]:
    endpoint = Endpoint(id="e", name="E", provider=provider, base_url=base_url, **fields)
    made = all_providers()[provider].request(prompt, endpoint, None).body
    assert made is not None
    return dict(made)


PREFILLED = [
    ("openai-chat", "http://127.0.0.1:8080/v1", "m"),
    ("openai-chat", "http://192.168.1.20:8000/v1", "m"),
    ("openai-chat", "http://gpu.local:8000/v1", "m"),
    ("openai-chat", "https://openrouter.ai/api/v1", "meta-llama/llama-4"),
    ("openai-chat", "https://api.groq.com/openai/v1", "m"),
    ("openai-chat", "https://api.mistral.ai/v1", "m"),
    ("openai-chat", "https://api.deepseek.com/beta", "m"),
    ("anthropic-messages", "https://api.anthropic.com/v1", "m"),
    ("ollama", "http://127.0.0.1:11434", "m"),
]
ASKED = [
    ("openai-chat", "https://api.openai.com/v1", "m"),
    ("openai-chat", "https://openrouter.ai/api/v1", "openai/gpt-5"),
    ("openai-chat", "https://api.deepseek.com", "m"),
    ("openai-chat", "https://unknown.example/v1", "m"),
]


@pytest.mark.parametrize(("provider", "base_url", "model"), PREFILLED)
def test_a_protocol_that_takes_a_beginning_is_handed_it_last(
    provider: str, base_url: str, model: str
) -> None:
    messages = body(provider, base_url, replace(PROMPT, model=model))["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant"]
    # Without the white space at its end, which some refuse and which leads models astray.
    assert messages[-1]["content"] == "A weir is a low"


@pytest.mark.parametrize(("provider", "base_url", "model"), ASKED)
def test_a_service_that_takes_none_is_asked_in_words(provider: str, base_url: str, model: str) -> None:
    messages = body(provider, base_url, replace(PROMPT, model=model))["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "user"]
    assert messages[1]["content"].startswith("A weir is a low")
    assert messages[2]["content"] == GO_ON


def test_servers_that_want_to_be_told_are_told() -> None:
    own = body("openai-chat", "http://127.0.0.1:8000/v1")
    assert (own["continue_final_message"], own["add_generation_prompt"]) == (True, False)
    embedded = body("openai-chat", "http://127.0.0.1:9/v1", embedded=True)
    assert embedded["continue_final_message"] is True
    assert body("openai-chat", "https://api.mistral.ai/v1")["messages"][-1]["prefix"] is True
    assert "prefix" not in body("openai-chat", "https://api.groq.com/openai/v1")["messages"][-1]
    assert "continue_final_message" not in body("openai-chat", "https://api.openai.com/v1")


def test_anthropic_takes_no_beginning_with_thinking() -> None:
    thinking = replace(PROMPT, options=Options(reasoning_effort="low"))
    for messages in (
        body("anthropic-messages", "https://a/v1", thinking)["messages"],
        body("anthropic-messages", "https://a/v1", body={"thinking": {"type": "adaptive"}})["messages"],
    ):
        assert messages[-1] == {"role": "user", "content": GO_ON}


def test_the_others_are_asked_in_words() -> None:
    responses = body("openai-responses", "https://a/v1")["input"]
    assert responses[-1] == {"role": "user", "content": [{"type": "input_text", "text": GO_ON}]}
    gemini = body("gemini", "https://a/v1beta")["contents"]
    assert [content["role"] for content in gemini] == ["user", "model", "user"]
    assert gemini[-1]["parts"] == [{"text": GO_ON}]
    assert body("stackai", "https://a/flow")["in-0"] == GO_ON
    assert GO_ON in body("replicate", "https://a/v1")["input"]["prompt"]
    assert body("custom", "https://a/chat")["prompt"] == GO_ON


class Went:
    def __init__(self) -> None:
        self.buffer = ReplyBuffer(BEGINNING.parts)
        self.kind: FailureKind | None = None


async def go_on(endpoint: Endpoint, prompts: Sequence[Prompt] = (PROMPT,)) -> list[Went]:
    went: list[Went] = []
    async with contextlib.aclosing(WireClient()) as client:
        sender = WireSender(client)
        for prompt in prompts:
            one = Went()
            went.append(one)
            try:
                async with contextlib.aclosing(sender.send(prompt, endpoint, None)) as batches:
                    async for batch in batches:
                        one.buffer.add_all(batch)
            except TurnFailedError as failed:
                one.kind = failed.failure.kind
    return went


def at(server: LoopbackServer, provider: str = "openai-chat") -> Endpoint:
    return Endpoint(id="e", name="E", provider=provider, base_url=server.base_url)


async def test_the_rest_joins_the_beginning(server: LoopbackServer) -> None:
    server.answer(openai_stream([" dam", " across a river."]))
    (one,) = await go_on(at(server))
    assert one.buffer.text() == "A weir is a low dam across a river."
    assert one.buffer.parts() == (ReasoningPart("Hm"), TextPart("A weir is a low dam across a river."))


async def test_a_beginning_that_is_refused_is_asked_for_in_words_from_then_on(server: LoopbackServer) -> None:
    refusal = "Assistant response prefill is incompatible with enable_thinking."
    server.answer(openai_error(400, refusal))
    server.answer(openai_stream(["A weir", " is a low dam."]), openai_stream(["low dam!"]))
    first, second = await go_on(at(server), [PROMPT, PROMPT])
    assert first.buffer.text() == "A weir is a low dam."
    assert second.buffer.text() == "A weir is a low dam!"
    last = [request.json["messages"][-1]["role"] for request in server.requests]
    assert last == ["assistant", "user", "user"]
    assert "continue_final_message" not in server.requests[1].json


async def test_anthropics_newer_models_refuse_a_beginning(server: LoopbackServer) -> None:
    words = "This model does not support assistant message prefill."
    error = {"type": "error", "error": {"type": "invalid_request_error", "message": words}}
    whole = {"type": "message", "content": [{"type": "text", "text": "low dam."}], "stop_reason": "end_turn"}
    server.answer(openai_error(400, error), json_answer(whole))
    (one,) = await go_on(at(server, "anthropic-messages"))
    assert one.kind is None
    assert one.buffer.text() == "A weir is a low dam."


async def test_what_was_held_back_comes_before_a_failure(server: LoopbackServer) -> None:
    chunks = openai_chunks(["A weir"], finish=None, done=False)
    error = sse({"error": {"message": "The engine is on fire."}})
    server.answer(openai_error(400, "no prefill"), Answer(steps=[*map(Send, chunks), Send(error)]))
    (one,) = await go_on(at(server))
    assert one.kind is FailureKind.PROVIDER
    assert one.buffer.text() == "A weir is a low A weir"
