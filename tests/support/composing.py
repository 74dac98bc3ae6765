"""What an input method does to a field, as Qt hands it on: text that is composed, and text that is put in."""

from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QWidget

FAMILY = "👩‍👩‍👧‍👦"
FLAG = "🇩🇪"
THUMB = "👍🏽"
ACCENT = "e\N{COMBINING ACUTE ACCENT}"
SYLLABLE = "क्षि"
JAMO = "\u1112\u1161\u11ab"

WHOLE = (FAMILY, FLAG, THUMB, ACCENT, JAMO, "😀", "1\ufe0f\u20e3", "🏳️\u200d🌈")
"""Characters of several code points or UTF-16 units that are edited as one."""


def compose(field: QWidget, composed: str, commit: str = "") -> None:
    """Show `composed` under way in a field, and put `commit` into it before that."""
    event = QInputMethodEvent(composed, [])
    event.setCommitString(commit)
    QApplication.sendEvent(field, event)


def units(text: str) -> int:
    """Return the length of a text as Qt counts it."""
    return len(text.encode("utf-16-le")) // 2
