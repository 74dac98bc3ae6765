"""How conversations are put in order: folders, tags, the archive and the bin."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder by its id; `count` is how many conversations the shelf shows in it."""

    id: str
    name: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag by its name, and how many conversations the shelf shows with it."""

    name: str
    count: int = 0


class Place(StrEnum):
    """Where conversations are listed from."""

    SHELF = "shelf"
    FOLDER = "folder"
    TAG = "tag"
    ARCHIVE = "archive"
    BIN = "bin"


@dataclass(frozen=True, slots=True)
class Scope:
    """A place, with the folder's id or the tag's name in `value`."""

    place: Place = Place.SHELF
    value: str = ""


SHELF = Scope()
"""Everything that is neither in the archive nor in the bin."""
