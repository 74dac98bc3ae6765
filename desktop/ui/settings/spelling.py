"""The card that switches the marks of spelling on and off."""

from PySide6.QtCore import QLocale
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QVBoxLayout

from desktop.ui.compose.spelling import Spelling
from desktop.ui.controls import label
from desktop.ui.settings.page import card
from desktop.ui.theme import Theme
from desktop.ui.wording import listed


class SpellingCard(QFrame):
    """Says which dictionaries there are, and switches the marks."""

    def __init__(self, theme: Theme, spelling: Spelling) -> None:
        super().__init__()
        self._spelling = spelling
        frame, column = card(theme)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(frame)
        column.addWidget(label(self.tr("Spelling"), size="strong"))
        self.box = QCheckBox(self.tr("Mark words that no dictionary knows"))
        self.box.setChecked(spelling.is_wanted)
        self.words = label(size="small", tone="muted", wraps=True)
        column.addWidget(self.box)
        column.addWidget(self.words)
        self.box.toggled.connect(spelling.want)
        spelling.speller.ready.connect(self.show_languages)
        self.show_languages()

    def showEvent(self, event: QShowEvent) -> None:
        """Look for dictionaries once somebody looks here."""
        super().showEvent(event)
        self._spelling.speller.begin()

    def show_languages(self) -> None:
        """Say which dictionaries are used, or that there is none."""
        speller = self._spelling.speller
        names = listed(_name_of(tag) for tag in speller.languages)
        self.box.setEnabled(bool(names) or not speller.is_open)
        if names:
            words = self.tr("With this system’s dictionaries: {names}. Nothing leaves this computer.")
            self.words.setText(words.format(names=names))
        elif speller.is_open:
            self.words.setText(
                self.tr(
                    "This system has no dictionary that Weir can use. On Linux it is Enchant 2 with one for "
                    "Hunspell, for instance libenchant-2-2 and hunspell-en-us on Debian and Ubuntu."
                )
            )
        else:
            self.words.setText(self.tr("Looking for dictionaries…"))


def _name_of(tag: str) -> str:
    """Return a language's name in itself, for English and its like with the region."""
    return QLocale(tag).nativeLanguageName() or tag
