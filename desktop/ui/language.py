"""The language of the window: which one, and the files and formats that speak it."""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, Qt, QTranslator
from PySide6.QtGui import QGuiApplication

from desktop.base import tongue
from desktop.base.paths import resources

WRITTEN = "en"
"""The language that the texts are written in."""
LANGUAGES = {
    "en": "English",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "zh_CN": "简体中文",
    "ja": "日本語",
    "ar": "العربية",
}
"""What the window can speak: Qt's name of each language, and what those who speak it call it."""


def translations() -> Path:
    """Return the folder of the compiled translations."""
    return resources() / "translations"


def best_of(wanted: Iterable[str]) -> str:
    """Return the first of `wanted` that the window can speak, else English; names as QLocale.uiLanguages."""
    for name in wanted:
        locale = QLocale(name)
        for language in LANGUAGES:
            ours = QLocale(language)
            if locale.language() is ours.language() and locale.script() is ours.script():
                return language
    return WRITTEN


def users_language(preference: str) -> str:
    """Return the language in force: the one of the settings, else the best of those the system names."""
    return preference if preference in LANGUAGES else best_of(QLocale.system().uiLanguages())


def formats_for(language: str, system: QLocale) -> QLocale:
    """Return how numbers and dates are written beside a language: by the user's country where they agree."""
    ours = QLocale(language)
    if system.language() is QLocale.Language.C:
        return QLocale("en_US") if language == WRITTEN else ours
    speaks_none_of_ours = best_of([system.name()]) == WRITTEN == language
    if system.language() is ours.language() or speaks_none_of_ours:
        return system
    return QLocale(ours.language(), ours.script(), system.territory())


class Language:
    """A language, with the formats of the user's country."""

    def __init__(self, name: str) -> None:
        """Read what is needed for `name`, one of LANGUAGES; no application is needed yet."""
        self.name = name
        self._locale = formats_for(name, QLocale.system())
        self._words = QTranslator()
        self._words.load(f"weir_{name}", str(translations()))
        self._qt = QTranslator()
        if name != WRITTEN:
            self._qt.load(f"qtbase_{name}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))

    def put_in_force(self, application: QCoreApplication | None) -> None:
        """Have texts, numbers, dates, Qt's own words and the windows' direction follow it from now on."""
        tongue.speak(self)
        QLocale.setDefault(self._locale)
        if application is None:
            return
        for translator in (self._qt, self._words):
            if not translator.isEmpty():
                application.installTranslator(translator)
        if isinstance(application, QGuiApplication):
            application.setLayoutDirection(QLocale(self.name).textDirection())

    def take_back(self, application: QCoreApplication) -> None:
        """Undo `put_in_force`."""
        tongue.speak(None)
        QLocale.setDefault(QLocale.system())
        for translator in (self._qt, self._words):
            application.removeTranslator(translator)
        if isinstance(application, QGuiApplication):
            application.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)

    def translate(self, context: str, text: str, comment: str, n: int) -> str:
        """Return `text` in this language."""
        found = self._words.translate(context, text, comment, n) or text
        if n < 0:
            return found
        # Compiled translations have Qt's sign for a number as the country writes it.
        return found.replace("%Ln", "%n").replace("%n", self._locale.toString(n))

    def number(self, value: float, digits: int) -> str:
        """Return a number as the user's country writes it."""
        return self._locale.toString(float(value), "f", digits)

    def size(self, count: int) -> str:
        """Return a number of bytes in the unit that suits it."""
        step = 1000 ** min(4, max(0, (len(str(abs(count))) - 1) // 3))
        digits = 0 if count >= 10 * step or step == 1 else 1
        return self._locale.formattedDataSize(count, digits, QLocale.DataSizeFormat.DataSizeSIFormat)
