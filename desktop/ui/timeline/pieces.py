"""The sections for what is not text: pictures, files, and what can only be named."""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter

from desktop.domain.message import ImagePart
from desktop.ui.theme import RADIUS_CODE
from desktop.ui.timeline import words
from desktop.ui.timeline.paint import Ink, Look, card, text_line
from desktop.ui.timeline.section import Section

_FORMATS = frozenset({b"png", b"jpeg", b"jpg", b"gif", b"webp", b"bmp"})
_MOST_PIXELS = 64_000_000


class Tag(Section):
    """A name in a frame: a file that goes with a prompt, a tool call, content of an unknown kind."""

    gap = 6

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
        self._rect = QRectF(width - wide if self._at_right else 0, 0, wide, look.px(30))

    def paint(self, painter: QPainter, clip: QRectF, ink: Ink) -> None:
        del clip, ink
        look = self.look
        card(painter, self._rect, look.color("card"), look.px(8), look.color("line"))
        inner = self._rect.adjusted(look.px(12), 0, -look.px(12), 0)
        name = min(inner.width(), look.strong_metrics.horizontalAdvance(self._name) + 1)
        text_line(
            painter,
            QRectF(inner.left(), inner.top(), name, inner.height()),
            self._name,
            look.small_strong,
            look.color("text"),
        )
        rest = inner.adjusted(name + look.px(10), 0, 0, 0)
        if rest.width() > look.px(24):
            text_line(painter, rest, self._note, look.small, look.color("muted"))


class Picture(Section):
    """An image that came with a message, scaled down to fit; decoded when it is first painted."""

    gap = 6

    def __init__(self, key: int, look: Look, part: ImagePart, *, at_right: bool) -> None:
        super().__init__(key, look)
        self._part = part
        self._at_right = at_right
        self._natural = self._read_size()
        self._rect = QRectF()
        self._image: QImage | None = None

    @property
    def source(self) -> str:
        return f"[{self._part.name or words.tr('Picture')}]"

    def _reader(self) -> tuple[QImageReader, QBuffer]:
        buffer = QBuffer()
        buffer.setData(QByteArray(self._part.data))
        buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        return QImageReader(buffer), buffer

    def _read_size(self) -> QSize:
        """Return the size its head names, or an empty one for what is no picture we show."""
        reader, buffer = self._reader()
        size = reader.size() if reader.format().data() in _FORMATS else QSize()
        buffer.close()
        return size if 0 < size.width() * size.height() <= _MOST_PIXELS else QSize()

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
        self.height = int(self._rect.height()) + look.px(4)

    def paint(self, painter: QPainter, clip: QRectF, ink: Ink) -> None:
        del clip, ink
        look = self.look
        radius = look.px(RADIUS_CODE)
        ratio = painter.device().devicePixelRatio()
        if self._image is None and not self._natural.isEmpty():
            self._image = self._decode(ratio)
        card(painter, self._rect, look.color("code"), radius, look.color("line"))
        if self._image is None or self._image.isNull():
            name = self._part.name or words.tr("Picture that can’t be shown")
            inner = self._rect.adjusted(look.px(10), 0, -look.px(10), 0)
            text_line(painter, inner, name, look.small, look.color("muted"))
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self._rect.adjusted(1, 1, -1, -1), self._image)

    def _decode(self, ratio: float) -> QImage:
        reader, buffer = self._reader()
        reader.setAutoTransform(True)
        size = self._rect.size().toSize() * ratio
        if size.width() < self._natural.width():
            # The reader scales while it decodes, which for photographs costs a fraction of the whole.
            reader.setScaledSize(size)
        image = reader.read()
        buffer.close()
        return image
