"""Tape: a recorded answer in a file, as a valid event stream that `weir replay` plays again.

The file is text in UTF-8 whose first lines are comments of the event stream format, so that whatever reads
event streams reads it and passes over them. Each is “:weir”, a word and a value:

    :weir recording 1                       the number of this format, always the first line
    :weir protocol openai-chat              what Weir calls the protocol, and `--protocol` takes
    :weir model NAME                        the model that was asked
    :weir text_at POINTER                   for protocol “custom”: a JSON pointer to the text
    :weir request {"method", "url", "headers", "body"}
    :weir answer {"status", "reason", "version", "headers", "at"}
    :weir timing 0.120345+57 0.130101+60    each read: seconds since the request, and its size in bytes
    :weir end end                           “end”, “cut” (the connection broke) or “closed” (by Weir)
    :weir body plain                        the last of these lines: the rest of the file is the answer

`timing` may stand on several lines. In a “plain” body the bytes are those of the answer, to the last byte of
the file. Answers that are no event stream, such as lines of JSON or the body of an error, and streams with
bytes that are no text, are “escaped”: each read is an event of one data line, in which \\\\ is a backslash,
\\n and \\r are line ends, and \\xNN is the byte NN. Keys are not in the file: dots stand for them in the
request, and as many stars as they have bytes in the answer.

A file without the first line is a plain recording, of `curl -N` or with the head of `curl -i`. It has no
times and is played evenly.
"""

import json
import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from desktop.base.tongue import translate
from desktop.domain.inspection import InspectionError
from desktop.domain.recording import Exchange, shown
from desktop.inspection.curl import body_of

MOST_BYTES = 64 * 1024 * 1024
PLAIN_PACE_S = 0.02
_FIRST = b":weir recording "
_BOM = b"\xef\xbb\xbf"
_FORMAT = 1
_ON_A_LINE = 12
_PLAIN_HEAD = re.compile(rb"HTTP/[\d.]+ \d{3}[^\r\n]*\r?\n")
_UNPRINTED = re.compile("[\x00-\x08\x0b-\x1f\x7f\udc80-\udcff\ufeff]|\r|\n|\\\\")
_ESCAPED = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
# What may stand in a plain body beside printed characters.
_NOT_PLAIN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|\xef\xbb\xbf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tape:
    """An answer to be played: reads with their times in seconds since the request.

    `protocol` is empty where the file does not name it. `remark` says in words what is not as it was.
    """

    name: str = ""
    protocol: str = ""
    model: str = ""
    text_at: str = ""
    status: int = 200
    reason: str = "OK"
    version: str = "HTTP/1.1"
    headers: tuple[tuple[str, str], ...] = ()
    answered: float = 0.0
    request: dict[str, Any] = field(default_factory=dict)
    reads: tuple[tuple[float, bytes], ...] = ()
    end: str = "end"
    remark: str = ""

    @property
    def body(self) -> bytes:
        """All the bytes of the answer."""
        return b"".join(chunk for _, chunk in self.reads)

    @property
    def content_type(self) -> str:
        """The media type of the answer."""
        return next((value for name, value in self.headers if name.lower() == "content-type"), "")


def tape_text(exchange: Exchange) -> bytes:
    """Return an exchange in the form of a file."""
    recording = exchange.recording
    chunks = _veiled(exchange)
    request = {
        "method": exchange.method,
        "url": shown(exchange.address),
        "headers": [[name, shown(value)] for name, value in exchange.headers],
        "body": shown(body_of(exchange)),
    }
    answer = {
        "status": exchange.status,
        "reason": exchange.reason,
        "version": exchange.http_version,
        "headers": [[name, recording.veil.header(name, value)] for name, value in exchange.answer_headers],
        "at": round((exchange.answered or exchange.started) - exchange.started, 6),
    }
    lines = [f"recording {_FORMAT}", f"protocol {recording.endpoint.provider}", f"model {recording.model}"]
    if recording.endpoint.text_at:
        lines.append(f"text_at {recording.endpoint.text_at}")
    lines += [f"request {_json(request)}", f"answer {shown(_json(answer))}"]
    times = [
        f"{at - exchange.started:.6f}+{len(chunk)}" for at, chunk in zip(exchange.times, chunks, strict=True)
    ]
    lines += ["timing " + " ".join(times[at : at + _ON_A_LINE]) for at in range(0, len(times), _ON_A_LINE)]
    lines.append(f"end {exchange.end or 'closed'}")
    is_plain = _is_plain(exchange.content_type, b"".join(chunks))
    lines.append(f"body {'plain' if is_plain else 'escaped'}")
    head = "".join(f":weir {' '.join(line.splitlines())}\n" for line in lines).encode("utf-8", "replace")
    if is_plain:
        return head + b"".join(chunks)
    return head + b"".join(b"data: " + escaped(chunk) + b"\n\n" for chunk in chunks)


