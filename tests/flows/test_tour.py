"""Every window, page, dialog, menu and notice: nothing in them is cut, at any size of text."""

import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

import desktop.ui
from tests.support.fitting import faults
from tests.support.tour import visit

# What the other sizes are tried on: where there is most in little room.
CROWDED = ("first", "empty", "writing", "options", "context", "comparing", "settings", "usage", "inspector")

# The window's ground before it is filled, which the window covers.
UNSEEN = {"desktop.ui.shell.Shell"}


class Visitor:
    """Notes what cannot be read whole, with the stops where, and which of our widgets were on screen."""

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}
        self.seen: set[str] = set()
        self.stops: list[str] = []

    def __call__(self, name: str, widget: QWidget) -> None:
        self.stops.append(name)
        for each in (widget, *widget.findChildren(QWidget)):
            if each.isVisible():
                self.seen.update(f"{kind.__module__}.{kind.__name__}" for kind in type(each).__mro__)
        for words in faults(widget):
            self.found.setdefault(words, []).append(name)

    def report(self) -> str:
        """Return all that was found at once, each with the first stops where."""
        lines = (f"{words}\n    at {', '.join(stops[:4])}" for words, stops in sorted(self.found.items()))
        return "\n".join(lines)


def our_widgets() -> set[str]:
    """Return the names of all widgets that the program has."""
    found = set()
    for module in pkgutil.walk_packages(desktop.ui.__path__, "desktop.ui."):
        for kind in vars(importlib.import_module(module.name)).values():
            if inspect.isclass(kind) and issubclass(kind, QWidget) and kind.__module__ == module.name:
                found.add(f"{kind.__module__}.{kind.__name__}")
    return found


@pytest.mark.within(110)
@pytest.mark.parametrize("zoom", [1.0, 2.0])
async def test_no_text_is_cut_anywhere(qloop: object, tmp_path: Path, zoom: float) -> None:
    visitor = Visitor()
    await visit(tmp_path, visitor, zoom=zoom)
    assert visitor.report() == ""
    if zoom == 1.0:
        # Twice as large, some of it has no room beside the rest.
        assert our_widgets() - visitor.seen - UNSEEN == set()


@pytest.mark.within(60)
@pytest.mark.parametrize("zoom", [0.8, 1.2, 1.5])
async def test_no_text_is_cut_at_the_sizes_between(qloop: object, tmp_path: Path, zoom: float) -> None:
    visitor = Visitor()
    await visit(tmp_path, visitor, zoom=zoom, sizes=("least",), only=CROWDED)
    assert visitor.report() == ""
    assert visitor.stops


@pytest.mark.within(60)
@pytest.mark.parametrize("theme", ["dark", "contrast-light", "contrast-dark"])
async def test_no_text_is_cut_in_another_look(qloop: object, tmp_path: Path, theme: str) -> None:
    visitor = Visitor()
    await visit(tmp_path, visitor, theme=theme, sizes=("least",), only=CROWDED)
    assert visitor.report() == ""
