"""The text inside a block: emphasis, code, links, formulas, as plain text and runs over it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from desktop.markup.math import math_end
from desktop.markup.unfinished import as_if_finished

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

STRONG = 1
EMPHASIS = 2
CODE = 4
STRIKE = 8
LINK = 16
IMAGE = 32
MATH = 64
NOTE = 128
DISPLAY = 256
"""Beside MATH: a formula between the marks of a display."""

# Longer texts are parsed piece by piece, so that growing one costs the same at its end as at its start.
# Where the pieces end depends on the text alone, never on how it arrived.
_PIECE = 768
_LOOK_AHEAD = 256
_LONGEST_PIECE = 3072
_DEEPEST = 24
# What follows this much in one block is shown as it is; only hostile text has it.
_MOST_PARSED = 30_000

_MAYBE_MARKED = re.compile(r"[\\`*_\[<&$~\n@]|https?://|www\.")
_BARE_LINK = re.compile(
    r"(?<![\w/.])(?:https?://|www\.)[^\s<\x00-\x1f]+"
    # An address of mail, GFM 0.29, section 6.9: its last sign is a letter or figure.
    r"|(?<![\w.+-])[\w.+-]{1,64}@(?:[a-z0-9_-]{1,63}\.)+[a-z0-9_-]*[a-z0-9](?![\w-])",
    re.IGNORECASE,
)
_COULD_OPEN = re.compile(r"\*(?:\S|$)|(?<!\w)_(?:\S|$)|~~?(?:\S|$)|\$(?:\S|$)|[`\[<]")
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_SAFE_LINK = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Run(NamedTuple):
    """A stretch of an `Inline`'s text with its marks; `href` is where a link or picture points."""

    start: int
    end: int
    marks: int
    href: str = ""


@dataclass(frozen=True, slots=True)
class Inline:
    """The text as a reader sees it (a hard break is a newline) and its marked stretches, in order."""

    text: str
    runs: tuple[Run, ...] = ()


class InlineText:
    """The text of one block while it grows: what cannot change any more is not parsed again.

    `labels` are the link definitions of the document by normalised label, as `blocks` collects them.
    """

    __slots__ = ("_done", "_done_text", "_keep_breaks", "_labels_count", "_runs", "_texts")

    def __init__(self, keep_breaks: bool = False) -> None:
        self._keep_breaks = keep_breaks
        self._labels_count = -1
        self._reset()

    def _reset(self) -> None:
        self._done = 0
        self._done_text = ""
        self._texts: list[str] = []
        self._runs: list[Run] = []

    def parse(self, source: str, labels: Mapping[str, Any], is_open: bool = False) -> Inline:
        """Return the runs of `source`, which is usually the last one with something appended.

        While it `is_open`, marks that are not closed yet look as they will.
        """
        if len(labels) != self._labels_count or not source.startswith(self._done_text):
            self._reset()
            self._labels_count = len(labels)
        while len(source) - self._done >= _PIECE + _LOOK_AHEAD and self._done <= _MOST_PARSED:
            if not self._finish_piece(source, labels):
                break
        base = sum(map(len, self._texts))
        if self._done > _MOST_PARSED:
            return Inline("".join((*self._texts, _visible(source[self._done :]))), tuple(self._runs))
        rest = source[self._done :]
        tail = _parse_piece(as_if_finished(rest) if is_open else rest, labels, self._keep_breaks)[0]
        if not self._texts:
            return tail
        runs = [*self._runs, *(_moved(run, base) for run in tail.runs)]
        return Inline("".join((*self._texts, tail.text)), tuple(runs))

    def _finish_piece(self, source: str, labels: Mapping[str, Any]) -> bool:
        size = _PIECE
        while True:
            cut = _cut_before(source, self._done, self._done + size)
            piece = source[self._done : cut]
            inline, is_safe = _parse_piece(piece, labels, self._keep_breaks)
            if is_safe or size >= _LONGEST_PIECE:
                break
            size *= 2
            if len(source) - self._done < size + _LOOK_AHEAD:
                return False
        base = sum(map(len, self._texts))
        self._texts.append(inline.text)
        self._runs.extend(_moved(run, base) for run in inline.runs)
        self._done = cut
        self._done_text = source[:cut]
        if len(self._texts) > 64:
            self._texts = ["".join(self._texts)]
        return True


