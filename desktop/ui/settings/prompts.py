"""Prompts: texts that are kept to be used again, behind the slash."""

from PySide6.QtCore import QCoreApplication

from desktop.chat.entries import Entries
from desktop.domain.identity import new_id
from desktop.domain.kept import Entry
from desktop.domain.template import CLIPBOARD, DATE, Template
from desktop.ui.controls import first_words, label
from desktop.ui.options.field import Lines
from desktop.ui.settings.kept import KeptPage
from desktop.ui.settings.kept_form import KeptForm
from desktop.ui.theme import Theme
from desktop.ui.wording import listed

_LINES = 9


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """Return a text in the user's language."""
    return QCoreApplication.translate("Prompts", text, comment, n)


class PromptWords:
    """What the list of prompts says."""

    file = "prompts.toml"

    @property
    def title(self) -> str:
        """The page's title."""
        return tr("Prompts")

    @property
    def about(self) -> str:
        """What these are for."""
        return tr("Texts to be used again. Type / in an empty line where you write, and choose one.")

    @property
    def new(self) -> str:
        """The button for another one."""
        return tr("New prompt")

    def detail(self, entry: Template) -> str:
        """Return the beginning of the text."""
        return first_words(entry.text, 200)


class PromptForm(KeptForm):
    """Edits a prompt, or a new one."""

    def __init__(self, theme: Theme, prompts: Entries[Template]) -> None:
        super().__init__(theme)
        self._prompts = prompts
        self._id = ""
        self.text = Lines(theme, _LINES)
        self.text.setPlaceholderText(tr("Translate into {{language=English}}: {{text}}"))
        self.add_field(
            tr("Text"),
            self.text,
            tr(
                "{{topic}} is a place to fill in, under any name; {{language=English}} is filled in already "
                "and may be changed; {{clipboard}} is what was copied last, {{date}} the date of the day."
            ),
        )
        self.places = label(size="small", tone="muted", wraps=True)
        self.page.column.addWidget(self.places)
        self.page.column.addStretch(1)
        self.text.textChanged.connect(self._show_places)
        self.save.clicked.connect(self._on_save)
        self.original.clicked.connect(self._on_original)

    def edit(self, entry: Entry | None) -> None:
        """Show a prompt's values, or a new one's."""
        prompt = entry if isinstance(entry, Template) else None
        self._id = prompt.id if prompt is not None else ""
        self.title.setText(prompt.name if prompt is not None else tr("New prompt"))
        self.name.setText(prompt.name if prompt is not None else "")
        self.text.setPlainText(prompt.text if prompt is not None else "")
        is_changed = self._prompts.comes_with_program(self._id) and self._prompts.is_own(self._id)
        self.original.setVisible(is_changed)
        self.say("")
        self._show_places()
        self.page.verticalScrollBar().setValue(0)
        self.name.setFocus()

    def _written(self) -> str:
        # toPlainText would turn no-break spaces into spaces.
        return self.text.document().toRawText().replace("\u2029", "\n").strip("\n")

    def _show_places(self) -> None:
        names = Template(id="", name="", text=self._written()).variables
        asked = [name for name in names if name.casefold() not in (CLIPBOARD, DATE)]
        words = tr("To fill in: {names}").format(names=listed(asked)) if asked else ""
        self.places.setText(words)
        self.places.setVisible(bool(words))

    def _on_save(self) -> None:
        name, text = " ".join(self.name.text().split()), self._written()
        if not text.strip():
            self.say(tr("There is no text yet."))
            self.text.setFocus()
            return
        self._prompts.put(Template(id=self._id or new_id(), name=name or first_words(text, 40), text=text))
        self.closed.emit()

    def _on_original(self) -> None:
        self._prompts.restore(self._id)
        self.closed.emit()


def prompts_page(theme: Theme, prompts: Entries[Template]) -> KeptPage:
    """Return the page of the prompts."""
    return KeptPage(theme, prompts, PromptWords(), PromptForm(theme, prompts))
