"""Timeline: the widget that shows a transcript."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QStyle, QWidget

from desktop.domain.cut import Cut
from desktop.domain.message import Message, MessageState, Role
from desktop.ui.controls import hide_idle_bar
from desktop.ui.theme import Theme
from desktop.ui.timeline import accessible, keys, words
from desktop.ui.timeline.canvas import Canvas
from desktop.ui.timeline.copying import Copying
from desktop.ui.timeline.find import Finder
from desktop.ui.timeline.find_bar import FindBar
from desktop.ui.timeline.growth import Growth
from desktop.ui.timeline.inlays import Inlays, Key
from desktop.ui.timeline.item import Item
from desktop.ui.timeline.marker import Marker
from desktop.ui.timeline.pacer import Beat, Glide, Touch
from desktop.ui.timeline.page import Page, Siblings
from desktop.ui.timeline.paint import Look
from desktop.ui.timeline.pieces import Pictures
from desktop.ui.timeline.pointer import Pointer
from desktop.ui.timeline.row import EndButton
from desktop.ui.timeline.selection import Selection
from desktop.ui.timeline.spots import Spot


class Timeline(QAbstractScrollArea):
    """Shows the messages of one branch, and the reply that grows at its end.

    Give it messages with `set_messages`, then `append`, `update_message` and `remove`. A reply grows
    between `begin_reply` and `end_reply`; `feed` is the slot for the turn's `delta_arrived`. Nothing is
    decided here: what the user asks for goes out as a signal with the message's id.

    `branch_requested` carries how many siblings to go on (1) or back (-1). `link_activated` carries
    http, https and mailto addresses alone, `link_hovered` the address under the pointer or nothing.
    `code_save_requested` carries the code and its language. `followed_changed` says whether the view
    stays at the end by itself.
    """

    message_copied = Signal(str)
    edit_requested = Signal(str)
    retry_requested = Signal(str)
    retry_with_requested = Signal(str)
    compare_requested = Signal(str)
    continue_requested = Signal(str)
    branch_requested = Signal(str, int)
    delete_requested = Signal(str)
    fork_requested = Signal(str)
    inspect_requested = Signal(str)
    settings_requested = Signal(str)
    link_activated = Signal(str)
    link_hovered = Signal(str)
    code_copied = Signal(str)
    code_save_requested = Signal(str, str)
    followed_changed = Signal(bool)

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        beat: Beat | None = None,
        has_heads: bool = True,
    ) -> None:
        """With a `beat` it shares frames with others; without heads a reply does not say whose it is."""
        accessible.install()
        super().__init__(parent)
        self.is_read_aloud = True
        """Whether a screen reader is told what comes."""
        self._has_heads = has_heads
        self.pointer = Pointer(self)
        self._theme = theme
        self._pictures = Pictures(self)
        self.inlays = Inlays(self)
        self.page = Page(self._look())
        self.selection = Selection()
        self.copying = Copying(self)
        self._is_syncing = False
        self._was_pinned = True
        self.growth = Growth(self, beat)
        self.pacer = self.growth.pacer
        self.finder = Finder(self)
        self._find_bar: FindBar | None = None
        self.glide = Glide(self.scroll_by, self)
        self.glide.is_still = not self.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        hide_idle_bar(self)
        self.setAccessibleName(words.tr("Conversation"))
        view = self.viewport()
        view.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        view.setMouseTracking(True)
        view.setCursor(Qt.CursorShape.ArrowCursor)
        self.canvas = Canvas(self)
        # Sees real fingers alone; what they do arrives as scroll events.
        self.touch = Touch(view)
        self.marker = Marker(self, theme)
        # Inside the viewport, because Qt moves no pixels under a sibling that lies above.
        self.end_button = EndButton(theme, view)
        self.end_button.clicked.connect(self.go_to_end)
        self.verticalScrollBar().installEventFilter(self)
        self.verticalScrollBar().setSingleStep(theme.px(40))
        self._pictures.arrived.connect(view.update)
        self.inlays.arrived.connect(self._on_inlays)
        theme.changed.connect(self._on_theme_changed)

    # What is shown

    def set_messages(self, messages: Sequence[Message], siblings: Siblings | None = None) -> None:
        """Show a transcript from its end.

        `siblings` maps a message's id to its place among its siblings, from 0, and their number.
        """
        self._take(messages, siblings)
        self.page.settle()
        self.refresh()

    def change_messages(self, messages: Sequence[Message], siblings: Siblings) -> None:
        """Show another branch of the same conversation: what both begin with stays where it is.

        Where a reply begins at the end, the view goes there.
        """
        place = self.page.place_in(messages)
        marked = self.page.index_of(self.marker.message_id) if self.marker.is_keyboard else None
        is_in_row = self.marker.row.has_focus
        if not messages or messages[-1].state is MessageState.STREAMING or place is None:
            self.set_messages(messages, siblings)
        else:
            self._take(messages, siblings)
            self.page.show(*place)
            if self.page.is_at_end:
                self.page.pin()
            self.refresh()
        if marked is not None:
            self.marker.come_back(marked, is_in_row=is_in_row)

    def fill_before(self, messages: Sequence[Message], siblings: Siblings) -> None:
        """Show a transcript of which only the end was here; what is on screen stays where it is."""
        spot = self.page.spots[0] if self.page.spots and not self.page.is_pinned else None
        self._take(messages, siblings)
        index = self.page.index_of(spot.item.message.id) if spot is not None else None
        if spot is not None and index is not None:
            self.page.show(index, spot.y)
        else:
            self.page.settle()
        self.refresh()

    def _take(self, messages: Sequence[Message], siblings: Siblings | None) -> None:
        self.growth.stop()
        self.selection.clear()
        self.glide.stop()
        self.marker.clear()
        self.page.set_messages(messages, siblings if siblings is not None else {})
        self.end_button.forget()
        self.finder.restart()
        accessible.changed(self)

    def append(self, message: Message) -> None:
        """Add a message at the end. A prompt of the user's own brings the view there."""
        if message.role is Role.USER:
            self.page.is_pinned = True
        elif not self.page.is_pinned:
            self.end_button.add()
        self.page.append(message)
        self.finder.check(message.id)
        accessible.changed(self)
        self.page.settle()
        self.refresh()

    def update_message(self, message: Message) -> None:
        """Take another state of a message, such as its end, a failure, or its usage.

        What a reply says while it grows comes by `feed` alone; other states of it wait for its end.
        """
        growing = self.page.growing
        if self.page.index_of(message.id) is None:
            return
        if growing is not None and growing.message.id == message.id:
            if message.state is MessageState.STREAMING:
                return
            self.growth.end(message)
        with self.page.held():
            self.page.replace(message)
        self.finder.check(message.id)
        self.refresh()

    def show_cut(self, cut: Cut | None) -> None:
        """Draw the line above which nothing goes to the model any more, or none."""
        self.page.show_cut(cut)
        self.refresh()

    def remove(self, message_id: str) -> None:
        """Take a message away; unknown ids are ignored."""
        if self.page.index_of(message_id) is None:
            return
        if self.page.growing is not None and self.page.growing.message.id == message_id:
            self.growth.stop()
        self.selection.clear()
        self.marker.clear()
        with self.page.held():
            self.page.remove(message_id)
        accessible.changed(self)
        self.finder.restart()
        self.refresh()

    def _on_inlays(self, keys: frozenset[Key]) -> None:
        """Show formulas and pictures that have come."""
        if self.page.take_inlays(keys):
            self.refresh()

    # A reply that grows

    def begin_reply(self, message_id: str, *, waits: bool = False) -> None:
        """Let the message grow by what `feed` brings. Raises KeyError if it is not here.

        An empty reply says that it waits for its first words; with `waits` so does one that goes on.
        """
        self.growth.begin(message_id, waits=waits)
        self.refresh()

    def set_waiting(self, label: str, fraction: float | None = None) -> None:
        """Say what happens before the first word, and how far it is from 0 to 1 where that is known."""
        self.growth.set_waiting(label, fraction)

    def feed(self, kind: str, text: str) -> None:
        """Take a delta: "text", "reasoning" or "refusal". It is painted with the next frame."""
        self.growth.feed(kind, text)

    def end_reply(self, message: Message) -> None:
        """Take the reply's final state."""
        self.update_message(message)

    def update_item(self, item: Item) -> None:
        """Have a message painted again."""
        spot = self.page.spot_of(item.message.id)
        if spot is not None:
            self.viewport().update(QRect(0, spot.y, self.viewport().width(), item.height))

    # Finding

    @property
    def open_find_bar(self) -> FindBar | None:
        """The bar that finds text while it is open."""
        bar = self._find_bar
        return bar if bar is not None and bar.isVisible() else None

    @property
    def find_bar(self) -> FindBar:
        """The bar that finds text in the conversation, made when it is first wanted."""
        if self._find_bar is None:
            self._find_bar = FindBar(self._theme, self)
        return self._find_bar

    def open_find(self) -> None:
        """Open the bar, with what is selected if that is a few words on one line."""
        bounds = self.selection.bounds
        is_short = bounds is not None and bounds[0][:2] == bounds[1][:2]
        text = self.selection.text(self.page).strip() if is_short else ""
        self.find_bar.open(text if len(text) <= 100 and "\n" not in text else "")

    # Moving

    @property
    def is_followed(self) -> bool:
        """Whether the view stays at the end by itself."""
        return self.page.is_pinned

    def set_reduced_motion(self, is_reduced: bool) -> None:
        """Jump instead of gliding."""
        self.glide.is_still = is_reduced
        self.touch.set_still(is_reduced)

    def set_keeps_start(self, keeps_start: bool) -> None:
        """Follow a reply only until its start has come to the top."""
        self.page.keeps_start = keeps_start

    def scroll_by(self, distance: int) -> None:
        """Move as the reader asked, down if positive. The end holds the view; any way up frees it."""
        page = self.page
        old = page.spots
        if distance > 0 and page.is_pinned:
            return
        page.scroll_by(distance)
        if distance > 0 and page.is_at_end:
            page.pin()
        self._show_move(old)

    def scroll_on(self, distance: int) -> None:
        """Glide as the reader asked, down if positive; any way up frees the view at once."""
        if distance < 0:
            self.page.release()
            self.sync()
        self.glide.start(distance)

    def _show_move(self, old: list[Spot]) -> None:
        if not self.canvas.show_move(old):
            self.refresh()
            return
        self.sync()
        self.pointer.look_again()

    def go_to_end(self) -> None:
        """Go to the end and stay there."""
        far = self.page.most - self.page.value
        near = self.viewport().height()
        if far > near:
            self.page.scroll_to(self.page.most - near)
            self.refresh()
            far = self.page.most - self.page.value
        self.glide.start(max(1, far), self._pin)
        if self.end_button.hasFocus():
            self.setFocus()

    def _pin(self) -> None:
        old = self.page.spots
        self.page.pin()
        self._show_move(old)

    def go_to_top(self) -> None:
        """Go to the first message."""
        self.glide.stop()
        self.page.show(0, self.page.look.px(32))
        self.refresh()

    def show_message(self, message_id: str) -> None:
        """Bring a message to the upper part of the view; unknown ids are ignored."""
        index = self.page.index_of(message_id)
        if index is not None:
            self.glide.stop()
            self.page.show(index, self.page.look.px(24))
            if self.page.is_at_end and self.page.total <= self.page.height:
                self.page.pin()
            self.refresh()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Follow the scroll bar when the reader moved it."""
        if self._is_syncing:
            return
        self.glide.stop()
        bar = self.verticalScrollBar()
        self.page.scroll_to(bar.value())
        if bar.value() >= bar.maximum() - 2:
            self.page.pin()
        self.refresh()

    def refresh(self) -> None:
        """Bring bar, row and button in line with the page and paint everything."""
        self.sync()
        self.marker.place()
        self.viewport().update()

    def sync(self) -> None:
        """Bring bar and button in line with the page."""
        page = self.page
        bar = self.verticalScrollBar()
        if not bar.isSliderDown():
            # A bar that appears or goes resizes the view, which comes back here.
            was_syncing, self._is_syncing = self._is_syncing, True
            bar.setRange(0, page.most)
            bar.setPageStep(max(1, page.height))
            bar.setValue(page.most if page.is_pinned else page.value)
            self._is_syncing = was_syncing
        if page.is_pinned:
            self.end_button.forget()
        is_away = not page.is_pinned and not page.is_at_end
        if self.end_button.isVisibleTo(self) != is_away:
            self.end_button.setVisible(is_away)
            self.end_button.place()
            self.end_button.raise_()
        if page.is_pinned != self._was_pinned:
            self._was_pinned = page.is_pinned
            self.followed_changed.emit(page.is_pinned)

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out for the new size, the reader's line staying where it is."""
        super().resizeEvent(event)
        view = self.viewport()
        self.page.resize(view.width(), view.height())
        self.end_button.place()
        if (bar := self.open_find_bar) is not None:
            bar.place()
        self.refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the messages."""
        self.canvas.paint(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Hand the mouse to the pointer; everything else goes the usual way, painting the shortest."""
        if isinstance(event, QPaintEvent):
            self.paintEvent(event)
            return True
        if self.pointer.handle(event):
            return True
        return super().viewportEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the wheel over the scroll bar move the page as it does over the text."""
        if watched is self.verticalScrollBar() and isinstance(event, QWheelEvent):
            self.wheelEvent(event)
            return True
        return super().eventFilter(watched, event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Move over real heights."""
        self.pointer.wheel(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, select and copy by keys."""
        if not keys.press(self, event):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the actions of a message when the keyboard comes here."""
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.marker.enter()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Put the actions away when the keyboard leaves."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            QTimer.singleShot(0, self.marker, self.marker.leave)

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Go from the text to the actions of the marked message, and from there on."""
        if is_next and self.hasFocus() and self.marker.enter_row():
            return True
        return super().focusNextPrevChild(is_next)

    def changeEvent(self, event: QEvent) -> None:
        """Stand the other way round when the window is turned."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.LayoutDirectionChange and hasattr(self, "end_button"):
            self._on_theme_changed()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop what moves."""
        super().hideEvent(event)
        self.glide.stop()
        self.pointer.stop()

    def _look(self) -> Look:
        turned = self.isRightToLeft()
        return Look(self._theme, self._pictures, self.inlays, has_heads=self._has_heads, is_mirrored=turned)

    def _on_theme_changed(self) -> None:
        self.page.retheme(self._look())
        self.marker.row.restyle()
        self.end_button.restyle()
        self.refresh()

    def select_all(self) -> None:
        """Select every message."""
        self.selection.select_all(self.page)
        self.viewport().update()
