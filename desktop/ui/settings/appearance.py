"""Appearance: light, dark or high contrast, how large, how it moves."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QRadioButton, QSlider, QWidget

from desktop.ui.controls import button, label
from desktop.ui.manner import Manner
from desktop.ui.preferences import Preferences
from desktop.ui.settings.language import LanguageCard
from desktop.ui.settings.page import Page, card
from desktop.ui.theme import Theme
from desktop.ui.wording import percent
from desktop.ui.wrapping import WrapRow


class AppearancePage(Page):
    """Changes theme and manner at once. `changed` asks that the choice of the theme be kept."""

    changed = Signal()

    def __init__(self, theme: Theme, manner: Manner) -> None:
        super().__init__(theme)
        self.manner = manner
        self.head(self.tr("Appearance"))
        self.schemes = QButtonGroup(self)
        frame, column = card(theme)
        column.addWidget(label(self.tr("Colours"), size="strong"))
        row = WrapRow(theme.px(8))
        choices = (
            ("", self.tr("Like the system")),
            ("light", self.tr("Light", "colours")),
            ("dark", self.tr("Dark", "colours")),
            ("contrast", self.tr("High contrast")),
        )
        for number, (scheme, words) in enumerate(choices):
            radio = QRadioButton(words)
            radio.setProperty("scheme", scheme)
            radio.setChecked(theme.choice == scheme)
            self.schemes.addButton(radio, number)
            row.addWidget(radio)
        column.addLayout(row)
        self.column.addWidget(frame)
        frame, column = card(theme)
        column.addWidget(label(self.tr("Size of text and controls"), size="strong"))
        self.zoom = QSlider(Qt.Orientation.Horizontal)
        self.zoom.setAccessibleName(self.tr("Size of text and controls"))
        self.zoom.setRange(8, 20)
        self.zoom.setPageStep(1)
        self.percent = label(tone="muted")
        self.reset = button(self.tr("Normal size"))
        row = WrapRow(theme.px(12))
        row.add_growing(self.zoom, theme.px(120))
        row.addWidget(self.percent)
        row.addWidget(self.reset)
        column.addLayout(row)
        column.addWidget(
            label(
                self.tr("There are keys for this, too; Keyboard lists them."),
                size="small",
                tone="muted",
                wraps=True,
            )
        )
        self.column.addWidget(frame)
        self._add_manner()
        self.column.addStretch(1)
        self._show_theme()
        self.schemes.idClicked.connect(self._on_scheme)
        self.zoom.valueChanged.connect(self._on_zoom)
        self.reset.clicked.connect(self._on_reset)
        theme.changed.connect(self._show_theme)

    def _add_manner(self) -> None:
        frame, column = card(self.theme)
        column.addWidget(label(self.tr("Motion"), size="strong"))
        self.motions = QButtonGroup(self)
        row = WrapRow(self.theme.px(8))
        choices = (
            ("", self.tr("Like the system")),
            #: A choice under Motion: what is shown glides to its place
            ("full", self.tr("Glide")),
            ("reduced", self.tr("Reduced: jump at once")),
        )
        for number, (motion, words) in enumerate(choices):
            radio = QRadioButton(words)
            radio.setProperty("motion", motion)
            radio.setChecked(self.manner.motion == motion)
            self.motions.addButton(radio, number)
            row.addWidget(radio)
        column.addLayout(row)
        self.column.addWidget(frame)
        frame, column = card(self.theme)
        column.addWidget(label(self.tr("While a reply comes"), size="strong"))
        self.keeps_start = QCheckBox(self.tr("Keep the start of the answer at the top"))
        self.keeps_start.setChecked(self.manner.keeps_start)
        column.addWidget(self.keeps_start)
        words = self.tr("Without this the end is followed until you scroll up.")
        column.addWidget(label(words, size="small", tone="muted", wraps=True))
        self.says_replies = QCheckBox(self.tr("Have a screen reader say the answer while it comes"))
        self.says_replies.setChecked(self.manner.says_replies)
        self.says_replies.toggled.connect(self.manner.say_replies)
        column.addWidget(self.says_replies)
        self.column.addWidget(frame)
        frame, column = card(self.theme)
        column.addWidget(label(self.tr("Titles of conversations"), size="strong"))
        self.titles = QCheckBox(self.tr("Let the model write them"))
        self.titles.setChecked(self.manner.titles_by_model)
        column.addWidget(self.titles)
        words = self.tr(
            "The first question and its answer are then sent once more to the service that answered, "
            "which costs a few tokens. Without this the title is taken from the question."
        )
        column.addWidget(label(words, size="small", tone="muted", wraps=True))
        self.column.addWidget(frame)
        self.titles.toggled.connect(self.manner.let_model_title)
        self.motions.idClicked.connect(self._on_motion)
        self.keeps_start.toggled.connect(self.manner.keep_start)

    def offer_languages(self, preferences: Preferences) -> None:
        """Let the language of the window be chosen."""
        language = LanguageCard(self.theme, preferences)
        self.column.insertWidget(1, language)
        # Made late, it would be the last of the page by Tab: everything else goes behind it.
        before: QWidget = language.chooser
        for control in self.findChildren(QWidget):
            takes_tab = bool(control.focusPolicy() & Qt.FocusPolicy.TabFocus)
            if takes_tab and control.window() is self.window() and not language.isAncestorOf(control):
                QWidget.setTabOrder(before, control)
                before = control

    def _on_motion(self, number: int) -> None:
        self.manner.choose_motion(str(self.motions.button(number).property("motion")))

    def _on_scheme(self, number: int) -> None:
        self.theme.choose(str(self.schemes.button(number).property("scheme")))
        self.changed.emit()

    def _on_zoom(self, tenths: int) -> None:
        self.theme.set_zoom(tenths / 10)
        self.changed.emit()

    def _on_reset(self) -> None:
        self.zoom.setValue(10)

    def _show_theme(self) -> None:
        self.percent.setText(percent(self.theme.zoom))
        self.zoom.blockSignals(True)
        self.zoom.setValue(round(self.theme.zoom * 10))
        self.zoom.blockSignals(False)
        for radio in self.schemes.buttons():
            wanted = "contrast" if self.theme.choice.startswith("contrast") else self.theme.choice
            radio.setChecked(radio.property("scheme") == wanted)
