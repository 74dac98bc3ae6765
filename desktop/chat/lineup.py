"""Lineup: the models that the next prompt goes to at once, to have their replies side by side."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from desktop.domain.endpoint import ModelRef

LEAST = 2
MOST = 4


class Lineup(QObject):
    """Up to four models in the order of their columns; one may be there twice.

    With fewer than two nothing is compared, and prompts go to the chosen model as ever.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._refs: tuple[ModelRef, ...] = ()
        self._last: tuple[ModelRef, ...] = ()

    @property
    def refs(self) -> tuple[ModelRef, ...]:
        """The models, from the first column on."""
        return self._refs

    @property
    def last(self) -> tuple[ModelRef, ...]:
        """The models that were compared last in this run."""
        return self._last

    @property
    def is_ready(self) -> bool:
        """Whether there are enough to compare."""
        return len(self._refs) >= LEAST

    @property
    def is_full(self) -> bool:
        """Whether no further one has a place."""
        return len(self._refs) >= MOST

    def add(self, ref: ModelRef) -> bool:
        """Give a model the next column; return whether there was one left."""
        if self.is_full:
            return False
        self._set((*self._refs, ref))
        return True

    def remove(self, index: int) -> None:
        """Take the model of a column out, counted from 0; others ignore it."""
        if 0 <= index < len(self._refs):
            self._set((*self._refs[:index], *self._refs[index + 1 :]))

    def take(self, refs: Sequence[ModelRef]) -> None:
        """Have these models and no others; what is beyond four is left out."""
        self._set(tuple(refs)[:MOST])

    def clear(self) -> None:
        """Compare no more."""
        self._set(())

    def note(self) -> None:
        """Remember that these models are compared: they are offered again the next time."""
        self._last = self._refs

    def keep(self, is_there: Callable[[ModelRef], bool]) -> None:
        """Take out the models that are no longer there."""
        self._set(tuple(ref for ref in self._refs if is_there(ref)))

    def _set(self, refs: tuple[ModelRef, ...]) -> None:
        if refs != self._refs:
            self._refs = refs
            self.changed.emit()
