"""Colours that can be read, and a look that changes while the window stands."""

import pytest
from PySide6.QtGui import QColor, QFontInfo
from PySide6.QtWidgets import QLabel

from desktop.base.paths import resources
from desktop.ui import icons
from desktop.ui.style import style_sheet
from desktop.ui.theme import PALETTES, Theme

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


@pytest.mark.parametrize("look", PALETTES)
@pytest.mark.parametrize(("ink", "papers"), PAIRS)
def test_every_text_can_be_read(look, ink, papers):
    colors, least = PALETTES[look].colors, 7 if PALETTES[look].is_contrast else 4.5
    for paper in papers:
        assert contrast(getattr(colors, ink), getattr(colors, paper)) >= least, paper


@pytest.mark.parametrize("look", PALETTES)
def test_what_is_no_text_stands_out(look):
    palette = PALETTES[look]
    for color in palette.series:
        assert contrast(color, palette.colors.card) >= 3, color
    for ground in ("bg", "card", "side"):
        assert contrast(palette.colors.edge, getattr(palette.colors, ground)) >= 3, ground
    # The ring around what has the keyboard, on everything that it stands on or beside.
    for ground in (
        "bg",
        "card",
        "side",
        "prompt",
        "code",
        "accent_soft",
        "warn_soft",
        "bad_soft",
        "selection",
    ):
        assert contrast(palette.colors.accent, getattr(palette.colors, ground)) >= 3, ground
    for ground in ("mark", "mark_now", "selection"):
        least = 7 if palette.is_contrast else 4.5
        assert contrast(palette.colors.text, getattr(palette.colors, ground)) >= least, ground
    if palette.is_contrast:
        assert contrast(palette.colors.line, palette.colors.bg) >= 7
        assert palette.line_px >= 2
        assert palette.focus_px > palette.line_px


@pytest.mark.parametrize("look", PALETTES)
def test_code_can_be_read(look):
    palette = PALETTES[look]
    for name, color in palette.colors.named().items():
        if name.startswith("code_"):
            least = 7 if palette.is_contrast else 4.5
            assert contrast(color, palette.colors.code) >= least, name


@pytest.mark.parametrize("look", PALETTES)
def test_every_look_can_be_chosen(qapp, look):
    theme = Theme()
    theme.choose(look)
    assert theme.name == look
    theme.choose("contrast")
    assert theme.look.is_contrast
    theme.choose("")
    assert not theme.look.is_contrast


def test_a_desktop_that_wants_contrast_gets_it_unless_something_else_was_chosen(qtbot):
    theme = Theme()
    with qtbot.waitSignal(theme.changed, timeout=1000):
        theme.want_contrast(True)
    assert theme.name == "contrast-light"
    theme.choose("dark")
    assert theme.name == "dark"
    theme.choose("")
    theme.want_contrast(False)
    assert theme.name == "light"


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
