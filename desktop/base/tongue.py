"""The user's language where there is no Qt: texts, numbers and sizes as the window says them.

Without a speaker everything is English, as written in the code. The names are Qt's own, so that whoever
knows Qt's translation knows these.
"""

from collections.abc import Callable, Iterable
from typing import Protocol


class Speaker(Protocol):
    """Knows the user's language, by Qt's name for it; answers from any thread."""

    name: str

    def translate(self, context: str, text: str, comment: str, n: int) -> str:
        """Return `text` in that language, with the plural form for `n` where it is not negative."""
        ...

    def number(self, value: float, digits: int) -> str:
        """Return a number with that many digits after the point."""
        ...

    def size(self, count: int) -> str:
        """Return a number of bytes in the unit that suits it."""
        ...


class _Plain:
    """English without plural forms of its own."""

    name = "en"

    def translate(self, context: str, text: str, comment: str, n: int) -> str:
        return text.replace("%n", str(n)) if n >= 0 else text

    def number(self, value: float, digits: int) -> str:
        return f"{value:,.{digits}f}"

    def size(self, count: int) -> str:
        for step, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
            if count >= step:
                return f"{count / step:,.{0 if count >= 10 * step else 1}f} {unit}"
        return f"{count} bytes"


_PLAIN: Speaker = _Plain()
_speaker: Speaker = _PLAIN


def speak(speaker: Speaker | None) -> None:
    """Have `speaker` answer from now on; None is English as written."""
    global _speaker
    _speaker = speaker or _PLAIN


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:  # noqa: N802 - Qt's own name
    """Mark a text of a table for translation; return it as it is. `translate` is called where it is used."""
    return text


def translate(context: str, text: str, comment: str = "", n: int = -1) -> str:
    """Return `text` in the user's language.

    `comment` tells apart what is the same word in English. `n` chooses the plural form and takes the
    place of %n. Other values are put in afterwards, by `str.format`.
    """
    return _speaker.translate(context, text, comment, n)


def number(value: float, digits: int = 0) -> str:
    """Return a number as the user's country writes it."""
    return _speaker.number(value, digits)


def size(count: int) -> str:
    """Return a number of bytes in words: 812 bytes, 98 MB, 4.7 GB; a megabyte is a million bytes."""
    return _speaker.size(count)


def sentences(*texts: str) -> str:
    """Return those of the texts that are not empty, each a sentence or several, one after the other."""
    #: Two sentences one after the other; languages that write no space between them leave it out
    template = translate("Wording", "{first} {next}")
    return _joined(filter(None, texts), lambda said, text: template.format(first=said, next=text))


def parts(*texts: str) -> str:
    """Return those of the texts that are not empty one after the other, as a screen reader says them."""
    #: Joins short texts that are no sentence: a name, its size, its state
    template = translate("Wording", "{before}, {after}")
    return _joined(filter(None, texts), lambda said, text: template.format(before=said, after=text))


def row(names: Iterable[str]) -> str:
    """Return names or values as a list without “and”."""
    #: Joins the names in a list
    template = translate("Wording", "{before}, {after}", "a list")
    return _joined(names, lambda said, name: template.format(before=said, after=name))


def _joined(texts: Iterable[str], join: Callable[[str, str], str]) -> str:
    said = ""
    for text in texts:
        said = join(said, text) if said else text
    return said


def language() -> str:
    """Return the user's language as a tag (BCP 47), such as "de" or "zh-CN"."""
    return _speaker.name.replace("_", "-")
