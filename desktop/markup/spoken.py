"""Formulas of LaTeX in words, for whoever hears them: a fraction as “a over b”, a square as “x squared”.

The words follow the order of the formula, with the ends of what is long said too, as MathSpeak does.
"""

from functools import lru_cache
from xml.etree import ElementTree

from desktop.base import tongue
from desktop.base.tongue import QT_TRANSLATE_NOOP, translate
from desktop.markup.inline import MATH, Inline

_LONGEST = 3_000
_DEEPEST = 40

_SIGNS = {
    "+": QT_TRANSLATE_NOOP("Formula", "plus"),
    "−": QT_TRANSLATE_NOOP("Formula", "minus"),
    "-": QT_TRANSLATE_NOOP("Formula", "minus"),
    "±": QT_TRANSLATE_NOOP("Formula", "plus or minus"),
    "=": QT_TRANSLATE_NOOP("Formula", "equals"),
    "≠": QT_TRANSLATE_NOOP("Formula", "is not equal to"),
    "≈": QT_TRANSLATE_NOOP("Formula", "is about"),
    "<": QT_TRANSLATE_NOOP("Formula", "is less than"),
    ">": QT_TRANSLATE_NOOP("Formula", "is greater than"),
    "≤": QT_TRANSLATE_NOOP("Formula", "is at most"),
    "≥": QT_TRANSLATE_NOOP("Formula", "is at least"),
    "×": QT_TRANSLATE_NOOP("Formula", "times"),
    "·": QT_TRANSLATE_NOOP("Formula", "times"),
    "⋅": QT_TRANSLATE_NOOP("Formula", "times"),
    "/": QT_TRANSLATE_NOOP("Formula", "divided by"),
    "÷": QT_TRANSLATE_NOOP("Formula", "divided by"),
    "∑": QT_TRANSLATE_NOOP("Formula", "sum"),
    "∏": QT_TRANSLATE_NOOP("Formula", "product"),
    "∫": QT_TRANSLATE_NOOP("Formula", "integral"),
    "∞": QT_TRANSLATE_NOOP("Formula", "infinity"),
    "→": QT_TRANSLATE_NOOP("Formula", "goes to"),
    "⇒": QT_TRANSLATE_NOOP("Formula", "implies"),
    "∈": QT_TRANSLATE_NOOP("Formula", "in"),
    "∂": QT_TRANSLATE_NOOP("Formula", "partial"),
    "∇": QT_TRANSLATE_NOOP("Formula", "nabla"),
    "∀": QT_TRANSLATE_NOOP("Formula", "for all"),
    "∃": QT_TRANSLATE_NOOP("Formula", "there is"),
    "(": QT_TRANSLATE_NOOP("Formula", "open parenthesis"),
    ")": QT_TRANSLATE_NOOP("Formula", "close parenthesis"),
    "|": QT_TRANSLATE_NOOP("Formula", "bar"),
    "!": QT_TRANSLATE_NOOP("Formula", "factorial"),
    "′": QT_TRANSLATE_NOOP("Formula", "prime"),
    "…": QT_TRANSLATE_NOOP("Formula", "and so on"),
    "⋯": QT_TRANSLATE_NOOP("Formula", "and so on"),
}
# Greek letters and the like have names of their own in every speech synthesiser; these have not.
_SILENT = {"\u2061", "\u2062", "\u2063", "\u2064", "\u2009", "\u200b", ",\u2009"}


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """Return words for a formula in the user's language."""
    return translate("Formula", text, comment, n)


@lru_cache(maxsize=256)
def _tree(source: str) -> ElementTree.Element | None:
    if len(source) > _LONGEST or source.count("{") > 200 * _DEEPEST or "\\def" in source:
        return None
    try:
        from latex2mathml.converter import convert

        return ElementTree.fromstring(convert(source))  # noqa: S314 (the library's own output)
    except Exception:
        # The library raises whatever the source makes it stumble over, RecursionError included.
        return None


