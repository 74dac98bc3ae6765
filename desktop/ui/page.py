"""The page of a conversation: header, transcript, composer, and the figures below it."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QIODevice, QSaveFile, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from desktop.chat.conversation import LiveConversation
from desktop.chat.desk import Desk
from desktop.chat.endpoints import Endpoints
from desktop.chat.turn import Turn, TurnState
from desktop.domain.message import Message
from desktop.ui.composer import Composer, is_attachable
from desktop.ui.controls import label, separator, set_look
from desktop.ui.header import Header
from desktop.ui.manner import Manner
from desktop.ui.meter import Meter
from desktop.ui.style import SCROLL_BAR
from desktop.ui.theme import Theme
from desktop.ui.writing import Writing

if TYPE_CHECKING:
    from desktop.ui.options.panel import OptionsPanel
    from desktop.ui.timeline.remote import PictureSource
    from desktop.ui.timeline.view import Timeline

_OPENED = frozenset({"http", "https", "mailto"})


_ENDINGS = {
    "python": "py", "py": "py", "javascript": "js", "typescript": "ts", "bash": "sh", "shell": "sh",
    "rust": "rs", "markdown": "md", "ruby": "rb", "csharp": "cs", "kotlin": "kt", "yaml": "yml",
}  # fmt: skip


def code_file_name(language: str) -> str:
    """Return a name for a file with code in a language, as a fence names it."""
    language = language.strip().casefold()
    plain = language if language.isascii() and language.isalnum() and len(language) <= 5 else "txt"
    return f"code.{_ENDINGS.get(language, plain)}"


class EmptyPage(QWidget):
    """What stands in the transcript's place before anything was said."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._words = label(tone="muted", wraps=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        title = label(self.tr("What do you want to know?"), size="big", wraps=True)
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(24), 0, theme.px(24), 0)
        column.setSpacing(theme.px(8))
        column.addStretch(4)
        column.addWidget(title)
        column.addWidget(self._words)
        column.addStretch(5)

    def say(self, words: str) -> None:
        """Say where the answer will come from."""
        self._words.setText(words)


