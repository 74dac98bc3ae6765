"""Colours of code, line by line, so that a growing block never starts again from its top."""

import importlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pygments.lexer import Lexer

# A whole block up to this size is coloured in one go when it is complete (about 1 KB in 2 ms).
_WHOLE_CHARS = 5_000
# Lines longer than this stay plain: a regular expression may take very long over them.
_LONGEST_LINE = 1_000
_WINDOW_CHARS = 2_000
# Lines above the visible ones that are skipped when a huge block is first seen far from its top.
_LEAD_LINES = 200

# What may end a comment or text that began lines ago; many lexers see those only as one piece.
_ENDS = ("*/", "-->", "*)", '"""', "'''", "-}", "]]", "=end", "#>")


class Span(NamedTuple):
    """A coloured stretch of a line: "keyword", "string", "number", "comment" or "function"."""

    start: int
    end: int
    color: str


class CodeColors:
    """The colours of one block of code. `info` is the whole info string of its fence, or empty."""

    def __init__(self, info: str) -> None:
        self._lexer = lexer_for(info)
        # None stands for a line that was skipped.
        self._spans: list[list[Span] | None] = []
        # The lexer's state before each line, and one more before the line to come.
        self._states: list[tuple[str, ...]] = [("root",)]
        self._is_whole = False

    @property
    def is_plain(self) -> bool:
        """Whether nothing will ever be coloured."""
        return self._lexer is None

    def is_behind(self, line: int) -> bool:
        """Whether a line has not been learnt yet."""
        return line >= len(self._spans)

    def forget_from(self, line: int) -> None:
        """Drop what was learnt from a line on."""
        del self._spans[line:]
        del self._states[line + 1 :]
        self._is_whole = False

    def complete(self, lines: list[str]) -> bool:
        """Take a block that will not change any more; return whether earlier colours may have changed."""
        if self._lexer is None or self._is_whole:
            return False
        size = sum(map(len, lines)) + len(lines)
        if size > _WHOLE_CHARS or any(len(line) > _LONGEST_LINE for line in lines):
            return False
        before = self._spans
        self._spans = [*self._lex_whole(lines)]
        self._states = [("root",)] * (len(lines) + 1)
        self._is_whole = True
        return before != self._spans[: len(before)]

    def add(self, lines: list[str], count: int) -> int:
        """Learn the first `count` lines, which are complete; return the first line whose colours changed."""
        first = len(self._spans)
        if self._lexer is None:
            return first
        if count - first > 2 * _LEAD_LINES:
            skipped = count - first - _LEAD_LINES
            self._spans.extend([None] * skipped)
            self._states.extend([("root",)] * skipped)
        changed = first
        for index in range(len(self._spans), count):
            changed = min(changed, self._add_line(lines, index))
        return changed

    def _add_line(self, lines: list[str], index: int) -> int:
        text = lines[index]
        start = index
        if any(end in text for end in _ENDS):
            start = self._window_start(lines, index)
        found, state = self._lex(lines[start : index + 1], self._states[start])
        same = start
        while same < index and self._spans[same] == found[same - start]:
            same += 1
        self._spans[start:] = found
        del self._states[index + 1 :]
        self._states.append(state)
        return same

    def _window_start(self, lines: list[str], index: int) -> int:
        room = _WINDOW_CHARS
        best = start = index
        while start > 0:
            start -= 1
            room -= len(lines[start]) + 1
            if room < 0 or len(lines[start]) > _LONGEST_LINE:
                break
            if self._states[start] == ("root",):
                best = start
        return best

    def spans(self, lines: list[str], index: int) -> list[Span]:
        """Return the colours of a line; one that was not `add`ed yet is looked at for itself."""
        if self._lexer is None:
            return []
        known = self._spans[index] if index < len(self._spans) else None
        if known is not None:
            return known
        state = self._states[-1] if index >= len(self._spans) else ("root",)
        found = self._lex([lines[index]], state)[0][0]
        if index < len(self._spans):
            self._spans[index] = found
        return found

    def _lex(self, lines: list[str], state: tuple[str, ...]) -> tuple[list[list[Span]], tuple[str, ...]]:
        if any(len(line) > _LONGEST_LINE for line in lines):
            return [[] for _ in lines], ("root",)
        tokens, after = lex_from(self._lexer, "\n".join(lines) + "\n", state)
        return _by_line(tokens, lines), after

    def _lex_whole(self, lines: list[str]) -> list[list[Span]]:
        lexer: Any = self._lexer
        try:
            tokens = list(lexer.get_tokens_unprocessed("\n".join(lines) + "\n"))
        except Exception:
            return [[] for _ in lines]
        return _by_line([(at, kind, len(text)) for at, kind, text in tokens], lines)


