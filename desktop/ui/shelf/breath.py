"""Breath: the calm movement of the mark at rows in which a reply comes."""

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from desktop.chat.shelf import Shelf

if TYPE_CHECKING:
    from desktop.ui.shelf.view import ShelfView

_FRAME_MS = 80
_BREATH_MS = 2_400
_LEAST = 0.12
_MOST = 0.75
_STILL = 0.4


class Breath(QObject):
    """Has the rows on screen in which a reply comes drawn anew some times a second, and no others.

    With `is_still` nothing moves; the mark stays.
    """

    def __init__(self, view: "ShelfView") -> None:
        super().__init__(view)
        self._view = view
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._step)
        self._is_still = False

    @property
    def is_moving(self) -> bool:
        """Whether anything is drawn anew by itself."""
        return self._timer.isActive()

    @property
    def depth(self) -> float:
        """How full the mark is now, from 0 to 1."""
        if not self._timer.isActive():
            return _STILL
        turn = self._clock.elapsed() % _BREATH_MS / _BREATH_MS
        return _LEAST + (_MOST - _LEAST) * (0.5 - 0.5 * math.cos(2 * math.pi * turn))

    def set_still(self, is_still: bool) -> None:
        """Choose whether the mark stays as it is."""
        self._is_still = is_still
        self.look()

    def look(self) -> None:
        """Begin when a row on screen needs it, and end when none does."""
        is_wanted = not self._is_still and self._view.isVisible() and bool(self._rows())
        if is_wanted and not self._timer.isActive():
            self._clock.start()
            self._timer.start()
        elif not is_wanted:
            self._timer.stop()

    def _step(self) -> None:
        rows = self._rows() if self._view.isVisible() else []
        for row in rows:
            self._view.update(self._view.shelf.index(row))
        if not rows:
            self._timer.stop()

    def _rows(self) -> list[int]:
        view = self._view
        first = max(0, view.rows.at(view.verticalOffset()))
        found = []
        for row in range(first, view.rows.count):
            if view.rows.top(row) - view.verticalOffset() > view.viewport().height():
                break
            if view.shelf.index(row).data(Shelf.Role.STREAMING):
                found.append(row)
        return found
