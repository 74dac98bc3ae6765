"""Files that go with a prompt: recognised by their content, their text read, nothing in them followed or run.

Everything here may take seconds and is meant for a worker thread.
"""

import asyncio
import io
import logging
import mimetypes
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.base import tongue
from desktop.base.tongue import translate
from desktop.domain.failure import AttachError, FolderGivenError
from desktop.domain.message import FilePart, ImagePart

if TYPE_CHECKING:
    import pypdf

logger = logging.getLogger(__name__)

LARGEST = 50 * 1024 * 1024
MOST_TEXT = 4_000_000
MOST_PAGES = 2000
MOST_FROM_FOLDER = 20
"""A folder with more files than this is not what somebody wanted to attach."""

_MEGABYTE = 1024 * 1024
# The beginnings of files; what services do not take is turned into PNG where the picture is shown.
_IMAGES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
_OFFICE = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".doc", ".xls", ".ppt", ".rtf", ".pages")


class FileOpener:
    """Reads files on worker threads; fits the `Opener` port of chat.

    `fit` makes an image one that services take; it runs on the worker thread too.
    """

    def __init__(self, fit: Callable[[ImagePart], ImagePart] = lambda part: part) -> None:
        self._fit = fit

    async def open_file(self, path: Path) -> ImagePart | FilePart:
        """Return a file as a part of a prompt. Raises AttachError."""
        return await asyncio.to_thread(lambda: self._fitted(read_file(path)))

    async def open_data(self, name: str, data: bytes) -> ImagePart | FilePart:
        """Return the bytes of a file as a part of a prompt. Raises AttachError."""
        return await asyncio.to_thread(lambda: self._fitted(part_from(name, data)))

    def _fitted(self, part: ImagePart | FilePart) -> ImagePart | FilePart:
        return self._fit(part) if isinstance(part, ImagePart) else part


def read_file(path: Path) -> ImagePart | FilePart:
    """Return a file as a part of a prompt. Raises AttachError."""
    try:
        about = path.stat()
        if stat.S_ISDIR(about.st_mode):
            words = translate("Attachment", "“{name}” is a folder. Attach the files in it.")
            raise FolderGivenError(words.format(name=path.name), _files_in(path))
        if not stat.S_ISREG(about.st_mode):
            # Reading a pipe or a device might never end.
            raise AttachError(translate("Attachment", "“{name}” is no ordinary file.").format(name=path.name))
        if about.st_size > LARGEST:
            raise AttachError(_too_large(path.name, about.st_size))
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        reason = error.strerror or translate("Attachment", "it can't be read")
        raise AttachError(
            translate("Attachment", "“{name}” could not be read: {reason}.").format(
                name=path.name, reason=reason
            )
        ) from None
    return part_from(path.name, data)


def _files_in(folder: Path) -> list[Path]:
    """Return the ordinary files in a folder by name, but hidden ones; none where they are very many."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith(".") and entry.is_file():
                found.append(Path(entry.path))
            if len(found) > MOST_FROM_FOLDER:
                return []
    return sorted(found, key=lambda path: path.name.casefold())


def part_from(name: str, data: bytes) -> ImagePart | FilePart:
    """Return the bytes of a file as a part of a prompt. Raises AttachError."""
    if not data:
        raise AttachError(translate("Attachment", "“{name}” is empty.").format(name=name))
    if len(data) > LARGEST:
        raise AttachError(_too_large(name, len(data)))
    if media_type := image_type(data):
        return ImagePart(media_type, data, name)
    if b"%PDF-" in data[:1024]:
        return FilePart(name, "application/pdf", data, pdf_text(name, data))
    if name.lower().endswith(_OFFICE):
        raise AttachError(
            translate(
                "Attachment", "“{name}” is a document that Weir can't read. Save it as PDF or as text first."
            ).format(name=name)
        )
    text = text_of(data)
    if text is None:
        raise AttachError(
            translate(
                "Attachment", "“{name}” is neither text, a PDF nor an image that Weir can send."
            ).format(name=name)
        )
    if len(text) > MOST_TEXT:
        raise AttachError(_too_large(name, len(data)))
    return FilePart(name, mimetypes.guess_type(name)[0] or "text/plain", data, text)


def image_type(data: bytes) -> str:
    """Return the media type of an image by its first bytes, empty for what is none."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    found = next((kind for beginning, kind in _IMAGES if data.startswith(beginning)), "")
    return "" if found == "image/bmp" and not _is_bitmap(data) else found


def text_of(data: bytes) -> str | None:
    """Return the text in `data`, whatever its encoding, or None for what is no text."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                return None
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _guessed(data)


def pdf_text(name: str, data: bytes) -> str:
    """Return the text of a PDF, empty where its pages are pictures. Raises AttachError."""
    # Imported when the first PDF comes: it takes longer than a start may.
    import pypdf
    from pypdf.errors import DependencyError

    logging.getLogger("pypdf").setLevel(logging.ERROR)
    locked = AttachError(
        translate("Attachment", "“{name}” is locked with a password. Save a copy without one.").format(
            name=name
        )
    )
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        is_open = not reader.is_encrypted or bool(reader.decrypt(""))
        texts = _page_texts(reader) if is_open else None
    except DependencyError:
        # Reading this kind of encryption needs a library that Weir does not have.
        raise locked from None
    except Exception as error:
        # A damaged PDF can make any part of its reader stumble.
        logger.info("a PDF could not be read: %s", type(error).__name__)
        raise AttachError(
            translate("Attachment", "“{name}” is damaged: it can't be read as a PDF.").format(name=name)
        ) from None
    if texts is None:
        raise locked
    if sum(map(len, texts)) > MOST_TEXT:
        raise AttachError(_too_large(name, len(data)))
    return "\n\n".join(filter(None, (text.strip() for text in texts)))


def _page_texts(reader: "pypdf.PdfReader") -> list[str]:
    """Return the texts of the pages, one more letter than is taken at most."""
    texts: list[str] = []
    length = 0
    for page in reader.pages[:MOST_PAGES]:
        texts.append(page.extract_text())
        length += len(texts[-1])
        if length > MOST_TEXT:
            break
    return texts


def _guessed(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_MEGABYTE]).best()
    if best is None:
        return None
    text = data.decode(best.encoding, "replace")
    return text if text.count("\ufffd") * 1000 <= len(text) else None


def _is_bitmap(data: bytes) -> bool:
    """Whether what begins with BM also has the size of a header that bitmaps have."""
    return len(data) > 18 and int.from_bytes(data[14:18], "little") in (12, 40, 52, 56, 64, 108, 124)


def _too_large(name: str, size: int) -> str:
    words = translate(
        "Attachment",
        "“{name}” is too large to send ({size}). Files may have {most}, and texts %n letter(s).",
        "",
        MOST_TEXT,
    )
    return words.format(name=name, size=tongue.size(size), most=tongue.size(LARGEST))
