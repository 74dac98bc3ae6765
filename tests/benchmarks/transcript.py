"""The transcript: a reply that streams, ten thousand messages, and what a plain text view would cost.

The floor is `QPlainTextEdit` with text inserted at its end and the whole viewport painted each frame. Times
are the main thread's own CPU time, so a busy machine changes the ratios little; every frame is painted.
"""

import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from functools import cache

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QTextBrowser, QWidget

from desktop.domain.message import Message
from desktop.ui.theme import Theme
from desktop.ui.timeline.view import Timeline
from tests.benchmarks._stage import SIZE, insert, plain_window
from tests.benchmarks._texts import deltas, sample, single_blocks
from tests.benchmarks.figures import Figure, measures, median
from tests.support.transcript import conversation, prompt, streaming

LONG = 200_000
BLOCK = 20_000
DELTAS_A_FRAME = 2
COLD_FRAMES = 50
FRAME_S = 1 / 60
WINDOWS = (0.02, 0.25, 0.5, 0.75, 0.97)
WINDOW_FRAMES = 200
NAIVE_SAMPLES = 20
RUNS = 5
GROWING = 1_000_000


def _application() -> QApplication:
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    return application


def _wait(seconds: float = 0.3) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        _application().processEvents()


def _gone(widget: QWidget) -> None:
    widget.close()
    widget.deleteLater()
    _application().processEvents()


def _shown() -> Timeline:
    _application()
    made = Timeline(Theme())
    made.resize(*SIZE)
    made.show()
    _wait()
    return made


def _cpu(step: Callable[[], object]) -> float:
    """Return the milliseconds of this thread that a step took."""
    began = time.thread_time()
    step()
    return (time.thread_time() - began) * 1000


# A reply that streams


def _frames(text: str) -> list[str]:
    pieces = deltas(text)
    return ["".join(pieces[at : at + DELTAS_A_FRAME]) for at in range(0, len(pieces), DELTAS_A_FRAME)]


class _Ours:
    """A timeline in which a reply grows, below other messages."""

    def __init__(self, above: Iterable[Message] = ()) -> None:
        self._view = _shown()
        self._view.set_messages([*above, prompt(GROWING), streaming(GROWING)])
        self._view.begin_reply(f"r{GROWING}")
        _wait(0.1)

    def frame(self, text: str) -> None:
        """Take what came and have it painted."""
        self._view.feed("text", text)
        self._view.pacer.flush()

    def close(self) -> None:
        """Put the window away."""
        _gone(self._view)


class _Plain:
    """A plain text view that takes the same."""

    def __init__(self) -> None:
        _application()
        self._view: QPlainTextEdit = plain_window()
        _wait()

    def frame(self, text: str) -> None:
        """Take what came and have it painted."""
        insert(self._view, text)

    def close(self) -> None:
        """Put the window away."""
        _gone(self._view)


def _costs(view: _Ours | _Plain, frames: list[str]) -> list[float]:
    gc.collect()
    # As in the program: what was there before is not looked through again.
    gc.freeze()
    costs = [_cpu(lambda text=text: view.frame(text)) for text in frames]  # type: ignore[misc]
    gc.unfreeze()
    view.close()
    return costs


@cache
def _tight() -> tuple[list[float], list[float]]:
    """Return the cost of each frame of a long reply in a tight loop, in ms: ours and the floor's."""
    _costs(_Ours(), _frames(sample(3_000, seed=9)))
    frames = _frames(sample(LONG))
    floor = _costs(_Plain(), frames)
    return _costs(_Ours(), frames), floor


def _percentile(costs: list[float], share: float) -> float:
    return sorted(costs)[int(len(costs) * share)]


@measures("transcript.frame")
def frame() -> Figure:
    """Mean per frame over a whole 200 KB reply in a tight loop, against the floor."""
    ours, floor = _tight()
    detail = {
        "frames": len(ours),
        "weir_ms": round(statistics.fmean(ours), 3),
        "weir_median_ms": median(ours),
        "plain_text_ms": round(statistics.fmean(floor), 3),
        "plain_text_median_ms": median(floor),
    }
    return Figure("transcript.frame", sum(ours) / sum(floor), 0.9, detail)


