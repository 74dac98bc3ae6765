"""Paper: a page as a PDF file. Touches no widget, so that it can be made off the window's thread."""

from PySide6.QtCore import QBuffer, QEventLoop, QIODevice, QMarginsF, QUrl
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPdfWriter, QTextDocument

from desktop.archive.page import PrintPage

_DPI = 300
_MARGIN_MM = 18.0
_MOST_PIXELS = 64_000_000


class _Document(QTextDocument):
    """A text document that loads nothing but the pictures it was given."""

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Answer with an empty picture whatever is asked for; ours were added beforehand."""
        del kind, name
        return QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)


def pdf_of(page: PrintPage) -> bytes:
    """Return the PDF file of a page, A4."""
    # A document's layout starts timers, which want a dispatcher in their thread; none is ever run.
    dispatcher = QEventLoop()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_DPI)
    writer.setCreator("Weir")
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Portrait,
            margins,
            QPageLayout.Unit.Millimeter,
        )
    )
    document = _Document()
    document.documentLayout().setPaintDevice(writer)
    width = writer.width()
    for name, data in page.pictures.items():
        document.addResource(
            QTextDocument.ResourceType.ImageResource.value, QUrl(name), _picture(data, width)
        )
    document.setHtml(page.html)
    document.print_(writer)
    buffer.close()
    del document, dispatcher
    return bytes(buffer.data().data())


def _picture(data: bytes, width: int) -> QImage:
    """Return a picture no wider than the page, empty where it can't be read."""
    from PySide6.QtGui import QImageReader

    source = QBuffer()
    source.setData(data)
    source.open(QIODevice.OpenModeFlag.ReadOnly)
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
