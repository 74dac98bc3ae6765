"""The model's process: llama.cpp's own server, as xllamacpp brings it, and nothing else of Weir.

It runs apart from the program so that a crash of the engine is an error message, not the end of
the program, and so that it can have a lower priority. It ends when its standard input ends, also
when the program was killed. While a model is being loaded the engine holds the interpreter, so
during that time only a signal ends it at once.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from desktop.local.protocol import (
    CHILD_SWITCH,
    MAX_LINE_BYTES,
    NO_ENGINE,
    NO_START,
    Order,
    event_line,
    order_from,
)

_NICENESS = 5
_BATCH_TOKENS = 128
_PROMPT_CACHE_MIB = 64

EXIT_BAD_ORDER = 2
EXIT_NO_ENGINE = 3
EXIT_NO_START = 4


def main(argv: Sequence[str] | None = None) -> int:
    """Serve one model until standard input ends; return the process's exit code.

    `argv` may hold the switch that brought the program here; everything else comes through
    standard input. Imports no Qt.
    """
    arguments = [word for word in (sys.argv[1:] if argv is None else argv) if word != CHILD_SWITCH]
    if arguments:
        return EXIT_BAD_ORDER
    reports = _keep_reports_apart()
    _settle()
    try:
        order = order_from(_read_line())
    except (OSError, ValueError):
        return EXIT_BAD_ORDER
    try:
        with contextlib.suppress(BrokenPipeError):
            return _serve(order, reports)
    finally:
        with contextlib.suppress(OSError):
            os.close(reports)
    return 0


def _serve(order: Order, reports: int) -> int:
    # Spinning threads of GCC's OpenMP take the processor from everyone else and from each other.
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")
    os.write(reports, event_line("loading"))
    try:
        import xllamacpp
    except (ImportError, OSError) as error:
        os.write(reports, event_line("failed", reason=NO_ENGINE, words=f"{type(error).__name__}: {error}"))
        return EXIT_NO_ENGINE
    try:
        server = xllamacpp.Server(_settings(xllamacpp.CommonParams(), order))
    except (RuntimeError, ValueError, MemoryError) as error:
        os.write(reports, event_line("failed", reason=NO_START, words=str(error)))
        return EXIT_NO_START
    # From here on the engine's log could quote what is said, so it goes nowhere.
    _silence()
    os.write(reports, event_line("ready", url=server.listening_address))
    _wait_for_end()
    # The engine's own way out waits for replies that nobody reads any more.
    os._exit(0)


def _settings(params: Any, order: Order) -> Any:
    """Fill in the engine's settings; their names are llama.cpp's own (common/common.h)."""
    from desktop.local.cores import thread_count

    threads = thread_count()
    wanted: dict[str, object] = {
        "model_alias": {order.name},
        "n_ctx": order.context,
        # A cancelled prompt is noticed between batches: small ones free the engine within a second.
        "n_batch": _BATCH_TOKENS,
        "n_ubatch": _BATCH_TOKENS,
        "n_parallel": 1,
        "cache_ram_mib": _PROMPT_CACHE_MIB,
        # Without a graphics card there is nothing to fit into; finding that out takes a second load.
        "fit_params": sys.platform == "darwin",
        # Any web page may try ports of this computer: no key, no answer, and no leave to read one.
        "hostnames": ["127.0.0.1"],
        "port": 0,
        "api_keys": [order.key],
        "cors_origins": "",
        "cors_methods": "",
        "cors_headers": "",
        "cors_credentials": False,
        "ui": False,
        "endpoint_slots": False,
        "endpoint_props": False,
        "endpoint_metrics": False,
        "offline": True,
    }
    for name, value in wanted.items():
        setattr(params, name, value)
    params.model.path = order.model
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    return params


def _keep_reports_apart() -> int:
    """Return a descriptor for reports; whatever libraries print goes where the engine's log goes."""
    reports = os.dup(1)
    with contextlib.suppress(OSError):
        os.dup2(2, 1)
    return reports


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        with contextlib.suppress(OSError):
            os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _settle() -> None:
    """Step back behind the rest of the computer, and leave no memory dump with texts in it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(_NICENESS)
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read_line() -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(0, MAX_LINE_BYTES)
        if not piece or len(line) + len(piece) > MAX_LINE_BYTES:
            raise ValueError("no order came")
        line += piece
    return line


def _wait_for_end() -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass


if __name__ == "__main__":
    sys.exit(main())
