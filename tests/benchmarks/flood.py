"""A flood of deltas: the window shows them as they come, and goes on answering keys."""

import asyncio
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from desktop.ui.collector import Collector
from tests.benchmarks._stage import PaintWatch, on_qt_loop, open_stage
from tests.benchmarks._texts import deltas, sample
from tests.benchmarks.figures import Figure, measures
from tests.support.answers import openai_chunks

A_SECOND = 10_000
SECONDS = 6
WRITES_A_SECOND = 100
KEY_EVERY_S = 0.083
WITHIN_MS = 50


class _Typist(QObject):
    """Presses a key now and then from a thread of its own, so that a busy window is met as it is.

    `latencies` are the seconds from each press until the letter was on screen: those that passed, and
    those that the window's thread worked.
    """

    pressed = Signal(float, float)

    def __init__(self, field: QWidget, paper: QWidget) -> None:
        super().__init__(field)
        self._field = field
        self._watch = PaintWatch(paper)
        self._watch.painted.connect(self._on_painted)
        self._open: list[tuple[float, float]] = []
        self._work = time.pthread_getcpuclockid(threading.get_ident())
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="typist")
        self.latencies: list[tuple[float, float]] = []
        self.pressed.connect(self._on_pressed, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Begin to type."""
        self._thread.start()

    def stop(self) -> None:
        """Type no more."""
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_over.wait(KEY_EVERY_S):
            self.pressed.emit(time.monotonic(), time.clock_gettime(self._work))

    def _on_pressed(self, at: float, work: float) -> None:
        self._open.append((at, work))
        QTest.keyClick(self._field, Qt.Key.Key_A)

    def _on_painted(self) -> None:
        now, worked = time.monotonic(), time.clock_gettime(self._work)
        self.latencies += [(now - at, worked - work) for at, work in self._open]
        self._open.clear()


@measures("transcript.flood")
def flood() -> Figure:
    """The slowest answer to a key press while 10,000 deltas a second arrive, against 50 ms.

    As everywhere it is the time that the window's own thread takes, so that a neighbour's load does not
    count; the time that passed stands beside it.
    """
    latencies, seconds, paints = _flood()
    passed, worked = ([one[side] * 1000 for one in latencies] for side in (0, 1))
    worst = max(worked)
    detail = {
        "deltas": A_SECOND * SECONDS,
        "deltas_per_second": round(A_SECOND * SECONDS / seconds),
        "transcript_paints": paints,
        "keys": len(latencies),
        "key_worst_ms": round(worst, 1),
        "key_median_ms": round(statistics.median(worked), 1),
        "key_worst_passed_ms": round(max(passed), 1),
        "key_median_passed_ms": round(statistics.median(passed), 1),
    }
    return Figure("transcript.flood", worst / WITHIN_MS, 1.0, detail)


_SERVER = """
import socket, sys, time
pause, count = float(sys.argv[1]), int(sys.argv[2])
body = sys.stdin.buffer.read().split(b"\\0")
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
connection, _ = listener.accept()
while b"\\r\\n\\r\\n" not in connection.recv(1 << 20):
    pass
connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Type: text/event-stream\\r\\nConnection: close\\r\\n\\r\\n")
due = time.monotonic()
for first in range(0, len(body), count):
    connection.sendall(b"".join(body[first:first + count]))
    due += pause
    time.sleep(max(0, due - time.monotonic()))
connection.shutdown(socket.SHUT_WR)
while connection.recv(1 << 20):
    pass
connection.close()
"""


def _flood() -> tuple[list[tuple[float, float]], float, int]:
    pieces = deltas(sample(A_SECOND * SECONDS * 4 + 1_000))[: A_SECOND * SECONDS]
    command = [sys.executable, "-c", _SERVER, str(1 / WRITES_A_SECOND), str(A_SECOND // WRITES_A_SECOND)]
    # In a process of its own, so that its work is not taken for the window's.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(b"\0".join(openai_chunks(pieces)))
        server.stdin.close()
        address = f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
        found: tuple[list[tuple[float, float]], float, int] = on_qt_loop(
            lambda folder: _ask(folder, address, "".join(pieces))
        )
        return found


async def _ask(folder: Path, base_url: str, whole: str) -> tuple[list[tuple[float, float]], float, int]:
    stage = await open_stage(folder, base_url)
    collector = Collector(stage.window)
    paints = 0

    def on_painted() -> None:
        nonlocal paints
        paints += 1

    edit = stage.window.page.composer.edit
    typist = _Typist(edit, edit.viewport())
    live = stage.core.desk.current
    stage.core.desk.send("Tell me all of it.")
    PaintWatch(stage.window.page.timeline.viewport()).painted.connect(on_painted)
    edit.setFocus()
    while not live.transcript[-1].text:
        await asyncio.sleep(0.01)
    began = time.monotonic()
    typist.start()
    await live.wait()
    seconds = time.monotonic() - began
    typist.stop()
    reply = live.transcript[-1]
    assert reply.text == whole, (reply.state, reply.failure, len(reply.text), len(whole))
    collector.close()
    await stage.close()
    return typist.latencies, seconds, paints