@measures("transcript.p99")
def p99() -> Figure:
    """Our 99th percentile over a 200 KB reply against the floor's median, and no warm frame over 16 ms."""
    ours, floor = _tight()
    worst = max(ours[COLD_FRAMES:])
    ratio = _percentile(ours, 0.99) / statistics.median(floor)
    detail = {
        "weir_p99_ms": round(_percentile(ours, 0.99), 2),
        "weir_worst_warm_ms": round(worst, 2),
        "plain_text_median_ms": median(floor),
        "plain_text_p99_ms": round(_percentile(floor, 0.99), 2),
    }
    return Figure("transcript.p99", ratio, 5.0, detail, also=worst <= 16)


def _growth(above: list[Message], text: str) -> float:
    """Return what the last tenth of the frames costs against the first.

    A full repaint of the plain view, again and again beside it, tells how fast the machine is at the time:
    on a shared one that changes within a minute.
    """
    view, plain = _Ours(above), plain_window()
    plain.setPlainText("Words that fill a line of the window and a little more. " * 120)
    _wait()
    frames = _frames(text)
    tenth = max(1, len(frames) // 10)
    speeds: list[float] = []
    costs: list[float] = []
    gc.collect()
    gc.freeze()
    for number, one in enumerate(frames):
        costs.append(_cpu(lambda one=one: view.frame(one)))  # type: ignore[misc]
        if number % 8 == 0 and not tenth <= number < len(frames) - tenth:
            speeds.append(_cpu(plain.viewport().repaint))
    gc.unfreeze()
    view.close()
    _gone(plain)
    half = len(speeds) // 2
    first = statistics.fmean(costs[:tenth]) / statistics.median(speeds[:half])
    return statistics.fmean(costs[-tenth:]) / statistics.median(speeds[half:]) / first


@measures("transcript.flat")
def flat() -> Figure:
    """The last tenth of the frames against the first, in the worst of eight cases.

    A long reply alone and below 10,000 messages; and one block of 20 KB of each kind, on a page that is full.
    """
    _costs(_Ours(), _frames(sample(3_000, seed=9)))
    detail = {
        "200_KB": round(_growth([], sample(LONG)), 3),
        "200_KB_below_10000": round(_growth(conversation(10_000), sample(LONG)), 3),
    }
    for kind, text in single_blocks(BLOCK).items():
        detail[f"one_{kind}"] = round(_growth(conversation(10), text), 3)
    return Figure("transcript.flat", max(detail.values()), 1.2, detail)


def _timed_frames(view: _Ours | _Plain, frames: list[str]) -> list[float]:
    """Return the cost of frames on a 60 Hz timer, in five windows along a reply; the rest comes quickly."""
    costs = []
    at = 0
    for share in WINDOWS:
        start = min(int(len(frames) * share), len(frames) - WINDOW_FRAMES)
        for first in range(at, start, 50):
            view.frame("".join(frames[first : min(start, first + 50)]))
        _wait(0.2)
        due = time.monotonic()
        for text in frames[start : start + WINDOW_FRAMES]:
            due += FRAME_S
            while (left := due - time.monotonic()) > 0:
                time.sleep(left)
            costs.append(_cpu(lambda text=text: view.frame(text)))  # type: ignore[misc]
            _application().processEvents()
        at = start + WINDOW_FRAMES
    view.close()
    return costs


@measures("transcript.realtime")
def realtime() -> Figure:
    """Mean per frame on a 60 Hz timer with nothing to do between the frames, along 200 KB."""
    frames = _frames(sample(LONG))
    floor = _timed_frames(_Plain(), frames)
    ours = _timed_frames(_Ours(), frames)
    detail = {
        "frames": len(ours),
        "weir_ms": round(statistics.fmean(ours), 3),
        "weir_worst_ms": round(max(ours), 2),
        "plain_text_ms": round(statistics.fmean(floor), 3),
    }
    return Figure("transcript.realtime", sum(ours) / sum(floor), 2.0, detail)


@measures("transcript.naive")
def naive() -> Figure:
    """`QTextBrowser.setMarkdown` of the whole text each frame, against ours, along 200 KB.

    The browser's mean is taken from frames spread evenly over the reply: all of them would take an hour.
    """
    ours = _tight()[0]
    text = sample(LONG)
    view = QTextBrowser()
    view.resize(*SIZE)
    view.show()
    _wait()

    def show(length: int) -> None:
        view.setMarkdown(text[:length])
        bar = view.verticalScrollBar()
        bar.setValue(bar.maximum())
        view.viewport().repaint()

    costs = []
    for number in range(NAIVE_SAMPLES):
        length = int(len(text) * (number + 0.5) / NAIVE_SAMPLES)
        show(length)
        costs.append(_cpu(lambda length=length: show(length + 8)))  # type: ignore[misc]
    _gone(view)
    browser, mean = statistics.fmean(costs), statistics.fmean(ours)
    detail = {
        "browser_ms": round(browser, 2),
        "browser_last_ms": round(costs[-1], 2),
        "weir_ms": round(mean, 3),
    }
    return Figure("transcript.naive", browser / mean, 50.0, detail, at_least=True)


# Ten thousand messages


def _many_and_few() -> tuple[list[Message], list[Message]]:
    """Return 10,000 and 1,000 messages that end alike, so that the same is on screen."""
    many, few = conversation(10_000), conversation(1_000)
    few[-6:] = many[-6:]
    return many, few


def _open_ms(timeline: Timeline, messages: list[Message]) -> float:
    gc.collect()

    def step() -> None:
        timeline.set_messages(messages)
        timeline.viewport().repaint()

    return _cpu(step)


@measures("transcript.open")
def opened() -> Figure:
    """From messages in memory to the end painted: 10,000 against 1,000 of them."""
    many, few = _many_and_few()
    timeline = _shown()
    _open_ms(timeline, few)
    pairs = [(_open_ms(timeline, many), _open_ms(timeline, few)) for _ in range(RUNS)]
    _gone(timeline)
    ours, floor = (median([pair[side] for pair in pairs]) for side in (0, 1))
    detail = {"open_10000_ms": ours, "open_1000_ms": floor}
    return Figure("transcript.open", ours / floor, 1.5, detail)


def _rewrap_ms(timeline: Timeline, messages: list[Message]) -> float:
    """Return what a step of a resize costs that breaks every line anew, in the middle of a transcript."""
    timeline.resize(*SIZE)
    timeline.set_messages(messages)
    _wait(0.1)
    for _ in range(20):
        timeline.scroll_by(-300)
    timeline.viewport().repaint()
    width, height = SIZE
    steps = []
    for number in range(1, 21):
        size = QSize(width - 12 * number, height)

        def step(size: QSize = size) -> None:
            timeline.resize(size)
            timeline.viewport().repaint()

        steps.append(_cpu(step))
        _application().processEvents()
    return statistics.fmean(steps)


@measures("transcript.resize")
def resized() -> Figure:
    """A step of a resize that wraps every line anew: among 10,000 messages against among 1,000."""
    many, few = _many_and_few()
    few[-400:] = many[-400:]
    timeline = _shown()
    _rewrap_ms(timeline, few)
    pairs = [(_rewrap_ms(timeline, many), _rewrap_ms(timeline, few)) for _ in range(RUNS)]
    _gone(timeline)
    ours, floor = (median([pair[side] for pair in pairs]) for side in (0, 1))
    detail = {"step_10000_ms": ours, "step_1000_ms": floor}
    return Figure("transcript.resize", ours / floor, 1.6, detail)


_RESIDENT = """
import os
pages = int(open("/proc/self/statm").read().split()[1])
print(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
"""
_EMPTY_WINDOW = f"""
import time
from PySide6.QtWidgets import QApplication, QWidget
application = QApplication([])
window = QWidget()
window.resize{SIZE}
window.show()
until = time.monotonic() + 0.5
while time.monotonic() < until:
    application.processEvents()
"""
_SCROLLED_THROUGH = f"""
from PySide6.QtWidgets import QApplication
from desktop.ui.theme import Theme
from desktop.ui.timeline.view import Timeline
from tests.support.transcript import conversation
application = QApplication([])
timeline = Timeline(Theme())
timeline.resize{SIZE}
timeline.show()
timeline.set_messages(conversation(10_000))
application.processEvents()
while timeline.page.value:
    timeline.scroll_by({-SIZE[1]})
    timeline.viewport().repaint()
"""


def _memory_of(program: str) -> float:
    """Return the resident memory in MB of a process of its own, at the end of a program."""
    command = [sys.executable, "-c", program + _RESIDENT]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    return float(done.stdout.splitlines()[-1])


@measures("transcript.memory")
def memory() -> Figure:
    """Resident memory with 10,000 messages scrolled through, against an empty window and nothing else."""
    floor, ours = _memory_of(_EMPTY_WINDOW), _memory_of(_SCROLLED_THROUGH)
    detail = {"weir_mb": round(ours, 1), "empty_window_mb": round(floor, 1)}
    return Figure("transcript.memory", ours / floor, 2.5, detail)
