"""Every window, page, dialog, menu and notice can be known by ear."""

from pathlib import Path

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QWidget

from desktop.ui.theme import PALETTES
from tests.support.contrast import Readings
from tests.support.told import unnamed
from tests.support.tour import visit

pytestmark = [pytest.mark.timeout(240), pytest.mark.within(90)]


async def test_everything_that_can_be_used_has_a_name_a_role_and_a_place(qloop, tmp_path: Path) -> None:
    faults: list[str] = []
    seen: list[str] = []

    def see(name: str, window: QWidget) -> None:
        seen.append(name)
        faults.extend(f"{name}: {fault}" for fault in unnamed(window))

    QAccessible.setActive(True)
    try:
        await visit(tmp_path, see, sizes=("usual",))
    finally:
        QAccessible.setActive(False)
    assert len(seen) > 40
    assert not faults, "\n".join(faults)


# Where every kind of text and surface is at least once.
TELLING = ("first", "conversation", "failures", "writing", "options", "context", "settings", "usage")


@pytest.mark.parametrize("look", PALETTES)
async def test_every_text_stands_out_in_every_look(qloop, tmp_path: Path, look: str) -> None:
    faults: dict[str, str] = {}
    readings = Readings()

    def see(name: str, window: QWidget) -> None:
        for fault in readings.faint_texts(window):
            faults.setdefault(fault, name)

    await visit(tmp_path, see, zoom=2.0, theme=look, sizes=("usual",), only=TELLING)
    assert readings.count > 100
    assert not faults, "\n".join(f"{name}: {fault}" for fault, name in faults.items())
