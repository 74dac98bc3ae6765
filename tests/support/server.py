"""A real HTTP/1.1 server on the loopback interface that does what a test tells it.

Every connection has a thread of its own, so the server never shares an event loop with the program
under test and can serve a program in another process. A request takes the next queued answer whose
path fits, else the default answer.

    with LoopbackServer() as server:
        server.answer(openai_stream(["Hel", "lo"], delay=0.01))
        ...
        assert server.requests[0].json["model"] == "alpha"
        assert server.requests[0].wait_closed(1)

`python -m tests.support.server --port 0 --rate 100` serves one endless supply of replies by hand.
"""

import argparse
import contextlib
import datetime
import json
import select
import socket
import ssl
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support.answers import (
    Answer,
    Cut,
    Gate,
    Reset,
    Send,
    Stall,
    Step,
    Wait,
    json_answer,
    models_answer,
    openai_chunks,
    openai_error,
    openai_stream,
    sse,
)

__all__ = [
    "Answer",
    "Cut",
    "Gate",
    "LoopbackServer",
    "Reset",
    "SeenRequest",
    "Send",
    "Stall",
    "Step",
    "Wait",
    "json_answer",
    "models_answer",
    "openai_chunks",
    "openai_error",
    "openai_stream",
    "sse",
    "unused_port",
]

_POLL_SECONDS = 0.005
_GATE_SECONDS = 30.0


class SeenRequest:
    """A request as it arrived, and what became of its connection. Times are time.monotonic()."""

    def __init__(self, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
        self.received_at = time.monotonic()
        self.writes: list[tuple[float, int]] = []
        self.answered = threading.Event()
        self.closed_at: float | None = None
        self._closed = threading.Event()

    def __repr__(self) -> str:
        return f"<{self.method} {self.path}>"

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)

    def mark_closed(self) -> None:
        """Note that the connection is gone."""
        if not self._closed.is_set():
            self.closed_at = time.monotonic()
            self._closed.set()

    def wait_closed(self, timeout: float = 5.0) -> bool:
        """Return whether the connection was closed within `timeout` seconds."""
        return self._closed.wait(timeout)

    def wait_answered(self, timeout: float = 5.0) -> bool:
        """Return whether the last step was done within `timeout` seconds."""
        return self.answered.wait(timeout)


class _GoneError(Exception):
    """The client closed the connection, or the server is closing."""


