"""The page about the desktop: every choice counts at once and is kept."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest
import shiboken6
from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from desktop.chat.entries import Entries
from desktop.chat.quick import MODEL, PERSONA
from desktop.domain.persona import Persona
from desktop.ui import preferences as names
from desktop.ui.outside.tray import Tray
from desktop.ui.settings.desktop import DesktopPage
from desktop.ui.theme import Theme
from tests.support.chatting import ChatRoom, until
from tests.support.windows import Kept
from tests.support.writing import MemoryEntries


class NoWindows:
    all = ()


@dataclass
class Shown:
    page: DesktopPage
    tray: Tray
    kept: Kept


@pytest.fixture
async def shown(qloop, qapp) -> AsyncGenerator[Shown, None]:
    room, kept, owner = ChatRoom(), Kept(), QObject()
    personas: Entries[Persona] = Entries(MemoryEntries((Persona(id="poet", name="Poet"),)), room.tasks)
    await room.endpoints.read()
    tray = Tray(NoWindows(), kept.ports(), owner)
    page = DesktopPage(Theme(), kept.ports(), tray, room.endpoints, personas)
    page.resize(700, 620)
    page.show()
    await until(lambda: page.persona.count() == 2)
    yield Shown(page, tray, kept)
    page.hide()
    tray.close()
    await room.close()
    shiboken6.delete(page)
    shiboken6.delete(owner)


async def test_notifications_are_on_until_switched_off_and_say_little(qloop, shown):
    page, kept = shown.page, shown.kept
    assert page.notifies.isChecked()
    assert not page.shows_text.isChecked()
    page.shows_text.click()
    assert kept.values[names.NOTIFIES_TEXT] == "yes"
    page.notifies.click()
    assert kept.values[names.NOTIFIES] == "no"
    assert not page.shows_text.isEnabled()


async def test_the_icon_is_off_and_without_a_place_for_it_nothing_is_kept_running(qloop, shown):
    page, kept, tray = shown.page, shown.kept, shown.tray
    assert not page.has_icon.isChecked()
    assert not page.keeps.isEnabled()
    page.has_icon.click()
    assert kept.values[names.TRAY] == "yes"
    assert not tray.has_place
    assert not page.keeps.isEnabled()
    assert "closing the window ends Weir as usual" in page.tray_words.text()
    tray.keep(True)
    assert page.keeps.isChecked()
    assert not tray.keeps_running()
    page.has_icon.click()
    assert kept.values[names.TRAY] == ""
    assert tray.icon is None


async def test_the_command_is_there_to_be_copied(qloop, shown):
    shown.page.copy.click()
    assert QGuiApplication.clipboard().text() == shown.page.command.text() == "weir quick"


async def test_who_answers_quick_questions(qloop, shown):
    page, kept = shown.page, shown.kept
    words = [page.model.itemText(row) for row in range(page.model.count())]
    assert words[0] == "The one used last"
    assert "model-x · Test service" in words
    page.model.setCurrentIndex(words.index("model-x · Test service"))
    page.model.activated.emit(words.index("model-x · Test service"))
    assert kept.values[MODEL] == "service\tmodel-x"
    page.persona.setCurrentIndex(1)
    page.persona.activated.emit(1)
    assert kept.values[PERSONA] == "poet"
    page._fill_models()
    page._fill_personas()
    assert page.model.currentText() == "model-x · Test service"
    assert page.persona.currentText() == "Poet"
