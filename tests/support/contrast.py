"""How well the texts of a shown window stand out from what is behind them, measured on its pixels."""

from collections import Counter
from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

TEXT = 4.5
"""The least for text (WCAG 2.2, 1.4.3)."""
PART = 3.0
"""The least for what one has to see to use a control, focus rings among it (WCAG 2.2, 1.4.11, 2.4.13)."""


def luminance(color: QColor) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    parts = (channel / 255 for channel in color.getRgb()[:3])
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def contrast(one: QColor, other: QColor) -> float:
    """Return how much two colours stand out from each other, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def colors_of(image: QImage) -> Counter[int]:
    """Return how many pixels of an image have which colour."""
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    return Counter(memoryview(plain.constBits()).cast("I"))


def measured(image: QImage) -> tuple[float, QColor]:
    """Return how much the ink that stands out most does so from the colour that most of the image has."""
    colors = colors_of(image)
    ground = QColor(colors.most_common(1)[0][0])
    return max(contrast(QColor(color), ground) for color in colors), ground


class Readings:
    """Measures the texts of windows, each once. At zoom 2 strokes are wider than a pixel."""

    def __init__(self) -> None:
        self._seen: set[tuple[object, ...]] = set()

    def faint_texts(self, window: QWidget) -> list[str]:
        """Return the texts of a window that do not stand out enough."""
        picture = window.grab().toImage()
        found = []
        for widget in _with_text(window):
            place = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
            words = _words(widget)
            key = (type(widget), words, place.getRect())
            if key in self._seen or not _is_seen(window, widget, place):
                continue
            self._seen.add(key)
            contrast_now, ground = measured(picture.copy(place))
            if contrast_now < TEXT:
                name = f"{type(widget).__name__} {words[:60]!r}"
                found.append(f"{name}: {contrast_now:.2f} to 1 on {ground.name()}")
        return found

    @property
    def count(self) -> int:
        """How many texts were measured."""
        return len(self._seen)


def _with_text(window: QWidget) -> Iterator[QWidget]:
    kinds = (QLabel, QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit)
    for widget in window.findChildren(QWidget):
        is_one = isinstance(widget, kinds) and widget.isVisible() and widget.isEnabled()
        if is_one and widget.window() is window.window() and _words(widget).strip():
            yield widget


def _words(widget: QWidget) -> str:
    if isinstance(widget, QLineEdit):
        return widget.text() or widget.placeholderText()
    if isinstance(widget, QPlainTextEdit):
        return widget.toPlainText() or widget.placeholderText()
    if isinstance(widget, QComboBox):
        return widget.currentText()
    return widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""


def _is_seen(window: QWidget, widget: QWidget, place: QRect) -> bool:
    """Whether all of a widget is on screen and nothing lies over its middle."""
    if place.width() < 12 or place.height() < 8 or not window.rect().contains(place):
        return False
    if widget.visibleRegion().boundingRect() != widget.rect():
        return False
    over = window.childAt(place.center())
    return over is widget or (over is not None and widget.isAncestorOf(over))
