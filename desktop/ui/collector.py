"""Collector: Python's cycle collector, on the window's thread alone."""

import gc

from PySide6.QtCore import QObject, QTimer

CHECK_MS = 250
BUSY_MS = 25
_OVERDUE = 10


class Collector(QObject):
    """Collects cycles from a timer of the window's thread; nothing else does while it lives.

    The interpreter starts a collection in whichever thread happens to allocate. A QObject that dies
    in the history's or the keyring's thread while it has timers crashes the program, so the automatic
    collection is off. It also stops a collection from falling into the middle of a frame.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_enabled = gc.isenabled()
        self._thresholds = gc.get_threshold()
        gc.disable()
        # What the program is built of is never garbage, and need not be looked through again.
        gc.freeze()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.check)
        self._timer.start(CHECK_MS)

    def check(self) -> int | None:
        """Collect the oldest generation that is due; return which, or None.

        While much is made, as by a fast reply, this comes often so that each time is short, and the
        oldest generation, which takes longest, waits for a quiet moment.
        """
        counts = gc.get_count()
        is_busy = counts[0] > self._thresholds[0]
        if self._timer.interval() != (BUSY_MS if is_busy else CHECK_MS):
            self._timer.setInterval(BUSY_MS if is_busy else CHECK_MS)
        for generation in (2, 1, 0):
            limit = self._thresholds[generation]
            if generation == 2 and is_busy:
                limit *= _OVERDUE
            if counts[generation] > limit:
                gc.collect(generation)
                return generation
        return None

    def close(self) -> None:
        """Give the collection back to the interpreter."""
        self._timer.stop()
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()
