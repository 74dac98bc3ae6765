r"""Formulas of LaTeX as outlines: sizes and curves in units of the font size, for whoever has a painter.

The setting is ziamath's (LaTeX to MathML to outlines of the STIX Two Math font that comes with it). It takes
milliseconds and the first formula a third of a second more, so it belongs on a worker thread. Nothing is ever
read because a formula names it: only known elements of MathML get as far as the setting.
"""

import re
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple
from xml.etree import ElementTree

LONGEST = 3_000
"""Longer sources stay text."""

_SIZE = 100.0
_DEEPEST = 40
# The setting visits what lies in a row twice, and so on inwards; a visit takes about 60 µs.
_MOST_VISITS = 10_000
_ROWS = frozenset({"math", "mrow", "mtd", "mfenced"})
_KNOWN = frozenset(
    {
        "math",
        "menclose",
        "mfenced",
        "mfrac",
        "mi",
        "mmultiscripts",
        "mn",
        "mo",
        "mover",
        "mpadded",
        "mphantom",
        "mprescripts",
        "mroot",
        "mrow",
        "ms",
        "mspace",
        "msqrt",
        "mstyle",
        "msub",
        "msubsup",
        "msup",
        "mtable",
        "mtd",
        "mtext",
        "mtr",
        "munder",
        "munderover",
        "none",
    }
)
_ENVIRONMENTS = frozenset(
    {
        "align",
        "aligned",
        "array",
        "bmatrix",
        "Bmatrix",
        "cases",
        "eqnarray",
        "equation",
        "gather",
        "gathered",
        "matrix",
        "multline",
        "pmatrix",
        "rcases",
        "smallmatrix",
        "split",
        "vmatrix",
        "Vmatrix",
    }
)
# What would define, include or number; the library would set these as their names.
_REFUSED = re.compile(r"\\(?:def|let|newcommand|renewcommand|href|url|input|include|require|catcode|loop)\b")
_DROPPED = re.compile(r"\\(?:nonumber|notag|allowbreak|nobreak)\b|\\label\s*\{[^{}]*\}")
_TAG = re.compile(r"\\tag\*?\s*\{([^{}]*)\}")
_WORDS = re.compile(r"(\\(?:text|textrm|textbf|textit|textsf|texttt|textnormal|mbox|hbox)\s*)\{([^{}]*)\}")
_BEGIN = re.compile(r"\\begin\s*\{([^{}]*)\}")
_STEP = re.compile(r"[MLQCZ]|-?\d+\.?\d*(?:e-?\d+)?")
# Braces of a given size come back as they were written.
_BRACES = {"\\{": "{", "\\lbrace": "{", "\\}": "}", "\\rbrace": "}"}
_TAKES = {"M": 2, "L": 2, "Q": 4, "C": 6, "Z": 0}

# The library keeps what it is doing in one place for everybody.
_SETTING = threading.Lock()

Step = tuple[str, tuple[float, ...]]


class Outline(NamedTuple):
    """One closed shape to fill, or a line to draw if it has a `stroke` width.

    Each step is "M", "L", "Q", "C" or "Z" as in SVG, with absolute coordinates.
    """

    steps: tuple[Step, ...]
    stroke: float = 0.0


class Formula(NamedTuple):
    """A set formula. Lengths are in units of the font size, y grows downwards from the baseline."""

    width: float
    ascent: float
    descent: float
    outlines: tuple[Outline, ...]


def set_formula(source: str, *, is_display: bool = False) -> Formula | None:
    """Set a formula, in display style if wanted; None if it cannot be set and its source has to do."""
    if not _is_settable(source):
        return None
    try:
        with _SETTING:
            return _set(source, is_display)
    except Exception:
        # The library raises whatever the source makes it stumble over, RecursionError included.
        return None


def _is_settable(source: str) -> bool:
    if not source.strip() or len(source) > LONGEST or "\n\n" in source or _REFUSED.search(source):
        return False
    depth = deepest = 0
    for char in source:
        if char == "{":
            depth += 1
            deepest = max(deepest, depth)
        elif char == "}":
            depth -= 1
    names = {name.rstrip("*") for name in _BEGIN.findall(source)}
    return deepest <= _DEEPEST and source.count("\\left") <= 4 * _DEEPEST and names <= _ENVIRONMENTS


