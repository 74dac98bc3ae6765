"""The quick window: one question and its reply, over whatever else is on the screen."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QCursor,
    QGuiApplication,
    QIcon,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
)
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSizeGrip, QSizePolicy, QVBoxLayout, QWidget

from desktop.base.paths import resources
from desktop.chat.attachments import Attachments
from desktop.chat.desk import Desk
from desktop.chat.endpoints import Endpoints
from desktop.chat.quick import QuickQuestion
from desktop.domain.message import Message, Role
from desktop.ui.code_file import CodeFile
from desktop.ui.composer import Composer
from desktop.ui.controls import IconButton, announce, button, label, separator, set_look
from desktop.ui.dropping import DropCatcher
from desktop.ui.links import open_link
from desktop.ui.manner import Manner
from desktop.ui.picker import PickerButton
from desktop.ui.quick.models import QuickModels
from desktop.ui.quick.shown import Shown
from desktop.ui.style import style_sheet
from desktop.ui.theme import Theme
from desktop.ui.timeline.view import Timeline

WIDTH = 660
HEIGHT = 560
_LEAST_WIDTH = 400
_UPPER = 0.16
_SHARE = 0.8
_COPIED_MS = 2_000


class QuickWindow(QWidget):
    """Asks, shows the reply as it comes, and goes away again.

    `opened_in_weir` carries the conversation's id and that of a message, or nothing, and asks that the
    main window shows it. `put_away` follows the window's end; what was asked is in the history.
    `endpoint_wanted` asks for the place where endpoints are added.
    """

    opened_in_weir = Signal(str, str)
    endpoint_wanted = Signal()
    put_away = Signal()

    def __init__(
        self, theme: Theme, question: QuickQuestion, desk: Desk, endpoints: Endpoints, manner: Manner
    ) -> None:
        super().__init__(None, Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        self.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint)
        self._theme = theme
        self._question = question
        self._desk = desk
        self._endpoints = endpoints
        self._manner = manner
        self._shown: Shown | None = None
        self._popup: QuickModels | None = None
        self._waiting = ""
        self._zoom = theme.zoom
        self.setWindowTitle(self.tr("Quick question – Weir"))
        self.setWindowIcon(QIcon(str(resources() / "icons" / "weir.svg")))
        self.setProperty("surface", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._build()
        self._lay_out()
        self._connect()
        self._add_keys()
        self._restyle()
        self._show_model()
        self._fit()

    # What is asked of it

    def come_up(self, text: str = "", *, sends: bool = False) -> None:
        """Show the window with the keyboard in its field; with a text in it, sent if that is wished.

        A text begins a new question where the last one was answered.
        """
        if text and self._question.live.transcript:
            self.begin()
        if text:
            self.composer.set_text(text)
        if not self.isVisible():
            self._place()
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        self.composer.edit.setFocus(Qt.FocusReason.ActiveWindowFocusReason)
        if not text:
            # What was left here may be gone on with, or written over.
            self.composer.edit.selectAll()
        elif sends:
            self.composer.request_send()

    def begin(self) -> None:
        """Go on with a new question."""
        self._question.begin()
        self.composer.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def copy_reply(self) -> None:
        """Put the last reply on the clipboard as it was written."""
        reply = self._reply()
        if reply is not None and reply.text:
            QGuiApplication.clipboard().setText(reply.text)
            self._say(self.tr("The reply was copied."))

    def open_in_weir(self, message_id: str = "") -> None:
        """Have the main window go on with the conversation, and go away."""
        live = self._question.live
        if live.transcript:
            self.opened_in_weir.emit(live.conversation.id, message_id)
            self.close()

    def release(self) -> None:
        """Show nothing and hear of nothing any more, at the program's end."""
        self.blockSignals(True)
        self._question.close()
        self._let_go()

    # Qt's own

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Stop the reply by Escape, then close; while an input method composes, the key is its own."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.composer.edit.is_composing:
            event.accept()
        elif self._question.is_streaming:
            self.composer.request_stop()
        else:
            self.close()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Let the window be moved by its bare ground: it has no frame."""
        handle = self.windowHandle()
        if event.button() == Qt.MouseButton.LeftButton and handle is not None:
            handle.startSystemMove()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the direction in which the user reads."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.LayoutDirectionChange:
            self._restyle()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Go away; a reply that comes goes on, and what was written stays for the next time."""
        event.ignore()
        self.composer.edit.commit_preedit()
        if self._popup is not None:
            self._popup.close_list()
        self.hide()
        if self._question.live.transcript:
            self.begin()
        self.put_away.emit()

    # Inside

    def _build(self) -> None:
        theme = self._theme
        self.picker = PickerButton(theme)
        self.close_button = IconButton(theme, "close", self.tr("Close"))
        self.new = button(self.tr("New question"), "text")
        self.open = button(self.tr("Open in Weir"), "text")
        self.copy = button(self.tr("Copy reply"), "text")
        self.composer = Composer(theme)
        self.composer.set_placeholder(self.tr("Ask anything"))
        self.composer.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._give_attachments()
        self.note = label(size="small", tone="warn", wraps=True)
        self.note.hide()
        self.timeline = Timeline(theme, self)
        self._code_file = CodeFile(self)
        DropCatcher(self, self.composer)

    def _lay_out(self) -> None:
        self._head = QHBoxLayout()
        self._head.addWidget(self.picker)
        self._head.addStretch(1)
        self._head.addWidget(self.close_button)
        self._middle = QHBoxLayout()
        self._middle.addWidget(self.composer, 1)
        self._foot = QHBoxLayout()
        for widget in (self.copy, self.open, self.new):
            self._foot.addWidget(widget)
        self._foot.addStretch(1)
        self.grip = QSizeGrip(self)
        self._foot.addWidget(self.grip, 0, Qt.AlignmentFlag.AlignBottom)
        self._line = separator()
        self._foot_line = separator()
        self._foot_box = QWidget()
        self._foot_box.setLayout(self._foot)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addLayout(self._head)
        column.addLayout(self._middle)
        column.addWidget(self.note)
        column.addWidget(self._line)
        column.addWidget(self.timeline, 1)
        column.addWidget(self._foot_line)
        column.addWidget(self._foot_box)
        # What room there is beyond the field, while the list of models is open, is the ground's.
        column.addStretch(0)
        order = (self.composer.edit, self.composer.action, self.picker, self.timeline, self.copy, self.open)
        for before, after in zip(order, (*order[1:], self.new), strict=True):
            QWidget.setTabOrder(before, after)

    def _connect(self) -> None:
        question, timeline = self._question, self.timeline
        self._theme.changed.connect(self._restyle)
        question.renewed.connect(self._on_renewed)
        question.model_changed.connect(self._show_model)
        question.refused.connect(self._on_refused)
        self.composer.send_requested.connect(self._send)
        self.composer.stop_requested.connect(question.stop)
        self.composer.attach_requested.connect(self._choose_files)
        self.composer.text_changed.connect(self.note.hide)
        self.picker.clicked.connect(self._on_picker)
        self.close_button.clicked.connect(self.close)
        self.new.clicked.connect(self.begin)
        self.open.clicked.connect(self._on_open)
        self.copy.clicked.connect(self.copy_reply)
        question.model_changed.connect(self._send_waiting)
        self._endpoints.loaded.connect(self._send_waiting)
        timeline.retry_requested.connect(question.try_again)
        timeline.continue_requested.connect(question.go_on)
        timeline.branch_requested.connect(self._on_branch)
        timeline.link_activated.connect(open_link)
        timeline.code_save_requested.connect(self._code_file.save)
        self._code_file.failed.connect(self._on_refused)
        # What needs more room than there is here.
        for signal in (
            timeline.edit_requested,
            timeline.retry_with_requested,
            timeline.compare_requested,
            timeline.delete_requested,
            timeline.fork_requested,
            timeline.inspect_requested,
            timeline.settings_requested,
        ):
            signal.connect(self.open_in_weir)
        self._manner.changed.connect(self._take_manner)
        self._take_manner()

    def _add_keys(self) -> None:
        for keys, do in (
            (QKeySequence(QKeySequence.StandardKey.New), self.begin),
            (QKeySequence("Ctrl+Shift+C"), self.copy_reply),
            (QKeySequence("Ctrl+O"), self._on_open),
            (QKeySequence(QKeySequence.StandardKey.Close), self.close),
        ):
            action = QAction(self)
            action.setShortcut(keys)
            action.triggered.connect(partial(self._run, do))
            self.addAction(action)
        native = QKeySequence.SequenceFormat.NativeText
        for widget, keys in (
            (self.new, QKeySequence(QKeySequence.StandardKey.New)),
            (self.copy, QKeySequence("Ctrl+Shift+C")),
            (self.open, QKeySequence("Ctrl+O")),
        ):
            widget.setToolTip(keys.toString(native))

    def _run(self, do: Callable[[], object], _checked: bool = False) -> None:
        do()

    def _give_attachments(self) -> None:
        attachments: Attachments = self._desk.new_attachments()
        attachments.setParent(self)
        attachments.refused.connect(self._on_refused)
        self.composer.set_attachments(attachments)

    def _choose_files(self) -> None:
        dialog = QFileDialog(self, self.tr("Attach files"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(self._on_files)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_files(self, paths: list[str]) -> None:
        self.composer.attachments.add_files([Path(path) for path in paths])

    def _send_waiting(self) -> None:
        if self._waiting and self._question.is_ready:
            waiting, self._waiting = self._waiting, ""
            # What was changed meanwhile is not sent unasked.
            if waiting == self.composer.text():
                self.composer.request_send()

    def _send(self, text: str) -> None:
        if not self._question.is_ready:
            self._waiting = text
            self._say(self.tr("Your endpoints are still being read. This is sent in a moment."))
            return
        self.note.hide()
        self._show_live()
        if self._question.send(text, self.composer.attachments.parts):
            self.composer.clear()
            self._give_attachments()

    def _show_live(self) -> None:
        live = self._question.live
        if self._shown is None or self._shown.live is not live:
            self._let_go()
            self._shown = Shown(self.timeline, live, self)
            self._shown.changed.connect(self._show_state)
            self._show_state()

    def _let_go(self) -> None:
        shown, self._shown = self._shown, None
        if shown is not None:
            shown.release()
            shown.deleteLater()

    def _on_renewed(self) -> None:
        self._let_go()
        self.timeline.set_messages(())
        self.note.hide()
        self._show_state()

    def _show_state(self) -> None:
        self.composer.set_streaming(self._question.is_streaming)
        reply = self._reply()
        self.composer.set_placeholder(self.tr("Reply…") if reply is not None else self.tr("Ask anything"))
        self.copy.setEnabled(reply is not None and not self._question.is_streaming)
        self._fit()

    def _show_model(self) -> None:
        ref = self._question.ref
        self.picker.show_model(ref.model if ref is not None else "")

    def _on_refused(self, words: str) -> None:
        self._say(words, "warn")

    def _say(self, words: str, tone: str = "muted") -> None:
        set_look(self.note, tone=tone)
        self.note.setText(words)
        self.note.show()
        announce(self, words)

    def _reply(self) -> Message | None:
        messages = reversed(self._question.live.transcript) if self._shown is not None else ()
        return next((message for message in messages if message.role is Role.ASSISTANT), None)

    def _on_picker(self) -> None:
        if self._popup is None:
            self._popup = QuickModels(self._theme, self._endpoints, self._question, self)
            self._popup.closed.connect(self._on_popup_closed)
            self._popup.add_requested.connect(self.endpoint_wanted)
        if self._popup.isVisible():
            self._popup.close_list()
            return
        self.picker.setChecked(True)
        self._fit(is_open=True)
        self._popup.open_under(self.picker)

    def _on_popup_closed(self) -> None:
        self.picker.setChecked(False)
        self._fit()
        self.composer.edit.setFocus(Qt.FocusReason.PopupFocusReason)

    def _on_open(self) -> None:
        self.open_in_weir()

    def _on_branch(self, message_id: str, step: int) -> None:
        self._question.live.switch_branch(message_id, step)

    def _take_manner(self) -> None:
        self._manner.guide(self.timeline)

    # Its place

    def _fit(self, *, is_open: bool = False) -> None:
        """Be no higher than the field while nothing was asked, and high enough to read once it was."""
        has_more = self._shown is not None and bool(self._question.live.transcript)
        for widget in (self._line, self.timeline, self._foot_line, self._foot_box):
            widget.setVisible(has_more)
        px, room = self._theme.px, self._room()
        width = min(max(self.width(), px(WIDTH)) if self.isVisible() else px(WIDTH), room.width())
        self.setMinimumWidth(min(px(_LEAST_WIDTH), room.width()))
        if has_more or is_open:
            high = min(px(HEIGHT), round(room.height() * _SHARE))
            self.setMaximumHeight(16_777_215)
            if self.height() < high:
                self.resize(width, high)
            return
        self.layout().activate()  # type: ignore[union-attr]
        low = self.layout().totalHeightForWidth(width)  # type: ignore[union-attr]
        self.resize(width, low if low > 0 else self.sizeHint().height())

    def _room(self) -> QSize:
        return self.screen().availableSize()

    def _place(self) -> None:
        """Come up at the upper middle of the screen that the pointer is on, where windows may choose that."""
        screen = QGuiApplication.screenAt(QCursor.pos()) or QGuiApplication.primaryScreen()
        self.setScreen(screen)
        self._fit()
        room = screen.availableGeometry()
        at = QPoint(room.center().x() - self.width() // 2, room.top() + round(room.height() * _UPPER))
        self.move(at)

    def _restyle(self) -> None:
        theme = self._theme
        px = theme.px
        # There is no frame of the system's around it.
        edge = f"QuickWindow {{ border: 1px solid {theme.colors.line}; }}"
        self.setStyleSheet(style_sheet(theme) + edge)
        self._head.setContentsMargins(px(16), px(10), px(10), 0)
        self._middle.setContentsMargins(px(6), 0, px(6), 0)
        self.note.setContentsMargins(px(22), 0, px(22), px(8))
        self._foot.setContentsMargins(px(12), px(6), px(4), px(4))
        self._foot.setSpacing(px(4))
        if theme.zoom != self._zoom:
            self._zoom = theme.zoom
            self.resize(px(WIDTH), self.height())
        self._fit()
