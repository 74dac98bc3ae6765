"""Wish: what a start of the program was asked for, as one start hands it over to another."""

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

MOST_BYTES = 1_000_000
"""How long a wish may be on its way; a longer one is none."""
MOST_FILES = 100
_MOST_TOKEN = 1_000
_MOST_PATH = 10_000


class WishKind(StrEnum):
    """What is to be done."""

    SHOW = "show"
    QUICK = "quick"
    OPEN = "open"
    NEW_WINDOW = "new-window"
    NEW_CONVERSATION = "new-conversation"


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that is to be done.

    `text` goes with QUICK and NEW_CONVERSATION and is written where prompts are, and with `sends` sent.
    `files` are paths and go with OPEN. `token` lets the window come forward: an activation token of
    Wayland or a startup id of X11, as the desktop gave it to whoever asks.
    """

    kind: WishKind = WishKind.SHOW
    text: str = ""
    files: tuple[str, ...] = ()
    sends: bool = False
    token: str = ""

    def written(self) -> bytes:
        """Return the wish as one line of JSON. Raises ValueError for one that is too long."""
        import json

        members = {
            "wish": self.kind.value,
            "text": self.text,
            "files": list(self.files),
            "sends": self.sends,
            "token": self.token,
        }
        # Half a surrogate pair, which a command line may bring, would be no UTF-8.
        line = json.dumps(members, ensure_ascii=True).encode("ascii") + b"\n"
        if len(line) > MOST_BYTES:
            raise ValueError("the wish is too long")
        return line


def read_wish(line: bytes) -> Wish | None:
    """Return the wish in a line of JSON, None where there is none: whoever can connect can write anything."""
    if len(line) > MOST_BYTES:
        return None
    import json

    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    try:
        kind = WishKind(str(found.get("wish")))
    except ValueError:
        return None
    text, files, token = found.get("text", ""), found.get("files", []), found.get("token", "")
    if not isinstance(text, str) or not isinstance(token, str) or not isinstance(files, list):
        return None
    if len(files) > MOST_FILES or not all(isinstance(file, str) and is_path(file) for file in files):
        return None
    return Wish(kind, text, tuple(files), found.get("sends") is True, token_from(token))


def is_path(text: str) -> bool:
    """Whether a text may be the path of a file."""
    return 0 < len(text) <= _MOST_PATH and "\0" not in text


def token_from(text: str) -> str:
    """Return a token that came from outside, empty where it can't be one."""
    return text if text.isascii() and text.isprintable() and len(text) <= _MOST_TOKEN else ""


def path_of(name: str) -> str:
    """Return the absolute path that a path or a file address names, empty where it is another address."""
    if "://" in name:
        from urllib.parse import unquote, urlsplit
        from urllib.request import url2pathname

        try:
            parts = urlsplit(name)
        except ValueError:
            return ""
        if parts.scheme.lower() != "file" or parts.netloc not in ("", "localhost"):
            return ""
        name = url2pathname(parts.path) if os.name == "nt" else unquote(parts.path)
    return str(Path(name).absolute()) if is_path(name) else ""