def spoken_formula(source: str) -> str:
    """Return a formula's LaTeX in words of the user's language; the source itself where it is no formula."""
    source = source.strip()
    tree = _tree(source) if source else None
    if tree is None:
        return source
    said = " ".join(_say(tree, 0).split())
    return said or source


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _say(element: ElementTree.Element, depth: int) -> str:
    if depth > _DEEPEST:
        return "…"
    name = _name(element)
    if not len(element):
        return _leaf(element)
    parts = [_say(child, depth + 1) for child in element]
    if name in _TWO_PLACES and len(parts) == len(_TWO_PLACES[name]):
        return _filled(name, element, parts)
    if name == "msqrt":
        said = tr("square root of {inner}").format(inner=" ".join(parts))
        return _closed(said, element)
    if name == "mtable":
        rows = tr("table with %n row(s)", "", len(parts))
        return f"{rows}: {'; '.join(parts)}"
    if name == "mtr":
        return tongue.parts(*parts)
    return " ".join(parts)


def _leaf(element: ElementTree.Element) -> str:
    text = (element.text or "").strip()
    if text in _SILENT:
        return ""
    return translate("Formula", _SIGNS[text]) if text in _SIGNS else text


_TWO_PLACES = {
    "mfrac": ("top", "bottom"),
    "mroot": ("inner", "index"),
    "msup": ("base", "power"),
    "msub": ("base", "index"),
    "msubsup": ("base", "index", "power"),
    "munder": ("base", "low"),
    "mover": ("base", "high"),
    "munderover": ("base", "low", "high"),
}


def _filled(name: str, element: ElementTree.Element, parts: list[str]) -> str:
    values = dict(zip(_TWO_PLACES[name], parts, strict=True))
    if name == "msup" and values["power"] in ("2", "3"):
        squared = tr("{base} squared")
        return (squared if values["power"] == "2" else tr("{base} cubed")).format(**values)
    if name == "msup" and (element[1].text or "").strip() == "′":
        return f"{values['base']} {values['power']}"
    if name == "msubsup" and _is_large(element):
        name = "munderover"
        values = {"base": parts[0], "low": parts[1], "high": parts[2]}
    sentences = {
        "mfrac": tr("{top} over {bottom}"),
        "mroot": tr("root of order {index} of {inner}"),
        "msup": tr("{base} to the power of {power}"),
        "msub": tr("{base} sub {index}"),
        "msubsup": tr("{base} sub {index} to the power of {power}"),
        "munder": tr("{base} under {low}"),
        "mover": tr("{base} with {high} above"),
        "munderover": tr("{base} from {low} to {high} of"),
    }
    if name == "mfrac":
        said = sentences[name].format(**values)
        if any(_is_long(child) for child in element):
            return tr("fraction {said} end of fraction").format(said=said)
        return said
    return sentences[name].format(**values)


def _is_large(element: ElementTree.Element) -> bool:
    """Whether what carries the marks is a sum, a product or an integral."""
    return (element[0].text or "").strip() in "∑∏∫"


def _is_long(element: ElementTree.Element) -> bool:
    """Whether more than one sign is inside, so that the ear needs to know where it ends."""
    return sum(1 for each in element.iter() if not len(each)) > 1


def _closed(said: str, element: ElementTree.Element) -> str:
    if not _is_long(element):
        return said
    return tr("{said} end of root").format(said=said)


def spoken_text(text: Inline) -> str:
    """Return the text of a block as it is heard: its formulas in words."""
    if not any(run.marks & MATH for run in text.runs):
        return text.text
    pieces, at = [], 0
    for run in text.runs:
        if run.marks & MATH and run.start >= at:
            pieces += [text.text[at : run.start], spoken_formula(text.text[run.start : run.end])]
            at = run.end
    return "".join([*pieces, text.text[at:]])
