"""Real proxies on the loopback interface: HTTP with CONNECT, HTTPS, and SOCKS 5, with or without a login.

Every name is resolved to this computer, so that `https://service.test:PORT` reaches a loopback server,
though only through the proxy. Each connection has a thread of its own.

    with LoopbackProxy("socks5", login=("anna", "pass:word")) as proxy:
        ...
        assert proxy.targets == ["service.test:40123"]
"""

import base64
import contextlib
import socket
import ssl
import threading
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class LoopbackProxy:
    """A proxy of one kind: "http", "https" or "socks5".

    `status` refuses every request with that HTTP status, `reply` with that SOCKS reply code (RFC 1928,
    section 6). `is_silent` accepts connections and says nothing. `speaks` is sent in place of any answer.
    """

    def __init__(
        self,
        kind: str = "http",
        *,
        login: tuple[str, str] | None = None,
        status: int = 0,
        reply: int = 0,
        is_silent: bool = False,
        speaks: bytes = b"",
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.kind = kind
        self.login = login
        self.status = status
        self.reply = reply
        self.is_silent = is_silent
        self.speaks = speaks
        self.targets: list[str] = []
        self.logins: list[tuple[str, str]] = []
        self._context = context
        self._greeted = threading.Event()
        self._left = threading.Event()
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._is_closing = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._start(self._accept)

    @property
    def url(self) -> str:
        """The proxy's address, without name and password."""
        return f"{self.kind}://127.0.0.1:{self.port}"

    def url_with(self, name: str, password: str) -> str:
        """Return the proxy's address with a login in it, as a user types it."""
        return f"{self.kind}://{name}:{password}@127.0.0.1:{self.port}"

    def wait_greeted(self, timeout: float = 5.0) -> bool:
        """Return whether a silent proxy was spoken to within `timeout` seconds."""
        return self._greeted.wait(timeout)

    def wait_left(self, timeout: float = 5.0) -> bool:
        """Return whether a silent proxy's client closed its connection within `timeout` seconds."""
        return self._left.wait(timeout)

    def _start(self, run: object, *arguments: object) -> None:
        thread = threading.Thread(target=run, args=arguments, name="loopback-proxy", daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _keep(self, sock: socket.socket) -> socket.socket:
        with self._lock:
            self._sockets.append(sock)
            if self._is_closing:
                _hang_up(sock)
        return sock

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self._start(self._serve, self._keep(sock))

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError, EOFError, ValueError), contextlib.closing(sock):
            if self._context is not None:
                sock = self._keep(self._context.wrap_socket(sock, server_side=True))
            if self.is_silent:
                while sock.recv(65536):
                    self._greeted.set()
                self._left.set()
            elif self.speaks:
                sock.recv(65536)
                sock.sendall(self.speaks)
            elif self.kind == "socks5":
                self._serve_socks(sock)
            else:
                self._serve_http(sock)

    def _serve_http(self, sock: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += _some(sock)
        head, _, rest = head.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, version = first.split(" ")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if self.login is not None and not self._knows(fields.get("proxy-authorization", "")):
            sock.sendall(
                b"HTTP/1.1 407 Proxy Authentication Required\r\n"
                b'Proxy-Authenticate: Basic realm="test"\r\nContent-Length: 0\r\n\r\n'
            )
            return
        parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
        self.targets.append(parts.netloc)
        if self.status:
            sock.sendall(b"HTTP/1.1 %d Refused\r\nContent-Length: 0\r\n\r\n" % self.status)
            return
        upstream = self._reach(parts.port or 80)
        if method == "CONNECT":
            sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            kept = [line for line in lines if not line.lower().startswith("proxy-")]
            upstream.sendall("\r\n".join([f"{method} {path} {version}", *kept, "", ""]).encode("latin-1"))
        upstream.sendall(rest)
        self._join(sock, upstream)

    def _knows(self, authorization: str) -> bool:
        scheme, _, value = authorization.partition(" ")
        if scheme != "Basic":
            return False
        name, _, password = base64.b64decode(value).decode().partition(":")
        self.logins.append((name, password))
        return (name, password) == self.login

    def _serve_socks(self, sock: socket.socket) -> None:
        """Serve one connection as RFC 1928 and, for the login, RFC 1929 say."""
        _, count = _exactly(sock, 2)
        methods = _exactly(sock, count)
        wanted = 0 if self.login is None else 2
        if wanted not in methods:
            sock.sendall(b"\x05\xff")
            return
        sock.sendall(bytes([5, wanted]))
        if self.login is not None:
            name = _exactly(sock, _exactly(sock, 2)[1]).decode()
            password = _exactly(sock, _exactly(sock, 1)[0]).decode()
            self.logins.append((name, password))
            is_right = (name, password) == self.login
            sock.sendall(b"\x01\x00" if is_right else b"\x01\x01")
            if not is_right:
                return
        kind = _exactly(sock, 4)[3]
        if kind == 3:
            host = _exactly(sock, _exactly(sock, 1)[0]).decode()
        else:
            host = socket.inet_ntop(
                socket.AF_INET if kind == 1 else socket.AF_INET6, _exactly(sock, 4 if kind == 1 else 16)
            )
        port = int.from_bytes(_exactly(sock, 2), "big")
        self.targets.append(f"{host}:{port}")
        answer = bytes([5, self.reply, 0, 1, 127, 0, 0, 1, 0, 0])
        if self.reply:
            sock.sendall(answer)
            return
        upstream = self._reach(port)
        sock.sendall(answer)
        self._join(sock, upstream)

    def _reach(self, port: int) -> socket.socket:
        return self._keep(socket.create_connection(("127.0.0.1", port)))

    def _join(self, near: socket.socket, far: socket.socket) -> None:
        self._start(_pump, far, near)
        _pump(near, far)

    def close(self) -> None:
        """End all connections and wait for their threads."""
        with self._lock:
            self._is_closing = True
            sockets = list(self._sockets)
        _hang_up(self._listener)
        self._listener.close()
        for sock in sockets:
            _hang_up(sock)
        for thread in self._threads:
            thread.join(5)
        for sock in sockets:
            sock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _hang_up(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _some(sock: socket.socket) -> bytes:
    data = sock.recv(65536)
    if not data:
        raise EOFError
    return data


def _exactly(sock: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = sock.recv(size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Pass bytes on until one side ends, then end the other."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    _hang_up(target)
    _hang_up(source)
