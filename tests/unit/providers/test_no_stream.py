"""A service that refuses to stream is asked once more, for the reply at once, and not again."""

import contextlib
from typing import Any

import pytest

from desktop.domain.delta import StopReason
from desktop.domain.endpoint import Endpoint
from desktop.domain.failure import FailureKind, TurnFailedError
from desktop.domain.message import Message, Role, TextPart
from desktop.domain.prompt import Options, Prompt
from desktop.domain.reply import ReplyBuffer
from desktop.providers.send import WireSender
from desktop.wire.client import WireClient
from tests.support.server import Answer, LoopbackServer, json_answer, openai_error, openai_stream

QUESTION = Message(id="q", conversation_id="c", parent_id=None, role=Role.USER, parts=(TextPart("Hello?"),))
UNVERIFIED = {
    "error": {
        "message": "Your organization must be verified to stream this model.",
        "param": "stream",
        "code": "unsupported_value",
    }
}
WHOLE: dict[str, Any] = {
    "openai-chat": {"choices": [{"index": 0, "message": {"content": "Hi."}, "finish_reason": "stop"}]},
    "openai-responses": {
        "object": "response",
        "status": "completed",
        "output": [{"type": "message", "content": [{"type": "output_text", "text": "Hi."}]}],
    },
    "anthropic-messages": {
        "type": "message",
        "content": [{"type": "text", "text": "Hi."}],
        "stop_reason": "end_turn",
    },
    "gemini": {"candidates": [{"content": {"parts": [{"text": "Hi."}]}, "finishReason": "STOP"}]},
    "ollama": {"message": {"content": "Hi."}, "done": True, "done_reason": "stop"},
}


async def ask(
    sender: WireSender, endpoint: Endpoint, model: str = "m", options: Options | None = None
) -> ReplyBuffer:
    buffer = ReplyBuffer()
    prompt = Prompt(model=model, messages=(QUESTION,), options=options or Options())
    async with contextlib.aclosing(sender.send(prompt, endpoint, None)) as batches:
        async for batch in batches:
            buffer.add_all(batch)
    return buffer


def at(server: LoopbackServer, provider: str = "openai-chat") -> Endpoint:
    return Endpoint(id="e", name="E", provider=provider, base_url=server.base_url)


@pytest.mark.parametrize("provider", WHOLE)
async def test_the_reply_comes_at_once_and_the_lesson_stays(server: LoopbackServer, provider: str) -> None:
    server.answer(openai_error(400, UNVERIFIED), json_answer(WHOLE[provider]), json_answer(WHOLE[provider]))
    async with contextlib.aclosing(WireClient()) as client:
        sender = WireSender(client)
        for _ in range(2):
            buffer = await ask(sender, at(server, provider))
            assert (buffer.text(), buffer.stop_reason) == ("Hi.", StopReason.STOP)
    first, *later = server.requests
    assert len(later) == 2
    if provider == "gemini":
        assert ":streamGenerateContent?alt=sse" in first.path
        assert all(request.path.endswith(":generateContent") for request in later)
    else:
        assert [request.json["stream"] for request in server.requests] == [True, False, False]
    assert all("stream_options" not in request.json for request in later)
    assert all(request.headers["accept"] == "application/json" for request in later)


@pytest.mark.parametrize(
    "refusal",
    [
        openai_error(422, "Streaming is not supported for this model."),
        openai_error(400, "stream: extra fields not permitted"),
        openai_error(400, {"detail": [{"loc": ["body", "stream"], "msg": "unexpected value"}]}),
    ],
)
async def test_refusals_as_services_word_them(server: LoopbackServer, refusal: Answer) -> None:
    server.answer(refusal, json_answer(WHOLE["openai-chat"]))
    async with contextlib.aclosing(WireClient()) as client:
        assert (await ask(WireSender(client), at(server))).text() == "Hi."


async def test_another_model_of_the_endpoint_still_streams(server: LoopbackServer) -> None:
    server.answer(openai_error(400, UNVERIFIED), json_answer(WHOLE["openai-chat"]), openai_stream(["Hi."]))
    async with contextlib.aclosing(WireClient()) as client:
        sender = WireSender(client)
        await ask(sender, at(server), "one")
        await ask(sender, at(server), "two")
    assert [request.json["stream"] for request in server.requests] == [True, False, True]


async def test_a_whole_answer_without_a_reason_is_no_cut(server: LoopbackServer) -> None:
    server.answer(openai_error(400, UNVERIFIED), json_answer({"choices": [{"message": {"content": "Hi."}}]}))
    async with contextlib.aclosing(WireClient()) as client:
        assert (await ask(WireSender(client), at(server))).text() == "Hi."


@pytest.mark.parametrize("words", ["This model is not known.", "The upstream is not there.", "I stream."])
async def test_other_refusals_stand(server: LoopbackServer, words: str) -> None:
    server.answer(openai_error(400, words))
    async with contextlib.aclosing(WireClient()) as client:
        with pytest.raises(TurnFailedError) as raised:
            await ask(WireSender(client), at(server))
    assert raised.value.failure.kind in (FailureKind.BAD_REQUEST, FailureKind.NO_MODEL)
    assert len(server.requests) == 1


@pytest.mark.parametrize("provider", WHOLE)
async def test_whoever_wants_no_stream_gets_one_plain_request(server: LoopbackServer, provider: str) -> None:
    server.answer(json_answer(WHOLE[provider]), json_answer(WHOLE[provider]))
    async with contextlib.aclosing(WireClient()) as client:
        sender = WireSender(client)
        buffer = await ask(sender, at(server, provider), options=Options(stream=False))
        assert (buffer.text(), buffer.stop_reason) == ("Hi.", StopReason.STOP)
        await ask(sender, at(server, provider))
    once, streamed = server.requests
    assert once.headers["accept"] == "application/json"
    assert streamed.headers["accept"] != "application/json"
    assert "stream_options" not in once.json
    if provider == "gemini":
        assert once.path.endswith(":generateContent")
    else:
        assert (once.json["stream"], streamed.json["stream"]) == (False, True)
