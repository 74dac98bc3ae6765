"""Time as the program asks for it, in one place so that tests can hold it."""

import datetime
import time


def now_ms() -> int:
    """Return Unix time in milliseconds, for what is stored and shown."""
    return time.time_ns() // 1_000_000


def monotonic_ms() -> int:
    """Return a time in milliseconds that never goes back, for measuring."""
    return time.monotonic_ns() // 1_000_000


def today() -> datetime.date:
    """Return the day on this computer's calendar."""
    return datetime.datetime.now().astimezone().date()
