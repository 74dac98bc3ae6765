"""Icons: SVG files of one set, drawn in a colour of the theme."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from desktop.base.paths import resources
from desktop.ui.theme import CLEAR

_RATIOS = (1.0, 2.0, 3.0)


@lru_cache(maxsize=64)
def _source(name: str) -> bytes:
    return (resources() / "icons" / f"{name}.svg").read_bytes()


@lru_cache(maxsize=512)
def pixmap(name: str, color: str, size: int, ratio: float = 1.0) -> QPixmap:
    """Return the icon `name` in `color` (#rrggbb), `size` logical pixels square. Raises OSError."""
    drawing = QSvgRenderer(QByteArray(_source(name).replace(b"currentColor", color.encode())))
    picture = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    picture.fill(QColor(CLEAR))
    painter = QPainter(picture)
    drawing.render(painter, QRectF(0, 0, picture.width(), picture.height()))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def icon(name: str, color: QColor, size: int) -> QIcon:
    """Return the icon `name` for a button, sharp on screens of every density."""
    found = QIcon()
    for ratio in _RATIOS:
        found.addPixmap(pixmap(name, color.name(), size, ratio))
    return found
