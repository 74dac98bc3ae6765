"""What comes in from other programs and goes out of this one: formats, progress, reports."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar


class ArchiveFormat(StrEnum):
    """What conversations can be written as. JSON alone keeps everything and can be read again."""

    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"
    PDF = "pdf"

    @property
    def ending(self) -> str:
        """The ending of a file's name, without the dot."""
        return "md" if self is ArchiveFormat.MARKDOWN else self.value


class ArchiveError(Exception):
    """An archive can't be read or written; its text is fit for the user."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """What did not come in, by its title or file name, and why, in words for the user."""

    what: str
    why: str


@dataclass(slots=True)
class ImportReport:
    """What came of reading an archive.

    `source` names the program it is from, empty where nothing was recognised. `added` are
    conversations that are new here, `extended` known ones that got further messages, `known` those
    that were here already; `messages` counts what was added. `missing_files` are attachments that
    the conversations name and the archive does not hold. Of many skipped ones, the first are named.
    """

    source: str = ""
    added: int = 0
    extended: int = 0
    known: int = 0
    messages: int = 0
    missing_files: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    skipped_count: int = 0
    is_cancelled: bool = False

    MOST_NAMED: ClassVar[int] = 200

    def count(self, is_new: bool, messages: int) -> None:
        """Count one conversation that was taken in, with so many of its messages new here."""
        self.messages += messages
        if is_new:
            self.added += 1
        elif messages:
            self.extended += 1
        else:
            self.known += 1

    def skip(self, what: str, why: str) -> None:
        """Count one thing left out, and name it if there are not too many already."""
        self.skipped_count += 1
        if len(self.skipped) < self.MOST_NAMED:
            self.skipped.append(Skipped(what, why))


@dataclass(slots=True)
class ExportReport:
    """What was written: how many conversations, and those that could not be read."""

    conversations: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    is_cancelled: bool = False
