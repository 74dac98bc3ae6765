"""Data: conversations brought in from other programs, and written out."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout

from desktop.base.tongue import sentences
from desktop.domain.transfer import ArchiveFormat, ImportReport, Skipped
from desktop.ui.controls import Chooser, button, label
from desktop.ui.settings.page import Page, card
from desktop.ui.theme import Theme
from desktop.ui.wording import pair, percent
from desktop.ui.wrapping import WrapRow

_MOST_LINES = 12


def tr(text: str, comment: str = "", n: int = -1) -> str:
    """Return a text in the user's language."""
    return QCoreApplication.translate("Transfer", text, comment, n)


class DataPage(Page):
    """Where conversations come in and go out. `export_requested` carries an ArchiveFormat."""

    import_requested = Signal()
    export_requested = Signal(object)
    cancel_requested = Signal()
    recovery_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._running = ""
        self.head(self.tr("Data"))
        self._build_import()
        self._build_export()
        self._build_recovery()
        self.column.addStretch(1)
        self.show_running("")

    def show_running(self, what: str) -> None:
        """Show what goes on: "import", "export", "recovery", or nothing."""
        self._running = what
        self.bring.setEnabled(not what)
        self.save.setEnabled(not what)
        self.recover.setEnabled(not what)
        self.progress.setVisible(bool(what))
        self.cancel.setVisible(bool(what))
        if what:
            self.show_share(0.0)
            self.report.hide()

    def show_share(self, share: float) -> None:
        """Show how far it is, from 0 to 1."""
        words = {
            "import": self.tr("Bringing conversations in… {share}"),
            "export": self.tr("Saving conversations… {share}"),
            "recovery": self.tr("Bringing conversations back… {share}"),
        }.get(self._running, "{share}")
        self.progress.setText(words.format(share=percent(int(share * 100) / 100)))

    def show_report(self, report: ImportReport) -> None:
        """Say what came in and what did not, and why."""
        lines = [import_words(report), *skipped_lines(report.skipped, report.skipped_count)]
        self.report.setText("\n".join(lines))
        self.report.show()

    def show_failure(self, words: str) -> None:
        """Say why nothing came of it."""
        self.report.setText(words)
        self.report.show()

    def show_offer(self, name: str) -> None:
        """Offer to bring back what is left of a damaged history; an empty name takes the offer away."""
        self._recovery.setVisible(bool(name))
        self._damaged.setText(
            self.tr(
                "The history was damaged. It is set aside whole as {name}. What the newest good backup has, "
                "and what can still be read of the damaged file, can be brought back."
            ).format(name=name)
        )

    def _build_import(self) -> None:
        frame, column = card(self.theme)
        column.addWidget(label(self.tr("Bring conversations in"), size="strong"))
        words = self.tr(
            "From the export of ChatGPT, Claude, Open WebUI or LibreChat, from a Weir archive, or from one "
            "of Weir’s backups. Branches, pictures and files come along where the export has them. What is "
            "here already is not changed, and bringing the same file in again adds nothing."
        )
        column.addWidget(label(words, tone="muted", wraps=True))
        self.bring = button(self.tr("Import…"), "primary")
        self.bring.clicked.connect(self.import_requested)
        self.cancel = button(self.tr("Cancel"))
        self.cancel.clicked.connect(self.cancel_requested)
        self.progress = label(tone="muted")
        row = WrapRow(self.theme.px(8))
        row.addWidget(self.bring)
        row.addWidget(self.cancel)
        row.addWidget(self.progress)
        column.addLayout(row)
        self.report = label(tone="muted", wraps=True)
        self.report.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.report.hide()
        column.addWidget(self.report)
        self.column.addWidget(frame)

    def _build_export(self) -> None:
        frame, column = card(self.theme)
        column.addWidget(label(self.tr("Take conversations out"), size="strong"))
        words = self.tr(
            "All conversations, without keys. The Weir archive keeps everything and can be read again; the "
            "other forms show the branch that is on screen, one file for each conversation in a zip."
        )
        column.addWidget(label(words, tone="muted", wraps=True))
        self.form = Chooser(self.theme, self.tr("Form of the export"))
        for form in ArchiveFormat:
            self.form.addItem(format_words(form), form.value)
        self.save = button(self.tr("Export everything…"))
        self.save.clicked.connect(self._on_save)
        row = WrapRow(self.theme.px(8))
        row.addWidget(self.form)
        row.addWidget(self.save)
        column.addLayout(row)
        self.column.addWidget(frame)

    def _build_recovery(self) -> None:
        self._recovery, column = card(self.theme)
        column.addWidget(label(self.tr("A damaged history"), size="strong"))
        self._damaged = label(tone="muted", wraps=True)
        column.addWidget(self._damaged)
        self.recover = button(self.tr("Bring back"), "primary")
        self.recover.clicked.connect(self.recovery_requested)
        row = QHBoxLayout()
        row.addWidget(self.recover)
        row.addStretch(1)
        column.addLayout(row)
        self.column.insertWidget(1, self._recovery)
        self._recovery.hide()

    def _on_save(self) -> None:
        self.export_requested.emit(ArchiveFormat(self.form.currentData()))


def format_words(form: ArchiveFormat) -> str:
    """Return the name of a form."""
    return {
        ArchiveFormat.JSON: tr("Weir archive (JSON)"),
        ArchiveFormat.MARKDOWN: tr("Markdown"),
        ArchiveFormat.HTML: tr("Web page (HTML)"),
        ArchiveFormat.PDF: tr("PDF"),
    }[form]


def import_words(report: ImportReport) -> str:
    """Say in a few sentences what came of an import."""
    if report.source:
        words = tr("%n conversation(s) came in from {source}.", "", report.added)
        words = words.format(source=report.source)
    else:
        words = tr("%n conversation(s) came in from the file.", "", report.added)
    found = [words]
    if report.extended:
        found.append(tr("%n that were here got new messages.", "", report.extended))
    if report.known:
        found.append(tr("%n were here already.", "", report.known))
    if report.missing_files:
        found.append(
            tr(
                "%n picture(s) or file(s) are not in the export and are shown by their names.",
                "",
                report.missing_files,
            )
        )
    if report.skipped_count:
        found.append(tr("%n thing(s) were left out.", "", report.skipped_count))
    if report.is_cancelled:
        found.append(tr("It was cancelled before its end; what had come in stays."))
    return sentences(*found)


def skipped_lines(skipped: Sequence[Skipped], count: int) -> list[str]:
    """Return a line for each of the first things that were left out."""
    lines = [pair(each.what, each.why) for each in skipped[:_MOST_LINES]]
    more = count - len(lines)
    return [*lines, tr("… and %n more.", "", more)] if more > 0 else lines
