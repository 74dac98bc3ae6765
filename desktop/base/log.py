"""The log file: what the program did, never what was said and never a key."""

import logging
import logging.handlers
import os
import re
from io import TextIOWrapper
from pathlib import Path
from typing import cast

_MAX_BYTES = 1_000_000
_KEPT_FILES = 3

# Shapes of keys of the known services, headers that carry one, fields named after one, a name and password
# in an address, and values of query strings.
_SECRET = re.compile(
    r"""(?ix)
    (?<=bearer\ )\S+
    | (?<=basic\ )[A-Za-z0-9+/=]{6,}
    | (?<=://)[^\s/@]+(?=@)
    | (?P<field>\b(?:[A-Za-z0-9]+[-_])*(?:api[-_]?key|api[-_]?token|access[-_]?token|secret|password|passwd
        |goog-api-key|authorization)["']?\s*[:=]\s*["']?)(?!bearer\b|basic\b|•)[^\s"',;&}]+
    | (?<=[?&])(?P<name>[^=\s&]+)=[^&\s]+
    | \b(?:sk|pk|rk|gsk|xai|r8|hf|or|key|tgp|pplx|csk|nvapi)[-_][A-Za-z0-9_\-]{8,}
    | \bAIza[0-9A-Za-z_\-]{20,}
    """
)


def redact(text: str) -> str:
    """Return `text` with everything that looks like a key put out of sight."""
    return _SECRET.sub(_hidden, text)


def _hidden(match: re.Match[str]) -> str:
    if match["name"]:
        return f"{match['name']}=•••"
    return f"{match['field'] or ''}•••"


class _RedactingFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class _OwnFile(logging.handlers.RotatingFileHandler):
    """Makes every new file, the first and those after a turn, readable by its owner alone."""

    def _open(self) -> TextIOWrapper:
        made = open(  # noqa: SIM115 - the handler closes it
            self.baseFilename, self.mode, encoding=self.encoding, opener=_private
        )
        return cast("TextIOWrapper", made)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def start_log(file: Path) -> logging.Handler:
    """Send the program's log records to `file`, which is rotated at 1 MB. Raises OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = _OwnFile(file, maxBytes=_MAX_BYTES, backupCount=_KEPT_FILES, encoding="utf-8")
    handler.setFormatter(_RedactingFormatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    # httpx logs whole URLs, and some services want the key in them.
    for name in ("httpx", "httpcore", "asyncio", "qasync", "keyring", "markdown_it"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return handler
