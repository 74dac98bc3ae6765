"""Personas: system prompts with a name, a model and options."""

from functools import partial
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLineEdit, QWidget

from desktop.chat.endpoints import Endpoints
from desktop.chat.entries import Entries
from desktop.chat.personas import Personas
from desktop.domain.endpoint import ModelRef
from desktop.domain.identity import new_id
from desktop.domain.kept import Entry
from desktop.domain.options import EFFORTS, Option, Options
from desktop.domain.persona import Persona
from desktop.ui.controls import Chooser, first_words, label
from desktop.ui.options.field import ChoiceField, Lines, OptionField
from desktop.ui.options.text import read_count, read_decimal, read_seed, read_stops, stops_text
from desktop.ui.settings.kept import KeptPage
from desktop.ui.settings.kept_form import KeptForm
from desktop.ui.theme import Theme

_LINES = 6
_MOST_TEMPERATURE = 2.0


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """Return a text in the user's language."""
    return QCoreApplication.translate("Personas", text, comment, n)


def _text(value: object) -> str:
    return "" if value is None else f"{value:.12g}" if isinstance(value, float) else str(value)


def _stops(value: object) -> str:
    return stops_text(value) if isinstance(value, tuple) else ""


class PersonaWords:
    """What the list of personas says."""

    file = "personas.toml"

    def __init__(self, personas: Personas) -> None:
        self._personas = personas

    @property
    def title(self) -> str:
        """The page's title."""
        return tr("Personas")

    @property
    def about(self) -> str:
        """What these are for."""
        return tr(
            "A persona is a system prompt with a name, and the model and options that go with it. A "
            "conversation takes its values over; changing the persona later does not change the conversation."
        )

    @property
    def new(self) -> str:
        """The button for another one."""
        return tr("New persona")

    def detail(self, entry: Persona) -> str:
        """Return whether it is the default, its model, and the beginning of its system prompt."""
        parts = [tr("For new conversations")] if entry.id == self._personas.default_id else []
        parts += [entry.model.model] if entry.model is not None else []
        parts += [first_words(entry.options.system, 200)] if entry.options.system else []
        return " · ".join(parts) or tr("Nothing set")


