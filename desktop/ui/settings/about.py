"""About: where everything is, in plain words."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt

from desktop.chat.endpoints import Endpoints
from desktop.chat.updates import Updates
from desktop.ui.controls import label
from desktop.ui.settings.page import Page, card
from desktop.ui.settings.updates import UpdatesCard
from desktop.ui.theme import Theme
from desktop.ui.wording import pair


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """Return a text in the user's language."""
    return QCoreApplication.translate("About", text, comment, n)


def licences() -> tuple[tuple[str, str], ...]:
    """Return what Weir is made of, with the licence of each part."""
    return (
        ("Qt and PySide6", "LGPL 3.0"),
        ("Python", "PSF License"),
        ("qasync", "BSD 2-Clause"),
        ("httpx, truststore", "BSD 3-Clause, MIT"),
        ("keyring", "MIT"),
        ("markdown-it-py, Pygments, tomlkit, platformdirs", "MIT, BSD 2-Clause, MIT, MIT"),
        ("ijson, YAJL", "BSD 3-Clause, ISC"),
        (tr("ziamath, ziafont, latex2mathml, with the font STIX Two Math"), "MIT, SIL Open Font License"),
        ("pypdf, charset-normalizer, tenacity", "BSD 3-Clause, MIT, Apache 2.0"),
        (tr("the prices of genai-prices"), "MIT"),
        ("llama.cpp, xllamacpp", "MIT"),
        (tr("SmolLM2 135M Instruct, the demo model"), "Apache 2.0"),
    )


class AboutPage(Page):
    """Says where conversations and keys are, and what Weir is made of."""

    def __init__(self, theme: Theme, endpoints: Endpoints, places: Sequence[tuple[str, str]]) -> None:
        super().__init__(theme)
        self.head(self.tr("About"))
        self.let_scroll()
        self._endpoints = endpoints
        frame, column = card(theme)
        column.addWidget(label(self.tr("Your data"), size="strong"))
        column.addWidget(
            label(
                self.tr(
                    "Conversations are in a database on this computer. What you send goes to the endpoint "
                    "you chose and to nobody else. Weir has no account and no statistics, and asks nobody "
                    "for updates unless you say so."
                ),
                tone="muted",
                wraps=True,
            )
        )
        for name, place in places:
            row = label(pair(name, place), size="small", tone="muted", wraps=True)
            row.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(row)
        self.column.addWidget(frame)
        frame, column = card(theme)
        column.addWidget(label(self.tr("Your keys"), size="strong"))
        self.keys = label(tone="muted", wraps=True)
        column.addWidget(self.keys)
        self.column.addWidget(frame)
        self._updates_at = self.column.count()
        self.updates: UpdatesCard | None = None
        frame, column = card(theme)
        #: Over a list of what Weir is made of, and the licences
        column.addWidget(label(self.tr("Made of"), size="strong"))
        for name, licence in licences():
            column.addWidget(label(pair(name, licence), size="small", tone="muted", wraps=True))
        column.addWidget(label(self.tr("Weir itself is under the MIT License."), size="small", tone="muted"))
        self.column.addWidget(frame)
        self.column.addStretch(1)
        endpoints.key_changed.connect(self._show_keys)
        self._show_keys()

    def show_updates(self, updates: Updates) -> None:
        """Add the card that asks for a newer version. Once."""
        if self.updates is None:
            self.updates = UpdatesCard(self.theme, updates)
            self.column.insertWidget(self._updates_at, self.updates)

    def _show_keys(self) -> None:
        self.keys.setText(keys_words(self._endpoints))


def keys_words(endpoints: Endpoints) -> str:
    """Say where keys are kept on this computer."""
    if not endpoints.is_ready:
        return tr("Keys are kept in this computer’s keyring.")
    if endpoints.keyring_name is not None:
        return tr(
            "Keys are kept in {keyring}, under the name “weir”. They are in no file of Weir’s and in no log."
        ).format(keyring=endpoints.keyring_name)
    return tr(
        "This computer has no keyring that Weir can use, so keys are not stored. A key you enter is kept in "
        "memory and forgotten when Weir ends; one in an environment variable is used from there."
    )
