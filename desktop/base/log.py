"""The log file: what the program did, never what was said and never a key."""

import logging
import logging.handlers
import re
from pathlib import Path

_MAX_BYTES = 1_000_000
_KEPT_FILES = 3

# Shapes of keys of the known services, bearer headers, and values of query strings.
_SECRET = re.compile(
    r"""(?ix)
    \b(?:sk|pk|rk|gsk|xai|r8|hf|or|key|tgp)[-_][A-Za-z0-9_\-]{8,}
    | \bAIza[0-9A-Za-z_\-]{20,}
    | (?<=bearer\ )\S+
    | (?<=[?&])(?P<name>[^=\s&]+)=[^&\s]+
    """
)


def redact(text: str) -> str:
    """Return `text` with everything that looks like a key put out of sight."""
    return _SECRET.sub(lambda match: f"{match['name']}=•••" if match["name"] else "•••", text)


class _RedactingFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def start_log(file: Path) -> logging.Handler:
    """Send the program's log records to `file`, which is rotated at 1 MB. Raises OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(mode=0o600, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        file, maxBytes=_MAX_BYTES, backupCount=_KEPT_FILES, encoding="utf-8"
    )
    handler.setFormatter(_RedactingFormatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    # httpx logs whole URLs, and some services want the key in them.
    for name in ("httpx", "httpcore", "asyncio", "qasync", "keyring", "markdown_it"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return handler
