import contextlib
import gzip
import zlib

import pytest

from desktop.domain.failure import FailureKind, TurnFailedError
from desktop.wire.client import WireClient
from desktop.wire.failures import Place
from desktop.wire.request import WireRequest
from desktop.wire.stream import WireStream
from tests.support.server import Answer, LoopbackServer, Send, sse


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


async def read(server: LoopbackServer, body: bytes, encoding: str, size: int) -> list[str]:
    pieces = [Send(body[start : start + size]) for start in range(0, len(body), size)]
    server.answer(Answer(steps=pieces, headers={"Content-Encoding": encoding}))
    async with contextlib.aclosing(WireClient()) as client:
        stream = await client.open(WireRequest(url=server.url, body={}), Place(url=server.url))
        async with contextlib.aclosing(stream):
            found: list[str] = []
            while (records := await stream.read()) is not None:
                found += [record.data for record in records]
            return found


@pytest.mark.parametrize("size", [1, 5, 1000])
@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("gzip", lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:]) + b"\0\0"),
        ("deflate", zlib.compress),
        ("deflate", raw_deflate),
        ("identity", bytes),
        ("", bytes),
    ],
)
async def test_unpacked_as_it_arrives(server: LoopbackServer, encoding: str, pack: object, size: int) -> None:
    body = sse("é" * 20) + sse("2")
    assert await read(server, pack(body), encoding, size) == ["é" * 20, "2"]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("encoding", "body"), [("gzip", b"data: 1\n\n"), ("deflate", b"\xff" * 9), ("br", b"x")]
)
async def test_what_cannot_be_unpacked(server: LoopbackServer, encoding: str, body: bytes) -> None:
    with pytest.raises(TurnFailedError) as caught:
        await read(server, body, encoding, 3)
    assert caught.value.failure.kind is FailureKind.GARBLED


async def test_each_flush_of_a_packed_stream_comes_through(server: LoopbackServer) -> None:
    packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    first = packer.compress(sse("1")) + packer.flush(zlib.Z_SYNC_FLUSH)
    second = packer.compress(sse("2")) + packer.flush()
    server.answer(Answer(steps=[Send(first), Send(second)], headers={"Content-Encoding": "gzip"}))
    async with contextlib.aclosing(WireClient()) as client:
        stream = await client.open(WireRequest(url=server.url, body={}), Place(url=server.url))
        async with contextlib.aclosing(stream):
            assert [record.data for record in await stream.read() or ()][:1] == ["1"]


async def read_to_the_end(stream: WireStream) -> None:
    while await stream.read() is not None:
        assert stream.byte_count < 20_000_000


async def test_a_few_bytes_that_hold_much_come_in_parts(server: LoopbackServer) -> None:
    packed = gzip.compress(b"data: " + b"x" * 30_000_000)
    assert len(packed) < 40_000
    server.answer(Answer(steps=[Send(packed)], headers={"Content-Encoding": "gzip"}))
    async with contextlib.aclosing(WireClient()) as client:
        stream = await client.open(WireRequest(url=server.url, body={}), Place(url=server.url))
        async with contextlib.aclosing(stream):
            with pytest.raises(TurnFailedError) as caught:
                await read_to_the_end(stream)
    assert caught.value.failure.kind is FailureKind.GARBLED
    assert "16 MB" in caught.value.failure.words
