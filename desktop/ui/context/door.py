"""ContextDoor: weighs what is being written, shows it, and asks what to do when it does not fit."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer

from desktop.chat.conversation import LiveConversation
from desktop.chat.desk import Desk
from desktop.chat.endpoints import Endpoints
from desktop.chat.fitting import Fitting, Measure, Overflowing, draft_of
from desktop.chat.summary import Summary
from desktop.domain.context import cut_on
from desktop.domain.cut import Overflow
from desktop.domain.message import Message, Part, TextPart
from desktop.ui.context.bar import OverflowBar
from desktop.ui.context.gauge import Gauge
from desktop.ui.page import ConversationPage
from desktop.ui.room import Low
from desktop.ui.theme import Theme

WEIGH_AFTER_MS = 120


class ContextDoor(QObject):
    """Connects a page to the fitting: the gauge, the bar above the composer, the line in the transcript."""

    def __init__(
        self, page: ConversationPage, desk: Desk, endpoints: Endpoints, fitting: Fitting, theme: Theme
    ) -> None:
        super().__init__(page)
        self._page = page
        self._desk = desk
        self._endpoints = endpoints
        self._fitting = fitting
        self._theme = theme
        self._bar: OverflowBar | None = None
        self._held: Overflowing | None = None
        self._live: LiveConversation | None = None
        self.measure: Measure | None = None
        self.gauge = Gauge(theme)
        self.gauge.clicked.connect(page.open_options)
        page.meter.take_gauge(self.gauge)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WEIGH_AFTER_MS)
        self._timer.timeout.connect(self.weigh)
        fitting.overflowed.connect(self._on_overflowed)
        fitting.resumed.connect(self._on_resumed)
        fitting.summarising.connect(self._on_summarising)
        fitting.failed.connect(self._on_failed)
        soon: tuple[Any, ...] = (
            page.composer.text_changed,
            page.composer.attachments_changed,
            page.composer.editing_changed,
            endpoints.choice_changed,
            desk.choice_changed,
            fitting.windows.changed,
        )
        for signal in soon:
            signal.connect(self._timer.start)
        page.turn_changed.connect(self._on_turn_changed)
        desk.current_changed.connect(self._bind)
        self._bind()

    @property
    def bar(self) -> OverflowBar:
        """The bar above the composer, made when it is first wanted."""
        if self._bar is None:
            bar = self._bar = OverflowBar(self._theme)
            bar.chosen.connect(self._on_chosen)
            bar.send_all.connect(self._on_send_all)
            bar.stopped.connect(self._fitting.stop)
            bar.options_wanted.connect(self._page.open_options)
            self._page.put_above_composer(Low(bar))
        return self._bar

    def weigh(self) -> None:
        """Weigh what is written now, and show it."""
        live, ref = self._desk.current, self._desk.choice
        if ref is None or not live.is_whole:
            self.gauge.show_measure(None)
            return
        path, draft = self._path_and_draft(live)
        if self._fitting.prepare(path, self._timer.start):
            return
        measure = self.measure = self._fitting.measure(live, ref, path, draft)
        self.gauge.show_measure(measure)
        self._show_bar(measure, bool(draft))

    def _path_and_draft(self, live: LiveConversation) -> tuple[tuple[Message, ...], tuple[Part, ...]]:
        composer = self._page.composer
        draft = draft_of(composer.text(), composer.attachments.parts)
        edited = live.message(self._page.edited_id) if self._page.edited_id else None
        if edited is None:
            return live.transcript, draft
        kept = tuple(part for part in edited.parts if not isinstance(part, TextPart))
        return live.path(edited.parent_id), (*kept, *draft)

    def _show_bar(self, measure: Measure, is_written: bool) -> None:
        if self._fitting.summary is not None:
            return
        held = self._held
        if held is not None and (held.is_refused or not measure.fits):
            return
        self._held = None
        if not measure.fits and is_written and not self._page.is_streaming:
            self.bar.show_ahead(measure)
        elif self._bar is not None:
            self._bar.hide()

    def _bind(self) -> None:
        live = self._desk.current
        if live is self._live:
            return
        for signal, slot in self._signals(self._live):
            signal.disconnect(slot)
        self._live = live
        for signal, slot in self._signals(live):
            signal.connect(slot)
        self._forget()
        self._show_line()
        self._timer.start()

    def _signals(self, live: LiveConversation | None) -> tuple[tuple[Any, Callable[[], None]], ...]:
        if live is None:
            return ()
        lines = (live.context_changed, live.reset, live.filled)
        return (*((signal, self._on_changed) for signal in lines), (live.options_changed, self._timer.start))

    def _on_changed(self) -> None:
        self._show_line()
        self._timer.start()

    def _show_line(self) -> None:
        live = self._desk.current
        self._page.show_cut(cut_on(live.transcript, live.conversation.context.cuts))

    def _forget(self) -> None:
        self._held = None
        if self._bar is not None:
            self._bar.hide()

    def _on_overflowed(self, met: Overflowing) -> None:
        if met.live is self._desk.current:
            self._held = met
            if met.measure.overflow is Overflow.REFUSE and not met.is_refused:
                self.bar.show_ahead(met.measure)
            else:
                self.bar.show_held(met)

    def _on_chosen(self, overflow: Overflow) -> None:
        held, live = self._held, self._desk.current
        self._forget()
        if held is not None and held.live is live:
            self._fitting.choose(held, overflow)
        else:
            self._fitting.remember(live, overflow)
        self.weigh()

    def _on_send_all(self) -> None:
        held = self._held
        self._forget()
        if held is not None and held.live is self._desk.current:
            self._fitting.send_all(held)

    def _on_resumed(self, met: Overflowing) -> None:
        if met.live is self._desk.current:
            self._forget()
            self._page.composer.request_send()

    def _on_summarising(self, summary: Summary | None) -> None:
        self._forget()
        if summary is None:
            self._timer.start()
            return
        self.bar.show_summary(summary)
        summary.progressed.connect(partial(self.bar.show_summary, summary))

    def _on_failed(self, met: Overflowing, words: str) -> None:
        if met.live is self._desk.current:
            self._held = met
            self.bar.show_held(met)
            self.bar.show_problem(words)

    def _on_turn_changed(self) -> None:
        if self._page.is_streaming:
            self._forget()
        self._timer.start()
