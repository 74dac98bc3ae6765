"""The reply that grows at the end of a timeline: what has come, when it is painted, what is said of it."""

import time
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAccessible

from desktop.domain.message import Message, MessageState
from desktop.ui.timeline import accessible, words
from desktop.ui.timeline.pacer import Beat, Pacer, in_pieces, joined
from desktop.ui.timeline.voice import Herald, Voice

if TYPE_CHECKING:
    from desktop.ui.timeline.view import Timeline

_FRAME_S = 0.012
_PIECE = 1_000


class Growth(QObject):
    """Takes the deltas of one reply at a time and paints them with the next frame."""

    def __init__(self, timeline: "Timeline", beat: Beat | None = None) -> None:
        super().__init__(timeline)
        self._timeline = timeline
        self._pending: list[tuple[str, str]] = []
        self._is_ending = False
        self._has_text = False
        self._waiting_since = 0.0
        self._herald = Herald(partial(accessible.announce, timeline), self)
        self._voice = Voice(self._herald.say, self._is_heard)
        self.pacer = Pacer(self._draw, self, beat=beat)
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self._on_second)

    def begin(self, message_id: str, *, waits: bool) -> None:
        """Let a message grow. Raises KeyError if it is not here."""
        self.stop()
        page = self._timeline.page
        index = page.index_of(message_id)
        if index is None:
            raise KeyError(message_id)
        with page.held():
            item = page.item(index)
            item.begin(waits=waits)
            page.growing = item
            page.remeasure(item)
        page.await_start()
        self._has_text = False
        self._waiting_since = time.monotonic()
        self._second.start()

    def set_waiting(self, label: str, fraction: float | None) -> None:
        """Say what happens before the first word, and how far it is from 0 to 1 where that is known."""
        item = self._timeline.page.growing
        waiting = item.waiting if item is not None else None
        if item is not None and waiting is not None:
            waiting.label, waiting.fraction = label, fraction
            self._timeline.update_item(item)

    def feed(self, kind: str, text: str) -> None:
        """Take a delta. The first one with text is painted at once."""
        self._pending.append((kind, text))
        if self._has_text:
            self.pacer.request()
        elif text:
            self._has_text = True
            self.pacer.flush()

    def end(self, message: Message) -> None:
        """Paint what is still due, and let the reply grow no more."""
        # Not in slices: what is left is laid out once.
        self._is_ending = True
        self.pacer.flush()
        self._is_ending = False
        if message.state is not MessageState.FINISHED:
            self._herald.forget()
        self._voice.end(words.said_of_end(message))
        self._herald.flush()
        self.stop()

    def stop(self) -> None:
        """Drop what was not painted yet; nothing grows any more."""
        self._second.stop()
        self.pacer.cancel()
        self._pending.clear()
        self._voice.forget()
        self._herald.forget()
        self._has_text = False
        self._timeline.page.growing = None

    def _is_heard(self) -> bool:
        return self._timeline.is_read_aloud and QAccessible.isActive()

    def _on_second(self) -> None:
        item = self._timeline.page.growing
        waiting = item.waiting if item is not None else None
        if item is None or waiting is None:
            self._second.stop()
            return
        waiting.elapsed = int(time.monotonic() - self._waiting_since)
        self._timeline.update_item(item)

    def _draw(self) -> bool:
        """One frame: the text that has come, its layout, and its painting, in one step.

        Returns whether some is left, because more has come than a frame has time for.
        """
        pending, self._pending = self._pending, []
        timeline = self._timeline
        page = timeline.page
        item = page.growing
        if item is None or not pending:
            return False
        old = page.spots
        spot = page.spot_of(item.message.id)
        is_held = not page.is_pinned and (spot is None or spot.y < 0)
        mark = page.mark() if is_held else None
        top, bottom, before = item.height, 0, item.height
        may_fold = page.is_pinned or page.is_at_start or spot is None
        until = time.perf_counter() + _FRAME_S
        pieces = iter(joined(pending)) if self._is_ending else in_pieces(joined(pending), _PIECE)
        for kind, text in pieces:
            first, last = item.feed(kind, text, may_fold=may_fold)
            top, bottom = min(top, first), max(bottom, last)
            if not page.is_pinned:
                timeline.end_button.add(text)
            self._voice.hear(kind, text)
            if time.perf_counter() > until and not self._is_ending:
                break
        # What is left comes before what has come meanwhile, which is nothing: no slot of ours feeds.
        self._pending = list(pieces)
        if is_held:
            page.remeasure(item)
            with page.held(mark):
                pass
            timeline.sync()
        elif item.height != before:
            page.remeasure(item)
            page.settle()
            page.stay_at_start()
            timeline.sync()
            bottom = max(bottom, before)
        timeline.canvas.show_growth(old, item, top, bottom)
        timeline.finder.touch(item.message.id)
        return bool(self._pending)