class _Connection:
    """One client connection: reads requests and plays answers until it ends."""

    def __init__(self, server: "LoopbackServer", sock: socket.socket) -> None:
        self._server = server
        self._sock = sock
        self._buffer = b""
        self._seen: list[SeenRequest] = []

    def run(self) -> None:
        try:
            if self._server.ssl_context is not None:
                self._sock = self._server.ssl_context.wrap_socket(self._sock, server_side=True)
            while (request := self._read_request()) is not None:
                self._seen.append(request)
                if not self._play(self._server.take(request), request):
                    break
                request.answered.set()
        except (_GoneError, OSError):
            pass
        finally:
            with contextlib.suppress(OSError):
                self._sock.close()
            for request in self._seen:
                request.mark_closed()
            self._server.forget(self)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def _fill(self) -> bool:
        data = self._sock.recv(65536)
        self._buffer += data
        return bool(data)

    def _read_request(self) -> SeenRequest | None:
        while b"\r\n\r\n" not in self._buffer:
            if not self._fill():
                return None
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _version = first.split(" ", 2)
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        length = int(headers.get("content-length", "0"))
        while len(self._buffer) < length:
            if not self._fill():
                return None
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        return SeenRequest(method, path, headers, body)

    def _play(self, answer: Answer, request: SeenRequest) -> bool:
        """Do the answer's steps; return whether the connection can serve another request."""
        chunked = answer.head and answer.framing == "chunked"
        if answer.head:
            self._write(self._head(answer), request)
        for step in answer.steps:
            match step:
                case Send(data):
                    if chunked:
                        data = b"%x\r\n%s\r\n" % (len(data), data)
                    self._write(data, request)
                case Wait(seconds):
                    self._pause(time.monotonic() + seconds)
                case Gate(event):
                    self._pause(time.monotonic() + _GATE_SECONDS, event)
                case Stall():
                    self._pause(None)
                case Reset():
                    self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return False
                case Cut():
                    return False
        if chunked:
            self._write(b"0\r\n\r\n", request)
        return answer.head and answer.framing != "close"

    def _head(self, answer: Answer) -> bytes:
        headers = {"Content-Type": answer.content_type, **answer.headers}
        if answer.framing == "chunked":
            headers["Transfer-Encoding"] = "chunked"
        elif answer.framing == "length":
            size = sum(len(step.data) for step in answer.steps if isinstance(step, Send))
            headers["Content-Length"] = str(size)
        else:
            headers["Connection"] = "close"
        try:
            phrase = HTTPStatus(answer.status).phrase
        except ValueError:
            phrase = "Unknown"
        lines = [f"HTTP/1.1 {answer.status} {phrase}", *(f"{k}: {v}" for k, v in headers.items() if v)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _write(self, data: bytes, request: SeenRequest) -> None:
        self._sock.sendall(data)
        request.writes.append((time.monotonic(), len(data)))

    def _pause(self, until: float | None, event: threading.Event | None = None) -> None:
        """Wait, but notice at once when the client closes the connection."""
        while not (event is not None and event.is_set()):
            left = _POLL_SECONDS if event is not None else 0.2
            if until is not None:
                left = min(left, until - time.monotonic())
                if left <= 0:
                    return
            if event is not None:
                event.wait(left)
                left = 0
            if select.select([self._sock], [], [], left)[0]:
                self._expect_silence()
            if self._server.is_closing:
                raise _GoneError

    def _expect_silence(self) -> None:
        """Raise if the readable socket is readable because the client closed it."""
        self._sock.setblocking(False)
        try:
            data = self._sock.recv(65536)
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        finally:
            self._sock.setblocking(True)
        if not data:
            raise _GoneError
        self._buffer += data


AnswerSource = Answer | Callable[[SeenRequest], Answer]


class LoopbackServer:
    """The server. Use it as a context manager, or call `close`.

    `models` are what GET .../models lists. `default` answers POSTs for which nothing is queued.
    With `tls` it has a certificate of an authority of its own, whose PEM file is `ca_file`; one that
    ended yesterday with `is_expired`, one that only vouches for itself with `is_self_signed`. It is for this
    computer and the name service.test.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        tls: bool = False,
        is_expired: bool = False,
        is_self_signed: bool = False,
        default: AnswerSource | None = None,
    ) -> None:
        self.models: list[str] = ["alpha", "beta"]
        self.default = default
        self.requests: list[SeenRequest] = []
        self.is_closing = False
        self.ssl_context: ssl.SSLContext | None = None
        self.ca_file: Path | None = None
        self.connection_count = 0
        self._queue: list[tuple[str, AnswerSource]] = []
        self._lock = threading.Condition()
        self._connections: dict[_Connection, threading.Thread] = {}
        if tls:
            self._set_up_tls(is_expired=is_expired, is_self_signed=is_self_signed)
        self._listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, name="loopback-server", daemon=True)
        self._thread.start()

    def _set_up_tls(self, *, is_expired: bool, is_self_signed: bool) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="weir-ca-")
        self.ca_file = Path(self._folder.name) / "ca.pem"
        self.ssl_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if is_self_signed:
            key_file = self.ca_file.with_name("key.pem")
            write_self_signed(self.ca_file, key_file)
            self.ssl_context.load_cert_chain(self.ca_file, key_file)
            return
        import trustme

        now = datetime.datetime.now(datetime.UTC)
        end = now - datetime.timedelta(days=1) if is_expired else now + datetime.timedelta(days=30)
        authority = trustme.CA()
        issued = authority.issue_cert("localhost", "127.0.0.1", "service.test", not_after=end)
        issued.configure_cert(self.ssl_context)
        authority.cert_pem.write_to_path(str(self.ca_file))

    @property
    def url(self) -> str:
        """Scheme, host and port, without a slash at the end."""
        scheme = "http" if self.ssl_context is None else "https"
        return f"{scheme}://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """The address to put into an endpoint of the OpenAI kind."""
        return f"{self.url}/v1"

    def answer(self, *answers: AnswerSource, path: str = "") -> None:
        """Queue answers for the next requests whose path ends with `path`."""
        with self._lock:
            self._queue.extend((path, answer) for answer in answers)

    def wait_request(self, count: int = 1, timeout: float = 5.0) -> SeenRequest:
        """Return the `count`-th request (from 1) once it is there. Raises TimeoutError."""
        with self._lock:
            if not self._lock.wait_for(lambda: len(self.requests) >= count, timeout):
                raise TimeoutError(f"{len(self.requests)} of {count} requests came in {timeout} s")
            return self.requests[count - 1]

    def take(self, request: SeenRequest) -> Answer:
        """Note a request and choose its answer."""
        with self._lock:
            self.requests.append(request)
            self._lock.notify_all()
            source = self._choose(request)
        return source(request) if callable(source) else source

    def _choose(self, request: SeenRequest) -> AnswerSource:
        path = request.path.partition("?")[0]
        for position, (wanted, answer) in enumerate(self._queue):
            is_models = request.method == "GET" and path.endswith("/models")
            if path.endswith(wanted) and (wanted or not is_models):
                del self._queue[position]
                return answer
        if request.method == "GET" and path.endswith("/models"):
            return models_answer(self.models)
        if self.default is not None:
            return self.default
        return openai_error(500, "The test scripted no answer for this request.")

    def forget(self, connection: _Connection) -> None:
        """Drop a connection that has ended."""
        with self._lock:
            self._connections.pop(connection, None)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = _Connection(self, sock)
            thread = threading.Thread(target=connection.run, name="loopback-connection", daemon=True)
            with self._lock:
                if self.is_closing:
                    sock.close()
                    return
                self.connection_count += 1
                self._connections[connection] = thread
            thread.start()

    def close(self) -> None:
        """Close the listener and all connections, and wait for their threads."""
        with self._lock:
            self.is_closing = True
            connections = list(self._connections.items())
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        for connection, thread in connections:
            connection.close()
            thread.join(5)
        if self.ca_file is not None:
            self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def write_self_signed(file: Path, key_file: Path) -> None:
    """Write a certificate for 127.0.0.1 that is signed with its own key, and that key, as PEM files."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a server of one's own")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def unused_port() -> int:
    """Return a loopback port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve replies of made-up words until standard input ends."""
    parser = argparse.ArgumentParser(description="An OpenAI-like server that streams made-up words.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--rate", type=float, default=50.0, help="events a second, 0 for all at once")
    parser.add_argument("--words", type=int, default=200)
    parser.add_argument("--status", type=int, default=200, help="answer with this HTTP error instead")
    options = parser.parse_args(arguments)
    if options.status == 200:
        delay = 1 / options.rate if options.rate else 0.0
        words = [f"word{number} " for number in range(options.words)]
        usage = {"prompt_tokens": 7, "completion_tokens": options.words, "total_tokens": options.words + 7}
        default = openai_stream(words, delay=delay, usage=usage)
    else:
        default = openai_error(options.status, "A made-up error.")
    with LoopbackServer(port=options.port, default=default) as server:
        sys.stdout.write(f"{server.base_url}\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            sys.stdin.read()


if __name__ == "__main__":
    main()
