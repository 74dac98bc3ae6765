"""What hostile texts cost the window: the longest that one of them keeps it from anything else."""

import time

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from desktop.domain.message import Message, MessageState, Role, TextPart
from desktop.ui.collector import Collector
from desktop.ui.theme import Theme
from desktop.ui.timeline.view import Timeline
from tests.benchmarks.figures import Figure, measures
from tests.support.hostile import hostile

MOST_MS = 200.0
_PIECE = 4_096
_MOST_PIECES = 60
_KEPT: list[QApplication] = []
_WARM = "# Warm\n\ntext **bold** `code` $x$\n\n```python\nx = 1\n```\n\n| a |\n|---|\n| b |"


def _message(text: str, state: MessageState = MessageState.FINISHED) -> Message:
    parts = (TextPart(text),) if text else ()
    return Message(
        id="r0", conversation_id="c", parent_id=None, role=Role.ASSISTANT, parts=parts, state=state, created=0
    )


def _breathe(milliseconds: int = 1) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


class _Watch:
    """Times steps on the GUI thread, in milliseconds of its CPU."""

    def __init__(self) -> None:
        self.worst = 0.0
        self.step = ""

    def __call__(self, name: str, began: float) -> None:
        cost = 1000 * (time.thread_time() - began)
        if cost > self.worst:
            self.worst, self.step = cost, name


def _try(timeline: Timeline, text: str, collector: Collector) -> _Watch:
    watch = _Watch()
    view = timeline.viewport()
    began = time.thread_time()
    timeline.set_messages([_message(text)])
    view.repaint()
    watch("open", began)
    for name, distance in (("up", -500), ("up again", -20_000), ("down", 600)):
        began = time.thread_time()
        timeline.scroll_by(distance)
        view.repaint()
        watch(name, began)
    began = time.thread_time()
    timeline.resize(timeline.width() - 40, timeline.height())
    QApplication.processEvents()
    watch("resize", began)
    timeline.resize(timeline.width() + 40, timeline.height())
    # The last pieces of a long text cost no less than the ones before.
    pieces = [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]
    timeline.set_messages([_message("".join(pieces[:-_MOST_PIECES]), MessageState.STREAMING)])
    timeline.begin_reply("r0")
    for piece in pieces[-_MOST_PIECES:]:
        began = time.thread_time()
        timeline.feed("text", piece)
        timeline.pacer.flush()
        watch("stream", began)
    began = time.thread_time()
    timeline.end_reply(_message(text))
    view.repaint()
    watch("end", began)
    _breathe()
    began = time.thread_time()
    collector.check()
    watch("collect", began)
    return watch


@measures("transcript.hostile")
def hostile_texts() -> Figure:
    """The longest step of any hostile text (open, scroll, resize, 4 KB of stream, end) against 200 ms."""
    if QApplication.instance() is None:
        _KEPT.append(QApplication([]))
    timeline = Timeline(Theme())
    timeline.resize(900, 800)
    timeline.show()
    # Garbage is collected as in the program: between the steps, and never in one.
    collector = Collector(timeline)
    _breathe(300)
    _try(
        timeline,
        "# Warm\n\ntext **bold** `code` $x$\n\n```python\nx = 1\n```\n\n| a |\n|---|\n| b |",
        collector,
    )
    found = {name: _try(timeline, text, collector) for name, text in hostile().items()}
    collector.close()
    timeline.close()
    timeline.deleteLater()
    slowest = sorted(found.items(), key=lambda one: -one[1].worst)
    detail = {f"{name}_ms ({watch.step})": round(watch.worst, 1) for name, watch in slowest[:8]}
    return Figure("transcript.hostile", slowest[0][1].worst / MOST_MS, 1.0, detail)