def write_tape(exchange: Exchange, file: Path) -> None:
    """Write an exchange to a file, readable by its owner alone. Raises InspectionError."""
    data = tape_text(exchange)
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(handle, "wb") as written:
                written.write(data)
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        words = translate(
            "Inspection", "{file} could not be written ({reason}). Choose another place."
        ).format(file=file, reason=error.strerror)
        raise InspectionError(words) from None


def read_tape(file: Path) -> Tape:
    """Read a file. Raises InspectionError with a sentence that says what is wrong with it."""
    try:
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise InspectionError(translate("Inspection", "There is no file {file}.").format(file=file)) from None
    except IsADirectoryError:
        raise InspectionError(
            translate("Inspection", "{file} is a folder. Name a recorded stream in it.").format(file=file)
        ) from None
    except OSError as error:
        raise InspectionError(
            translate("Inspection", "{file} can’t be read ({reason}).").format(
                file=file, reason=error.strerror
            )
        ) from None
    if len(data) > MOST_BYTES:
        words = translate(
            "Inspection", "{file} is larger than {size} MB, too large for a recorded stream."
        ).format(file=file, size=MOST_BYTES // 1024 // 1024)
        raise InspectionError(words)
    if not data.strip():
        raise InspectionError(
            translate(
                "Inspection", "{file} is empty. Record a stream with “curl -N”, or save one in the inspector."
            ).format(file=file)
        )
    if data.startswith(_BOM + _FIRST):
        # An editor put it there.
        data = data.removeprefix(_BOM)
    try:
        tape = _own_tape(data) if data.startswith(_FIRST) else _plain_tape(data)
    except _BadTapeError as error:
        raise InspectionError(
            translate("Inspection", "{file} is not a whole recording: {error}").format(file=file, error=error)
        ) from None
    return replace(tape, name=file.name)


def escaped(data: bytes) -> bytes:
    """Return bytes as one line of text; see the module's description."""
    return _UNPRINTED.sub(_escape, data.decode("utf-8", "surrogateescape")).encode()


def unescaped(line: bytes) -> bytes:
    """Return the bytes that a line of text stands for. Raises ValueError."""

    def back(found: "re.Match[bytes]") -> bytes:
        if found[1]:
            return bytes([int(found[1], 16)])
        known = {b"\\": b"\\", b"n": b"\n", b"r": b"\r"}
        if found[2] not in known:
            raise ValueError(found[0])
        return known[found[2]]

    return _ESCAPED.sub(back, line)


class _BadTapeError(Exception):
    """What is wrong with a file, as the end of a sentence."""


def _escape(found: "re.Match[str]") -> str:
    sign = found[0]
    named = {"\\": "\\\\", "\n": "\\n", "\r": "\\r"}
    if sign in named:
        return named[sign]
    return "".join(f"\\x{byte:02X}" for byte in sign.encode("utf-8", "surrogateescape"))


def _veiled(exchange: Exchange) -> list[bytes]:
    """Return the reads with stars for keys, also for one that came in two reads."""
    body = exchange.recording.veil.raw(b"".join(exchange.chunks))
    chunks: list[bytes] = []
    at = 0
    for chunk in exchange.chunks:
        chunks.append(body[at : at + len(chunk)])
        at += len(chunk)
    return chunks


def _is_plain(content_type: str, body: bytes) -> bool:
    """Whether bytes can stand in the file as they are: an event stream, and text."""
    start = body.lstrip()[:6]
    is_events = content_type.startswith("text/event-stream") or start.startswith(
        (b"data:", b"event:", b"id:")
    )
    if not is_events or start.startswith((b"{", b"[", b"<")) or _NOT_PLAIN.search(body):
        return False
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _own_tape(data: bytes) -> Tape:
    fields: dict[str, str] = {}
    timing: list[str] = []
    at = 0
    while "body" not in fields:
        end = data.find(b"\n", at)
        if end < 0:
            raise _BadTapeError(translate("Inspection", "the line “:weir body” is missing."))
        line = data[at:end].rstrip(b"\r").decode("utf-8", "replace")
        at = end + 1
        if not line.startswith(":weir "):
            raise _BadTapeError(
                translate("Inspection", "a line of its head is “{line}”.").format(line=line[:60])
            )
        word, _, value = line.removeprefix(":weir ").partition(" ")
        if word == "timing":
            timing += value.split()
        else:
            fields[word] = value
    if fields["recording"].strip() != str(_FORMAT):
        raise _BadTapeError(
            translate("Inspection", "it was written by a newer Weir. Update this one to play it.")
        )
    answer, request = _object(fields, "answer"), _object(fields, "request")
    times = [_timed(pair) for pair in timing]
    reads, remark = _reads(data[at:], times, is_escaped=fields["body"] == "escaped")
    status = answer.get("status")
    return Tape(
        protocol=fields.get("protocol", ""),
        model=fields.get("model", ""),
        text_at=fields.get("text_at", ""),
        status=status if isinstance(status, int) and 100 <= status <= 599 else 200,
        reason=str(answer.get("reason") or ""),
        version=str(answer.get("version") or "HTTP/1.1"),
        headers=_pairs(answer.get("headers")),
        answered=at_head if isinstance(at_head := answer.get("at"), int | float) and at_head >= 0 else 0.0,
        request=request,
        reads=tuple(reads),
        end=fields.get("end", "end"),
        remark=remark,
    )


def _object(fields: dict[str, str], name: str) -> dict[str, Any]:
    try:
        value = json.loads(fields.get(name, "{}"))
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise _BadTapeError(
            translate("Inspection", "what follows “:weir {name}” is no JSON object.").format(name=name)
        )
    return value


def _pairs(value: Any) -> tuple[tuple[str, str], ...]:
    rows = value if isinstance(value, list) else []
    return tuple((str(row[0]), str(row[1])) for row in rows if isinstance(row, list) and len(row) == 2)


def _timed(pair: str) -> tuple[float, int]:
    at, _, size = pair.partition("+")
    try:
        found = float(at), int(size)
    except ValueError:
        found = (-1.0, 0)
    if not (0 <= found[0] < 1e6 and found[1] >= 0):
        raise _BadTapeError(translate("Inspection", "“{pair}” is no time and size.").format(pair=pair[:40]))
    return found


def _reads(
    body: bytes, times: Sequence[tuple[float, int]], *, is_escaped: bool
) -> tuple[list[tuple[float, bytes]], str]:
    """Return the reads of a body, and what to say where it was changed by hand since."""
    if is_escaped:
        lines = [line.removeprefix(b"data:").removeprefix(b" ") for line in body.split(b"\n") if line.strip()]
        try:
            chunks = [unescaped(line.rstrip(b"\r")) for line in lines]
        except ValueError as error:
            raise _BadTapeError(
                translate("Inspection", "“{word}” stands for no byte.").format(word=repr(error.args[0]))
            ) from None
        ats = [at for at, _ in times] + [times[-1][0] if times else 0.0] * len(chunks)
        return list(zip(ats, chunks, strict=False)), ""
    reads: list[tuple[float, bytes]] = []
    begin = 0
    for at, size in times:
        if chunk := body[begin : begin + size]:
            reads.append((at, chunk))
        begin += size
    if begin < len(body):
        reads.append((times[-1][0] if times else 0.0, body[begin:]))
    words = translate(
        "Inspection",
        "The file was changed since it was recorded: the times no longer belong to the same bytes.",
    )
    return reads, "" if begin == len(body) else words


def _plain_tape(data: bytes) -> Tape:
    """Return the tape of a file that Weir did not write, without a protocol."""
    tape = Tape()
    while (head := _PLAIN_HEAD.match(data)) is not None:
        # After “100 Continue” or a redirect curl shows one more.
        block, sign, rest = data.partition(b"\r\n\r\n" if head[0].endswith(b"\r\n") else b"\n\n")
        if not sign:
            raise _BadTapeError(translate("Inspection", "there is a head of HTTP in it, and no body."))
        data = rest
        lines = block.decode("latin-1").splitlines()
        version, _, status = lines[0].partition(" ")
        pairs = [line.partition(":") for line in lines[1:]]
        headers = tuple((name.strip(), value.strip()) for name, _, value in pairs)
        tape = Tape(status=int(status[:3]), reason=status[4:], version=version, headers=headers)
    if b"\x00" in data[:1024] or not data.strip():
        raise _BadTapeError(translate("Inspection", "it holds no text."))
    units = re.findall(rb".*?(?:\r?\n\r?\n|\n(?=[{])|\Z)", data, re.DOTALL)
    reads = [(PLAIN_PACE_S * number, unit) for number, unit in enumerate(filter(None, units), 1)]
    return replace(tape, reads=tuple(reads))