class PersonaForm(KeptForm):
    """Edits a persona, or a new one."""

    def __init__(self, theme: Theme, personas: Personas, endpoints: Endpoints) -> None:
        super().__init__(theme)
        self._personas = personas
        self._entries: Entries[Persona] = personas.entries
        self._endpoints = endpoints
        self._id = ""
        self.system = Lines(theme, _LINES)
        self.add_field(tr("System prompt"), self.system)
        self.model = Chooser(theme, tr("Model"))
        self.add_field(tr("Model"), self.model)
        self._make_fields()
        self.is_default = QCheckBox(tr("For new conversations"))
        self.page.column.addWidget(self.is_default)
        words = tr("A conversation that was started before keeps the values that it has.")
        self.page.column.addWidget(label(words, size="small", tone="muted", wraps=True))
        self.page.column.addStretch(1)
        self.save.clicked.connect(self._on_save)
        self.original.clicked.connect(self._on_original)

    def edit(self, entry: Entry | None) -> None:
        """Show a persona's values, or a new one's."""
        persona = entry if isinstance(entry, Persona) else None
        options = persona.options if persona is not None else Options()
        self._id = persona.id if persona is not None else ""
        self.title.setText(persona.name if persona is not None else tr("New persona"))
        self.name.setText(persona.name if persona is not None else "")
        self.system.setPlainText(options.system)
        self._offer_models(persona.model if persona is not None else None)
        for item in self.fields:
            item.show_value(getattr(options, item.option))
            item.show_taken(True, "")
        self.effort.offer(self._efforts(), options.reasoning_effort)
        self.stream.offer(
            [(tr("As it comes"), True), (tr("All at once, when it is done"), False)], options.stream
        )
        self.is_default.setChecked(bool(self._id) and self._id == self._personas.default_id)
        self.original.setVisible(
            self._entries.comes_with_program(self._id) and self._entries.is_own(self._id)
        )
        self.say("")
        self.page.verticalScrollBar().setValue(0)
        self.name.setFocus()

    def _make_fields(self) -> None:
        count = partial(read_count, least=1)
        self.fields = (
            OptionField(
                Option.TEMPERATURE,
                tr("Temperature"),
                QLineEdit(),
                partial(read_decimal, most=_MOST_TEMPERATURE),
                _text,
            ),
            OptionField(Option.TOP_P, tr("Top P"), QLineEdit(), partial(read_decimal, most=1.0), _text),
            OptionField(Option.MAX_TOKENS, tr("Longest reply, in tokens"), QLineEdit(), count, _text),
            OptionField(Option.SEED, tr("Seed"), QLineEdit(), read_seed, _text),
            OptionField(Option.REASONING_BUDGET, tr("Reasoning, in tokens"), QLineEdit(), count, _text),
            OptionField(
                Option.STOP,
                tr("Stop at these texts, one a line"),
                Lines(self._theme, 2),
                read_stops,
                _stops,
            ),
        )
        temperature, top_p, longest, seed, budget, stop = self.fields
        self.effort = ChoiceField(self._theme, Option.REASONING_EFFORT, tr("Reasoning"))
        self.stream = ChoiceField(self._theme, Option.STREAM, tr("The reply is shown"))
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(self._theme.px(14))
        grid.setVerticalSpacing(self._theme.px(12))
        rows: tuple[tuple[QWidget, QWidget], ...] = (
            (temperature, top_p), (self.effort, budget), (longest, seed),
        )  # fmt: skip
        for row, pair in enumerate(rows):
            for column, item in enumerate(pair):
                grid.addWidget(item, row, column)
        for row, item in enumerate((stop, self.stream), len(rows)):
            grid.addWidget(item, row, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self.page.column.addWidget(inside)
        for item in self.fields:
            item.changed.connect(partial(item.show_taken, True, ""))

    def _efforts(self) -> list[tuple[str, object]]:
        names = {
            #: How much a model reasons: not at all
            "none": tr("None", "reasoning"),
            #: How much a model reasons
            "minimal": tr("Minimal"),
            #: How much a model reasons
            "low": tr("Low"),
            #: How much a model reasons
            "medium": tr("Medium"),
            #: How much a model reasons
            "high": tr("High"),
            #: How much a model reasons
            "xhigh": tr("Very high"),
            #: How much a model reasons
            "max": tr("As much as it can"),
        }
        return [(tr("Left to the service"), None), *((names[name], name) for name in EFFORTS)]

    def _offer_models(self, chosen: ModelRef | None) -> None:
        self.model.clear()
        self.model.addItem(tr("The one chosen at the top"), None)
        refs: list[tuple[ModelRef, str]] = []
        for endpoint in self._endpoints.endpoints:
            names = [item.id for item in self._endpoints.models(endpoint.id)] or [endpoint.default_model]
            refs += [(ModelRef(endpoint.id, name), endpoint.name) for name in names if name]
        if chosen is not None and all(ref != chosen for ref, _ in refs):
            known = self._endpoints.endpoint(chosen.endpoint_id)
            refs.append((chosen, known.name if known is not None else chosen.endpoint_id))
        for ref, name in refs:
            self.model.addItem(f"{ref.model}  ·  {name}", (ref.endpoint_id, ref.model))
        wanted = (chosen.endpoint_id, chosen.model) if chosen is not None else None
        data = [self.model.itemData(at) for at in range(self.model.count())]
        at = next((at for at, item in enumerate(data) if wanted and item and tuple(item) == wanted), 0)
        self.model.setCurrentIndex(at)

    def _on_save(self) -> None:
        for item in self.fields:
            if item.problem:
                self.say(item.problem)
                item.edit.setFocus()
                return
        name = " ".join(self.name.text().split())
        if not name:
            self.say(tr("A persona needs a name."))
            self.name.setFocus()
            return
        values: dict[str, Any] = {item.option.value: item.value for item in self.fields}
        values |= {item.option.value: item.value for item in (self.effort, self.stream)}
        system = self.system.document().toRawText().replace("\u2029", "\n").strip()
        chosen = self.model.currentData()
        persona = Persona(
            id=self._id or new_id(),
            name=name,
            options=Options(system=system, **values),
            model=ModelRef(*chosen) if chosen else None,
        )
        self._entries.put(persona)
        if self.is_default.isChecked():
            self._personas.set_default(persona.id)
        elif self._personas.default_id == persona.id:
            self._personas.set_default("")
        self.closed.emit()

    def _on_original(self) -> None:
        self._entries.restore(self._id)
        self.closed.emit()


def personas_page(theme: Theme, personas: Personas, endpoints: Endpoints) -> KeptPage:
    """Return the page of the personas."""
    page = KeptPage(theme, personas.entries, PersonaWords(personas), PersonaForm(theme, personas, endpoints))
    personas.default_changed.connect(page.list.fill)
    return page
