"""File dialogs open where the last file of their kind was chosen."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from tests.support.chatting import ChatRoom, until
from tests.support.windows import open_window


@pytest.fixture
def room():
    return ChatRoom()


@pytest.fixture
async def opened(qloop, room):
    async for window in open_window(room):
        yield window


def dialog_of(window: QWidget) -> QFileDialog:
    """Return the file dialog that is open."""
    return next(each for each in window.findChildren(QFileDialog) if each.isVisible())


async def choose(window: QWidget, file: Path) -> Path:
    """Choose a file in the open dialog; return the folder that the dialog began in."""
    dialog = dialog_of(window)
    assert dialog.windowModality() is Qt.WindowModality.WindowModal
    began = Path(dialog.directory().absolutePath())
    dialog.setDirectory(str(file.parent))
    dialog.selectFile(file.name)
    dialog.accept()
    await until(lambda: not any(each.isVisible() for each in window.findChildren(QFileDialog)))
    return began


async def test_the_last_folder_is_remembered_for_each_purpose(opened, tmp_path):
    window = opened.window
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
    (here / "note.txt").write_text("a note", encoding="utf-8")
    code_file = window.page.serving.code_file
    attach, save = window.actions_["attach"].trigger, lambda: code_file.save("a = 1", "python")
    attach()
    await choose(window, here / "note.txt")
    await until(lambda: [each.name for each in window.page.composer.attachments.parts] == ["note.txt"])
    save()
    assert await choose(window, there / "a.py") != there
    assert (there / "a.py").read_text(encoding="utf-8") == "a = 1"
    attach()
    assert await choose(window, here / "note.txt") == here
    save()
    assert await choose(window, there / "b.py") == there
    assert opened.kept.values["folder.attach"] == str(here)
    assert opened.kept.values["folder.code"] == str(there)


async def test_a_folder_that_is_gone_does_no_harm(opened, tmp_path):
    opened.kept.values["folder.attach"] = str(tmp_path / "gone")
    opened.window.actions_["attach"].trigger()
    (tmp_path / "note.txt").write_text("a note", encoding="utf-8")
    await choose(opened.window, tmp_path / "note.txt")
    assert opened.kept.values["folder.attach"] == str(tmp_path)
