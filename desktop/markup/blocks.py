"""Markdown grown in place: closed blocks and one open tail; only the tail is looked at again.

Only complete lines decide anything. The last, incomplete line is tried on the open tail so that it can be
shown, and taken back before the next piece of text arrives.
"""

from dataclasses import dataclass

from desktop.markup.lines import UNDECIDED
from desktop.markup.model import Block, Container, Kind
from desktop.markup.starts import Starter

_APPEND_ONLY = (Kind.CODE, Kind.HTML, Kind.MATH)


@dataclass(slots=True)
class _Mark:
    """What a trial line can change."""

    stack: list[Container]
    containers: list[tuple[int, bool, Block | None, bool | None]]
    leaf: Block | None
    count: int
    last: Block | None
    last_lines: list[str] | int
    last_is_open: bool
    blank: tuple[Container, ...]
    empty_lines: list[str]


class Document(Starter):
    """The blocks of a text that arrives in pieces.

    `blocks` are the leaves in reading order; `labels` the link definitions so far, as `inline` wants them.
    """

    def __init__(self) -> None:
        super().__init__()
        self._partial = ""
        self._mark: _Mark | None = None

    def feed(self, text: str) -> int:
        """Append text; return the index of the first block that may have changed."""
        self._take_back()
        text = self._partial + text.replace("\0", "\ufffd")
        if "\r" in text:
            # A carriage return at the very end may be half of a line end.
            held = text.endswith("\r")
            text = text[:-1] if held else text
            text = text.replace("\r\n", "\n").replace("\r", "\n") + ("\r" if held else "")
        *lines, self._partial = text.split("\n")
        self._take(lines)
        self._try_partial()
        return self.changed

    def close(self) -> int:
        """Say that nothing more comes; return the index of the first block that may have changed."""
        self._take_back()
        rest = self._partial.rstrip("\r")
        self._partial = ""
        if rest:
            self._take([rest])
        self.end()
        return min(self.changed, max(0, len(self.blocks) - 1))

    def _take(self, lines: list[str]) -> None:
        taken = 0
        while (taken := self.take_run(lines, taken)) < len(lines):
            self.line(lines[taken])
            taken += 1

    def _try_partial(self) -> None:
        partial = self._partial
        if not partial or (len(partial) < 200 and self._is_undecided(partial)):
            return
        self._mark = self._remember()
        self.is_trial = True
        self._take([partial.rstrip("\r")])
        self.is_trial = False

    @staticmethod
    def _is_undecided(partial: str) -> bool:
        text = partial.lstrip(" >\t\r")
        return not text or UNDECIDED.match(text) is not None

    def _remember(self) -> _Mark:
        last = self.blocks[-1] if self.blocks else None
        lines: list[str] | int = 0
        if last is not None:
            lines = len(last.lines) if last.kind in _APPEND_ONLY else list(last.lines)
        return _Mark(
            stack=list(self._stack),
            containers=[(one.count, one.is_loose, one.first, one.task) for one in self._stack],
            leaf=self._leaf,
            count=len(self.blocks),
            last=last,
            last_lines=lines,
            last_is_open=last.is_open if last is not None else False,
            blank=self._blank,
            empty_lines=list(self._empty_lines),
        )

    def _take_back(self) -> None:
        """Undo the trial of the incomplete line, and begin to record what changes."""
        mark = self._mark
        if mark is None:
            self.changed = max(0, len(self.blocks) - 1)
            return
        self._mark = None
        self.changed = max(0, mark.count - 1)
        for one, (count, is_loose, first, task) in zip(mark.stack, mark.containers, strict=True):
            if one.is_loose != is_loose:
                self._mark_changed(one)
            one.count, one.is_loose, one.first, one.task = count, is_loose, first, task
        self._stack = mark.stack
        self._leaf = mark.leaf
        self._blank = mark.blank
        self._empty_lines = mark.empty_lines
        last = mark.last
        if last is None:
            self.blocks.clear()
            return
        self.blocks[mark.count - 1 :] = [last]
        last.is_open = mark.last_is_open
        if isinstance(mark.last_lines, int):
            del last.lines[mark.last_lines :]
        else:
            last.lines[:] = mark.last_lines
        for one in last.opens:
            one.first = last
