"""Bytes to deltas: what reading a stream costs beside the least it can cost, and beside a vendor's client."""

import gc
import json
import time
from collections.abc import Callable, Iterator

import httpx2
from openai import OpenAI
from openai.types.chat import ChatCompletionChunk

from desktop.domain.delta import TextDelta
from desktop.domain.endpoint import Endpoint
from desktop.providers.openai_chat import OpenAIChat
from desktop.providers.reading import read_records
from desktop.wire.answer import AnswerFramer, AnswerHead
from tests.benchmarks._stage import reply_pieces
from tests.benchmarks.figures import Figure, alternately, measures
from tests.support.reading import split

PIECES = 20_000
RUNS = 7
SDK_PIECES = 4_000
SDK_RUNS = 5
READS = {"4_kb": 4096, "64_kb": 65536}
"""What a socket gives at once when a stream is read behind its server."""

_HEADERS = {"content-type": "text/event-stream"}


def stream_of(pieces: list[str]) -> list[bytes]:
    """Return the events of a chat as OpenAI sends them, each with the padding and nulls of the real ones."""
    events = [_event({"role": "assistant", "content": "", "refusal": None})]
    events += [_event({"content": piece}) for piece in pieces]
    return [*events, _event({}, "stop"), b"data: [DONE]\n\n"]


def _event(delta: dict[str, str | None], finish: str | None = None) -> bytes:
    chunk = {
        "id": "chatcmpl-CfVy3bLqPzR0tN5uXw8Kd2mJhA1Se",
        "object": "chat.completion.chunk",
        "created": 1_790_000_000,
        "model": "gpt-5.2-2025-12-11",
        "service_tier": "default",
        "system_fingerprint": "fp_3c1d5e7f90",
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}],
        "usage": None,
        "obfuscation": "Xf3kP9",
    }
    return b"data: " + json.dumps(chunk, separators=(",", ":"), ensure_ascii=False).encode() + b"\n\n"


@measures("decode.floor")
def floor() -> Figure:
    """CPU per record from bytes to deltas, against `bytes.split` and `json.loads` of the same bytes.

    The ratio is the worse of reads of 4 KB and of 64 KB. Where each record comes in a read of its
    own, as in a stream that is waited for, the floor too is taken read by read.
    """
    events = stream_of(reply_pieces(PIECES))
    body = b"".join(events)
    reads = {name: split(body, size) for name, size in READS.items()} | {"one_record": events}
    detail: dict[str, float] = {"records": len(events)}
    for name, chunks in reads.items():
        ours, least = alternately(
            RUNS,
            lambda chunks=chunks: _timed(lambda: _ours(chunks), len(events)),
            lambda chunks=chunks: _timed(lambda: _least(chunks), len(events)),
        )
        detail[f"{name}_weir_us"], detail[f"{name}_floor_us"] = ours, least
        detail[f"{name}_ratio"] = round(ours / least, 3)
    worse = max(detail[f"{name}_ratio"] for name in READS)
    return Figure("decode.floor", worse, 1.5, detail)


@measures("decode.sdk")
def sdk() -> Figure:
    """CPU per record of OpenAI's own client on the same bytes, against ours: how many times cheaper we are.

    The client gets the bytes from a transport in memory, in the same reads of 4 KB.
    """
    events = stream_of(reply_pieces(SDK_PIECES))
    chunks = split(b"".join(events), READS["4_kb"])
    ours, theirs = alternately(
        SDK_RUNS,
        lambda: _timed(lambda: _ours(chunks), len(events)),
        lambda: _timed(lambda: _theirs(chunks), len(events)),
    )
    detail = {"records": len(events), "weir_us": ours, "openai_us": theirs}
    return Figure("decode.sdk", theirs / ours, 5.0, detail, at_least=True)


def _timed(work: Callable[[], int], records: int) -> float:
    """Return the CPU microseconds per record of `work`, which returns the size of what it read."""
    gc.collect()
    began = time.process_time()
    length = work()
    spent = time.process_time() - began
    assert length > records
    return spent / records * 1e6


def _ours(chunks: list[bytes]) -> int:
    provider = OpenAIChat()
    framer = AnswerFramer(AnswerHead(headers=_HEADERS))
    reader = provider.reader(Endpoint(id="e", name="E"), framer.head)
    length = 0
    for chunk in chunks:
        for delta in read_records(reader, framer.feed(chunk)):
            if type(delta) is TextDelta:
                length += len(delta.text)
    assert reader.is_done
    return length


def _least(chunks: list[bytes]) -> int:
    """Split at the blank lines and parse, without even a look at what was parsed."""
    rest = b""
    size = 0
    for chunk in chunks:
        *blocks, rest = (rest + chunk).split(b"\n\n")
        for block in blocks:
            if block != b"data: [DONE]":
                size += len(json.loads(block[6:]))
    return size


class _Reads(httpx2.SyncByteStream):
    def __init__(self, chunks: list[bytes]) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._chunks)


def _theirs(chunks: list[bytes]) -> int:
    answer = httpx2.MockTransport(lambda _: httpx2.Response(200, headers=_HEADERS, stream=_Reads(chunks)))
    length = 0
    with (
        httpx2.Client(transport=answer) as http,
        OpenAI(api_key="none", base_url="https://service.test/v1", http_client=http) as client,
        client.chat.completions.create(model="m", messages=[], stream=True) as stream,
    ):
        for chunk in stream:
            length += _length(chunk)
    return length


def _length(chunk: ChatCompletionChunk) -> int:
    return len(chunk.choices[0].delta.content or "") if chunk.choices else 0
