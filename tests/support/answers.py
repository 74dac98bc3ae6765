"""What the loopback server says: steps, answers, and ready-made answers in the form of real services."""

import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Send:
    """Write these bytes, as one chunk where the answer is chunked."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Wait:
    """Let this many seconds pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Gate:
    """Go on once the test sets the event, at the latest after half a minute."""

    event: threading.Event


@dataclass(frozen=True, slots=True)
class Stall:
    """Keep the connection open and say nothing until the client or the server closes."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Break the connection with a TCP reset."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Close the connection here, without the final chunk."""


Step = Send | Wait | Gate | Stall | Reset | Cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server does with one request.

    `framing` is "chunked", "close" (the end of the connection ends the body) or "length".
    Without `head` no status line is sent and the steps write raw bytes.
    """

    steps: Sequence[Step] = ()
    status: int = 200
    content_type: str = "text/event-stream"
    headers: Mapping[str, str] = field(default_factory=dict)
    framing: str = "chunked"
    head: bool = True


def sse(payload: Any, event: str = "") -> bytes:
    """Return one server-sent event; a str payload goes out as it is, anything else as JSON."""
    text = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
    name = f"event: {event}\n" if event else ""
    return f"{name}data: {text}\n\n".encode()


def openai_chunks(
    texts: Iterable[str],
    *,
    reasoning: Iterable[str] = (),
    usage: Mapping[str, Any] | None = None,
    finish: str | None = "stop",
    done: bool = True,
    model: str = "alpha",
) -> Iterator[bytes]:
    """Yield the events of an OpenAI chat stream, role first, each as its own bytes."""

    def chunk(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1700000000,
            "model": model,
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
        }

    yield sse(chunk({"role": "assistant", "content": ""}))
    for text in reasoning:
        yield sse(chunk({"reasoning_content": text}))
    for text in texts:
        yield sse(chunk({"content": text}))
    if finish is not None:
        yield sse(chunk({}, finish))
    if usage is not None:
        yield sse({**chunk({}), "choices": [], "usage": dict(usage)})
    if done:
        yield sse("[DONE]")


def openai_stream(
    texts: Iterable[str],
    *,
    delay: float = 0.0,
    reasoning: Iterable[str] = (),
    usage: Mapping[str, Any] | None = None,
    finish: str | None = "stop",
    done: bool = True,
    end: Sequence[Step] = (),
    framing: str = "chunked",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Return an answer that streams `texts`, one write each, `delay` seconds apart.

    `end` is done after the events, for instance `[Cut()]` or `[Stall()]`.
    """
    steps: list[Step] = []
    for data in openai_chunks(texts, reasoning=reasoning, usage=usage, finish=finish, done=done):
        if steps and delay:
            steps.append(Wait(delay))
        steps.append(Send(data))
    return Answer(steps=[*steps, *end], framing=framing, headers=headers or {})


def openai_error(
    status: int,
    body: str | Mapping[str, Any],
    *,
    headers: Mapping[str, str] | None = None,
    content_type: str = "application/json",
) -> Answer:
    """Return an HTTP error; a str `body` becomes the message of an OpenAI error object."""
    if isinstance(body, str) and content_type == "application/json":
        body = {"error": {"message": body, "type": "invalid_request_error", "param": None, "code": None}}
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Answer(
        steps=[Send(data)],
        status=status,
        content_type=content_type,
        headers=headers or {},
        framing="length",
    )


def json_answer(body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Return one whole JSON body."""
    return Answer(
        steps=[Send(json.dumps(body).encode())],
        status=status,
        content_type="application/json",
        headers=headers or {},
        framing="length",
    )


def models_answer(names: Iterable[str]) -> Answer:
    """Return a models list of the OpenAI kind."""
    return json_answer({"object": "list", "data": [{"id": name, "object": "model"} for name in names]})
