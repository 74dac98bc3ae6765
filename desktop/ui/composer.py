"""The composer: where the prompt is written, sent, and a reply stopped."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QImage,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextCursor,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from desktop.chat.attachments import Attachments
from desktop.domain.endpoint import ModelRef
from desktop.ui.controls import ElidedLabel, IconButton, button, set_look
from desktop.ui.icons import icon
from desktop.ui.keymap import native, with_keys
from desktop.ui.prompt_edit import PromptEdit, local_files
from desktop.ui.theme import COMPOSER_WIDTH, RADIUS_COMPOSER, Theme

if TYPE_CHECKING:
    from desktop.ui.chips import Chips
    from desktop.ui.room import Low

SHADOW = 8
_HINT_NEEDS = 380


class Composer(QWidget):
    """The prompt and its button, in a rounded card.

    `send_requested` asks that `text` be sent; the text stays until `clear` is called, so that
    nothing typed is lost when sending fails. `stop_requested` asks to stop the reply on screen.
    While an earlier prompt is changed, `cancelled` asks to leave it as it was. `attach_requested` asks
    for files to attach, `recall_requested` for the last prompt. `once` is the model that is to answer
    the next prompt alone; None leaves it to the conversation's own. `replaced` follows a text that was
    put in place of another. What `may_send` holds back stays.
    """

    send_requested = Signal(str)
    recall_requested = Signal()
    stop_requested = Signal()
    cancelled = Signal()
    attach_requested = Signal()
    text_changed = Signal()
    attachments_changed = Signal()
    editing_changed = Signal()
    once_changed = Signal()
    replaced = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._is_streaming = False
        self._is_many = False
        self._is_stopping = False
        self._is_editing = False
        self._is_drop_target = False
        self.once: ModelRef | None = None
        self._guidance = self._idle_hint = ""
        self.may_send: Callable[[str], bool] = lambda text: True
        self._attachments: Attachments | None = None
        self._chips: Chips | None = None
        self.files: Low | None = None
        """What holds the chips of the attachments, once there are any."""
        self.edit = PromptEdit()
        self.edit.given.connect(self.take)
        self.edit.setPlaceholderText(self.tr("Ask anything"))
        self.edit.submitted.connect(self._on_submitted)
        self.edit.textChanged.connect(self._on_text_changed)
        self.edit.composed.connect(self._update_action)
        self.edit.recalled.connect(self._on_recalled)
        self._hint = ElidedLabel(size="small", tone="faint")
        self.action = button("", "send")
        self.action.clicked.connect(self._on_clicked)
        self.cancel = button(self.tr("Cancel"), "text")
        self.cancel.clicked.connect(self.cancelled)
        self.cancel.hide()
        self.edit.left.connect(self._on_left)
        self.attach = IconButton(theme, "attach", self.tr("Attach files"))
        self.attach.clicked.connect(self.attach_requested)
        self._row = QHBoxLayout()
        self._row.addWidget(self.attach)
        self._row.addWidget(self._hint, 1)
        self._row.addWidget(self.cancel)
        self._row.addWidget(self.action)
        self._layout = QVBoxLayout(self)
        self._layout.addWidget(self.edit)
        self._layout.addLayout(self._row)
        self.setFocusProxy(self.edit)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def hint(self) -> QLabel:
        """The words beside the button."""
        return self._hint

    @property
    def attachments(self) -> Attachments:
        """What goes with the prompt; there is always a place for it once `set_attachments` was called."""
        if self._attachments is None:
            raise RuntimeError("the composer has no attachments yet")
        return self._attachments

    @property
    def is_empty(self) -> bool:
        """Whether there is neither text nor an attachment."""
        return self.edit.document().isEmpty() and not (self._attachments and self._attachments.items)

    def set_attachments(self, attachments: Attachments) -> None:
        """Show what goes with another prompt."""
        if self._attachments is not None:
            self._attachments.changed.disconnect(self._on_attachments_changed)
        self._attachments = attachments
        attachments.changed.connect(self._on_attachments_changed)
        if self._chips is not None:
            self._chips.show_attachments(attachments)
        self._on_attachments_changed()

    def take(self, source: QMimeData) -> None:
        """Attach what was pasted or dropped."""
        files = local_files(source)
        if files:
            self.attachments.add_files(files)
        elif source.hasImage() and not source.hasText():
            from desktop.ui.pictures import encoded

            image = QImage(source.imageData())
            self.attachments.add_later(self.tr("Pasted image.png"), lambda: encoded(image, "PNG"))
        else:
            data = source.text().encode("utf-8", "replace")
            self.attachments.add_data(self.tr("Pasted text.txt"), data, is_pasted=True)
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_drop_target(self, is_target: bool) -> None:
        """Show that what is being dragged may be dropped here."""
        if is_target != self._is_drop_target:
            self._is_drop_target = is_target
            self.update()

    def text(self) -> str:
        """Return the text as typed."""
        return self.edit.text()

    def set_text(self, text: str) -> None:
        """Put a text in place of what is there, the caret at its end."""
        self.edit.setPlainText(text)
        self.edit.moveCursor(QTextCursor.MoveOperation.End)
        self.replaced.emit()

    def set_once(self, ref: ModelRef | None) -> None:
        """Have a model answer the next prompt alone, or leave it to the conversation's own."""
        if ref != self.once:
            self.once = ref
            self.once_changed.emit()

    def add_above(self, widget: QWidget) -> None:
        """Show a small widget above the text."""
        self._layout.insertWidget(self._layout.indexOf(self.edit), widget)

    def clear(self) -> None:
        """Empty the prompt: its text was taken."""
        self.edit.clear()

    def set_placeholder(self, words: str) -> None:
        """Say what may be written here."""
        self.edit.setPlaceholderText(words)

    def set_guidance(self, words: str) -> None:
        """Say beside the button what may be done now, or nothing for what always may."""
        if words != self._guidance:
            self._guidance = words
            self._update_hint()

    def set_idle_hint(self, words: str) -> None:
        """Say beside the button what may be typed while nothing is written."""
        self._idle_hint = words
        self._update_hint()

    def set_streaming(self, is_streaming: bool, *, is_many: bool = False) -> None:
        """Turn the button into Stop while a reply comes, or several do, and back."""
        if is_streaming != self._is_streaming or is_many != self._is_many:
            self._is_stopping = self._is_stopping and is_streaming
            self._is_streaming, self._is_many = is_streaming, is_many
            self._dress_action()

    def set_editing(self, is_editing: bool) -> None:
        """Say that an earlier prompt is being changed, or no longer."""
        self._is_editing = is_editing
        self.cancel.setVisible(is_editing)
        self._update_hint()
        self.editing_changed.emit()

    def request_send(self) -> None:
        """Ask to send what is written, unless a reply is still coming: the text waits then."""
        self.edit.commit_preedit()
        text = self.text()
        if not (text.strip() or self._has_attachments) or self._is_streaming or self._is_reading:
            return
        if self.may_send(text):
            self.send_requested.emit(self.text())

    def request_stop(self) -> None:
        """Ask once to stop the reply."""
        if self._is_streaming and not self._is_stopping:
            self._is_stopping = True
            self._dress_action()
            self.stop_requested.emit()

    def sizeHint(self) -> QSize:
        """Return the preferred size: as wide as the drawing's."""
        return QSize(self._theme.px(COMPOSER_WIDTH) + 2 * SHADOW, super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card and the one faint shadow of the window."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = QRectF(self.rect()).adjusted(SHADOW + 0.5, SHADOW + 0.5, -SHADOW - 0.5, -SHADOW - 0.5)
        radius = float(self._theme.px(RADIUS_COMPOSER))
        painter.setPen(Qt.PenStyle.NoPen)
        for step in range(SHADOW - 2, 0, -1):
            painter.setBrush(self._theme.shadow())
            spread = card.adjusted(-step, -step + 2, step, step + 1)
            painter.drawRoundedRect(spread, radius + step, radius + step)
        painter.setBrush(self._theme.color("card"))
        look = self._theme.look
        color, width = ("accent", look.focus_px) if self._is_drop_target else ("edge", look.line_px)
        painter.setPen(QPen(self._theme.color(color), width))
        painter.drawRoundedRect(card, radius, radius)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the hint only where there is room for it."""
        super().resizeEvent(event)
        self._update_hint()

    def _restyle(self) -> None:
        theme = self._theme
        self.setMaximumWidth(theme.px(COMPOSER_WIDTH) + 2 * SHADOW)
        self._layout.setContentsMargins(
            SHADOW + theme.px(15), SHADOW + theme.px(13), SHADOW + theme.px(14), SHADOW + theme.px(10)
        )
        self._layout.setSpacing(theme.px(10))
        self._row.setSpacing(theme.px(8))
        self.edit.setFont(theme.font())
        self.edit.fit()
        self._dress_action()
        self.update()

    def _dress_action(self) -> None:
        theme = self._theme
        kind = "stop" if self._is_streaming else "send"
        if self.action.property("kind") != kind:
            set_look(self.action, kind=kind)
        stop = self.tr("Stop all") if self._is_many else self.tr("Stop")
        #: What is done, on a button
        words = stop if self._is_streaming else self.tr("Send")
        self.action.setText(words)
        self.action.setAccessibleName(words)
        keys = native("Esc" if self._is_streaming else "Enter")
        self.action.setToolTip(with_keys(words, keys))
        size = theme.px(14)
        self.action.setIconSize(QSize(size, size))
        self._update_action()

    def _update_action(self) -> None:
        if self._is_streaming:
            can = not self._is_stopping
            color = "bg"
        else:
            is_long = self.edit.document().characterCount() >= 4096
            is_written = is_long or self.edit.is_composing or bool(self.text().strip())
            can = (is_written or self._has_attachments) and not self._is_reading
            color = "on_accent" if can else "muted"
        self.action.setEnabled(can)
        name = "stop" if self._is_streaming else "send"
        self.action.setIcon(icon(name, self._theme.color(color), self._theme.px(14)))
        self._update_hint()

    def _update_hint(self) -> None:
        if self.width() < self._theme.px(_HINT_NEEDS):
            words = ""
        elif self._is_stopping:
            words = self.tr("Stopping…")
        elif self._is_editing and not self._is_streaming:
            words = self.tr("Your earlier prompt. What was said after it stays, as another branch.")
        elif self._is_streaming and self.edit.document().characterCount() > 1:
            words = self.tr("This waits here until the reply has ended.")
            words = self.tr("This waits here until the replies have ended.") if self._is_many else words
        elif self._is_streaming:
            words = self.tr("Esc stops all replies") if self._is_many else self.tr("Esc stops the reply")
        elif self._is_reading:
            words = self.tr("Reading the attachments…")
        else:
            usual = self.tr("Enter sends, Shift+Enter breaks the line")
            idle = self._idle_hint if self.edit.document().isEmpty() else ""
            words = self._guidance or idle or usual
        if words != self._hint.text():
            self._hint.setText(words)

    @property
    def _has_attachments(self) -> bool:
        return self._attachments is not None and bool(self._attachments.items)

    @property
    def _is_reading(self) -> bool:
        return self._attachments is not None and self._attachments.is_reading

    def _on_attachments_changed(self) -> None:
        if self._has_attachments and self._chips is None:
            from desktop.ui.chips import Chips
            from desktop.ui.room import Low

            self._chips = Chips(self._theme)
            self._chips.unpacked.connect(self._on_unpacked)
            self.files = Low(self._chips)
            self._layout.insertWidget(0, self.files)
            self._chips.show_attachments(self.attachments)
        self._update_action()
        self.attachments_changed.emit()

    def _on_unpacked(self, text: str) -> None:
        self.edit.insertPlainText(text)
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_text_changed(self) -> None:
        self._update_action()
        self.text_changed.emit()

    def _on_left(self) -> None:
        if self._is_editing:
            self.cancelled.emit()

    def _on_recalled(self) -> None:
        if self.is_empty and not self._is_editing:
            self.recall_requested.emit()

    def _on_submitted(self) -> None:
        self.request_send()

    def _on_clicked(self) -> None:
        if self._is_streaming:
            self.request_stop()
        else:
            self.request_send()
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
