"""Template: the text of a prompt that is kept to be used again, with places to fill in."""

import re
from dataclasses import dataclass

CLIPBOARD = "clipboard"
DATE = "date"
_PLACE = re.compile(r"\{\{[ \t]*([^\s{}=|#%<>/][^{}=\n|#%<>/]*?)[ \t]*(?:=([^{}]*))?\}\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A text with {{variables}} under a name.

    In the text `{{name}}` is a place to fill in, `{{name=default}}` one that is filled already and may
    be changed, `{{clipboard}}` what was copied last, `{{date}}` the date of the day.
    """

    id: str
    name: str
    text: str

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the places, each once, in order."""
        return tuple(dict.fromkeys(match[1] for match in _PLACE.finditer(self.text)))


@dataclass(frozen=True, slots=True)
class Place:
    """A place to fill in, the characters from `start` to `end` of a text. `is_filled` if it has a value."""

    name: str
    start: int
    end: int
    is_filled: bool = False


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with what could be put in, and the places left to the writer, in order."""

    text: str
    places: tuple[Place, ...]


def empty_place(name: str) -> str:
    """Return what stands in a text for a place that is not filled in."""
    return "{{" + name + "}}"


def places_of(text: str) -> tuple[Place, ...]:
    """Return the places of a text as it is written."""
    return tuple(Place(match[1], *match.span()) for match in _PLACE.finditer(text))


def fill(template: Template, clipboard: str, date: str) -> Filled:
    """Return a template's text with defaults, clipboard and date put in.

    An empty clipboard leaves its place to be filled in. What is put in is never looked at for places.
    """
    known = {CLIPBOARD: clipboard, DATE: date}
    pieces: list[str] = []
    places: list[Place] = []
    length = position = 0
    for match in _PLACE.finditer(template.text):
        name, default = match[1], match[2]
        before = template.text[position : match.start()]
        value = known.get(name.casefold(), "") or default or ""
        shown = value or empty_place(name)
        pieces += (before, shown)
        length += len(before)
        if name.casefold() not in known or not value:
            places.append(Place(name, length, length + len(shown), bool(value)))
        length += len(shown)
        position = match.end()
    return Filled("".join((*pieces, template.text[position:])), tuple(places))
