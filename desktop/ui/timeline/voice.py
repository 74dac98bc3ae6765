"""A growing reply for the ear: its sentences as they become whole, no faster than anybody can follow."""

import re
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from desktop.markup import inline
from desktop.markup.spoken import spoken_formula, spoken_text
from desktop.markup.tables import cells_of
from desktop.ui.timeline import words
from desktop.ui.timeline.reading import code_words
from desktop.ui.wording import parts

# Behind the mark that ends a sentence and what closes with it; Chinese and Japanese leave no space.
_SENTENCE = re.compile(r"(?<=[.!?…؟])[\"'”’)\]]*\s+|(?<=[。！？])|\n")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})\s*(.*)")
_FORMULA = re.compile(r"\s*(\$\$|\\\[|\\\])\s*$")
_BLOCK_MARKS = re.compile(r"^\s*(?:(?:#{1,6}|>|[-*+]|\d{1,9}[.)]|\[[ xX]\]|\|)\s+)*")

# A fast listener takes in some forty characters a second.
_PER_SECOND = 40
_LEAST_MS, _MOST_MS = 300, 4_000
_MOST_AT_ONCE = 2_000


class Voice:
    """Has the sentences of a growing reply said, each once, as soon as it is whole.

    Marks of Markdown are left out, formulas are said in words; of code only what it is and how long, since
    nobody can follow it by ear.
    """

    def __init__(self, say: Callable[[str], None], is_heard: Callable[[], bool]) -> None:
        """`say` has something said, `is_heard` tells whether anybody listens."""
        self._say = say
        self._is_heard = is_heard
        self.forget()

    def forget(self) -> None:
        """Say nothing of what came."""
        self._text, self._is_line_start = "", True
        self._fence, self._info, self._lines = "", "", 0
        self._formula: list[str] | None = None

    def hear(self, kind: str, text: str) -> None:
        """Take a delta."""
        if kind == "reasoning" or not self._is_heard():
            return
        self._text += text
        start = 0
        for end in _SENTENCE.finditer(self._text):
            is_line = "\n" in end.group()
            if not is_line and (
                self._is_within_block(self._text[start:]) or self._is_mark(self._text[start : end.end()])
            ):
                continue
            self._take(self._text[start : end.end()])
            start = end.end()
            self._is_line_start = is_line
        self._text = self._text[start:]

    def _is_within_block(self, rest: str) -> bool:
        """Whether only the end of the line ends what stands here."""
        if self._fence or self._formula is not None:
            return True
        return self._is_line_start and rest.lstrip().startswith(("```", "~~~", "|"))

    def _is_mark(self, piece: str) -> bool:
        """Whether it is only the number of a list's item, whose point ends no sentence."""
        return self._is_line_start and not _BLOCK_MARKS.sub("", piece).strip()

    def _take(self, piece: str) -> None:
        fence = _FENCE.match(piece) if self._is_line_start else None
        if self._fence:
            self._in_code(fence)
        elif fence is not None:
            self._fence, self._info, self._lines = fence[1], fence[2].strip(), 0
        elif self._is_line_start and _FORMULA.match(piece):
            self._formula_mark()
        elif self._formula is not None:
            self._formula.append(piece)
        else:
            self._sentence(piece)

    def _in_code(self, fence: "re.Match[str] | None") -> None:
        if fence is not None and fence[1].startswith(self._fence) and not fence[2].strip():
            self._end_code()
        else:
            self._lines += 1

    def _end_code(self) -> None:
        self._say(code_words(self._info, self._lines))
        self._fence = ""

    def _formula_mark(self) -> None:
        if self._formula is None:
            self._formula = []
            return
        self._say(spoken_formula("".join(self._formula)))
        self._formula = None

    def _sentence(self, piece: str) -> None:
        bare = piece.strip()
        if self._is_line_start and bare.startswith("|"):
            cells = (spoken_text(inline.parse(cell, {})) for cell in cells_of(bare))
            said = parts(*(cell for cell in cells if any(char.isalnum() for char in cell)))
        else:
            said = " ".join(spoken_text(inline.parse(_BLOCK_MARKS.sub("", bare), {})).split())
        if any(char.isalnum() for char in said):
            self._say(said)

    def end(self, ending: str) -> None:
        """Say what is left, and how the reply ended."""
        if not self._is_heard():
            self.forget()
            return
        if self._text:
            self._take(self._text)
        if self._fence:
            self._end_code()
        elif self._formula is not None:
            self._formula_mark()
        self._say(ending)
        self.forget()


class Herald(QObject):
    """Says sentences one after the other, with the time between that the last one takes to be heard.

    What comes faster is said together; of what is more than anybody follows only that it is there. The
    first sentence is said at once.
    """

    def __init__(self, say: Callable[[str], None], parent: QObject) -> None:
        """`say` hands a text to the screen reader."""
        super().__init__(parent)
        self._speak = say
        self._waiting: list[str] = []
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self.flush)

    def say(self, sentence: str) -> None:
        """Say a sentence when its time has come."""
        self._waiting.append(sentence)
        if not self._pause.isActive():
            self.flush()

    def flush(self) -> None:
        """Say at once what waits."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        said, count = waiting[0], 1
        for sentence in waiting[1:]:
            if len(said) + len(sentence) > _MOST_AT_ONCE and sentence is not waiting[-1]:
                continue
            said, count = f"{said}\n{sentence}", count + 1
        if count < len(waiting):
            said = f"{said}\n{words.tr('%n more sentence(s) to read', '', len(waiting) - count)}"
        self._speak(said)
        self._pause.start(max(_LEAST_MS, min(_MOST_MS, len(said) * 1_000 // _PER_SECOND)))

    def forget(self) -> None:
        """Say nothing of what waits."""
        self._waiting.clear()
        self._pause.stop()
