"""WireStream: the body of a successful answer, read chunk by chunk and cut into records.

A chunk becomes records in the same step in which it was read, with no queue and no task between.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from desktop.domain.failure import FailureKind, TurnFailedError
from desktop.wire.failures import Place, failed, failed_connection, failed_page
from desktop.wire.ndjson import JsonFramer, NdjsonFramer
from desktop.wire.plaintext import PlaintextFramer
from desktop.wire.problem import is_page
from desktop.wire.records import Framer, Record, RecordTooLargeError
from desktop.wire.request import WireRequest
from desktop.wire.sse import SseFramer

if TYPE_CHECKING:
    import httpx

_CHECK_SECONDS = 30.0
_SNIFF_BYTES = 16
_WHITE = b" \t\r\n"


class Framing(StrEnum):
    """How the records of an answer are set apart."""

    SSE = "sse"
    NDJSON = "ndjson"
    JSON = "json"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerHead:
    """What is known of an answer before its records. Header names are in lower case."""

    status: int = 200
    framing: Framing = Framing.SSE
    headers: Mapping[str, str] = field(default_factory=dict)


class WireStream:
    """Reads one answer. `head` is final once `read` has returned for the first time.

    Silence is limited by `begin` seconds until `settle` is called, by `between` seconds after it.
    """

    def __init__(
        self,
        response: "httpx.Response",
        request: WireRequest,
        place: Place,
        begin: float,
        between: float,
        spare: "httpx.AsyncClient | None" = None,
    ) -> None:
        self._response = response
        self._request = request
        self._place = place
        self._between = between
        self._spare = spare
        self._framer: Framer | None = None
        self._sniffed = b""
        self._ended = False
        self._chunks: AsyncIterator[bytes] = _iterate(response)
        self._watchdog = _Watchdog(begin)
        self.byte_count = 0
        self.head = AnswerHead(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
        )

    def settle(self) -> None:
        """Note that the reply has begun, so that a silence is now a stall sooner."""
        self._watchdog.tighten(self._between)

    async def read(self) -> Sequence[Record] | None:
        """Return the records of the next chunk, which may be none, or None at the end.

        Raises TurnFailedError: STALLED, CUT, GARBLED or NOT_A_STREAM. What the end of the body
        makes whole comes as one more batch before None.
        """
        if self._ended:
            return None
        try:
            chunk = await self._watchdog.watch(self._chunks)
        except StopAsyncIteration:
            self._ended = True
            return self._last_records()
        except TimeoutError:
            raise failed(FailureKind.STALLED, self._place) from None
        except TurnFailedError:
            raise
        except Exception as error:
            raise failed_connection(error, self._place) from None
        self.byte_count += len(chunk)
        try:
            if self._framer is not None:
                return self._framer.feed(chunk)
            return self._sniff(chunk)
        except RecordTooLargeError as error:
            raise failed(FailureKind.GARBLED, self._place, words=str(error)) from None

    async def read_within(self, seconds: float) -> Sequence[Record] | None:
        """Read as `read` does, but take an end of the connection or a silence as the end of the body."""
        self._watchdog.tighten(seconds)
        try:
            return await self.read()
        except TurnFailedError:
            return None

    async def drain(self, seconds: float) -> None:
        """Read what little follows the end of a reply, so that the connection can serve the next one."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not self._ended and (left := deadline - asyncio.get_running_loop().time()) > 0:
            if await self.read_within(left) is None:
                return

    async def aclose(self) -> None:
        """Close the connection, unless the body was read to its end. Safe to call twice."""
        self._watchdog.stop()
        if not self._ended:
            self._hang_up()
        try:
            await self._response.aclose()
        finally:
            if self._spare is not None:
                spare, self._spare = self._spare, None
                await spare.aclose()

    def _hang_up(self) -> None:
        """End the connection at once, even where a second cancellation cuts the orderly close short."""
        network = self._response.extensions.get("network_stream")
        sock = network.get_extra_info("socket") if network is not None else None
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _last_records(self) -> Sequence[Record] | None:
        framer = self._framer
        if framer is None:
            if not self._sniffed.strip(_WHITE):
                return None
            records = list(self._settle_framing(self._sniffed))
            framer = self._framer
            return [*records, *(framer.close() if framer is not None else ())]
        return framer.close() or None

    def _sniff(self, chunk: bytes) -> Sequence[Record]:
        """Hold back bytes until they show what they are."""
        self._sniffed += chunk
        start = self._sniffed.removeprefix(b"\xef\xbb\xbf").lstrip(_WHITE)
        is_sse = self.head.headers.get("content-type", "").startswith("text/event-stream")
        if not start or (len(start) < _SNIFF_BYTES and not is_sse):
            return ()
        return self._settle_framing(self._sniffed)

    def _settle_framing(self, body: bytes) -> Sequence[Record]:
        content_type = self.head.headers.get("content-type", "").lower()
        start = body.removeprefix(b"\xef\xbb\xbf").lstrip(_WHITE)[:400]
        text = start.decode(errors="replace")
        framing = choose_framing(content_type, text, accepts_text=self._request.accepts_text)
        if framing is None:
            if is_page(text, content_type) or text.startswith("<"):
                raise failed_page(self._place, body[:4096].decode(errors="replace"), self.head.status)
            raise failed(FailureKind.GARBLED, self._place, words=text[:200], status=self.head.status)
        self.head = AnswerHead(status=self.head.status, framing=framing, headers=self.head.headers)
        self._framer = _FRAMERS[framing]()
        self._sniffed = b""
        return self._framer.feed(body)


