"""Habits: the models used last, and those marked as favourites."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from desktop.chat.ports import Preferred
from desktop.domain.endpoint import ModelRef

RECENT = "models.recent"
FAVOURITES = "models.favourites"
_MOST_RECENT = 5


class Habits(QObject):
    """Keeps them as preferences; `changed` follows every change."""

    changed = Signal()

    def __init__(self, preferred: Preferred, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._preferred = preferred

    @property
    def recent(self) -> tuple[ModelRef, ...]:
        """The models used last, the last one first."""
        return self._read(RECENT)

    @property
    def favourites(self) -> tuple[ModelRef, ...]:
        """The models marked as favourites, in the order in which they were."""
        return self._read(FAVOURITES)

    def note_use(self, ref: ModelRef) -> None:
        """Remember that a model was used."""
        before = self.recent
        if before[:1] != (ref,):
            self._write(RECENT, (ref, *(item for item in before if item != ref))[:_MOST_RECENT])

    def toggle_favourite(self, ref: ModelRef) -> None:
        """Mark a model as a favourite, or no longer."""
        before = self.favourites
        after = tuple(item for item in before if item != ref) if ref in before else (*before, ref)
        self._write(FAVOURITES, after)

    def _read(self, name: str) -> tuple[ModelRef, ...]:
        pairs = (line.partition("\t") for line in self._preferred.read(name, "").split("\n"))
        return tuple(ModelRef(endpoint, model) for endpoint, _, model in pairs if endpoint and model)

    def _write(self, name: str, refs: Iterable[ModelRef]) -> None:
        self._preferred.write(name, "\n".join(f"{ref.endpoint_id}\t{ref.model}" for ref in refs))
        self.changed.emit()
