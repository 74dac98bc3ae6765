"""Names of rows that stay unique when histories of two machines are put together."""

import secrets
import time


def new_id() -> str:
    """Return 32 hexadecimal digits in the layout of a version 7 UUID (RFC 9562).

    The first 48 bits are Unix milliseconds, so that ids made later sort later and
    rows made together lie together in an index.
    """
    milliseconds = time.time_ns() // 1_000_000
    bits = (milliseconds & ((1 << 48) - 1)) << 80
    bits |= 0x7 << 76
    bits |= secrets.randbits(12) << 64
    bits |= 0b10 << 62
    bits |= secrets.randbits(62)
    return f"{bits:032x}"
