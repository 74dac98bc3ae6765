"""The sections for what is not text: pictures, files, and what can only be named."""

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPainterPath

from desktop.domain.message import ImagePart
from desktop.ui.theme import RADIUS_CODE
from desktop.ui.timeline import words
from desktop.ui.timeline.paint import Ink, Look, card, text_line
from desktop.ui.timeline.raster import decoded, natural_size
from desktop.ui.timeline.section import Section


class Tag(Section):
    """A name in a frame: a file that goes with a prompt, a tool call, content of an unknown kind."""

    gap = 8

    def __init__(self, key: int, look: Look, name: str, note: str, *, at_right: bool) -> None:
        super().__init__(key, look)
        self._name = name or words.tr("File without a name")
        self._note = " ".join(note.split())
        self._at_right = at_right
        self._rect = QRectF()

    @property
    def source(self) -> str:
        return f"[{self._name}]"

    def lay_out(self, width: int) -> None:
        self.width = width
        look = self.look
        name = look.strong_metrics.horizontalAdvance(self._name)
        note = look.small_metrics.horizontalAdvance(self._note)
        wide = min(width, look.px(420), name + note + look.px(36))
        self.height = look.px(34)
        self._rect = look.at(QRectF(width - wide if self._at_right else 0, 0, wide, look.px(30)), width)

    def paint(self, painter: QPainter, clip: QRectF, ink: Ink) -> None:
        del clip, ink
        look = self.look
        card(painter, self._rect, look.color("card"), look.px(8), look.color("line"), look.line_px)
        inner = self._rect.adjusted(look.px(12), 0, -look.px(12), 0)
        name = min(inner.width(), look.strong_metrics.horizontalAdvance(self._name) + 1)
        first, rest = (
            inner.adjusted(0, 0, name - inner.width(), 0),
            inner.adjusted(name + look.px(10), 0, 0, 0),
        )
        if look.is_mirrored:
            first, rest = (
                inner.adjusted(inner.width() - name, 0, 0, 0),
                inner.adjusted(0, 0, -name - look.px(10), 0),
            )
        text_line(painter, first, self._name, look.small_strong, look.color("text"))
        if rest.width() > look.px(24):
            text_line(painter, rest, self._note, look.small, look.color("muted"))


class Pictures(QObject):
    """Decodes pictures on threads of their own; `arrived` says that there is something new to paint."""

    arrived = Signal()
    _decoded = Signal(object, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._decoded.connect(self._on_decoded)

    def decode(self, data: bytes, size: QSize, put: Callable[[QImage], None]) -> None:
        """Decode an image to a size in pixels; `put` gets it later on this thread, null if it failed."""
        thread = threading.Thread(target=self._run, args=(data, size, put), name="picture", daemon=True)
        thread.start()

    def _run(self, data: bytes, size: QSize, put: Callable[[QImage], None]) -> None:
        image = decoded(data, size)
        try:
            self._decoded.emit(put, image)
        except RuntimeError:
            # The window went while the picture was being decoded.
            return

    def _on_decoded(self, put: Callable[[QImage], None], image: QImage) -> None:
        put(image)
        self.arrived.emit()


class Picture(Section):
    """An image that came with a message, scaled down to fit; decoded once it is to be seen."""

    gap = 8

    def __init__(self, key: int, look: Look, part: ImagePart, *, at_right: bool) -> None:
        super().__init__(key, look)
        self._part = part
        self._at_right = at_right
        self._natural = natural_size(part.data)
        self._rect = QRectF()
        self._image: QImage | None = None
        self._wanted = QSize()

    @property
    def source(self) -> str:
        return f"[{self._part.name or words.tr('Picture')}]"

    def lay_out(self, width: int) -> None:
        self.width = width
        look = self.look
        if self._natural.isEmpty():
            self._rect = QRectF(0, 0, min(width, look.px(220)), look.px(30))
        else:
            most = QSize(min(width, look.px(320)), look.px(240))
            fitted = self._natural
            if fitted.width() > most.width() or fitted.height() > most.height():
                fitted = fitted.scaled(most, Qt.AspectRatioMode.KeepAspectRatio)
            self._rect = QRectF(0, 0, max(24, fitted.width()), max(24, fitted.height()))
        if self._at_right:
            self._rect.moveRight(width)
        self._rect = look.at(self._rect, width)
        self.height = int(self._rect.height()) + look.px(4)

    def paint(self, painter: QPainter, clip: QRectF, ink: Ink) -> None:
        del clip, ink
        look = self.look
        card(painter, self._rect, look.color("code"), look.px(RADIUS_CODE), look.color("line"), look.line_px)
        if not self._natural.isEmpty():
            self._want(self._rect.size().toSize() * painter.device().devicePixelRatioF())
        if self._image is not None and not self._image.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            inner = self._rect.adjusted(1, 1, -1, -1)
            corners = QPainterPath()
            corners.addRoundedRect(inner, look.px(RADIUS_CODE) - 1, look.px(RADIUS_CODE) - 1)
            painter.setClipPath(corners, Qt.ClipOperation.IntersectClip)
            painter.drawImage(inner, self._image)
        elif self._natural.isEmpty() or self._image is not None:
            name = self._part.name or words.tr("Picture that can’t be shown")
            inner = self._rect.adjusted(look.px(10), 0, -look.px(10), 0)
            text_line(painter, inner, name, look.small, look.color("muted"))

    def _want(self, size: QSize) -> None:
        if size != self._wanted and self.look.pictures is not None:
            self._wanted = size
            self.look.pictures.decode(self._part.data, size, self._put)

    def _put(self, image: QImage) -> None:
        self._image = image
