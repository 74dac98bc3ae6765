"""LateInspection: the inspector's lower half, imported when somebody looks.

Imports little: it is there from the start, and hardly anybody inspects a stream in every run.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from desktop.domain.inspection import Examination
from desktop.domain.recording import Exchange, Recorder, Recording

if TYPE_CHECKING:
    from desktop.inspection.service import RecordedStreams


class LateInspection:
    """Fits the `Inspection` that the window wants."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._streams: RecordedStreams | None = None

    @property
    def dropped(self) -> int:
        """How many recordings were dropped to make room."""
        return self._recorder.dropped

    def recording(self, reply_id: str) -> Recording | None:
        """Return what was recorded of a reply."""
        return self._recorder.recording(reply_id)

    def examine(self, exchange: Exchange) -> Examination:
        """Begin to examine an exchange."""
        return self._built().examine(exchange)

    def curl(self, exchange: Exchange) -> str:
        """Return the request as a command for a POSIX shell."""
        return self._built().curl(exchange)

    def body(self, exchange: Exchange, most: int | None = None) -> str:
        """Return the body of the request, or its beginning."""
        return self._built().body(exchange, most)

    def save(self, exchange: Exchange, file: Path) -> None:
        """Write an exchange to a file. Raises InspectionError."""
        self._built().save(exchange, file)

    def _built(self) -> "RecordedStreams":
        if self._streams is None:
            from desktop.inspection.service import RecordedStreams

            self._streams = RecordedStreams()
        return self._streams
