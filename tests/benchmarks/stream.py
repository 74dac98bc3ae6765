"""The way of a token: what it costs, how soon the first is seen, how soon Stop is heard."""

import asyncio
import contextlib
import json
import threading
import time
from pathlib import Path

import httpx
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit, QPushButton

from desktop.ui.timeline import pacer
from tests.benchmarks._stage import (
    PaintWatch,
    insert,
    on_qt_loop,
    open_stage,
    plain_window,
    reply_pieces,
)
from tests.benchmarks.figures import Figure, measures, median
from tests.support.answers import Answer, Gate, Send, Stall, Step, Wait
from tests.support.server import LoopbackServer, openai_chunks
from tests.support.stage import Stage

DELTAS = 20_000
DELTAS_A_FRAME = 2
RUNS = 3
FIRST_RUNS = 15
STOP_RUNS = 15
MOMENT = 0.15
WORD = 2
"""Which write of the server holds the word: the first is the head, the second the role."""


@measures("stream.cpu")
def cpu() -> Figure:
    """Main-thread CPU per delta, socket to painted text, against a plain text view fed once a frame.

    Two deltas a frame, which is 125 a second at 60 frames; the server sends the next two when a frame was
    painted, and no time is spent waiting between frames.
    """
    frame_ms, restraint = pacer.FRAME_MS, pacer.RESTRAINT
    pacer.FRAME_MS, pacer.RESTRAINT = 0, 0
    try:
        pieces = reply_pieces(DELTAS)
        pairs = [(*on_qt_loop(lambda folder: _ours(folder, pieces)), _floor(pieces)) for _ in range(RUNS)]
    finally:
        pacer.FRAME_MS, pacer.RESTRAINT = frame_ms, restraint
    ours, paints, floor = (median([pair[side] for pair in pairs]) for side in range(3))
    detail = {
        "deltas": DELTAS,
        "weir_paints": paints,
        "plain_text_paints": DELTAS // DELTAS_A_FRAME,
        "weir_us_per_delta": ours,
        "plain_text_us_per_delta": floor,
    }
    return Figure("stream.cpu", ours / floor, 2.0, detail)


async def _ours(folder: Path, pieces: list[str]) -> tuple[float, int]:
    gates = [threading.Event() for _ in range(0, len(pieces), DELTAS_A_FRAME)]
    role, *chunks = openai_chunks(pieces)
    steps: list[Step] = [Send(role)]
    for frame, gate in enumerate(gates):
        first = frame * DELTAS_A_FRAME
        steps += [Gate(gate), *(Send(chunk) for chunk in chunks[first : first + DELTAS_A_FRAME])]
    steps += [Send(chunk) for chunk in chunks[len(pieces) :]]
    with LoopbackServer() as server:
        server.answer(Answer(steps=steps))
        stage = await open_stage(folder, server.base_url)
        came = released = painted = 0

        def on_delta(*_: str) -> None:
            nonlocal came
            came += 1

        def on_painted() -> None:
            nonlocal released, painted
            painted += 1
            if came >= released * DELTAS_A_FRAME and released < len(gates):
                gates[released].set()
                released += 1

        watch = PaintWatch(stage.window.page.timeline.viewport())
        live = stage.core.desk.current
        live.turn_started.connect(lambda turn: turn.delta_arrived.connect(on_delta))
        began = time.thread_time()
        stage.core.desk.send("Tell me all of it.")
        watch.painted.connect(on_painted)
        await live.wait()
        spent = time.thread_time() - began
        assert live.transcript[-1].text == "".join(pieces)
        await stage.close()
    return spent / len(pieces) * 1e6, painted


def _floor(pieces: list[str]) -> float:
    async def run(_: Path) -> float:
        edit = plain_window()
        await asyncio.sleep(0.3)
        began = time.thread_time()
        for first in range(0, len(pieces), DELTAS_A_FRAME):
            insert(edit, "".join(pieces[first : first + DELTAS_A_FRAME]))
        spent = time.thread_time() - began
        edit.deleteLater()
        return spent / len(pieces) * 1e6

    return float(on_qt_loop(run))


@measures("stream.first")
def first() -> Figure:
    """From the server's write of the first token to its paint, against httpx and a plain text view."""
    ours, floor = on_qt_loop(_first)
    return Figure("stream.first", ours / floor, 1.5, {"weir_ms": ours, "plain_text_ms": floor})


def _one_word(*end: Step) -> Answer:
    role, word, *rest = openai_chunks(["Word"])
    return Answer(steps=[Send(role), Wait(MOMENT), Send(word), Wait(MOMENT), *(end or map(Send, rest))])


