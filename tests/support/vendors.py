"""What the vendors' own clients make of an answer: the same bytes through a transport in memory.

Each function takes the body and the headers of one answer and returns what a program that uses the
client in the documented way would have in its hands, as a `Told`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

BASE_URL = "https://service.test/v1"


@dataclass(slots=True)
class Told:
    """A reply in the terms that all clients share. Empty is what the client did not say.

    `finish` is the provider's own word; `usage` has only counts that are known, added up as
    `domain.delta.Usage` wants them; `tool_calls` are names with parsed arguments; `error` is the
    provider's message, or the name of the exception where the client stumbled by itself.
    """

    text: str = ""
    reasoning: str = ""
    refusal: str = ""
    finish: str = ""
    usage: dict[str, float] = field(default_factory=dict)
    tool_calls: list[tuple[str, Any]] = field(default_factory=list)
    error: str = ""

    def count(self, **counts: float | None) -> None:
        """Take counts; the last that are told stand."""
        self.usage = {name: count for name, count in counts.items() if count is not None}

    def differences(self, other: "Told") -> dict[str, Any]:
        """Return what `other` has otherwise, by field."""
        mine = {name: getattr(self, name) for name in self.__slots__}
        return {name: getattr(other, name) for name in mine if getattr(other, name) != mine[name]}


def arguments_in(text: str) -> Any:
    """Return the arguments of a tool call parsed, or as they are where they are no JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def read_with_openai_chat(body: bytes, headers: Mapping[str, str]) -> Told:
    """Read with `client.chat.completions.create(stream=True)`.

    Reasoning is taken from the fields that the client passes through without knowing them.
    """
    import openai

    told = Told()
    calls: dict[int, list[str]] = {}
    with _openai(body, headers) as client:
        try:
            for chunk in client.chat.completions.create(model="m", messages=[], stream=True):
                if chunk.usage:
                    _count_openai_chat(told, chunk.usage)
                for choice in chunk.choices or ():
                    if choice.index == 0:
                        _add_choice(told, choice, calls)
        except openai.APIError as error:
            told.error = error.message
        except ValueError as error:
            told.error = type(error).__name__
    told.tool_calls = [(name, arguments_in("".join(pieces))) for name, *pieces in calls.values()]
    return told


def _openai(body: bytes, headers: Mapping[str, str]) -> Any:
    import httpx2
    import openai

    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, headers=dict(headers), content=body))
    http = httpx2.Client(transport=transport)
    return openai.OpenAI(api_key="none", base_url=BASE_URL, http_client=http, max_retries=0)


def _add_choice(told: Told, choice: Any, calls: dict[int, list[str]]) -> None:
    told.finish = choice.finish_reason or told.finish
    delta = choice.delta
    if delta is None:
        return
    if isinstance(delta.content, str):
        told.text += delta.content
    told.refusal += delta.refusal or ""
    told.reasoning += getattr(delta, "reasoning_content", None) or getattr(delta, "reasoning", None) or ""
    if delta.function_call:
        pieces = calls.setdefault(0, [delta.function_call.name])
        pieces.append(delta.function_call.arguments or "")
    for call in delta.tool_calls or ():
        pieces = calls.setdefault(call.index, [call.function.name])
        if isinstance(call.function.arguments, str):
            pieces.append(call.function.arguments)


def _count_openai_chat(told: Told, usage: Any) -> None:
    told.count(
        input=usage.prompt_tokens,
        output=usage.completion_tokens,
        cached=usage.prompt_tokens_details and usage.prompt_tokens_details.cached_tokens,
        reasoning=usage.completion_tokens_details and usage.completion_tokens_details.reasoning_tokens,
        total=usage.total_tokens,
        cost=getattr(usage, "cost", None),
    )


def read_with_openai_responses(body: bytes, headers: Mapping[str, str]) -> Told:
    """Read with `client.responses.create(stream=True)`; text that came in no delta is the response's."""
    import openai

    told = Told()
    reasoning: dict[tuple[Any, ...], str] = {}
    with _openai(body, headers) as client:
        try:
            for event in client.responses.create(model="m", input="", stream=True):
                if event.type == "response.output_text.delta":
                    told.text += event.delta
                elif event.type in ("response.reasoning_summary_text.delta", "response.reasoning_text.delta"):
                    part = (event.output_index, getattr(event, "summary_index", None))
                    reasoning[part] = reasoning.get(part, "") + event.delta
                elif event.type == "response.refusal.delta":
                    told.refusal += event.delta
                elif event.type == "error":
                    told.error = event.message
                elif event.type in ("response.completed", "response.incomplete", "response.failed"):
                    _add_response(told, event.response)
        except openai.APIError as error:
            told.error = error.message
    told.reasoning = "\n\n".join(reasoning.values())
    return told


