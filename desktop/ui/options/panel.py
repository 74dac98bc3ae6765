"""The options of a conversation: a sheet over the page, below the button that opens it."""

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.base.tongue import sentences
from desktop.chat.conversation import LiveConversation
from desktop.chat.endpoints import Endpoints
from desktop.domain.abilities import Abilities
from desktop.domain.options import EFFORTS, Option, Options
from desktop.ui.controls import button, label, separator
from desktop.ui.options.context import ContextFields
from desktop.ui.options.field import ChoiceField, Lines, OptionField
from desktop.ui.options.text import read_count, read_decimal, read_seed, read_stops, stops_text
from desktop.ui.theme import Theme

WIDTH = 440
MOST_HEIGHT = 660


class OptionsPanel(QFrame):
    """Shows what goes with every prompt of one conversation; a change counts from the next prompt on.

    What can't be used is said beside its field, counts as left to the service, and stays as written
    until the program ends. `opened` and `closed` follow every way in and out.
    """

    closed = Signal()
    opened = Signal()

    def __init__(self, theme: Theme, endpoints: Endpoints, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self._opener: QWidget = parent
        self._theme = theme
        self._endpoints = endpoints
        self._live: LiveConversation | None = None
        self._unusable: dict[tuple[str, Option], str] = {}
        self.setProperty("kind", "float")
        self.setAccessibleName(self.tr("Options of this conversation"))
        self._about = label(size="small", tone="muted", wraps=True)
        self._about.setMinimumWidth(1)
        self.reset = button(self.tr("Reset all"), "text")
        #: On a button that closes the panel
        self.done = button(self.tr("Done"))
        self._make_fields()
        self._lay_out()
        self.reset.clicked.connect(self._on_reset)
        self.done.clicked.connect(self.close_panel)
        endpoints.choice_changed.connect(self._show_abilities)
        self.hide()

    @property
    def fields(self) -> tuple[OptionField | ChoiceField, ...]:
        """The fields from the top."""
        return (*self._written, self.effort, self.stream)

    def field(self, option: Option) -> OptionField | ChoiceField:
        """Return the field of an option."""
        return next(item for item in self.fields if item.option is option)

    def open_under(self, opener: QWidget, live: LiveConversation) -> None:
        """Show a conversation's options below `opener`, right edges together, within the parent."""
        self._opener = opener
        self._follow(live)
        self._space()
        self._show_options()
        self._place()
        self.show()
        self.raise_()
        self.opened.emit()
        self._written[0].edit.setFocus(Qt.FocusReason.PopupFocusReason)
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def show_context(self) -> None:
        """Bring what is set of the context into view, with the caret in its first field."""
        self._scroll.ensureWidgetVisible(self.context)
        self.context.window_edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def add_above(self, widget: QWidget) -> None:
        """Show a widget above the fields."""
        self._head.addWidget(widget)

    def close_panel(self) -> None:
        """Put the sheet away; what was written counts."""
        if self.isVisible():
            self.hide()

    def hideEvent(self, event: QHideEvent) -> None:
        """Take what was written last, and let go of the conversation."""
        super().hideEvent(event)
        if self._live is not None:
            self._take()
            self.context.take()
        if self._live is not None and not event.spontaneous():
            # Where the page went away: it must not come back with a sheet that belongs to nobody.
            self.hide()
            self._follow(None)
            QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
            self.closed.emit()

    def event(self, event: QEvent) -> bool:
        """Keep Escape: the window would stop a reply with it."""
        is_override = event.type() is QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_panel()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Close on a press elsewhere in the window."""
        if event.type() is QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            # The opener closes the sheet itself: it would open it again with the click that follows.
            inside = watched in (self, self._opener) or self.isAncestorOf(watched)
            if not inside and watched.window() is self.window():
                self.close_panel()
        return super().eventFilter(watched, event)

    def _make_fields(self) -> None:
        tokens: Callable[[object], str] = _text
        self._written = (
            OptionField(
                Option.SYSTEM,
                self.tr("System prompt"),
                Lines(self._theme, 4),
                str.strip,
                lambda v: str(v or ""),
            ),
            OptionField(
                Option.TEMPERATURE,
                self.tr("Temperature"),
                QLineEdit(),
                lambda text: read_decimal(text, self._abilities().most_temperature),
                _text,
            ),
            OptionField(Option.TOP_P, self.tr("Top P"), QLineEdit(), partial(read_decimal, most=1.0), _text),
            OptionField(
                Option.MAX_TOKENS,
                self.tr("Longest reply, in tokens"),
                QLineEdit(),
                partial(read_count, least=1),
                tokens,
            ),
            OptionField(Option.SEED, self.tr("Seed"), QLineEdit(), read_seed, _text),
            OptionField(
                Option.REASONING_BUDGET,
                self.tr("Reasoning, in tokens"),
                QLineEdit(),
                lambda text: read_count(text, self._abilities().least_budget),
                tokens,
            ),
            OptionField(
                Option.STOP,
                self.tr("Stop at these texts, one a line"),
                Lines(self._theme, 2),
                read_stops,
                _stops,
            ),
        )
        self.effort = ChoiceField(self._theme, Option.REASONING_EFFORT, self.tr("Reasoning"))
        self.stream = ChoiceField(self._theme, Option.STREAM, self.tr("The reply is shown"))
        self.context = ContextFields(self._theme)
        self.context.changed.connect(self._show_abilities)
        for item in self.fields:
            item.changed.connect(self._take)

    def _lay_out(self) -> None:
        self._inner = QWidget()
        system, temperature, top_p, longest, seed, budget, stop = self._written
        self._grid = grid = QGridLayout(self._inner)
        grid.addWidget(system, 0, 0, 1, 2)
        pairs = ((temperature, top_p), (self.effort, budget), (longest, seed))
        for row, pair in enumerate(pairs, 1):
            for column, item in enumerate(pair):
                grid.addWidget(item, row, column)
        grid.addWidget(stop, 4, 0, 1, 2)
        grid.addWidget(self.stream, 5, 0, 1, 2)
        grid.addWidget(self.context, 6, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        order: list[OptionField | ChoiceField] = [system, temperature, top_p, self.effort, budget]
        order += [longest, seed, stop, self.stream]
        for before, after in itertools.pairwise(order):
            QWidget.setTabOrder(before.edit, after.edit)
        QWidget.setTabOrder(self.stream.edit, self.context.window_edit)
        QWidget.setTabOrder(self.context.window_edit, self.context.overflow_edit)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._inner)
        # The sheet's own colour is behind both; the scroll area has turned this on.
        self._inner.setAutoFillBackground(False)
        self._scroll.viewport().setAutoFillBackground(False)
        self._head = QVBoxLayout()
        self._head.addWidget(label(self.tr("Options of this conversation"), size="title"))
        self._head.addWidget(self._about)
        self._foot = QHBoxLayout()
        self._foot.addWidget(self.reset)
        self._foot.addStretch(1)
        self._foot.addWidget(self.done)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 1, 1, 1)
        whole.setSpacing(0)
        whole.addLayout(self._head)
        whole.addWidget(self._scroll, 1)
        whole.addWidget(separator())
        whole.addLayout(self._foot)

    def _space(self) -> None:
        """Set the distances that go with the zoom."""
        px = self._theme.px
        self._grid.setContentsMargins(px(16), px(4), px(16), px(8))
        self._grid.setHorizontalSpacing(px(14))
        self.context.space(px(14))
        self._grid.setVerticalSpacing(px(12))
        self._head.setContentsMargins(px(16), px(14), px(16), px(4))
        self._head.setSpacing(px(2))
        self._foot.setContentsMargins(px(12), px(8), px(16), px(10))

    def _place(self) -> None:
        theme, parent = self._theme, self._over
        corner = self._opener.mapTo(parent, QPoint(self._opener.width(), self._opener.height() + theme.px(6)))
        width = min(theme.px(WIDTH), parent.width() - theme.px(16))
        left = min(max(theme.px(8), corner.x() - width), parent.width() - width - theme.px(8))
        room = parent.height() - corner.y() - theme.px(12)
        self.setGeometry(left, corner.y(), width, min(theme.px(MOST_HEIGHT), room))
        self.ensurePolished()
        self.layout().activate()  # type: ignore[union-attr]
        around = self.height() - self._scroll.height()
        wanted = self._inner.heightForWidth(self._scroll.viewport().width())
        wanted = wanted if wanted > 0 else self._inner.sizeHint().height()
        self.resize(width, min(self.height(), wanted + around + 2))

    def _follow(self, live: LiveConversation | None) -> None:
        if self._live is not None:
            self._live.options_changed.disconnect(self._show_options)
        self._live = live
        self.context.follow(live)
        if live is not None:
            live.options_changed.connect(self._show_options)

    def _abilities(self) -> Abilities:
        options = self._live.options if self._live is not None else Options()
        return self._endpoints.abilities(options) or Abilities()

    def _show_options(self) -> None:
        live = self._live
        if live is None:
            return
        options = live.options
        for item in self._written:
            kept = self._unusable.get((live.conversation.id, item.option))
            if kept is not None:
                item.show_text(kept)
            elif item.value != getattr(options, item.option):
                item.show_value(getattr(options, item.option))
        streams: list[tuple[str, object]] = [
            (self.tr("As it comes"), True),
            (self.tr("All at once, when it is done"), False),
        ]
        self.stream.offer(streams, options.stream)
        self._show_abilities()

    def _show_abilities(self) -> None:
        live = self._live
        if live is None:
            return
        options, abilities, choice = live.options, self._abilities(), self._endpoints.choice
        model = choice.model if choice is not None else ""
        self._about.setText(
            self.tr("They go with every prompt from now on, here for {model}.").format(model=model)
            if model
            else self.tr("They go with every prompt from now on.")
        )
        self._offer_efforts(options, abilities)
        for item in self.fields:
            is_taken = item.option in abilities.options
            item.show_taken(is_taken, self._words(item.option, options, abilities))
        is_set = bool(options.chosen) or any(item.problem for item in self._written) or self.context.is_set
        self.reset.setEnabled(is_set)

    def _offer_efforts(self, options: Options, abilities: Abilities) -> None:
        names = {
            #: How much a model reasons: not at all
            "none": self.tr("None", "reasoning"),
            #: How much a model reasons
            "minimal": self.tr("Minimal"),
            #: How much a model reasons
            "low": self.tr("Low"),
            #: How much a model reasons
            "medium": self.tr("Medium"),
            #: How much a model reasons
            "high": self.tr("High"),
            #: How much a model reasons
            "xhigh": self.tr("Very high"),
            #: How much a model reasons
            "max": self.tr("As much as it can"),
        }
        chosen = options.reasoning_effort
        efforts: list[tuple[str, object]] = [(self.tr("Left to the service"), None)]
        efforts += [(names[name], name) for name in EFFORTS if name in abilities.efforts or name == chosen]
        self.effort.offer(efforts, chosen)

    def _words(self, option: Option, options: Options, abilities: Abilities) -> str:
        """Return what is to be said of an option: why it is not sent, or what else counts."""
        if option not in abilities.options:
            words = abilities.why_not(option)
            is_kept = option in options.chosen
            return sentences(words, self.tr("It is kept, but not sent.")) if is_kept else words
        has_budget = options.reasoning_budget is not None and Option.REASONING_BUDGET in abilities.options
        if option is Option.REASONING_EFFORT and has_budget:
            return self.tr("The number of tokens counts instead.")
        return ""

    def _take(self) -> None:
        """Have what is written go with the next prompt; what can't be used is left to the service."""
        live = self._live
        if live is None:
            return
        changes: dict[str, Any] = {item.option.value: item.value for item in self.fields}
        for item in self._written:
            place = (live.conversation.id, item.option)
            self._unusable.pop(place, None)
            kept = getattr(live.options, item.option)
            if item.problem and item.shows(kept):
                # Set for another service, whose limits are wider; it is not sent to this one.
                changes[item.option.value] = kept
            elif item.problem:
                self._unusable[place] = item.text
        live.set_options(Options(**changes))
        self._show_abilities()

    def _on_reset(self) -> None:
        live = self._live
        if live is None:
            return
        for item in self._written:
            self._unusable.pop((live.conversation.id, item.option), None)
            item.show_text("")
        self.effort.offer([("", None)], None)
        self.context.reset()
        live.set_options(Options())
        self._show_options()


def _text(value: object) -> str:
    return "" if value is None else f"{value:.12g}" if isinstance(value, float) else str(value)


def _stops(value: object) -> str:
    return stops_text(value) if isinstance(value, tuple) else ""
