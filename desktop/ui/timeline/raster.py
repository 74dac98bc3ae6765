"""Pictures made of pixels, from their bytes; on whatever thread, and of known kinds alone."""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QImage, QImageIOHandler, QImageReader

# Not SVG: a drawing can name other files and take any time to paint.
_FORMATS = frozenset({b"png", b"jpeg", b"jpg", b"gif", b"webp", b"bmp"})
_MOST_PIXELS = 64_000_000

# Made at the import, which is in the GUI thread: PySide6 makes its classes when they are first touched, and
# two threads that do so at once can wait for each other for ever.
_READING = QIODevice.OpenModeFlag.ReadOnly
_TURNED = QImageIOHandler.Transformation.TransformationRotate90


def _reader(data: bytes) -> tuple[QImageReader, QBuffer]:
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(_READING)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    return reader, buffer


def _is_turned(reader: QImageReader) -> bool:
    """Whether a camera's note says that the picture lies on its side."""
    return bool(reader.transformation() & _TURNED)


def natural_size(data: bytes) -> QSize:
    """Return the size that an image's head names, or an empty one for what is no image shown here."""
    reader, buffer = _reader(data)
    size = reader.size() if reader.format().data() in _FORMATS else QSize()
    if not 0 < size.width() * size.height() <= _MOST_PIXELS:
        size = QSize()
    elif _is_turned(reader):
        size.transpose()
    buffer.close()
    return size


def decoded(data: bytes, size: QSize) -> QImage:
    """Return an image at a size in pixels, or a null one."""
    reader, buffer = _reader(data)
    if size.width() < natural_size(data).width():
        # The reader scales while it decodes, which for photographs costs a fraction of the whole.
        reader.setScaledSize(size.transposed() if _is_turned(reader) else size)
    image = reader.read()
    buffer.close()
    return image
