"""A history of a hundred thousand conversations: starting, searching, opening, scrolling, writing."""

import asyncio
import contextlib
import math
import shutil
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtTest import QTest

from desktop.base.paths import user_paths
from desktop.chat.finds import FIRST_HITS, Finds
from desktop.domain.delta import TextDelta
from desktop.domain.message import Conversation, Message, MessageState, Role
from desktop.domain.search import parse_query
from desktop.store import open_store
from desktop.store.database import connect_writer, open_database
from desktop.store.progress import write_progress
from desktop.store.search import TEXTS_BY_INDEX, TITLES_BY_INDEX
from desktop.store.words import match_of
from desktop.ui.collector import Collector
from tests.benchmarks._stage import PaintWatch, on_qt_loop
from tests.benchmarks._years import LONG, SHORT, conversation_count, large_history, vocabulary
from tests.benchmarks.figures import Figure, alternately, measures, median
from tests.benchmarks.startup import WEIR_PAINTS, paints
from tests.support.stage import Stage

FRAME_MS = 16.0
RUNS = 7
END = "end-of-row"


def _detail(**more: object) -> dict[str, object]:
    paths, seconds = large_history()
    made = {
        "conversations": conversation_count(),
        "megabytes": round(paths.history.stat().st_size / 1e6),
        "made_in_s": round(seconds, 1),
    }
    return {**more, **made}


async def _on_stage(folder: Path, act: Callable[[Stage], Awaitable[Any]]) -> Any:
    stage = Stage.open(folder, size=(1240, 820))
    stage.core.shelf.load()
    stage.core.endpoints.load()
    collector = Collector(stage.window)
    await asyncio.sleep(1.5)
    try:
        return await act(stage)
    finally:
        collector.close()
        await stage.close()


def _percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


@measures("history.start")
def start() -> Figure:
    """Measure process start to first paint with the large history, against an empty one.

    `ready` is when all that the window holds has been painted too.
    """
    paths, _ = large_history()
    ready: dict[str, list[float]] = {"large": [], "empty": []}

    def run(name: str, folder: str) -> float:
        first, whole = paints(WEIR_PAINTS, 2, folder)
        ready[name].append(whole)
        return first

    with tempfile.TemporaryDirectory(prefix="weir-empty-") as empty:
        ours, floor = alternately(RUNS, lambda: run("large", str(paths.data)), lambda: run("empty", empty))
    detail = _detail(
        large_ms=ours,
        empty_ms=floor,
        large_ready_ms=median(ready["large"][1:]),
        empty_ready_ms=median(ready["empty"][1:]),
    )
    return Figure("history.start", ours / floor, 1.3, detail)


# Search


def _typed() -> list[str]:
    """Return what is in the field after each key press: common and rare words, two at once, CJK."""
    words = vocabulary()
    lines = [words[rank] for rank in (2, 30, 300, 3_000, 9_000, 15_000)]
    lines += [f"{words[40]} {words[700]}", f"{words[5]} {words[12_000]}", f"{words[900]} {words[1_100]}"]
    steps = [line[:size] for line in lines for size in range(2, len(line) + 1) if line[size - 1] != " "]
    return [*steps, "東京", "旅行", "人工", "人工知能", "东", "질문", "回答", words[77], words[8_000]]


