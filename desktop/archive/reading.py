"""Reading an archive into the history: one conversation at a time, never a second time."""

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any, Protocol

from desktop.archive import chatgpt, claude, librechat, open_webui, own
from desktop.archive.assets import Assets
from desktop.archive.container import Container, open_container
from desktop.archive.draft import Found, NotOneError, assemble
from desktop.archive.fields import one_line, text_of
from desktop.archive.limits import MOST_JSON_BYTES
from desktop.archive.stream import Cut, read_values
from desktop.base.tongue import translate
from desktop.domain.message import Conversation, Message
from desktop.domain.order import Folder
from desktop.domain.transfer import ArchiveError, ImportReport

_LOG = logging.getLogger(__name__)

_FORMATS: tuple[ModuleType, ...] = (chatgpt, claude, open_webui, librechat)

# "conversations.json", and "conversations-000.json" and on since 2026.
_MAIN = re.compile(r"conversations(?:[-_]\d{1,6})?\.json", re.IGNORECASE)
# What comes beside the conversations and holds none.
_BESIDE = re.compile(
    r"(?:user|users|message_feedback|model_comparisons|shared_conversations|group_chats|shopping|sora|projects"
    r"|memories|manifest|export_manifest|user_settings|conversation_asset_file_names)\.json",
    re.IGNORECASE,
)

# The thread that paints gets the interpreter for as long as this after each stretch of work.
_WORK_S = 0.005
_PAUSE_S = 0.004


class Intake(Protocol):
    """The history as an import needs it."""

    def add_folders(self, folders: tuple[Folder, ...]) -> None:
        """Make those folders that are not there yet. Raises StorageError."""
        ...

    def add(self, conversation: Conversation, messages: tuple[Message, ...]) -> tuple[bool, int]:
        """Store what is not there yet in one transaction; say whether it was new, and how many messages
        were added.

        Nothing that is there is changed. Raises StorageError.
        """
        ...


class CancelledError(Exception):
    """The user wanted no more; what had come in stays."""


@dataclass(slots=True)
class Pace:
    """Counts what was read, tells how far it is, rests now and then, and notices that it is cancelled."""

    total: int
    tell: Callable[[float], None]
    is_cancelled: Callable[[], bool]
    done: int = 0
    _told: float = -1.0
    _since: float = 0.0

    def advance(self, count: int = 0) -> None:
        """Say that so many bytes more were read. Raises CancelledError."""
        self.done += count
        if self.is_cancelled():
            raise CancelledError
        share = min(1.0, self.done / self.total) if self.total else 0.0
        if share - self._told >= 0.005:
            self._told = share
            self.tell(share)
        now = time.thread_time()
        if now - self._since > _WORK_S:
            time.sleep(_PAUSE_S)
            self._since = time.thread_time()


def import_archive(
    path: Path,
    intake: Intake,
    tell: Callable[[float], None] = lambda _share: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> ImportReport:
    """Read the archive at a path (a zip, a JSON file, or a folder) into the history.

    `tell` hears how far it is, from 0 to 1. Blocks; for a thread of its own. What came in before a
    cancellation or a failure stays. Raises ArchiveError where there is nothing to read, StorageError
    where the history takes no more, and OSError.
    """
    report = ImportReport()
    container = open_container(path, report)
    try:
        names = _json_files(container, report)
        total = sum(container.size(name) for name in names)
        if total > MOST_JSON_BYTES:
            raise ArchiveError(translate("Archive", "The archive is too large to be an export."))
        reader = _Reader(container, intake, report, Pace(total, tell, is_cancelled))
        try:
            for name in names:
                reader.read_file(name)
        except CancelledError:
            report.is_cancelled = True
    finally:
        container.close()
    _check_found(report, names)
    return report


def _check_found(report: ImportReport, names: list[str]) -> None:
    """Raise ArchiveError where nothing of the file was a conversation."""
    if report.is_cancelled or report.source:
        return
    why = report.skipped[0].why if len(names) == 1 and len(report.skipped) == 1 else ""
    if names and why:
        raise ArchiveError(translate("Archive", "{why} Nothing came in.").format(why=why))
    raise ArchiveError(
        translate(
            "Archive",
            "There are no conversations in this file that Weir knows. It reads the exports of "
            "ChatGPT, Claude, Open WebUI and LibreChat, and its own.",
        )
    )


def _json_files(container: Container, report: ImportReport) -> list[str]:
    """Return the files that may hold conversations: those named so, else every JSON file."""
    files = [name for name in container.names() if name.lower().endswith(".json") and not _is_junk(name)]
    if not files and len(container.names()) == 1:
        # A single file may be called anything.
        return container.names()
    main = [name for name in files if _MAIN.fullmatch(PurePosixPath(name).name)]
    return sorted(main or [name for name in files if not _BESIDE.fullmatch(PurePosixPath(name).name)])


def _is_junk(name: str) -> bool:
    path = PurePosixPath(name)
    return path.name.startswith("._") or "__MACOSX" in path.parts


class _Reader:
    """Takes the conversations of one archive in, file by file."""

    def __init__(self, container: Container, intake: Intake, report: ImportReport, pace: Pace) -> None:
        self._container = container
        self._intake = intake
        self._report = report
        self._pace = pace
        self._assets = Assets(container, report)
        self._folders: tuple[Folder, ...] = ()

    def read_file(self, name: str) -> None:
        """Read one file. One that is broken is reported; what came before the break stays."""
        try:
            with self._container.open(name) as file:
                for head, item in read_values(file, self._pace.advance):
                    self._take(head, item)
                    self._pace.advance()
        except ArchiveError as problem:
            self._report.skip(PurePosixPath(name).name, str(problem))

    def _take(self, head: dict[str, Any], item: Any) -> None:
        if isinstance(item, Cut):
            self._report.skip(translate("Archive", "A conversation"), item.why)
            return
        try:
            found = self._found(head, item)
        except NotOneError as problem:
            self._report.skip(_title(item), str(problem))
            return
        except (RecursionError, ValueError, TypeError, AttributeError, KeyError, OverflowError) as problem:
            # Whatever a hostile file brings up costs its own conversation alone.
            _LOG.info("A conversation could not be read: %s", type(problem).__name__)
            self._report.skip(
                _title(item), translate("Archive", "It has something in it that can’t be read.")
            )
            return
        if found is None:
            self._report.skip(
                _title(item), translate("Archive", "It is no conversation of a program that Weir knows.")
            )
            return
        self._store(found)

    def _found(self, head: dict[str, Any], item: Any) -> Found | None:
        if own.is_archive(head):
            if self._report.source != own.NAME:
                self._report.source = own.NAME
                self._folders = own.folders_of(head)
                self._intake.add_folders(self._folders)
            return own.read(item, self._folders)
        for form in _FORMATS:
            if form.is_one(item):
                self._report.source = form.NAME
                return assemble(form.read(item, self._assets))
        return None

    def _store(self, found: Found) -> None:
        self._report.count(*self._intake.add(found.conversation, found.messages))


def _title(item: Any) -> str:
    return one_line(text_of(item, "title") or text_of(item, "name"), 80) or translate(
        "Archive", "A conversation"
    )
