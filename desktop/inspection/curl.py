"""A recorded request as a command for a POSIX shell."""

from desktop.base.tongue import size, translate
from desktop.domain.recording import Exchange, shown, split_marks

# What curl says itself, or would have to undo.
_LEFT_OUT = frozenset({"host", "content-length", "accept-encoding", "connection", "transfer-encoding"})
# Linux takes no single argument of more than 128 KiB.
_MOST_ARGUMENT = 100_000
_HERE = "WEIR_BODY"
_MOST_KEY = 4096


def body_of(exchange: Exchange, most: int | None = None) -> str:
    """Return the body of a request as text, with marks for keys, of a long one the first `most` bytes."""
    # A key that is cut at that place is covered before it is cut.
    body = exchange.body if most is None else exchange.body[: most + _MOST_KEY]
    text = exchange.recording.veil.text(body.decode("utf-8", "replace"))
    return text if most is None else text[:most]


def curl_command(exchange: Exchange) -> str:
    """Return a command that sends the same request; variables such as $OPENAI_API_KEY stand for keys.

    `-N` shows what comes as it comes. A body that is too long for an argument goes in by a here-document.
    """
    body = body_of(exchange)
    is_long = len(body.encode()) > _MOST_ARGUMENT
    words = ["curl -N"]
    if exchange.method != ("POST" if body else "GET"):
        words[0] += f" -X {quoted(exchange.method)}"
    words[0] += f" {quoted(exchange.address)}"
    for name, value in exchange.headers:
        if name.lower() not in _LEFT_OUT:
            words.append(f"-H {quoted(f'{name}: {value}')}")
    if body:
        words.append("--data-binary @-" if is_long else f"--data-raw {quoted(body)}")
    command = " \\\n  ".join(words)
    if is_long:
        # Nothing is put in for a variable there; a key in so long a body stays out of sight.
        command += f" <<'{_HERE}'\n{shown(body)}\n{_HERE}"
    if exchange.body_size and not exchange.body:
        remark = translate("Inspection", "The body ({size}) was too large to be kept.")
        command = f"# {remark.format(size=size(exchange.body_size))}\n{command}"
    return command


def quoted(text: str) -> str:
    """Return a text as one word of a POSIX shell, with variables where its marks are."""
    pieces = [
        f'"${piece}"' if is_mark else "'" + piece.replace("'", "'\\''") + "'"
        for piece, is_mark in split_marks(text)
        if piece
    ]
    return "".join(pieces) or "''"