class ConversationPage(QWidget):
    """Shows the desk's current conversation and sends what is written.

    A text stays with its conversation when another one is opened. `notice_wanted` carries a key,
    words and a tone, `undo_offered` a key, words and what undoes it. `turn_changed` follows the start
    and the end of a reply on screen, `settings_requested` carries the id of the endpoint that wants
    looking after, empty where it is gone; `network_requested` follows where the way to it does.
    """

    notice_wanted = Signal(str, str, str)
    undo_offered = Signal(str, str, object)
    turn_changed = Signal()
    settings_requested = Signal(str)
    network_requested = Signal()

    def __init__(self, theme: Theme, desk: Desk, endpoints: Endpoints, manner: Manner | None = None) -> None:
        super().__init__()
        self.manner = manner or Manner(parent=self)
        self._theme = theme
        self._desk = desk
        self._endpoints = endpoints
        self._live: LiveConversation | None = None
        self._shown: LiveConversation | None = None
        self._turn: Turn | None = None
        self._links: list[tuple[Any, Callable[..., object]]] = []
        self.header = Header(theme)
        self._timeline: Timeline | None = None
        self._picture_source: PictureSource | None = None
        self._options: OptionsPanel | None = None
        self.empty = EmptyPage(theme)
        self.composer = Composer(theme)
        self._writing = Writing(self.composer, desk, self)
        self.meter = Meter(theme)
        self.foot = QWidget()
        self.setAcceptDrops(True)
        self._lay_out()
        self._connect()
        self._bind()
        self._on_choice_changed()

    @property
    def timeline(self) -> "Timeline":
        """The transcript, made when it is first wanted: a start with an empty page need not wait for it."""
        if self._timeline is None:
            from desktop.ui.timeline.view import Timeline

            self._timeline = Timeline(self._theme, self)
            self._timeline.inlays.source = self._picture_source
            self._add_timeline(self._timeline)
        return self._timeline

    def set_picture_source(self, source: "PictureSource") -> None:
        """Take the way to pictures that replies name; without one they are only named."""
        self._picture_source = source
        if self._timeline is not None:
            self._timeline.inlays.source = source

    @property
    def options(self) -> "OptionsPanel":
        """The sheet with the conversation's options, made when it is first wanted."""
        if self._options is None:
            from desktop.ui.options.panel import OptionsPanel

            self._options = OptionsPanel(self._theme, self._endpoints, self)
            self._options.closed.connect(self._on_options_closed)
        return self._options

    @property
    def is_streaming(self) -> bool:
        """Whether a reply comes on screen."""
        return self._turn is not None

    def send(self, text: str) -> None:
        """Send a prompt; its text leaves the composer once it was taken."""
        self._writing.send(text)

    def edit_prompt(self, message_id: str) -> None:
        """Put an earlier prompt into the composer; what was being written comes back afterwards."""
        live = self._live
        message = next((item for item in live.transcript if item.id == message_id), None) if live else None
        if message is not None:
            self._writing.edit(message)

    def stop(self) -> None:
        """Stop the reply on screen, as the button does."""
        self.composer.request_stop()

    def open_find(self) -> None:
        """Find text in the conversation on screen."""
        if self._stack.currentWidget() is self._timeline is not None:
            self.timeline.open_find()

    def find_next(self) -> None:
        """Go to the next place of what was looked for."""
        if self._stack.currentWidget() is self._timeline is not None:
            self.timeline.find_bar.go_on()

    def find_previous(self) -> None:
        """Go to the place before of what was looked for."""
        if self._stack.currentWidget() is self._timeline is not None:
            self.timeline.find_bar.go_back()

    def focus_composer(self) -> None:
        """Put the caret where the prompt is written."""
        self.composer.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def areas(self) -> tuple[QWidget, ...]:
        """Return the parts that the keyboard goes to: the transcript, if there is one, and the composer."""
        is_shown = self._timeline is not None and self._stack.currentWidget() is self._timeline
        return (self.timeline, self.composer.edit) if is_shown else (self.composer.edit,)

    def _lay_out(self) -> None:
        self._stack = QStackedLayout()
        self._stack.addWidget(self.empty)
        foot = QVBoxLayout(self.foot)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(0)
        self._rows: list[QHBoxLayout] = []
        for widget in (self.composer, self.meter):
            row = QHBoxLayout()
            row.addStretch(1)
            row.addWidget(widget, 1000)
            row.addStretch(1)
            foot.addLayout(row)
            self._rows.append(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(separator())
        column.addLayout(self._stack, 1)
        column.addWidget(self.foot)
        self._restyle()

    def _add_timeline(self, timeline: "Timeline") -> None:
        self._take_manner()
        self.manner.changed.connect(self._take_manner)
        QTimer.singleShot(0, self.manner, self.manner.ask_desktop)
        # Always there, if unseen, so that the text does not move when it becomes longer than the view.
        timeline.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        bar = timeline.verticalScrollBar()
        bar.rangeChanged.connect(self._on_range_changed)
        self._on_range_changed(bar.minimum(), bar.maximum())
        self._stack.addWidget(timeline)
        QWidget.setTabOrder(self.header.more, timeline)
        timeline.edit_requested.connect(self.edit_prompt)
        timeline.settings_requested.connect(self._on_settings)
        timeline.code_save_requested.connect(self._on_save_code)
        timeline.retry_requested.connect(self._desk.try_again)
        timeline.continue_requested.connect(self._desk.continue_reply)
        timeline.branch_requested.connect(self._on_branch)
        timeline.delete_requested.connect(self._on_delete)
        timeline.fork_requested.connect(self._desk.fork)
        timeline.link_activated.connect(self._on_link)

    def _take_manner(self) -> None:
        self.timeline.set_reduced_motion(self.manner.is_reduced)
        self.timeline.set_keeps_start(self.manner.keeps_start)

    def _restyle(self) -> None:
        side = self._theme.px(8)
        # The transcript's column is centred beside its scroll bar; the composer keeps in line with it.
        bar = self._theme.px(SCROLL_BAR)
        for row in self._rows:
            row.setContentsMargins(max(0, side - bar // 2), 0, side + bar // 2, 0)
        self.foot.setMinimumWidth(1)

    def _on_range_changed(self, least: int, most: int) -> None:
        set_look(self.timeline.verticalScrollBar(), idle="yes" if most <= least else "")

    def _connect(self) -> None:
        self._theme.changed.connect(self._restyle)
        self._desk.current_changed.connect(self._bind)
        self._desk.message_wanted.connect(self.show_message)
        self._endpoints.choice_changed.connect(self._on_choice_changed)
        self._endpoints.changed.connect(self._on_choice_changed)
        self._writing.refused.connect(partial(self._notice, "attachment"))
        self.composer.stop_requested.connect(self._desk.stop)
        self.header.title.renamed.connect(self._on_renamed)
        self.header.tune.clicked.connect(self._on_tune)

    def _bind(self) -> None:
        before, live = self._live, self._desk.current
        if before is live:
            return
        for signal, slot in self._links:
            signal.disconnect(slot)
        self._release_turn()
        if self._options is not None:
            self._options.close_panel()
        self._writing.turn_to(before, live)
        self._live = live
        self._links = [
            (live.reset, self._on_reset),
            (live.filled, self._on_filled),
            (live.message_added, self._on_added),
            (live.message_changed, self._on_changed),
            (live.turn_started, self._on_turn_started),
            (live.turn_ended, self._on_turn_ended),
            (live.title_changed, self._show_title),
            (live.refused, self._on_refused),
            (live.storage_failed, self._on_storage_failed),
            (live.options_changed, self._show_options),
        ]
        for signal, slot in self._links:
            signal.connect(slot)
        self._show_title(live.conversation.title)
        self._show_options()
        self._on_reset()
        if live.turn is not None:
            self._follow(live.turn)
        self.turn_changed.emit()

    def _on_reset(self) -> None:
        live = self._live
        if live is None:
            return
        transcript = live.transcript
        if transcript or self._timeline is not None:
            is_same = live is self._shown
            (self.timeline.change_messages if is_same else self.timeline.set_messages)(
                transcript, live.siblings
            )
        self._shown = live
        self.meter.show_transcript(transcript)
        self._show_empty(not transcript)

    def _on_filled(self) -> None:
        if self._live is not None:
            transcript = self._live.transcript
            self.timeline.fill_before(transcript, self._live.siblings)
            self.meter.show_transcript(transcript)

    def show_message(self, message_id: str) -> None:
        """Bring a message into view, and mark it."""
        # A transcript that comes on screen with it has no size before that.
        QTimer.singleShot(0, self.timeline, lambda: self._point_out(message_id))

    def _point_out(self, message_id: str) -> None:
        self.timeline.show_message(message_id)
        self.timeline.marker.point_out(message_id)

    def _show_empty(self, is_empty: bool) -> None:
        self._stack.setCurrentWidget(self.empty if is_empty else self.timeline)
        self.composer.set_placeholder(self.tr("Ask anything") if is_empty else self.tr("Reply…"))

    def _on_added(self, message: Message) -> None:
        self.timeline.append(message)
        self._show_empty(False)

    def _on_changed(self, message: Message) -> None:
        if self._turn is not None and message.id == self._turn.reply_id:
            self.timeline.end_reply(message)
        else:
            self.timeline.update_message(message)

    def _on_turn_started(self, turn: Turn) -> None:
        self._follow(turn)
        self.turn_changed.emit()

    def _follow(self, turn: Turn) -> None:
        self._turn = turn
        self.timeline.begin_reply(turn.reply_id, waits=turn.state is not TurnState.STREAMING)
        turn.delta_arrived.connect(self.timeline.feed)
        turn.state_changed.connect(self._on_turn_state)
        turn.progress_changed.connect(self.timeline.set_waiting)
        self._on_turn_state(turn.state)
        self.meter.follow(turn)
        self.composer.set_streaming(True)

    def _release_turn(self) -> None:
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.delta_arrived.disconnect(self.timeline.feed)
            turn.state_changed.disconnect(self._on_turn_state)
            turn.progress_changed.disconnect(self.timeline.set_waiting)
        self.composer.set_streaming(False)

    def _on_turn_state(self, state: TurnState) -> None:
        if state is TurnState.CONNECTING:
            self.timeline.set_waiting(self.tr("Connecting"), None)
        elif state is TurnState.WAITING:
            self.timeline.set_waiting(self.tr("Waiting for the first words"), None)

    def _on_turn_ended(self, turn: Turn) -> None:
        if turn is self._turn:
            self._release_turn()
        if self._live is not None:
            self.meter.show_transcript(self._live.transcript)
        self.turn_changed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and images anywhere on the page."""
        if is_attachable(event.mimeData()):
            event.acceptProposedAction()
            self.composer.set_drop_target(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Go back to normal."""
        self.composer.set_drop_target(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Attach what was dropped."""
        self.composer.set_drop_target(False)
        if is_attachable(event.mimeData()):
            event.acceptProposedAction()
            self.composer.take(event.mimeData())

    def _notice(self, key: str, words: str) -> None:
        self.notice_wanted.emit(key, words, "warn")

    def _show_title(self, title: str) -> None:
        self.header.title.show_title(title or self.tr("New conversation"))

    def _show_options(self) -> None:
        self.header.tune.show_count(len(self._live.options.chosen) if self._live is not None else 0)

    def _on_tune(self) -> None:
        if self._options is not None and self._options.isVisible():
            self._options.close_panel()
        elif self._live is not None:
            self.header.tune.setChecked(True)
            self.options.open_under(self.header.tune, self._live)

    def _on_options_closed(self) -> None:
        self.header.tune.setChecked(False)
        self.focus_composer()

    def _on_renamed(self, title: str) -> None:
        if self._live is not None:
            self._live.rename(title)

    def _on_choice_changed(self) -> None:
        choice = self._endpoints.choice
        endpoint = self._endpoints.endpoint(choice.endpoint_id) if choice is not None else None
        self.header.picker.show_model(choice.model if choice is not None else "")
        self.meter.show_endpoint(endpoint)
        if endpoint is None or choice is None:
            self.empty.say(self.tr("Choose a model above, then ask."))
        elif endpoint.embedded and not endpoint.model_file:
            self.empty.say(self.tr("The demo model answers here, offline. It is small, and often wrong."))
        elif endpoint.embedded:
            self.empty.say(self.tr("{model} answers on this computer.").format(model=choice.model))
        else:
            words = self.tr("{model} at {endpoint} answers.")
            self.empty.say(words.format(model=choice.model, endpoint=endpoint.name))

    def _on_refused(self, words: str) -> None:
        self.notice_wanted.emit("refused", words, "")

    def _on_storage_failed(self, words: str) -> None:
        self.notice_wanted.emit("storage", words, "bad")

    def _on_settings(self, message_id: str) -> None:
        from desktop.ui.timeline.words import NETWORK_KINDS

        transcript = self._live.transcript if self._live is not None else ()
        message = next((message for message in transcript if message.id == message_id), None)
        name = message.endpoint if message is not None else ""
        named = (item for item in self._endpoints.endpoints if item.name == name and not item.embedded)
        endpoint = next(named, None)
        kind = message.failure.kind if message is not None and message.failure is not None else None
        if kind in NETWORK_KINDS and (endpoint is None or not endpoint.network.proxy):
            self.network_requested.emit()
        else:
            self.settings_requested.emit(endpoint.id if endpoint is not None else "")

    def _on_save_code(self, code: str, language: str) -> None:
        dialog = QFileDialog(self, self.tr("Save code"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(code_file_name(language))
        dialog.fileSelected.connect(partial(self._write_code, code))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _write_code(self, code: str, path: str) -> None:
        file = QSaveFile(path)
        is_written = file.open(QIODevice.OpenModeFlag.WriteOnly) and file.write(code.encode()) >= 0
        if not (is_written and file.commit()):
            words = self.tr("The file could not be written: {reason}.").format(reason=file.errorString())
            self.notice_wanted.emit("file", words, "warn")

    def _on_branch(self, message_id: str, step: int) -> None:
        if self._live is not None:
            self._live.switch_branch(message_id, step)

    def _on_delete(self, message_id: str) -> None:
        live = self._live
        removed = self._desk.delete_message(message_id)
        if live is None or removed is None:
            return
        number = len(removed.messages)
        words = (
            self.tr("The message was deleted.")
            if number == 1
            else self.tr("The message and what follows it were deleted.")
        )
        undo = partial(self._desk.restore_messages, live.conversation.id, removed)
        self.undo_offered.emit(f"deleted {message_id}", words, undo)

    def _on_link(self, url: str) -> None:
        target = QUrl(url, QUrl.ParsingMode.StrictMode)
        if target.isValid() and target.scheme().lower() in _OPENED:
            QDesktopServices.openUrl(target)
