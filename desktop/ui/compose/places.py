"""Places to fill in within the prompt: marked, led through by Tab, and told of before they are sent empty."""

from collections.abc import Iterable

from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

from desktop.base import utf16
from desktop.domain.template import Filled, empty_place, places_of
from desktop.ui.theme import Theme


class _Spot:
    """A place in the document; it follows what is typed before and within it."""

    def __init__(self, edit: QPlainTextEdit, name: str, start: int, end: int) -> None:
        self.name = name
        self._first = QTextCursor(edit.document())
        self._first.setPosition(start)
        self._first.setKeepPositionOnInsert(True)
        self._last = QTextCursor(edit.document())
        self._last.setPosition(end)
        self.length = end - start

    @property
    def start(self) -> int:
        return self._first.position()

    @property
    def end(self) -> int:
        return max(self._last.position(), self._first.position())

    @property
    def cursor(self) -> QTextCursor:
        """A cursor that has the place selected."""
        made = QTextCursor(self._first)
        made.setKeepPositionOnInsert(False)
        made.setPosition(self.start)
        made.setPosition(self.end, QTextCursor.MoveMode.KeepAnchor)
        return made

    @property
    def text(self) -> str:
        return self.cursor.selectedText().replace("\u2029", "\n")

    @property
    def is_open(self) -> bool:
        """Whether nothing was put in yet."""
        return self.text in ("", empty_place(self.name))


class Places:
    """The places of one prompt. It is empty until `begin` or `adopt`, and again after `forget`."""

    def __init__(self, edit: QPlainTextEdit, theme: Theme) -> None:
        self._edit = edit
        self._theme = theme
        self._spots: list[_Spot] = []
        self._length = edit.document().characterCount()
        edit.document().contentsChange.connect(self._on_changed)

    @property
    def is_active(self) -> bool:
        """Whether there are places that Tab leads through."""
        return bool(self._spots)

    @property
    def open_names(self) -> tuple[str, ...]:
        """The names of the places that are not filled in, each once."""
        return tuple(dict.fromkeys(spot.name for spot in self._spots if spot.is_open))

    def insert(self, cursor: QTextCursor, filled: Filled) -> None:
        """Put a text in place of what `cursor` has selected, and lead to its first open place.

        Where none is open the caret goes behind the text, and what is filled in already needs no Tab.
        """
        start = cursor.selectionStart()
        cursor.insertText(filled.text)
        for place in filled.places:
            before, shown = filled.text[: place.start], filled.text[place.start : place.end]
            at = start + utf16.length(before)
            self._spots.append(_Spot(self._edit, place.name, at, at + utf16.length(shown)))
        self._spots.sort(key=lambda spot: spot.start)
        end = self._edit.textCursor()
        end.setPosition(start + utf16.length(filled.text))
        first = next((spot for spot in self._spots if spot.is_open), None)
        self._edit.setTextCursor(first.cursor if first is not None else end)
        if first is None and not any(not spot.is_open for spot in self._spots):
            self.forget()
        self.mark()

    def adopt(self, names: Iterable[str]) -> None:
        """Take the open places with these names in a text that stands there already."""
        known = {name.casefold() for name in names}
        taken = {spot.start for spot in self._spots}
        text = self._edit.document().toRawText()
        for place in places_of(text):
            start = utf16.length(text[: place.start])
            if place.name.casefold() in known and start not in taken:
                end = start + utf16.length(text[place.start : place.end])
                self._spots.append(_Spot(self._edit, place.name, start, end))
        self._spots.sort(key=lambda spot: spot.start)
        self.mark()

    def step(self, by: int) -> bool:
        """Go to the next place, or the one before; return whether there was anywhere to go.

        From the last one the way leads to what is still open, and else behind it all, where this ends.
        """
        spots = self._spots
        caret = self._edit.textCursor()
        at = caret.selectionStart()
        self._repeat(at)
        here = next((place for place, spot in enumerate(spots) if spot.start <= at <= spot.end), None)
        if by > 0:
            ahead = [spot for spot in spots if spot.start > at] if here is None else spots[here + 1 :]
            target = next(iter(ahead), None) or next(
                (spot for spot in spots if spot.is_open and (here is None or spot is not spots[here])), None
            )
        else:
            behind = [spot for spot in spots if spot.end < at] if here is None else spots[:here]
            target = (behind or spots)[-1]
        if target is not None:
            self._edit.setTextCursor(target.cursor)
        else:
            caret.setPosition(self._edit.document().characterCount() - 1)
            self._edit.setTextCursor(caret)
            if not self.open_names:
                self.forget()
        self._edit.ensureCursorVisible()
        self.mark()
        return True

    def go_to_open(self) -> None:
        """Select the first place that is not filled in."""
        spot = next((spot for spot in self._spots if spot.is_open), None)
        if spot is not None:
            self._edit.setTextCursor(spot.cursor)
            self._edit.ensureCursorVisible()

    def forget(self) -> None:
        """Leave the text as it is, and mark nothing any more."""
        self._spots.clear()
        self.mark()

    def finish(self) -> None:
        """Put what was typed into a place into the others of its name too."""
        self._repeat(self._edit.textCursor().selectionStart())

    def mark(self) -> None:
        """Show where the places are."""
        marks = []
        for spot in self._spots:
            if spot.end <= spot.start:
                continue
            mark = QTextEdit.ExtraSelection()
            look = QTextCharFormat()
            look.setBackground(self._theme.color("accent_soft"))
            if spot.is_open:
                look.setForeground(self._theme.color("accent"))
            mark.format = look
            mark.cursor = spot.cursor
            marks.append(mark)
        self._edit.setExtraSelections(marks)

    def _on_changed(self) -> None:
        """Forget a place that went with the text around it; one that was changed by itself stays."""
        length = self._edit.document().characterCount()
        grown, self._length = length - self._length, length
        if not self._spots:
            return
        kept = []
        for spot in self._spots:
            own = spot.end - spot.start - spot.length
            if own in (0, grown):
                spot.length += own
                kept.append(spot)
        self._spots = kept
        if not kept:
            self.mark()

    def _repeat(self, at: int) -> None:
        """Put what stands in the place at a position into the open ones of the same name."""
        here = next((spot for spot in self._spots if spot.start <= at <= spot.end and not spot.is_open), None)
        if here is None:
            return
        for spot in self._spots:
            if spot is not here and spot.name == here.name and spot.is_open:
                spot.cursor.insertText(here.text)
