"""Colours, type and spacing: the one place that knows them."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, TypeVar, cast

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette, QPen, QScreen
from PySide6.QtWidgets import QApplication

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Colors:
    """Every colour of the window by its purpose, as #rrggbb.

    Text pairs are at least 4.5 to 1, with high contrast 7 to 1. `edge` is the border of a field, at least
    3 to 1; `pressed` the ground of what is held down and of grooves, `off` a sign that does nothing now,
    `mark` what was found and `mark_now` the place that is looked at of it.
    """

    bg: str
    side: str
    card: str
    line: str
    edge: str
    pressed: str
    off: str
    text: str
    muted: str
    faint: str
    accent: str
    on_accent: str
    accent_soft: str
    prompt: str
    code: str
    selection: str
    mark: str
    mark_now: str
    ok: str
    warn: str
    warn_soft: str
    bad: str
    bad_soft: str
    code_keyword: str
    code_string: str
    code_number: str
    code_comment: str
    code_function: str

    def named(self) -> dict[str, str]:
        """Return the colours by name, for style sheets."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


LIGHT = Colors(
    bg="#ffffff",
    side="#f6f7f9",
    card="#ffffff",
    line="#e3e6ea",
    edge="#7f8a95",
    pressed="#e3e6ea",
    off="#e3e6ea",
    text="#1c2024",
    muted="#5f6872",
    faint="#66707b",
    accent="#1a6fb5",
    on_accent="#ffffff",
    accent_soft="#e6f0f9",
    prompt="#eef2f6",
    code="#f5f7f9",
    selection="#cfe4f7",
    mark="#ffe58f",
    mark_now="#ffb74d",
    ok="#1d7a46",
    warn="#8a5a00",
    warn_soft="#fdf3e0",
    bad="#b3261e",
    bad_soft="#fceceb",
    code_keyword="#8431c2",
    code_string="#1d7a46",
    code_number="#b0500c",
    code_comment="#66707b",
    code_function="#1a5fa8",
)

DARK = Colors(
    bg="#16181b",
    side="#1d2024",
    card="#202429",
    line="#31363d",
    edge="#6b7682",
    pressed="#31363d",
    off="#31363d",
    text="#e7eaee",
    muted="#a3acb6",
    faint="#98a1ac",
    accent="#6cb4f0",
    on_accent="#0c1a26",
    accent_soft="#1e3246",
    prompt="#262b31",
    code="#1b1f24",
    selection="#1f4566",
    mark="#4f4210",
    mark_now="#8a4f00",
    ok="#6fcf97",
    warn="#f0b95a",
    warn_soft="#362b16",
    bad="#ff8a80",
    bad_soft="#3a1f1e",
    code_keyword="#d2a8ff",
    code_string="#7ee0a1",
    code_number="#ffb070",
    code_comment="#98a1ac",
    code_function="#8cc7ff",
)

CONTRAST_LIGHT = Colors(
    bg="#ffffff",
    side="#ffffff",
    card="#ffffff",
    line="#000000",
    edge="#000000",
    pressed="#bdbdbd",
    off="#8f8f8f",
    text="#000000",
    muted="#1f1f1f",
    faint="#333333",
    accent="#00359c",
    on_accent="#ffffff",
    accent_soft="#dce8ff",
    prompt="#ededed",
    code="#ffffff",
    selection="#a8d1ff",
    mark="#ffe100",
    mark_now="#ffab00",
    ok="#004d1f",
    warn="#5a3500",
    warn_soft="#fff6e0",
    bad="#8c0000",
    bad_soft="#fff0f0",
    code_keyword="#5b0a9e",
    code_string="#004d1f",
    code_number="#742c00",
    code_comment="#333333",
    code_function="#00359c",
)

CONTRAST_DARK = Colors(
    bg="#000000",
    side="#000000",
    card="#000000",
    line="#ffffff",
    edge="#ffffff",
    pressed="#4d4d4d",
    off="#7a7a7a",
    text="#ffffff",
    muted="#ededed",
    faint="#d6d6d6",
    accent="#7fd4ff",
    on_accent="#000000",
    accent_soft="#00344f",
    prompt="#242424",
    code="#000000",
    selection="#004b91",
    mark="#4a3d00",
    mark_now="#7a3f00",
    ok="#7dffa8",
    warn="#ffd60a",
    warn_soft="#2b2200",
    bad="#ffb3ad",
    bad_soft="#330000",
    code_keyword="#e4c7ff",
    code_string="#9dffbf",
    code_number="#ffc795",
    code_comment="#d6d6d6",
    code_function="#a8deff",
)


@dataclass(frozen=True, slots=True)
class Palette:
    """One look of the window.

    `series` go one after the other to what stands side by side in a chart, the last to all that is left;
    each is at least 3 to 1 on a card. `line_px` is how wide the border of a control is and `focus_px` how
    wide the ring of the focus, both in pixels whatever the zoom.
    """

    colors: Colors
    series: tuple[str, ...]
    is_dark: bool
    is_contrast: bool = False
    line_px: int = 1
    focus_px: int = 2


