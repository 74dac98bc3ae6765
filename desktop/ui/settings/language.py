"""The card that chooses the window's language."""

from PySide6.QtWidgets import QFrame, QVBoxLayout

from desktop.ui import preferences as names
from desktop.ui.controls import Chooser, label
from desktop.ui.language import LANGUAGES, Language, users_language
from desktop.ui.preferences import Preferences
from desktop.ui.settings.page import card
from desktop.ui.theme import Theme


class LanguageCard(QFrame):
    """Lists the languages by what their speakers call them; a choice counts from the next start on."""

    def __init__(self, theme: Theme, preferences: Preferences) -> None:
        super().__init__()
        self._preferences = preferences
        self._in_force = users_language(self._choice())
        frame, column = card(theme)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(frame)
        heading = self.tr("Language")
        column.addWidget(label(heading, size="strong"))
        self.chooser = Chooser(theme, heading)
        self.chooser.addItem(
            self.tr("Like the system: {language}").format(language=LANGUAGES[users_language("")]), ""
        )
        for language, name in LANGUAGES.items():
            self.chooser.addItem(name, language)
        self.chooser.setCurrentIndex(max(0, self.chooser.findData(self._choice())))
        column.addWidget(self.chooser)
        self.words = label(size="small", tone="muted", wraps=True)
        self.words.setVisible(False)
        column.addWidget(self.words)
        self.chooser.currentIndexChanged.connect(self._on_chosen)

    def _choice(self) -> str:
        return self._preferences.read(names.LANGUAGE, "")

    def _on_chosen(self) -> None:
        choice = str(self.chooser.currentData())
        self._preferences.write(names.LANGUAGE, choice)
        chosen = users_language(choice)
        # Said in the language that was chosen, for whoever can't read the other.
        words = Language(chosen).translate(
            "LanguageCard", "Weir speaks {language} from its next start on.", "", -1
        )
        self.words.setText(words.format(language=LANGUAGES[chosen]))
        self.words.setVisible(chosen != self._in_force)
