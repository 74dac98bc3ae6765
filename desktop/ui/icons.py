"""Icons: SVG files of one set, drawn in a colour of the theme."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from desktop.base.paths import resources
from desktop.ui.theme import CLEAR

DIRECTED = frozenset({"action", "chevron-left", "chevron-right", "message", "shelf", "undo"})
"""Icons that show a direction of reading. A tick, a glass, a clockwise arrow or a pencil do not."""


@lru_cache(maxsize=64)
def _source(name: str) -> bytes:
    return (resources() / "icons" / f"{name}.svg").read_bytes()


@lru_cache(maxsize=512)
def _drawn(name: str, color: str, size: int, ratio: float, is_mirrored: bool) -> QPixmap:
    drawing = QSvgRenderer(QByteArray(_source(name).replace(b"currentColor", color.encode())))
    picture = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    picture.fill(QColor(CLEAR))
    painter = QPainter(picture)
    if is_mirrored:
        painter.translate(picture.width(), 0)
        painter.scale(-1, 1)
    drawing.render(painter, QRectF(0, 0, picture.width(), picture.height()))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def pixmap(name: str, color: str, size: int, ratio: float = 1.0) -> QPixmap:
    """Return the icon `name` in `color` (#rrggbb), `size` logical pixels square. Raises OSError.

    What points somewhere points the other way where the program reads from right to left.
    """
    mirrors = name in DIRECTED and QGuiApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft
    return _drawn(name, color, size, ratio, mirrors)


def icon(name: str, color: QColor, size: int) -> QIcon:
    """Return the icon `name` for a button, sharp on every screen there is.

    The theme says that it has changed when a screen gets another density; icons are made anew then.
    """
    found = QIcon()
    for ratio in sorted({screen.devicePixelRatio() for screen in QGuiApplication.screens()} or {1.0}):
        found.addPixmap(pixmap(name, color.name(), size, ratio))
    return found
