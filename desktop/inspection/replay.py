"""ReplayServer: plays a recorded answer on this computer's own address, for the program's own request.

The program asks it as it would ask the service, so that a reply goes the whole way from the socket to the
window. It listens on the loopback address alone, and answers only below a path that nobody else knows.
"""

import json
import secrets
import socketserver
import threading
import time
from http.server import BaseHTTPRequestHandler
from typing import Any

from desktop.base.graphemes import beginning
from desktop.base.tongue import translate
from desktop.domain.endpoint import Endpoint
from desktop.inspection.tape import Tape

_ENDPOINT_ID = "replay"
# What belongs to one connection, or no longer holds: bodies are recorded unpacked.
_HOP_BY_HOP = frozenset(
    {"connection", "content-encoding", "content-length", "keep-alive", "transfer-encoding", "upgrade"}
)
_PROMPT_LENGTH = 20_000


class ReplayServer:
    """Serves a tape, at its pace or as fast as it is taken. `close` ends it and every answer under way."""

    def __init__(self, tape: Tape, *, is_fast: bool = False) -> None:
        self._token = secrets.token_urlsafe(16)
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.tape = tape
        self._server.is_fast = is_fast
        self._server.token = self._token
        # Polls seldom: `close` need not wait for long, and nothing else does.
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="weir-replay", daemon=True
        )
        self._thread.start()

    @property
    def address(self) -> str:
        """The base address of an endpoint that this server answers for."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/{self._token}"

    def close(self) -> None:
        """End the server; its threads are gone afterwards."""
        self._server.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def replay_endpoint(tape: Tape, address: str) -> Endpoint:
    """Return the endpoint through which a tape is asked for."""
    model = tape.model or "recorded"
    return Endpoint(
        id=_ENDPOINT_ID,
        name=translate("Inspection", "Replay of {name}").format(name=tape.name),
        provider=tape.protocol,
        base_url=address,
        models=(model,),
        default_model=model,
        text_at=tape.text_at if tape.protocol == "custom" else "",
    )


def prompt_of(tape: Tape) -> str:
    """Return the prompt that was answered, as far as the request tells it; the file's name where not."""
    try:
        body = json.loads(tape.request.get("body") or "null")
    except (ValueError, TypeError, RecursionError):
        body = None
    text = _last_text(body) if isinstance(body, dict) else ""
    return beginning(text.strip(), _PROMPT_LENGTH) or translate("Inspection", "Replay of {name}").format(
        name=tape.name
    )


def _last_text(body: dict[str, Any]) -> str:
    """Return the last text of the user in a request of any protocol."""
    for name in ("messages", "input", "contents"):
        rows = body.get(name)
        if isinstance(rows, str):
            return rows
        if isinstance(rows, dict):
            return _text(rows.get("prompt"))
        for row in reversed(rows if isinstance(rows, list) else []):
            if isinstance(row, dict) and row.get("role", "user") == "user":
                return _text(row.get("content", row.get("parts")))
    return _text(body.get("prompt"))


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    pieces = content if isinstance(content, list) else []
    texts = [piece.get("text") for piece in pieces if isinstance(piece, dict)]
    return "\n\n".join(text for text in texts if isinstance(text, str))


class _Server(socketserver.ThreadingTCPServer):
    # So that closing waits for them; a client that is gone ends each.
    daemon_threads = False
    tape: Tape
    is_fast: bool
    token: str

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.closing = threading.Event()
        super().__init__(address, handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: that a client goes before the end is what Stop does."""


class _Handler(BaseHTTPRequestHandler):
    """Answers one request and closes its connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 30
    server: _Server

    def do_POST(self) -> None:
        """Play the tape, or say where it can be had in a protocol whose first answer is a receipt."""
        self._skip_body()
        if not self._is_ours():
            return
        if self.server.tape.protocol == "replicate":
            base = f"http://{self.headers.get('Host', '')}/{self.server.token}"
            urls = {name: f"{base}/{name}" for name in ("stream", "get", "cancel")}
            self._send_json(201, {"id": "replay", "status": "starting", "urls": urls})
        else:
            self._play()

    def do_GET(self) -> None:
        """Play the tape where it was promised; there is nothing else to be had, no list of models."""
        if not self._is_ours():
            return
        if self.server.tape.protocol == "replicate" and self.path.endswith("/stream"):
            self._play()
        elif self.server.tape.protocol == "replicate" and self.path.endswith("/get"):
            self._send_json(200, {"id": "replay", "status": "succeeded"})
        else:
            self._send_json(404, {"error": {"message": "This is a replay; there is only the reply."}})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Write nothing to standard error."""

    def _is_ours(self) -> bool:
        self.close_connection = True
        if self.path.startswith(f"/{self.server.token}"):
            return True
        self._send_json(404, {"error": {"message": "There is nothing here."}})
        return False

    def _skip_body(self) -> None:
        left = int(self.headers.get("Content-Length") or 0)
        while left > 0 and (read := self.rfile.read(min(left, 65536))):
            left -= len(read)

    def _send_json(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        head = f"HTTP/1.1 {status} Replay\r\ncontent-type: application/json\r\n"
        head += f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        self.wfile.write(head.encode() + body)

    def _play(self) -> None:
        tape = self.server.tape
        started = time.monotonic()
        is_chunked = tape.version != "HTTP/1.0"
        lines = [f"{'HTTP/1.1' if is_chunked else 'HTTP/1.0'} {tape.status} {tape.reason}"]
        lines += [f"{name}: {value}" for name, value in tape.headers if name.lower() not in _HOP_BY_HOP]
        lines += ["transfer-encoding: chunked"] if is_chunked else []
        if not self._wait(started + tape.answered):
            return
        self._write("\r\n".join([*lines, "connection: close", "", ""]).encode("latin-1", "replace"))
        for at, data in tape.reads:
            if not self._wait(started + at):
                return
            self._write(b"%x\r\n%b\r\n" % (len(data), data) if is_chunked else data)
        if is_chunked and tape.end != "cut":
            self._write(b"0\r\n\r\n")

    def _wait(self, until: float) -> bool:
        """Wait for a moment of the monotonic clock; return whether to go on."""
        closing = self.server.closing
        left = until - time.monotonic()
        return not (closing.is_set() if self.server.is_fast or left <= 0 else closing.wait(left))

    def _write(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()
