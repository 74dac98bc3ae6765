"""Where messages and their lines stand on screen."""

from dataclasses import dataclass

from desktop.ui.timeline.item import Item, Place


@dataclass(frozen=True, slots=True)
class Spot:
    """A visible message: its index, the item, and the y on screen at which it begins."""

    index: int
    item: Item
    y: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of text on screen that has to stay where it is."""

    message_id: str
    place: Place | None
    y: int


def moved_by(old: list[Spot], new: list[Spot], shift: int, growing: Item | None) -> bool:
    """Whether every message that was on screen and still is moved by the same distance, unchanged."""
    places = {spot.item: spot.y for spot in old}
    return all(
        spot.item is growing or spot.item not in places or spot.y - places[spot.item] == shift for spot in new
    )
