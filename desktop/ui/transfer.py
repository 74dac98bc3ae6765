"""The window's doors for archives: menu entries, file dialogs, the page of the settings, notices."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from desktop.base.tongue import sentences
from desktop.chat.shelf import Shelf
from desktop.chat.transfer import Transfer
from desktop.domain.transfer import ArchiveFormat, ExportReport, ImportReport
from desktop.ui.last_folder import open_in_last_folder
from desktop.ui.notices import Notices
from desktop.ui.settings.data import DataPage, format_words, import_words
from desktop.ui.shelf.menu import RowMenu

_TOLD_SECONDS = 12
_COPIED_SECONDS = 4


class _Settings(Protocol):
    @property
    def data(self) -> DataPage: ...

    def show_data(self) -> None: ...


class TransferDoor(QObject):
    """Connects what the user does with archives to the transfer, and what comes of it to the window.

    `settings` returns the settings window, which is made when it is first wanted; `adopt` is to be
    called with its page when it is. What came of it is said in the window for which `is_front` returns True.
    """

    def __init__(
        self,
        transfer: Transfer,
        shelf: Shelf,
        notices: Notices,
        menu: RowMenu,
        settings: Callable[[], _Settings],
        owner: QWidget,
    ) -> None:
        super().__init__(owner)
        self._transfer = transfer
        self._shelf = shelf
        self._notices = notices
        self._settings = settings
        self._owner = owner
        self._page: DataPage | None = None
        self._offered = ""
        self._report: ImportReport | None = None
        self.is_front: Callable[[], bool] = lambda: True
        menu.additions.append(self._add_export)
        transfer.imported.connect(self._on_imported)
        transfer.recovered.connect(self._on_recovered)
        transfer.exported.connect(self._on_exported)
        transfer.copied.connect(self._on_copied)
        transfer.failed.connect(self._on_failed)
        transfer.recovery_offered.connect(self._on_offered)
        transfer.history_changed.connect(shelf.load)

    def adopt(self, page: DataPage) -> None:
        """Connect the page of the settings."""
        self._page = page
        page.import_requested.connect(self.ask_for_import)
        page.export_requested.connect(self.ask_for_export)
        page.cancel_requested.connect(self._transfer.cancel)
        page.recovery_requested.connect(self._transfer.recover)
        self._transfer.running_changed.connect(page.show_running)
        self._transfer.progressed.connect(page.show_share)
        page.show_running(self._transfer.running)
        page.show_offer(self._offered)
        if self._report is not None:
            page.show_report(self._report)

    def ask_for_import(self) -> QFileDialog:
        """Ask for an archive and read it."""
        dialog = self._dialog(self.tr("Import conversations"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(
            [self.tr("Exports and archives (*.zip *.json *.weir *.db)"), self.tr("All files (*)")]
        )
        dialog.fileSelected.connect(lambda path: self._transfer.import_file(Path(path)))
        dialog.open()
        return dialog

    def ask_for_export(self, form: ArchiveFormat, ids: tuple[str, ...] | None = None) -> QFileDialog:
        """Ask where conversations are to be saved, all of them where `ids` is None, and save them."""
        single = self._shelf.conversation(ids[0]) if ids is not None and len(ids) == 1 else None
        is_zip = form is not ArchiveFormat.JSON and (ids is None or len(ids) != 1)
        ending = "zip" if is_zip else form.ending
        from desktop.archive.writing import file_stem

        stem = file_stem(single) if single is not None else self.tr("Weir conversations")
        dialog = self._dialog(self.tr("Export conversations"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(ending)
        # By this ending the desktop knows which program opens it; it is JSON to all others.
        own = "weir." if form is ArchiveFormat.JSON else ""
        dialog.selectFile(f"{stem}.{own}{ending}")
        dialog.fileSelected.connect(lambda path: self._transfer.export(Path(path), form, ids))
        dialog.open()
        return dialog

    def _dialog(self, title: str) -> QFileDialog:
        owner = self._page.window() if self._page is not None and self._page.isVisible() else self._owner
        dialog = QFileDialog(owner, title)
        open_in_last_folder(dialog, "archive")
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    def _add_export(self, menu: QMenu, ids: tuple[str, ...]) -> None:
        export = menu.addMenu(self.tr("Export"))
        export.setEnabled(not self._transfer.running)
        if len(ids) == 1:
            copy = QAction(self.tr("Copy as text"), menu)
            copy.triggered.connect(partial(self._on_copy, ids[0]))
            menu.insertAction(export.menuAction(), copy)
        for form in ArchiveFormat:
            action = export.addAction(self.tr("{form}…").format(form=format_words(form)))
            action.triggered.connect(partial(self._on_export, form, ids))

    def _on_export(self, form: ArchiveFormat, ids: tuple[str, ...], _checked: bool = False) -> None:
        self.ask_for_export(form, ids)

    def _on_copy(self, conversation_id: str, _checked: bool = False) -> None:
        self._transfer.copy(conversation_id)

    def _on_copied(self, markdown: str, html: str) -> None:
        if not self.is_front():
            return
        data = QMimeData()
        data.setText(markdown)
        data.setHtml(html)
        QGuiApplication.clipboard().setMimeData(data)
        self._notices.show_notice("copied", self.tr("The conversation was copied."), lasts=_COPIED_SECONDS)

    def _on_imported(self, report: ImportReport) -> None:
        self._tell(report, import_words(report))

    def _on_recovered(self, report: ImportReport) -> None:
        if not report.is_cancelled:
            self._offered = ""
            if self._page is not None:
                self._page.show_offer("")
        words = self.tr("%n conversation(s) are back.", "", report.added + report.extended)
        if report.skipped_count:
            words = sentences(words, self.tr("%n thing(s) could not be read.", "", report.skipped_count))
        self._tell(report, words)

    def _tell(self, report: ImportReport, words: str) -> None:
        self._report = report
        if self._page is not None:
            self._page.show_report(report)
        if self.is_front() and (self._page is None or not self._page.isVisible()):
            self._notices.show_notice(
                "transfer",
                words,
                action=self.tr("Details") if report.skipped_count else "",
                do=self._show_page,
                lasts=_TOLD_SECONDS,
            )

    def _on_exported(self, report: ExportReport, path: str) -> None:
        if not self.is_front():
            return
        name = Path(path).name
        words = (
            self.tr("The conversation was saved as {name}.")
            if report.conversations == 1
            else self.tr("%n conversation(s) were saved as {name}.", "", report.conversations)
        ).format(name=name)
        if report.skipped:
            words = sentences(
                words, self.tr("%n conversation(s) could not be read.", "", len(report.skipped))
            )
        self._notices.show_notice("transfer", words, lasts=_TOLD_SECONDS)
        if self._page is not None and self._page.isVisible():
            self._page.show_failure(words)

    def _on_failed(self, words: str) -> None:
        if not self.is_front():
            return
        if self._page is not None and self._page.isVisible():
            self._page.show_failure(words)
        else:
            self._notices.show_notice("transfer", words, tone="warn")

    def _on_offered(self, name: str) -> None:
        self._offered = name
        if self._page is not None:
            self._page.show_offer(name)
        self._notices.show_notice(
            "recovery",
            self.tr(
                "The history was damaged. It was set aside whole as {name}. What the newest good backup has "
                "and what can still be read can be brought back."
            ).format(name=name),
            tone="warn",
            action=self.tr("Bring back"),
            do=self._transfer.recover,
        )

    def _show_page(self) -> None:
        self._settings().show_data()