async def _first(folder: Path) -> tuple[float, float]:
    ours: list[float] = []
    floor: list[float] = []
    with LoopbackServer(default=_one_word()) as server:
        stage = await open_stage(folder, server.base_url)
        edit = plain_window()
        async with httpx.AsyncClient(trust_env=False, timeout=None) as client:
            for _ in range(FIRST_RUNS + 1):
                ours.append(await _first_ours(stage, server))
                floor.append(await _first_floor(client, edit, server))
        edit.deleteLater()
        await stage.close()
    return median(ours[1:]), median(floor[1:])


async def _first_ours(stage: Stage, server: LoopbackServer) -> float:
    stage.core.desk.start_new()
    await asyncio.sleep(0.1)
    count = len(server.requests)
    watch = PaintWatch(stage.window.page.timeline.viewport())
    live = stage.core.desk.current
    # The word is on screen when its slot returns; what the step does then is to read on, which the plain
    # view's does not.
    live.turn_started.connect(lambda turn: turn.delta_arrived.connect(watch.look))
    stage.core.desk.send("One word, please.")
    painted = 0.0
    while not live.transcript[-1].text:
        painted = await watch.wait()
    at = server.requests[count].writes[WORD][0]
    watch.deleteLater()
    await live.wait()
    return (painted - at) * 1000


async def _first_floor(
    client: httpx.AsyncClient,
    edit: QPlainTextEdit,
    server: LoopbackServer,
) -> float:
    edit.clear()
    await asyncio.sleep(0.1)
    count = len(server.requests)
    watch = PaintWatch(edit.viewport())
    body = {"model": "alpha", "messages": [], "stream": True}
    painted = 0.0
    async with client.stream("POST", f"{server.base_url}/chat/completions", json=body) as response:
        async for chunk in response.aiter_bytes():
            text = "".join(
                json.loads(line[6:])["choices"][0]["delta"].get("content") or ""
                for line in chunk.decode().split("\n")
                if line.startswith("data: {")
            )
            if text and not painted:
                edit.insertPlainText(text)
                painted = await watch.wait()
    watch.deleteLater()
    return (painted - server.requests[count].writes[WORD][0]) * 1000


@measures("stream.stop")
def stop() -> Figure:
    """From the click on Stop to the server's seeing the close; the same for a bare httpx task behind a bare
    button."""
    ours, floor = on_qt_loop(_stop)
    return Figure("stream.stop", ours / floor, 3.0, {"weir_ms": ours, "bare_task_ms": floor})


async def _stop(folder: Path) -> tuple[float, float]:
    ours: list[float] = []
    floor: list[float] = []
    with LoopbackServer(default=_one_word(Stall())) as server:
        stage = await open_stage(folder, server.base_url)
        button = QPushButton("Stop")
        button.show()
        async with httpx.AsyncClient(trust_env=False, timeout=None) as client:
            for _ in range(STOP_RUNS + 1):
                ours.append(await _stop_ours(stage, server))
                floor.append(await _stop_floor(client, button, server))
        button.deleteLater()
        await stage.close()
    return median(ours[1:]), median(floor[1:])


async def _stop_ours(stage: Stage, server: LoopbackServer) -> float:
    stage.core.desk.start_new()
    count = len(server.requests)
    stage.core.desk.send("One word, please.")
    live = stage.core.desk.current
    while not live.transcript[-1].text:
        await asyncio.sleep(0.01)
    began = time.monotonic()
    QTest.mouseClick(stage.window.page.composer.action, Qt.MouseButton.LeftButton)
    await live.wait()
    return await _closed_after(server, count, began)


async def _stop_floor(
    client: httpx.AsyncClient,
    button: QPushButton,
    server: LoopbackServer,
) -> float:
    count = len(server.requests)
    came = asyncio.Event()

    async def read() -> None:
        body = {"model": "alpha", "messages": [], "stream": True}
        async with client.stream("POST", f"{server.base_url}/chat/completions", json=body) as response:
            async for chunk in response.aiter_bytes():
                if b"Word" in chunk:
                    came.set()

    task = asyncio.ensure_future(read())
    await came.wait()
    button.clicked.connect(task.cancel)
    await asyncio.sleep(0.01)
    began = time.monotonic()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    button.clicked.disconnect()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    return await _closed_after(server, count, began)


async def _closed_after(server: LoopbackServer, count: int, began: float) -> float:
    request = server.requests[count]
    while request.closed_at is None:
        await asyncio.sleep(0.005)
    return (request.closed_at - began) * 1000
