"""Replicate over a real socket: the prediction, its stream, its counts, its cancellation."""

import asyncio
import contextlib
from dataclasses import replace
from typing import Any

import pytest

from desktop.domain.delta import Usage
from desktop.domain.endpoint import Endpoint
from desktop.domain.failure import FailureKind
from desktop.domain.message import Message, Role, TextPart
from desktop.domain.prompt import Options, Prompt
from desktop.domain.reply import ReplyBuffer
from desktop.domain.secret import Secret
from desktop.providers.replicate import Replicate
from desktop.providers.send import WireSender
from desktop.wire.client import WireClient
from tests.support.server import Answer, LoopbackServer, Send, Stall, json_answer, openai_error, sse
from tests.unit.providers.test_send import ask

KEY = Secret("my-own-key")


def endpoint_at(server: LoopbackServer) -> Endpoint:
    return Endpoint(id="r", name="Replicate", provider="replicate", base_url=f"{server.url}/v1")


def prompt() -> Prompt:
    parts = (TextPart("Hi"),)
    message = Message(id="m", conversation_id="c", parent_id=None, role=Role.USER, parts=parts)
    return Prompt(model="owner/name", messages=(message,))


def receipt(server: LoopbackServer, *names: str, **fields: Any) -> Answer:
    urls = {name: f"{server.url}/p/{name}" for name in names}
    return json_answer({"id": "p", "status": "starting", "urls": urls, **fields}, status=201)


METRICS = {"input_token_count": 3, "output_token_count": 2}


async def test_a_streamed_prediction(server: LoopbackServer) -> None:
    server.answer(receipt(server, "stream", "get", "cancel"), path="/predictions")
    events = [Send(sse("Hel", "output")), Send(sse("lo", "output")), Send(sse("{}", "done"))]
    server.answer(Answer(steps=events), path="/stream")
    server.answer(json_answer({"status": "succeeded", "output": ["Hello"], "metrics": METRICS}), path="/get")
    asked = await ask(endpoint_at(server), prompt(), key=KEY)
    assert (asked.text, asked.failure) == ("Hello", None)
    assert asked.buffer.usage == Usage(input=3, output=2)
    assert [seen.path for seen in server.requests] == [
        "/v1/models/owner/name/predictions",
        "/p/stream",
        "/p/get",
    ]
    assert all(seen.headers["authorization"] == "Bearer my-own-key" for seen in server.requests)


async def test_a_reply_is_whole_without_its_counts(server: LoopbackServer) -> None:
    server.answer(receipt(server, "stream", "get"), path="/predictions")
    server.answer(Answer(steps=[Send(sse("Hi", "output")), Send(sse("{}", "done"))]), path="/stream")
    server.answer(openai_error(500, "no"), path="/get")
    asked = await ask(endpoint_at(server), prompt(), key=KEY)
    assert (asked.text, asked.failure) == ("Hi", None)


async def test_stopping_also_cancels_the_prediction(server: LoopbackServer) -> None:
    server.answer(receipt(server, "stream", "get", "cancel"), path="/predictions")
    server.answer(Answer(steps=[Send(sse("Hel", "output")), Stall()]), path="/stream")
    server.answer(json_answer({"status": "canceled"}), path="/cancel")
    buffer = ReplyBuffer()
    async with contextlib.aclosing(WireClient()) as client:
        sender = WireSender(client)
        started = asyncio.Event()

        async def read() -> None:
            async with contextlib.aclosing(sender.send(prompt(), endpoint_at(server), KEY)) as batches:
                async for batch in batches:
                    buffer.add_all(batch)
                    if buffer.text():
                        started.set()

        task = asyncio.get_running_loop().create_task(read())
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert [seen.path for seen in server.requests][-1] == "/p/cancel"
    assert server.requests[-1].method == "POST"
    assert server.requests[1].wait_closed(2)


async def test_a_model_that_cannot_stream_is_asked_until_it_is_done(
    server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.providers.send.POLL_SECONDS", 0.01)
    server.answer(receipt(server, "get", "cancel"), path="/predictions")
    server.answer(
        json_answer({"status": "processing", "output": ["Hel"]}),
        json_answer({"status": "succeeded", "output": ["Hel", "lo"], "metrics": METRICS}),
        path="/get",
    )
    asked = await ask(endpoint_at(server), prompt(), key=KEY)
    assert (asked.text, asked.failure) == ("Hello", None)
    assert asked.batches[0] == ()
    assert "/p/cancel" not in [seen.path for seen in server.requests]


async def test_a_prediction_that_fails(server: LoopbackServer) -> None:
    server.answer(receipt(server, "get", status="failed", error="Out of memory"), path="/predictions")
    asked = await ask(endpoint_at(server), prompt(), key=KEY)
    assert asked.failure is not None
    assert (asked.failure.kind, asked.failure.words) == (FailureKind.PROVIDER, "Out of memory")


async def test_a_refused_prediction(server: LoopbackServer) -> None:
    problem = {"title": "Insufficient credit", "detail": "You have insufficient credit.", "status": 402}
    server.answer(openai_error(402, problem), path="/predictions")
    asked = await ask(endpoint_at(server), prompt(), key=KEY)
    assert asked.failure is not None
    assert asked.failure.kind is FailureKind.PAYMENT
    assert asked.failure.words == "You have insufficient credit."


async def test_an_input_that_a_model_does_not_know_is_left_out(server: LoopbackServer) -> None:
    refusal = {
        "title": "Input validation failed",
        "detail": "- input: Additional property seed is not allowed",
    }
    server.answer(openai_error(422, refusal), path="/predictions")
    server.answer(receipt(server, status="succeeded", output=["Hello"]), path="/predictions")
    asked = await ask(endpoint_at(server), replace(prompt(), options=Options(seed=3, top_p=0.5)), key=KEY)
    assert (asked.text, asked.failure) == ("Hello", None)
    inputs = [seen.json["input"] for seen in server.requests]
    assert inputs == [{"prompt": "Hi", "seed": 3, "top_p": 0.5}, {"prompt": "Hi", "top_p": 0.5}]


async def test_without_streaming_the_prediction_is_asked_for_at_once(server: LoopbackServer) -> None:
    server.answer(receipt(server, status="succeeded", output=["Hel", "lo"]), path="/predictions")
    asked = await ask(endpoint_at(server), replace(prompt(), options=Options(stream=False)), key=KEY)
    assert asked.text == "Hello"
    assert server.requests[0].json["stream"] is False


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/p",
        "http://replicate.com/p",
        "https://replicate.com.evil.test/p",
        "ftp://x",
        7,
        None,
    ],
)
def test_the_key_goes_to_no_other_service(url: object) -> None:
    endpoint = Endpoint(id="r", name="R", provider="replicate", base_url="https://api.replicate.com/v1")
    assert Replicate().follow_up({"urls": {"stream": url}}, endpoint, KEY).stream is None


def test_the_key_goes_to_the_service_s_other_hosts() -> None:
    endpoint = Endpoint(id="r", name="R", provider="replicate", base_url="https://api.replicate.com/v1")
    follow_up = Replicate().follow_up({"urls": {"stream": "https://stream.replicate.com/x"}}, endpoint, KEY)
    assert follow_up.stream is not None
    assert follow_up.stream.headers["authorization"] == "Bearer my-own-key"