_FRAMERS: dict[Framing, type[SseFramer | NdjsonFramer | JsonFramer | PlaintextFramer]] = {
    Framing.SSE: SseFramer,
    Framing.NDJSON: NdjsonFramer,
    Framing.JSON: JsonFramer,
    Framing.TEXT: PlaintextFramer,
}
_FIELDS = ("data:", "event:", "id:", "retry:", ":")


def choose_framing(content_type: str, start: str, *, accepts_text: bool) -> Framing | None:
    """Return how a body is framed, by its type and its first characters, or None if it is no reply.

    Services label JSON as an event stream, event streams as JSON or plain text, and a proxy's page
    as anything.
    """
    if "ndjson" in content_type or "jsonl" in content_type:
        return Framing.NDJSON
    if is_page(start, content_type):
        return None
    is_text = content_type.startswith("text/plain")
    if start.startswith(_FIELDS) and not (accepts_text and is_text and start[0] == ":"):
        return Framing.SSE
    if accepts_text and is_text:
        return Framing.TEXT
    if start.startswith(("{", "[")):
        return Framing.JSON
    if content_type.startswith("text/event-stream") and not start.startswith("<"):
        return Framing.SSE
    if "json" in content_type and accepts_text:
        return Framing.JSON
    return Framing.TEXT if accepts_text and not start.startswith("<") else None


async def _iterate(response: "httpx.Response") -> AsyncIterator[bytes]:
    """Yield the body's chunks as they arrive, unpacked where they are compressed."""
    packed = response.headers.get("content-encoding", "identity").lower() not in ("", "identity")
    if packed:
        async for chunk in response.aiter_bytes():
            yield chunk
        return
    # The stream itself: every layer of generators above it costs its share for each token.
    body = response.stream
    if not isinstance(body, AsyncIterable):
        raise TypeError("the answer has no asynchronous body")
    async for chunk in body:
        yield chunk


class _Watchdog:
    """Limits the silence of one stream with one timer, however many reads there are.

    A timeout for each read would leave a dead timer in the event loop for each of them, because
    qasync keeps a cancelled timer until its time is up.
    """

    def __init__(self, limit: float) -> None:
        self._loop = asyncio.get_running_loop()
        self.limit = limit
        self._since = self._loop.time()
        self._scope: asyncio.Timeout | None = None
        self._timer: asyncio.Handle | None = None
        self._arm(limit)

    async def watch(self, chunks: AsyncIterator[bytes]) -> bytes:
        """Return the next chunk. Raises TimeoutError after a silence, StopAsyncIteration at the end."""
        self._since = self._loop.time()
        try:
            async with asyncio.timeout(None) as self._scope:
                return await anext(chunks)
        finally:
            self._scope = None

    def tighten(self, limit: float) -> None:
        """Allow less silence from now on, without waiting for a timer that runs longer."""
        self.limit = limit
        if limit >= _CHECK_SECONDS:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._arm(limit)

    def stop(self) -> None:
        """End the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, seconds: float) -> None:
        # Never far ahead, because the cancelled timer of a finished stream lives that long.
        self._timer = self._loop.call_later(max(0.005, min(seconds, _CHECK_SECONDS)), self._check)

    def _check(self) -> None:
        left = self.limit
        if self._scope is not None:
            left = self._since + self.limit - self._loop.time()
            if left <= 0:
                self._scope.reschedule(self._loop.time())
                return
        self._arm(left)