class Shell:
    """SQLite's own shell with the history open, asked by its standard input."""

    def __init__(self, file: Path) -> None:
        self._process = subprocess.Popen(
            ["sqlite3", "-readonly", str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def ask(self, typed: str) -> float:
        """Return the milliseconds from a query's sending to its last row: whole words, then beginnings."""
        words = parse_query(typed).words
        exact = [replace(word, is_exact=True) for word in words]
        took, count = self._rows(_statement(TITLES_BY_INDEX, match_of(words), 20))
        for match in dict.fromkeys((match_of(exact), match_of((*exact[:-1], words[-1])))):
            if count < FIRST_HITS:
                more, found = self._rows(_statement(TEXTS_BY_INDEX, match, FIRST_HITS - count))
                took, count = took + more, count + found
        return took

    def _rows(self, statement: str) -> tuple[float, int]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        began = time.monotonic()
        self._process.stdin.write(f"{statement}\n.print that-was-all\n")
        self._process.stdin.flush()
        count = 0
        while (line := self._process.stdout.readline()) != "that-was-all\n":
            count += line.endswith(f"{END}\n")
        return (time.monotonic() - began) * 1000, count

    def close(self) -> None:
        """End it."""
        self._process.communicate()


class Moments:
    """When the hits of a search had come, and when they were painted after that."""

    def __init__(self, watch: PaintWatch, finds: Finds) -> None:
        self._has_come = False
        self._painted: asyncio.Future[float] | None = None
        finds.searched.connect(self._on_searched)
        watch.painted.connect(self._on_painted)

    def begin(self) -> float:
        """Begin anew, and return the time."""
        self._has_come = False
        self._painted = asyncio.get_running_loop().create_future()
        return time.monotonic()

    async def wait(self) -> float:
        """Return when the hits were painted."""
        assert self._painted is not None
        return await asyncio.wait_for(self._painted, 20)

    def _on_searched(self) -> None:
        self._has_come = True

    def _on_painted(self) -> None:
        if self._has_come and self._painted is not None and not self._painted.done():
            self._painted.set_result(time.monotonic())


def _statement(form: str, match: str, limit: int) -> str:
    quoted = "'" + match.replace("'", "''") + "'"
    statement = form.format(more="").replace("?", quoted).replace("\n", " ")
    # A text has lines; what follows it tells where a row ends.
    return f"SELECT *, '{END}' FROM ({statement} LIMIT {limit});"


@measures("history.search")
def search() -> Figure:
    """Measure p95 from a key press to the hits painted, against the same query in SQLite's own shell."""
    paths, _ = large_history()
    return on_qt_loop(lambda _folder: _on_stage(paths.data, _measure_search))


async def _measure_search(stage: Stage) -> Figure:
    sidebar = stage.window.sidebar
    finds = stage.core.shelf.finds
    moments = Moments(PaintWatch(sidebar.hits.viewport()), finds)
    shell = Shell(large_history()[0].history)
    ours: list[float] = []
    floor: list[float] = []
    counts: list[int] = []
    for typed in _typed():
        for is_counted in (False, True):
            sidebar.search.setText(typed[:-1])
            await asyncio.sleep(0.12)
            began = moments.begin()
            if typed.isascii():
                QTest.keyClick(sidebar.search, typed[-1])
            else:
                sidebar.search.insert(typed[-1])
            painted = await moments.wait()
            asked = shell.ask(typed)
            if is_counted:
                ours.append((painted - began) * 1000)
                floor.append(asked)
                counts.append(finds.rowCount())
    shell.close()
    p95, shell_p95 = _percentile(ours, 0.95), _percentile(floor, 0.95)
    detail = _detail(
        p95_ms=round(p95, 2),
        median_ms=median(ours),
        shell_p95_ms=round(shell_p95, 2),
        shell_median_ms=median(floor),
        is_under_50_ms=p95 < 50,
        key_presses=len(ours),
        hits_median=median(counts),
    )
    return Figure("history.search", p95 / shell_p95, 1.5, detail)


# Opening and scrolling


@measures("history.open")
def opened() -> Figure:
    """Measure a conversation of 10,000 messages from its click to its end painted, against one of 100."""
    paths, _ = large_history()
    return on_qt_loop(lambda _folder: _on_stage(paths.data, _measure_open))


async def _measure_open(stage: Stage) -> Figure:
    desk = stage.core.desk
    watch = PaintWatch(stage.window.page.timeline.viewport())

    async def show(conversation_id: str) -> float:
        desk.open("c9")
        await asyncio.sleep(1.2)
        began = time.monotonic()
        desk.open(conversation_id)
        while True:
            painted = await asyncio.wait_for(watch.wait(), 20)
            if desk.current.conversation.id == conversation_id:
                return (painted - began) * 1000

    pairs = [(await show("c0"), await show("c1")) for _ in range(RUNS + 1)][1:]
    await show("c0")
    began = time.monotonic()
    while not desk.current.is_whole:
        await asyncio.sleep(0.005)
    whole_ms = (time.monotonic() - began) * 1000
    assert len(desk.current.transcript) == LONG
    ours, floor = (median([pair[side] for pair in pairs]) for side in (0, 1))
    detail = _detail(
        **{f"open_{LONG}_ms": ours, f"open_{SHORT}_ms": floor, "rest_read_after_ms": round(whole_ms, 1)}
    )
    return Figure("history.open", ours / floor, 1.5, detail)


@measures("history.list")
def listed() -> Figure:
    """Count frames over 16 ms while the whole list is scrolled through, read a page at a time."""
    paths, _ = large_history()
    return on_qt_loop(lambda _folder: _on_stage(paths.data, _measure_list))


async def _measure_list(stage: Stage) -> Figure:
    view = stage.window.sidebar.view
    shelf = stage.core.shelf
    bar = view.verticalScrollBar()
    frames: list[float] = []
    waits = 0
    count = conversation_count()
    while shelf.rowCount() < count or bar.value() < bar.maximum():
        before = bar.value()
        began = time.thread_time()
        bar.setValue(before + 20 * view.rows.row)
        view.viewport().repaint()
        frames.append((time.thread_time() - began) * 1000)
        waits += before == bar.value()
        # What a page brings when it arrives is done between frames, and counts as one too.
        began = time.thread_time()
        await asyncio.sleep(0)
        frames.append((time.thread_time() - began) * 1000)
        if before == bar.value():
            await asyncio.sleep(0.001)
    slow = [frame for frame in frames if frame > FRAME_MS]
    detail = _detail(
        frames=len(frames),
        p99_ms=round(_percentile(frames, 0.99), 2),
        longest_ms=round(max(frames), 2),
        waited_for_rows=waits,
        rows=shelf.rowCount(),
    )
    return Figure("history.list", float(len(slow)), 0.0, detail)


# Writing

STREAMS = 3
SAVES = 800
IN_FLIGHT = 16
TEXT = "the river flows over a low dam and keeps its level " * 4


@measures("history.write")
def written() -> Figure:
    """Measure rows saved per second in three growing replies, against bare SQLite with the same settings.

    The replies hand over what came without waiting for what they handed over before; bare SQLite commits
    row by row. `in_turn` is what is reached where each reply waits for each of its rows.
    """
    ours: list[float] = []
    floor: list[float] = []
    in_turn: list[float] = []
    for _ in range(RUNS):
        ours.append(on_qt_loop(lambda folder: _write_ours(folder, IN_FLIGHT)))
        in_turn.append(on_qt_loop(lambda folder: _write_ours(folder, 1)))
        floor.append(_write_bare())
    detail = _detail(
        rows_per_s=round(median(ours)),
        in_turn_rows_per_s=round(median(in_turn)),
        bare_rows_per_s=round(median(floor)),
        streams=STREAMS,
    )
    return Figure("history.write", median(ours) / median(floor), 0.7, detail, at_least=True)


def _growing(number: int) -> tuple[Conversation, Message]:
    row = Conversation(id=f"w{number}", title="Writing", created=1, updated=1)
    reply = Message(
        id=f"r{number}",
        conversation_id=row.id,
        parent_id=None,
        role=Role.ASSISTANT,
        parts=(),
        state=MessageState.STREAMING,
    )
    return row, reply


async def _write_ours(folder: Path, in_flight: int) -> float:
    paths = user_paths(folder)
    paths.create()
    store = open_store(paths)
    await store.opened()
    for number in range(STREAMS):
        row, reply = _growing(number)
        await store.history.write_conversation(row)
        await store.history.write_message(reply)

    async def stream(number: int) -> None:
        saves = range(SAVES // in_flight)
        for _ in saves:
            await asyncio.gather(
                *(store.history.write_progress(f"r{number}", [TextDelta(TEXT)]) for _ in range(in_flight))
            )

    began = time.monotonic()
    await asyncio.gather(*(stream(number) for number in range(STREAMS)))
    seconds = time.monotonic() - began
    await store.close()
    return STREAMS * SAVES / seconds


def _write_bare() -> float:
    folder = Path(tempfile.mkdtemp(prefix="weir-bare-"))
    paths = user_paths(folder)
    paths.create()
    open_database(paths.history, paths.backups).close()
    with contextlib.closing(connect_writer(paths.history)) as sql:
        for number in range(STREAMS):
            sql.execute("INSERT INTO conversation (id, created, updated) VALUES (?, 1, 1)", (f"w{number}",))
            sql.execute(
                """INSERT INTO message (id, conversation_id, role, state, created)
                   VALUES (?, ?, 'assistant', 'streaming', 1)""",
                (f"r{number}", f"w{number}"),
            )
        began = time.monotonic()
        for _ in range(SAVES):
            for number in range(STREAMS):
                sql.execute("BEGIN IMMEDIATE")
                write_progress(sql, f"r{number}", [TextDelta(TEXT)])
                sql.execute("COMMIT")
        seconds = time.monotonic() - began
    shutil.rmtree(folder, ignore_errors=True)
    return STREAMS * SAVES / seconds
