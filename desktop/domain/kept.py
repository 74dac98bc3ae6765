"""What the user keeps in a list: entries of one's own beside those that come with the program."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


class Entry(Protocol):
    """Something with an id and a name."""

    @property
    def id(self) -> str:
        """What it goes by; it never changes."""
        ...

    @property
    def name(self) -> str:
        """What the window shows."""
        ...


E = TypeVar("E", bound=Entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Generic[E]):
    """What a file holds: `own` entries, the ids of those from the program that are `hidden`, and an `order`.

    An own entry with the id of one from the program stands in its place.
    """

    own: tuple[E, ...] = ()
    hidden: tuple[str, ...] = ()
    order: tuple[str, ...] = ()

    def arranged(self, builtin: Sequence[E]) -> tuple[E, ...]:
        """Return all entries that are shown: those named in `order` first, own ones, the program's last."""
        replaced = {entry.id for entry in self.own}
        shown = [entry for entry in builtin if entry.id not in replaced and entry.id not in self.hidden]
        places = {name: place for place, name in enumerate(self.order)}
        return tuple(sorted((*self.own, *shown), key=lambda entry: places.get(entry.id, len(places))))
