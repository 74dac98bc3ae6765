"""The row of attachments above the prompt: a chip for each, with its name and size, and a way to drop it."""

import shiboken6
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.base import tongue
from desktop.chat.attachments import Attachment, Attachments
from desktop.domain.message import FilePart, ImagePart
from desktop.domain.tokens import estimate_tokens
from desktop.ui.controls import ElidedLabel, IconButton, button
from desktop.ui.icons import pixmap
from desktop.ui.theme import Theme
from desktop.ui.timeline.pieces import Pictures
from desktop.ui.timeline.raster import natural_size
from desktop.ui.wording import parts
from desktop.ui.wrapping import WrapRow

_WIDTH = 232
_MORE = 56
_PICTURE = 36
# Anthropic's rule of thumb; the others charge about as much. Larger images are scaled down by the services.
_PIXELS_A_TOKEN = 750
_MOST_IMAGE_TOKENS = 1600


def tokens_of(part: ImagePart | FilePart) -> int | None:
    """Return about how many tokens an attachment is, None where nobody can tell."""
    if isinstance(part, ImagePart):
        size = natural_size(part.data)
        pixels = size.width() * size.height()
        return min(_MOST_IMAGE_TOKENS, max(1, pixels // _PIXELS_A_TOKEN)) if pixels > 0 else None
    return estimate_tokens(part.text) if part.text else None


class Chip(QFrame):
    """One attachment."""

    removed = Signal(str)
    unpacked = Signal(str)

    def __init__(self, theme: Theme, item: Attachment, pictures: Pictures) -> None:
        super().__init__()
        self._theme = theme
        self.item = item
        px = theme.px
        self.setProperty("kind", "chip")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedWidth(px(_WIDTH + (_MORE if item.is_pasted else 0)))
        self.picture = QLabel()
        self.picture.setFixedSize(px(_PICTURE), px(_PICTURE))
        #: What stands beside the name of a file, for those who do not see it
        self.picture.setAccessibleName(self.tr("Preview"))
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setPixmap(pixmap("file", theme.colors.muted, px(20), self.devicePixelRatioF()))
        self.name = ElidedLabel(item.name, size="small")
        self.words = ElidedLabel(size="small", tone="muted")
        self.remove = IconButton(theme, "close", self.tr("Remove {name}").format(name=item.name), size=14)
        self.remove.clicked.connect(lambda: self.removed.emit(self.item.id))
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self.name)
        texts.addWidget(self.words)
        row = QHBoxLayout(self)
        row.setContentsMargins(px(5), px(4), px(4), px(4))
        row.setSpacing(px(8))
        row.addWidget(self.picture)
        row.addLayout(texts, 1)
        if item.is_pasted:
            #: On a button: put the pasted text into the prompt
            unpack = button(self.tr("Show", "in the prompt"), "text")
            unpack.setAccessibleName(self.tr("Put the pasted text into the prompt"))
            unpack.setToolTip(unpack.accessibleName())
            unpack.clicked.connect(lambda: self.unpacked.emit(self.item.id))
            row.addWidget(unpack)
        row.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignTop)
        self._say(pictures)

    def _say(self, pictures: Pictures) -> None:
        part = self.item.part
        if part is None:
            self.words.setText(self.tr("Reading…"))
            self.setAccessibleName(self.tr("{name}, being read").format(name=self.item.name))
            return
        words = tongue.size(len(part.data))
        tokens = tokens_of(part)
        if tokens is not None:
            #: An attachment, and about how many tokens it is
            words = self.tr("{size}, ≈ %n token(s)", "", tokens).format(size=words)
        self.words.setText(words)
        self.setAccessibleName(parts(self.item.name, words))
        if isinstance(part, ImagePart):
            natural = natural_size(part.data)
            side = self.picture.width()
            if natural.isValid() and not natural.isEmpty():
                wanted = natural.scaled(
                    QSize(side, side) * self.devicePixelRatioF(), Qt.AspectRatioMode.KeepAspectRatio
                ).expandedTo(QSize(1, 1))
                pictures.decode(part.data, wanted, self._show_picture)

    def _show_picture(self, image: QImage) -> None:
        # The chip may have gone while its picture was decoded.
        shown = QPixmap.fromImage(image) if shiboken6.isValid(self) else QPixmap()
        if not shown.isNull():
            shown.setDevicePixelRatio(self.devicePixelRatioF())
            self.picture.setPixmap(shown)


class Chips(QWidget):
    """The chips of the prompt's attachments; not there without any.

    `unpacked` carries the text of a pasted attachment that is to go into the prompt itself.
    """

    unpacked = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._attachments: Attachments | None = None
        self._pictures = Pictures(self)
        self._chips: dict[str, Chip] = {}
        self._rows = WrapRow(theme.px(8), self)
        self.setAccessibleName(self.tr("Attachments"))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self._rebuild)
        self.hide()

    def show_attachments(self, attachments: Attachments) -> None:
        """Show the attachments of another prompt."""
        if self._attachments is not None:
            self._attachments.changed.disconnect(self._fill)
        self._attachments = attachments
        attachments.changed.connect(self._fill)
        self._fill()

    def _rebuild(self) -> None:
        for chip in self._chips.values():
            self._drop(chip)
        self._chips.clear()
        self._fill()

    def _fill(self) -> None:
        items = self._attachments.items if self._attachments is not None else ()
        wanted = {item.id: item for item in items}
        for key in [key for key, chip in self._chips.items() if wanted.get(key) != chip.item]:
            self._drop(self._chips.pop(key))
        while self._rows.count():
            self._rows.takeAt(0)
        for item in items:
            if item.id not in self._chips:
                chip = self._chips[item.id] = Chip(self._theme, item, self._pictures)
                chip.removed.connect(self._on_removed)
                chip.unpacked.connect(self._on_unpacked)
            self._rows.addWidget(self._chips[item.id])
            self._chips[item.id].show()
        self.setVisible(bool(items))
        self.updateGeometry()

    def _drop(self, chip: Chip) -> None:
        chip.hide()
        chip.setParent(None)
        chip.deleteLater()

    def _on_removed(self, attachment_id: str) -> None:
        if self._attachments is not None:
            self._attachments.remove(attachment_id)

    def _on_unpacked(self, attachment_id: str) -> None:
        chip = self._chips.get(attachment_id)
        if chip is not None and isinstance(chip.item.part, FilePart):
            text = chip.item.part.text
            self._on_removed(attachment_id)
            self.unpacked.emit(text)
