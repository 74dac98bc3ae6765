"""One set of icons, sharp on every screen, turned round where reading is."""

import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from desktop.base.paths import resources
from desktop.ui import icons

FOLDER = resources() / "icons"
# The program's own sign has colours of its own.
NAMES = sorted(file.stem for file in FOLDER.glob("*.svg") if file.stem != "weir")
HEAD = re.compile(
    r'<svg xmlns="http://www\.w3\.org/2000/svg" viewBox="0 0 24 24" fill="(none|currentColor)" '
    r'stroke="currentColor" stroke-width="1\.75" stroke-linecap="round" stroke-linejoin="round">'
)


@pytest.fixture
def from_right_to_left(qapp: QApplication) -> Iterator[None]:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)


@pytest.mark.parametrize("name", NAMES)
def test_every_icon_is_of_the_one_set(name: str) -> None:
    assert HEAD.search((FOLDER / f"{name}.svg").read_text("utf-8"))


def test_the_set_has_its_licence() -> None:
    assert "MIT License" in (FOLDER / "LICENSE").read_text("utf-8")


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_an_icon_has_as_many_pixels_as_the_screen(qapp: QApplication, ratio: float) -> None:
    made = icons.pixmap("search", "#000000", 16, ratio)
    assert made.width() == round(16 * ratio)
    assert made.devicePixelRatio() == ratio
    assert icons.icon("search", QColor("black"), 16).actualSize(made.size()).width() == 16


@pytest.mark.parametrize("name", NAMES)
def test_what_points_somewhere_is_turned_round(from_right_to_left: None, name: str) -> None:
    shown = icons.pixmap(name, "#123456", 24, 2.0).toImage()
    drawn = icons._drawn(name, "#123456", 24, 2.0, False).toImage()
    wanted = drawn.flipped(Qt.Orientation.Horizontal) if name in icons.DIRECTED else drawn
    assert shown.size() == wanted.size()
    apart = sum(
        abs(shown.pixelColor(x, y).alpha() - wanted.pixelColor(x, y).alpha()) > 40
        for x in range(48)
        for y in range(48)
    )
    assert apart <= 4


def test_there_are_icons_that_point_and_some_that_do_not() -> None:
    assert set(NAMES) > icons.DIRECTED >= {"chevron-left", "undo", "shelf"}
    assert icons.DIRECTED.isdisjoint({"check", "search", "send", "refresh", "plus", "close"})
