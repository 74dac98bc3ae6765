"""PDF files: made off the window's thread, with nothing loaded, in the window's colours."""

import threading
import time

from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QImage

from desktop.archive import look
from desktop.archive.page import PrintPage, print_page
from desktop.domain.message import Conversation, ImagePart, Message, Role, TextPart
from desktop.ui.paper import pdf_of
from desktop.ui.theme import DARK, LIGHT


def picture() -> bytes:
    image = QImage(2000, 300, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkCyan)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())


def page(*parts: TextPart | ImagePart) -> PrintPage:
    row = Conversation(id="c", title="Title", created=1_760_000_000_000, updated=1)
    message = Message(id="m", conversation_id="c", parent_id=None, role=Role.USER, parts=parts)
    return print_page(row, [message], sets_formulas=True)


def test_a_conversation_becomes_pages_of_a4_on_another_thread(qapp: object) -> None:
    made: list[bytes] = []
    long = page(ImagePart("image/png", picture(), "x"), TextPart("A paragraph of words.\n\n" * 200))
    worker = threading.Thread(target=lambda: made.append(pdf_of(long)))
    worker.start()
    worker.join(30)
    (pdf,) = made
    assert pdf.startswith(b"%PDF-")
    assert pdf.rstrip().endswith(b"%%EOF")
    assert pdf.count(b"/MediaBox [0 0 595") >= 3
    assert b"/Subtype /Image" in pdf


def test_formulas_are_pictures_in_the_line(qapp: object) -> None:
    source = page(TextPart("With $h^2$:\n\n$$\\frac{1}{2}$$"))
    assert len(source.formulas) == 2
    plain = PrintPage(source.html)
    assert pdf_of(source).count(b"/Subtype /Image") > pdf_of(plain).count(b"/Subtype /Image")


def test_nothing_is_loaded_from_the_disk_or_the_network(qapp: object) -> None:
    """A picture from a device without end would hold everything up for ever."""
    hostile = PrintPage(
        '<html><body><img src="file:///dev/zero"><img src="/dev/zero"><img src="http://127.0.0.1:9/x.png">'
        '<link rel="stylesheet" href="file:///dev/zero"><style>@import url("file:///dev/zero");</style>'
        "<p>Text</p></body></html>"
    )
    begun = time.monotonic()
    assert pdf_of(hostile).startswith(b"%PDF-")
    assert time.monotonic() - begun < 20


def test_markdown_pictures_from_elsewhere_are_links_on_paper(qapp: object) -> None:
    made = page(TextPart("![x](file:///dev/zero) ![y](http://example.com/y.png) <img src=file:///dev/zero>"))
    assert "<img" not in made.html
    assert 'file:///dev/zero"' not in made.html
    assert made.pictures == {}


def test_the_colours_are_the_windows() -> None:
    for mine, theirs in ((look.LIGHT, LIGHT), (look.DARK, DARK)):
        assert mine == {name: theirs.named()[name] for name in mine}
