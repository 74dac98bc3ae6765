"""WireStream: the body of a successful answer, read chunk by chunk and cut into records.

A chunk becomes records in the same step in which it was read, with no queue and no task between.
"""

import asyncio
from collections.abc import Sequence

from desktop.base.tongue import translate
from desktop.domain.failure import FailureKind, TurnFailedError
from desktop.wire.answer import AnswerFramer, AnswerHead, NotAReplyError
from desktop.wire.body import Body
from desktop.wire.failures import Place, failed, failed_connection, failed_page
from desktop.wire.records import Record, RecordTooLargeError
from desktop.wire.request import WireRequest

_CHECK_SECONDS = 30.0


class WireStream:
    """Reads one answer. `head` is final once `read` has returned for the first time.

    Silence is limited by `begin` seconds until `settle` is called, by `between` seconds after it.
    """

    def __init__(
        self,
        body: Body,
        request: WireRequest,
        place: Place,
        begin: float,
        between: float,
    ) -> None:
        self._body = body
        self._place = place
        self._between = between
        headers = {name.lower(): value for name, value in body.response.headers.items()}
        head = AnswerHead(status=body.response.status_code, headers=headers)
        self._framer = AnswerFramer(head, accepts_text=request.accepts_text)
        self._ended = False
        self._watchdog = _Watchdog(begin)
        self.byte_count = 0

    @property
    def head(self) -> AnswerHead:
        """What is known of the answer beside its records."""
        return self._framer.head

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
            chunk = await self._watchdog.watch(self._body)
            if not chunk:
                self._ended = True
                return self._framer.close() or None
            self.byte_count += len(chunk)
            return self._framer.feed(chunk)
        except TimeoutError:
            raise failed(FailureKind.STALLED, self._place) from None
        except NotAReplyError as error:
            if error.is_page:
                raise failed_page(self._place, error.body, self.head.status) from None
            raise failed(FailureKind.GARBLED, self._place, words=error.body[:200]) from None
        except RecordTooLargeError as error:
            raise failed(
                FailureKind.GARBLED,
                self._place,
                words=translate("Network", "The server sent too much: {error}.").format(error=error),
            ) from None
        except Exception as error:
            raise failed_connection(error, self._place) from None

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
        await self._body.aclose()


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

    async def watch(self, body: Body) -> bytes:
        """Return the next chunk, b"" at the end. Raises TimeoutError after a silence."""
        self._since = self._loop.time()
        try:
            async with asyncio.timeout(None) as self._scope:
                return await body.read()
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