def _by_line(tokens: list[tuple[int, Any, int]], lines: list[str]) -> list[list[Span]]:
    """Share tokens of the joined lines out over the lines."""
    found: list[list[Span]] = [[] for _ in lines]
    index = 0
    line_start = 0
    last = len(lines) - 1
    for at, kind, size in tokens:
        color = _color_of(kind)
        if not color:
            continue
        end = at + size
        while index < last and at > line_start + len(lines[index]):
            line_start += len(lines[index]) + 1
            index += 1
        row, row_start = index, line_start
        while True:
            start, stop = max(0, at - row_start), min(len(lines[row]), end - row_start)
            if stop > start:
                _append(found[row], Span(start, stop, color))
            if row >= last or end <= row_start + len(lines[row]) + 1:
                break
            row_start += len(lines[row]) + 1
            row += 1
    return found


def _append(row: list[Span], span: Span) -> None:
    last = row[-1] if row else None
    if last is not None and last.end == span.start and last.color == span.color:
        row[-1] = Span(last.start, span.end, span.color)
    else:
        row.append(span)


def lex_from(
    lexer: Any, text: str, state: tuple[str, ...]
) -> tuple[list[tuple[int, Any, int]], tuple[str, ...]]:
    """Return (offset, token type, length) for a text that begins in a state, and the state after it.

    Lexers that are no table of regular expressions begin anew at each call.
    """
    from pygments.lexer import ExtendedRegexLexer, RegexLexer

    try:
        if not isinstance(lexer, RegexLexer) or isinstance(lexer, ExtendedRegexLexer):
            return [(at, kind, len(part)) for at, kind, part in lexer.get_tokens_unprocessed(text)], state
        return _run(lexer, text, list(state))
    except Exception:
        return [], ("root",)


def _run(lexer: Any, text: str, stack: list[str]) -> tuple[list[tuple[int, Any, int]], tuple[str, ...]]:
    # The loop of pygments.lexer.RegexLexer.get_tokens_unprocessed, which keeps its stack to itself. It stops
    # at the end of the text, where an empty match could leave a state that the next line still needs.
    table = lexer._tokens  # noqa: SLF001
    found: list[tuple[int, Any, int]] = []
    at, size = 0, len(text)
    idle = 0
    while at < size:
        for match_at, action, new_state in table[stack[-1]]:
            match = match_at(text, at)
            if not match:
                continue
            if action is not None:
                if isinstance(action, tuple):
                    found.append((at, action, match.end() - at))
                else:
                    found.extend((start, kind, len(part)) for start, kind, part in action(lexer, match))
            idle = idle + 1 if match.end() == at else 0
            at = match.end()
            if new_state is not None:
                _change(stack, new_state)
            break
        else:
            idle = 100
        if idle >= 100:
            if text[at] == "\n":
                stack = ["root"]
            at += 1
            idle = 0
    return found, tuple(stack[-40:])


def _change(stack: list[str], new_state: Any) -> None:
    for state in new_state if isinstance(new_state, tuple) else (new_state,):
        if state == "#pop" or state == -1:
            if len(stack) > 1:
                stack.pop()
        elif state == "#push":
            stack.append(stack[-1])
        elif isinstance(state, int):
            del stack[max(1, len(stack) + state) :]
        else:
            stack.append(state)


@lru_cache(maxsize=256)
def _color_of(kind: Any) -> str:
    from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String

    for parent, color in (
        (Comment.Preproc, "keyword"),
        (Comment, "comment"),
        (Keyword.Constant, "number"),
        (Keyword, "keyword"),
        (Operator.Word, "keyword"),
        (String, "string"),
        (Number, "number"),
        (Name.Function, "function"),
        (Name.Class, "function"),
        (Name.Decorator, "function"),
        (Name.Attribute, "function"),
        (Name.Tag, "keyword"),
        (Generic.Inserted, "string"),
        (Generic.Deleted, "number"),
        (Generic.Heading, "keyword"),
        (Generic.Subheading, "function"),
    ):
        if kind in parent:
            return color
    return ""


@lru_cache(maxsize=1)
def _aliases() -> dict[str, str]:
    mapping = importlib.import_module("pygments.lexers._mapping")
    found: dict[str, str] = {}
    for class_name, (_module, _name, aliases, _patterns, _mimetypes) in mapping.LEXERS.items():
        for alias in aliases:
            found.setdefault(alias.lower(), class_name)
    return found


def language_of(info: str) -> str:
    """Return the language an info string names, as written, or an empty text."""
    words = info.replace("{", " ").replace("}", " ").split()
    return words[0].lstrip(".").split(":")[0][:40] if words else ""


def language_name(info: str) -> str:
    """Return what an info string's language is called, "C++" for "cpp"; as written where none is known."""
    written = language_of(info)
    class_name = _aliases().get(written.lower())
    if class_name is None:
        return written
    mapping = importlib.import_module("pygments.lexers._mapping")
    return str(mapping.LEXERS[class_name][1])


@lru_cache(maxsize=128)
def lexer_for(info: str) -> "Lexer | None":
    """Return Pygments' lexer for a whole info string, or None; never by guessing or from plug-ins."""
    class_name = _aliases().get(language_of(info).lower())
    if class_name is None:
        return None
    mapping = importlib.import_module("pygments.lexers._mapping")
    module = importlib.import_module(mapping.LEXERS[class_name][0])
    lexer: Lexer = getattr(module, class_name)()
    return lexer
