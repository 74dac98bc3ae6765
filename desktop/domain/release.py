"""Release: a published version of Weir, and which of two versions is the newer one."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Release:
    """A published version. `page` is the web address of what there is to read and to download."""

    version: str
    page: str


def is_newer(version: str, than: str) -> bool:
    """Whether a version follows another one; a version that is no row of numbers follows none."""
    first, second = _numbers(version), _numbers(than)
    if not first:
        return False
    length = max(len(first), len(second))
    padded = [(*numbers, *([0] * (length - len(numbers)))) for numbers in (first, second)]
    return padded[0] > padded[1]


def _numbers(version: str) -> tuple[int, ...]:
    """Return 1, 2, 0 of "v1.2.0"; nothing for a preliminary version such as "1.2.0-rc1"."""
    found = re.fullmatch(r"v?(\d{1,6}(?:\.\d{1,6}){0,3})", version.strip())
    return tuple(int(part) for part in found[1].split(".")) if found else ()
