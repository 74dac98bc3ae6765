"""What is searched for, and what is found."""

import datetime
import re
from dataclasses import dataclass, field, replace

from desktop.domain.message import Conversation, Role

_TYPED = re.compile(r'(?:(?P<name>[a-z]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>\S+))', re.IGNORECASE)
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$")
_ROLES = {
    "me": Role.USER, "user": Role.USER, "prompt": Role.USER, "question": Role.USER,
    "assistant": Role.ASSISTANT, "reply": Role.ASSISTANT, "model": Role.ASSISTANT, "answer": Role.ASSISTANT,
}  # fmt: skip
MOST_WORDS = 16


@dataclass(frozen=True, slots=True)
class Word:
    """A word to be found, or with `is_exact` several words as they stand in quotation marks."""

    text: str
    is_exact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Words that all have to stand in one text or title, and what narrows the search.

    `model`, `folder` and `tag` are parts of names in any case. `since` and `until` bound the time of
    the message in Unix milliseconds, `until` excluded. `titles_only` leaves the texts alone.
    """

    words: tuple[Word, ...] = ()
    model: str = ""
    folder: str = ""
    tag: str = ""
    role: Role | None = None
    has_code: bool = False
    since: int | None = None
    until: int | None = None
    titles_only: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return replace(self, titles_only=False) == Query()

    @property
    def is_narrowed(self) -> bool:
        """Whether anything besides words is asked for."""
        return replace(self, words=(), titles_only=False) != Query()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A message in which all words stand, or with an empty `message_id` a title.

    `excerpt` is plain text around the first word; `marks` are the places of words in it, or in the
    title, as start and length. `created` is the message's time in Unix milliseconds.
    """

    conversation: Conversation
    message_id: str = ""
    role: Role | None = None
    model: str = ""
    created: int = 0
    excerpt: str = ""
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, titles first, then the newest text first; `is_all` if there is no more."""

    hits: tuple[Hit, ...] = field(default_factory=tuple)
    is_all: bool = True


def parse_query(text: str, timezone: datetime.tzinfo | None = None) -> Query:
    """Return what a typed line asks for.

    Besides words and "quoted words" it may hold `model:`, `folder:`, `tag:`, `role:` (me or reply),
    `has:code`, `date:`, `after:` and `before:` with a year, a month or a day (2026-11). What only
    looks like one of these is a word. Without `timezone` the days are those of this computer.
    """
    query = Query()
    for typed in _TYPED.finditer(text.replace("\0", " ")):
        name, value = (typed["name"] or "").lower(), typed["quoted"] or typed["plain"] or ""
        narrowed = _narrowed(query, name, value, timezone) if name else None
        if narrowed is not None:
            query = narrowed
        elif typed["quoted"] is not None and not name and value.strip():
            query = replace(query, words=(*query.words, Word(" ".join(value.split()), is_exact=True)))
        elif typed[0].removesuffix(":").lower() not in _NAMES or not typed[0].endswith(":"):
            # A filter of which nothing but its name is typed so far is none.
            query = replace(query, words=(*query.words, *map(Word, typed[0].split())))
    return replace(query, words=query.words[:MOST_WORDS])


_NAMES = frozenset({"model", "folder", "tag", "role", "from", "has", "date", "after", "before"})


def _narrowed(query: Query, name: str, value: str, timezone: datetime.tzinfo | None) -> Query | None:
    """Return the query narrowed by `name:value`, or None if that says nothing."""
    if name == "model" and value:
        return replace(query, model=value)
    if name == "folder" and value:
        return replace(query, folder=value)
    if name == "tag" and value:
        return replace(query, tag=value)
    if name in ("role", "from") and value.lower() in _ROLES:
        return replace(query, role=_ROLES[value.lower()])
    if name == "has" and value.lower() == "code":
        return replace(query, has_code=True)
    if name in ("date", "after", "before") and (span := _span(value, timezone)) is not None:
        first, last = span
        since = {"date": first, "after": first}.get(name, query.since)
        until = {"date": last, "before": first}.get(name, query.until)
        return replace(query, since=since, until=until)
    return None


def _span(value: str, timezone: datetime.tzinfo | None) -> tuple[int, int] | None:
    """Return the first millisecond of a year, month or day, and the first after it."""
    found = _DATE.match(value)
    if found is None:
        return None
    year, month, day = (int(part) if part else 0 for part in found.groups())
    try:
        first = datetime.date(year, month or 1, day or 1)
        if day:
            after = first + datetime.timedelta(days=1)
        elif month:
            after = (first + datetime.timedelta(days=31)).replace(day=1)
        else:
            after = first.replace(year=year + 1)
        return _ms(first, timezone), _ms(after, timezone)
    except (ValueError, OverflowError, OSError):
        return None


def _ms(day: datetime.date, timezone: datetime.tzinfo | None) -> int:
    midnight = datetime.datetime.combine(day, datetime.time(), timezone)
    return int((midnight if timezone is not None else midnight.astimezone()).timestamp() * 1000)
