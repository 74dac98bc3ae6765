"""Colours that can be read, and a look that changes while the window stands."""

import pytest
from PySide6.QtGui import QColor, QFontInfo
from PySide6.QtWidgets import QLabel

from desktop.base.paths import resources
from desktop.ui import icons
from desktop.ui.style import style_sheet
from desktop.ui.theme import DARK, LIGHT, Theme

PAIRS = [
    ("text", ("bg", "side", "card", "prompt", "code", "accent_soft", "selection", "warn_soft", "bad_soft")),
    ("muted", ("bg", "side", "card", "prompt", "accent_soft")),
    ("faint", ("bg", "side", "card")),
    ("accent", ("bg", "card", "accent_soft", "warn_soft", "bad_soft")),
    ("on_accent", ("accent",)),
    ("bg", ("text",)),
    ("ok", ("bg", "card")),
    ("warn", ("bg", "card", "warn_soft")),
    ("bad", ("bg", "card", "bad_soft")),
]


def luminance(color: str) -> float:
    parts = [channel / 255 for channel in QColor(color).getRgb()[:3]]
    red, green, blue = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "papers"), PAIRS)
def test_every_text_can_be_read(colors, ink, papers):
    for paper in papers:
        assert contrast(getattr(colors, ink), getattr(colors, paper)) >= 4.5, paper


def test_a_choice_changes_the_colours_at_once(qtbot):
    theme = Theme()
    theme.choose("light")
    with qtbot.waitSignal(theme.changed, timeout=1000):
        theme.choose("dark")
    assert theme.is_dark
    assert theme.choice == "dark"
    theme.choose("")
    assert not theme.is_dark


def test_an_unknown_choice_is_the_systems(qapp):
    theme = Theme()
    theme.choose("sepia")
    assert theme.choice == ""


@pytest.mark.parametrize("zoom", [0.8, 1.0, 1.3, 2.0])
def test_the_sheet_is_valid_at_every_size(qtbot, zoom):
    theme = Theme()
    theme.set_zoom(zoom)
    label = QLabel("x")
    qtbot.addWidget(label)
    label.setStyleSheet(style_sheet(theme))
    label.show()
    assert "{" in label.styleSheet()


def test_zoom_is_held_to_what_can_be_used(qapp):
    theme = Theme()
    theme.set_zoom(9)
    assert theme.zoom == 2.0
    theme.set_zoom(0.1)
    assert theme.zoom == 0.8


def test_figures_have_one_width(qapp):
    from PySide6.QtGui import QFontMetricsF

    metrics = QFontMetricsF(Theme().number_font())
    assert len({round(metrics.horizontalAdvance(str(digit)), 2) for digit in range(10)}) == 1


def test_a_real_face_stands_in_for_a_generic_name(qapp):
    assert QFontInfo(Theme().font()).family().lower() not in ("sans serif", "sans-serif")


DRAWN = sorted(
    file for file in (resources() / "icons").glob("*.svg") if "currentColor" in file.read_text("utf-8")
)


@pytest.mark.parametrize("file", DRAWN, ids=lambda file: file.stem)
def test_every_icon_draws_in_its_colour(qapp, file):
    image = icons.pixmap(file.stem, "#ff0000", 24, 2.0).toImage()
    assert image.width() == 48
    inks = {
        image.pixelColor(x, y).rgb() & 0xFFFFFF
        for x in range(48)
        for y in range(48)
        if image.pixelColor(x, y).alpha() > 250
    }
    assert inks == {0xFF0000}