def _set(source: str, is_display: bool) -> Formula | None:
    from ziamath.config import config
    from ziamath.escapes import unescape
    from ziamath.tex import tex2mml
    from ziamath.zmath import Math

    # The other notation of outlines refers to shared shapes, which would have to be looked up.
    config.svg2 = False
    tree = ElementTree.fromstring(unescape(tex2mml(_prepared(source), inline=not is_display)))  # noqa: S314
    tree = _plain(tree)
    if not _is_known(tree) or _visits(tree) > _MOST_VISITS:
        return None
    math = Math(tree, size=_SIZE)
    if not _has_glyphs(math.font, tree):
        return None
    drawing = ElementTree.Element("svg")
    math.node.draw(0, 0, drawing)
    box = math.node.bbox
    outlines = tuple(_outlines(drawing, -box.xmin))
    sizes = (box.xmax - box.xmin) / _SIZE, max(0.0, box.ymax / _SIZE), max(0.0, -box.ymin / _SIZE)
    return Formula(*sizes, outlines) if outlines and sizes[0] > 0 else None


def _prepared(source: str) -> str:
    """Return the source in the words the library knows."""
    tags = _TAG.findall(source)
    source = _TAG.sub("", _DROPPED.sub("", source))
    source = _WORDS.sub(lambda match: f"{match[1]}{{{_escaped(match[2])}}}", source)
    return source + (f"\\qquad\\text{{({_escaped(tags[0])})}}" if len(tags) == 1 else "")


def _escaped(words: str) -> str:
    """Words go into the MathML as they stand, so that its marks have to be written out."""
    words = re.sub(r"\\([&%$#_])", r"\1", words)
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(element: ElementTree.Element) -> ElementTree.Element:
    """Take namespaces off, and rows around a single element, each of which would double the work inside."""
    element.tag = element.tag.rpartition("}")[2]
    if element.tag == "mo" and element.text in _BRACES:
        element.text = _BRACES[element.text]
        element.set("stretchy", "true")
    for index, child in enumerate(list(element)):
        inner = _plain(child)
        if inner.tag == "mrow" and len(inner) == 1 and inner[0].tag != "mo" and not inner.attrib:
            inner = inner[0]
        element[index] = inner
    return element


def _is_known(tree: ElementTree.Element) -> bool:
    for element in tree.iter():
        if element.tag not in _KNOWN or "href" in element.attrib or "src" in element.attrib:
            return False
        text = element.text or ""
        # A command that is not known comes back as its own name.
        if element.tag != "mtext" and len(text) > 1 and text.startswith("\\"):
            return False
    return True


def _visits(element: ElementTree.Element, times: int = 1) -> int:
    if times > _MOST_VISITS:
        return times
    inner = times * 2 if element.tag in _ROWS else times
    return times + sum(_visits(child, inner) for child in element)


def _has_glyphs(font: Any, tree: ElementTree.Element) -> bool:
    chars = {char for element in tree.iter() for char in element.text or "" if char > "\x7f"}
    return all(char.isspace() or not char.isprintable() or font.glyphindex(char) for char in chars)


def _outlines(drawing: ElementTree.Element, shift: float) -> Iterator[Outline]:
    for element in drawing.iter():
        stroke = float(element.get("stroke-width", "0")) / _SIZE if element.get("stroke") else 0.0
        if element.tag == "path":
            yield Outline(tuple(_steps(element.get("d", ""), shift)), stroke)
        elif element.tag == "rect":
            left, top = float(element.get("x", "0")) + shift, float(element.get("y", "0"))
            right = left + float(element.get("width", "0"))
            bottom = top + float(element.get("height", "0"))
            if stroke or element.get("fill") != "none":
                yield Outline(_rectangle(left / _SIZE, top / _SIZE, right / _SIZE, bottom / _SIZE), stroke)


def _rectangle(left: float, top: float, right: float, bottom: float) -> tuple[Step, ...]:
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return (("M", corners[0]), *(("L", corner) for corner in corners[1:]), ("Z", ()))


def _steps(path: str, shift: float) -> Iterator[Step]:
    words = _STEP.findall(path)
    at = 0
    while at < len(words):
        name = words[at]
        count = _TAKES[name]
        numbers = [float(word) / _SIZE for word in words[at + 1 : at + 1 + count]]
        numbers[::2] = [x + shift / _SIZE for x in numbers[::2]]
        yield name, tuple(numbers)
        at += 1 + count
