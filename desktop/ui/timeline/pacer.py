"""Frames: when a growing reply is painted next."""

import time
from collections.abc import Callable, Iterator

from PySide6.QtCore import QEasingCurve, QObject, Qt, QTimer, QVariantAnimation
from PySide6.QtWidgets import QScroller, QScrollerProperties, QWidget

FRAME_MS = 16
RESTRAINT = 4
LONGEST_MS = 500
GLIDE_MS = 120
SHARED_S = 0.004
"""After so much work of a shared frame those whose turn has not come wait for the next one."""


def joined(pending: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Join neighbouring deltas of one kind."""
    runs: list[tuple[str, list[str]]] = []
    for kind, text in pending:
        if runs and runs[-1][0] == kind:
            runs[-1][1].append(text)
        elif text:
            runs.append((kind, [text]))
    return [(kind, "".join(texts)) for kind, texts in runs]


def in_pieces(runs: list[tuple[str, str]], size: int) -> Iterator[tuple[str, str]]:
    """Return runs of text cut so that none is longer than a size."""
    for kind, text in runs:
        for at in range(0, len(text), size):
            yield kind, text[at : at + size]


def pause_s(cost: float, *, is_left: bool) -> float:
    """Return how long after the beginning of a draw the next may begin, given what it cost in seconds."""
    restraint = min(RESTRAINT, 2) if is_left else RESTRAINT
    return min(LONGEST_MS / 1000, max(FRAME_MS / 1000, restraint * cost))


class Beat(QObject):
    """One frame for several pacers of one thread: they draw in turn, and share the time of a single one.

    Whoever had no turn in a frame is the first in the next, so that none of them falls behind. `now` and
    `spent` are those of `Pacer`.
    """

    def __init__(
        self,
        parent: QObject | None = None,
        now: Callable[[], float] = time.perf_counter,
        spent: Callable[[], float] = time.thread_time,
    ) -> None:
        super().__init__(parent)
        self._now = now
        self._spent = spent
        self._due = 0.0
        self._queue: list[Pacer] = []
        self._is_drawing = False
        self._timer = _timer(self, self.flush)

    @property
    def wait_ms(self) -> int:
        """How long the next frame has to wait from now, in milliseconds."""
        return max(0, round((self._due - self._now()) * 1000))

    def is_waiting(self, pacer: "Pacer") -> bool:
        """Whether a pacer has asked for a draw."""
        return pacer in self._queue

    def request(self, pacer: "Pacer") -> None:
        """Let a pacer draw in the next free frame."""
        if pacer not in self._queue:
            self._queue.append(pacer)
        if not self._is_drawing and not self._timer.isActive():
            self._timer.start(self.wait_ms)

    def forget(self, pacer: "Pacer") -> None:
        """Forget what a pacer asked for."""
        if pacer in self._queue:
            self._queue.remove(pacer)

    def note(self, began: float, cost: float, *, is_left: bool) -> None:
        """Take account of a draw out of turn, such as that of a reply's first word."""
        if not self._is_drawing:
            self._due = max(self._due, began + pause_s(cost, is_left=is_left))

    def flush(self) -> None:
        """Draw one frame now."""
        if self._is_drawing:
            return
        self._timer.stop()
        self._is_drawing = True
        began, before = self._now(), self._spent()
        try:
            # As many as there are now: one that leaves something asks again, for the next frame.
            for _ in range(len(self._queue)):
                if not self._queue:
                    break
                self._queue.pop(0).flush()
                if self._spent() - before > SHARED_S:
                    break
        finally:
            self._is_drawing = False
            self._due = began + pause_s(self._spent() - before, is_left=bool(self._queue))
        if self._queue:
            self._timer.start(self.wait_ms)


def _timer(parent: QObject, slot: Callable[[], None]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(slot)
    return timer


class Pacer(QObject):
    """Calls `draw` at most once a frame, and only while something asks for it.

    `draw` returns whether it left something for the next frame.

    A draw that cost more than a quarter of a frame makes the next one later in proportion, so that
    this thread is never busy with it for more than a quarter of the time, or half of it while something
    is left: a fast model cannot starve typing. `now` returns seconds on a monotonic clock, `spent` the
    seconds that this thread has worked. With a `beat` frames come from there, shared with others.
    """

    def __init__(
        self,
        draw: Callable[[], bool],
        parent: QObject,
        now: Callable[[], float] = time.perf_counter,
        spent: Callable[[], float] = time.thread_time,
        beat: Beat | None = None,
    ) -> None:
        super().__init__(parent)
        self._draw = draw
        self._beat = beat
        self._now = now
        self._spent = spent
        self._due = 0.0
        self._is_drawing = False
        self._timer = _timer(self, self.flush)

    @property
    def is_waiting(self) -> bool:
        """Whether a draw is due."""
        return self._timer.isActive() or (self._beat is not None and self._beat.is_waiting(self))

    @property
    def wait_ms(self) -> int:
        """How long the next draw has to wait from now, in milliseconds."""
        return max(0, round((self._due - self._now()) * 1000))

    def request(self) -> None:
        """Ask for a draw in the next free frame."""
        if self._is_drawing:
            return
        if self._beat is not None:
            self._beat.request(self)
        elif not self._timer.isActive():
            self._timer.start(self.wait_ms)

    def flush(self) -> None:
        """Draw now, whatever was asked for before."""
        if self._is_drawing:
            return
        self.cancel()
        self._is_drawing = True
        began, before = self._now(), self._spent()
        is_left = False
        try:
            is_left = self._draw()
        finally:
            self._is_drawing = False
            cost = self._spent() - before
            self._due = began + pause_s(cost, is_left=is_left)
            if self._beat is not None:
                self._beat.note(began, cost, is_left=is_left)
        if is_left:
            self.request()

    def cancel(self) -> None:
        """Forget what was asked for."""
        self._timer.stop()
        if self._beat is not None:
            self._beat.forget(self)


class Glide(QObject):
    """Moves the page over a distance in a moment, or at once where motion is not wanted.

    `move` gets each step in pixels; `end`, if given, is called when the way is done, not when it was
    stopped by the reader.
    """

    def __init__(self, move: Callable[[int], None], parent: QObject) -> None:
        super().__init__(parent)
        self._move = move
        self._end: Callable[[], None] | None = None
        self._done = 0
        self.is_still = False
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(GLIDE_MS)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(self._on_value)
        self._animation.finished.connect(self._on_finished)

    @property
    def is_moving(self) -> bool:
        """Whether the page is on its way."""
        return self._animation.state() == QVariantAnimation.State.Running

    def start(self, distance: int, end: Callable[[], None] | None = None) -> None:
        """Move by `distance` pixels, down if positive; what was left of the last way is added."""
        if self.is_moving:
            distance += int(self._animation.endValue()) - self._done
        self.stop()
        self._end = end
        if self.is_still:
            self._move(distance)
            self._on_finished()
            return
        self._done = 0
        self._animation.setStartValue(0)
        self._animation.setEndValue(distance)
        self._animation.start()

    def stop(self) -> None:
        """Stay where the page is."""
        self._end = None
        self._animation.stop()

    def _on_value(self, value: int) -> None:
        step = value - self._done
        self._done = value
        if step:
            self._move(step)

    def _on_finished(self) -> None:
        end, self._end = self._end, None
        if end is not None:
            end()


class Touch(QObject):
    """Lets fingers move a view, which goes on by itself for a moment unless motion is not wanted."""

    def __init__(self, viewport: QWidget) -> None:
        super().__init__(viewport)
        QScroller.grabGesture(viewport, QScroller.ScrollerGestureType.TouchGesture)
        self._scroller = QScroller.scroller(viewport)
        self._usual = self._scroller.scrollerProperties()
        self.is_still = False

    def set_still(self, is_still: bool) -> None:
        """Choose whether the view stops where the fingers leave it."""
        self.is_still = is_still
        properties = QScrollerProperties(self._usual)
        if is_still:
            properties.setScrollMetric(QScrollerProperties.ScrollMetric.MaximumVelocity, 0.0)
        self._scroller.setScrollerProperties(properties)