def parse(source: str, labels: Mapping[str, Any], keep_breaks: bool = False) -> Inline:
    """Return the text and runs of a whole inline source."""
    return InlineText(keep_breaks).parse(source, labels)


def _moved(run: Run, by: int) -> Run:
    return Run(run.start + by, run.end + by, run.marks, run.href)


def _cut_before(source: str, start: int, end: int) -> int:
    """Return the last place in (start, end] that begins a word, or `end` if there is none."""
    for at in range(end, start, -1):
        if source[at - 1] in " \n" and source[at] not in " \n":
            return at
    return end


def _parse_piece(source: str, labels: Mapping[str, Any], keep_breaks: bool) -> tuple[Inline, bool]:
    """Return the runs of a piece, and whether nothing after it could change them."""
    if not _MAYBE_MARKED.search(source) or _nests_deeply(source):
        return Inline(_visible(source)), True
    tokens: list[Token] = []
    parser = _parser()
    parser.inline.parse(source, parser, {"references": labels}, tokens)
    writer = _Writer(keep_breaks)
    writer.write(tokens)
    is_safe = not any(token.type == "text" and _COULD_OPEN.search(token.content) for token in tokens)
    if is_safe and "\\" in source:
        is_safe = source.rfind("\\(") <= source.rfind("\\)") and source.rfind("\\[") <= source.rfind("\\]")
    return Inline("".join(writer.texts), tuple(writer.runs)), is_safe


def _nests_deeply(source: str) -> bool:
    """Whether there are brackets within brackets as nobody writes them: the parser tries every one again."""
    if source.count("[") <= _DEEPEST:
        return False
    return _depth(source, "[", "]") > _DEEPEST or _depth(source, "(", ")") > _DEEPEST


def _depth(source: str, opening: str, closing: str) -> int:
    depth = deepest = 0
    for char in source:
        if char == opening:
            depth += 1
            deepest = max(deepest, depth)
        elif char == closing and depth:
            depth -= 1
    return deepest


class _Writer:
    """Turns inline tokens into text and runs."""

    def __init__(self, keep_breaks: bool) -> None:
        self.texts: list[str] = []
        self.runs: list[Run] = []
        self._at = 0
        self._marks: list[int] = []
        self._hrefs: list[str] = []
        self._soft = "\n" if keep_breaks else " "

    def write(self, tokens: "list[Token]") -> None:
        for token in tokens:
            kind = token.type
            if kind in ("text", "text_special"):
                self._text(token.content)
            elif kind == "softbreak":
                self._put(self._soft)
            elif kind == "hardbreak":
                self._put("\n")
            elif kind == "code_inline":
                self._put(token.content, CODE)
            elif kind == "math":
                self._put(token.content, MATH | DISPLAY if token.markup == "display" else MATH)
            elif kind == "note":
                self._put(token.content, NOTE)
            elif kind == "html_inline":
                self._put("\n" if _LINE_BREAK.fullmatch(token.content) else token.content)
            elif kind == "image":
                self._image(token)
            else:
                self._nest(token)

    def _nest(self, token: "Token") -> None:
        if token.nesting < 0:
            if self._marks.pop() == LINK:
                self._hrefs.pop()
        elif token.type == "link_open":
            self._marks.append(LINK)
            self._hrefs.append(safe_link(str(token.attrs.get("href", ""))))
        else:
            self._marks.append({"strong_open": STRONG, "em_open": EMPHASIS, "s_open": STRIKE}[token.type])

    def _image(self, token: "Token") -> None:
        target = str(token.attrs.get("src", ""))
        name = (
            "".join(child.content for child in token.children or ()) or target.rpartition("/")[2] or "picture"
        )
        self._put(name, IMAGE, safe_link(target))

    def _text(self, text: str) -> None:
        if self._hrefs or not ("://" in text or "@" in text or "www." in text.lower()):
            self._put(text)
            return
        at = 0
        for match in _BARE_LINK.finditer(text):
            link = _trimmed(match.group())
            is_web = "://" in link[:8] or link[:4].lower() == "www."
            if len(link) < 6 and is_web:
                continue
            self._put(text[at : match.start()])
            scheme = "" if "://" in link[:8] else "https://" if is_web else "mailto:"
            self._put(link, LINK, scheme + link)
            at = match.start() + len(link)
        self._put(text[at:])

    def _put(self, text: str, extra: int = 0, href: str = "") -> None:
        if not text:
            return
        text = _visible(text)
        start = self._at
        self._at += len(text)
        self.texts.append(text)
        marks = extra
        for mark in self._marks:
            marks |= mark
        if not href and self._hrefs:
            href = self._hrefs[-1]
        if marks & LINK and not href:
            marks &= ~LINK
        if not marks:
            return
        last = self.runs[-1] if self.runs else None
        is_one = bool(marks & (MATH | IMAGE | NOTE))
        if last and not is_one and last.end == start and last.marks == marks and last.href == href:
            self.runs[-1] = Run(last.start, self._at, marks, href)
        else:
            self.runs.append(Run(start, self._at, marks, href))


