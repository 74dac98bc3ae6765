"""`weir import` and `weir export`: archives without the window, in the same history, also beside it."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

from desktop.archive.page import PrintPage
from desktop.archive.work import Archives
from desktop.archive.writing import Printer
from desktop.base.log import start_log
from desktop.base.paths import Paths
from desktop.domain.failure import StorageError
from desktop.domain.transfer import ArchiveError, ArchiveFormat, ExportReport, ImportReport, Skipped
from desktop.store import Store, open_store

DONE, FAILED, MISUSED, STOPPED = 0, 1, 2, 130

_Work = Callable[[Archives], Coroutine[Any, Any, int]]


def run_import(arguments: argparse.Namespace, paths: Paths) -> int:
    """Read an archive into the history; return the exit status."""
    return _run(paths, lambda archives: _import(archives, Path(arguments.file)))


def run_export(arguments: argparse.Namespace, paths: Paths) -> int:
    """Write conversations to a file; return the exit status."""
    file, ids = Path(arguments.file), arguments.conversation or None
    form = ArchiveFormat(arguments.format) if arguments.format else _form_of(file)
    if form is None:
        _say("Name the form of the pages in the zip with --format.")
        return MISUSED
    if form is not ArchiveFormat.JSON and (ids is None or len(ids) > 1) and file.suffix.lower() != ".zip":
        file = file.with_name(file.name + ".zip")
    printer = _printer() if form is ArchiveFormat.PDF else None
    return _run(paths, lambda archives: _export(archives, file, form, ids), printer)


def _form_of(file: Path) -> ArchiveFormat | None:
    """Return the form that a file's ending stands for; None where it says nothing of what is inside."""
    ending = file.suffix.lower().lstrip(".")
    if ending == "zip":
        return None
    return next((form for form in ArchiveFormat if form.ending == ending), ArchiveFormat.JSON)


def _run(paths: Paths, work: _Work, printer: Printer | None = None) -> int:
    try:
        paths.create()
        handler = start_log(paths.log_file)
    except OSError as error:
        _say(f"Weir can't write to its folder {paths.data}: {error.strerror}.")
        return FAILED
    try:
        return asyncio.run(_with_store(paths, work, printer))
    finally:
        handler.close()


async def _with_store(paths: Paths, work: _Work, printer: Printer | None) -> int:
    store = open_store(paths)
    archives = Archives(store.transfer, printer)
    try:
        await _check_opened(store)
        _stop_on_signals(archives.cancel)
        return await work(archives)
    except (ArchiveError, StorageError) as problem:
        _say(str(problem))
        return FAILED
    finally:
        await archives.close()
        await store.close()


async def _check_opened(store: Store) -> None:
    opening = await store.opened()
    if opening.damaged is not None:
        _say(
            f"The history was damaged and is set aside as {opening.damaged.name}. `weir import` can read it."
        )


async def _import(archives: Archives, file: Path) -> int:
    report = await archives.import_file(file, _tell("Reading"))
    _clear()
    print(_import_words(report))
    _list(report.skipped, report.skipped_count)
    return STOPPED if report.is_cancelled else DONE


async def _export(archives: Archives, file: Path, form: ArchiveFormat, ids: list[str] | None) -> int:
    report: ExportReport = await archives.export(file, form, ids, _tell("Writing"))
    _clear()
    _list(report.skipped, len(report.skipped))
    if report.is_cancelled:
        return STOPPED
    print(f"{_count(report.conversations, 'conversation')} written to {file}")
    return DONE


def _import_words(report: ImportReport) -> str:
    words = [f"{_count(report.added, 'conversation')} came in from {report.source or 'the file'}"]
    if report.extended:
        words.append(f"{report.extended} got new messages")
    if report.known:
        words.append(f"{report.known} were here already")
    if report.missing_files:
        words.append(f"{_count(report.missing_files, 'file')} missing from the export")
    if report.skipped_count:
        words.append(f"{report.skipped_count} left out")
    return ", ".join(words) + ("; cancelled" if report.is_cancelled else "")


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _list(skipped: list[Skipped], count: int) -> None:
    for each in skipped:
        _say(f"{each.what}: {each.why}")
    if count > len(skipped):
        _say(f"… and {count - len(skipped)} more")


def _tell(words: str) -> Callable[[float], None]:
    def tell(share: float) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K{words} {share:.0%}")
            sys.stderr.flush()

    return tell


def _clear() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")


def _stop_on_signals(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # Windows has no signal handlers on its loop
            signal.signal(number, lambda *_: stop())


def _printer() -> Printer:
    """Return what makes PDF files. Fonts need an application object, but no screen."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtGui import QGuiApplication  # noqa: TID251 - the same printer as the window's

    from desktop.ui.paper import pdf_of

    application = QGuiApplication.instance() or QGuiApplication(sys.argv[:1])
    # The application object has to live as long as the printer.
    return partial(_print_with, application, pdf_of)


def _print_with(_application: object, pdf_of: Printer, page: PrintPage) -> bytes:
    return pdf_of(page)


def _say(words: str) -> None:
    print(words, file=sys.stderr)
