"""Pictures of every kind of block, light and dark: the theme's colours in the same shapes at each scale.

What is compared holds with any fonts: which colours are there and where the ink is, not single pixels.
"""

from collections import Counter

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.ui.theme import Theme
from desktop.ui.timeline.flow import Flow
from desktop.ui.timeline.flow_place import Position
from desktop.ui.timeline.inlays import Inlays

WIDTH = 560

# A source, and the colours of the theme that its picture must have.
BLOCKS: dict[str, tuple[str, tuple[str, ...]]] = {
    "paragraph": ("Some words of a **bold** and *slanted* ~~kind~~ in a paragraph. " * 3, ("text",)),
    "heading": ("# A title\n\n## Another\n\n###### Small", ("text", "muted")),
    "link": ("See [the long notes](https://example.org/x) and https://example.org/y", ("text", "accent")),
    "code span": ("Call `f(x)` now", ("text", "code")),
    "list": ("- one\n- two\n  - three\n\n1. four\n2. five", ("text", "muted")),
    "tasks": ("- [x] done\n- [ ] open", ("text", "accent", "on_accent", "faint")),
    "quote": ("> quoted words\n> > deeper", ("muted", "line")),
    "code": ('```python\ndef f(x):  # note\n    return "text" + str(12)\n```', ("code", "line",
             "code_keyword", "code_string", "code_number", "code_comment", "muted")),
    "folded code": ("```\n" + "line\n" * 60 + "```", ("code", "line", "accent")),
    "table": ("| Name | Value |\n|:--|--:|\n| a | 1 |\n| b | 2 |", ("text", "muted", "line")),
    "rule": ("above\n\n---\n\nbelow", ("text", "line")),
    "html": ("<details>\n<summary>x</summary>\n</details>", ("text",)),
    "footnote": ("Words[^1].\n\n[^1]: The note.", ("text", "accent", "muted")),
    "formula": ("With $\\frac{a}{b}$ within.\n\n$$\n\\int_0^1 x^2\\,dx = \\frac{1}{3}\n$$", ("text",)),
    "formula as source": ("$$\n\\nosuchcommand{x}\n$$", ("text", "code")),
    "picture": ("![a chart](https://example.org/a.png)", ("code", "line", "accent", "muted", "text")),
    "picture by name": ("![a chart](file:///a.png)", ("code", "muted")),
    "right to left": ("مرحبا بالعالم وأهلا\n\n- عنصر", ("text", "muted")),
    "east asian": ("東京では雨が降っています。", ("text",)),
}  # fmt: skip


@pytest.fixture
def inlays(qapp: QApplication) -> Inlays:
    made = Inlays()
    made.source = lambda *_: None
    return made


def flow_of(theme: Theme, source: str, inlays: Inlays) -> Flow:
    flow = Flow(theme, inlays=inlays)
    flow.set_width(WIDTH)
    flow.set_source(source)
    return flow


def picture(
    qtbot: QtBot, scheme: str, source: str, inlays: Inlays, scale: float = 1.0
) -> tuple[Theme, QImage]:
    theme = Theme()
    theme.choose(scheme)
    flow_of(theme, source, inlays)
    qtbot.waitUntil(lambda: inlays.is_idle, timeout=20_000)
    return theme, painted(theme, flow_of(theme, source, inlays), scale)


def painted(
    theme: Theme, flow: Flow, scale: float = 1.0, selection: tuple[Position, Position] | None = None
) -> QImage:
    height = int(flow.height) + 12
    image = QImage(int((WIDTH + 20) * scale), int(height * scale), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(theme.color("bg"))
    painter = QPainter(image)
    painter.translate(10, 6)
    flow.paint(painter, QRectF(-10, -6, WIDTH + 20, height), selection)
    painter.end()
    return image


def far(one: QColor, other: QColor) -> int:
    return max(abs(one.red() - other.red()), abs(one.green() - other.green()), abs(one.blue() - other.blue()))


def colors(image: QImage) -> Counter[int]:
    return Counter(image.pixel(x, y) for y in range(image.height()) for x in range(image.width()))


def ink(image: QImage, ground: QColor) -> list[list[bool]]:
    """Return where something strong is painted, in cells of four by four pixels."""
    gray = image.convertToFormat(QImage.Format.Format_Grayscale8)
    level = QColor(ground).lightness()
    rows = []
    for top in range(0, gray.height() - 3, 4):
        row = []
        for left in range(0, gray.width() - 3, 4):
            cell = [QColor(gray.pixel(left + x, top + y)).lightness() for x in range(4) for y in range(4)]
            row.append(max(abs(value - level) for value in cell) > 70)
        rows.append(row)
    return rows


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_has_the_colors_of_the_theme(qtbot: QtBot, inlays: Inlays, name: str, scheme: str) -> None:
    source, wanted = BLOCKS[name]
    theme, image = picture(qtbot, scheme, source, inlays, 2.0)
    found = [QColor(value) for value in colors(image)]
    assert image.pixelColor(0, 0) == theme.color("bg")
    missing = [color for color in wanted if min(far(theme.color(color), other) for other in found) > 24]
    assert missing == []


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_has_the_same_shape_light_and_dark(qtbot: QtBot, inlays: Inlays, name: str) -> None:
    source, _ = BLOCKS[name]
    light_theme, light = picture(qtbot, "light", source, inlays)
    dark_theme, dark = picture(qtbot, "dark", source, inlays)
    assert light.size() == dark.size()
    assert light != dark
    one, other = ink(light, light_theme.color("bg")), ink(dark, dark_theme.color("bg"))
    cells = [pair for rows in zip(one, other, strict=True) for pair in zip(*rows, strict=True)]
    strong = sum(a or b for a, b in cells)
    different = sum(a != b for a, b in cells)
    if name != "rule":
        assert strong > 5
    # Pale things, such as comments and frames, may be strong in one of the two alone.
    assert different <= max(8, strong * 0.35)


@pytest.mark.parametrize("name", ["paragraph", "code", "table", "formula", "picture", "tasks"])
def test_a_block_at_twice_the_scale_is_the_same_block_and_sharper(
    qtbot: QtBot, inlays: Inlays, name: str
) -> None:
    source, _ = BLOCKS[name]
    theme, small = picture(qtbot, "light", source, inlays)
    _, large = picture(qtbot, "light", source, inlays, 2.0)
    assert large.width() == 2 * small.width()
    size = small.size()
    shrunk = large.scaled(
        size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    shrunk.setDevicePixelRatio(1.0)
    one, other = ink(small, theme.color("bg")), ink(shrunk, theme.color("bg"))
    cells = [pair for rows in zip(one, other, strict=True) for pair in zip(*rows, strict=True)]
    assert sum(a != b for a, b in cells) <= max(8, sum(a or b for a, b in cells) * 0.25)
    blown = small.scaled(
        large.size(), Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.FastTransformation
    )
    blown.setDevicePixelRatio(2.0)
    assert blown != large


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", BLOCKS)
def test_a_chosen_block_shows_it(qtbot: QtBot, inlays: Inlays, name: str, scheme: str) -> None:
    theme, _ = picture(qtbot, scheme, BLOCKS[name][0], inlays)
    flow = flow_of(theme, BLOCKS[name][0], inlays)
    plain = painted(theme, flow)
    chosen = painted(theme, flow, selection=(Position(0, 0), flow.end))
    assert chosen != plain
    counted = colors(chosen)[theme.color("selection").rgb()]
    assert counted > 40 or name == "picture"
