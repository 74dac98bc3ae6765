"""Paper: a page as a PDF file. Touches no widget, so that it can be made off the window's thread."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QEventLoop, QIODevice, QMarginsF, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QImage,
    QImageReader,
    QPageLayout,
    QPageSize,
    QPainter,
    QPainterPath,
    QPdfWriter,
    QPen,
    QTextDocument,
)

from desktop.ui.timeline.inlays import Outlines

if TYPE_CHECKING:
    from desktop.archive.formulas import PrintFormula
    from desktop.archive.page import PrintPage

_DPI = 300
_MARGIN_MM = 18.0
_MOST_PIXELS = 64_000_000

# Made at the import, which is in the GUI thread: PySide6 makes its classes when they are first touched, and
# two threads that do so at once can wait for each other for ever.
_LAYOUT = QPageLayout(
    QPageSize(QPageSize.PageSizeId.A4),
    QPageLayout.Orientation.Portrait,
    QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM),
    QPageLayout.Unit.Millimeter,
)
_NOTHING = QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)
_IMAGE = QTextDocument.ResourceType.ImageResource.value
_READING, _WRITING = QIODevice.OpenModeFlag.ReadOnly, QIODevice.OpenModeFlag.WriteOnly
_CLEAR, _INK = QColor(0, 0, 0, 0), QColor(0, 0, 0)
_TOUCHED_ENUMS = (QPainter.RenderHint.Antialiasing, Qt.FillRule.WindingFill)
_TOUCHED = (QBuffer, QPainter, QPainterPath, QPen, QEventLoop, QImageReader, QPdfWriter, QUrl)


class _Document(QTextDocument):
    """A text document that loads nothing but the pictures it was given."""

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Answer with an empty picture whatever is asked for; ours were added beforehand."""
        del kind, name
        return _NOTHING


def pdf_of(page: "PrintPage") -> bytes:
    """Return the PDF file of a page, A4."""
    # A document's layout starts timers, which want a dispatcher in their thread; none is ever run.
    dispatcher = QEventLoop()
    buffer = QBuffer()
    buffer.open(_WRITING)
    writer = QPdfWriter(buffer)
    writer.setResolution(_DPI)
    writer.setCreator("Weir")
    writer.setPageLayout(_LAYOUT)
    document = _Document()
    document.documentLayout().setPaintDevice(writer)
    width = writer.width()
    for name, data in page.pictures.items():
        document.addResource(_IMAGE, QUrl(name), _picture(data, width))
    for name, formula in page.formulas.items():
        document.addResource(_IMAGE, QUrl(name), _drawn(formula))
    document.setHtml(page.html)
    document.print_(writer)
    buffer.close()
    del document, dispatcher
    return bytes(buffer.data().data())


def _drawn(formula: "PrintFormula") -> QImage:
    """Return a formula in the pixels that a good printer has for it."""
    scale = 4.0
    image = QImage(round(formula.width * scale), round(formula.height * scale), _NOTHING.format())
    image.fill(_CLEAR)
    painter = QPainter(image)
    Outlines(formula.formula).paint(painter, scale, formula.baseline * scale, formula.size * scale, _INK)
    painter.end()
    return image


def _picture(data: bytes, width: int) -> QImage:
    """Return a picture no wider than the page, empty where it can't be read."""
    source = QBuffer()
    source.setData(data)
    source.open(_READING)
    reader = QImageReader(source)
    size = reader.size()
    if not size.isValid() or size.width() * size.height() > _MOST_PIXELS:
        return QImage()
    image = reader.read()
    # A screen's pixel is a 96th of an inch.
    image.setDotsPerMeterX(round(96 / 0.0254))
    image.setDotsPerMeterY(round(96 / 0.0254))
    most = width * 96 // _DPI
    return image if image.width() <= most else image.scaledToWidth(most)