PALETTES = {
    "light": Palette(
        LIGHT, ("#1a6fb5", "#b0500c", "#1d7a46", "#8431c2", "#b3367b", "#7c8792"), is_dark=False
    ),
    "dark": Palette(DARK, ("#6cb4f0", "#f0a35a", "#6fcf97", "#c69bff", "#f58fb8", "#7f8a96"), is_dark=True),
    "contrast-light": Palette(
        CONTRAST_LIGHT,
        ("#00359c", "#a34700", "#004d1f", "#8a1fd1", "#8f0046", "#595959"),
        is_dark=False,
        is_contrast=True,
        line_px=2,
        focus_px=4,
    ),
    "contrast-dark": Palette(
        CONTRAST_DARK,
        ("#7fd4ff", "#ffab5c", "#7dffa8", "#d9b3ff", "#ff9ecb", "#b8b8b8"),
        is_dark=True,
        is_contrast=True,
        line_px=2,
        focus_px=4,
    ),
}
"""Every look there is, by name."""

CHOICES = ("", "contrast", *PALETTES)
"""What can be chosen: the system's, high contrast that is light or dark as the system is, or a look."""

CLEAR = "transparent"
"""No colour at all, as `QColor` takes it."""

SPACE = 4
RADIUS_CONTROL = 8
RADIUS_CODE = 10
RADIUS_CARD = 14
RADIUS_COMPOSER = 16
SHELF_WIDTH = 264
READING_WIDTH = 760
COMPOSER_WIDTH = 800

BODY_PX = 14.0
SMALL_PX = 12.5
GROUP_PX = 11.5
TITLE_PX = 15.0
CODE_PX = 12.8
LINE_HEIGHT = 1.55

# What Qt calls the interface font where no desktop names one; any real face beats the alias's choice.
_GENERIC = frozenset({"sans serif", "sans-serif", "sans", "monospace", "fixed"})
_INTERFACE_FACES = ("Inter", "Adwaita Sans", "Cantarell", "Noto Sans", "DejaVu Sans")
_CODE_FACES = ("JetBrains Mono", "Adwaita Mono", "Source Code Pro", "Noto Sans Mono", "DejaVu Sans Mono")


def _densities() -> frozenset[float]:
    return frozenset(screen.devicePixelRatio() for screen in QGuiApplication.screens())