def _visible(text: str) -> str:
    return text if text.isprintable() else _CONTROL.sub("\ufffd", text)


def safe_link(target: str) -> str:
    """Return the target if it may be opened on a click (web or mail), else an empty text."""
    return target if _SAFE_LINK.match(target) else ""


def _trimmed(link: str) -> str:
    # The end of an extended autolink as GFM 0.29, section 6.9, cuts it.
    while link:
        if link[-1] in "?!.,:*_~'\";" or (link[-1] == ")" and link.count(")") > link.count("(")):
            link = link[:-1]
        else:
            break
    return link


@lru_cache(maxsize=1)
def _parser() -> "MarkdownIt":
    # Imported on first use: the window is on the screen before anything needs Markdown.
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"strikethrough_single_tilde": True}).enable(["strikethrough"])
    # Nothing is ever fetched, and what may be opened is decided by `safe_link`; an address is never a
    # reason to show raw source.
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    parser.inline.ruler.before("escape", "math", _math_rule)
    parser.inline.ruler.before("link", "note", _note_rule)
    parser.inline.ruler.before("strikethrough", "range", _range_rule)
    return parser


def _math_rule(state: "StateInline", silent: bool) -> bool:
    if state.src[state.pos] not in "$\\":
        return False
    found = math_end(state.src, state.pos)
    if found is None or found[2] > state.posMax:
        return False
    if not silent:
        token = state.push("math", "", 0)
        token.content = state.src[found[0] : found[1]].strip()
        token.markup = "display" if state.src.startswith(("$$", "\\["), state.pos) else ""
    state.pos = found[2]
    return True


def _note_rule(state: "StateInline", silent: bool) -> bool:
    if not state.src.startswith("[^", state.pos):
        return False
    end = state.src.find("]", state.pos, state.pos + 40)
    if end < 0:
        return False
    label = state.src[state.pos + 1 : end]
    if label.upper() not in state.env["references"]:
        return False
    if not silent:
        state.push("note", "", 0).content = label[1:]
    state.pos = end + 1
    return True


def _range_rule(state: "StateInline", silent: bool) -> bool:
    """Read a single tilde within a word as text: a range of numbers, as in 5~10, strikes nothing through."""
    at = state.pos
    around = state.src[at - 1 : at + 2] if at else ""
    if len(around) < 3 or around[1] != "~" or not (around[0].isalnum() and around[2].isalnum()):
        return False
    if not silent:
        state.pending += "~"
    state.pos = at + 1
    return True
