"""Writing conversations to a file: one as it is, many as one JSON archive or as a zip of pages."""

import contextlib
import os
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Protocol

from desktop.archive import own
from desktop.archive.markdown import markdown_of
from desktop.archive.page import PrintPage, index_page, print_page, screen_page, title_of
from desktop.base.graphemes import beginning
from desktop.base.tongue import translate
from desktop.domain.failure import StorageError
from desktop.domain.message import Conversation, Message
from desktop.domain.order import Folder
from desktop.domain.transfer import ArchiveError, ArchiveFormat, ExportReport, Skipped

_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*\x7f]+')
# Names that Windows keeps for its devices.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_LONGEST_STEM = 80

Printer = Callable[[PrintPage], bytes]
"""Makes the bytes of a PDF file of a page. Raises ArchiveError."""


class Outlet(Protocol):
    """The history as an export needs it. All calls raise StorageError."""

    def list_ids(self) -> list[str]:
        """Return the ids of all conversations that are not in the bin, the oldest first."""
        ...

    def list_folders(self) -> list[Folder]:
        """Return all folders."""
        ...

    def read(self, conversation_id: str) -> tuple[Conversation, Sequence[Message]] | None:
        """Return a conversation and its messages, or None."""
        ...


class _CancelledError(Exception):
    """The user wanted no more; there is no file then."""


def export_archive(
    path: Path,
    form: ArchiveFormat,
    outlet: Outlet,
    ids: Sequence[str] | None = None,
    printer: Printer | None = None,
    tell: Callable[[float], None] = lambda _share: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> ExportReport:
    """Write conversations to a file, all of them where `ids` is None.

    One conversation becomes one file of its form; several become one JSON archive, or a zip with a
    file for each. The file appears under its name when it is whole; the readers of others may not
    open it. Blocks; for a thread of its own. Raises ArchiveError, StorageError and OSError.
    """
    report = ExportReport()
    chosen = outlet.list_ids() if ids is None else list(ids)
    if form is ArchiveFormat.PDF and printer is None:
        raise ArchiveError(translate("Archive", "There is nothing here that makes PDF files."))
    rows = _rows(outlet, chosen, report, tell, is_cancelled)
    try:
        with _whole_file(path) as file:
            if form is ArchiveFormat.JSON:
                _write_json(file, rows, outlet, is_all=ids is None)
            elif ids is not None and len(ids) == 1:
                for row in rows:
                    file.write(_page(form, row, printer))
            else:
                _write_zip(file, form, rows, printer)
            if chosen and not report.conversations:
                raise ArchiveError(translate("Archive", "There was nothing that could be exported."))
    except _CancelledError:
        report.is_cancelled = True
    return report


def as_texts(outlet: Outlet, conversation_id: str) -> tuple[str, str]:
    """Return the branch on screen of a conversation as Markdown and as HTML, for pasting elsewhere.

    Raises ArchiveError and StorageError.
    """
    found = outlet.read(conversation_id)
    if found is None:
        raise ArchiveError(translate("Archive", "This conversation is no longer there."))
    return markdown_of(*found), print_page(*found).html


_Row = tuple[Conversation, Sequence[Message]]


def _rows(
    outlet: Outlet,
    ids: Sequence[str],
    report: ExportReport,
    tell: Callable[[float], None],
    is_cancelled: Callable[[], bool],
) -> Iterator[_Row]:
    for number, conversation_id in enumerate(ids):
        if is_cancelled():
            raise _CancelledError
        tell(number / len(ids))
        try:
            found = outlet.read(conversation_id)
        except StorageError as problem:
            # One that can't be read must not keep the others from being saved.
            report.skipped.append(Skipped(conversation_id, str(problem)))
            continue
        if found is not None and found[1]:
            report.conversations += 1
            yield found


def _write_json(file: IO[bytes], rows: Iterator[_Row], outlet: Outlet, *, is_all: bool) -> None:
    first = next(rows, None)
    folders = outlet.list_folders()
    if not is_all:
        used = {first[0].folder_id} if first is not None else set()
        folders = [folder for folder in folders if folder.id in used]
    file.write(own.begin(folders).encode())
    if first is not None:
        file.write(("\n" + own.written(*first)).encode())
    for row in rows:
        file.write((",\n" + own.written(*row)).encode())
    file.write(own.end().encode())


def _write_zip(file: IO[bytes], form: ArchiveFormat, rows: Iterator[_Row], printer: Printer | None) -> None:
    taken: set[str] = set()
    listed: list[tuple[str, str, int]] = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for row in rows:
            name = unused(file_stem(row[0]), form.ending, taken)
            archive.writestr(name, _page(form, row, printer))
            listed.append((name, title_of(row[0]), row[0].created))
        if form is ArchiveFormat.HTML:
            archive.writestr("index.html", index_page(reversed(listed)))


def _page(form: ArchiveFormat, row: _Row, printer: Printer | None) -> bytes:
    match form:
        case ArchiveFormat.MARKDOWN:
            return markdown_of(*row).encode()
        case ArchiveFormat.HTML:
            return screen_page(*row).encode()
        case ArchiveFormat.PDF if printer is not None:
            return printer(print_page(*row, sets_formulas=True))
        case _:
            raise ArchiveError(translate("Archive", "This can’t be written as pages."))


def file_stem(conversation: Conversation) -> str:
    """Return a file name without its ending that every system takes, from the title."""
    stem = _FORBIDDEN.sub(" ", title_of(conversation))
    stem = beginning(" ".join(stem.split()), _LONGEST_STEM).strip(" .")
    return f"_{stem}" if not stem or _DEVICES.fullmatch(stem) else stem


def unused(stem: str, ending: str, taken: set[str]) -> str:
    """Return a file's name that is not among those `taken`, which it joins."""
    name, number = f"{stem}.{ending}", 1
    while name.casefold() in taken or name.casefold() == "index.html":
        number += 1
        name = f"{stem} {number}.{ending}"
    taken.add(name.casefold())
    return name


@contextlib.contextmanager
def _whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Give a file to write that takes its name when it is whole, and leaves nothing otherwise."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
    partial = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
