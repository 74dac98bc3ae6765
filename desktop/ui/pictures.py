"""Images that go with a prompt, made what services take. For worker threads: a photograph takes a while."""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QImageWriter, QPainter

from desktop.domain.failure import AttachError
from desktop.domain.message import ImagePart

TAKEN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What OpenAI, Anthropic and Google all take."""

MOST_BYTES = 3_700_000
"""Anthropic takes 5 MB as base64, which is a third longer; the others take more."""

MOST_SIDE = 8000
FITTED_SIDE = 3000
_QUALITY = 90

# Made at the import, which is in the GUI thread: PySide6 makes its classes when they are first touched, and
# two threads that do so at once can wait for each other for ever.
_READING, _WRITING = QIODevice.OpenModeFlag.ReadOnly, QIODevice.OpenModeFlag.WriteOnly
_KEEPING = Qt.AspectRatioMode.KeepAspectRatio
_OPAQUE = QImage.Format.Format_RGB32
_WHITE = Qt.GlobalColor.white


def fit(part: ImagePart) -> ImagePart:
    """Return an image in a form and a size that services take, itself where it is one. Raises AttachError."""
    buffer = QBuffer()
    buffer.setData(QByteArray(part.data))
    buffer.open(_READING)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if not reader.canRead():
        raise AttachError(f"“{part.name}” is damaged: it can't be read as an image.")
    longest = max(size.width(), size.height())
    if part.media_type in TAKEN and len(part.data) <= MOST_BYTES and longest <= MOST_SIDE:
        return part
    if longest > FITTED_SIDE and (longest > MOST_SIDE or len(part.data) > MOST_BYTES):
        reader.setScaledSize(size.scaled(QSize(FITTED_SIDE, FITTED_SIDE), _KEEPING))
    image = reader.read()
    if image.isNull():
        raise AttachError(f"“{part.name}” is damaged: it can't be read as an image.")
    data = encoded(image, "PNG")
    if len(data) <= MOST_BYTES:
        return ImagePart("image/png", data, part.name)
    return ImagePart("image/jpeg", encoded(flattened(image), "JPEG", _QUALITY), part.name)


def flattened(image: QImage) -> QImage:
    """Return an image on white: JPEG knows no transparency, and black would hide dark text."""
    if not image.hasAlphaChannel():
        return image
    ground = QImage(image.size(), _OPAQUE)
    ground.fill(_WHITE)
    painter = QPainter(ground)
    painter.drawImage(0, 0, image)
    painter.end()
    return ground


def encoded(image: QImage, kind: str, quality: int = -1) -> bytes:
    """Return an image as a file of a kind, "PNG" or "JPEG"."""
    buffer = QBuffer()
    buffer.open(_WRITING)
    writer = QImageWriter(buffer, QByteArray(kind.encode()))
    writer.setQuality(quality)
    writer.write(image)
    return bytes(buffer.data().data())
