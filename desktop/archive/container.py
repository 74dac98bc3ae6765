"""Where an archive's files are: in a zip, in a folder, or a single file. Nothing is unpacked to the disk."""

import contextlib
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol, cast

from desktop.archive.limits import MOST_ENTRIES, MOST_RATIO, RATIO_FROM_BYTES
from desktop.base.tongue import translate
from desktop.domain.transfer import ArchiveError, ImportReport

_PACKED_AS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1


class Container(Protocol):
    """The files of an archive by name, names with forward slashes."""

    def names(self) -> list[str]:
        """Return the names of the files that may be read, in the archive's order."""
        ...

    def size(self, name: str) -> int:
        """Return a file's size in bytes, unpacked."""
        ...

    def open(self, name: str) -> contextlib.AbstractContextManager[BinaryIO]:
        """Open a file for reading. Raises ArchiveError and OSError."""
        ...

    def close(self) -> None:
        """Let go of the archive."""
        ...


def open_container(path: Path, report: ImportReport) -> Container:
    """Open what is at a path. What must not be read in it is reported. Raises ArchiveError and OSError."""
    if path.is_dir():
        return _Folder(path, report)
    if not path.is_file():
        raise ArchiveError(translate("Archive", "There is no such file."))
    with path.open("rb") as file:
        start = file.read(4)
    if start[:2] == b"PK":
        return _Zip(path, report)
    return _File(path)


class _File:
    """One file that is all there is."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[str]:
        return [self._path.name]

    def size(self, name: str) -> int:
        return self._path.stat().st_size

    def open(self, name: str) -> contextlib.AbstractContextManager[BinaryIO]:
        return self._path.open("rb")

    def close(self) -> None:
        pass


class _Folder:
    """An archive that was unpacked. Links are not followed."""

    def __init__(self, path: Path, report: ImportReport) -> None:
        self._files: dict[str, Path] = {}
        for folder, folders, files in os.walk(path, followlinks=False):
            folders.sort()
            for name in sorted(files):
                file = Path(folder, name)
                inside = file.relative_to(path).as_posix()
                if not stat.S_ISREG(file.lstat().st_mode):
                    report.skip(inside, translate("Archive", "It is a link, not a file."))
                    continue
                self._files[inside] = file
                if len(self._files) > MOST_ENTRIES:
                    raise ArchiveError(translate("Archive", "The folder has too many files to be an export."))

    def names(self) -> list[str]:
        return list(self._files)

    def size(self, name: str) -> int:
        return self._files[name].stat().st_size

    def open(self, name: str) -> contextlib.AbstractContextManager[BinaryIO]:
        return self._files[name].open("rb")

    def close(self) -> None:
        pass


class _Zip:
    """A zip file. Its own statements are checked before any of it is unpacked."""

    def __init__(self, path: Path, report: ImportReport) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as problem:
            raise ArchiveError(
                translate("Archive", "The file is not a whole zip file. Download it again.")
            ) from problem
        try:
            self._entries = self._checked(report)
        except BaseException:
            self._zip.close()
            raise

    def _checked(self, report: ImportReport) -> dict[str, zipfile.ZipInfo]:
        infos = self._zip.infolist()
        if len(infos) > MOST_ENTRIES:
            raise ArchiveError(translate("Archive", "The zip file has too many files to be an export."))
        entries: dict[str, zipfile.ZipInfo] = {}
        packed = 0
        for info in infos:
            packed += info.compress_size
            if info.is_dir():
                continue
            problem = _problem(info, entries)
            if problem:
                report.skip(_printable(info.filename), problem)
            else:
                entries[info.filename] = info
        # Entries that share their bytes would be unpacked once for each name.
        if self._zip.fp is not None and packed > os.fstat(self._zip.fp.fileno()).st_size:
            raise ArchiveError(
                translate("Archive", "The zip file claims more than it holds. It was not read.")
            )
        return entries

    def names(self) -> list[str]:
        return list(self._entries)

    def size(self, name: str) -> int:
        return self._entries[name].file_size

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        try:
            with self._zip.open(self._entries[name]) as file:
                yield cast(BinaryIO, file)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as problem:
            raise ArchiveError(
                translate("Archive", "A file in the zip is damaged. Download the export again.")
            ) from problem

    def close(self) -> None:
        self._zip.close()


def _problem(info: zipfile.ZipInfo, known: dict[str, zipfile.ZipInfo]) -> str:
    """Return why an entry must not be read, or an empty text."""
    path = PurePosixPath(info.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in info.filename or "\0" in info.filename:
        return translate("Archive", "Its name leads out of the archive.")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind and kind != stat.S_IFREG:
        return translate("Archive", "It is a link, not a file.")
    if info.filename in known:
        return translate("Archive", "There is another file of the same name.")
    if info.flag_bits & _ENCRYPTED:
        return translate("Archive", "It is encrypted.")
    if info.compress_type not in _PACKED_AS:
        return translate("Archive", "It is packed in a way that no export uses.")
    if info.file_size > RATIO_FROM_BYTES and info.file_size > MOST_RATIO * max(1, info.compress_size):
        return translate("Archive", "It would grow too large when it is unpacked.")
    return ""


def _printable(name: str) -> str:
    return "".join(char if char.isprintable() else "\ufffd" for char in name)[:200]
