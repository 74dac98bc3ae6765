"""One source line under a cursor, and what can be recognised at its start (CommonMark 0.31.2, 4 and 5)."""

import re

_BLOCK_TAGS = (
    "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|"
    "dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[123456]|head|header|hr|html|iframe|legend|li|link|"
    "main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|"
    "thead|title|tr|track|ul"
)
_ATTRIBUTE = r"""(?:\s+[A-Za-z_:][\w:.-]*(?:\s*=\s*(?:[^"'=<>`\s]+|'[^']*'|"[^"]*"))?)"""
_OPEN_TAG = rf"<[A-Za-z][A-Za-z0-9-]*{_ATTRIBUTE}*\s*/?>"
_CLOSE_TAG = r"</[A-Za-z][A-Za-z0-9-]*\s*>"

# Start conditions of HTML blocks, numbered as in the specification.
HTML_STARTS = (
    re.compile(r"$^"),
    re.compile(r"<(?:script|pre|textarea|style)(?:\s|>|$)", re.IGNORECASE),
    re.compile(r"<!--"),
    re.compile(r"<[?]"),
    re.compile(r"<![A-Za-z]"),
    re.compile(r"<!\[CDATA\["),
    re.compile(rf"</?(?:{_BLOCK_TAGS})(?:\s|/?>|$)", re.IGNORECASE),
    re.compile(rf"(?:{_OPEN_TAG}|{_CLOSE_TAG})\s*$"),
)
HTML_ENDS = (
    re.compile(r"$^"),
    re.compile(r"</(?:script|pre|textarea|style)>", re.IGNORECASE),
    re.compile(r"-->"),
    re.compile(r"\?>"),
    re.compile(r">"),
    re.compile(r"\]\]>"),
)

ATX_HEADING = re.compile(r"#{1,6}(?:[ \t]+|$)")
ATX_END = re.compile(r"(?:^|[ \t]+)#+[ \t]*$")
FENCE = re.compile(r"`{3,}(?!.*`)|~{3,}")
THEMATIC_BREAK = re.compile(r"(?:\*[ \t]*){3,}$|(?:_[ \t]*){3,}$|(?:-[ \t]*){3,}$")
SETEXT = re.compile(r"(=+|-+)[ \t]*$")
BULLET = re.compile(r"[*+-]")
ORDERED = re.compile(r"(\d{1,9})([.)])")
NOTE = re.compile(r"\[\^([^\]\s]{1,32})\]:[ \t]?")
MATH_FENCE = re.compile(r"\$\$|\\\[")
TASK = re.compile(r"\[([ xX])\](?=[ \t])")
MAYBE_SPECIAL = frozenset("#`~*+_=<>-0123456789$\\[")

# A line that could still become a mark when its rest arrives; it is not shown before it says what it is.
UNDECIDED = re.compile(
    r"(?:=+|\*{1,2}|\+|#{1,6}|>|`+|~+|\d{1,9}[.)]?|\$|\\)[ \t]*$|[|:\- \t]+$|[-*+] \[[ xX]?\]?$"
)

_TAB = 4


class Line:
    """A line and how far it has been read; tabs count as columns up to the next multiple of four.

    After `look`, `mark` is the offset of the next character that is no space, `indent` how many columns lie
    before it, and `is_blank` whether there is none.
    """

    __slots__ = (
        "_half_tab",
        "_seen",
        "column",
        "indent",
        "is_blank",
        "mark",
        "mark_column",
        "offset",
        "text",
    )

    def __init__(self, text: str) -> None:
        self.text = text
        self.offset = 0
        self.column = 0
        self._half_tab = False
        # From here to the mark there are spaces alone, as far as was looked.
        self._seen = 0
        self.mark = 0
        self.mark_column = 0
        self.indent = 0
        self.is_blank = False

    def look(self) -> None:
        """Find the next character that is no space."""
        if self._seen <= self.offset < self.mark:
            # Each list within a list looks again, at what may be a long way in.
            self.indent = self.mark_column - self.column
            return
        text = self.text
        self._seen = at = self.offset
        column = self.column
        size = len(text)
        while at < size:
            char = text[at]
            if char == " ":
                column += 1
            elif char == "\t":
                column += _TAB - column % _TAB
            else:
                break
            at += 1
        self.is_blank = at >= size
        self.mark = at
        self.mark_column = column
        self.indent = column - self.column

    @property
    def is_indented(self) -> bool:
        """Whether the next character stands far enough in for indented code."""
        return self.indent >= 4

    @property
    def char(self) -> str:
        """The next character that is no space, or an empty text."""
        return self.text[self.mark : self.mark + 1]

    @property
    def rest(self) -> str:
        """What is left to read, with a half-read tab as the spaces that remain of it."""
        if self._half_tab:
            return " " * (_TAB - self.column % _TAB) + self.text[self.offset + 1 :]
        return self.text[self.offset :]

    def at_space(self) -> bool:
        """Whether the next character to read is a space or a tab."""
        return self.text[self.offset : self.offset + 1] in (" ", "\t")

    def skip_spaces(self) -> None:
        """Read up to the next character that is no space."""
        self.offset = self.mark
        self.column = self.mark_column
        self._half_tab = False

    def skip_chars(self, count: int) -> None:
        """Read characters of which none is a tab."""
        self.offset += count
        self.column += count
        self._half_tab = False

    def skip_columns(self, count: int) -> None:
        """Read a number of columns, perhaps stopping within a tab."""
        while count > 0 and self.offset < len(self.text):
            if self.text[self.offset] == "\t":
                to_stop = _TAB - self.column % _TAB
                self._half_tab = to_stop > count
                step = min(count, to_stop)
                self.column += step
                count -= step
                if not self._half_tab:
                    self.offset += 1
            else:
                self._half_tab = False
                self.offset += 1
                self.column += 1
                count -= 1

    def state(self) -> tuple[int, int, bool]:
        """Return how far the line has been read, for `rewind`."""
        return self.offset, self.column, self._half_tab

    def rewind(self, state: tuple[int, int, bool]) -> None:
        """Go back to an earlier state."""
        self.offset, self.column, self._half_tab = state
