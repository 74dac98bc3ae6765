"""Pictures that a reply names by their web address: a placeholder until the reader asks for them."""

from collections.abc import Callable
from urllib.parse import urlsplit

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath

from desktop.ui.theme import RADIUS_CONTROL
from desktop.ui.timeline.flow_style import FlowStyle
from desktop.ui.timeline.raster import decoded, natural_size
from desktop.ui.timeline.words import tr

PictureSource = Callable[[str, Callable[[bytes, str], None]], None]
"""Fetches the bytes at a web address and hands them on, later and on this thread, or none and a reason.

It holds the limits of size and time, and is given by the composition root.
"""

_WIDEST = 560
_HIGHEST = 400
# Decoded no larger than a screen of the highest density could show in that room.
_MOST_WIDTH = 1_680
_MOST_HEIGHT = 1_200


def is_remote(address: str) -> bool:
    """Return whether an address is on the web; nothing else is ever loaded."""
    return address[:8].lower().startswith(("http://", "https://"))


def host_of(address: str) -> str:
    """Return the server that an address names, or as much of the address as can be shown."""
    try:
        return (urlsplit(address).hostname or address)[:60]
    except ValueError:
        return address[:60]


def decoded_remote(data: bytes) -> QImage | None:
    """Decode a picture to a size worth keeping; None for what is no picture shown here."""
    size = natural_size(data)
    if size.isEmpty():
        return None
    if size.width() > _MOST_WIDTH or size.height() > _MOST_HEIGHT:
        size = size.scaled(QSize(_MOST_WIDTH, _MOST_HEIGHT), Qt.AspectRatioMode.KeepAspectRatio)
    image = decoded(data, size)
    return None if image.isNull() else image


class RemotePicture:
    """What is known of the picture at an address: that it is loading, why it failed, or the picture."""

    __slots__ = ("address", "image", "is_loading", "problem")

    def __init__(self, address: str) -> None:
        self.address = address
        self.image: QImage | None = None
        self.is_loading = False
        self.problem = ""


class PictureInlay:
    """The picture in its place, or its placeholder. `width`, `ascent` and `descent` are pixels."""

    def __init__(self, picture: RemotePicture, name: str, room: float, style: FlowStyle) -> None:
        """`room` is the width of a line, `name` what the reply calls the picture."""
        self._style = style
        self._image = picture.image
        self._name = " ".join(name.split())
        self._note = _note(picture)
        pad = style.px(4)
        if self._image is not None:
            size = self._image.size()
            most = QSize(max(16, min(int(room) - pad, style.px(_WIDEST))), style.px(_HIGHEST))
            if size.width() > most.width() or size.height() > most.height():
                size = size.scaled(most, Qt.AspectRatioMode.KeepAspectRatio)
            self.width = float(max(8, size.width()))
            self.ascent, self.descent = float(max(8, size.height())), float(pad)
            return
        small = style.small
        wanted = small.width_of(self._name) + small.width_of(self._note) + style.px(52)
        self.width = float(round(max(style.px(60), min(wanted, room - 1, style.px(420)))))
        above = (style.px(26) - small.line_height) / 2
        self.ascent = float(round(small.baseline + above))
        self.descent = float(style.px(26) - self.ascent)

    def paint(self, painter: QPainter, x: float, baseline: float, color: QColor) -> None:
        """Paint with the left end of the baseline at a place."""
        painter.save()
        rect = QRectF(x, baseline - self.ascent, self.width, self.ascent + self.descent)
        if self._image is None:
            self._paint_placeholder(painter, rect, baseline, color)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(rect.adjusted(0, 0, 0, -self.descent), self._image)
        painter.restore()

    def _paint_placeholder(self, painter: QPainter, rect: QRectF, baseline: float, color: QColor) -> None:
        style, small = self._style, self._style.small
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(style.color("line"))
        painter.setBrush(style.color("code"))
        radius = style.px(RADIUS_CONTROL) - 2
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        side = style.px(14)
        self._paint_sign(painter, QRectF(rect.x() + style.px(8), rect.center().y() - side / 2, side, side))
        left = rect.x() + style.px(30)
        note = small.width_of(self._note)
        room = rect.right() - style.px(10) - left
        name = small.elided(self._name, max(style.px(24), room - note - style.px(8)))
        painter.setFont(small.font)
        painter.setPen(color)
        painter.drawText(round(left), round(baseline), name)
        left += small.width_of(name) + style.px(8)
        painter.setPen(style.color("accent"))
        painter.drawText(
            round(left), round(baseline), small.elided(self._note, rect.right() - style.px(6) - left)
        )

    def _paint_sign(self, painter: QPainter, rect: QRectF) -> None:
        """Paint a frame with hills and a sun."""
        painter.setPen(self._style.color("muted"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        frame = rect.adjusted(0.5, 1.5, -0.5, -1.5)
        painter.drawRoundedRect(frame, 2, 2)
        hills = QPainterPath()
        hills.moveTo(frame.left() + 1, frame.bottom() - 1)
        hills.lineTo(frame.left() + frame.width() * 0.38, frame.top() + frame.height() * 0.45)
        hills.lineTo(frame.left() + frame.width() * 0.62, frame.bottom() - frame.height() * 0.25)
        hills.lineTo(frame.left() + frame.width() * 0.75, frame.top() + frame.height() * 0.55)
        hills.lineTo(frame.right() - 1, frame.bottom() - 1)
        painter.drawPath(hills)


def _note(picture: RemotePicture) -> str:
    if picture.is_loading:
        return tr("Loading…")
    if picture.problem:
        return tr("Can’t be shown: {reason}").format(reason=picture.problem)
    return tr("Load from {host}").format(host=host_of(picture.address))
