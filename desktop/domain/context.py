"""How much of a model's context window a prompt takes, and what can be left out when it is too much.

Tokens are counted by the services alone; what is written here is an estimate, held to the counts that
the service stated for the replies that are there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from desktop.domain.cut import ContextChoice, Cut
from desktop.domain.message import FilePart, ImagePart, Message, Part, Role, TextPart
from desktop.domain.tokens import estimate_tokens

SUMMARY_HEAD = "Summary of the earlier part of this conversation:"

# The marks between messages, as most chat templates write them.
_MARKS = 4
# Services count an image as 250 to 1,600 tokens, mostly by its size, and a page of a file as 1,500 and more.
_IMAGE = 1_000
_LEAST_FILE = 1_500
_BYTES_A_TOKEN = 50
_MOST_FILE = 200_000
# How far the estimate may be from what a service counted before the two can't be of the same text.
_LEAST_RATIO, _MOST_RATIO = 0.4, 2.5
_ENOUGH = 40
# After a cut a quarter of the window is free, so that not every prompt needs another one.
_FILLED, _LEAST_FILLED = 0.75, 0.35


@dataclass(frozen=True, slots=True)
class Load:
    """How much a prompt takes: `tokens` in about, of which the service counted all but `estimated`.

    `reserve` is room for the reply. `window` is None where nobody knows it.
    """

    tokens: int
    estimated: int
    reserve: int = 0
    window: int | None = None

    @property
    def fits(self) -> bool:
        """Whether there is room for the prompt and a reply, as far as is known."""
        return self.window is None or self.tokens + self.reserve <= self.window

    @property
    def share(self) -> float | None:
        """How full the window will be, 1 being full, or None."""
        return self.tokens / self.window if self.window else None


@dataclass(frozen=True, slots=True)
class Plan:
    """What can be left out so that a prompt fits: the oldest messages, up to and with `after_id`.

    `left` are those that were in the prompt so far, `tokens` what is then sent in about. Without any
    that help, `after_id` is empty.
    """

    left: tuple[Message, ...] = ()
    after_id: str = ""
    count: int = 0
    tokens: int = 0

    @property
    def helps(self) -> bool:
        """Whether leaving these out makes the prompt fit."""
        return bool(self.after_id)


def cut_on(path: Sequence[Message], cuts: Sequence[Cut], before: int | None = None) -> Cut | None:
    """Return the cut that counts on a path: the lowest, of those at one place the last; `before` a time.

    A cut that would part a reply from its prompt does not count.
    """
    last: dict[str, Cut] = {}
    for cut in cuts:
        if before is None or cut.at <= before:
            last[cut.after_id] = cut
    for number in range(len(path) - 1, -1, -1):
        below = path[number + 1] if number + 1 < len(path) else None
        if path[number].id in last and (below is None or below.role is not Role.ASSISTANT):
            return last[path[number].id]
    return None


def kept_of(path: Sequence[Message], cut: Cut | None) -> tuple[Message, ...]:
    """Return the messages of a path below a cut."""
    place = next((number for number, item in enumerate(path) if cut and item.id == cut.after_id), -1)
    return tuple(path[place + 1 :])


def sent_of(path: Sequence[Message], cuts: Sequence[Cut]) -> tuple[Message, ...]:
    """Return what a prompt holds of the path to it: what is below its cut, and the summary before it."""
    cut = cut_on(path, cuts)
    kept = kept_of(path, cut)
    if cut is None or not cut.summary or not kept:
        return kept
    text = f"{SUMMARY_HEAD}\n\n{cut.summary}"
    first = replace(kept[0], id=f"{cut.after_id}-summary", role=Role.USER, parts=(TextPart(text),))
    return (first, *kept)


def moved_to(choice: ContextChoice, ids: Mapping[str, str]) -> ContextChoice:
    """Return the choice for copies of messages, by the ids of the copies; cuts elsewhere are left out."""
    cuts = tuple(replace(cut, after_id=ids[cut.after_id]) for cut in choice.cuts if cut.after_id in ids)
    # What the summaries cost is counted where they were made.
    return replace(choice, cuts=tuple(replace(cut, usage=None, timing=None) for cut in cuts))


def estimate_parts(parts: Sequence[Part]) -> int:
    """Return about how many tokens parts are as they are sent, without the marks around a message."""
    tokens = 0
    for part in parts:
        if isinstance(part, TextPart):
            tokens += estimate_tokens(part.text)
        elif isinstance(part, ImagePart):
            tokens += _IMAGE
        elif isinstance(part, FilePart) and part.text:
            tokens += estimate_tokens(part.text) + estimate_tokens(part.name) + _MARKS
        elif isinstance(part, FilePart):
            tokens += min(_MOST_FILE, max(_LEAST_FILE, len(part.data) // _BYTES_A_TOKEN))
    return tokens


def reserve_of(window: int | None, max_tokens: int | None) -> int:
    """Return how much of a window to keep free for the reply, in tokens."""
    if window is None:
        return 0
    return min(max_tokens, window // 2) if max_tokens is not None else min(1_024, window // 8)


class Scale:
    """Weighs prompts; what a message weighs is kept, so that a long branch is weighed once."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[tuple[Part, ...], int]] = {}

    def weigh(self, message: Message) -> int:
        """Return about how many tokens a message is; nothing where none of it is sent."""
        kept = self._kept.get(message.id)
        if kept is None or kept[0] is not message.parts:
            tokens = estimate_parts(message.parts)
            kept = self._kept[message.id] = (message.parts, tokens + _MARKS if tokens else 0)
        return kept[1]

    def unweighed(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """Return the messages of which nothing is kept yet."""
        kept = self._kept
        return tuple(item for item in messages if item.id not in kept or kept[item.id][0] is not item.parts)

    def forget(self) -> None:
        """Drop what was kept."""
        self._kept.clear()

    def load(
        self,
        path: Sequence[Message],
        cuts: Sequence[Cut],
        *,
        system: str = "",
        draft: Sequence[Part] = (),
        window: int | None = None,
        max_tokens: int | None = None,
    ) -> Load:
        """Return how much a draft after a path takes, with all that goes with it.

        The last reply with counts says exactly what the branch up to it takes, if it was sent what would
        be sent now; what follows is estimated by how that service counts.
        """
        cut = cut_on(path, cuts)
        kept = kept_of(path, cut)
        fixed = self._fixed(system, cut)
        drafted = estimate_parts(draft)
        drafted += _MARKS if drafted else 0
        reserve = reserve_of(window, max_tokens)
        ratio = 1.0
        place = self._counted(kept)
        if place is not None:
            usage, before = kept[place].usage, self._sum(kept[:place])
            stated = (usage.input or 0) if usage is not None else 0
            ratio = self._ratio(path, cuts, kept[place], stated, system)
            is_same = cut_on(path, cuts, kept[place].created) == cut
            if usage is not None and is_same and _is_like(fixed + before, stated):
                counted = stated + (usage.output or 0) - (usage.reasoning or 0)
                rest = round((self._sum(kept[place + 1 :]) + drafted) * ratio)
                return Load(counted + rest, rest, reserve, window)
        total = round((fixed + self._sum(kept) + drafted) * ratio)
        return Load(total, total, reserve, window)

    def plan(
        self,
        path: Sequence[Message],
        cuts: Sequence[Cut],
        load: Load,
        *,
        system: str = "",
        draft: Sequence[Part] = (),
        is_summary: bool = False,
    ) -> Plan:
        """Return which of the oldest messages to leave out, so that a prompt of this load fits.

        Whole turns are left out, and enough of them to have some room again, unless that would cost a
        very long one. Where the window is not known, a part of the prompt has to go. A summary needs
        room of its own.
        """
        cut = cut_on(path, cuts)
        kept = kept_of(path, cut)
        drafted = estimate_parts(draft)
        raw = self._fixed(system, cut) + self._sum(kept) + drafted
        ratio = load.tokens / raw if raw else 1.0
        window = load.window if load.window is not None and not load.fits else load.tokens * 3 // 4
        reserve = load.reserve if load.window is not None else 0
        room = window // 8 if is_summary else 0
        # Without a draft the path ends with the prompt itself, which has to stay.
        most = len(kept) if draft else len(kept) - 1
        base = estimate_tokens(system) + drafted
        sizes: dict[int, int] = {}
        below = 0
        for number in range(len(kept), 0, -1):
            if number <= most and (number == len(kept) or kept[number].role is not Role.ASSISTANT):
                sizes[number] = round((base + below) * ratio) + room + reserve
            below += self.weigh(kept[number - 1])
        starts = sorted(sizes)
        roomy = (n for n in starts if window * _LEAST_FILLED <= sizes[n] <= window * _FILLED)
        start = next(roomy, next((n for n in starts if sizes[n] <= window), None))
        if start is None:
            return Plan()
        left = kept[:start]
        count = next(n for n, item in enumerate(path) if item.id == left[-1].id) + 1
        return Plan(left, left[-1].id, count, sizes[start] - reserve)

    def _fixed(self, system: str, cut: Cut | None) -> int:
        tokens = estimate_tokens(system) + _MARKS if system.strip() else 0
        return tokens + (estimate_tokens(cut.summary) + estimate_tokens(SUMMARY_HEAD) if cut else 0)

    def _sum(self, messages: Sequence[Message]) -> int:
        return sum(map(self.weigh, messages))

    def _counted(self, kept: Sequence[Message]) -> int | None:
        """Return the place of the last reply whose service counted its tokens."""
        for number in range(len(kept) - 1, -1, -1):
            usage = kept[number].usage
            if kept[number].role is Role.ASSISTANT and usage and usage.input and usage.output is not None:
                return number
        return None

    def _ratio(
        self, path: Sequence[Message], cuts: Sequence[Cut], reply: Message, stated: int, system: str
    ) -> float:
        """Return how many of the service's tokens one of the estimate's is, by what that reply was sent."""
        place = next(number for number, item in enumerate(path) if item.id == reply.id)
        before = path[:place]
        cut = cut_on(before, cuts, reply.created)
        guess = self._fixed(system, cut) + self._sum(kept_of(before, cut))
        return stated / guess if guess >= _ENOUGH and _is_like(guess, stated) else 1.0


def _is_like(guess: int, stated: int) -> bool:
    # A few tokens either way say nothing, such as a template's own words.
    return guess * _LEAST_RATIO - _ENOUGH <= stated <= guess * _MOST_RATIO + _ENOUGH * 2
