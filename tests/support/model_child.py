"""Stand-ins for the model's process that do one thing wrong each, in a line of the protocol or outside it.

LocalServer(data, cache, command=stand_in("serve"))
"""

import json
import os
import signal
import sys
import time

from desktop.local.protocol import event_line


def stand_in(what: str) -> list[str]:
    """Return the command of a child that does `what`: the name of one of the functions below."""
    return [sys.executable, "-m", "tests.support.model_child", what]


def _report(event: str, **details: str) -> None:
    sys.stdout.buffer.write(event_line(event, **details))
    sys.stdout.flush()


def serve() -> None:
    """Be ready at once, at an address that names the process, and end with the input."""
    sys.stdout.write("a library says hello\n")
    _report("loading")
    _report("ready", url=f"http://127.0.0.1:1/{os.getpid()}")
    sys.stdin.buffer.read()


def load() -> None:
    """Load without end, but end with the input."""
    _report("loading")
    sys.stdin.buffer.read()


def deaf() -> None:
    """Load without end and take notice of nothing but force."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _report("loading")
    time.sleep(60)


def old_processor() -> None:
    """End the way a process does on a processor without AVX2."""
    os.kill(os.getpid(), signal.SIGILL)


def killed() -> None:
    """End the way a process does when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


def quit_early() -> None:
    """End without a word."""
    sys.exit(7)


def refuse() -> None:
    """Say that the model cannot be loaded, the reason in the log."""
    sys.stderr.write("0.00 I srv init: hello\n0.01 E llama_model_load: error loading model: it is a poem\n")
    _report("failed", reason="no_start", words="Failed to init server")
    sys.exit(4)


def no_engine() -> None:
    """Say that the engine cannot be loaded."""
    _report("failed", reason="no_engine", words="ImportError: libgomp.so.1")
    sys.exit(3)


if __name__ == "__main__":
    order = json.loads(sys.stdin.buffer.readline())
    if not order["key"]:
        sys.exit(2)
    globals()[sys.argv[1]]()
