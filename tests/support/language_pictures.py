"""Pictures of the window and some of its dialogs in every language there is, to be looked at.

`python -m tests.support.screenshots --languages FOLDER [language …]` writes them, each language in a folder
of its own, and beside these a sheet with all the pictures of a language.
"""

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import QMenu, QWidget

from desktop.ui.language import LANGUAGES, WRITTEN, translations
from desktop.ui.theme import PALETTES, Theme
from tests.support.tour import visit

STOPS = (
    "conversation, its beginning (usual)",
    "empty, a new conversation (usual)",
    "failures, from 0 on (usual)",
    "menus, more",
    "lists, palette (usual)",
    "settings, endpoints (usual)",
    "settings, appearance (usual)",
    "settings, a new endpoint at OpenAI (usual)",
    "inspector (usual)",
    "usage, charts (usual)",
)
"""What is taken of a tour."""

ZOOMS = (1.0, 2.0)
_TILE = QSize(480, 330)
_COLUMNS = 4


def languages() -> list[str]:
    """Return the languages that there are translations for, compiled or not; English always."""
    there = {file.stem.removeprefix("weir_") for file in translations().glob("weir_*.*")}
    return [name for name in LANGUAGES if name == WRITTEN or name in there]


async def take_languages(folder: Path, wanted: Sequence[str] = (), themes: Iterable[str] = PALETTES) -> None:
    """Take the pictures of languages, all of them unless some are named, into `folder`."""
    for language in wanted or languages():
        target = folder / language
        target.mkdir(parents=True, exist_ok=True)
        taken: list[Path] = []
        for theme in themes:
            for zoom in ZOOMS:
                taken += await _take(target, language, theme, zoom)
        contact_sheet(taken).save(str(folder / f"{language}.png"))


async def take_mirrored(folder: Path) -> None:
    """Take pictures of the window in Arabic, light and dark, into `folder`."""
    for theme in ("light", "dark"):

        def see(name: str, widget: QWidget, theme: str = theme) -> None:
            if name == STOPS[0]:
                widget.window().grab().save(str(folder / f"arabic-{theme}.png"))

        with tempfile.TemporaryDirectory(prefix="weir-tour-") as place:
            await visit(
                Path(place), see, language="ar", theme=theme, sizes=("usual",), only=("conversation",)
            )


async def _take(target: Path, language: str, theme: str, zoom: float) -> list[Path]:
    taken: list[Path] = []

    def see(name: str, widget: QWidget) -> None:
        if name in STOPS:
            words = name.replace(" (usual)", "").replace(", ", "-").replace(" ", "-")
            file = target / f"{words}-{theme}-{round(zoom * 100)}.png"
            (widget if isinstance(widget, QMenu) else widget.window()).grab().save(str(file))
            taken.append(file)

    with tempfile.TemporaryDirectory(prefix="weir-tour-") as place:
        # The inspector has something to show when a reply has come.
        only = ("streaming", *{name.split(",")[0].split(" (")[0] for name in STOPS})
        await visit(Path(place), see, language=language, zoom=zoom, theme=theme, sizes=("usual",), only=only)
    return taken


def contact_sheet(files: Sequence[Path]) -> QImage:
    """Return a picture of pictures, each with its name above it."""
    rows = -(-len(files) // _COLUMNS)
    sheet = QImage(_TILE.width() * _COLUMNS, _TILE.height() * max(1, rows), QImage.Format.Format_RGB32)
    theme = Theme()
    sheet.fill(theme.color("side"))
    painter = QPainter(sheet)
    painter.setFont(theme.font(11))
    high = QFontMetrics(painter.font()).height() + 4
    for number, file in enumerate(files):
        corner = QPoint(number % _COLUMNS * _TILE.width(), number // _COLUMNS * _TILE.height())
        room = QRect(corner, _TILE).adjusted(4, high, -4, -4)
        painter.setPen(theme.color("text"))
        painter.drawText(QRect(corner.x() + 4, corner.y(), _TILE.width(), high), 0, file.stem)
        picture = QImage(str(file)).scaled(
            room.size(), Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        painter.drawImage(room.topLeft(), picture)
    painter.end()
    return sheet
