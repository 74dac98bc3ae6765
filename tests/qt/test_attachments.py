"""Attachments in the window: given by every way there is, shown, taken away, sent, and never lost."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from desktop.chat.attachments import MOST
from desktop.chat.shelf import DRAGGED
from desktop.domain.failure import AttachError
from desktop.domain.message import FilePart, ImagePart, Role, TextPart
from desktop.ui.chips import Chips
from desktop.ui.pictures import FITTED_SIDE, MOST_BYTES, encoded, fit
from desktop.ui.prompt_edit import LONG_PASTE
from tests.support.chatting import until
from tests.support.windows import breathe, cut_controls, press


def picture(width=40, height=20, color="teal"):
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(color))
    return image


def noise(width, height, *, alpha=False):
    """An image that no format can make small."""
    import os

    kind = QImage.Format.Format_RGBA8888 if alpha else QImage.Format.Format_RGBX8888
    return QImage(os.urandom(width * height * 4), width, height, kind).copy()


def files_data(*paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def chips_of(window):
    found = window.findChildren(Chips)
    return list(found[0]._chips.values()) if found and found[0].isVisible() else []


@pytest.fixture
def notes(tmp_path):
    file = tmp_path / "notes.md"
    file.write_text("# Notes\nA weir is low.\n", encoding="utf-8")
    return file


async def ready(window):
    await until(lambda: not window.page.composer.attachments.is_reading)


async def test_files_are_chosen_shown_and_sent(opened, room, notes):
    window = opened.window
    press(window.page.composer.attach, Qt.Key.Key_Space)
    dialog = next(item for item in window.findChildren(QFileDialog) if item.isVisible())
    assert not window.page.is_streaming
    dialog.filesSelected.emit([str(notes)])
    dialog.close()
    await ready(window)
    (chip,) = chips_of(window)
    assert chip.name.toolTip() in ("", "notes.md")
    assert "24 bytes" in chip.words.text() or "23 bytes" in chip.words.text()
    assert "tokens" in chip.accessibleName()
    QTest.keyClicks(window.page.composer.edit, "What is it?")
    press(window.page.composer.edit, Qt.Key.Key_Return)
    await until(lambda: bool(room.sender.prompts))
    (prompt,) = room.sender.prompts[0].messages
    assert [type(part) for part in prompt.parts] == [FilePart, TextPart]
    assert prompt.parts[0].text.startswith("# Notes")
    assert chips_of(window) == []
    assert window.page.composer.is_empty


async def test_a_file_alone_can_be_sent(opened, room, notes):
    window = opened.window
    assert not window.page.composer.action.isEnabled()
    window.page.composer.edit.insertFromMimeData(files_data(notes))
    await ready(window)
    assert window.page.composer.action.isEnabled()
    press(window.page.composer.edit, Qt.Key.Key_Return)
    await until(lambda: bool(room.sender.prompts))


async def test_an_image_is_pasted(opened, room):
    window = opened.window
    QGuiApplication.clipboard().setImage(picture())
    window.page.composer.edit.paste()
    await ready(window)
    (item,) = window.page.composer.attachments.items
    assert isinstance(item.part, ImagePart)
    assert item.part.media_type == "image/png"
    (chip,) = chips_of(window)
    await until(lambda: chip.picture.pixmap().width() > 0)


async def test_text_with_a_picture_beside_it_is_pasted_as_text(opened):
    data = QMimeData()
    data.setText("a cell")
    data.setImageData(picture())
    opened.window.page.composer.edit.insertFromMimeData(data)
    assert opened.window.page.composer.text() == "a cell"
    assert not opened.window.page.composer.attachments.items


async def test_a_very_long_text_goes_beside_the_prompt_and_can_be_put_into_it(opened):
    window = opened.window
    text = ("some words in a line of pasted text\n" * 2800)[:100_000]
    QGuiApplication.clipboard().setText(text)
    QTest.keyClicks(window.page.composer.edit, "Sum up: ")
    window.page.composer.edit.paste()
    await ready(window)
    assert window.page.composer.text() == "Sum up: "
    (item,) = window.page.composer.attachments.items
    assert item.part.text == text
    (chip,) = chips_of(window)
    chip.unpacked.emit(item.id)
    assert window.page.composer.text() == "Sum up: " + text
    assert not window.page.composer.attachments.items


async def test_a_shorter_text_is_just_pasted(opened):
    QGuiApplication.clipboard().setText("x" * (LONG_PASTE - 1))
    opened.window.page.composer.edit.paste()
    assert len(opened.window.page.composer.text()) == LONG_PASTE - 1


def drop_on(widget: QWidget, data: QMimeData) -> bool:
    """Drag something over a widget and let it fall; return whether it was taken."""
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(60, 100), copy, data, left, none)
    enter.ignore()
    QApplication.sendEvent(widget, enter)
    if enter.isAccepted():
        QApplication.sendEvent(widget, QDropEvent(QPointF(60, 100), copy, data, left, none))
    return enter.isAccepted()


async def test_files_can_be_dropped_anywhere_on_the_page(opened, notes):
    page = opened.window.page
    data = files_data(notes)
    at = QPoint(100, 100)
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at, copy, data, left, none)
    QApplication.sendEvent(page, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(page, QDropEvent(QPointF(at), copy, data, left, none))
    await ready(opened.window)
    assert [item.name for item in page.composer.attachments.items] == ["notes.md"]
    # A window of the whole: the shelf beside the page takes them as well.
    assert drop_on(opened.window, files_data(notes))
    await ready(opened.window)
    assert [item.name for item in page.composer.attachments.items] == ["notes.md", "notes.md"]


async def test_of_a_folder_its_files_are_attached(opened, tmp_path):
    folder = tmp_path / "plans"
    (folder / "inside").mkdir(parents=True)
    for name in ("b.md", "a.md", ".hidden"):
        (folder / name).write_text(name, encoding="utf-8")
    page = opened.window.page
    assert drop_on(page, files_data(folder))
    await until(lambda: [item.name for item in page.composer.attachments.items] == ["a.md", "b.md"])
    await ready(opened.window)
    assert drop_on(page, files_data(folder / "inside"))
    await until(lambda: bool(opened.window.notices.shown))
    assert opened.window.notices.shown[0].words.text() == "“inside” is a folder. Attach the files in it."


async def test_words_that_are_dropped_go_into_the_prompt(opened):
    composer = opened.window.page.composer
    text = QMimeData()
    text.setText("only words")
    composer.set_text("Here are ")
    assert drop_on(opened.window.page, text)
    assert composer.text() == "Here are only words"
    assert not composer.attachments.items


async def test_what_is_dragged_out_of_the_shelf_is_not_attached_by_the_way(opened, notes):
    data = files_data(notes)
    data.setData(DRAGGED, b"a conversation")
    assert not drop_on(opened.window.page, data)
    assert not opened.window.page.composer.attachments.items


async def test_what_can_not_be_attached_is_said_and_the_rest_stays(opened, notes, tmp_path):
    window = opened.window
    (tmp_path / "song.mp3").write_bytes(b"ID3\0\0\0" * 100)
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    window.page.composer.attachments.add_files([notes, tmp_path / "song.mp3", nothing])
    await ready(window)
    assert [item.name for item in window.page.composer.attachments.items] == ["notes.md"]
    said = " ".join(notice.words.text() for notice in window.notices.shown)
    assert "song.mp3" in said or nothing.name in said


async def test_there_is_an_end_to_attaching(opened, notes):
    attachments = opened.window.page.composer.attachments
    refused = []
    attachments.refused.connect(refused.append)
    attachments.add_files([notes] * (MOST + 2))
    await ready(opened.window)
    assert len(attachments.items) == MOST
    assert len(refused) == 2


async def test_one_is_taken_away_by_the_keyboard(opened, notes):
    window = opened.window
    window.page.composer.attachments.add_files([notes, notes])
    await ready(window)
    first, second = chips_of(window)
    press(first.remove, Qt.Key.Key_Space)
    await breathe()
    assert chips_of(window) == [second]


async def test_attachments_stay_with_their_conversation(opened, room, notes):
    window = opened.window
    window.page.composer.attachments.add_files([notes])
    room.desk.open(room.shelf.index(0).data(room.shelf.Role.ID))
    await until(lambda: not room.desk.current.is_empty)
    assert chips_of(window) == []
    press(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: room.desk.current.is_empty)
    await ready(window)
    assert [chip.item.name for chip in chips_of(window)] == ["notes.md"]


async def test_an_earlier_prompt_keeps_what_was_attached_and_takes_more(opened, room, notes, tmp_path):
    window = opened.window
    window.page.composer.attachments.add_files([notes])
    await ready(window)
    QTest.keyClicks(window.page.composer.edit, "One")
    press(window.page.composer.edit, Qt.Key.Key_Return)
    await until(lambda: bool(room.sender.prompts) and not window.page.is_streaming)
    prompt = room.desk.current.transcript[0]
    window.page.edit_prompt(prompt.id)
    other = tmp_path / "more.txt"
    other.write_text("more", encoding="utf-8")
    window.page.composer.attachments.add_files([other])
    await ready(window)
    press(window.page.composer.edit, Qt.Key.Key_Return)
    await until(lambda: len(room.sender.prompts) == 2)
    sent = room.sender.prompts[1].messages[-1]
    assert sent.role is Role.USER
    assert [part.name for part in sent.parts if isinstance(part, FilePart)] == ["notes.md", "more.txt"]


@pytest.mark.parametrize(("zoom", "width"), [(1.0, 1100), (1.5, 560)])
async def test_no_chip_is_cut(opened, notes, zoom, width):
    window = opened.window
    opened.theme.set_zoom(zoom)
    window.window().resize(width, 700)
    window.page.composer.attachments.add_files([notes] * 4)
    await ready(window)
    await breathe(6)
    assert cut_controls(window) == []
    chips = chips_of(window)
    below = window.page.composer.edit.geometry().top()
    assert max(chip.mapTo(window.page.composer, QPoint(0, chip.height())).y() for chip in chips) <= below


class TestFitting:
    def test_what_services_take_stays_as_it_is(self, qapp):
        part = ImagePart("image/png", encoded(picture(), "PNG"), "a.png")
        assert fit(part) is part

    def test_other_kinds_become_png(self, qapp):
        made = fit(ImagePart("image/bmp", encoded(picture(), "BMP"), "a.bmp"))
        assert (made.media_type, made.name) == ("image/png", "a.bmp")
        assert QImage.fromData(made.data).size() == picture().size()

    def test_a_photograph_too_large_is_scaled_down(self, qapp):
        data = encoded(noise(3600, 1800), "JPEG", 95)
        assert len(data) > MOST_BYTES
        made = fit(ImagePart("image/jpeg", data, "photo.jpg"))
        assert len(made.data) < len(data)
        size = QImage.fromData(made.data).size()
        assert (size.width(), size.height()) == (FITTED_SIDE, FITTED_SIDE // 2)

    def test_transparency_becomes_white_where_jpeg_is_needed(self, qapp):
        image = noise(1200, 1200, alpha=True)
        made = fit(ImagePart("image/png", encoded(image, "PNG"), "a.png"))
        assert made.media_type == "image/jpeg"
        clear = QImage(1, 1, QImage.Format.Format_ARGB32)
        clear.fill(0)
        from desktop.ui.pictures import flattened

        assert flattened(clear).pixelColor(0, 0) == QColor("white")

    def test_a_damaged_one_says_so(self, qapp):
        with pytest.raises(AttachError, match=r"a\.png.*damaged"):
            fit(ImagePart("image/png", b"\x89PNG\r\n\x1a\nnothing", "a.png"))
