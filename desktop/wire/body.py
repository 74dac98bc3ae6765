"""The body of an answer as bytes, and an orderly end to it wherever reading stops."""

import asyncio
import contextlib
import socket
import zlib
from collections.abc import AsyncIterable, AsyncIterator
from typing import TYPE_CHECKING

from desktop.domain.recording import Exchange

if TYPE_CHECKING:
    import httpx

_CLOSING_SECONDS = 0.5
_MAX_UNPACKED = 1024 * 1024
_GZIP = b"\x1f"


class UnpackError(Exception):
    """The body is compressed in a way that can't be undone."""


class Body:
    """Gives a response's chunks, unpacked. Close it with `aclose`, which is safe to do twice.

    `response.stream` is read itself, not one of httpx's iterators: each layer of generators above it
    costs its share for each token. Each chunk is noted in `exchange`, if there is one.
    """

    def __init__(
        self,
        response: "httpx.Response",
        exchange: Exchange | None = None,
        spare: "httpx.AsyncClient | None" = None,
    ) -> None:
        self.response = response
        self.has_ended = False
        self._spare = spare
        self._exchange = exchange
        self._is_closed = False
        stream = response.stream
        if not isinstance(stream, AsyncIterable):
            raise TypeError("the response has no asynchronous body")
        self._chunks: AsyncIterator[bytes] = aiter(stream)
        self._encoding = response.headers.get("content-encoding", "").strip().lower()
        self._unpacker = _unpacker(self._encoding)

    async def read(self) -> bytes:
        """Return the next chunk, b"" at the end. Raises UnpackError and the exceptions of httpx."""
        exchange = self._exchange
        if exchange is None:
            return await self._read()
        try:
            chunk = await self._read()
        except Exception:
            exchange.close("cut")
            raise
        if chunk:
            exchange.take(chunk)
        else:
            exchange.close("end")
        return chunk

    async def _read(self) -> bytes:
        if self._unpacker is None and self._encoding not in ("", "identity"):
            raise UnpackError
        while not self.has_ended:
            if self._unpacker is not None and (chunk := self._unpacker.more()):
                return chunk
            try:
                chunk = await anext(self._chunks)
            except StopAsyncIteration:
                self.has_ended = True
                return self._unpacker.flush() if self._unpacker is not None else b""
            if self._unpacker is not None:
                chunk = self._unpacker.unpack(chunk)
            if chunk:
                return chunk
        return b""

    async def read_all(self, limit: int) -> bytes:
        """Return the rest of the body, at most `limit` bytes of it."""
        body = bytearray()
        while len(body) < limit and (chunk := await self.read()):
            body += chunk
        return bytes(body[:limit])

    async def aclose(self) -> None:
        """Give the connection back if the body was read to its end, else close it."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._exchange is not None:
            self._exchange.close("end" if self.has_ended else "closed")
        if self.has_ended:
            await self._close_response()
            return
        self._hang_up()
        try:
            await self._unwind()
            await self._close_response()
        finally:
            # A second cancellation interrupts httpcore's own close and would leave the socket open.
            network = self.response.extensions.get("network_stream")
            if network is not None:
                with contextlib.suppress(Exception):
                    await network.aclose()

    async def _close_response(self) -> None:
        try:
            await self.response.aclose()
        finally:
            if self._spare is not None:
                await self._spare.aclose()

    def _hang_up(self) -> None:
        """Let the server see the end at once, whatever becomes of the orderly close."""
        network = self.response.extensions.get("network_stream")
        sock = network.get_extra_info("socket") if network is not None else None
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    async def _unwind(self) -> None:
        """Read up to the end that hanging up has made.

        The generators of httpx and httpcore must run to their ends: one that is dropped in mid-way
        starts a task of its own when it is collected, or complains under qasync.
        """
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_CLOSING_SECONDS):
                while True:
                    await anext(self._chunks)


class _Unpacker:
    """Undoes gzip or deflate, at most a megabyte at a time, however much a few bytes may hold.

    Deflate means zlib's format, but some servers send it bare; gzip may be several files in a row.
    """

    def __init__(self, *, is_gzip: bool) -> None:
        self._is_gzip = is_gzip
        self._inflate = zlib.decompressobj(16 + zlib.MAX_WBITS) if is_gzip else None
        self._waiting = b""

    def unpack(self, chunk: bytes) -> bytes:
        """Take the bytes of one read; return what they hold, or the first part of it."""
        self._waiting += chunk
        return self.more()

    def more(self) -> bytes:
        """Return the next part of what has been taken, b"" where it needs more bytes."""
        while self._waiting:
            if self._inflate is None:
                if len(self._waiting) < 2:
                    return b""
                first, second = self._waiting[:2]
                is_zlib = first & 0x0F == 8 and (first * 256 + second) % 31 == 0
                self._inflate = zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)
            elif self._inflate.eof:
                if not self._is_gzip or not self._waiting.startswith(_GZIP):
                    # Padding, or nothing that belongs to the body.
                    self._waiting = b""
                    return b""
                self._inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
            try:
                unpacked = self._inflate.decompress(self._waiting, _MAX_UNPACKED)
            except zlib.error:
                raise UnpackError from None
            self._waiting = self._inflate.unconsumed_tail or self._inflate.unused_data
            if unpacked:
                return unpacked
        return b""

    def flush(self) -> bytes:
        try:
            return self._inflate.flush() if self._inflate is not None else b""
        except zlib.error:
            raise UnpackError from None


def _unpacker(encoding: str) -> _Unpacker | None:
    is_gzip = encoding in ("gzip", "x-gzip")
    return _Unpacker(is_gzip=is_gzip) if is_gzip or encoding == "deflate" else None