class Theme(QObject):
    """The colours and fonts in force; `changed` is emitted when any of them does, or a screen's density.

    The colours follow the system, which says whether it is light or dark and whether it wants more
    contrast, unless `choose` says otherwise. Sizes are logical pixels times `zoom`, from 0.8 to 2.0.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choice = ""
        self._zoom = 1.0
        self._faces: dict[str, str] = {}
        self._kept: dict[str, Any] = {}
        self._dressed: QApplication | None = None
        self._wants_contrast = False
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._update)
        hints.accessibility().contrastPreferenceChanged.connect(self._update)
        self._name = self._wanted()
        self._densities = _densities()
        self._watch_screens()

    @property
    def name(self) -> str:
        """The name of the look in force, a key of `PALETTES`."""
        return self._name

    @property
    def look(self) -> Palette:
        """The look in force."""
        return PALETTES[self._name]

    @property
    def colors(self) -> Colors:
        """The colours in force."""
        return self.look.colors

    @property
    def series(self) -> tuple[str, ...]:
        """The colours of what stands side by side in a chart, the last for all that is left."""
        return self.look.series

    @property
    def is_dark(self) -> bool:
        """Whether dark colours are in force."""
        return self.look.is_dark

    @property
    def zoom(self) -> float:
        """The factor on every size."""
        return self._zoom

    @property
    def choice(self) -> str:
        """What was chosen, one of `CHOICES`; empty to follow the system."""
        return self._choice

    def choose(self, scheme: str) -> None:
        """Choose one of `CHOICES`; whatever else is the system's. Title bars follow where the system can."""
        self._choice = scheme if scheme in CHOICES else ""
        shade = Qt.ColorScheme.Unknown
        if self._choice in PALETTES:
            shade = Qt.ColorScheme.Dark if PALETTES[self._choice].is_dark else Qt.ColorScheme.Light
        QGuiApplication.styleHints().setColorScheme(shade)
        self._update()

    def want_contrast(self, wants: bool) -> None:
        """Take what the desktop says of contrast where Qt does not pass it on."""
        self._wants_contrast = wants
        self._update()

    def dress(self, app: QApplication) -> None:
        """Give Qt's own widgets this theme's palette and font, now and whenever it changes."""
        if self._dressed is None:
            self._dressed = app
            if app.style().objectName() != "fusion":
                app.setStyle("fusion")
            self.changed.connect(self._on_changed)
        self._on_changed()

    def set_zoom(self, zoom: float) -> None:
        """Set the factor on every size, held to 0.8 to 2.0."""
        zoom = min(2.0, max(0.8, zoom))
        if zoom != self._zoom:
            self._zoom = zoom
            self._kept.clear()
            self.changed.emit()

    def kept(self, name: str, make: Callable[[], T]) -> T:
        """Return what `make` made under this name, made anew after a change: asking for fonts is slow."""
        if name not in self._kept:
            self._kept[name] = make()
        return cast(T, self._kept[name])

    def color(self, name: str) -> QColor:
        """Return a colour of `Colors` by its name."""
        return QColor(getattr(self.colors, name))

    def edge(self) -> QPen:
        """Return the border of what else stands out by its ground alone: none, but with high contrast."""
        if self.look.is_contrast:
            return QPen(self.color("accent"), self.look.line_px)
        return QPen(Qt.PenStyle.NoPen)

    def shadow(self) -> QColor:
        """Return one layer of the shadow below what floats; with high contrast borders say it."""
        return QColor(0, 0, 0, 0 if self.look.is_contrast else 8 if self.is_dark else 2)

    def veil(self) -> QColor:
        """Return what is laid over a page that is out of reach for the moment."""
        return QColor(0, 0, 0, 160 if self.look.is_contrast else 90)

    def font(self, px: float = BODY_PX, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """Return the platform's interface font at a size in pixels before zoom."""
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
        self._prefer(font, _INTERFACE_FACES)
        return self._sized(font, px, weight)

    def number_font(self, px: float = BODY_PX, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """Return the interface font with figures of one width, so that changing numbers do not jitter."""
        font = self.font(px, weight)
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def code_font(self, px: float = CODE_PX) -> QFont:
        """Return the platform's monospace font at a size in pixels before zoom."""
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setStyleHint(QFont.StyleHint.Monospace)
        self._prefer(font, _CODE_FACES)
        return self._sized(font, px, QFont.Weight.Normal)

    def px(self, logical: float) -> int:
        """Return a size in pixels after zoom."""
        return round(logical * self._zoom)

    def qt_palette(self) -> QPalette:
        """Return the palette for Qt's own widgets."""
        roles = {
            QPalette.ColorRole.Window: "bg",
            QPalette.ColorRole.WindowText: "text",
            QPalette.ColorRole.Base: "card",
            QPalette.ColorRole.AlternateBase: "side",
            QPalette.ColorRole.Text: "text",
            QPalette.ColorRole.Button: "card",
            QPalette.ColorRole.ButtonText: "text",
            QPalette.ColorRole.PlaceholderText: "faint",
            QPalette.ColorRole.Highlight: "selection",
            QPalette.ColorRole.HighlightedText: "text",
            QPalette.ColorRole.ToolTipBase: "card",
            QPalette.ColorRole.ToolTipText: "text",
            QPalette.ColorRole.Link: "accent",
            QPalette.ColorRole.Mid: "line",
            QPalette.ColorRole.Accent: "accent",
        }
        palette = QPalette()
        for role, name in roles.items():
            palette.setColor(role, self.color(name))
        for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.color("faint"))
        return palette

    def points(self, px: float) -> float:
        """Return a size in points after zoom, for style sheets, which take no fractions of a pixel."""
        # setPixelSize takes whole pixels only; points at the screen's own density keep the fraction.
        return px * self._zoom * 72.0 / QGuiApplication.primaryScreen().logicalDotsPerInchY()

    def _prefer(self, font: QFont, faces: tuple[str, ...]) -> None:
        family = font.family()
        if family.lower() not in _GENERIC:
            return
        if family not in self._faces:
            installed = {name.partition(" [")[0] for name in QFontDatabase.families()}
            self._faces[family] = next((face for face in faces if face in installed), family)
        font.setFamilies([self._faces[family], family])

    def _sized(self, font: QFont, px: float, weight: QFont.Weight) -> QFont:
        font.setPointSizeF(self.points(px))
        font.setWeight(weight)
        return font

    def _watch_screens(self) -> None:
        """Make everything anew when a screen gets another density, or one with another comes."""
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.screenAdded.connect(self._on_screen)
            application.screenRemoved.connect(self._on_density)
        for screen in QGuiApplication.screens():
            screen.geometryChanged.connect(self._on_density)

    def _on_screen(self, screen: QScreen) -> None:
        screen.geometryChanged.connect(self._on_density)
        self._on_density()

    def _on_density(self) -> None:
        densities = _densities()
        if densities != self._densities:
            self._densities = densities
            self._kept.clear()
            self.changed.emit()

    def _wanted(self) -> str:
        """Return the name of the look that the choice and the system ask for together."""
        if self._choice in PALETTES:
            return self._choice
        hints = QGuiApplication.styleHints()
        shade = "dark" if hints.colorScheme() == Qt.ColorScheme.Dark else "light"
        more = hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast
        wants = self._choice == "contrast" or more or self._wants_contrast
        return f"contrast-{shade}" if wants else shade

    def _on_changed(self) -> None:
        if self._dressed is not None:
            self._dressed.setPalette(self.qt_palette())
            self._dressed.setFont(self.font())

    def _update(self) -> None:
        name = self._wanted()
        if name != self._name:
            self._name = name
            self._kept.clear()
            self.changed.emit()
