"""From a prompt to deltas over a real socket, as a conversation does it."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import replace

import pytest

from desktop.domain.delta import Delta, FinishDelta, ProgressDelta, TextDelta, UsageDelta
from desktop.domain.endpoint import Endpoint, KeyRef
from desktop.domain.failure import Failure, FailureKind, TurnFailedError
from desktop.domain.message import ImagePart, Message, Part, Role, TextPart
from desktop.domain.prompt import Options, Prompt
from desktop.domain.reply import ReplyBuffer
from desktop.domain.secret import Secret
from desktop.providers.send import WireSender
from desktop.wire.client import Patience, WireClient
from tests.support.server import (
    Answer,
    Cut,
    LoopbackServer,
    Reset,
    Send,
    Stall,
    Step,
    Wait,
    json_answer,
    openai_chunks,
    openai_error,
    openai_stream,
    sse,
    unused_port,
)

KEY = Secret("my-own-key")


def prompt_of(*parts: Part, options: Options | None = None) -> Prompt:
    message = Message(
        id="m1", conversation_id="c1", parent_id=None, role=Role.USER, parts=parts or (TextPart("Hello?"),)
    )
    return Prompt(model="alpha", messages=(message,), options=options or Options())


def endpoint_at(server: LoopbackServer) -> Endpoint:
    return Endpoint(id="test", name="Test", base_url=server.base_url)


class Asked:
    """One reply: the batches as they came, the reply they make, the failure if there was one."""

    def __init__(self) -> None:
        self.batches: list[Sequence[Delta]] = []
        self.buffer = ReplyBuffer()
        self.failure: Failure | None = None

    @property
    def text(self) -> str:
        return self.buffer.text()


async def ask(
    endpoint: Endpoint,
    prompt: Prompt | None = None,
    *,
    key: Secret | None = KEY,
    patience: Patience | None = None,
    sender: WireSender | None = None,
) -> Asked:
    asked = Asked()
    async with contextlib.aclosing(WireClient(patience)) as client:
        sender = sender or WireSender(client)
        try:
            async with contextlib.aclosing(sender.send(prompt or prompt_of(), endpoint, key)) as batches:
                async for batch in batches:
                    asked.batches.append(batch)
                    asked.buffer.add_all(batch)
        except TurnFailedError as error:
            asked.failure = error.failure
    assert KEY.reveal() not in repr(asked.failure)
    return asked


async def test_a_reply(server: LoopbackServer) -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 2}
    server.answer(openai_stream(["Hel", "lo"], delay=0.01, reasoning=["Hm"], usage=usage))
    asked = await ask(endpoint_at(server))
    assert asked.failure is None
    assert asked.batches[0] == ()
    assert asked.text == "Hello"
    assert asked.buffer.usage is not None
    assert asked.buffer.usage.input == 3
    (request,) = server.requests
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == "Bearer my-own-key"
    assert request.json["messages"] == [{"role": "user", "content": "Hello?"}]


async def test_the_first_batch_says_that_the_service_accepted(server: LoopbackServer) -> None:
    server.answer(Answer(steps=[Stall()]))
    async with contextlib.aclosing(WireClient()) as client:
        sender = WireSender(client)
        async with contextlib.aclosing(sender.send(prompt_of(), endpoint_at(server), KEY)) as batches:
            assert await anext(batches) == ()
    assert await asyncio.to_thread(server.requests[0].wait_closed, 2)


async def test_a_reply_on_qts_loop(server: LoopbackServer, qloop: object) -> None:
    server.answer(openai_stream(["Hel", "lo"], delay=0.01))
    asked = await ask(endpoint_at(server))
    assert (asked.text, asked.failure) == ("Hello", None)


async def test_each_chunk_is_one_batch(server: LoopbackServer) -> None:
    body = b"".join(openai_chunks(["a", "b", "c"]))
    server.answer(Answer(steps=[Send(body)]))
    asked = await ask(endpoint_at(server))
    assert len(asked.batches) == 2
    assert [delta.text for delta in asked.batches[1] if isinstance(delta, TextDelta)] == ["a", "b", "c"]


@pytest.mark.parametrize("how", ["chunked", "close"])
async def test_a_server_that_keeps_the_socket_open_after_the_end_mark(
    server: LoopbackServer, how: str
) -> None:
    server.answer(openai_stream(["a"], end=[Stall()], framing=how))
    started = time.monotonic()
    asked = await ask(endpoint_at(server))
    assert (asked.text, asked.failure) == ("a", None)
    assert time.monotonic() - started < 2.5


async def test_a_server_that_never_ends_after_the_finish(
    server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.providers.send.GRACE_SECONDS", 0.2)
    server.answer(openai_stream(["a"], done=False, end=[Stall()]))
    asked = await ask(endpoint_at(server))
    assert (asked.text, asked.failure) == ("a", None)
    assert server.requests[0].wait_closed(2)


async def test_the_connection_serves_the_next_prompt(server: LoopbackServer) -> None:
    server.answer(openai_stream(["a"]), openai_stream(["b"]))
    async with contextlib.aclosing(WireClient()) as client:
        sender = WireSender(client)
        for _ in range(2):
            assert (await ask(endpoint_at(server), sender=sender)).failure is None
    assert server.connection_count == 1


CUT_STEPS: list[list[Step]] = [[Cut()], [Wait(0.1), Reset()], []]


@pytest.mark.parametrize("end", CUT_STEPS)
async def test_a_reply_without_an_end_is_a_cut(server: LoopbackServer, end: list[Step]) -> None:
    server.answer(openai_stream(["Half"], finish=None, done=False, end=end))
    asked = await ask(endpoint_at(server))
    assert asked.text == "Half"
    assert asked.failure is not None
    assert asked.failure.kind is FailureKind.CUT
    assert asked.failure.sentence.startswith("The connection to Test ended before the reply did.")


async def test_a_stall_in_the_reply(server: LoopbackServer) -> None:
    server.answer(openai_stream(["Half"], finish=None, done=False, end=[Stall()]))
    asked = await ask(endpoint_at(server), patience=Patience(between=0.2))
    assert asked.text == "Half"
    assert asked.failure is not None
    assert asked.failure.kind is FailureKind.STALLED


async def test_an_error_in_the_stream_comes_after_its_text(server: LoopbackServer) -> None:
    error = sse({"error": {"message": "Overloaded, my-own-key", "type": "overloaded_error"}})
    server.answer(Answer(steps=[Send(b"".join(openai_chunks(["Hi"], finish=None, done=False)) + error)]))
    asked = await ask(endpoint_at(server))
    assert asked.text == "Hi"
    assert asked.failure is not None
    assert (asked.failure.kind, asked.failure.words) == (FailureKind.OVERLOADED, "Overloaded, •••")
    assert (asked.failure.endpoint, asked.failure.model) == ("Test", "alpha")


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (openai_error(401, "Incorrect API key"), FailureKind.KEY_REFUSED, "Incorrect API key"),
        (openai_error(404, {"error": {"message": "None", "code": "model_not_found"}}), FailureKind.NO_MODEL,
         "None"),
        (openai_error(404, {"detail": "Not Found"}), FailureKind.WRONG_ADDRESS, "Not Found"),
        (openai_error(429, "Slow", headers={"retry-after": "3"}), FailureKind.RATE_LIMIT, "Slow"),
        (openai_error(200, {"error": {"message": "Bad"}}), FailureKind.PROVIDER, "Bad"),
        (openai_error(200, "<html><title>Hi</title>", content_type="text/html"), FailureKind.NOT_A_STREAM,
         "Hi"),
        (Answer(), FailureKind.EMPTY, ""),
        (Answer(steps=[Send(b": comment\n\n")]), FailureKind.CUT, ""),
        (Answer(steps=[Send(b"data: {broken\n\n")]), FailureKind.GARBLED, "{broken"),
    ],
)  # fmt: skip
async def test_failures(server: LoopbackServer, answer: Answer, kind: FailureKind, words: str) -> None:
    server.answer(answer)
    asked = await ask(endpoint_at(server))
    assert asked.failure is not None
    assert (asked.failure.kind, asked.failure.words) == (kind, words)


async def test_one_json_body(server: LoopbackServer) -> None:
    message = {"role": "assistant", "content": "Hello"}
    server.answer(json_answer({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}))
    asked = await ask(endpoint_at(server))
    assert (asked.text, asked.failure) == ("Hello", None)


async def test_a_service_that_needs_a_key_is_not_asked_without_one() -> None:
    endpoint = Endpoint(id="e", name="Far", base_url="https://far.invalid/v1", key=KeyRef("far"))
    asked = await ask(endpoint, key=None)
    assert asked.failure is not None
    assert asked.failure.kind is FailureKind.NO_KEY
    assert asked.failure.sentence.startswith("Far needs a key.")


async def test_a_header_s_missing_key_is_said_by_the_header_s_name(server: LoopbackServer) -> None:
    endpoint = replace(endpoint_at(server), headers=(("superAgentKey", "{secret}"),))
    asked = await ask(endpoint)
    assert asked.failure is not None
    assert asked.failure.kind is FailureKind.NO_KEY
    assert "superAgentKey" in asked.failure.words
    assert not server.requests


async def test_the_conversation_is_named_where_an_extra_field_asks_for_it(server: LoopbackServer) -> None:
    server.answer(openai_stream(["Hi"]))
    body = {"sessionId": "{{conversation}}", "useRAG": True}
    prompt = replace(prompt_of(), conversation_id="c1")
    assert (await ask(replace(endpoint_at(server), body=body), prompt)).text == "Hi"
    sent = server.requests[0].json
    assert (sent["sessionId"], sent["useRAG"]) == ("c1", True)


async def test_an_echoed_second_key_is_not_shown(server: LoopbackServer) -> None:
    server.answer(openai_error(401, "no such key: another-secret-key"))
    endpoint = replace(endpoint_at(server), headers=(("superAgentKey", "{secret}"),))
    asked = await ask(endpoint, key=Secret("my-own-key", {"superAgentKey": Secret("another-secret-key")}))
    assert asked.failure is not None
    assert "another-secret-key" not in repr(asked.failure)
    assert server.requests[0].headers["superagentkey"] == "another-secret-key"


async def test_this_computer_may_do_without_a_key(server: LoopbackServer) -> None:
    server.answer(openai_stream(["a"]))
    endpoint = Endpoint(id="e", name="Near", base_url=server.base_url, key=KeyRef("near"))
    assert (await ask(endpoint, key=None)).failure is None
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize("value", ["“quoted”", "two\nlines", "tab\tbed", "é"])
async def test_a_key_that_cannot_be_sent_is_said_before_anything_is_sent(
    server: LoopbackServer, value: str
) -> None:
    asked = await ask(endpoint_at(server), key=Secret(value))
    assert asked.failure is not None
    assert asked.failure.kind is FailureKind.KEY_REFUSED
    assert value not in asked.failure.words
    assert not server.requests


async def test_an_unknown_provider_is_said() -> None:
    asked = await ask(Endpoint(id="e", name="E", provider="telepathy", base_url="https://x.invalid"))
    assert asked.failure is not None
    assert asked.failure.kind is FailureKind.NO_ENDPOINT


class TestAdapting:
    async def test_stream_options_are_left_out_where_they_are_refused(self, server: LoopbackServer) -> None:
        body = {"detail": [{"type": "extra_forbidden", "loc": ["body", "stream_options"], "msg": "Extra"}]}
        server.answer(openai_error(422, body), openai_stream(["a"]), openai_stream(["b"]))
        async with contextlib.aclosing(WireClient()) as client:
            sender = WireSender(client)
            assert (await ask(endpoint_at(server), sender=sender)).text == "a"
            assert (await ask(endpoint_at(server), sender=sender)).text == "b"
        assert ["stream_options" in seen.json for seen in server.requests] == [True, False, False]

    async def test_the_other_name_of_the_token_limit(self, server: LoopbackServer) -> None:
        message = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
        server.answer(openai_error(400, message), openai_stream(["a"]))
        asked = await ask(endpoint_at(server), prompt_of(options=Options(max_tokens=9)))
        assert asked.failure is None
        assert server.requests[0].json["max_tokens"] == 9
        assert server.requests[1].json["max_completion_tokens"] == 9
        assert "max_tokens" not in server.requests[1].json

    async def test_several_lessons_in_a_row(self, server: LoopbackServer) -> None:
        server.answer(
            openai_error(400, "stream_options: unknown field"),
            openai_error(400, "Unsupported value: 'temperature' does not support 0.5 with this model."),
            openai_error(400, "'messages[0].role' does not support 'system' with this model."),
            openai_stream(["a"]),
        )
        options = Options(system="Be brief.", temperature=0.5)
        asked = await ask(endpoint_at(server), prompt_of(options=options))
        assert asked.failure is None
        last = server.requests[-1].json
        assert last["messages"] == [{"role": "user", "content": "Be brief.\n\nHello?"}]
        assert "temperature" not in last

    async def test_the_same_refusal_twice_is_a_failure(self, server: LoopbackServer) -> None:
        server.default = openai_error(400, "stream_options is not supported")
        asked = await ask(endpoint_at(server))
        assert asked.failure is not None
        assert asked.failure.kind is FailureKind.BAD_REQUEST
        assert len(server.requests) == 2

    async def test_other_refusals_are_not_repeated(self, server: LoopbackServer) -> None:
        server.default = openai_error(400, "max_tokens is too large")
        asked = await ask(endpoint_at(server), prompt_of(options=Options(max_tokens=9)))
        assert asked.failure is not None
        assert len(server.requests) == 1


async def test_a_large_attachment_goes_through(server: LoopbackServer) -> None:
    server.answer(openai_stream(["a"]))
    image = ImagePart("image/png", b"\x89PNG" + bytes(600_000))
    asked = await ask(endpoint_at(server), prompt_of(TextPart("What is it?"), image))
    assert asked.failure is None
    assert server.requests[0].json["messages"][0]["content"][1]["type"] == "image_url"


async def test_progress_does_not_start_the_shorter_patience(server: LoopbackServer) -> None:
    progress = sse({"choices": [], "prompt_progress": {"total": 10, "processed": 5}})
    steps: list[Step] = [Send(progress), Wait(0.5), *(Send(data) for data in openai_chunks(["a"]))]
    server.answer(Answer(steps=steps))
    asked = await ask(endpoint_at(server), patience=Patience(begin=5, between=0.2))
    assert asked.failure is None
    deltas = [delta for batch in asked.batches for delta in batch]
    assert isinstance(deltas[0], ProgressDelta)
    assert isinstance(deltas[-1], FinishDelta | UsageDelta)


class TestModels:
    async def test_the_list(self, server: LoopbackServer) -> None:
        async with contextlib.aclosing(WireClient()) as client:
            models = await WireSender(client).fetch_models(endpoint_at(server), KEY)
        assert [model.id for model in models] == ["alpha", "beta"]
        assert server.requests[0].headers["authorization"] == "Bearer my-own-key"

    async def test_no_server(self) -> None:
        endpoint = Endpoint(id="e", name="E", base_url=f"http://127.0.0.1:{unused_port()}/v1")
        async with contextlib.aclosing(WireClient()) as client:
            with pytest.raises(TurnFailedError) as caught:
                await WireSender(client).fetch_models(endpoint, KEY)
        assert caught.value.failure.kind is FailureKind.REFUSED_CONNECTION


async def test_a_reader_that_stumbles_fails_the_reply(
    server: LoopbackServer, expect_log: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from desktop.providers.openai_chat import OpenAIChatReader

    def stumble(*_: object) -> None:
        raise KeyError("unforeseen")

    monkeypatch.setattr(OpenAIChatReader, "_read_finish", stumble)
    expect_log("an answer could not be read")  # type: ignore[operator]
    server.answer(openai_stream(["Hi"]))
    asked = await ask(endpoint_at(server))
    assert asked.text == "Hi"
    assert asked.failure is not None
    assert asked.failure.kind is FailureKind.GARBLED
