"""A proxy on the loopback interface that passes answers on with faults: late, in pieces, broken, refused.

    with LoopbackServer(default=...) as upstream, FaultProxy(upstream) as proxy:
        proxy.next(reset_after(120))
        ...ask proxy.url...

A request takes the next fault whose path fits, else it passes unharmed. The answer of the server behind
is fetched whole and then played, so that a fault sits at an exact byte.
"""

import http.client
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.support.answers import Answer, Cut, Reset, Send, Stall, Step, Wait
from tests.support.server import LoopbackServer, SeenRequest


@dataclass(frozen=True, slots=True)
class Relayed:
    """The answer of the server behind."""

    status: int
    content_type: str
    body: bytes

    def play(self, *steps: Step) -> Answer:
        """Return an answer with this one's head and other steps for its body."""
        return Answer(steps=steps, status=self.status, content_type=self.content_type)


Fault = Callable[[Relayed], Answer]


def none() -> Fault:
    """Pass the answer on as it is."""
    return lambda relayed: relayed.play(Send(relayed.body))


def split(size: int, delay: float = 0.0) -> Fault:
    """Send pieces of so many bytes, each as a chunk of its own, with a pause between."""

    def pieces(relayed: Relayed) -> Answer:
        steps: list[Step] = []
        for start in range(0, len(relayed.body), size):
            steps += [Send(relayed.body[start : start + size]), *([Wait(delay)] if delay else [])]
        return relayed.play(*steps)

    return pieces


def _before(end: Step) -> Fault:
    return lambda _: Answer(head=False, steps=[end])


def _after(offset: int, end: Step) -> Fault:
    return lambda relayed: relayed.play(*([Send(relayed.body[:offset])] if offset else []), end)


def stall_before() -> Fault:
    """Take the request and never answer."""
    return _before(Stall())


def stall_after(offset: int) -> Fault:
    """Fall silent after the head and so many bytes."""
    return _after(offset, Stall())


def reset_before() -> Fault:
    """Reset the connection in place of an answer."""
    return _before(Reset())


def reset_after(offset: int) -> Fault:
    """Reset the connection after so many bytes."""
    return _after(offset, Reset())


def cut_before() -> Fault:
    """Close the connection in place of an answer."""
    return _before(Cut())


def cut_after(offset: int) -> Fault:
    """Close the connection after so many bytes, without the end that HTTP asks for."""
    return _after(offset, Cut())


def refuse(status: int, words: str = "Refused.", headers: Mapping[str, str] | None = None) -> Fault:
    """Answer with an HTTP error in the server's place."""
    body = json.dumps({"error": {"message": words}}).encode()
    return lambda _: Answer(
        steps=[Send(body)],
        status=status,
        content_type="application/json",
        headers=headers or {},
        framing="length",
    )


class FaultProxy:
    """Stands before a loopback server at an address of its own. Use it as a context manager."""

    def __init__(self, upstream: LoopbackServer) -> None:
        self._upstream = upstream
        self._faults: list[tuple[str, Fault]] = []
        self._server = LoopbackServer(default=self._relay)

    @property
    def url(self) -> str:
        """Scheme, host and port, without a slash at the end."""
        return self._server.url

    @property
    def requests(self) -> list[SeenRequest]:
        """The requests as they came, those included that the server behind never saw."""
        return self._server.requests

    def next(self, *faults: Fault, path: str = "") -> None:
        """Queue faults for the next requests whose path ends with `path`."""
        self._faults += [(path, fault) for fault in faults]

    def _relay(self, request: SeenRequest) -> Answer:
        fault = self._take(request.path.partition("?")[0])
        connection = http.client.HTTPConnection("127.0.0.1", self._upstream.port, timeout=10)
        try:
            connection.request(request.method, request.path, request.body or None)
            response = connection.getresponse()
            content_type = response.getheader("content-type") or ""
            relayed = Relayed(response.status, content_type, response.read())
        finally:
            connection.close()
        return fault(relayed)

    def _take(self, path: str) -> Fault:
        for position, (wanted, fault) in enumerate(self._faults):
            if path.endswith(wanted):
                del self._faults[position]
                return fault
        return none()

    def close(self) -> None:
        """Close all connections."""
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
