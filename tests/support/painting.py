"""What our own code paints as text, written down while it paints."""

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QFontMetricsF, QPainter

_WRAPS = Qt.TextFlag.TextWordWrap.value | Qt.TextFlag.TextWrapAnywhere.value
_DONT_CLIP = Qt.TextFlag.TextDontClip.value


class Painting:
    """Notes texts that are painted by `QPainter.drawText` and shortened by `elidedText`, while entered.

    `painted` are all the texts, `cut` those that have less room than they need, with both widths in
    pixels, and `elided` the whole of those that were shortened.
    """

    def __init__(self) -> None:
        self.painted: list[str] = []
        self.cut: list[tuple[str, float, float]] = []
        self.elided: list[str] = []
        self._kept: list[tuple[Any, str, Callable[..., Any]]] = []

    def __enter__(self) -> Self:
        self._watch(QPainter, "drawText", self._note_text)
        self._watch(QFontMetrics, "elidedText", self._note_elided)
        self._watch(QFontMetricsF, "elidedText", self._note_elided)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for owner, name, was in self._kept:
            setattr(owner, name, was)

    def _watch(self, owner: Any, name: str, note: Callable[..., None]) -> None:
        was = getattr(owner, name)

        def watched(its: Any, *arguments: Any) -> Any:
            came = was(its, *arguments)
            note(its, arguments, came)
            return came

        self._kept.append((owner, name, was))
        setattr(owner, name, watched)

    def _note_elided(self, _metrics: Any, arguments: tuple[Any, ...], came: str) -> None:
        if came != arguments[0]:
            self.elided.append(arguments[0])

    def _note_text(self, painter: QPainter, arguments: tuple[Any, ...], _came: object) -> None:
        text = next((each for each in reversed(arguments) if isinstance(each, str)), "")
        if not text.strip():
            return
        self.painted.append(text)
        room = arguments[0]
        if isinstance(room, QRect | QRectF):
            self._note_in_room(painter, text, QRectF(room), arguments[1:])
        elif isinstance(room, QPoint | QPointF) and painter.hasClipping():
            self._note_at(painter, text, room.x())

    def _note_in_room(self, painter: QPainter, text: str, room: QRectF, rest: tuple[Any, ...]) -> None:
        flags = next((int(getattr(each, "value", each)) for each in rest if not isinstance(each, str)), 0)
        metrics = QFontMetricsF(painter.font())
        if flags & _WRAPS:
            need = metrics.boundingRect(QRectF(0, 0, room.width(), 1e6), flags, text).height()
            if need > room.height() + 2:
                self.cut.append((text, need, room.height()))
        elif not flags & _DONT_CLIP:
            need = metrics.horizontalAdvance(text)
            if need > room.width() + 1.5:
                self.cut.append((text, need, room.width()))

    def _note_at(self, painter: QPainter, text: str, x: float) -> None:
        clip = painter.clipBoundingRect()
        end = x + QFontMetricsF(painter.font()).horizontalAdvance(text)
        if not clip.isEmpty() and end > clip.right() + 1.5:
            self.cut.append((text, end - x, clip.right() - x))