def _add_response(told: Told, response: Any) -> None:
    told.text = told.text or response.output_text
    told.tool_calls = [
        (item.name, arguments_in(item.arguments if item.type == "function_call" else item.input))
        for item in response.output
        if item.type in ("function_call", "custom_tool_call")
    ]
    usage = response.usage
    told.count(
        input=usage.input_tokens,
        output=usage.output_tokens,
        cached=usage.input_tokens_details.cached_tokens,
        reasoning=usage.output_tokens_details.reasoning_tokens,
        total=usage.total_tokens,
    )
    if response.error:
        told.error = response.error.message
    else:
        told.finish = (response.incomplete_details and response.incomplete_details.reason) or response.status


def read_with_anthropic(body: bytes, headers: Mapping[str, str]) -> Told:
    """Read with `client.messages.stream()` and take the message that the client puts together."""
    import anthropic
    import httpx2

    told = Told()
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, headers=dict(headers), content=body))
    http = httpx2.Client(transport=transport)
    with (
        anthropic.Anthropic(api_key="none", http_client=http, max_retries=0) as client,
        client.messages.stream(model="m", max_tokens=1, messages=[]) as stream,
    ):
        try:
            for _ in stream:
                pass
        except anthropic.APIStatusError as error:
            told.error = _anthropic_words(error.body) or type(error).__name__
        try:
            message = stream.current_message_snapshot
        except AssertionError as error:
            told.error = type(error).__name__
            return told
    _add_message(told, message)
    return told


def _anthropic_words(body: object) -> str:
    error = body.get("error") if isinstance(body, dict) else None
    return str(error["message"]) if isinstance(error, dict) else ""


def _add_message(told: Told, message: Any) -> None:
    for block in message.content:
        if block.type == "text":
            told.text += block.text
        elif block.type == "thinking":
            told.reasoning += block.thinking
        elif block.type == "tool_use":
            told.tool_calls.append((block.name, block.input))
    told.finish = message.stop_reason or ""
    told.refusal = (message.stop_details and message.stop_details.explanation) or ""
    usage = message.usage
    cached = usage.cache_read_input_tokens
    written = usage.cache_creation_input_tokens
    told.count(
        input=usage.input_tokens + (cached or 0) + (written or 0), output=usage.output_tokens, cached=cached
    )


def read_with_gemini(body: bytes, headers: Mapping[str, str]) -> Told:
    """Read with `client.models.generate_content_stream()`."""
    import httpx2
    from google import genai

    told = Told()
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, headers=dict(headers), content=body))
    options = genai.types.HttpOptions(httpx_client=httpx2.Client(transport=transport))
    with genai.Client(api_key="none", http_options=options) as client:
        try:
            _add_chunks(told, client.models.generate_content_stream(model="m", contents="x"))
        except genai.errors.APIError as error:
            told.error = error.message or ""
        except genai.errors.UnknownApiResponseError as error:
            told.error = type(error).__name__
    return told


def _add_chunks(told: Told, chunks: Iterable[Any]) -> None:
    for chunk in chunks:
        usage, feedback = chunk.usage_metadata, chunk.prompt_feedback
        if usage is not None:
            output = [count for count in (usage.candidates_token_count, usage.thoughts_token_count) if count]
            told.count(
                input=usage.prompt_token_count,
                output=sum(output) if output else None,
                cached=usage.cached_content_token_count,
                reasoning=usage.thoughts_token_count,
                total=usage.total_token_count,
            )
        if feedback is not None and feedback.block_reason:
            told.finish = feedback.block_reason.value
            told.refusal = feedback.block_reason_message or ""
        # The client's own `chunk.text` is that of the first candidate.
        for candidate in (chunk.candidates or ())[:1]:
            told.finish = candidate.finish_reason.value if candidate.finish_reason else told.finish
            for part in (candidate.content and candidate.content.parts) or ():
                if part.function_call:
                    told.tool_calls.append((part.function_call.name, part.function_call.args))
                elif part.thought:
                    told.reasoning += part.text or ""
                else:
                    told.text += part.text or ""


def read_with_ollama(body: bytes, headers: Mapping[str, str]) -> Told:
    """Read with `client.chat(stream=True)`."""
    import httpx
    import ollama

    told = Told()
    transport = httpx.MockTransport(lambda _: httpx.Response(200, headers=dict(headers), content=body))
    with ollama.Client(host="http://service.test", transport=transport) as client:
        try:
            for chunk in client.chat(model="m", messages=[], stream=True):
                told.text += chunk.message.content or ""
                told.reasoning += chunk.message.thinking or ""
                told.tool_calls += [
                    (call.function.name, dict(call.function.arguments))
                    for call in chunk.message.tool_calls or ()
                ]
                if chunk.done_reason:
                    told.finish = chunk.done_reason
                    told.count(input=chunk.prompt_eval_count, output=chunk.eval_count)
        except ollama.ResponseError as error:
            told.error = error.error
        except ValueError as error:
            told.error = type(error).__name__
    return told
