"""What stands in a line of text without being text: set formulas, and pictures from elsewhere.

The text itself stays what it is; an inlay only takes the place of its stretch on screen. Formulas are set on
a thread of their own, pictures come by a port and only when the reader asks. Until then, and where it cannot
be had, there is the source or a placeholder.
"""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Hashable

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from desktop.markup import inline
from desktop.markup.formula import LONGEST, Formula, set_formula
from desktop.markup.inline import Run
from desktop.ui.timeline.flow_style import FlowStyle, TextStyle
from desktop.ui.timeline.remote import PictureInlay, PictureSource, RemotePicture, decoded_remote, is_remote
from desktop.ui.timeline.words import tr

_MOST_FORMULAS = 600
_MOST_ASKED = 400
_GATHER_MS = 40
# The letters of the mathematical font look smaller than those of the interface.
_SCALE = 1.12
# A formula that is wider than its line shrinks so far to fit; beyond that it stays source.
_LEAST_SCALE = 0.7

Key = Hashable


class Outlines:
    """A formula ready to be painted; lengths in units of the font size."""

    __slots__ = ("_fill", "_lines", "ascent", "descent", "width")

    def __init__(self, formula: Formula) -> None:
        self.width = formula.width
        self.ascent = formula.ascent
        self.descent = formula.descent
        self._fill = QPainterPath()
        self._fill.setFillRule(Qt.FillRule.WindingFill)
        self._lines: list[tuple[float, QPainterPath]] = []
        for outline in formula.outlines:
            path = self._fill
            if outline.stroke:
                path = QPainterPath()
                self._lines.append((outline.stroke, path))
            for name, at in outline.steps:
                if name == "M":
                    path.moveTo(*at)
                elif name == "L":
                    path.lineTo(*at)
                elif name == "Q":
                    path.quadTo(*at)
                elif name == "C":
                    path.cubicTo(*at)
                else:
                    path.closeSubpath()

    def paint(self, painter: QPainter, x: float, baseline: float, size: float, color: QColor) -> None:
        """Paint with the left end of the baseline at a place; `size` is the font size in pixels."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(x, baseline)
        painter.scale(size, size)
        painter.fillPath(self._fill, color)
        for width, path in self._lines:
            painter.strokePath(path, QPen(color, width))
        painter.restore()


class FormulaInlay:
    """A formula at a size. `width`, `ascent` and `descent` are pixels, with a little room at both sides."""

    __slots__ = ("_outlines", "_pad", "_size", "ascent", "descent", "width")

    def __init__(self, outlines: Outlines, size: float, pad: float) -> None:
        self._outlines = outlines
        self._size = size
        self._pad = pad
        self.width = outlines.width * size + 2 * pad
        self.ascent = outlines.ascent * size
        self.descent = outlines.descent * size

    def paint(self, painter: QPainter, x: float, baseline: float, color: QColor) -> None:
        """Paint with the left end of the baseline at a place."""
        self._outlines.paint(painter, x + self._pad, baseline, self._size, color)


Inlay = FormulaInlay | PictureInlay


class Inlays(QObject):
    """Makes inlays and keeps what they are made of.

    `arrived` carries the keys of what can be shown now, or looks different: whoever asked for one of them
    asks again.
    """

    arrived = Signal(object)
    _set = Signal(object, object)
    _seen = Signal(object, object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.source: PictureSource | None = None
        self._formulas: OrderedDict[Key, Outlines | None] = OrderedDict()
        self._pictures: dict[str, RemotePicture] = {}
        self._asked: set[Key] = set()
        self._queue: deque[tuple[Key, str, bool]] = deque()
        self._lock = threading.Lock()
        self._is_setting = False
        self._arrived: set[Key] = set()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._tell)
        self._set.connect(self._on_set)
        self._seen.connect(self._on_seen)
        # Qt's classes are made known to Python here: two threads that both begin it wait for each other.
        QPainterPath().closeSubpath()

    # Formulas

    def formula(self, source: str, *, is_display: bool) -> Outlines | None:
        """Return a formula if it is set; else it is set by and by, unless it cannot be."""
        key = ("formula", source, is_display)
        if key in self._formulas:
            self._formulas.move_to_end(key)
            return self._formulas[key]
        if len(source) > LONGEST or len(self._asked) >= _MOST_ASKED:
            return None
        if key not in self._asked:
            self._asked.add(key)
            with self._lock:
                self._queue.append((key, source, is_display))
                if not self._is_setting:
                    self._is_setting = True
                    threading.Thread(target=self._set_all, name="formulas", daemon=True).start()
        return None

    @property
    def is_idle(self) -> bool:
        """Whether nothing that was asked for is still to come."""
        return not self._asked and not self._arrived

    @property
    def known(self) -> frozenset[Key]:
        """The keys of everything that can be shown."""
        formulas = {key for key, outlines in self._formulas.items() if outlines is not None}
        return frozenset(formulas | {("picture", address) for address in self._pictures})

    def _set_all(self) -> None:
        while True:
            with self._lock:
                if not self._queue:
                    self._is_setting = False
                    return
                key, source, is_display = self._queue.popleft()
            began = time.thread_time()
            formula = set_formula(source, is_display=is_display)
            made = Outlines(formula) if formula is not None else None
            # Python runs one thread at a time: the window gets at least as much as the formulas.
            time.sleep(time.thread_time() - began)
            try:
                self._set.emit(key, made)
            except RuntimeError:
                # The window went while the formula was being set.
                return

    def _on_set(self, key: Key, outlines: Outlines | None) -> None:
        self._asked.discard(key)
        self._formulas[key] = outlines
        while len(self._formulas) > _MOST_FORMULAS:
            self._formulas.popitem(last=False)
        if outlines is not None:
            self._arrived.add(key)
            if not self._pause.isActive():
                self._pause.start(_GATHER_MS)

    def _tell(self) -> None:
        """Say what has come, together, because each time whole paragraphs are laid out again."""
        keys, self._arrived = frozenset(self._arrived), set()
        began = time.perf_counter()
        self.arrived.emit(keys)
        # What this costs is a small part of the time, however much there is to lay out.
        self._pause.start(_GATHER_MS + int(8_000 * (time.perf_counter() - began)))
        if not self._arrived and not self._asked:
            self._pause.stop()

    # Pictures

    def load(self, address: str) -> None:
        """Fetch a picture that the reader asked for, once; nothing else ever does."""
        picture = self._pictures.setdefault(address, RemotePicture(address))
        if self.source is None or not is_remote(address) or picture.is_loading or picture.image is not None:
            return
        picture.is_loading, picture.problem = True, ""
        self.arrived.emit(frozenset({("picture", address)}))
        self.source(address, lambda data, problem: self._on_fetched(picture, data, problem))

    def _on_fetched(self, picture: RemotePicture, data: bytes, problem: str) -> None:
        if not data:
            self._on_seen(picture, None, problem)
            return

        def decode() -> None:
            image = decoded_remote(data)
            try:
                self._seen.emit(picture, image, "" if image is not None else tr("not a picture"))
            except RuntimeError:
                return

        threading.Thread(target=decode, name="picture", daemon=True).start()

    def _on_seen(self, picture: RemotePicture, image: QImage | None, problem: str) -> None:
        picture.is_loading = False
        picture.image, picture.problem = image, problem
        self.arrived.emit(frozenset({("picture", picture.address)}))

    def is_shown(self, address: str) -> bool:
        """Return whether the picture at an address is on screen instead of its placeholder."""
        return self.picture(address).image is not None

    def picture(self, address: str) -> RemotePicture:
        """Return what is known of a picture; asking loads nothing."""
        found = self._pictures.get(address)
        return found if found is not None else RemotePicture(address)

    # Both

    @staticmethod
    def key(run: Run, text: str) -> Key | None:
        """Return the key of what could stand in a run's place, or None."""
        if run.marks & inline.MATH:
            return "formula", text, bool(run.marks & inline.DISPLAY)
        if run.marks & inline.IMAGE and is_remote(run.href):
            return "picture", run.href
        return None

    def inlay(self, run: Run, text: str, width: float, style: FlowStyle, look: TextStyle) -> Inlay | None:
        """Return what stands in a run's place in lines of a width, or None for its text."""
        if run.marks & inline.MATH:
            outlines = self.formula(text, is_display=bool(run.marks & inline.DISPLAY))
            size, pad = look.pixels * _SCALE, style.px(1)
            if outlines is None:
                return None
            fitted = min(1.0, (width - 2 * pad) / max(0.01, outlines.width * size))
            return FormulaInlay(outlines, size * fitted, pad) if fitted >= _LEAST_SCALE else None
        if self.source is not None and is_remote(run.href):
            return PictureInlay(self.picture(run.href), text, width, style)
        return None


def centred(outlines: Outlines, look: TextStyle, width: float) -> tuple[float, float]:
    """Return the size of a display formula, shrunk a little to fit a width, and its x in the middle of it."""
    size = look.pixels * _SCALE
    fitted = min(1.0, max(_LEAST_SCALE, width / max(0.01, outlines.width * size)))
    size *= fitted
    return size, max(0.0, round((width - outlines.width * size) / 2))
