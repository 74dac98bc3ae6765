"""Replies side by side: four streams at once against one, in frames that the window misses."""

import asyncio
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractEventDispatcher

from desktop.domain.endpoint import Endpoint, ModelRef
from desktop.ui.collector import Collector
from tests.benchmarks._stage import on_qt_loop, open_stage
from tests.benchmarks._texts import deltas, sample
from tests.benchmarks.figures import Figure, measures
from tests.support.answers import openai_chunks
from tests.support.stage import Stage

A_SECOND = 200
SECONDS = 8
RUNS = 3
FRAME_MS = 16.0
PAUSE_S = 0.0002
MODELS = ("alpha", "beta", "gamma", "delta")
SIZE = (1600, 900)

_SERVER = """
import socket, sys, threading, time
pause = float(sys.argv[1])
body = sys.stdin.buffer.read().split(b"\\0")
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)

def answer(connection):
    while b"\\r\\n\\r\\n" not in connection.recv(1 << 20):
        pass
    head = b"HTTP/1.1 200 OK\\r\\nContent-Type: text/event-stream\\r\\nConnection: close\\r\\n\\r\\n"
    connection.sendall(head)
    due = time.monotonic()
    for piece in body:
        connection.sendall(piece)
        due += pause
        time.sleep(max(0, due - time.monotonic()))
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(1 << 20):
        pass
    connection.close()

while True:
    connection, _ = listener.accept()
    threading.Thread(target=answer, args=(connection,), daemon=True).start()
"""


class _Stretches:
    """Notes how long this thread works without a pause, again and again.

    What it measures is the thread's own time, so that a neighbour's load does not count. A stretch ends
    where the event loop waits for something: until then nothing else is painted, and no key is answered,
    so one that is longer than a frame is a frame that the window misses.
    """

    def __init__(self) -> None:
        self._costs: list[float] = []
        self._open = 0.0
        self._passed, self._worked = time.perf_counter(), time.thread_time()
        dispatcher = QAbstractEventDispatcher.instance()
        assert dispatcher is not None
        self._dispatcher = dispatcher
        dispatcher.aboutToBlock.connect(self._on_turn)

    def _on_turn(self) -> None:
        passed, worked = time.perf_counter(), time.thread_time()
        cost = worked - self._worked
        has_waited = passed - self._passed - cost > PAUSE_S
        self._passed, self._worked = passed, worked
        if has_waited:
            self._costs.append(self._open * 1000)
            self._open = 0.0
        self._open += cost

    def stop(self) -> list[float]:
        """Note no more; return the lengths in milliseconds."""
        self._dispatcher.aboutToBlock.disconnect(self._on_turn)
        return [*self._costs, self._open * 1000]


@measures("compare.frames")
def frames() -> Figure:
    """Frames over 16 ms while four replies of 200 tokens a second stand side by side, against one.

    Both counts are taken over the same wall time and have one added, so that none against none is 1.
    """
    pieces = deltas(sample(A_SECOND * SECONDS * 4 + 1_000))[: A_SECOND * SECONDS]
    command = [sys.executable, "-c", _SERVER, str(1 / A_SECOND)]
    four: list[float] = []
    one: list[float] = []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(b"\0".join(openai_chunks(pieces)))
        server.stdin.close()
        address = f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
        try:
            for _ in range(RUNS):
                found = on_qt_loop(lambda folder: _both(folder, address, "".join(pieces)))
                four += found[0]
                one += found[1]
        finally:
            server.kill()
    late = [sum(1 for cost in costs if cost > FRAME_MS) for costs in (four, one)]
    detail: dict[str, Any] = {
        "tokens_per_second_each": A_SECOND,
        "seconds_each": RUNS * SECONDS,
        "four_late_frames": late[0],
        "one_late_frames": late[1],
    }
    for name, costs in (("four", four), ("one", one)):
        percentiles = statistics.quantiles(costs, n=1000)
        detail[f"{name}_stretches"] = len(costs)
        detail[f"{name}_busy_share"] = round(sum(costs) / 1000 / (RUNS * SECONDS), 3)
        detail[f"{name}_p50_ms"] = round(percentiles[499], 2)
        detail[f"{name}_p99_ms"] = round(percentiles[989], 2)
        detail[f"{name}_p999_ms"] = round(percentiles[998], 2)
        detail[f"{name}_worst_ms"] = round(max(costs), 2)
    return Figure("compare.frames", (late[0] + 1) / (late[1] + 1), 2.0, detail)


async def _both(folder: Path, base_url: str, whole: str) -> tuple[list[float], list[float]]:
    stage = await open_stage(folder, base_url)
    stage.window.resize(*SIZE)
    core = stage.core
    for name in MODELS[1:]:
        core.endpoints.add(Endpoint(id=name, name=name.title(), base_url=base_url, models=(name,)))
    await asyncio.sleep(0.5)
    collector = Collector(stage.window)
    # The first prompt of a run makes what every later one finds.
    await _costs(stage, whole, 2)
    one = await _costs(stage, whole, 1)
    four = await _costs(stage, whole, 4)
    collector.close()
    await stage.close()
    return four, one


async def _costs(stage: Stage, whole: str, count: int) -> list[float]:
    """Send a prompt to `count` models and return the stretches from the first words to the end."""
    desk = stage.core.desk
    desk.start_new()
    desk.lineup.take([ModelRef("loop" if name == "alpha" else name, name) for name in MODELS[:count]])
    assert desk.send("Tell me all of it.")
    live = desk.current
    while not live.transcript[-1].text:
        await asyncio.sleep(0.01)
    stretches = _Stretches()
    await asyncio.sleep(SECONDS - 0.5)
    costs = stretches.stop()
    await live.wait()
    replies = live.replies_beside(live.transcript[-1].id)
    assert [reply.text for reply in replies] == [whole] * count
    return costs
