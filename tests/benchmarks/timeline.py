"""The transcript view: opening, scrolling and growing under ten thousand messages."""

import gc
import statistics
import time
from collections.abc import Callable

from PySide6.QtWidgets import QApplication, QPlainTextEdit

from desktop.domain.message import Message
from desktop.ui.theme import Theme
from desktop.ui.timeline.view import Timeline
from tests.benchmarks._stage import SIZE, insert, plain_window, reply_pieces
from tests.benchmarks.figures import Figure, measures, median
from tests.support.transcript import conversation, prompt, streaming

RUNS = 5
FRAMES = 2000
DELTAS_A_FRAME = 2


def _application() -> QApplication:
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    return application


def _shown() -> Timeline:
    _application()
    made = Timeline(Theme())
    made.resize(*SIZE)
    made.show()
    _wait()
    return made


def _floor_window() -> QPlainTextEdit:
    made = plain_window()
    _wait()
    return made


def _wait() -> None:
    until = time.monotonic() + 0.3
    while time.monotonic() < until:
        _application().processEvents()


def _gone(widget: Timeline | QPlainTextEdit) -> None:
    widget.close()
    widget.deleteLater()
    _application().processEvents()


def _open_ms(timeline: Timeline, messages: list[Message]) -> float:
    gc.collect()
    began = time.thread_time()
    timeline.set_messages(messages)
    timeline.viewport().repaint()
    return (time.thread_time() - began) * 1000


@measures("timeline.open")
def opened() -> Figure:
    """Thread time from messages in memory to the end painted: 10,000 against 1,000 of them."""
    many, few = conversation(10_000), conversation(1_000)
    few[-6:] = many[-6:]
    timeline = _shown()
    _open_ms(timeline, few)
    pairs = [(_open_ms(timeline, many), _open_ms(timeline, few)) for _ in range(RUNS)]
    _gone(timeline)
    ours, floor = (median([pair[side] for pair in pairs]) for side in (0, 1))
    detail = {"open_10000_ms": ours, "open_1000_ms": floor}
    return Figure("timeline.open", ours / floor, 1.5, detail)


def _timed(step: Callable[[], None]) -> float:
    began = time.thread_time()
    step()
    return (time.thread_time() - began) * 1000


@measures("timeline.scroll")
def scrolled() -> Figure:
    """A wheel step over messages never shown before, against the plain view's full repaint."""
    timeline = _shown()
    timeline.set_messages(conversation(10_000))

    def step() -> None:
        timeline.scroll_by(-100)
        _application().processEvents()

    steps = [_timed(step) for _ in range(200)]
    width, height = SIZE
    resizes = []
    for number in range(20):
        timeline.resize(width - 5 * number, height)

        def settle() -> None:
            _application().processEvents()

        resizes.append(_timed(settle))
    _gone(timeline)
    edit = _floor_window()
    insert(edit, "words that fill a line of the window and a little more\n" * 60)
    floor = median([_timed(edit.viewport().repaint) for _ in range(50)])
    _gone(edit)
    ours = median(steps)
    detail = {
        "step_ms": ours,
        "step_p95_ms": round(statistics.quantiles(steps, n=20)[-1], 2),
        "resize_step_ms": median(resizes),
        "plain_repaint_ms": floor,
    }
    return Figure("timeline.scroll", ours / floor, 4.0, detail)


def _grown(frames: list[str], above: int) -> list[float]:
    timeline = _shown()
    timeline.set_messages([*conversation(above), prompt(1_000_000), streaming(1_000_000)])
    timeline.begin_reply("r1000000")

    def frame(text: str) -> None:
        timeline.feed("text", text)
        timeline.pacer.flush()

    costs = [_timed(lambda text=text: frame(text)) for text in frames]  # type: ignore[misc]
    _gone(timeline)
    return costs


def _floor(frames: list[str]) -> list[float]:
    edit = _floor_window()
    costs = [_timed(lambda text=text: insert(edit, text)) for text in frames]  # type: ignore[misc]
    _gone(edit)
    return costs


@measures("timeline.grow")
def grown() -> Figure:
    """Main-thread time to stream a reply under 10,000 messages, against a plain text view."""
    pieces = reply_pieces(FRAMES * DELTAS_A_FRAME)
    frames = ["".join(pieces[at : at + DELTAS_A_FRAME]) for at in range(0, len(pieces), DELTAS_A_FRAME)]
    pairs = [(_grown(frames, 10_000), _floor(frames)) for _ in range(3)]
    ours = median([sum(pair[0]) for pair in pairs])
    floor = median([sum(pair[1]) for pair in pairs])
    tenth = len(frames) // 10
    growth = median(
        [statistics.median(pair[0][-tenth:]) / statistics.median(pair[0][:tenth]) for pair in pairs]
    )
    detail = {
        "weir_ms_per_frame": round(ours / len(frames), 3),
        "plain_text_ms_per_frame": round(floor / len(frames), 3),
        "last_to_first_tenth": growth,
        "worst_frame_ms": round(max(max(pair[0][20:]) for pair in pairs), 1),
    }
    return Figure("timeline.grow", ours / floor, 1.2, detail)
