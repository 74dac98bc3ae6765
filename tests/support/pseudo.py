"""A language that nobody speaks: every text comes in brackets, so that what was never translated shows."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QAbstractListModel, QCoreApplication, QLocale, Qt, QTranslator
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QGroupBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTabBar,
    QTableView,
    QWidget,
)

from desktop.base import tongue
from desktop.base.paths import resources
from desktop.domain.message import Message
from desktop.providers.presets import load_presets
from desktop.ui.language import LANGUAGES
from desktop.ui.settings import about
from desktop.ui.settings.own_form import protocols
from tests.support import showpiece, usage_pictures
from tests.support.painting import Painting

OPEN, CLOSE = "⟦", "⟧"
_PIECE = re.compile(r"\{\w*\}|%L?n")
_INNERMOST = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
_LETTERS = re.compile(r"[^\W\d_]")
_TAGS = re.compile(r"<[^>]*>")


def wrapped(text: str, growth: float = 0.0) -> str:
    """Return `text` in brackets, longer by `growth` of its letters; what is put in stays as it is."""
    more = " ".join(["länger"] * round(len(_PIECE.sub("", text)) * growth / 7))
    return f"{OPEN}{text}{f' {more}' if more else ''}{CLOSE}"


class PseudoTranslator(QTranslator):
    """Puts every text in brackets, whatever its context."""

    def __init__(self, growth: float = 0.0) -> None:
        super().__init__()
        self._growth = growth

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, text: str, comment: str | None = None, n: int = -1) -> str:
        del context, comment, n
        # Signs alone, and what only arranges values, are no words.
        return wrapped(text, self._growth) if _LETTERS.search(_PIECE.sub("", text)) else text


class _PseudoSpeaker:
    """The same for the code without Qt."""

    def __init__(self, translator: PseudoTranslator) -> None:
        self._translator = translator

    def translate(self, context: str, text: str, comment: str, n: int) -> str:
        found = self._translator.translate(context, text, comment, n)
        return found.replace("%Ln", "%n").replace("%n", str(n)) if n >= 0 else found

    def number(self, value: float, digits: int) -> str:
        return f"{value:.{digits}f}"

    def size(self, count: int) -> str:
        return wrapped(f"{count} B")


@contextmanager
def pseudo(growth: float = 0.0) -> Iterator[None]:
    """Have the program speak in brackets for a while."""
    application = QCoreApplication.instance()
    assert application is not None
    translator = PseudoTranslator(growth)
    application.installTranslator(translator)
    tongue.speak(_PseudoSpeaker(translator))
    try:
        yield
    finally:
        tongue.speak(None)
        application.removeTranslator(translator)


# What is in no language, beside the names below; with the reason.
_PATTERNS = (
    (r"https?://\S+", "addresses"),
    (r"(?<![\w<])[~/][\w.{}-]*(?:/[\w.{}-]+)+", "paths, and pointers into JSON"),
    (r"\{\".*", "JSON, as it crosses the wire"),
    (r"\b(?:F\d{1,2}|[A-Z])\b", "keys"),
    (r"\d+(?:\.\d+)?[kM]\b", "figures in short"),
)
_NEUTRAL = re.compile("|".join(pattern for pattern, _ in _PATTERNS))
_NAMES = {
    "methods of HTTP": ("GET", "POST", "PUT", "200 OK", "X-Agent-Key", "X-Title: Weir"),
    "languages of code": ("python",),
    "names of programs": ("Weir", "Python", "Qt", "PySide6"),
    "licences": ("MIT", "PSF License", "LGPL 3.0", "SIL Open Font License", "ISC", "Apache 2.0", "BSD"),
    "numbers of licences": ("3-Clause", "2-Clause"),
    "files that the tour makes": ("notes-on-the-water-level.txt", "gauge.png", "broken.pdf"),
    "what was named in the tour": ("Work & travel", "tools", "nothing of this name", "Used"),
    "a model": ("SmolLM2 135M (demo)", "SmolLM2 135M", "SmolLM2"),
    "a place in the history of usage": ("On this computer",),
    "an error as the disk said it": ("The conversation could not be saved: the disk is full.",),
}


def bare(text: str, known: Iterable[str]) -> str:
    """Return what of a text is in no brackets and not known, empty where no letter is left."""
    left = _TAGS.sub(" ", text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    while _INNERMOST.search(left):
        left = _INNERMOST.sub(" ", left)
    left = " ".join(left.replace("&&", "&").replace("↵", " ").split())
    if _is_of_user(left):
        return ""
    for each in known:
        left = left.replace(each, " ")
        begun = left.strip(" :,.")
        if begun.endswith("…") and each.startswith(begun[:-1].strip()):
            return ""
    left = _NEUTRAL.sub(" ", left).strip()
    return left if _LETTERS.search(left) else ""


def words_of_locale() -> list[str]:
    """Return the names of days and months, which come from the locale and not from us; longest first."""
    locale, found = QLocale(), set()
    for form in (QLocale.FormatType.LongFormat, QLocale.FormatType.ShortFormat):
        found |= {locale.dayName(day, form) for day in range(1, 8)}
        found |= {locale.monthName(month, form) for month in range(1, 13)}
        found |= {locale.standaloneMonthName(month, form) for month in range(1, 13)}
    found |= {locale.amText(), locale.pmText()}
    return sorted(found - {""}, key=len, reverse=True)


def texts_of(window: QWidget) -> Iterator[tuple[str, str]]:
    """Yield every text that can be seen or heard in a window or menu, each with where it is."""
    widgets = [window, *(each for each in window.findChildren(QWidget) if each.isVisible())]
    for widget in widgets:
        if widget.window() is not window.window():
            continue
        for what, text in _of(widget):
            if text:
                yield f"{type(widget).__name__} {what}", text
    with Painting() as painting:
        window.grab()
    for text in [*painting.elided, *(each for each in painting.painted if not each.endswith("…"))]:
        yield f"{type(window).__name__} paints", text


def _of(widget: QWidget) -> Iterator[tuple[str, str]]:
    yield "tool tip", widget.toolTip()
    yield "name", widget.accessibleName()
    yield "description", widget.accessibleDescription()
    if widget.isWindow():
        yield "title", widget.windowTitle()
    if isinstance(widget, QLabel | QAbstractButton):
        yield "text", widget.text()
    elif isinstance(widget, QLineEdit | QPlainTextEdit):
        yield "placeholder", widget.placeholderText()
    elif isinstance(widget, QGroupBox):
        yield "title", widget.title()
    elif isinstance(widget, QComboBox):
        yield from (("item", widget.itemText(row)) for row in range(widget.count()))
    elif isinstance(widget, QTabBar):
        yield from (("tab", widget.tabText(at)) for at in range(widget.count()))
    elif isinstance(widget, QMenu):
        yield from (("entry", action.text()) for action in widget.actions())
    elif isinstance(widget, QAbstractItemView):
        yield from _of_rows(widget)
    if not isinstance(widget, QAbstractItemView):
        yield from _of_parts(widget)


_ROLES = {
    "row": Qt.ItemDataRole.DisplayRole,
    "row's tip": Qt.ItemDataRole.ToolTipRole,
    "row's name": Qt.ItemDataRole.AccessibleTextRole,
    "row's description": Qt.ItemDataRole.AccessibleDescriptionRole,
}


def _of_rows(view: QAbstractItemView) -> Iterator[tuple[str, str]]:
    model = view.model()
    if model is None:
        return
    columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount()
    for row in range(min(model.rowCount(), 60)):
        for column in range(columns):
            for what, role in _ROLES.items():
                value = model.index(row, column).data(role)
                if isinstance(value, str):
                    yield what, value
    if isinstance(view, QTableView):
        for column in range(columns):
            yield "column", str(model.headerData(column, Qt.Orientation.Horizontal) or "")


def _of_parts(widget: QWidget) -> Iterator[tuple[str, str]]:
    """Yield what a screen reader is told of parts that are no widgets, such as messages and chips."""
    interface = QAccessible.queryAccessibleInterface(widget)
    for at in range(interface.childCount() if interface is not None else 0):
        child = interface.child(at)
        if child is None or child.object() is not None:
            continue
        yield "part's name", child.text(QAccessible.Text.Name)
        yield "part's description", child.text(QAccessible.Text.Description)


def _is_of_user(text: str) -> bool:
    """Whether a message is one with markup, which is said in other words than it was written in."""
    return any(words in text for words in ("Use exponential backoff", "For a sharp crest"))


def known_words() -> tuple[str, ...]:
    """Return what is no text of the program, longest first.

    What the user wrote or chose, names that are the same in every language, and what the locale says.
    """
    found: set[str] = set()
    for talk in (showpiece.showpiece(), showpiece.failures(), showpiece.talk_with_line()[0]):
        found |= {talk.title, *(_flat(each) for message in talk.messages for each in _parts(message))}
    found |= {title for title, _, _ in showpiece.SHELF}
    found |= {each for endpoint in showpiece.endpoints("") for each in (endpoint.name, *endpoint.models)}
    found |= {each for row in usage_pictures._MODELS for each in row[:2]}
    found |= {each.name for each in load_presets(resources())}
    found |= {
        *LANGUAGES.values(),
        *protocols().values(),
        *(name for name, _ in about.licences() if "the " not in name),
    }
    for kept in ("prompts.toml", "personas.toml"):
        # The words of prompts are the user's from the first: they go to the model as they are.
        found |= _values(tomllib.loads((resources() / kept).read_text("utf-8")))
    found |= {*words_of_locale(), *(name for names in _NAMES.values() for name in names)}
    return tuple(sorted(found - {""}, key=len, reverse=True))


def _flat(text: str) -> str:
    return " ".join(text.split())


def _parts(message: Message) -> Iterator[str]:
    for part in message.parts:
        yield from (str(getattr(part, name, "")) for name in ("text", "name", "arguments", "label"))
    yield message.failure.words if message.failure is not None else ""


def _values(table: object) -> set[str]:
    """Return every text of a file's tables."""
    if isinstance(table, str):
        return {_flat(table)}
    inside = table.values() if isinstance(table, dict) else table if isinstance(table, list) else ()
    return set().union(*map(_values, inside)) if inside else set()
