"""How many threads the model may use without taking the computer from its user."""

import ctypes
import os
import sys
from pathlib import Path

_MOST_THREADS = 8


def thread_count() -> int:
    """Return the threads for the model: one core is left free, two are used where there are only two.

    More threads than cores, or spinning ones on busy cores, cost most of the speed.
    """
    logical = logical_cores()
    if logical < 2:
        return 1
    return max(2, min(physical_cores() - 1, _MOST_THREADS))


def logical_cores() -> int:
    """Return the processors that this process may use, at least one."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(count, _quota(Path("/sys/fs/cgroup/cpu.max")) or count))


def physical_cores() -> int:
    """Return the cores behind the processors that this process may use, at least one."""
    logical = logical_cores()
    if sys.platform == "darwin":
        # Of two kinds of cores the fast ones: a slow one holds up all others.
        count = _sysctl("hw.perflevel0.physicalcpu") or _sysctl("hw.physicalcpu")
    elif hasattr(os, "sched_getaffinity"):
        count = _distinct_cores(Path("/sys/devices/system/cpu"), os.sched_getaffinity(0))
    else:
        count = logical // 2 if logical > 2 else logical
    return max(1, min(count or logical, logical))


def _distinct_cores(folder: Path, processors: set[int]) -> int:
    """Count the cores behind Linux's processors; zero where the system does not say."""
    try:
        siblings = {
            (folder / f"cpu{number}/topology/thread_siblings_list").read_text() for number in processors
        }
    except OSError:
        return 0
    return len(siblings)


def _quota(file: Path) -> int:
    """Return the processors that a container's limit comes to, rounded up; zero where there is none."""
    try:
        limit, period = file.read_text().split()
        return -(-int(limit) // int(period))
    except (OSError, ValueError, ZeroDivisionError):
        return 0


def _sysctl(name: str) -> int:
    """Return a whole number of macOS's system settings, zero where there is none."""
    value = ctypes.c_int(0)
    size = ctypes.c_size_t(ctypes.sizeof(value))
    try:
        failed = ctypes.CDLL(None).sysctlbyname(
            name.encode(), ctypes.byref(value), ctypes.byref(size), None, ctypes.c_size_t(0)
        )
    except (OSError, AttributeError):
        return 0
    return 0 if failed else value.value
