"""Every text that can be seen or heard is translated: a language that puts brackets around all shows it."""

from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.base import tongue
from tests.support.fitting import faults
from tests.support.pseudo import bare, known_words, pseudo, texts_of
from tests.support.tour import visit

GROWTH = 0.35
"""How much longer than the English its translations are at the most, in sentences."""


@pytest.mark.within(110)
async def test_every_text_can_be_translated(qloop: object, tmp_path: Path) -> None:
    known = known_words()
    found: dict[str, list[str]] = {}

    def look(name: str, widget: QWidget) -> None:
        for where, text in texts_of(widget):
            left = bare(text, known)
            if left:
                found.setdefault(f"{where}: {left[:120]!r}", []).append(name)

    with pseudo():
        await visit(tmp_path, look)
    assert [f"{what}, at {stops[0]}" for what, stops in sorted(found.items())] == []


def test_what_is_not_translated_shows(qtbot: QtBot) -> None:
    known = known_words()
    with pseudo():
        spoken = QCoreApplication.translate("Shelf", "Search %1")
        assert spoken == "⟦Search %1⟧"
        assert QCoreApplication.translate("Shelf", "%n found", "", 3) == "⟦3 found⟧"
        assert (
            tongue.translate("Failure", "{host} is away").format(host="example.com")
            == "⟦example.com is away⟧"
        )
        assert QObject().tr("{first}, {second}") == "{first}, {second}"
        label = QLabel("Forgotten")
        qtbot.addWidget(label)
        label.setToolTip(spoken)
        assert [left for _, text in texts_of(label) if (left := bare(text, known))] == ["Forgotten"]
    assert bare("⟦Delete ⟦Ctrl⟧+D⟧ Thesis outline · gpt-5.2 · 12 %", known) == ""
    assert bare("⟦Moved to⟧ Somewhere", known) == "Somewhere"
    assert QCoreApplication.translate("Shelf", "Search") == "Search"


@pytest.mark.within(110)
@pytest.mark.parametrize("zoom", [1.0, 2.0])
async def test_there_is_room_for_longer_words(qloop: object, tmp_path: Path, zoom: float) -> None:
    found: dict[str, list[str]] = {}

    def look(name: str, widget: QWidget) -> None:
        for words in faults(widget):
            found.setdefault(words, []).append(name)

    with pseudo(GROWTH):
        await visit(tmp_path, look, zoom=zoom)
    assert [f"{what}, at {stops[0]}" for what, stops in sorted(found.items())] == []
