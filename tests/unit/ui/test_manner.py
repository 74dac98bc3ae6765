"""What moves by itself is in two places, and both ask whether it may."""

import ast
from pathlib import Path

import pytest

import desktop

ROOT = Path(desktop.__file__).parent / "ui"
MOVES = {
    "QPropertyAnimation", "QVariantAnimation", "QSequentialAnimationGroup", "QParallelAnimationGroup",
    "QTimeLine", "QGraphicsOpacityEffect", "QScroller", "setWindowOpacity", "cos", "sin",
}  # fmt: skip

# The gliding of the transcript, and the breath of the mark at a row; `cos` and `sin` are how things swing.
ALLOWED = {"timeline/pacer.py", "shelf/breath.py"}


def movers(source: str) -> set[str]:
    """Return what of a module makes things move."""
    used = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    used |= {node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}
    return used & MOVES


def test_nothing_else_moves() -> None:
    found = {
        str(file.relative_to(ROOT)): moving
        for file in ROOT.rglob("*.py")
        if (moving := movers(file.read_text("utf-8")))
    }
    assert set(found) == ALLOWED, found


@pytest.mark.parametrize("module", sorted(ALLOWED))
def test_what_moves_can_be_told_not_to(module: str) -> None:
    assert "is_still" in (ROOT / module).read_text("utf-8")


def test_movement_is_seen() -> None:
    assert movers("animation = QtCore.QPropertyAnimation(self, b'pos')")
    assert movers("window.setWindowOpacity(0.5)")
    assert not movers("timer = QTimer(self)")
