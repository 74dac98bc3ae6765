"""The page of a conversation: header, transcript, composer, and the figures below it."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.chat.conversation import LiveConversation
from desktop.chat.desk import Desk
from desktop.chat.endpoints import Endpoints
from desktop.chat.turn import Turn
from desktop.domain.message import Message
from desktop.ui.compare.door import CompareDoor
from desktop.ui.composer import Composer
from desktop.ui.controls import separator
from desktop.ui.dropping import DropCatcher
from desktop.ui.empty import EmptyPage
from desktop.ui.following import Following
from desktop.ui.header import Header
from desktop.ui.manner import Manner
from desktop.ui.meter import Meter
from desktop.ui.options.door import OptionsDoor
from desktop.ui.room import LowStack, RoomKeeper
from desktop.ui.serving import Serving
from desktop.ui.style import SCROLL_BAR
from desktop.ui.theme import Theme
from desktop.ui.writing import Writing

if TYPE_CHECKING:
    from desktop.domain.cut import Cut
    from desktop.ui.options.panel import OptionsPanel
    from desktop.ui.reading_places import ReadingPlaces
    from desktop.ui.timeline.remote import PictureSource
    from desktop.ui.timeline.view import Timeline


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
    options_made = Signal(object)

    def __init__(self, theme: Theme, desk: Desk, endpoints: Endpoints, manner: Manner | None = None) -> None:
        super().__init__()
        self.manner = manner or Manner(parent=self)
        self._theme = theme
        self._desk = desk
        self._endpoints = endpoints
        self._live: LiveConversation | None = None
        self._shown: LiveConversation | None = None
        self._following: Following | None = None
        self._links: list[tuple[Any, Callable[..., object]]] = []
        self.header = Header(theme)
        self._timeline: Timeline | None = None
        self.empty = EmptyPage(theme)
        self.composer = Composer(theme)
        self._writing = Writing(self.composer, desk, self)
        self.meter = Meter(theme)
        self.compare = CompareDoor(theme, desk, endpoints, self.manner, self)
        self.serving = Serving(desk, endpoints, self)
        self._options = OptionsDoor(theme, endpoints, self.header, self)
        self.foot = QWidget()
        self._rows: list[QHBoxLayout] = []
        self.reading: ReadingPlaces | None = None
        DropCatcher(self, self.composer)
        RoomKeeper(theme, self, self.header, self.foot, self.composer)
        self._lay_out()
        self._connect()
        self._bind()
        self._on_choice_changed()
        self.manner.tell(theme)

    @property
    def timeline(self) -> "Timeline":
        """The transcript, made when it is first wanted: a start with an empty page need not wait for it."""
        if self._timeline is None:
            from desktop.ui.timeline.view import Timeline

            self._timeline = Timeline(self._theme, self)
            self._add_timeline(self._timeline)
        return self._timeline

    def set_picture_source(self, source: "PictureSource") -> None:
        """Take the way to pictures that replies name; without one they are only named."""
        self.serving.picture_source = source
        if self._timeline is not None:
            self._timeline.inlays.source = source

    @property
    def theme(self) -> Theme:
        """The colours and sizes in force."""
        return self._theme

    @property
    def options(self) -> "OptionsPanel":
        """The sheet with the conversation's options, made when it is first wanted."""
        return self._options.panel

    @property
    def is_streaming(self) -> bool:
        """Whether a reply comes on screen."""
        live = self._live
        return live is not None and (bool(live.turns) if self.compare.is_open else live.turn is not None)

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
        """Stop the reply in whose column the keyboard is, else what comes on screen, as the button does."""
        if not self.compare.stop_focused():
            self.composer.request_stop()

    @property
    def readers(self) -> "tuple[Timeline, ...]":
        """The timelines on screen: one for each reply where they stand side by side."""
        if self.compare.is_open:
            return tuple(column.timeline for column in self.compare.view.columns)
        return (self.reader,) if self.reader is not None else ()

    @property
    def reader(self) -> "Timeline | None":
        """The timeline on screen that finding is about, if there is one."""
        if self.compare.is_open:
            return self.compare.reader
        return self._timeline if self._stack.currentWidget() is self._timeline else None

    def focus_composer(self) -> None:
        """Put the caret where the prompt is written."""
        self.composer.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def put_above_composer(self, widget: QWidget) -> None:
        """Put a widget above what is at the foot of the page, in line with the composer."""
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(widget, 1000)
        row.addStretch(1)
        self._foot.insertLayout(0, row)
        self._rows.append(row)
        self._restyle()

    def show_cut(self, cut: "Cut | None") -> None:
        """Show in the transcript above which line nothing goes to the model any more."""
        if cut is not None or self._timeline is not None:
            self.timeline.show_cut(cut)

    @property
    def edited_id(self) -> str:
        """The earlier prompt that is being changed, empty where none is."""
        return self._writing.edited_id

    def _lay_out(self) -> None:
        self._stack = LowStack()
        self.empty.setParent(self)
        self._stack.addWidget(self.empty)
        foot = QVBoxLayout(self.foot)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(0)
        self._foot = foot
        for widget in (self.meter, self.composer, self.compare.shelf):
            self.put_above_composer(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(separator())
        column.addLayout(self._stack, 1)
        column.addWidget(self.foot)
        self.foot_slot = QVBoxLayout()
        column.addLayout(self.foot_slot)
        self._restyle()

    def _add_timeline(self, timeline: "Timeline") -> None:
        self._take_manner()
        self.manner.changed.connect(self._take_manner)
        self._stack.addWidget(timeline)
        QWidget.setTabOrder(self.header.more, timeline)
        timeline.edit_requested.connect(self.edit_prompt)
        timeline.retry_requested.connect(self._desk.try_again)
        timeline.retry_with_requested.connect(self.compare.ask_again_with)
        timeline.compare_requested.connect(self.compare.show_beside)
        timeline.continue_requested.connect(self._desk.continue_reply)
        timeline.branch_requested.connect(self._on_branch)
        self.serving.serve(timeline)

    def _take_manner(self) -> None:
        self.manner.guide(self.timeline)

    def _restyle(self) -> None:
        # The transcript's column is centred beside its scroll bar; the composer keeps in line with it.
        side, bar = self._theme.px(8), self._theme.px(SCROLL_BAR)
        for row in self._rows:
            row.setContentsMargins(max(0, side - bar // 2), 0, side + bar // 2, 0)
        self.foot.setMinimumWidth(1)

    def _connect(self) -> None:
        self._theme.changed.connect(self._restyle)
        self._desk.current_changed.connect(self._bind)
        self._desk.message_wanted.connect(self.show_message)
        self._endpoints.choice_changed.connect(self._on_choice_changed)
        self._desk.choice_changed.connect(self._on_choice_changed)
        self._desk.lineup.changed.connect(self._on_choice_changed)
        self._endpoints.changed.connect(self._on_choice_changed)
        self._writing.refused.connect(partial(self._notice, "attachment"))
        self.serving.failed.connect(partial(self._notice, "file"))
        self.serving.undo_offered.connect(self.undo_offered)
        self.serving.settings_requested.connect(self.settings_requested)
        self.serving.network_requested.connect(self.network_requested)
        self.composer.stop_requested.connect(self._on_stop)
        self.compare.opener = self.header.compare
        self.header.compare.clicked.connect(self.compare.open_list)
        self.compare.opened.connect(self._on_compare_opened)
        self.compare.left.connect(self._on_compare_left)
        self.compare.list_closed.connect(self.focus_composer)
        self.compare.timeline_made.connect(self.serving.serve)
        self.header.title.renamed.connect(self._on_renamed)
        self._options.made.connect(self.options_made)
        self._options.closed.connect(self.focus_composer)

    def _bind(self) -> None:
        before, live = self._live, self._desk.current
        if before is live:
            return
        for signal, slot in self._links:
            signal.disconnect(slot)
        if self.reading is not None:
            self.reading.leave()
        self._release_turn()
        self.compare.close()
        self._options.turn_to(live)
        self._writing.turn_to(before, live)
        self._live = live
        self._links = [
            (live.reset, self._on_reset),
            (live.filled, self._on_filled),
            (live.message_added, self._on_added),
            (live.message_changed, self._on_changed),
            (live.turn_started, self._on_turn_started),
            (live.turn_ended, self._on_turn_ended),
            (live.compared, self.compare.show_prompt),
            (live.title_changed, self._show_title),
            (live.refused, lambda words: self.notice_wanted.emit("refused", words, "")),
            (live.storage_failed, lambda words: self.notice_wanted.emit("storage", words, "bad")),
            (live.options_changed, self._options.show_count),
        ]
        for signal, slot in self._links:
            signal.connect(slot)
        self._show_title(live.conversation.title)
        self._on_reset()
        self.compare.show_running()
        self.turn_changed.emit()

    def _on_reset(self) -> None:
        live = self._live
        if live is None:
            return
        transcript = live.transcript
        if self.compare.is_open:
            if all(message.id != self.compare.view.prompt_id for message in transcript):
                self.compare.leave()
            else:
                self._show_current()
            return
        self._release_turn()
        if transcript or self._timeline is not None:
            put = self.timeline.change_messages if live is self._shown else self.timeline.set_messages
            put(transcript, live.siblings)
            if live is not self._shown and self.reading is not None:
                self.reading.come_back(self.timeline, live.conversation.id)
        self._shown = live
        self.meter.show_transcript(transcript)
        self._show_current()
        if live.turn is not None:
            self._follow(live.turn)
        self._show_streaming()

    def _on_filled(self) -> None:
        if self._live is not None and not self.compare.is_open:
            transcript = self._live.transcript
            self.timeline.fill_before(transcript, self._live.siblings)
            if self.reading is not None:
                self.reading.come_back(self.timeline, self._live.conversation.id)
            self.meter.show_transcript(transcript)

    def show_message(self, message_id: str) -> None:
        """Bring a message into view, and mark it."""
        self.compare.leave()
        # A transcript that comes on screen with it has no size before that.
        QTimer.singleShot(0, self.timeline, lambda: self._point_out(message_id))

    def _point_out(self, message_id: str) -> None:
        self.timeline.show_message(message_id)
        self.timeline.marker.point_out(message_id)

    def _show_current(self) -> None:
        """Show the replies side by side, the transcript, or what stands there before there is one."""
        transcript = self._live.transcript if self._live is not None else ()
        if self.compare.is_open:
            view: QWidget = self.compare.view
            model = transcript[-1].model if transcript else ""
            words = self.tr("Reply to {model}…").format(model=model) if model else self.tr("Reply…")
        elif transcript:
            view, words = self.timeline, self.tr("Reply…")
        else:
            view, words = self.empty, self.tr("Ask anything")
        self._stack.setCurrentWidget(view)
        self.composer.set_placeholder(words)

    def _on_added(self, message: Message) -> None:
        if self.compare.is_open:
            # A prompt that goes on: what stands beside each other ends, and the transcript has it already.
            self.compare.leave()
            return
        self.timeline.append(message)
        self._show_current()

    def _on_changed(self, message: Message) -> None:
        if self.compare.is_open:
            return
        if self._following is not None and message.id == self._following.turn.reply_id:
            self.timeline.end_reply(message)
        else:
            self.timeline.update_message(message)

    def _on_compare_opened(self) -> None:
        self._release_turn()
        self._shown = None
        self._stack.addWidget(self.compare.view)
        self.meter.show_transcript(())
        self._show_current()
        self._show_streaming()
        self.focus_composer()
        self.turn_changed.emit()

    def _on_compare_left(self) -> None:
        self._on_reset()
        self.focus_composer()
        self.turn_changed.emit()

    def _on_stop(self) -> None:
        live = self._live
        if live is not None:
            # What comes on another branch goes on, unless it is on screen too.
            live.stop("" if self.compare.is_open or live.turn is None else live.turn.reply_id)

    def _on_turn_started(self, turn: Turn) -> None:
        if self._live is not None and self._live.turn is turn and not self.compare.is_open:
            self._follow(turn)
        self._show_streaming()
        self.turn_changed.emit()

    def _follow(self, turn: Turn) -> None:
        if self._following is not None and self._following.turn is turn:
            return
        self._release_turn()
        self._following = Following(self.timeline, turn)
        self.meter.follow(turn)

    def _release_turn(self) -> None:
        following, self._following = self._following, None
        if following is not None:
            following.release()

    def _show_streaming(self) -> None:
        live = self._live
        is_many = self.compare.is_open and live is not None and len(live.turns) > 1
        self.composer.set_streaming(self.is_streaming, is_many=is_many)

    def _on_turn_ended(self, turn: Turn) -> None:
        if self._following is not None and turn is self._following.turn:
            self._release_turn()
        self._show_streaming()
        if self._live is not None and not self.compare.is_open:
            self.meter.show_transcript(self._live.transcript)
        self.turn_changed.emit()

    def _notice(self, key: str, words: str) -> None:
        self.notice_wanted.emit(key, words, "warn")

    def _show_title(self, title: str) -> None:
        self.header.title.show_title(title or self.tr("New conversation"))

    def open_options(self) -> None:
        """Open the options of the conversation at what is set of its context."""
        self._options.open_context()

    def _on_renamed(self, title: str) -> None:
        if self._live is not None:
            self._live.rename(title)

    def _on_choice_changed(self) -> None:
        choice, count = self._desk.choice, self.compare.count
        endpoint = self._endpoints.endpoint(choice.endpoint_id) if choice is not None else None
        model = choice.model if choice is not None else ""
        self.header.picker.show_model(self.tr("%n model(s)", "", count) if count else model)
        self.meter.show_endpoint(None if count else endpoint)
        self.empty.show_choice(endpoint, model, count)

    def _on_branch(self, message_id: str, step: int) -> None:
        if self._live is not None:
            self._live.switch_branch(message_id, step)
