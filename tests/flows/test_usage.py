"""The usage page over a real history: charts, table, filters, keys, and the file."""

import csv
import datetime
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QAccessible, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from desktop.base.clock import now_ms
from desktop.domain.delta import Timing, Usage
from desktop.domain.message import Conversation, Message, Role
from desktop.domain.usage import Period
from desktop.doors import open_usage
from desktop.ui.usage.window import UsageWindow
from tests.support.chatting import until
from tests.support.stage import Stage

USAGE = Usage(input=1_000, output=500, cached=250, reasoning=100, cost=0.25)


def reply(name: str, days_ago: int, **fields: object) -> Message:
    moment = datetime.datetime.now().astimezone().replace(hour=12) - datetime.timedelta(days=days_ago)
    message = Message(
        id=name,
        conversation_id="c",
        parent_id=None,
        role=Role.ASSISTANT,
        parts=(),
        created=int(moment.timestamp() * 1_000),
        model="alpha",
        endpoint="Here",
        usage=USAGE,
        timing=Timing(first_ms=500, total_ms=5_500),
    )
    return replace(message, **fields)  # type: ignore[arg-type]


@asynccontextmanager
async def shown(tmp_path: Path, *messages: Message) -> AsyncIterator[tuple[Stage, UsageWindow]]:
    stage = Stage.open(tmp_path / "weir")
    try:
        history = stage.core.store.history
        await history.write_conversation(Conversation(id="c", title="=A title", created=1, updated=1))
        for message in messages:
            await history.write_message(message)
        door = open_usage(stage.core, stage.window)
        stage.window.actions_["usage"].trigger()
        page = door.page
        wanted = str(sum(message.usage is not None for message in messages if _is_recent(message)))
        await until(
            lambda: page.is_loaded and page.isVisible() and page.board.tiles[3].value.text() == wanted
        )
        yield stage, page
    finally:
        await stage.close()


def _is_recent(message: Message) -> bool:
    return message.created > now_ms() - 29 * 86_400_000


MESSAGES = (
    reply("a", 0),
    reply("b", 3, model="beta", endpoint="There", usage=replace(USAGE, cost=None)),
    reply("c", 3, usage=None, timing=None),
    reply("d", 200),
)


async def test_totals_say_what_is_known_and_what_is_not(qloop: object, tmp_path: Path) -> None:
    async with shown(tmp_path, *MESSAGES) as (_, page):
        said = [tile.accessibleName() for tile in page.board.tiles]
        assert said == [
            "Cost: $0.25, 1 reply has no price",
            "Tokens in: 2k, 25\u202f% of it from a cache",
            "Tokens out: 1k, 200 for reasoning",
            "Replies: 2",
            "First token: 0.50 s, on average",
            "Speed: 100 tok/s, on average",
        ]
        assert "1 reply came without any counts" in page.board.notes.text()
        QTest.mouseClick(page.periods[Period.YEAR], Qt.MouseButton.LeftButton)
        await until(lambda: page.board.tiles[3].value.text() == "3")
        assert "per week" in page.board.cost.chart.accessibleDescription()


async def test_the_arrow_keys_go_through_a_chart(qloop: object, tmp_path: Path) -> None:
    async with shown(tmp_path, *MESSAGES) as (_, page):
        chart = page.board.tokens.chart
        assert "Highest:" in chart.accessibleDescription()
        chart.setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClick(chart, Qt.Key.Key_End)
        assert chart.place == 29
        assert chart.text_at(29).endswith("alpha 1,500")
        QTest.keyClick(chart, Qt.Key.Key_Left)
        assert chart.text_at(28).endswith(": nothing")
        QTest.keyClick(chart, Qt.Key.Key_Home)
        assert chart.place == 0
        QTest.keyClick(chart, Qt.Key.Key_Escape)
        assert chart.place is None
        assert page.isVisible()
        at = QPointF(chart.width() - 6, chart.height() / 2)
        kind, no_button, no_key = (
            QEvent.Type.MouseMove,
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
        )
        moved = QMouseEvent(kind, at, chart.mapToGlobal(at), no_button, no_button, no_key)
        QApplication.sendEvent(chart, moved)
        assert chart.place == 29
        assert not chart.grab().toImage().isNull()
        QTest.keyClick(page, Qt.Key.Key_Escape)
        assert not page.isVisible()


async def test_an_endpoint_or_a_model_alone(qloop: object, tmp_path: Path) -> None:
    async with shown(tmp_path, *MESSAGES) as (_, page):
        QTest.keyClicks(page.endpoints, "There")
        page.endpoints.activated.emit(page.endpoints.currentIndex())
        assert page.board.tiles[0].value.text() == "unknown"
        assert [page.models.itemText(row) for row in range(page.models.count())] == ["All models", "beta"]
        assert page.board.legend.accessibleName() == "Models: beta"
        page.endpoints.setCurrentIndex(0)
        page.endpoints.activated.emit(0)
        assert page.board.tiles[3].value.text() == "2"


async def test_the_table_has_every_number(qloop: object, tmp_path: Path) -> None:
    async with shown(tmp_path, *MESSAGES) as (_, page):
        QTest.mouseClick(page.as_table, Qt.MouseButton.LeftButton)
        await until(page.table_view.isVisible)
        table = page.table
        cells = [
            [table.data(table.index(row, column)) for column in range(1, table.columnCount())]
            for row in range(table.rowCount())
        ]
        assert cells == [
            ["Here", "alpha", "1", "$0.25", "1,000", "500", "250", "100", "0.50 s", "100 tok/s"],
            ["There", "beta", "1", "unknown", "1,000", "500", "250", "100", "0.50 s", "100 tok/s"],
        ]
        interface = QAccessible.queryAccessibleInterface(page.table_view)
        assert interface is not None
        assert interface.text(QAccessible.Text.Name) == "Usage as a table"


async def test_what_is_shown_goes_into_a_file(qloop: object, tmp_path: Path) -> None:
    async with shown(tmp_path, *MESSAGES) as (_, page):
        for name, with_titles in (("plain.csv", False), ("titles.csv", True)):
            dialog = page.ask_for_export(with_titles=with_titles)
            assert isinstance(dialog, QFileDialog)
            assert dialog.acceptMode() is QFileDialog.AcceptMode.AcceptSave
            dialog.fileSelected.emit(str(tmp_path / name))
            dialog.reject()
            await until(lambda name=name: name in page.said.text())  # type: ignore[misc]
            rows = _rows(tmp_path / name)
            assert [row["model"] for row in rows] == ["beta", "alpha"]
            assert rows[0]["cost"] == ""
            assert rows[1].get("conversation") == ("'=A title" if with_titles else None)
        page.ask_for_export().fileSelected.emit(str(tmp_path / "nowhere" / "x.csv"))
        await until(lambda: "could not be written" in page.said.text())


def _rows(file: Path) -> list[dict[str, str]]:
    with io.StringIO(file.read_bytes().decode("utf-8-sig"), newline="") as text:
        return list(csv.DictReader(text))


async def test_an_empty_history_is_calm(qloop: object, tmp_path: Path) -> None:
    async with shown(tmp_path) as (stage, page):
        assert page.board.tiles[0].value.text() == "$0"
        assert "nothing in this time" in page.board.cost.chart.accessibleDescription()
        assert not page.export.isEnabled()
        assert page.board.legend.isHidden()
        for scheme in ("dark", "light"):
            stage.theme.choose(scheme)
            assert not page.grab().isNull()
        for zoom in (1.5, 1.0):
            stage.theme.set_zoom(zoom)
            assert not page.grab().isNull()
        page.resize(430, 500)
        assert not page.grab().isNull()
