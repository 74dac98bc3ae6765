"""Archives by the window: dialogs, the menu of a conversation, the page of the settings, notices."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMenu

from desktop.app import Core, report_opening
from desktop.base.paths import user_paths
from desktop.domain.message import Conversation, Message, Role, TextPart
from desktop.doors import open_doors
from desktop.store import open_store
from desktop.ui.settings.data import DataPage
from desktop.ui.window import MainWindow
from tests.support import exports
from tests.support.chatting import until
from tests.support.stage import Stage


@dataclass
class Place:
    """The real window over the real parts, with the doors for archives."""

    core: Core
    window: MainWindow

    @property
    def page(self) -> DataPage:
        page: DataPage = self.window.settings.data
        return page

    @property
    def notices(self) -> str:
        return " ".join(notice.words.text() for notice in self.window.notices.shown)

    def titles(self) -> list[str]:
        shelf = self.core.shelf
        return [str(shelf.index(row).data()) for row in range(shelf.rowCount())]

    def answer_dialog(self, file: Path) -> None:
        """Choose a file in the dialog that is open, which is not modal to the program."""
        owners = (self.window, self.window.settings)
        (dialog,) = {each for owner in owners for each in owner.findChildren(QFileDialog) if each.isVisible()}
        dialog.fileSelected.emit(str(file))
        dialog.reject()

    async def idle(self) -> None:
        await until(lambda: not self.core.transfer.running and not self.core.tasks.is_running("shelf"))


@pytest.fixture
async def place(qloop: object, qtbot: object, tmp_path: Path) -> AsyncGenerator[Place, None]:
    stage = Stage.open(tmp_path / "data")
    open_doors(stage.core, stage.window)
    await stage.core.endpoints.read()
    stage.core.shelf.load()
    yield Place(stage.core, stage.window)
    await stage.close()


async def test_an_export_is_imported_from_the_settings_and_told(place: Place, tmp_path: Path) -> None:
    place.window.settings.show_data()
    shares: list[float] = []
    place.core.transfer.progressed.connect(shares.append)
    QTest.mouseClick(place.page.bring, Qt.MouseButton.LeftButton)
    place.answer_dialog(exports.chatgpt_zip(tmp_path / "g.zip", 30))
    assert place.page.cancel.isVisible()
    assert not place.page.bring.isEnabled()
    await place.idle()
    assert place.page.report.text().startswith("30 conversations came in from ChatGPT.")
    assert "54 pictures or files" in place.page.report.text()
    assert not place.page.cancel.isVisible()
    assert place.page.bring.isEnabled()
    assert shares == sorted(shares)
    assert shares[-1] > 0.9
    assert "Conversation 29" in place.titles()


async def test_cancel_ends_an_import(place: Place, tmp_path: Path) -> None:
    place.window.settings.show_data()
    place.core.transfer.import_file(exports.chatgpt_zip(tmp_path / "g.zip", 1_000, with_assets=0))
    place.core.transfer.progressed.connect(lambda share: share > 0.05 and place.page.cancel.click())
    await place.idle()
    assert "It was cancelled" in place.page.report.text()
    assert 0 < len(await place.core.store.history.list_conversations(5_000)) < 1_000


async def test_the_window_answers_while_an_import_runs(place: Place, tmp_path: Path) -> None:
    place.core.transfer.import_file(exports.chatgpt_zip(tmp_path / "g.zip", 200, with_assets=0))
    turns = 0
    while place.core.transfer.running:
        await asyncio.sleep(0)
        turns += 1
    assert turns > 50, "the import held up the window's loop"


async def test_what_is_wrong_is_a_notice(place: Place, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]")
    place.core.transfer.import_file(tmp_path / "x.json")
    await place.idle()
    assert "There are no conversations in this file" in place.notices


def action(menu: QMenu, words: str) -> QAction:
    return next(each for each in menu.actions() if each.text() == words)


async def test_a_conversation_is_exported_by_its_menu(place: Place, tmp_path: Path) -> None:
    place.core.transfer.import_file(exports.chatgpt_zip(tmp_path / "g.zip", 3))
    await place.idle()
    shelf = place.core.shelf
    row = place.titles().index("Conversation 1")
    menu = place.window.sidebar.view.row_menu.build([str(shelf.index(row).data(shelf.Role.ID))])
    export = action(menu, "Export").menu()
    assert isinstance(export, QMenu)
    assert [each.text() for each in export.actions()] == [
        "Weir archive (JSON)…", "Markdown…", "Web page (HTML)…", "PDF…",
    ]  # fmt: skip
    for number, start in enumerate((b'{"format"', b"# Conv", b"<!DOCTYPE html>", b"%PDF-")):
        export.actions()[number].trigger()
        file = tmp_path / f"out{number}"
        place.answer_dialog(file)
        await place.idle()
        assert file.read_bytes().startswith(start)
        assert f"saved as out{number}" in place.notices
    menu.close()
    menu.deleteLater()


async def test_a_conversation_is_copied_as_markdown_and_as_rich_text(place: Place, tmp_path: Path) -> None:
    place.core.transfer.import_file(exports.chatgpt_zip(tmp_path / "g.zip", 2))
    await place.idle()
    shelf = place.core.shelf
    row = place.titles().index("Conversation 1")
    menu = place.window.sidebar.view.row_menu.build([str(shelf.index(row).data(shelf.Role.ID))])
    action(menu, "Copy as text").trigger()
    await until(lambda: "was copied" in place.notices)
    data = QGuiApplication.clipboard().mimeData()
    assert data.text().startswith("# Conversation 1\n")
    assert "It is **42**." in data.text()
    assert "It is <b>42</b>." in data.html()
    menu.close()
    menu.deleteLater()


async def test_everything_is_exported_from_the_settings(place: Place, tmp_path: Path) -> None:
    place.core.transfer.import_file(exports.chatgpt_zip(tmp_path / "g.zip", 3))
    await place.idle()
    place.window.settings.show_data()
    QTest.mouseClick(place.page.save, Qt.MouseButton.LeftButton)
    place.answer_dialog(tmp_path / "all.json")
    await place.idle()
    assert (tmp_path / "all.json").read_bytes().count(b'"messages":') == 3
    assert "3 conversations were saved as all.json" in place.page.report.text()


async def test_a_full_disk_is_told_and_what_came_in_stays(place: Place, tmp_path: Path) -> None:
    def limit(sql: sqlite3.Connection) -> None:
        pages = sql.execute("PRAGMA page_count").fetchone()[0]
        sql.execute(f"PRAGMA max_page_count = {pages + 40}")

    await asyncio.wrap_future(place.core.store._writer.submit(limit))
    place.core.transfer.import_file(exports.chatgpt_zip(tmp_path / "g.zip", 300))
    await place.idle()
    assert "The disk is full" in place.notices
    rows = await place.core.store.history.list_conversations(1_000)
    assert 0 < len(rows) < 300
    assert len(place.titles()) == len(rows)


def damaged(folder: Path) -> None:
    """Leave a history with a backup, torn in its middle."""

    async def fill() -> None:
        store = open_store(user_paths(folder))
        for number in range(40):
            name = f"c{number}"
            row = Conversation(id=name, title=f"Kept {number}", created=1, updated=number + 1)
            text = TextPart("lorem ipsum " * 100)
            one = Message(
                id=f"m{number}", conversation_id=name, parent_id=None, role=Role.USER, parts=(text,)
            )
            store.transfer.add(replace(row, head_id=one.id), [replace(one, created=number + 1)])
        await store.history.back_up()
        await store.close()

    asyncio.run(fill())
    file = user_paths(folder).history
    with file.open("r+b") as opened:
        opened.seek(file.stat().st_size // 8192 * 4096)
        opened.write(os.urandom(4 * 4096))


def test_a_damaged_history_is_offered_back_in_the_window(
    tmp_path: Path, qloop: asyncio.AbstractEventLoop, qtbot: object, expect_log: Callable[[str], None]
) -> None:
    damaged(tmp_path / "data")
    asyncio.set_event_loop(qloop)
    expect_log("damaged and is set aside")

    async def live() -> None:
        stage = Stage.open(tmp_path / "data")
        place = Place(stage.core, stage.window)
        open_doors(stage.core, stage.window)
        await report_opening(stage.core)
        assert "The history was damaged. It was set aside whole as history-damaged-" in place.notices
        (notice,) = stage.window.notices.shown
        assert notice.action.text() == "Bring back"
        QTest.mouseClick(notice.action, Qt.MouseButton.LeftButton)
        await place.idle()
        assert "40 conversations are back." in place.notices
        assert sorted(place.titles()) == sorted(f"Kept {number}" for number in range(40))
        await stage.close()

    qloop.run_until_complete(asyncio.wait_for(live(), 30))
