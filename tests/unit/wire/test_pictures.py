"""Pictures from the web over a real socket: what is sent, and what is refused."""

import contextlib

import pytest

from desktop.domain.network import Route
from desktop.wire import pictures
from desktop.wire.client import WireClient
from desktop.wire.pictures import PictureRefusedError, fetch_picture
from tests.support.server import Answer, LoopbackServer, Reset, Send, unused_port

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def picture(data: bytes = PNG, kind: str = "image/png", **fields: object) -> Answer:
    return Answer(steps=[Send(data)], content_type=kind, **fields)  # type: ignore[arg-type]


async def fetched(address: str) -> bytes:
    async with contextlib.aclosing(WireClient()) as client:
        return await fetch_picture(client, address, Route())


async def refusal(address: str) -> str:
    with pytest.raises(PictureRefusedError) as caught:
        await fetched(address)
    return str(caught.value)


async def test_a_picture_comes_whole_and_nothing_is_said_with_the_request(server: LoopbackServer) -> None:
    server.answer(picture())
    assert await fetched(f"{server.url}/a.png?size=2") == PNG
    (seen,) = server.requests
    assert (seen.method, seen.path, seen.body) == ("GET", "/a.png?size=2", b"")
    assert not {"authorization", "cookie", "referer", "x-api-key"} & set(seen.headers)
    assert "image/svg" not in seen.headers["accept"]


@pytest.mark.parametrize("kind", ["image/svg+xml", "text/html", "application/octet-stream", ""])
async def test_other_kinds_are_refused(server: LoopbackServer, kind: str) -> None:
    server.answer(picture(kind=kind))
    assert "kind" in await refusal(server.url)


async def test_a_picture_that_is_too_large_is_refused(
    server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST_BYTES", 50)
    server.answer(picture())
    assert "larger" in await refusal(server.url)


async def test_a_server_does_not_send_on_to_another(server: LoopbackServer) -> None:
    with LoopbackServer() as other:
        server.answer(picture(status=302, headers={"location": f"{other.url}/x.png"}))
        assert "sends on" in await refusal(server.url)
        assert other.requests == []


@pytest.mark.parametrize(("status", "words"), [(404, "not there"), (403, "refuses"), (500, "answered 500")])
async def test_refusals_say_why(server: LoopbackServer, status: int, words: str) -> None:
    server.answer(picture(status=status))
    assert words in await refusal(server.url)


async def test_a_server_that_cannot_be_reached(server: LoopbackServer) -> None:
    server.answer(Answer(steps=[Reset()], head=False), Answer(steps=[Reset()], head=False))
    assert "reached" in await refusal(server.url)
    assert "reached" in await refusal(f"http://127.0.0.1:{unused_port()}/x.png")


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://a/b", "data:image/png;base64,AA", "//x/y"])
async def test_other_addresses_are_refused(address: str) -> None:
    assert await refusal(address)
