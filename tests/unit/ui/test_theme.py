"""Colours live in one place: nothing else of the program names one."""

import ast
import re
from pathlib import Path

import pytest

import desktop

ROOT = Path(desktop.__file__).parent
THEME = Path("ui/theme.py")

# What is no part of the window and has no theme: pages that leave the program, and the paper under a picture
# that is sent without its transparency.
ON_PAPER = {Path("archive/look.py"), Path("ui/paper.py"), Path("ui/pictures.py")}

WRITTEN = re.compile(r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\b|\brgba?\(|\bhsla?\(")


def colours_in(source: str) -> list[str]:
    """Return the colours that a module names, with their lines."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and WRITTEN.search(node.value):
            found.append(f"{node.lineno}: {node.value[:60]!r}")
        elif isinstance(node, ast.Attribute) and node.attr == "GlobalColor":
            found.append(f"{node.lineno}: Qt.GlobalColor")
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            made = [*node.args, *(keyword.value for keyword in node.keywords)]
            is_made = name in ("QColor", "fromRgb", "fromRgba", "fromHsv", "fromHsl", "fromString")
            if is_made and made and all(isinstance(value, ast.Constant) for value in made):
                found.append(f"{node.lineno}: {name} of {[value.value for value in made]}")
    return found


MODULES = sorted(file.relative_to(ROOT) for file in ROOT.rglob("*.py"))


def test_only_the_theme_names_colours() -> None:
    found = {
        str(module): colours
        for module in MODULES
        if module != THEME and module not in ON_PAPER
        if (colours := colours_in((ROOT / module).read_text("utf-8")))
    }
    assert not found


@pytest.mark.parametrize(
    "source",
    [
        'x = QColor("red")',
        "x = QColor(1, 2, 3, 90)",
        "x = Qt.GlobalColor.white",
        'sheet = "QLabel { color: #fff; }"',
        'sheet = f"background: #e3e6ea{x}"',
        'sheet = "color: rgba(0, 0, 0, 40)"',
        'x = QtGui.QColor.fromString("#123456")',
    ],
)
def test_colours_are_seen(source: str) -> None:
    assert colours_in(source)


def test_what_is_excused_needs_it() -> None:
    for module in ON_PAPER:
        assert colours_in((ROOT / module).read_text("utf-8")), module
