"""What the program and the model's process say to each other: one JSON object a line over pipes.

The program writes one `Order` to the child's standard input and keeps it open; its end ends the
child. The child writes `loading`, then `ready` or `failed`, to its standard output. The key goes
through the pipe because a command line can be read by every user of the computer.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any

CHILD_SWITCH = "--local-server"
"""The program's own command-line switch that makes it the model's process."""

MAX_LINE_BYTES = 1 << 16

NO_ENGINE = "no_engine"
NO_START = "no_start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the child is to serve. `name` is the model's name in requests, `context` is in tokens."""

    model: str
    name: str
    key: str
    context: int

    def __repr__(self) -> str:
        return f"Order(model={self.model!r}, name={self.name!r})"

    def line(self) -> bytes:
        """Return the order as it goes through the pipe."""
        return json.dumps(asdict(self)).encode("ascii") + b"\n"


def order_from(line: bytes) -> Order:
    """Return the order that `line` holds. Raises ValueError."""
    data = event_from(line)
    model, name, key, context = (data.get(field) for field in ("model", "name", "key", "context"))
    if not (isinstance(model, str) and isinstance(name, str) and isinstance(key, str) and key):
        raise ValueError("an order has a model, a name and a key")
    if not isinstance(context, int) or not 0 < context < 1 << 31:
        raise ValueError("an order has a context")
    return Order(model=model, name=name, key=key, context=context)


def event_line(event: str, **details: str) -> bytes:
    """Return what the child reports as it goes through the pipe."""
    return json.dumps({"event": event, **details}).encode("ascii") + b"\n"


def event_from(line: bytes) -> dict[str, Any]:
    """Return what a line from the child reports, an empty dict where it is no report."""
    try:
        data = json.loads(line)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
