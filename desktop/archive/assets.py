"""Images and files that come with an archive: as entries of it, or inside its JSON as data addresses."""

import base64
import binascii
import re
from pathlib import PurePosixPath
from typing import Any
from zlib import error as ZlibError  # noqa: N812

from desktop.archive.container import Container
from desktop.archive.fields import name_of, one_line, raw_of, text_of
from desktop.archive.limits import LONGEST_NAME, MOST_ATTACHMENT_BYTES
from desktop.base.tongue import translate
from desktop.domain.message import FilePart, ImagePart, Part, PlaceholderPart
from desktop.domain.transfer import ArchiveError, ImportReport

_DATA = re.compile(r"data:(?P<type>[\w.+-]+/[\w.+-]+)?(?:;[\w=.-]+)*;base64,", re.IGNORECASE)
# "file-Ab12…" of uploads and "file_0000…" of generated images; what follows is the file's own name.
_FILE_ID = re.compile(r"file[-_][A-Za-z0-9]{6,}")
_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
)
_TEXTS = re.compile(r"text/|application/(?:json|xml|javascript|x-yaml|toml|sql)", re.IGNORECASE)


def picture_type(data: bytes) -> str:
    """Return the media type of a picture by its first bytes, empty for what is none."""
    for start, media_type in _PICTURES:
        if data.startswith(start):
            return media_type
    return "image/webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else ""


def attachment(name: str, media_type: str, data: bytes, text: str = "") -> Part:
    """Return an image or a file as a part. What it is, its bytes decide, not its name."""
    name = one_line(name, LONGEST_NAME)
    picture = picture_type(data)
    if picture:
        return ImagePart(picture, data, name)
    if not text and _TEXTS.match(media_type):
        text = data.decode("utf-8", "replace").replace("\0", "\ufffd")
    return FilePart(name or "file", media_type or "application/octet-stream", data, text)


def data_address(address: str) -> tuple[str, bytes] | None:
    """Return media type and bytes of a `data:` address in base 64; None for any other."""
    match = _DATA.match(address[:200])
    if match is None or len(address) > 2 * MOST_ATTACHMENT_BYTES:
        return None
    try:
        data = base64.b64decode(address[match.end() :], validate=False)
    except (binascii.Error, ValueError):
        return None
    return (match["type"] or "").lower(), data


class Assets:
    """The images and files of one archive, found by the ids that its conversations name."""

    def __init__(self, container: Container, report: ImportReport) -> None:
        self._container = container
        self._report = report
        self._by_id: dict[str, str] = {}
        self._by_name: dict[str, str] = {}
        for name in container.names():
            base = PurePosixPath(name).name
            self._by_name.setdefault(base, name)
            match = _FILE_ID.match(base)
            if match is not None:
                self._by_id.setdefault(match.group(), name)

    def find(self, pointer: str, name: str = "", media_type: str = "") -> Part | None:
        """Return the part that a pointer ("file-service://…", "sediment://…") or an id leads to, or None."""
        entry = self._entry(pointer)
        if entry is None:
            return None
        data = self._read(entry)
        if data is None:
            return None
        own = PurePosixPath(entry).name
        match = _FILE_ID.match(own)
        rest = own[match.end() :].lstrip("-_") if match is not None else own
        return attachment(name or rest, media_type, data)

    def missing(self, label: str, raw: Any) -> Part:
        """Return what stands for a file that the archive does not hold, and count it."""
        self._report.missing_files += 1
        return PlaceholderPart(one_line(label, LONGEST_NAME), raw_of(raw))

    def _entry(self, pointer: str) -> str | None:
        pointer = pointer.rpartition("://")[2].partition("#")[0].partition("?")[0]
        pointer = pointer.rpartition("/")[2]
        if not pointer or len(pointer) > LONGEST_NAME:
            return None
        match = _FILE_ID.match(pointer)
        if match is not None and match.group() in self._by_id:
            return self._by_id[match.group()]
        return self._by_name.get(pointer)

    def _read(self, entry: str) -> bytes | None:
        if self._container.size(entry) > MOST_ATTACHMENT_BYTES:
            self._report.skip(
                PurePosixPath(entry).name, translate("Archive", "The file is too large to come along.")
            )
            return None
        try:
            with self._container.open(entry) as file:
                data = file.read(MOST_ATTACHMENT_BYTES + 1)
        except (OSError, ArchiveError, ZlibError):
            self._report.skip(
                PurePosixPath(entry).name, translate("Archive", "The file in the archive is damaged.")
            )
            return None
        return data if len(data) <= MOST_ATTACHMENT_BYTES else None


def named_file(values: dict[str, Any], *names: str) -> str:
    """Return the first of several members that names a file."""
    for name in names:
        if text_of(values, name):
            return name_of(values, name)
    return ""
